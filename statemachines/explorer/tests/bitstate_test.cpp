// The search with a few bits a state: what it must see in worlds that the explorer visits as a whole, what it finds in larger ones, and that it
// never says more than it saw (L4).
#include "statemachines/explorer/bitstate.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <utility>

#include "statemachines/all/generated/all.hpp"
#include "statemachines/composition/generated/payment.hpp"
#include "statemachines/explorer/claims.hpp"

namespace quickpay::statemachines {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::uint64_t kSeeds = 8;  // orders of moves that are tried
// A claim has to meet a revoke that somebody forged and the Broker still holds: few orders of moves lead there.
constexpr std::pair<std::string_view, std::uint64_t> kRare = {"P-HOLD-BLOCKS", 64};

const CompositionTable& payment() { return composition_payment::table(); }

/// A world of the specification, with a defect or without.
struct World {
  explicit World(std::string_view id, std::string_view defect = {})
      : info(*find_configuration(payment(), id)), cast(cast_of(payment(), all::machines(), EngineKind::msm, defect)) {}

  BitSearch search(const BitLimits& limits) {
    Composition composition(payment(), cast.players, info);
    if (cast.pretended) composition.pretend(cast.pretended->instance, cast.pretended->predicate, cast.pretended->value);
    std::vector<std::size_t> all(payment().properties.size());
    std::iota(all.begin(), all.end(), 0);
    return search_bitstate(composition, all, limits);
  }

  ConfigurationInfo info;
  Cast cast;
};

std::vector<std::string> names(const BitSearch& found) {
  std::vector<std::string> all;
  for (const BitFailure& item : found.failed) all.emplace_back(payment().properties[item.property].id);
  return all;
}

TEST(Bitstate, GoesThroughASmallWorldAsTheExplorerDoes) {
  for (const std::string_view id : {"fault-free", "host-away", "settlement-loss", "wallet-lies"}) {
    World world(id);
    const Exploration whole = explore(payment(), world.cast, world.info).found;
    for (const std::uint64_t seed : {1, 2}) {
      const BitSearch found = world.search({.seed = seed});
      EXPECT_TRUE(found.through) << id;
      EXPECT_EQ(found.states, whole.states) << id;
      EXPECT_EQ(found.transitions, whole.transitions) << id;
      EXPECT_EQ(found.endings, whole.endings) << id;
      EXPECT_EQ(found.rows, whole.rows) << id;
      EXPECT_LT(found.omitted, 0.1) << id;
      EXPECT_THAT(found.failed, IsEmpty()) << id;
    }
  }
}

// With a table that is too small it misses states, and says that it must be expected, whatever way it goes.
TEST(Bitstate, SaysWhatATableThatIsTooSmallMisses) {
  World world("settlement-two-vendors");
  const std::uint64_t whole = explore(payment(), world.cast, world.info).found.states;
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    const BitSearch found = world.search({.seed = seed, .bytes = 2U << 10U});
    EXPECT_LT(found.states, whole) << seed;
    EXPECT_GT(found.omitted, 100) << seed;
    EXPECT_LT(found.bits_a_state, 10) << seed;
  }
}

TEST(Bitstate, IsNotThroughIfItWasStoppedOrCutOrWentElsewhere) {
  World world("settlement-loss");
  EXPECT_TRUE(world.search({}).through);
  EXPECT_FALSE(world.search({.states = 1'000}).through);
  EXPECT_EQ(world.search({.states = 1'000}).states, 1'000U);
  const BitSearch cut = world.search({.depth = 12});
  EXPECT_FALSE(cut.through);
  EXPECT_GT(cut.cut, 0U);
  EXPECT_LE(cut.depth, 12U);
  EXPECT_FALSE(world.search({.burst = 100}).through);
  EXPECT_FALSE(world.search({.until = std::chrono::steady_clock::now()}).through);
  const std::atomic<bool> stop{true};
  EXPECT_FALSE(world.search({.stop = &stop}).through);
  EXPECT_EQ(World("network-lies-F").search({.until_failed = true}).failed.size(), 1U);
}

TEST(Bitstate, IsDecidedByItsSeed) {
  World world("settlement-faults");
  const auto visited = [&](std::uint64_t seed) {
    const BitSearch found = world.search({.seed = seed, .states = 3'000, .burst = 500});
    return std::pair(found.transitions, found.depth);
  };
  EXPECT_EQ(visited(5), visited(5));
  EXPECT_NE(visited(5), visited(6));
}

// A run that is told can be taken move by move, and ends where the property fails.
TEST(Bitstate, TellsARunThatEndsInTheFailure) {
  World world("network-lies-F");
  const BitSearch found = world.search({});
  EXPECT_TRUE(found.through);
  for (const std::string_view id : world.info.fails) EXPECT_THAT(names(found), Contains(id));
  EXPECT_EQ(found.failed.size(), world.info.fails.size());
  for (const BitFailure& item : found.failed) {
    ASSERT_GE(item.trail.size(), 2U);
    EXPECT_THAT(item.trail, Contains(HasSubstr("FORGED")));
    EXPECT_THAT(item.trail.back(), HasSubstr("now: "));
  }
}

/// A larger world than the explorer is asked to visit: two of each fault besides.
World larger(const PropertyInfo& property) {
  const auto first = [](const auto& twin) -> std::string_view {  // of several, if there are
    if constexpr (requires { twin.front().size(); }) return twin.front();
    else return twin;
  };
  World world(property.twin_in.front(), first(property.twin));
  for (std::uint8_t* budget : {&world.info.loss, &world.info.duplication, &world.info.crashes}) *budget = 2;
  return world;
}

// Twins: in a world of many millions of states the defect of each property is found among the first few thousand.
TEST(Bitstate, FindsTheDefectOfEachPropertyInALargerWorld) {
  for (const PropertyInfo& property : payment().properties) {
    if (!property.within.empty()) continue;
    World world = larger(property);
    const std::uint64_t seeds = property.id == kRare.first ? kRare.second : kSeeds;
    std::vector<std::string> found;
    for (std::uint64_t seed = 1; seed <= seeds && std::find(found.begin(), found.end(), property.id) == found.end(); ++seed)
      found = names(world.search({.seed = seed, .states = 10'000, .burst = 100}));
    EXPECT_THAT(found, Contains(property.id));
  }
}

}  // namespace
}  // namespace quickpay::statemachines
