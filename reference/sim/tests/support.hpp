// What the tests of simulated worlds share.
#pragma once

#include <cstdlib>
#include <string>
#include <string_view>

#include "reference/roles/fields.hpp"
#include "reference/sim/world.hpp"

namespace quickpay::sim {

inline constexpr std::int64_t kMinute = 60'000;
inline constexpr std::int64_t kHour = 60 * kMinute;
inline constexpr std::int64_t kDay = 24 * kHour;

/// The seed of random tests: QP_SEED, or `standard`.
inline std::uint64_t seed_of(std::uint64_t standard) {
  const char* given = std::getenv("QP_SEED");
  return given ? std::strtoull(given, nullptr, 10) : standard;
}

/// The only wallet, vendor, broker of a small world, and what tests ask about them.
struct Shop {
  explicit Shop(WorldOptions options = {}, std::uint64_t seed = 1)
      : world(make_world(seed, std::move(options))),
        wallet(world->ids("wallet")[0]),
        vendor(world->ids("vendor")[0]),
        broker(world->ids("broker")[0]) {}

  std::unique_ptr<World> world;
  std::string wallet, vendor, broker;

  std::string wallet_state(const std::string& order) { return world->state(wallet, "wallet.order", order); }
  /// The record of the only order of a player, blank if there is none.
  ledger::Record only(const std::string& id, std::string_view machine) {
    const auto records = world->site(id).ledger->list(machine, "", 10);
    return records && records->size() == 1 ? records->front() : ledger::Record{};
  }
  std::int64_t account(const std::string& name, std::string_view account = "account0x0") {
    const auto record = world->site(broker).ledger->find("account", account);
    return record && *record ? roles::number(**record, name).value_or(-1) : 0;
  }
  /// Runs until the wallet's order is in this state.
  bool reaches(const std::string& order, std::string_view wanted, std::int64_t limit_ms) {
    return world->run_to([&] { return wallet_state(order) == wanted; }, limit_ms);
  }
};

}  // namespace quickpay::sim
