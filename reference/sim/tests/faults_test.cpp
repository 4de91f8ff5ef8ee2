// Worlds with loss, duplication, reordering, delay, partitions and crashes: what must hold whatever happens.
#include <gtest/gtest.h>

#include <set>

#include "reference/sim/invariants.hpp"
#include "reference/sim/tests/support.hpp"

namespace quickpay::sim {
namespace {

constexpr int kWorlds = 40;
constexpr int kPurchases = 6;

using Rows = std::set<std::string>;

std::vector<ledger::Record> records(Site& site, std::string_view machine) {
  const auto all = site.ledger->list(machine, "", 1000);
  return all ? *all : std::vector<ledger::Record>{};
}

/// A world in which everything goes wrong for a while, and then nothing any more.
class Storm {
 public:
  explicit Storm(std::uint64_t seed) : world_(make(seed)) {
    world_->after_input = [this](Site& site) {
      if (site.config.role != "broker" || !wrong_.empty()) return;
      wrong_ = wrong_money(*site.ledger);
    };
  }

  World& world() { return *world_; }

  void run() {
    for (int i = 0; i < kPurchases; ++i) {
      purchase();
      if (world_->below(3) == 0) accident();
      world_->run_for(static_cast<std::int64_t>(world_->below(20'000)));
    }
    world_->run_for(5 * kMinute);
    world_->faults = {};
    for (auto& [id, site] : world_->sites()) {
      if (!site.node) world_->restart(id);
    }
    for (const auto& [a, b] : cuts_) world_->cut(a, b, false);
    world_->run_for(4 * kHour);
  }

  /// What is wrong in the end, or nothing.
  std::string verdict() {
    if (!wrong_.empty()) return wrong_;
    const std::string log = wrong_log(*world_->site("H1").ledger);
    if (!log.empty()) return log;
    std::set<std::string> committed;
    for (const std::string& id : world_->ids("broker")) {
      for (const auto& record : records(world_->site(id), "broker.order")) {
        if (record.state == "COMMITTED") committed.insert(record.key);
      }
    }
    std::set<std::string> delivered;
    for (const std::string& id : world_->ids("vendor")) {
      for (const auto& record : records(world_->site(id), "vendor.order")) {
        if (record.state == "DELIVERED") delivered.insert(record.key);
      }
      const std::string wrong = wrong_delivery(*world_->site(id).ledger, committed);
      if (!wrong.empty()) return wrong;
    }
    for (const std::string& id : world_->ids("wallet")) {
      for (const auto& record : records(world_->site(id), "wallet.order")) {
        const auto ref = roles::recall<msg::OrderRef>(record, "OrderRef", msg::kOrderRefType);
        const bool has_goods = record.fields.contains("goods");
        if (has_goods && !delivered.contains("micro/" + ref->vendor + "/" + ref->order_id)) {
          return record.key + " received what was not delivered";
        }
        if (has_goods && record.state != "DONE") return record.key + " is " + record.state + " and not DONE";
      }
    }
    for (auto& [id, site] : world_->sites()) {
      if (site.ledger->next_call_ms().value()) return id + " still has calls";  // QP-ADD-06
    }
    return {};
  }

  void collect(Rows& rows) {
    for (const auto& [id, site] : world_->sites()) {
      for (const auto& line : site.trace) rows.insert(line.machine + " " + line.row);
    }
  }

  int goods() {
    int count = 0;
    for (const std::string& id : world_->ids("wallet")) {
      for (const auto& record : records(world_->site(id), "wallet.order")) count += record.fields.contains("goods");
    }
    return count;
  }

 private:
  static std::unique_ptr<World> make(std::uint64_t seed) {
    crypto::SeededRandom random(seed);
    const std::string choice = crypto::random_bytes(random, 8);
    const auto pick = [&](int i, unsigned bound) { return static_cast<unsigned char>(choice[i]) % bound; };
    WorldOptions options;
    options.brokers = 1 + static_cast<int>(pick(0, 2));
    options.vendors = 1 + static_cast<int>(pick(1, 2));
    options.wallets = 1 + static_cast<int>(pick(2, 2));
    options.faults = {pick(3, 40), pick(4, 30), 1, 1 + static_cast<std::int64_t>(pick(5, 40)) * 250};
    options.limit = 200 + pick(6, 200) * 3;
    options.trace = true;
    return make_world(seed, std::move(options));
  }

  std::string any(std::string_view role) {
    const auto all = world_->ids(role);
    return all[world_->below(all.size())];
  }

  void purchase() {
    static constexpr const char* kItems[] = {"item-1", "item-2", "item-far"};
    world_->buy(any("wallet"), any("vendor"), kItems[world_->below(3)]);
  }

  void accident() {
    static constexpr const char* kRoles[] = {"host", "broker", "vendor", "wallet"};
    const std::string one = any(kRoles[world_->below(4)]), other = any(kRoles[world_->below(4)]);
    if (world_->below(2) == 0) {
      world_->cut(one, other, true);
      cuts_.insert({one, other});
    } else {
      world_->crash(one);
      world_->later(static_cast<std::int64_t>(world_->below(60'000)), [this, one] { world_->restart(one); });
    }
  }

  std::unique_ptr<World> world_;
  std::set<std::pair<std::string, std::string>> cuts_;
  std::string wrong_;
};

// QP-SAFE-009, QP-MP-022, QP-ADD-06, QP-ADD-28: money adds up at every moment, nothing is delivered without a
// commitment, whoever has goods has told the Host, no call is left over.
TEST(Faults, NeverBreakThePromises) {
  const std::uint64_t first = seed_of(1000);
  int goods = 0;
  for (std::uint64_t seed = first; seed < first + kWorlds; ++seed) {
    Storm storm(seed);
    storm.run();
    goods += storm.goods();
    ASSERT_EQ(storm.verdict(), "") << "QP_SEED=" << seed;
  }
  std::printf("seeds %llu..%llu: %d of %d purchases delivered\n", static_cast<unsigned long long>(first),
              static_cast<unsigned long long>(first + kWorlds - 1), goods, kWorlds * kPurchases);
  EXPECT_GT(goods, kWorlds);
}

// The same seed gives the same world, message by message.
TEST(Faults, AreRepeatable) {
  Storm one(77), other(77);
  one.run();
  other.run();
  ASSERT_EQ(one.world().sent.size(), other.world().sent.size());
  for (std::size_t i = 0; i < one.world().sent.size(); ++i) {
    ASSERT_EQ(one.world().sent[i].body, other.world().sent[i].body) << i;
  }
}

// Twin: a Broker that takes no account of its limit is found out.
struct Generous : roles::Deviation {
  bool override_predicate(std::string_view, std::string_view predicate, bool value) override {
    return predicate == "funds_suffice" || value;
  }
};
TEST(FaultsTwin, ABrokerBeyondItsLimitIsFound) {
  Generous deviation;
  WorldOptions options;
  options.limit = 200;
  options.configure = [&](roles::NodeConfig& config) {
    if (config.role == "broker") config.deviation = &deviation;
  };
  Shop shop(options);
  for (int i = 0; i < 3; ++i) shop.world->buy(shop.wallet, shop.vendor);
  shop.world->run_for(kMinute);
  EXPECT_EQ(wrong_money(*shop.world->site(shop.broker).ledger), "limit of account0x0");
}

/// Loses one effect of a row.
struct Loses : roles::Deviation {
  Loses(std::string_view m, std::string_view r, std::string_view e) : machine(m), of_row(r), effect(e) {}
  void override_effects(const statemachines::MachineTable& table, std::string_view row,
                        std::vector<statemachines::EffectId>& effects) override {
    if (table.id != machine || !row.starts_with(of_row)) return;
    std::erase_if(effects, [&](statemachines::EffectId e) { return table.effects[e].id == effect; });
  }
  std::string_view machine, of_row, effect;
};

/// A shop in which one purchase was made while the role deviated.
Shop shop_with(std::string_view role, roles::Deviation& deviation) {
  WorldOptions options;
  options.configure = [&deviation, role](roles::NodeConfig& config) {
    if (config.role == role) config.deviation = &deviation;
  };
  Shop shop(std::move(options));
  shop.world->buy(shop.wallet, shop.vendor);
  shop.world->run_for(kMinute);
  return shop;
}

std::set<std::string> orders_of(Shop& shop) {
  return {shop.only(shop.vendor, "vendor.order").key};
}

// Twin: a Broker that commits and leaves the money where it was.
TEST(FaultsTwin, ACommitmentWithoutItsMoneyIsFound) {
  Loses deviation("broker.order", "B20", "perform commit");
  Shop shop = shop_with("broker", deviation);
  EXPECT_EQ(wrong_money(*shop.world->site(shop.broker).ledger), "held of account0x0");
}

// Twin: a Vendor that delivers and does not hand the claim over; and an order of which no Broker knows.
TEST(FaultsTwin, ADeliveryThatIsNotClaimedOrNotCommittedIsFound) {
  Loses deviation("vendor.order", "V15", "hand-over claim");
  Shop shop = shop_with("vendor", deviation);
  ledger::Ledger& vendor = *shop.world->site(shop.vendor).ledger;
  const std::string key = *orders_of(shop).begin();
  EXPECT_EQ(wrong_delivery(vendor, {key}), key + " delivered and not claimed");
  EXPECT_EQ(wrong_delivery(vendor, {}), key + " delivered without a commitment");
}

// Twin: a Host that acknowledges a delivery and keeps nothing of it.
TEST(FaultsTwin, ARegistrationThatIsNotKeptIsFound) {
  Loses deviation("host.case", "H11", "perform register-delivery");
  Shop shop = shop_with("host", deviation);
  EXPECT_NE(wrong_log(*shop.world->site("H1").ledger), "");
}

// Twin: a Vendor that claims what it did not deliver (QP-ADD-28).
TEST(FaultsTwin, AClaimWithoutADeliveryIsFound) {
  Loses nothing("", "", "");
  Shop shop = shop_with("vendor", nothing);
  ledger::Ledger& vendor = *shop.world->site(shop.vendor).ledger;
  const std::set<std::string> committed = orders_of(shop);
  ASSERT_EQ(wrong_delivery(vendor, committed), "");
  ASSERT_TRUE(vendor.begin_unit());
  ASSERT_TRUE(vendor.put({"port.claim", "micro/V1001/never-made", "HANDED-OVER", {}, {}}));
  ASSERT_TRUE(vendor.end_unit());
  EXPECT_EQ(wrong_delivery(vendor, committed), "micro/V1001/never-made claimed and not delivered");
}

}  // namespace
}  // namespace quickpay::sim
