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

/// Somebody revokes in the Vendor's name and from its address, without its signature; always the same bytes.
void revoke_falsely(Shop& shop) {
  const ledger::Record claim = shop.only(shop.vendor, "vendor.claim");
  const auto ref = roles::recall<msg::OrderRef>(claim, "OrderRef", msg::kOrderRefType);
  msg::revoke::RevokeOrder forged{};
  forged.head.version = "1";
  forged.head.host = "H1";
  forged.head.sender = shop.vendor;
  forged.head.receiver = shop.broker;
  forged.head.msg_id = std::string(32, 'f');
  forged.head.sent_at = "2026-11-22T12:01:00Z";
  forged.body.revoke = {std::string(32, 'f'), ref.value(), std::string(roles::field(claim, "commit_id")),
                        msg::RevokeReason::other, "2026-11-22T12:01:00Z", {}};
  const auto& type = msg::revoke::kRevokeOrderMessage;
  shop.world->ask(shop.vendor, shop.broker, std::string(type.path), codec::write_document(*type.request, &forged),
                  [](const roles::CallResult&) {});
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
  revoke_falsely(shop);
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

/// What becomes of one regular order: it is settled and then taken back, taken back before that, or somebody takes it back in the Vendor's name.
enum class Course : std::uint8_t { settled, unclaimed, contested };

/// That, while one player keeps its ledger on a disk that forgets.
class TakenBack {
 public:
  TakenBack(Course course, const std::string& victim, bool authenticated, int cut, bool lazy)
      : course_(course), cutting_(victim, lazy), shop_(cutting_.with(options(authenticated))) {
    World& world = *shop_.world;
    world.buy_regular(shop_.wallet, shop_.vendor);
    world.run_for(kMinute);
    if (course == Course::settled) {
      settle(world);
      world.run_for(2 * kDay);
    }
    order_id_ = only_order(shop_);
    cutting_.begin(world, cut);
  }

  void run() {
    for (int tries = 0; tries < 3; ++tries) {  // what a crash swallowed is asked for again
      course_ == Course::contested ? revoke_falsely(shop_) : take_back(*shop_.world, shop_.vendor, order_id_);
      shop_.world->run_for(2 * kHour);
    }
    if (course_ != Course::contested) return;
    for (int tries = 0; tries < 4; ++tries) {
      settle(*shop_.world);
      shop_.world->run_for(2 * kHour);
    }
    shop_.world->run_for(4 * kDay);
  }

  const Cutting& cutting() const { return cutting_; }

  /// What is wrong in the end, or nothing.
  std::string verdict() {
    World& world = *shop_.world;
    const std::string wrong = course_ == Course::contested ? paid_all_the_same() : taken_back();
    if (!wrong.empty()) return wrong;
    if (sum_of(world.site(shop_.broker), roles::kBookMachine, "refunded") != (course_ == Course::settled ? 125 : 0)) {
      return "not the refund that there must be";
    }
    const std::string log = wrong_log(*world.site("H1").ledger);
    return log.empty() ? wrong_money(*world.site(shop_.broker).ledger) : log;
  }

 private:
  using End = std::tuple<std::string, const char*, const char*>;
  std::string unlike(const std::vector<End>& ends) {
    for (const auto& [id, machine, state] : ends) {
      if (const std::string is = shop_.only(id, machine).state; is != state) return std::string(machine) + " is " + is + ", not " + state;
    }
    return {};
  }
  std::string taken_back() {
    const std::string wrong = unlike({{shop_.vendor, "vendor.revoke", "REVOKED"}, {shop_.broker, "broker.revoke", "REVOKED"},
                                      {shop_.broker, "broker.debt", "REVOKED"}, {"H1", "host.revoke", "PROVEN"}});
    if (!wrong.empty()) return wrong;
    if (shop_.account("owed") != 0) return "the customer has not all back";
    std::set<std::string> revokes;
    for (const Sent& one : shop_.world->sent) {
      if (!one.response && one.path == msg::revoke::kRevokeOrderMessage.path) revokes.insert(one.body);
    }
    return revokes.size() == 1 ? std::string() : "more than one RevokeOrder has left";
  }
  std::string paid_all_the_same() {
    return unlike({{shop_.broker, "broker.revoke", "VOID"}, {"H1", "host.revoke", "VOID"}, {shop_.vendor, "vendor.claim", "SETTLED"},
                   {shop_.broker, "broker.debt", "PAID"}});
  }
  static WorldOptions options(bool authenticated) {
    WorldOptions made = settling();
    made.authenticate = authenticated;
    return made;
  }

  Course course_;
  Cutting cutting_;
  Shop shop_;
  std::string order_id_;
};

std::string name_of(Course course) {
  return course == Course::settled ? "settled" : course == Course::unclaimed ? "unclaimed" : "contested";
}

ledger::Cuts cut_all(Course course, const std::string& role, bool authenticated, bool lazy, int step) {
  const std::string label = name_of(course) + ", " + role + " in profile " + (authenticated ? "H" : "F") + (lazy ? ", lazy" : "");
  const auto make = [&](int cut) { return std::make_unique<TakenBack>(course, role, authenticated, cut, lazy); };
  return cut_everywhere(label, make, step);
}

using Cut = std::tuple<Course, const char*, bool>;
std::string name_of_cut(const testing::TestParamInfo<Cut>& in) {
  const auto& [course, role, authenticated] = in.param;
  return name_of(course) + "_" + role + (authenticated ? "_H" : "_F");
}

class RevokeCrash : public testing::TestWithParam<Cut> {};

// QP-ADD-01, QP-SAFE-004, QP-RV-013, QP-RV-012: whatever write is the last one before the power fails, between the acceptance of a
// revoke and the refund, too: in the end there is one revoke and one refund, of what was paid out; or none of a false one, which is contested.
TEST_P(RevokeCrash, AtEveryWriteLosesNothing) {
  const auto& [course, role, authenticated] = GetParam();
  const ledger::Cuts counts = cut_all(course, role, authenticated, false, 1);
  EXPECT_GT(counts.cuts, 2);
  EXPECT_TRUE(counts.wrong.empty()) << testing::PrintToString(counts.wrong);
}

INSTANTIATE_TEST_SUITE_P(Own, RevokeCrash,
                         testing::Combine(testing::Values(Course::settled, Course::unclaimed), testing::Values("vendor", "broker", "host"),
                                          testing::Bool()),
                         name_of_cut);
// Without a signature there is a revoke in profile F alone.
INSTANTIATE_TEST_SUITE_P(False, RevokeCrash,
                         testing::Combine(testing::Values(Course::contested), testing::Values("vendor", "broker", "host"), testing::Values(false)),
                         name_of_cut);

// Twin: a player that lets things out before they are on the disk is found.
TEST(RevokeCrashTwin, AnsweringBeforeTheFlushIsFound) {
  for (const char* role : {"vendor", "broker"}) {
    EXPECT_FALSE(cut_all(Course::settled, role, false, true, 1).wrong.empty()) << role;
  }
  EXPECT_FALSE(cut_all(Course::contested, "broker", false, true, 1).wrong.empty());
}

}  // namespace
}  // namespace quickpay::sim
