// One machine as an onlooker sees it: what is explained, what is not, and that nobody honest is blamed.
#include <gtest/gtest.h>

#include "conformance/judges/machine_monitor.hpp"
#include "conformance/judges/orders.hpp"

namespace quickpay::conformance {
namespace {

struct Vendor : testing::Test {
  const statemachines::MachineTable& table = *machine_of_role("vendor");
  MonitoredMachine machine{table};
  bool timers = false;
  MachineMonitor monitor{machine, [this](const statemachines::EventInfo& event) {
                           return event.kind == statemachines::EventKind::timer && timers;
                         }};

  void offered() { ASSERT_TRUE(monitor.replied(monitor.request("GetOrder", {}), "QP-OK")); }
  void yes() { monitor.response("CheckCommit", "QP-OK", "", true, {}); }
  void lost() { monitor.response("CheckCommit", "", "", false, {}); }
  KnownBits matching(bool holds) {
    KnownBits bits;
    bits.set(table, "order_matches", holds);
    return bits;
  }
};

// QP-MP-022
TEST_F(Vendor, HonestSaleIsExplained) {
  offered();
  const InputId request = monitor.request("RequestOrderDelivery", matching(true));
  EXPECT_TRUE(monitor.sent("CheckCommit"));
  yes();
  EXPECT_TRUE(monitor.replied(request, "QP-OK"));
  EXPECT_TRUE(monitor.sent("RegisterDelivery"));
  EXPECT_EQ(monitor.states(), std::vector<std::string>{"DELIVERED (waiting = no)"});
}

// QP-MP-022: the planted fault.
TEST_F(Vendor, GoodsBeforeTheBrokersYesAreNot) {
  offered();
  const InputId request = monitor.request("RequestOrderDelivery", matching(true));
  EXPECT_TRUE(monitor.sent("CheckCommit"));
  EXPECT_FALSE(monitor.replied(request, "QP-OK"));
  EXPECT_FALSE(monitor.sent("RegisterDelivery"));
}

// QP-ADD-28
TEST_F(Vendor, LostYesAndDeliveryLaterAreExplained) {
  offered();
  const InputId first = monitor.request("RequestOrderDelivery", matching(true));
  ASSERT_TRUE(monitor.sent("CheckCommit"));
  lost();
  EXPECT_TRUE(monitor.replied(first, "QP-E-BROKER-UNREACHABLE"));
  yes();
  EXPECT_TRUE(monitor.replied(monitor.request("RequestOrderDelivery", matching(true)), "QP-OK"));
}

TEST_F(Vendor, AnswersMayOvertakeEachOther) {
  offered();
  const InputId first = monitor.request("RequestOrderDelivery", matching(true));
  const InputId second = monitor.request("RequestOrderDelivery", matching(true));
  ASSERT_TRUE(monitor.sent("CheckCommit"));
  yes();
  EXPECT_TRUE(monitor.replied(second, "QP-OK"));
  EXPECT_TRUE(monitor.replied(first, "QP-OK"));
}

// QP-ADD-03
TEST_F(Vendor, ChecksNothingThatDoesNotMatch) {
  offered();
  const InputId request = monitor.request("RequestOrderDelivery", matching(false));
  EXPECT_FALSE(monitor.sent("CheckCommit"));
  EXPECT_FALSE(monitor.replied(request, "QP-OK"));
  EXPECT_TRUE(monitor.replied(request, "QP-E-MISMATCH"));
}

// QP-ADD-27
TEST_F(Vendor, ExpiresOnlyWhenTimeMayHavePassed) {
  offered();
  const InputId early = monitor.request("RequestOrderDelivery", matching(true));
  EXPECT_FALSE(monitor.replied(early, "QP-E-ORDER-EXPIRED"));
  timers = true;
  EXPECT_TRUE(monitor.replied(early, "QP-E-ORDER-EXPIRED"));
}

TEST_F(Vendor, UnknownOrdersAreUnknown) {
  EXPECT_FALSE(monitor.replied(monitor.request("RequestOrderDelivery", {}), "QP-E-MISMATCH"));
  EXPECT_TRUE(monitor.replied(monitor.request("RequestOrderDelivery", {}), "QP-E-UNKNOWN-ORDER"));
}

TEST_F(Vendor, SaysWhatWouldBeAllowed) {
  offered();
  monitor.request("RequestOrderDelivery", matching(false));
  EXPECT_EQ(monitor.allowed(), std::vector<std::string>{"reply QP-E-MISMATCH [V5]"});
}

// QP-SEC-001: only an agreement of both sides leads to a commitment.
TEST(Broker, CommitsOnlyToEqualTerms) {
  const statemachines::MachineTable& table = *machine_of_role("broker");
  const MonitoredMachine machine{table};
  MachineMonitor monitor(machine, [](const statemachines::EventInfo&) { return false; });
  ASSERT_TRUE(monitor.replied(monitor.request("InquiryPayment", {}), "QP-OK"));
  KnownBits unequal;
  unequal.set(table, "sender_is_vendor", true);
  unequal.set(table, "terms_equal", false);
  const InputId check = monitor.request("CheckCommit", unequal);
  EXPECT_FALSE(monitor.replied(check, "QP-OK"));
  EXPECT_FALSE(monitor.sent("RegisterCommit"));
  EXPECT_TRUE(monitor.replied(check, "QP-E-MISMATCH"));
}

// QP-WAL-015
TEST(Wallet, PaysOnlyWhatTheUserMayHaveConfirmed) {
  const statemachines::MachineTable& table = *machine_of_role("wallet");
  const MonitoredMachine machine{table};
  bool confirmed = false;
  MachineMonitor monitor(machine, [&](const statemachines::EventInfo& event) {
    return event.id == "open-link" || (event.id == "confirm" && confirmed);
  });
  ASSERT_TRUE(monitor.sent("GetOrder"));
  monitor.response("GetOrder", "QP-OK", "", true, {});
  EXPECT_FALSE(monitor.sent("InquiryPayment"));
  confirmed = true;
  EXPECT_TRUE(monitor.sent("InquiryPayment"));
}

}  // namespace
}  // namespace quickpay::conformance
