// Scripts, and the lives that seed the fuzzer: a right core passes them, and they take every case of its machine.
#include <gtest/gtest.h>

#include <cstdlib>

#include "fuzz/core/player.hpp"
#include "statemachines/all/generated/all.hpp"

namespace quickpay::fuzz {
namespace {

TEST(Script, CutsOperationsAndTheirBodies) {
  const Life life{"", true, {{What::time, 1, 2, 3, {}}, {What::raw, 7, 3, 0, "<x>"}, {What::damage, 4, 5, 6, {}}}};
  const std::string input = input_of(life);
  Script script(std::string_view(input).substr(1));
  Operation operation;
  for (const Operation& step : life.steps) {
    ASSERT_TRUE(script.next(operation));
    EXPECT_EQ(operation.what, step.what);
    EXPECT_EQ(operation.a, step.a);
    EXPECT_EQ(operation.b, step.b);
    EXPECT_EQ(operation.c, step.c);
    EXPECT_EQ(operation.bytes, step.bytes);
  }
  EXPECT_FALSE(script.next(operation));
}

TEST(Script, EndsWithItsBytesAndAtItsLimit) {
  Operation operation;
  Script cut(std::string_view("\x05\x00\xff\xffmore", 8));  // a body longer than what is left
  ASSERT_TRUE(cut.next(operation));
  EXPECT_EQ(operation.bytes, "more");
  EXPECT_FALSE(Script("abc").next(operation));
  const std::string many(4 * (kMaxSteps + 5), '\x02');
  Script script(many);
  std::size_t steps = 0;
  while (script.next(operation)) ++steps;
  EXPECT_EQ(steps, kMaxSteps);
}

TEST(Core, IsRightInEveryLife) {
  for (const Life& life : lives()) {
    const Played played = run_core(input_of(life));
    EXPECT_EQ(played.wrong, "") << life.name;
    EXPECT_GT(played.steps, 0u) << life.name;
  }
  EXPECT_EQ(run_core("").wrong, "");
}

/// A case of the specification: "machine row" without what expansion added to the row's id.
std::string case_of(const std::string& row) { return row.substr(0, row.find_first_of("@.", row.find(' '))); }

/// Cases about receipts of the Host, which profile F does not know; lives are played in profile F.
const std::set<std::string> kReceipts = {"broker.order B39", "broker.order B40", "broker.order B41"};

TEST(Core, TakesEveryCaseInSomeLife) {
  std::set<std::string> taken;
  for (const Life& life : lives()) {
    const Played played = run_core(input_of(life));
    for (const std::string& row : played.rows) taken.insert(case_of(row));
  }
  std::size_t cases = 0;
  for (const auto& entry : statemachines::all::machines()) {
    const auto& table = entry.table();
    if (table.role != "broker" && table.role != "vendor") continue;
    if (table.protocol != "micropayment") continue;  // what the players serve
    std::set<std::string> all;
    for (const auto& row : table.rows) all.insert(case_of(std::string(table.id).append(" ").append(row.id)));
    for (const std::string& one : all) EXPECT_NE(taken.contains(one), kReceipts.contains(one)) << one;
    cases += all.size();
  }
  EXPECT_GT(cases, 0u);
}

// The same input does the same again, so that a finding can be replayed.
TEST(Core, IsRepeatable) {
  for (const Life& life : lives()) {
    EXPECT_EQ(run_core(input_of(life)).pairs, run_core(input_of(life)).pairs) << life.name;
  }
}

/// A script of operations at random, most of them such that something can come of them.
Life random_life(crypto::Random& random, const std::string& name) {
  const std::string bytes = crypto::random_bytes(random, 1 + 5 * kMaxSteps);
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(bytes[i]); };
  Life life{name.c_str(), (byte(0) & 1) != 0, {}};
  constexpr What kOften[] = {What::first, What::first,  What::second, What::second,
                             What::time,  What::result, What::result};
  for (std::size_t i = 1; i < bytes.size(); i += 5) {
    Operation step{static_cast<What>(byte(i) % kWhats), byte(i + 1), byte(i + 2), byte(i + 3), {}};
    if (byte(i + 4) % 4 != 0) {
      step.what = kOften[byte(i) % std::size(kOften)];
      step.a %= 16;
      step.b &= static_cast<std::uint8_t>(step.what == What::result ? 7 : byte(i + 4) & 24);
    }
    if (step.what == What::raw) step.what = What::toggle;
    life.steps.push_back(step);
  }
  return life;
}

TEST(Core, IsRightInLivesAtRandom) {
  const char* given = std::getenv("QP_SEED");
  const std::uint64_t first = given ? std::strtoull(given, nullptr, 10) : 1;
  const char* wanted = std::getenv("QP_LIVES");
  const std::uint64_t count = wanted ? std::strtoull(wanted, nullptr, 10) : 500;
  std::set<std::string> rows, pairs;
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    crypto::SeededRandom random(seed);
    const std::string name = "QP_SEED=" + std::to_string(seed);
    Played played = run_core(input_of(random_life(random, name)));
    ASSERT_EQ(played.wrong, "") << name << " after " << played.steps << " operations";
    rows.merge(played.rows);
    pairs.merge(played.pairs);
  }
  std::printf("%zu rows, %zu rows after rows\n", rows.size(), pairs.size());
  EXPECT_GT(rows.size(), 70u);
}

}  // namespace
}  // namespace quickpay::fuzz
