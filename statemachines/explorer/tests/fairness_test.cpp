// Inevitable things, on graphs small enough to see.
#include "statemachines/explorer/fairness.hpp"

#include <gtest/gtest.h>

namespace quickpay::statemachines {
namespace {

std::vector<bool> states(std::initializer_list<int> bits) {
  std::vector<bool> all;
  for (const int bit : bits) all.push_back(bit != 0);
  return all;
}

TEST(Fairness, WhoMustGoOnGetsThere) {
  const FairEdge edges[] = {{0, 1, 1}};
  EXPECT_EQ(may_never_meet(2, edges, states({0, 1})), states({0, 0}));
}

TEST(Fairness, WhoMayStayStays) {
  const FairEdge edges[] = {{0, 1, kUnfair}};
  EXPECT_EQ(may_never_meet(2, edges, states({0, 1})), states({1, 0}));
}

TEST(Fairness, AnEndThatIsNotMetIsNeverMet) {
  const FairEdge edges[] = {{0, 1, 1}, {0, 2, 1}};
  EXPECT_EQ(may_never_meet(3, edges, states({0, 1, 0})), states({1, 0, 1}));
}

TEST(Fairness, ALoopThatLeavesOutAMoveIsNotFair) {
  // 0 and 1 go round by move 1; move 2 is possible in both and leads to what is wanted.
  const FairEdge edges[] = {{0, 1, 1}, {0, 2, 2}, {1, 0, 1}, {1, 2, 2}};
  EXPECT_EQ(may_never_meet(3, edges, states({0, 0, 1})), states({0, 0, 0}));
}

TEST(Fairness, WeaklyFairIsWhoPausesAMove) {
  // The same, but move 2 is not possible in 1: a run that goes round for ever is weakly fair.
  const FairEdge edges[] = {{0, 1, 1}, {0, 2, 2}, {1, 0, 1}};
  EXPECT_EQ(may_never_meet(3, edges, states({0, 0, 1})), states({1, 1, 0}));
}

TEST(Fairness, WhatIsDueEndsALoopThatPutsItOff) {
  // The same again, but move 2 is due in 1 although it cannot be made there.
  const FairEdge edges[] = {{0, 1, 1}, {0, 2, 2}, {1, 0, 1}, {1, kNowhere, 2}};
  EXPECT_EQ(may_never_meet(3, edges, states({0, 0, 1})), states({0, 0, 0}));
}

TEST(Fairness, AMoveThatChangesNothingCountsAsMade) {
  const FairEdge edges[] = {{0, 0, 1}, {0, 1, 1}};
  EXPECT_EQ(may_never_meet(2, edges, states({0, 1})), states({1, 0}));
}

TEST(Fairness, ALongChainNeedsNoStack) {
  constexpr std::uint32_t kLength = 200'000;
  std::vector<FairEdge> edges;
  for (std::uint32_t i = 0; i + 1 < kLength; ++i) edges.push_back({i, i + 1, 1});
  std::vector<bool> met(kLength, false);
  EXPECT_TRUE(may_never_meet(kLength, edges, met).front());
  met.back() = true;
  EXPECT_FALSE(may_never_meet(kLength, edges, met).front());
}

}  // namespace
}  // namespace quickpay::statemachines
