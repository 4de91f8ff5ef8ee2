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

/// What a player keeps of a machine.
inline std::vector<ledger::Record> all_of(Site& site, std::string_view machine) {
  const auto all = site.ledger->list(machine, "", ledger::kMaxListed);
  return all ? *all : std::vector<ledger::Record>{};
}

/// The sum of a number in the records of a machine.
inline std::int64_t sum_of(Site& site, std::string_view machine, const std::string& name) {
  std::int64_t sum = 0;
  for (const auto& record : all_of(site, machine)) sum += roles::number(record, name).value_or(0);
  return sum;
}

/// Every Vendor that is there makes its batches.
inline void settle(World& world) {
  for (const std::string& id : world.ids("vendor")) {
    if (world.site(id).node) world.act(world.site(id), [](roles::Node& node) { static_cast<void>(node.settle()); });
  }
}

inline constexpr std::int64_t kRateBp = 150;  ///< commission of Brokers in worlds that settle

/// A world whose players sign, and whose Brokers keep that commission.
inline WorldOptions settling() {
  WorldOptions options;
  options.sign = true;
  options.configure = [](roles::NodeConfig& config) {
    if (config.role == "broker") config.commission_bp = kRateBp;
  };
  return options;
}

}  // namespace quickpay::sim
