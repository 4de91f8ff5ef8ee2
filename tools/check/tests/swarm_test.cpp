// The search in worlds that are too large to visit: which those are, that it finds what is planted, and that it claims nothing else.
#include "tools/check/swarm.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "reference/codec/generated/protocol.hpp"
#include "statemachines/all/generated/all.hpp"
#include "statemachines/composition/generated/all.hpp"
#include "tools/check/plant.hpp"
#include "tools/check/tests/options.hpp"

namespace quickpay::check {
namespace {

using namespace statemachines;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

std::vector<SearchedWorld> all_worlds() { return searched_worlds(*compositions::all().front()); }

TEST(Swarm, EveryWorldHasTwoOfEachFault) {
  std::set<std::string> bounds;
  for (const SearchedWorld& world : all_worlds()) {
    const ConfigurationInfo& info = world.configuration;
    EXPECT_GE(std::min({info.loss, info.duplication, info.crashes}), kSwarmBudget) << info.id;
    if (!info.liars.empty()) EXPECT_GE(info.forgeries, kSwarmBudget) << info.id;
    EXPECT_TRUE(bounds.insert(budgets(info)).second) << info.id << " is searched twice";
  }
}

// Settlement with each liar, somebody on the path in both profiles, and three orders.
TEST(Swarm, NobodyIsLeftOut) {
  const auto worlds = all_worlds();
  const auto is_there = [&](std::string_view liar, std::string_view profile, std::uint8_t orders) {
    return std::any_of(worlds.begin(), worlds.end(), [&](const SearchedWorld& world) {
      const ConfigurationInfo& info = world.configuration;
      const bool lies = liar.empty() ? info.liars.empty() : info.liars.size() == 1 && info.liars.front() == liar;
      return lies && (profile.empty() || info.profile == profile) && info.orders == orders && info.options.size() == 1 && info.options.front() == "settlement";
    });
  };
  for (const char* liar : {"", "wallet", "vendor", "broker"}) EXPECT_TRUE(is_there(liar, "", 1)) << liar;
  EXPECT_TRUE(is_there("network", "F", 1));
  EXPECT_TRUE(is_there("network", "H", 1));
  EXPECT_TRUE(is_there("", "", 3));
}

TEST(Swarm, WhatFailsInASmallerWorldIsNoFinding) {
  const auto worlds = all_worlds();
  const auto world = std::find_if(worlds.begin(), worlds.end(), [](const auto& one) { return one.configuration.id == "settlement-network-lies-F"; });
  ASSERT_NE(world, worlds.end());
  EXPECT_TRUE(may_fail(*world, "P-COMMIT-AGREED"));  // in network-lies-F, which does not settle
  EXPECT_FALSE(may_fail(*world, "P-APPROVED-COMMITTED"));  // of the literal vote
  const auto proven = std::find_if(worlds.begin(), worlds.end(), [](const auto& one) { return one.configuration.id == "settlement-network-lies-H"; });
  ASSERT_NE(proven, worlds.end());
  EXPECT_TRUE(proven->may_fail.empty());
}

// Also of configurations that `check` explores with --deep alone: their worlds are as large.
TEST(Swarm, EveryWorldFitsIntoAState) {
  const auto machines = all::machines();
  for (const SearchedWorld& world : all_worlds()) {
    const Composition composition(*world.table, cast_of(*world.table, machines, EngineKind::interpreter).players, world.configuration);
    EXPECT_EQ(composition.layout().problem(), "") << world.configuration.id;
  }
}

// What a lying Broker breaks of a micropayment is looked for where there are regular orders alone, and not where one is beside a micropayment.
TEST(Swarm, WhatFailsOfMachinesThatTakeNoPartIsLookedFor) {
  std::size_t alone = 0, micro = 0;
  for (const SearchedWorld& world : all_worlds()) {
    const auto& liars = world.configuration.liars;
    if (std::find(liars.begin(), liars.end(), "broker") == liars.end()) continue;
    const bool regular = has_option(world.configuration, "regular", 0);
    EXPECT_EQ(may_fail(world, "P-DELIVERED-COMMITTED"), !regular) << world.configuration.id;
    ++(regular ? alone : micro);
  }
  EXPECT_GT(alone, 0U);
  EXPECT_GT(micro, 0U);
}

TEST(Swarm, FindsNothingInTheMachinesOfTheTreeAndSaysWhatThatIsWorth) {
  std::vector<std::string> told;
  const SwarmResult result = search_swarm(options_with(all::machines()), {.seed = 1, .seconds = 2, .megabytes = 16, .configuration = "settlement-loss"},  // searched with the budgets of "settlement"
                                          [&](const std::string& line) { told.push_back(line); });
  EXPECT_EQ(result.problem, "");
  EXPECT_FALSE(result.found());
  ASSERT_EQ(result.worlds.size(), 1U);
  EXPECT_GT(result.worlds.front().best.states, 1000U);
  EXPECT_EQ(told.size(), result.worlds.front().passes);
  const std::string text = coverage(result);
  EXPECT_THAT(text, HasSubstr("not gone through"));
  EXPECT_THAT(text, HasSubstr("does not show that there is nothing"));
  EXPECT_THAT(text, Not(HasSubstr("holds")));
}

// Twin: one row of one machine without its effects.
TEST(Swarm, FindsWhatIsPlanted) {
  const auto machines = with_defect(all::machines(), "broker.order B20 effects");
  ASSERT_FALSE(machines.empty());
  const SwarmResult result = search_swarm(options_with(machines), {.seed = 1, .seconds = 8, .megabytes = 16, .configuration = "settlement"}, {});
  EXPECT_TRUE(result.found());
  EXPECT_LT(result.seconds, 7) << "it ends at a finding";
  EXPECT_THAT(result.worlds.front().findings, Contains(HasSubstr("does not hold")));
  EXPECT_THAT(coverage(result), HasSubstr("THERE ARE FINDINGS"));
}

TEST(Swarm, ARowThatIsListedAsNeverTakenIsAFindingIfItIs) {
  CompositionTable table = *compositions::all().front();
  const UnreachedInfo listed[] = {{"vendor.order", "V8", "nobody buys"}};
  table.unreached = listed;
  const CompositionTable* const tables[] = {&table};
  Options options = options_with(all::machines());
  options.compositions = tables;
  const SwarmResult result = search_swarm(options, {.seed = 1, .seconds = 8, .megabytes = 16, .configuration = "fault-free"}, {});
  EXPECT_THAT(result.worlds.front().findings, Contains("vendor.order V8 is listed as never taken, but is"));
}

TEST(Swarm, EndsWhenItIsStopped) {
  const std::atomic<bool> stop{true};
  Options options = options_with(all::machines());
  options.stop = &stop;
  const SwarmResult result = search_swarm(options, {}, {});
  EXPECT_FALSE(result.found());
  for (const WorldSearch& one : result.worlds) EXPECT_EQ(one.passes, 0U);
  EXPECT_THAT(coverage(result), HasSubstr("not begun"));
}

TEST(Swarm, AWorldThatIsNotThereIsAProblem) {
  EXPECT_EQ(search_swarm(options_with(all::machines()), {.configuration = "nowhere"}, {}).problem, "there is no world to search");
}

}  // namespace
}  // namespace quickpay::check
