// Orders that were paid become money: batches under faults, a Broker that cannot be reached, very large batches, and a
// power cut at every write of a settlement.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <tuple>

#include "reference/roles/settlement_broker.hpp"
#include "reference/roles/settlement_vendor.hpp"
#include "reference/sim/invariants.hpp"
#include "reference/sim/tests/cutting.hpp"

namespace quickpay::sim {
namespace {

constexpr std::int64_t kNet = 125 - 2;  // of one item-1, at that rate

/// Whether every record of the machine is in this state, and there are as many.
bool all_in(Site& site, std::string_view machine, std::string_view state, std::size_t count) {
  const auto all = all_of(site, machine);
  return all.size() == count &&
         std::all_of(all.begin(), all.end(), [&](const auto& record) { return record.state == state; });
}

/// The same with players that soon take a Broker for unreachable.
WorldOptions impatient() {
  WorldOptions options = settling();
  options.configure = [before = options.configure](roles::NodeConfig& config) {
    before(config);
    config.parameters.t_broker = 60;
    config.parameters.n_broker = 2;
  };
  return options;
}

// QP-BS-001, QP-SAFE-004, QP-ADD-24: whatever the network does, every order is paid once, and what Vendors are promised is
// what Brokers owe, less the commissions.
TEST(Settlement, PaysEveryOrderOnceThroughAStorm) {
  const std::uint64_t seed = seed_of(7);
  std::printf("QP_SEED=%llu\n", static_cast<unsigned long long>(seed));
  WorldOptions options = settling();
  options.brokers = options.vendors = options.wallets = 2;
  const auto world = make_world(seed, options);
  std::string wrong;
  world->after_input = [&](Site& site) {
    if (site.config.role == "broker" && wrong.empty()) wrong = wrong_money(*site.ledger);
  };
  for (int round = 0; round < 4; ++round) {
    for (const auto& wallet : world->ids("wallet")) {
      for (const auto& vendor : world->ids("vendor")) world->buy(wallet, vendor);
    }
    world->run_for(kHour);
    world->faults = {20, 20, 1, 5000};
    settle(*world);
    world->run_for(10 * kHour);
    world->faults = {};
  }
  settle(*world);
  world->run_for(3 * kDay);
  EXPECT_EQ(wrong, "");
  std::int64_t promised = 0, paid = 0, income = 0;
  std::size_t settled = 0;
  for (const auto& id : world->ids("vendor")) {
    Site& vendor = world->site(id);
    EXPECT_TRUE(all_in(vendor, "vendor.claim", "SETTLED", all_of(vendor, "vendor.order").size()));
    settled += all_of(vendor, "vendor.claim").size();
    income += sum_of(vendor, roles::kIncomeMachine, "net");
  }
  for (const auto& id : world->ids("broker")) {
    promised += sum_of(world->site(id), roles::kVendorBookMachine, "net");
    paid += sum_of(world->site(id), roles::kPayoutMachine, "net");
  }
  EXPECT_EQ(settled, 16u);
  EXPECT_EQ(income, 16 * kNet);
  EXPECT_EQ(promised, income);
  EXPECT_EQ(paid, income);
}

// QP-ADD-05, QP-MP-014: what nobody claims falls back to the account.
TEST(Settlement, UnclaimedMoneyFallsBack) {
  Shop shop(settling());
  shop.world->buy(shop.wallet, shop.vendor);
  shop.world->run_for(31 * kDay);
  EXPECT_EQ(shop.account("owed"), 0);
  EXPECT_EQ(wrong_money(*shop.world->site(shop.broker).ledger), "");
}

/// Loses one effect of a row of broker.debt.
struct Forgets : roles::Deviation {
  void override_effects(const statemachines::MachineTable& table, std::string_view row,
                        std::vector<statemachines::EffectId>& effects) override {
    if (table.id != "broker.debt" || !row.starts_with("G10")) return;
    std::erase_if(effects, [&](statemachines::EffectId e) { return table.effects[e].id == "perform book"; });
  }
};

// Twin: a Broker that says payable and books nothing is found out by its accounts, and the Vendor does not believe it.
TEST(SettlementTwin, AnEntryThatIsNotBookedIsFound) {
  Forgets deviation;
  WorldOptions options = settling();
  options.configure = [&, before = options.configure](roles::NodeConfig& config) {
    before(config);
    if (config.role == "broker") config.deviation = &deviation;
  };
  Shop shop(options);
  shop.world->buy(shop.wallet, shop.vendor);
  shop.world->run_for(kMinute);
  settle(*shop.world);
  shop.world->run_for(kMinute / 2);
  EXPECT_EQ(wrong_money(*shop.world->site(shop.broker).ledger), "debited of account0x0");
  EXPECT_TRUE(all_in(shop.world->site(shop.vendor), "vendor.claim", "CLAIMED", 1));
}

/// The records that micropayment leaves of `count` paid orders, at the Vendor's and the Broker's ports.
void leave_orders(Shop& shop, int count) {
  ledger::Ledger& vendor = *shop.world->site(shop.vendor).ledger;
  ledger::Ledger& broker = *shop.world->site(shop.broker).ledger;
  ASSERT_TRUE(vendor.begin_unit() && broker.begin_unit());
  for (int i = 0; i < count; ++i) {
    const msg::OrderRef ref{msg::Kind::micro, shop.vendor, "order-" + std::to_string(i), 125, "USD", "2026-11-22T12:15:00Z",
                            std::string(64, 'd')};
    ledger::Record paid{"port.claim", "micro/" + ref.vendor + "/" + ref.order_id, "HANDED-OVER", {}, {}};
    roles::keep(paid, "OrderRef", msg::kOrderRefType, ref);
    const msg::Endorsement endorsement{shop.broker, std::string(32, 'e'), ref, "2026-11-22T12:00:00Z", "2026-11-22T12:02:00Z"};
    roles::keep(paid, "Endorsement", msg::kEndorsementType, endorsement);
    for (const char* name : {"commit_id", "delivery_id"}) paid.fields[name] = std::string(32, 'c');
    paid.fields["committed_at"] = paid.fields["delivered_at"] = "2026-11-22T12:00:00Z";
    paid.fields["settle_by"] = "2026-12-22T12:00:00Z";
    paid.fields["account"] = "account0x0";
    ASSERT_TRUE(vendor.put(paid));
    paid.machine = "port.debt";
    ASSERT_TRUE(broker.put(paid));
  }
  ledger::Record account{"account", "account0x0", "OPEN", {}, {}};
  roles::set_number(account, "owed", 125LL * count);
  ASSERT_TRUE(broker.put(account) && vendor.end_unit() && broker.end_unit() && vendor.flush() && broker.flush());
  shop.world->restart(shop.vendor);
  shop.world->restart(shop.broker);
}

// QP-BS-009: ten thousand orders, one signature of each side, one verification of each side.
TEST(Settlement, OneSignatureForTenThousandOrders) {
  constexpr int kOrders = 10'000;
  WorldOptions options = settling();
  options.limit = 10'000'000;
  Shop shop(options);
  leave_orders(shop, kOrders);
  settle(*shop.world);
  shop.world->run_for(kMinute);
  Site& vendor = shop.world->site(shop.vendor);
  Site& broker = shop.world->site(shop.broker);
  EXPECT_TRUE(all_in(vendor, "vendor.claim", "SETTLED", kOrders));
  EXPECT_TRUE(all_in(broker, "broker.debt", "PAYABLE", kOrders));
  EXPECT_EQ(sum_of(vendor, roles::kIncomeMachine, "net"), kOrders * kNet);
  for (Site* site : {&vendor, &broker}) {
    EXPECT_EQ(site->node->crypto_counters().rsa_signatures, 1u);
    EXPECT_EQ(site->node->crypto_counters().rsa_verifications, 1u);
  }
  shop.world->run_for(2 * kDay);
  EXPECT_TRUE(all_in(broker, "broker.debt", "PAID", kOrders));
}

/// Two orders on their way to money, past a Broker that cannot be reached and the Host's approval, while one player keeps
/// its ledger on a disk that forgets. The disk fails only once the orders are paid.
class Claimed {
 public:
  Claimed(const std::string& victim, bool authenticated, int cut, bool lazy)
      : cutting_(victim, lazy), shop_(cutting_.with(options(authenticated))) {
    for (int i = 0; i < 2; ++i) shop_.world->buy(shop_.wallet, shop_.vendor);
    shop_.world->run_for(kHour);
    cutting_.begin(*shop_.world, cut);
  }

  void run() {
    World& world = *shop_.world;
    world.cut(shop_.vendor, shop_.broker, true);
    settle(world);
    world.run_for(20 * kMinute);
    world.cut(shop_.vendor, shop_.broker, false);
    for (int tries = 0; tries < 4; ++tries) {  // a run that a crash swallowed is asked for again
      world.run_for(2 * kHour);
      settle(world);
    }
    world.run_for(3 * kDay);
  }

  const Cutting& cutting() const { return cutting_; }

  /// What is wrong in the end, or nothing.
  std::string verdict() {
    Site& vendor = shop_.world->site(shop_.vendor);
    Site& broker = shop_.world->site(shop_.broker);
    if (!all_in(vendor, "vendor.claim", "SETTLED", 2)) return "claims are not settled";
    if (!all_in(broker, "broker.debt", "PAID", 2)) return "debts are not paid";
    Site& host = shop_.world->site("H1");
    if (!all_in(host, "host.verdict", "APPROVED", all_of(host, "host.verdict").size())) return "a verdict is open";
    if (sum_of(vendor, roles::kIncomeMachine, "net") != 2 * kNet) return "the vendor's income is not that of two orders";
    if (sum_of(broker, roles::kPayoutMachine, "net") != 2 * kNet) return "the payout is not that of two orders";
    const std::string log = wrong_log(*host.ledger);
    return log.empty() ? wrong_money(*broker.ledger) : log;
  }

 private:
  static WorldOptions options(bool authenticated) {
    WorldOptions made = impatient();
    made.authenticate = authenticated;
    return made;
  }

  Cutting cutting_;
  Shop shop_;
};

ledger::Cuts cut_claims(const std::string& role, bool authenticated, bool lazy, int step) {
  return cut_everywhere(
      fmt::format("{} in profile {}{}", role, authenticated ? "H" : "F", lazy ? ", lazy" : ""),
      [&](int cut) { return std::make_unique<Claimed>(role, authenticated, cut, lazy); }, step);
}

class SettlementCrash : public testing::TestWithParam<std::tuple<const char*, bool>> {};

// QP-ADD-05, QP-ADD-09, QP-BS-009: whatever write of a settlement is the last one before the power fails, in the end both
// orders are paid, once, and the books of all agree.
TEST_P(SettlementCrash, AtEveryWriteLosesNothing) {
  const auto& [role, authenticated] = GetParam();
  const ledger::Cuts counts = cut_claims(role, authenticated, false, 1);
  EXPECT_GT(counts.cuts, 5);
  EXPECT_TRUE(counts.wrong.empty()) << testing::PrintToString(counts.wrong);
}

INSTANTIATE_TEST_SUITE_P(Roles, SettlementCrash,
                         testing::Combine(testing::Values("vendor", "broker", "host"), testing::Bool()),
                         [](const auto& in) {
                           return std::string(std::get<0>(in.param)) + (std::get<1>(in.param) ? "_H" : "_F");
                         });

// Twin: a Broker or Vendor that lets things out before they are on the disk is found; some of the cuts are enough.
TEST(SettlementCrashTwin, AnsweringBeforeTheFlushIsFound) {
  for (const char* role : {"vendor", "broker"}) {
    EXPECT_FALSE(cut_claims(role, false, true, 4).wrong.empty()) << role;
  }
}

}  // namespace
}  // namespace quickpay::sim
