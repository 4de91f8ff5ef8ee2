// The largest states alone show what all states do, and a search that keeps too little is noticed.
#include "statemachines/explorer/reduction.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "statemachines/all/generated/all.hpp"
#include "statemachines/composition/generated/all.hpp"
#include "statemachines/composition/generated/payment.hpp"
#include "statemachines/explorer/claims.hpp"

namespace quickpay::statemachines {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr std::size_t kSmall = 12'000;  // states of the worlds that are explored twice here

const CompositionTable& payment() { return composition_payment::table(); }

bool fits(const Exploration& found) { return found.complete && found.problem.empty(); }

Limits small() {
  Limits limits;
  limits.states = kSmall;
  return limits;
}

/// The worlds that are small, explored twice, until `look` has seen enough.
template <class Look>
void each_small_world(Keep other, Look look) {
  for (const CompositionTable* table : compositions::all()) {
    const Cast cast = cast_of(*table, all::machines(), EngineKind::msm);
    for (const ConfigurationInfo& configuration : table->configurations)
      if (const Twice twice = explore_twice(*table, cast, configuration, small(), other); fits(twice.whole) && !look(configuration, twice)) return;
  }
}

TEST(Reduction, TheLargestStatesShowWhatAllStatesDo) {
  std::size_t worlds = 0, fewer = 0, failing = 0;
  each_small_world(Keep::largest, [&](const ConfigurationInfo& configuration, const Twice& twice) {
    EXPECT_THAT(twice.wrong, IsEmpty()) << configuration.id;
    EXPECT_LE(twice.other.states, twice.whole.states) << configuration.id;
    EXPECT_EQ(twice.other.keep, Keep::largest);
    ++worlds;
    fewer += twice.other.states < twice.whole.states ? 1 : 0;
    failing += twice.whole.failed.empty() ? 0 : 1;
    return true;
  });
  EXPECT_GT(worlds, 50U);
  EXPECT_GT(fewer, 30U);
  EXPECT_GT(failing, 5U);
}

// Where nothing can go wrong nothing is left of anything, and both ways keep the same.
TEST(Reduction, KeepsEveryStateOfAWorldWithoutFaults) {
  const Cast cast = cast_of(payment(), all::machines(), EngineKind::msm);
  const Twice twice = explore_twice(payment(), cast, *find_configuration(payment(), "settlement"));
  EXPECT_EQ(twice.whole.states, twice.other.states);
  EXPECT_EQ(twice.whole.transitions, twice.other.transitions);
}

// Each defect that breaks what must always hold is seen by the largest states alone, with the faults of the world in which it is shown.
TEST(Reduction, SeesEachDefect) {
  std::size_t defects = 0;
  for (const CompositionTable* table : compositions::all())
    for (const PropertyInfo& property : table->properties)
      for (std::size_t i = 0; property.kind == PropertyKind::always && i < property.twin.size(); ++i) {
        const Cast cast = cast_of(*table, all::machines(), EngineKind::msm, property.twin[i]);
        ASSERT_EQ(cast.problem, "");
        Limits limits;
        limits.states = 100'000;
        const Twice twice = explore_twice(*table, cast, *find_configuration(*table, property.twin_in[i]), limits);
        if (!fits(twice.whole)) continue;
        EXPECT_THAT(twice.wrong, IsEmpty()) << property.id << " " << property.twin[i];
        EXPECT_THAT(twice.other.failed, Not(IsEmpty())) << property.id << " " << property.twin[i];
        ++defects;
      }
  EXPECT_GT(defects, 30U);
}

// Twin: who keeps any one of the states that differ in what is left misses what only another one leads to.
TEST(Reduction, TheComparisonNoticesWhoKeepsTooLittle) {
  std::string noticed;
  each_small_world(Keep::some, [&](const ConfigurationInfo& configuration, const Twice& twice) {
    if (!twice.wrong.empty()) noticed = std::string(configuration.id) + ": " + twice.wrong.front();
    return noticed.empty();
  });
  EXPECT_NE(noticed, "");
  std::printf("%s\n", noticed.c_str());
}

TEST(Reduction, ADepartureIsNamed) {
  const Cast cast = cast_of(payment(), all::machines(), EngineKind::msm);
  const Exploration whole = explore_twice(payment(), cast, *find_configuration(payment(), "broker-lies")).whole;
  ASSERT_FALSE(whole.failed.empty());
  Exploration less = whole;
  less.failed.clear();
  EXPECT_THAT(departs(payment(), cast, whole, less), Contains(HasSubstr("P-DELIVERED-COMMITTED fails only where every state is kept")));
  less = whole;
  for (std::size_t i = 0; i < less.rows.size(); ++i) less.rows[i].assign(less.rows[i].size(), false);
  EXPECT_THAT(departs(payment(), cast, whole, less), Contains(HasSubstr("takes row")));
  less = whole;
  for (std::size_t i = 0; i < less.seen.size(); ++i) less.seen[i].assign(less.seen[i].size(), false);
  EXPECT_THAT(departs(payment(), cast, whole, less), Contains(HasSubstr("is in state")));
}

TEST(Reduction, IsNotForPropertiesThatLookBeyondSingleStates) {
  const Cast cast = cast_of(payment(), all::machines(), EngineKind::msm);
  Limits limits;
  limits.keep = Keep::largest;
  const auto keep = [&](std::string_view id) { return explore(payment(), cast, *find_configuration(payment(), id), limits).found.keep; };
  EXPECT_EQ(keep("losses"), Keep::every);  // of which something is inevitable
  EXPECT_EQ(keep("wallet-lies"), Keep::largest);
}

TEST(Reduction, SaysWhereALimitStoppedIt) {
  const Cast cast = cast_of(payment(), all::machines(), EngineKind::msm);
  Limits limits;
  limits.keep = Keep::largest;
  limits.states = 100;
  const auto result = explore(payment(), cast, *find_configuration(payment(), "wallet-lies"), limits);
  EXPECT_EQ(result.found.keep, Keep::largest);
  EXPECT_FALSE(result.found.complete);
  EXPECT_THAT(result.wrong, Not(IsEmpty()));
}

TEST(Reduction, ATrailOfTheLargestStatesLeadsToTheFailure) {
  const Cast cast = cast_of(payment(), all::machines(), EngineKind::msm);
  Limits limits;
  limits.keep = Keep::largest;
  const auto result = explore(payment(), cast, *find_configuration(payment(), "broker-lies"), limits);
  ASSERT_EQ(result.found.keep, Keep::largest);
  ASSERT_EQ(result.failures.size(), 1U);
  EXPECT_THAT(result.failures.front().trail, Contains(HasSubstr("FORGED")));
  EXPECT_EQ(result.failures.front().trail.size(), result.found.failed.front().steps + 1);
}

}  // namespace
}  // namespace quickpay::statemachines
