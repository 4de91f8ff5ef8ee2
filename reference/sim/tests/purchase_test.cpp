// Whole purchases in a world without liars: what arrives where, and what is kept.
#include <gtest/gtest.h>

#include "reference/sim/tests/support.hpp"

namespace quickpay::sim {
namespace {

using Counts = std::map<std::string, int>;

// QP-MP-002, QP-MP-003, QP-MP-016: the goods arrive; three messages at the Broker (two in, one out), three at the Host.
// QP-ADM-002: none of them is one of administration.
TEST(Purchase, WithoutFaultsTakesThreeMessagesAtBrokerAndHost) {
  Shop shop;
  const std::string order = shop.world->buy(shop.wallet, shop.vendor);
  ASSERT_FALSE(order.empty());
  ASSERT_TRUE(shop.reaches(order, "DONE", kMinute));
  shop.world->run_for(kMinute);
  EXPECT_EQ(shop.only(shop.vendor, "vendor.order").state, "DELIVERED");
  EXPECT_EQ(shop.only(shop.broker, "broker.order").state, "COMMITTED");
  EXPECT_EQ(shop.world->arrived(shop.broker),
            (Counts{{"/qp/1/micro/inquiry-payment", 1}, {"/qp/1/micro/check-commit", 1}}));
  EXPECT_EQ(shop.world->arrived("H1"), (Counts{{"/qp/1/micro/register-commit", 1},
                                               {"/qp/1/micro/register-delivery", 1},
                                               {"/qp/1/micro/register-order", 1}}));
  EXPECT_EQ(shop.world->arrived(shop.vendor),
            (Counts{{"/qp/1/micro/get-order", 1}, {"/qp/1/micro/request-order-delivery", 1}}));
  EXPECT_EQ(shop.account("owed"), 125);
  EXPECT_EQ(shop.account("held"), 0);
  const auto record = shop.only(shop.wallet, "wallet.order");
  EXPECT_EQ(roles::field(record, "goods"), "the goods");
}

// QP-ROLE-012, QP-ROLE-013: the Host holds one case with all three registrations in time.
TEST(Purchase, LeavesOneCompleteCaseAtTheHost) {
  Shop shop;
  const std::string order = shop.world->buy(shop.wallet, shop.vendor);
  ASSERT_TRUE(shop.reaches(order, "DONE", kMinute));
  shop.world->run_for(kMinute);
  const auto record = shop.only("H1", "host.case");
  EXPECT_EQ(record.state, "OPEN");
  EXPECT_EQ(record.variables, (std::vector<std::string>{"c=in-time", "d=in-time"}));
  EXPECT_EQ(roles::field(record, "commit.wallet"), shop.wallet);
  const auto statement = shop.only("H1", "host.statement");
  EXPECT_EQ(statement.variables, (std::vector<std::string>{"o=in-time", "w=none"}));
}

// QP-MP-019: with the Host stopped the goods come all the same; its three notices arrive after its return.
TEST(Purchase, DoesNotNeedTheHost) {
  Shop shop;
  shop.world->crash("H1");
  const std::string order = shop.world->buy(shop.wallet, shop.vendor);
  ASSERT_TRUE(shop.reaches(order, "RECEIVED", kMinute));
  EXPECT_EQ(shop.only(shop.vendor, "vendor.order").state, "DELIVERED");
  shop.world->run_for(6 * kHour);
  EXPECT_EQ(shop.world->arrived("H1"), Counts{});
  shop.world->restart("H1");
  ASSERT_TRUE(shop.reaches(order, "DONE", kHour));
  shop.world->run_for(kHour);
  EXPECT_EQ(shop.world->arrived("H1"), (Counts{{"/qp/1/micro/register-commit", 1},
                                               {"/qp/1/micro/register-delivery", 1},
                                               {"/qp/1/micro/register-order", 1}}));
  EXPECT_EQ(shop.only("H1", "host.case").variables, (std::vector<std::string>{"c=in-time", "d=in-time"}));
}

// QP-MP-002: goods behind a Location are fetched with the ticket.
TEST(Purchase, FetchesGoodsFromALocation) {
  Shop shop;
  const std::string order = shop.world->buy(shop.wallet, shop.vendor, "item-far");
  ASSERT_TRUE(shop.reaches(order, "DONE", kMinute));
  EXPECT_EQ(roles::field(shop.only(shop.wallet, "wallet.order"), "goods"), "far goods");
}

// QP-WAL-015: silence is no yes; when the offer's time is over the order is declined.
TEST(Purchase, NeedsTheUsersDecision) {
  WorldOptions options;
  options.confirm = false;
  Shop shop(options);
  const std::string order = shop.world->buy(shop.wallet, shop.vendor);
  ASSERT_TRUE(shop.reaches(order, "OFFERED", kMinute));
  ASSERT_TRUE(shop.reaches(order, "DECLINED", kHour));
  EXPECT_EQ(shop.world->arrived(shop.broker), Counts{});
}

// QP-ANON-002, QP-ANON-010: what recurs of a Wallet never reaches a Vendor, what is bought reaches neither Broker nor Host.
TEST(Purchase, KeepsSecretsWhereTheyBelong) {
  Shop shop;
  const std::string order = shop.world->buy(shop.wallet, shop.vendor);
  ASSERT_TRUE(shop.reaches(order, "DONE", kMinute));
  shop.world->run_for(kMinute);
  const auto seen_by = [&](const std::string& id) {
    std::string all = shop.world->site(id).memory->dump();
    for (const Sent& one : shop.world->sent) {
      if (one.to == id || one.from == id) all += one.body;
    }
    return all;
  };
  const auto has = [](const std::string& text, std::string_view canary) { return text.find(canary) != std::string::npos; };
  const std::string vendor = seen_by(shop.vendor), broker = seen_by(shop.broker), host = seen_by("H1");
  for (const std::string_view canary : {std::string_view(shop.wallet), kPaycardCanary,
                                        std::string_view("account0x0")}) {
    EXPECT_FALSE(has(vendor, canary)) << canary;
    EXPECT_TRUE(has(broker, canary)) << "the search finds nothing at all: " << canary;
  }
  EXPECT_FALSE(has(broker, "canary-item"));
  EXPECT_FALSE(has(host, "canary-item"));
  EXPECT_TRUE(has(vendor, "canary-item"));
  EXPECT_FALSE(has(host, kPaycardCanary));
}

// QP-MP-020: a Vendor whose Broker hangs delays only the orders of that Broker.
TEST(Purchase, ASlowBrokerDelaysOnlyItsOwnOrders) {
  WorldOptions options;
  options.brokers = 2;
  options.wallets = 2;
  Shop shop(options);
  const std::string other = shop.world->ids("wallet")[1];
  shop.world->cut(shop.broker, shop.vendor, true);
  const std::string slow = shop.world->buy(shop.wallet, shop.vendor);
  const std::string quick = shop.world->buy(other, shop.vendor);
  ASSERT_TRUE(shop.world->run_to([&] { return shop.world->state(other, "wallet.order", quick) == "DONE"; }, 2000));
  EXPECT_EQ(shop.wallet_state(slow), "ENDORSED");
}

// QP-GEN-006: every world that a seed makes can trade.
TEST(Purchase, WorksInEveryWorld) {
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    const auto world = make_world(seed);
    for (const std::string& wallet : world->ids("wallet")) {
      for (const std::string& vendor : world->ids("vendor")) {
        const std::string order = world->buy(wallet, vendor);
        EXPECT_TRUE(world->run_to([&] { return world->state(wallet, "wallet.order", order) == "DONE"; }, kMinute))
            << "seed " << seed;
      }
    }
  }
}

}  // namespace
}  // namespace quickpay::sim
