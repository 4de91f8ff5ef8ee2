// What a composition has learnt of its engines changes nothing of what it tells, and a state takes as little memory as is said.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <tuple>
#include <vector>

#include "statemachines/all/generated/all.hpp"
#include "statemachines/composition/generated/payment.hpp"
#include "statemachines/explorer/claims.hpp"
#include "statemachines/explorer/explorer.hpp"

namespace quickpay::statemachines {
namespace {

constexpr std::uint32_t kEvery = 7;  // state that a fresh composition is asked about, too

const CompositionTable& payment() { return composition_payment::table(); }

using Told = std::vector<std::tuple<std::string, int, int, CompositionState>>;

Told told_by(const Composition& composition, const CompositionState& state) {
  Told told;
  composition.successors(state, [&](const Move& move, const CompositionState& next) {
    told.emplace_back(std::to_string(static_cast<int>(move.kind)), move.instance, move.event, next);
  });
  return told;
}

/// In how many of the states of a world a composition that has told all of them tells otherwise than one that has told nothing; and of how many it
/// was asked. `differs`: the fresh one takes a predicate of the first player for false.
std::pair<std::size_t, std::size_t> departures(std::string_view world, bool differs = false) {
  const Cast cast = cast_of(payment(), all::machines(), EngineKind::msm);
  const ConfigurationInfo& configuration = *find_configuration(payment(), world);
  const Composition used(payment(), cast.players, configuration);
  Explorer explorer(used, {});
  Limits limits;
  limits.states = 4000;
  const Exploration found = explorer.run(limits);
  std::size_t asked = 0, departs = 0;
  for (std::uint32_t index = 0; index < found.states; index += kEvery, ++asked) {
    Composition fresh(payment(), cast.players, configuration);
    if (differs) fresh.pretend(0, 0, false);
    const CompositionState state = explorer.state(index);
    departs += told_by(used, state) == told_by(fresh, state) ? 0 : 1;
  }
  return {departs, asked};
}

TEST(Known, WhatIsKnownOfAnEngineChangesNoMove) {
  for (const char* world : {"losses", "broker-lies", "settlement-loss", "network-lies-F", "revoke-loss"}) {
    const auto [departs, asked] = departures(world);
    EXPECT_EQ(departs, 0U) << world;
    EXPECT_GT(asked, 50U) << world;
  }
}

// Twin: a composition that tells otherwise is noticed.
TEST(Known, AnotherAnswerOfAnEngineIsNoticed) { EXPECT_GT(departures("losses", true).first, 0U); }

// Whole states have 110 bytes in these worlds.
TEST(Known, AStateTakesLittleMemory) {
  const Cast cast = cast_of(payment(), all::machines(), EngineKind::msm);
  const Exploration found = explore(payment(), cast, *find_configuration(payment(), "settlement-broker-lies-loss")).found;
  EXPECT_TRUE(found.complete);
  ASSERT_GT(found.states, 30'000U);
  EXPECT_LT(found.bytes, 64 * found.states);
}

}  // namespace
}  // namespace quickpay::statemachines
