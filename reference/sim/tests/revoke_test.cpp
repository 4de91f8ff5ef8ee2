// Orders that are taken back, in worlds with faults and power cuts: one refund, one deduction, and the books agree.
#include <gtest/gtest.h>

#include <set>
#include <tuple>

#include "reference/roles/settlement_broker.hpp"
#include "reference/sim/invariants.hpp"
#include "reference/sim/tests/cutting.hpp"

namespace quickpay::sim {
namespace {

std::string only_order(Shop& shop) {
  const std::string key = shop.only(shop.vendor, "vendor.claim").key;
  return key.substr(key.rfind('/') + 1);
}

void take_back(World& world, const std::string& vendor, const std::string& order_id) {
  Site& site = world.site(vendor);
  if (site.node) world.act(site, [&](roles::Node& node) { static_cast<void>(node.revoke(order_id)); });
}

// QP-RP-003, QP-RV-003, QP-RV-005, QP-RV-006, QP-RV-013: before it is claimed an order goes back without a trace in the books.
TEST(Revoke, FreesWhatWasNotClaimed) {
  Shop shop(settling());
  shop.world->buy_regular(shop.wallet, shop.vendor);
  shop.world->run_for(kMinute);
  EXPECT_EQ(shop.account("owed"), 125);
  take_back(*shop.world, shop.vendor, only_order(shop));
  shop.world->run_for(kMinute);
  EXPECT_EQ(shop.account("owed"), 0);
  EXPECT_EQ(shop.only(shop.vendor, "vendor.revoke").state, "REVOKED");
  EXPECT_EQ(shop.only("H1", "host.revoke").state, "PROVEN");
  settle(*shop.world);
  shop.world->run_for(kDay);
  EXPECT_EQ(wrong_money(*shop.world->site(shop.broker).ledger), "");
  EXPECT_EQ(wrong_log(*shop.world->site("H1").ledger), "");
}

// QP-ADD-16, QP-RV-012: somebody revokes in the Vendor's name and from its address, without its signature. The Vendor's
// claim is held, it contests before the Host, and is paid; the alert waits in its mailbox meanwhile (QP-RV-011).
TEST(Revoke, AFalseOneIsContestedAndPaid) {
  Shop shop(settling());
  shop.world->buy_regular(shop.wallet, shop.vendor);
  shop.world->run_for(kMinute);
  const auto ref = roles::recall<msg::OrderRef>(shop.only(shop.vendor, "vendor.claim"), "OrderRef", msg::kOrderRefType);
  msg::revoke::RevokeOrder forged{};
  forged.head.version = "1";
  forged.head.host = "H1";
  forged.head.sender = shop.vendor;
  forged.head.receiver = shop.broker;
  forged.head.msg_id = std::string(32, 'f');
  forged.head.sent_at = "2026-11-22T12:01:00Z";
  forged.body.revoke = {std::string(32, 'f'), ref.value(),
                        std::string(roles::field(shop.only(shop.vendor, "vendor.claim"), "commit_id")),
                        msg::RevokeReason::other, "2026-11-22T12:01:00Z", {}};
  const auto& type = msg::revoke::kRevokeOrderMessage;
  shop.world->ask(shop.vendor, shop.broker, std::string(type.path), codec::write_document(*type.request, &forged),
                  [](const roles::CallResult&) {});
  shop.world->run_for(kMinute);
  EXPECT_EQ(shop.only(shop.broker, "broker.revoke").state, "HELD");
  EXPECT_EQ(shop.only("H1", "host.revoke").state, "UNPROVEN");
  EXPECT_EQ(shop.only("H1", "host.message").state, "POSTED");
  for (int run = 0; run < 2; ++run) {
    settle(*shop.world);
    shop.world->run_for(2 * kHour);
  }
  EXPECT_EQ(shop.only("H1", "host.revoke").state, "VOID");
  EXPECT_EQ(shop.only(shop.vendor, "vendor.claim").state, "SETTLED");
  shop.world->run_for(4 * kDay);
  EXPECT_EQ(shop.only(shop.broker, "broker.revoke").state, "VOID");
  EXPECT_EQ(shop.only(shop.broker, "broker.debt").state, "PAID");
  EXPECT_EQ(wrong_money(*shop.world->site(shop.broker).ledger), "");
  EXPECT_EQ(wrong_log(*shop.world->site("H1").ledger), "");
}

// QP-ADD-24, QP-RV-008: among many orders some are taken back, before they are claimed and after, through a network that
// loses and repeats: the money is conserved after every input, and nobody keeps a commission on what went back.
TEST(Revoke, ConservesMoneyThroughAStorm) {
  const std::uint64_t seed = seed_of(17);
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
      for (const auto& vendor : world->ids("vendor")) world->buy_regular(wallet, vendor), world->buy(wallet, vendor);
    }
    world->run_for(kHour);
    world->faults = {20, 20, 1, 5000};
    for (const auto& vendor : world->ids("vendor")) {
      for (const auto& claim : all_of(world->site(vendor), "vendor.claim")) {
        if (world->below(3) == 0) take_back(*world, vendor, claim.key.substr(claim.key.rfind('/') + 1));
      }
    }
    settle(*world);
    world->run_for(10 * kHour);
    world->faults = {};
    world->run_for(kHour);
  }
  EXPECT_EQ(wrong, "");
  std::size_t revoked = 0;
  std::int64_t deducted = 0;
  for (const auto& id : world->ids("broker")) {
    revoked += all_of(world->site(id), "broker.revoke").size();
    deducted += sum_of(world->site(id), roles::kBookMachine, "deducted");
  }
  EXPECT_GT(revoked, 3u);
  EXPECT_GT(deducted, 0);
  EXPECT_EQ(all_of(world->site("H1"), "host.revoke").size(), revoked);
  EXPECT_EQ(wrong_log(*world->site("H1").ledger), "");
}

/// One regular order that is settled and then taken back, while one player keeps its ledger on a disk that forgets.
class TakenBack {
 public:
  TakenBack(const std::string& victim, bool authenticated, int cut, bool lazy)
      : cutting_(victim, lazy), shop_(cutting_.with(options(authenticated))) {
    World& world = *shop_.world;
    world.buy_regular(shop_.wallet, shop_.vendor);
    world.run_for(kMinute);
    settle(world);
    world.run_for(2 * kDay);
    order_id_ = only_order(shop_);
    cutting_.begin(world, cut);
  }

  void run() {
    for (int tries = 0; tries < 3; ++tries) {  // what a crash swallowed is asked for again
      take_back(*shop_.world, shop_.vendor, order_id_);
      shop_.world->run_for(2 * kHour);
    }
  }

  const Cutting& cutting() const { return cutting_; }

  /// What is wrong in the end, or nothing.
  std::string verdict() {
    World& world = *shop_.world;
    const std::pair<std::string, const char*> ends[] = {{shop_.vendor, "vendor.revoke"}, {shop_.broker, "broker.revoke"},
                                                         {shop_.broker, "broker.debt"}};
    for (const auto& [id, machine] : ends) {
      if (shop_.only(id, machine).state != "REVOKED") return std::string(machine) + " is not revoked";
    }
    if (shop_.only("H1", "host.revoke").state != "PROVEN") return "the Host has no proof";
    if (shop_.account("owed") != 0) return "the customer has not all back";
    if (sum_of(world.site(shop_.broker), roles::kBookMachine, "refunded") != 125) return "not one refund";
    std::set<std::string> revokes;
    for (const Sent& one : world.sent) {
      if (!one.response && one.path == msg::revoke::kRevokeOrderMessage.path) revokes.insert(one.body);
    }
    if (revokes.size() != 1) return "more than one RevokeOrder has left";
    const std::string log = wrong_log(*world.site("H1").ledger);
    return log.empty() ? wrong_money(*world.site(shop_.broker).ledger) : log;
  }

 private:
  static WorldOptions options(bool authenticated) {
    WorldOptions made = settling();
    made.authenticate = authenticated;
    return made;
  }

  Cutting cutting_;
  Shop shop_;
  std::string order_id_;
};

ledger::Cuts cut_all(const std::string& role, bool authenticated, bool lazy, int step) {
  const std::string label = role + " in profile " + (authenticated ? "H" : "F") + (lazy ? ", lazy" : "");
  const auto make = [&](int cut) { return std::make_unique<TakenBack>(role, authenticated, cut, lazy); };
  return cut_everywhere(label, make, step);
}

class RevokeCrash : public testing::TestWithParam<std::tuple<const char*, bool>> {};

// QP-ADD-01, QP-SAFE-004, QP-RV-013: whatever write is the last one before the power fails, between the acceptance of a
// revoke and the refund, too: in the end there is one revoke, one refund, and the Host knows of it.
TEST_P(RevokeCrash, AtEveryWriteLosesNothing) {
  const auto& [role, authenticated] = GetParam();
  const ledger::Cuts counts = cut_all(role, authenticated, false, 1);
  EXPECT_GT(counts.cuts, 2);
  EXPECT_TRUE(counts.wrong.empty()) << testing::PrintToString(counts.wrong);
}

INSTANTIATE_TEST_SUITE_P(Roles, RevokeCrash,
                         testing::Combine(testing::Values("vendor", "broker", "host"), testing::Bool()),
                         [](const auto& in) {
                           return std::string(std::get<0>(in.param)) + (std::get<1>(in.param) ? "_H" : "_F");
                         });

// Twin: a player that lets things out before they are on the disk is found.
TEST(RevokeCrashTwin, AnsweringBeforeTheFlushIsFound) {
  for (const char* role : {"vendor", "broker"}) {
    EXPECT_FALSE(cut_all(role, false, true, 1).wrong.empty()) << role;
  }
}

}  // namespace
}  // namespace quickpay::sim
