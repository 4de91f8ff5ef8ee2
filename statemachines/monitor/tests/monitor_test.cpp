// L5: the monitor takes every step that the compiled machines make, and none other.
#include "statemachines/monitor/monitor.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <functional>
#include <iostream>

#include "statemachines/monitor/judge.hpp"
#include "statemachines/monitor/tests/walk.hpp"

namespace quickpay::statemachines::monitor::tests {
namespace {

using ::testing::HasSubstr;

std::uint64_t seed() {
  const char* given = std::getenv("QP_SEED");
  const std::uint64_t value = given != nullptr ? std::strtoull(given, nullptr, 10) : 20261126;
  static const bool printed = (std::cout << "QP_SEED=" << value << "\n", true);
  static_cast<void>(printed);
  return value;
}

std::optional<Finding> judge_all(const std::vector<TraceLine>& lines, Coverage* coverage = nullptr) {
  Monitor monitor(all_tables(), kSpec);
  std::optional<Finding> found;
  for (const TraceLine& line : lines) {
    if (!found) found = monitor.take(line);
  }
  if (coverage != nullptr) *coverage = monitor.coverage();
  return found ? found : monitor.finish();
}

const MachineEntry& machine(std::string_view id) {
  for (const MachineEntry& entry : all::machines()) {
    if (entry.table().id == id) return entry;
  }
  std::abort();
}

std::vector<TraceLine> life(const MachineEntry& entry, const std::vector<StepLine>& steps) {
  std::vector<TraceLine> lines = {begin_of(entry.table())};
  lines.insert(lines.end(), steps.begin(), steps.end());
  return lines;
}

TEST(Monitor, TakesWhatTheCompiledMachinesDo) {
  std::uint64_t steps = 0;
  for (const MachineEntry& entry : all::machines()) {
    Coverage coverage;
    const auto found = judge_all(life(entry, walk(entry, seed(), 300)), &coverage);
    EXPECT_FALSE(found) << entry.table().id << ": " << found->what;
    EXPECT_EQ(coverage.unproven, 0U);
    steps += coverage.steps;
  }
  EXPECT_EQ(steps, 300 * all::machines().size());
}

// Twins: a line that is wrong in one respect is told, with the respect.
using Spoil = std::function<bool(StepLine&, const MachineTable&)>;  // false: this line cannot be spoilt so

void expect_told(const Spoil& spoil, std::string_view respect) {
  int told = 0;
  for (const MachineEntry& entry : all::machines()) {
    const auto steps = walk(entry, seed(), 200);
    for (std::size_t i = 0; i < steps.size(); i += 7) {
      auto spoilt = steps;
      if (!spoil(spoilt[i], entry.table())) continue;
      spoilt.resize(i + 1);
      const auto found = judge_all(life(entry, spoilt));
      ASSERT_TRUE(found) << entry.table().id << " step " << i;
      EXPECT_THAT(found->what, HasSubstr(std::string(respect))) << entry.table().id << " step " << i;
      EXPECT_EQ(found->blame, Blame::conduct);
      ++told;
    }
  }
  EXPECT_GT(told, 20);
}

TEST(MonitorTwin, AChangedRowIsNamed) {
  expect_told(
      [](StepLine& line, const MachineTable& table) {
        line.row = line.row == table.rows[0].id ? table.rows[1].id : table.rows[0].id;
        return true;
      },
      "the row is ");
}

TEST(MonitorTwin, AChangedOrderOfEffectsIsNamed) {
  expect_told(
      [](StepLine& line, const MachineTable&) {
        if (line.effects.size() < 2 || line.effects[0] == line.effects[1]) return false;
        std::swap(line.effects[0], line.effects[1]);
        return true;
      },
      "the list of effects is ");
}

TEST(MonitorTwin, AnEffectTooFewIsNamed) {
  expect_told([](StepLine& line, const MachineTable&) { return !line.effects.empty() && (line.effects.pop_back(), true); },
              "the list of effects is ");
}

TEST(MonitorTwin, AChangedStateIsNamed) {
  expect_told(
      [](StepLine& line, const MachineTable& table) {
        if (table.states.size() < 2) return false;
        line.after = line.after == table.states[0].id ? table.states[1].id : table.states[0].id;
        return true;
      },
      "the state after it is ");
}

TEST(MonitorTwin, AGapIsNamed) {
  expect_told(
      [](StepLine& line, const MachineTable& table) {
        if (table.states.size() < 2) return false;
        line.before = line.before == table.states[0].id ? table.states[1].id : table.states[0].id;
        return true;
      },
      "a gap: the record was left in ");
}

// Whether a wrong report of predicate `bit` is told in a step with this event and these predicates, from some state.
bool told_if_flipped(const MachineEntry& entry, std::size_t bit, EventId event, PredicateBits bits) {
  const MachineTable& table = entry.table();
  const PredicateBits flipped = bits ^ (PredicateBits{1} << bit);
  if (!possible(table, bits) || !possible(table, flipped)) return false;
  for (StateId state = 0; state < table.states.size(); ++state) {
    Snapshot from = initial_snapshot(table);
    from.state = state;
    Snapshot other = from;
    StepLine line = step_of(entry, from, event, bits);
    EXPECT_FALSE(judge_all({begin_of(table, false), line}));
    line.holds = step_of(entry, other, event, flipped).holds;
    const auto found = judge_all({begin_of(table, false), line});
    if (found) return found->blame == Blame::conduct;
  }
  return false;
}

// A predicate that is reported wrongly shows where a row of that state and event depends on it.
TEST(MonitorTwin, AChangedPredicateIsNamedWhereItDecides) {
  const MachineEntry& entry = machine("broker.order");
  const MachineTable& table = entry.table();
  std::mt19937_64 random(seed());
  for (std::size_t bit = 0; bit < table.predicates.size(); ++bit) {
    bool told = false;
    for (int tries = 0; tries < 2000 && !told; ++tries) {
      const auto event = static_cast<EventId>(random() % table.events.size());
      told = told_if_flipped(entry, bit, event, random() & ((PredicateBits{1} << table.predicates.size()) - 1));
    }
    EXPECT_TRUE(told) << table.predicates[bit].id;
  }
}

TEST(MonitorTwin, TellsWhatWasAllowedAndTheRow) {
  const MachineEntry& entry = machine("vendor.order");
  auto steps = walk(entry, seed(), 50);
  std::size_t at = 0;
  while (steps[at].outcome != "taken") ++at;
  const std::string row = steps[at].row;
  steps[at].row = "V0";
  steps.resize(at + 1);
  const auto found = judge_all(life(entry, steps));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->row, row);
  ASSERT_GE(found->details.size(), 2U);
  EXPECT_THAT(found->details[0], HasSubstr("in " + steps[at].before));
}

TEST(Monitor, LetsWhoHadNoIdHaveOneButNotTwo) {
  const MachineEntry& entry = machine("vendor.registration");
  auto steps = walk(entry, seed(), 3);
  ASSERT_EQ(steps.size(), 3U);
  BeginLine begin = begin_of(entry.table());
  begin.player.clear();
  steps[0].player.clear();
  EXPECT_FALSE(judge_all({begin, steps[0], steps[1], steps[2]}));
  steps[2].player = "P2";
  const auto found = judge_all({begin, steps[0], steps[1], steps[2]});
  ASSERT_TRUE(found);
  EXPECT_THAT(found->what, HasSubstr("a step of P2 in a life of P1"));
}

TEST(Monitor, RefusesWhatIsNoEvidence) {
  const MachineEntry& entry = machine("host.case");
  const auto steps = walk(entry, seed(), 3);
  const auto told = [&](const std::function<void(BeginLine&, StepLine&)>& change) {
    BeginLine begin = begin_of(entry.table());
    StepLine step = steps[0];
    change(begin, step);
    const auto found = judge_all({begin, step});
    return found ? found->what : std::string();
  };
  EXPECT_THAT(told([](auto& begin, auto&) { begin.spec = "other"; }), HasSubstr("under the specification other"));
  EXPECT_THAT(told([](auto& begin, auto&) { begin.role = "vendor"; }), HasSubstr("a vendor runs host.case"));
  EXPECT_THAT(told([](auto&, auto& step) { step.player = "P2"; }), HasSubstr("a step of P2 in a life of P1"));
  EXPECT_THAT(told([](auto&, auto& step) { step.machine = "x"; }), HasSubstr("no machine \"x\""));
  EXPECT_THAT(told([](auto&, auto& step) { step.event = "x"; }), HasSubstr("no event \"x\""));
  EXPECT_THAT(told([](auto&, auto& step) { step.before = "x"; }), HasSubstr("no state \"x\""));
  EXPECT_THAT(told([](auto&, auto& step) { step.holds = {"x"}; }), HasSubstr("no predicate \"x\""));
  EXPECT_THAT(told([](auto&, auto& step) { step.effects = {"x"}; }), HasSubstr("no effect \"x\""));
  EXPECT_THAT(told([](auto&, auto& step) { step.variables_after.clear(); }), HasSubstr("other variables"));
  EXPECT_THAT(told([](auto&, auto& step) { step.variables_before[0] = "c"; }), HasSubstr("no variable and value"));
  EXPECT_EQ(told([](auto&, auto&) {}), "");
  EXPECT_THAT(judge_all({steps[0]})->what, HasSubstr("a begin line must come first"));
  EXPECT_THAT(judge_all({})->what, HasSubstr("empty"));
  EXPECT_THAT(judge_all({begin_of(entry.table()), EndLine{}})->what, HasSubstr("no step"));
}

// QP-ADD-05: after a clean end a record goes on where it was; after a life without end the first step is unproven.
TEST(Monitor, FollowsRecordsThroughLives) {
  const MachineEntry& entry = machine("broker.order");
  std::vector<StepLine> steps = walk(entry, seed(), 400);
  std::size_t cut = 1;  // the step between the lives changes the record, so that a lost line shows
  while (steps[cut].before == steps[cut].after || steps[cut + 1].before == entry.table().states[0].id) ++cut;
  const std::vector<TraceLine> first(steps.begin(), steps.begin() + static_cast<long>(cut));
  const BeginLine begin = begin_of(entry.table()), again = begin_of(entry.table(), false);
  const auto lives = [&](bool ended, const BeginLine& second, std::size_t from, Coverage& coverage) {
    std::vector<TraceLine> lines = {begin};
    lines.insert(lines.end(), first.begin(), first.end());
    if (ended) lines.emplace_back(EndLine{});
    lines.emplace_back(second);
    lines.emplace_back(steps[from]);
    lines.emplace_back(steps[from + 1]);
    return judge_all(lines, &coverage);
  };
  Coverage coverage;
  EXPECT_FALSE(lives(true, again, cut, coverage));
  EXPECT_EQ(coverage.unproven, 0U);
  EXPECT_THAT(lives(true, again, cut + 1, coverage)->what, HasSubstr("a gap"));
  EXPECT_FALSE(lives(false, again, cut + 1, coverage));
  EXPECT_EQ(coverage.unproven, 1U);
  EXPECT_THAT(lives(false, begin, cut + 1, coverage)->what, HasSubstr("although it is new"));
}

}  // namespace
}  // namespace quickpay::statemachines::monitor::tests
