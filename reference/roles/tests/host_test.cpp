// The Host's rules: it records, whatever the order of arrival, and tells nobody what the others said.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>

#include "reference/roles/tests/host_world.hpp"

namespace quickpay::roles {
namespace {

using Names = std::vector<std::string>;

// QP-MP-010, QP-MP-011, QP-MP-012: refusals.
TEST(Host, RefusesIdsThatWereNeverIssued) {
  World world;
  auto ref = some_ref();
  ref.vendor = "V9";
  EXPECT_EQ(world.ask(world.commit(ref)).body.status.code, protocol::QP_E_VENDOR);
  auto delivery = world.delivery();
  delivery.body.broker = "B9";
  EXPECT_EQ(world.ask(delivery).body.status.code, protocol::QP_E_BROKER);
  auto order = world.order();
  order.body.broker = "B9";
  EXPECT_EQ(world.ask(order).body.status.code, protocol::QP_E_BROKER);
  order = world.order();
  order.body.order_ref.vendor = "V9";
  EXPECT_EQ(world.ask(order).body.status.code, protocol::QP_E_VENDOR);
  auto foreign = world.delivery();
  foreign.head = world.host.head("V1002", "H1");
  EXPECT_EQ(world.ask(foreign, "127.0.3.2").body.status.code, protocol::QP_E_FORBIDDEN);
  EXPECT_TRUE(world.host.node->records("host.case")->empty());
}

// QP-ADD-06: a repeat gets the CaseNo and RegisteredAt of the first, though its content is another's.
TEST(Host, KeepsTheFirstRegistration) {
  World world;
  const auto first = world.ask(world.commit());
  world.host.clock.now += 5000;
  auto repeat = world.commit();
  repeat.body.commit_id = std::string(32, '0');
  const auto second = world.ask(repeat);
  EXPECT_EQ(second.body.case_no, first.body.case_no);
  EXPECT_EQ(second.body.registered_at, first.body.registered_at);
  const auto record = world.host.node->records("host.case")->at(0);
  EXPECT_EQ(field(record, "commit.commit_id"), std::string(32, 'c'));
}

// QP-ADD-06, QP-MP-015: any order of arrival, any repeats: one case, the same record.
TEST(Host, ReachesOneRecordInAnyOrder) {
  EXPECT_TRUE(rc::check("notices commute", [] {
    World world;
    const auto arrivals = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 4));
    std::vector<int> all = arrivals;
    all.insert(all.end(), {0, 1, 2, 3});
    for (const int kind : all) {
      if (kind == 0) world.ask(world.commit());
      if (kind == 1) world.ask(world.delivery());
      if (kind == 2) world.ask(world.order());
      if (kind == 3) world.ask(world.order(msg::Outcome::not_received));
    }
    RC_ASSERT(world.host.node->records("host.case")->size() == 1u);
    RC_ASSERT(world.variables("host.case") == (Names{"c=in-time", "d=in-time"}));
    RC_ASSERT(world.variables("host.statement") == (Names{"o=in-time", "w=no"}));
  }));
}

// QP-ADD-06: T_register counts from the first registration; its last moment is in time, one second later is late.
TEST(Host, JudgesTimeliness) {
  World world;
  world.ask(world.commit());
  world.host.clock.now += kRegisterMs;
  world.ask(world.order());
  EXPECT_EQ(world.variables("host.statement"), (Names{"o=in-time", "w=none"}));
  world.host.clock.now += 1000;
  world.ask(world.delivery());
  EXPECT_EQ(world.variables("host.case"), (Names{"c=in-time", "d=late"}));
}

TEST(Host, MarksEveryKindThatComesLate) {
  World world;
  world.ask(world.delivery());
  world.host.clock.now += kRegisterMs + 1;
  world.ask(world.commit());
  world.ask(world.order());
  EXPECT_EQ(world.variables("host.case"), (Names{"c=late", "d=in-time"}));
  EXPECT_EQ(world.variables("host.statement"), (Names{"o=late", "w=none"}));
  auto foreign = world.delivery();
  foreign.head = world.host.head("V1002", "H1");
  EXPECT_EQ(world.ask(foreign, "127.0.3.2").body.status.code, protocol::QP_E_FORBIDDEN);
}

// QP-ADD-06: suspensions that the Host logged do not count; while suspended it serves nobody.
TEST(Host, StopsItsClockWhileSuspended) {
  World world;
  world.ask(world.commit());
  ASSERT_TRUE(world.host.node->suspend());
  world.host.clock.now += kRegisterMs;
  world.host.raw(micro::kRegisterOrderMessage.path, "", kWalletAddress, 99);
  ASSERT_EQ(world.host.last.answers.size(), 1u);
  EXPECT_EQ(world.host.last.answers[0].http_status, 503u);
  ASSERT_TRUE(world.host.node->resume());
  world.host.clock.now += 1000;
  world.ask(world.delivery());
  EXPECT_EQ(world.variables("host.case"), (Names{"c=in-time", "d=in-time"}));
}

// QP-ROLE-013: another OrderRef under the same OrderId is a case of its own, and an alarm.
TEST(Host, KeepsDifferentOrderRefsApart) {
  World world;
  const auto first = world.ask(world.commit());
  auto other = some_ref();
  other.amount = 1;
  const auto second = world.ask(world.delivery(other));
  EXPECT_EQ(second.body.status.code, protocol::QP_OK);
  EXPECT_NE(first.body.case_no, second.body.case_no);
  ASSERT_EQ(world.host.last.user.size(), 1u);
  EXPECT_EQ(world.host.last.user[0].kind, "alarm");
  EXPECT_EQ(world.host.node->records("host.case")->size(), 2u);
}

// QP-MP-003: what one Wallet states stands apart from what others do, and "not received" undoes nothing.
TEST(Host, KeepsStatementsApart) {
  World world;
  const auto received = world.ask(world.order());
  world.host.clock.now += 7000;
  world.ask(world.order(msg::Outcome::not_received));
  world.ask(world.order(msg::Outcome::not_received, kOtherWallet), "127.0.4.2");
  EXPECT_EQ(world.variables("host.statement"), (Names{"o=in-time", "w=no", "o=none", "w=no"}));
  const auto again = world.ask(world.order());
  EXPECT_EQ(again.body.registered_at, received.body.registered_at);
}

// QP-MP-015, QP-SEC-004: the answer to one says nothing about the others.
TEST(Host, IsNoOracle) {
  World lonely, full;
  full.ask(full.commit());
  full.ask(full.delivery());
  auto one = lonely.ask(lonely.order()), other = full.ask(full.order());
  EXPECT_EQ(one.body, other.body);
}

TEST(Host, GivesEveryCaseANumberOfItsOwn) {
  World world;
  std::vector<std::string> numbers;
  for (int i = 0; i < 5; ++i) {
    if (i == 3) world.host.restart();
    numbers.push_back(*world.ask(world.commit(some_ref("order-" + std::to_string(i)))).body.case_no);
  }
  EXPECT_EQ(numbers, (Names{"1", "2", "3", "4", "5"}));
}

}  // namespace
}  // namespace quickpay::roles
