// `quickpay check` goes red when one row is changed, and says at which level, in which machine and which row.
#include "tools/check/check.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "reference/codec/generated/protocol.hpp"
#include "statemachines/all/generated/all.hpp"
#include "statemachines/composition/generated/all.hpp"
#include "statemachines/interpreter/interpreter.hpp"

namespace quickpay::check {
namespace {

using namespace statemachines;
using testing::Contains;
using testing::HasSubstr;

/// The Broker's machine with one row changed, as if its generated table had been edited and compiled.
struct Edited {
  MachineTable table;
  std::vector<RowInfo> rows;
  MachineModel model;
};
Edited& edited() {
  static Edited one;
  return one;
}

const MachineEntry& broker() {
  for (const MachineEntry& entry : all::machines())
    if (entry.table().id == "broker.order") return entry;
  throw std::logic_error("no broker.order");
}

const MachineTable& edited_table() { return edited().table; }
std::unique_ptr<Engine> edited_engine() { return std::make_unique<InterpreterEngine>(edited().model); }
CompiledTable edited_rows() {
  CompiledTable compiled{edited().table.initial, {}};
  for (std::size_t i = 0; i < edited().rows.size(); ++i) {
    const RowInfo& row = edited().rows[i];
    compiled.rows.push_back({row.state, row.event, row.to, static_cast<RowId>(i), row.mask, row.value});
  }
  return compiled;
}

/// All machines, the Broker's with `change` made to row `id`.
template <class Change>
std::vector<MachineEntry> machines_with(std::string_view id, Change change) {
  edited().table = broker().table();
  edited().rows.assign(edited().table.rows.begin(), edited().table.rows.end());
  const auto row = std::find_if(edited().rows.begin(), edited().rows.end(), [&](const RowInfo& one) { return one.id == id; });
  if (row == edited().rows.end()) throw std::logic_error("no such row");
  change(*row);
  edited().table.rows = edited().rows;
  edited().model = model_of(edited().table);
  std::vector<MachineEntry> machines(all::machines().begin(), all::machines().end());
  for (MachineEntry& entry : machines)
    if (entry.table().id == "broker.order") entry = {&edited_table, &edited_engine, &edited_rows};
  return machines;
}

Options options_with(std::span<const MachineEntry> machines) {
  Options options;
  options.machines = machines;
  options.compositions = compositions::all();
  options.built_from = protocol::kSpecId;
  return options;
}

std::vector<std::string> wrong_at(std::string_view level, std::span<const MachineEntry> machines) {
  Evidence evidence;
  check_machines(options_with(machines), {}, evidence);
  std::vector<std::string> wrong;
  for (const Claim& claim : evidence.claims)
    if (claim.level == level) wrong.insert(wrong.end(), claim.wrong.begin(), claim.wrong.end());
  return wrong;
}

TEST(Check, TheMachinesOfTheTreeStand) {
  Evidence evidence;
  check_machines(options_with(all::machines()), {}, evidence);
  EXPECT_TRUE(evidence.stands());
  EXPECT_EQ(evidence.claims.size(), 2 + all::machines().size());
  EXPECT_FALSE(evidence.slice.empty());
}

TEST(Check, NamesMachineAndRowOfAnEditedTable) {
  const auto target = machines_with("B20", [](RowInfo& row) { row.to = row.state; });
  EXPECT_THAT(wrong_at("L1", target), Contains(HasSubstr("broker.order B20 leads to ENDORSED, must lead to COMMITTED")));
  const auto condition = machines_with("B8", [](RowInfo& row) { row.value = 0; });
  EXPECT_THAT(wrong_at("L1", condition), Contains(HasSubstr("broker.order B8 has other conditions")));
  const auto effects = machines_with("B21", [](RowInfo& row) { row.effects = {}; });
  EXPECT_THAT(wrong_at("L1", effects), Contains(HasSubstr("broker.order B21 does \"\"")));
  const auto event = machines_with("B34", [](RowInfo& row) { row.event = 0; });
  EXPECT_THAT(wrong_at("L1", event), Contains(HasSubstr("broker.order B34 has another event")));
  const auto name = machines_with("B38", [](RowInfo& row) { row.id = "B38x"; });
  EXPECT_THAT(wrong_at("L1", name), Contains(HasSubstr("broker.order B38x stands where B38 must stand")));
}

TEST(Check, RowsWhoseEffectsChangeDoNotStand) {
  const std::span<const EffectId> none;
  for (const std::string_view id : {"B1", "B5", "B16", "B33", "B41"}) {
    const auto machines = machines_with(id, [&](RowInfo& row) { row.effects = none; });
    EXPECT_THAT(wrong_at("L1", machines), Contains(HasSubstr("broker.order " + std::string(id) + " does"))) << id;
  }
}

TEST(Check, AProgramOfAnotherSpecificationIsRefused) {
  Options options = options_with(all::machines());
  options.built_from = "0123";
  Evidence evidence;
  check_machines(options, {}, evidence);
  ASSERT_FALSE(evidence.claims.empty());
  EXPECT_THAT(evidence.claims.front().wrong, Contains(HasSubstr("the program was built from 0123")));
}

TEST(Check, ATreeWithoutGeneratedFilesIsRefused) {
  const std::filesystem::path folder = std::filesystem::path(testing::TempDir()) / "check_tree";
  std::filesystem::create_directories(folder / "spec");
  std::filesystem::copy("spec/quickpay-1.0", folder / "spec/quickpay-1.0",
                        std::filesystem::copy_options::recursive | std::filesystem::copy_options::overwrite_existing);
  Options options = options_with(all::machines());
  options.root = folder;
  Evidence evidence;
  check_generated(options, {}, evidence);
  EXPECT_THAT(evidence.claims.front().wrong, Contains(HasSubstr("missing: statemachines/micropayment/generated/broker_order.hpp")));
  std::filesystem::remove_all(folder);
}

TEST(Check, RecordedCountsThatDifferAreNoticed) {
  Evidence evidence;
  evidence.explored.push_back(explore_one(options_with(all::machines()), "fault-free"));
  const std::string text = document(evidence);
  EXPECT_THAT(text, HasSubstr("| `fault-free` | 1 order, lazy time | 96 |"));
  EXPECT_TRUE(recorded(evidence, text).stands);
  evidence.explored.front().result.found.states += 1;
  EXPECT_FALSE(recorded(evidence, text).stands);
}

TEST(Check, AnEmptyRunStandsForNothing) { EXPECT_FALSE(Evidence{}.stands()); }

TEST(Check, ACellSaysHowItFails) {
  const Explored lying = explore_one(options_with(all::machines()), "network-lies-F");
  EXPECT_EQ(cell(lying, "G5"), "FAILS in 1");
  EXPECT_EQ(cell(lying, "G7"), "holds");
  EXPECT_EQ(cell(explore_one(options_with(all::machines()), "broker-lies"), "G7"), "assumed");
  EXPECT_EQ(cell(lying, "G13"), "–");
}

TEST(Check, ConfigurationsThatAreNotThereAreNotExplored) {
  EXPECT_EQ(explore_one(options_with(all::machines()), "nowhere").configuration, nullptr);
}

}  // namespace
}  // namespace quickpay::check
