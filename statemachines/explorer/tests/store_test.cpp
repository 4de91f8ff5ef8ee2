// What is kept of states comes back as it was, once each, and of states that differ in what is left the largest.
#include "statemachines/explorer/store.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <random>
#include <vector>

#include "statemachines/all/generated/all.hpp"
#include "statemachines/composition/generated/payment.hpp"
#include "statemachines/explorer/agenda.hpp"
#include "statemachines/explorer/claims.hpp"

namespace quickpay::statemachines {
namespace {

std::uint64_t seed() {
  const char* text = std::getenv("QP_SEED");
  const std::uint64_t seed = text == nullptr ? std::random_device{}() : std::strtoull(text, nullptr, 10);
  std::printf("QP_SEED=%llu\n", static_cast<unsigned long long>(seed));
  return seed;
}

Layout layout_of(std::string_view configuration) {
  const CompositionTable& table = composition_payment::table();
  return {table, cast_of(table, all::machines(), EngineKind::interpreter).players, *find_configuration(table, configuration)};
}

/// States that are much alike, as those of a world are, and some that are not.
class Some {
 public:
  explicit Some(const Layout& layout) : layout_(layout) {}

  CompositionState next() {
    const std::size_t at = random_() % layout_.budget_at(0);
    state_[at] = static_cast<std::uint8_t>(random_() % 3);
    if (random_() % 50 == 0)
      for (std::size_t i = 0; i < layout_.budget_at(0); ++i) state_[i] = static_cast<std::uint8_t>(random_());
    if (random_() % 100 == 0) state_ = {};
    for (std::size_t kind = 0; kind < kBudgetBytes; ++kind) state_[layout_.budget_at(kind)] = static_cast<std::uint8_t>(random_() % 3);
    return state_;
  }

 private:
  const Layout& layout_;
  CompositionState state_{};
  std::mt19937_64 random_{seed()};
};

TEST(Store, KeepsEveryStateOnceAndWhole) {
  for (const char* configuration : {"fault-free", "settlement", "settlement-two-orders"}) {
    const Layout layout = layout_of(configuration);
    Some some(layout);
    StateStore store(layout, Keep::every);
    std::map<CompositionState, std::uint32_t> known;
    for (int i = 0; i < 30'000; ++i) {
      const CompositionState state = some.next();
      const auto [place, is_new] = known.try_emplace(state, static_cast<std::uint32_t>(known.size()));
      const StateStore::Added added = store.add(state);
      ASSERT_EQ(added.is_new, is_new) << i;
      ASSERT_EQ(added.number, place->second) << i;
      if (i % 7 == 0) {
        ASSERT_EQ(store.open(added.number), state) << i;
      }
    }
    ASSERT_EQ(store.size(), known.size());
    for (const auto& [state, number] : known) ASSERT_EQ(store.at(number), state);
  }
}

TEST(Store, KeepsTheLargestOfStatesThatDifferInWhatIsLeft) {
  const Layout layout = layout_of("fault-free");
  StateStore store(layout, Keep::largest);
  const auto add = [&](std::uint8_t ghost, std::array<std::uint8_t, kBudgetBytes> left) {
    CompositionState state{};
    state[layout.budget_at(0) - 1] = ghost;
    for (std::size_t kind = 0; kind < kBudgetBytes; ++kind) state[layout.budget_at(kind)] = left[kind];
    return store.add(state);
  };
  EXPECT_TRUE(add(0, {1, 2, 1, 1}).is_new);
  EXPECT_FALSE(add(0, {1, 2, 1, 1}).is_new);
  EXPECT_FALSE(add(0, {0, 2, 1, 0}).is_new);   // less of some, and as much of others
  EXPECT_TRUE(add(0, {2, 0, 0, 0}).is_new);    // less of some, and more of another
  EXPECT_FALSE(add(0, {2, 0, 0, 0}).is_new);
  EXPECT_TRUE(add(1, {0, 0, 0, 0}).is_new);    // another state
  EXPECT_TRUE(add(0, {2, 2, 2, 2}).is_new);    // more than any
  EXPECT_EQ(add(0, {2, 1, 2, 2}).number, 3U);
  EXPECT_EQ(store.size(), 4U);
}

// Twin: this one takes states for known that lead to more.
TEST(Store, KeepingSomeForgetsTheLarger) {
  const Layout layout = layout_of("fault-free");
  StateStore store(layout, Keep::some);
  CompositionState state{};
  EXPECT_TRUE(store.add(state).is_new);
  state[layout.budget_at(0)] = 1;
  EXPECT_FALSE(store.add(state).is_new);
}

TEST(Agenda, TakesStatesInTheirOrderOrThoseWithMostLeftFirst) {
  const auto order = [](Keep keep) {
    Agenda agenda(keep);
    std::vector<std::uint32_t> told;
    agenda.add(0, 2);
    told.push_back(agenda.next());
    agenda.add(1, 1);
    agenda.add(2, 2);
    agenda.add(3, 0);
    agenda.add(4, 1);
    while (!agenda.empty()) told.push_back(agenda.next());
    return told;
  };
  EXPECT_EQ(order(Keep::every), (std::vector<std::uint32_t>{0, 1, 2, 3, 4}));
  EXPECT_EQ(order(Keep::largest), (std::vector<std::uint32_t>{0, 2, 1, 4, 3}));
}

}  // namespace
}  // namespace quickpay::statemachines
