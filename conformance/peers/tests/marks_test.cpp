// What the suite knows again of its own, and whose order is whose.
#include <gtest/gtest.h>

#include <set>

#include "conformance/peers/build.hpp"
#include "conformance/peers/known_orders.hpp"
#include "conformance/peers/marks.hpp"

namespace quickpay::conformance {
namespace {

const std::string kRun = "0a1b2c3d";

Element sample_order() {
  OrderFacts facts;
  facts.vendor = "V1001";
  facts.order_id = "o";
  facts.expires = "2026-11-22T12:15:00Z";
  return marked_ref(kRun, order_ref(facts));
}

TEST(Marks, AnIdNamesItsRun) {
  Random random(1);
  std::set<std::string> ids;
  for (int i = 0; i < 100; ++i) {
    const std::string id = marked_id(kRun, random);
    EXPECT_EQ(run_of_id(id), kRun);
    EXPECT_EQ(id.find_first_not_of("0123456789abcdef"), std::string::npos);
    ids.insert(id);
  }
  EXPECT_EQ(ids.size(), 100U);
}

TEST(Marks, AChangedIdNamesNone) {
  Random random(1);
  const std::string id = marked_id(kRun, random);
  for (std::size_t i = 0; i < id.size(); ++i) {
    std::string changed = id;
    changed[i] = changed[i] == '0' ? '1' : '0';
    EXPECT_FALSE(run_of_id(changed)) << i;
  }
  EXPECT_FALSE(run_of_id(id.substr(1)));
  EXPECT_FALSE(run_of_id({}));
}

TEST(Marks, ADigestCoversTheWholeOrder) {
  const Element ref = sample_order();
  EXPECT_EQ(run_of_ref(ref), kRun);
  EXPECT_EQ(text_at(ref, "Digest").size(), 64U);
  for (const Element& field : ref.children) {
    Element changed = ref;
    set_text(changed, field.name, field.text + "0");
    EXPECT_FALSE(run_of_ref(changed)) << field.name;
  }
}

TEST(Marks, OnlyIdsAreMarkedInRandomBytes) {
  MarkingRandom random(kRun, 1);
  MarkingRandom same(kRun, 1);
  EXPECT_EQ(run_of_id(crypto::random_hex(random, 16)), kRun);
  EXPECT_FALSE(run_of_id(crypto::random_hex(random, 8) + crypto::random_hex(random, 8)));
  EXPECT_EQ(run_of_id(crypto::random_hex(same, 16)), kRun);
  MarkingRandom other(kRun, 2);
  EXPECT_NE(crypto::random_hex(random, 16), crypto::random_hex(other, 16));
}

TEST(KnownOrders, BelongToTheSessionThatNamedThem) {
  KnownOrders orders(true);
  orders.begin_session(kRun);
  orders.name("V1001 a");
  EXPECT_EQ(orders.place("V1001 a", {}), Belongs::here);
  orders.begin_session(kRun);
  orders.name("V1001 b");
  EXPECT_EQ(orders.place("V1001 a", {}), Belongs::earlier_scenario);
  EXPECT_EQ(orders.place("V1001 b", {}), Belongs::here);
  EXPECT_EQ(orders.place("V1001 nobodys", {}), Belongs::here);
  orders.name("V1001 a");
  EXPECT_EQ(orders.place("V1001 a", {}), Belongs::here);
}

TEST(KnownOrders, AreAllOfThisSessionWhereItIsTheFirst) {
  KnownOrders orders(false);
  orders.begin_session(kRun);
  orders.name("V1001 a");
  orders.begin_session(kRun);
  EXPECT_EQ(orders.place("V1001 a", {}), Belongs::here);
}

TEST(KnownOrders, OfAnotherRunAreKnownByTheirMark) {
  const Element notice = request_of("RegisterCommit", {}, {sample_order()});
  KnownOrders orders(true);
  orders.begin_session("ffffffff");
  EXPECT_EQ(orders.place("V1001 o", notice), Belongs::earlier_run);
  orders.begin_session(kRun);
  EXPECT_EQ(orders.place("V1001 o", notice), Belongs::here);
  EXPECT_EQ(orders.place("V1001 o", request_of("GetOrder", {}, {sample_order()})), Belongs::here);
}

}  // namespace
}  // namespace quickpay::conformance
