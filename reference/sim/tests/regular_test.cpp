// Regular orders through a storm and through power cuts: one commitment, one receipt, paid once, and the books agree.
#include <gtest/gtest.h>

#include <set>
#include <tuple>

#include "reference/roles/settlement_broker.hpp"
#include "reference/roles/settlement_vendor.hpp"
#include "reference/sim/invariants.hpp"
#include "reference/sim/tests/cutting.hpp"

namespace quickpay::sim {
namespace {

constexpr std::int64_t kQuantity = 2;
constexpr std::int64_t kNet = 250 - 4;    // of two item-1, at that rate: 3.75, rounded
constexpr std::int64_t kMicroNet = 125 - 2;

std::size_t count_in(Site& site, std::string_view machine, std::string_view state) {
  const auto all = all_of(site, machine);
  return static_cast<std::size_t>(std::count_if(all.begin(), all.end(), [&](const auto& r) { return r.state == state; }));
}

/// The different texts of this element in the answers that left anybody.
std::set<std::string> spoken(World& world, const std::string& element) {
  std::set<std::string> all;
  for (const Sent& one : world.sent) {
    if (!one.response) continue;
    const std::size_t begin = one.body.find("<" + element + ">"), end = one.body.find("</" + element + ">");
    if (begin != std::string::npos && end != std::string::npos) all.insert(one.body.substr(begin, end - begin));
  }
  return all;
}

// QP-RP-001, QP-GEN-008, QP-ADD-24: both kinds of orders, two of everybody, a network that loses and repeats: what was
// committed is receipted, registered and paid once, in the same batches, and the money is conserved after every input.
TEST(Regular, IsPaidOnceThroughAStorm) {
  const std::uint64_t seed = seed_of(11);
  std::printf("QP_SEED=%llu\n", static_cast<unsigned long long>(seed));
  WorldOptions options = settling();
  options.brokers = options.vendors = options.wallets = 2;
  const auto world = make_world(seed, options);
  std::string wrong;
  world->after_input = [&](Site& site) {
    if (site.config.role == "broker" && wrong.empty()) wrong = wrong_money(*site.ledger);
  };
  for (int round = 0; round < 4; ++round) {
    world->faults = {20, 20, 1, 5000};
    for (const auto& wallet : world->ids("wallet")) {
      for (const auto& vendor : world->ids("vendor")) world->buy_regular(wallet, vendor, kQuantity), world->buy(wallet, vendor);
    }
    world->run_for(kHour);
    world->faults = {};
    world->run_for(2 * kHour);
    world->faults = {20, 20, 1, 5000};
    settle(*world);
    world->run_for(10 * kHour);
    world->faults = {};
    world->run_for(kHour);
  }
  settle(*world);
  world->run_for(3 * kDay);
  EXPECT_EQ(wrong, "");
  EXPECT_EQ(wrong_log(*world->site("H1").ledger), "");
  std::size_t receipts = 0, micro = 0, registered = count_in(world->site("H1"), "host.purchase", "RECEIPTED");
  std::int64_t income = 0, paid = 0;
  for (const auto& id : world->ids("vendor")) {
    Site& vendor = world->site(id);
    receipts += count_in(vendor, "vendor.sale", "ACCEPTED");
    micro += count_in(vendor, "vendor.order", "DELIVERED");
    EXPECT_EQ(count_in(vendor, "vendor.claim", "SETTLED"), all_of(vendor, "vendor.claim").size());
    income += sum_of(vendor, roles::kIncomeMachine, "net");
  }
  for (const auto& id : world->ids("broker")) paid += sum_of(world->site(id), roles::kPayoutMachine, "net");
  EXPECT_GT(receipts, 10u);  // some orders are not even offered within T_ask
  EXPECT_EQ(registered, receipts);
  EXPECT_EQ(income, static_cast<std::int64_t>(receipts) * kNet + static_cast<std::int64_t>(micro) * kMicroNet);
  EXPECT_EQ(paid, income);
  EXPECT_EQ(spoken(*world, "Receipt").size(), receipts);
}

// QP-ADD-05: what the Vendor never claims falls back at ClaimBy.
TEST(Regular, UnclaimedMoneyFallsBack) {
  Shop shop(settling());
  shop.world->buy_regular(shop.wallet, shop.vendor);
  shop.world->run_for(kDay);
  EXPECT_EQ(shop.account("owed"), 125);
  shop.world->run_for(30 * kDay);
  EXPECT_EQ(shop.account("owed"), 0);
}

// QP-ADD-10, QP-ADD-17: a Broker that denies what it signed pays by the Host's verdict.
TEST(Regular, ADenialIsJudgedByTheSignature) {
  struct Denies : roles::Deviation {
    bool override_predicate(std::string_view machine, std::string_view predicate, bool value) override {
      return machine == "broker.debt" && predicate == "terms_equal" ? false : value;
    }
  } liar;
  WorldOptions options = settling();
  options.configure = [&, before = options.configure](roles::NodeConfig& config) {
    before(config);
    if (config.role == "broker") config.deviation = &liar;
  };
  Shop shop(options);
  shop.world->buy_regular(shop.wallet, shop.vendor);
  shop.world->run_for(kMinute);
  settle(*shop.world);
  shop.world->run_for(2 * kHour);
  EXPECT_EQ(count_in(shop.world->site("H1"), "host.verdict", "APPROVED"), 1u);
  settle(*shop.world);
  shop.world->run_for(2 * kDay);
  EXPECT_EQ(count_in(shop.world->site(shop.vendor), "vendor.claim", "SETTLED"), 1u);
  EXPECT_EQ(count_in(shop.world->site(shop.broker), "broker.debt", "PAID"), 1u);
}

/// One regular order, from its link to the payout, while one player keeps its ledger on a disk that forgets.
class Trade {
 public:
  Trade(const std::string& victim, bool authenticated, int cut, bool lazy)
      : cutting_(victim, lazy), shop_(cutting_.with(options(authenticated))) {
    cutting_.begin(*shop_.world, cut);
  }

  void run() {
    World& world = *shop_.world;
    for (int tries = 0; tries < 3 && all_of(world.site(shop_.wallet), "wallet.purchase").empty(); ++tries) {
      world.buy_regular(shop_.wallet, shop_.vendor, kQuantity);  // a link that was lost is opened again
      world.run_for(kMinute);
    }
    for (int tries = 0; tries < 3; ++tries) {  // a run that a crash swallowed is asked for again
      world.run_for(2 * kHour);
      settle(world);
    }
    world.run_for(2 * kDay);
  }

  const Cutting& cutting() const { return cutting_; }

  /// What is wrong in the end, or nothing.
  std::string verdict() {
    World& world = *shop_.world;
    Site& broker = world.site(shop_.broker);
    Site& vendor = world.site(shop_.vendor);
    const auto ends = [&](const std::string& id, std::string_view machine, std::string_view state) {
      return all_of(world.site(id), machine).size() == 1 && count_in(world.site(id), machine, state) == 1;
    };
    if (!ends(shop_.wallet, "wallet.purchase", "DONE")) return "the purchase is not done";
    if (!ends(shop_.vendor, "vendor.sale", "ACCEPTED")) return "the order is not accepted";
    if (!ends(shop_.vendor, "vendor.claim", "SETTLED")) return "the claim is not settled";
    if (!ends(shop_.broker, "broker.debt", "PAID")) return "the debt is not paid";
    if (!ends("H1", "host.purchase", "RECEIPTED")) return "the Host has no receipt";
    for (const char* element : {"Offer", "Commitment", "Receipt", "Settlement"}) {
      if (spoken(world, element).size() != 1) return "more than one " + std::string(element) + " has left";
    }
    if (sum_of(vendor, roles::kIncomeMachine, "net") != kNet) return "the vendor's income is not that of one order";
    if (sum_of(broker, roles::kPayoutMachine, "net") != kNet) return "the payout is not that of one order";
    const std::string log = wrong_log(*world.site("H1").ledger);
    return log.empty() ? wrong_money(*broker.ledger) : log;
  }

 private:
  static WorldOptions options(bool authenticated) {
    WorldOptions made = settling();
    made.authenticate = authenticated;
    return made;
  }

  Cutting cutting_;
  Shop shop_;
};

ledger::Cuts cut_trades(const std::string& role, bool authenticated, bool lazy, int step) {
  const std::string label = role + " in profile " + (authenticated ? "H" : "F") + (lazy ? ", lazy" : "");
  const auto make = [&](int cut) { return std::make_unique<Trade>(role, authenticated, cut, lazy); };
  return cut_everywhere(label, make, step);
}

class RegularCrash : public testing::TestWithParam<std::tuple<const char*, bool>> {};

// QP-ADD-01, QP-ADD-05, QP-ADD-17: whatever write is the last one before the power fails, in the end there is one offer, one
// commitment and one receipt, the order is paid once, and the Host knows of it.
TEST_P(RegularCrash, AtEveryWriteLosesNothing) {
  const auto& [role, authenticated] = GetParam();
  const ledger::Cuts counts = cut_trades(role, authenticated, false, 1);
  EXPECT_GT(counts.cuts, 5);
  EXPECT_TRUE(counts.wrong.empty()) << testing::PrintToString(counts.wrong);
}

INSTANTIATE_TEST_SUITE_P(Roles, RegularCrash,
                         testing::Combine(testing::Values("wallet", "vendor", "broker", "host"), testing::Bool()),
                         [](const auto& in) {
                           return std::string(std::get<0>(in.param)) + (std::get<1>(in.param) ? "_H" : "_F");
                         });

// Twin: a player that lets things out before they are on the disk is found; some of the cuts are enough.
TEST(RegularCrashTwin, AnsweringBeforeTheFlushIsFound) {
  for (const char* role : {"wallet", "vendor", "broker"}) {
    EXPECT_FALSE(cut_trades(role, false, true, 4).wrong.empty()) << role;
  }
}

}  // namespace
}  // namespace quickpay::sim
