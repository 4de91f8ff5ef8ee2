// The Broker commits to regular orders: each refusal, the one commitment of an order, the debt that it becomes.
#include <gtest/gtest.h>

#include <functional>

#include "reference/roles/accounts.hpp"
#include "reference/roles/tests/regular_single.hpp"

namespace quickpay::roles {
namespace {

constexpr auto& kInquiry = regular::kInquiryPaymentMessage;
using Response = regular::InquiryPaymentResponse;

struct RegularBroker : testing::Test {
  Single broker{signing(broker_config())};
  RegularBroker() { publish_keys(broker); }

  regular::InquiryPayment inquiry(const msg::OrderRef& ref = regular_ref()) {
    regular::InquiryPayment request;
    request.head = broker.head(kWallet, "B7");
    request.body.paycard = "P7";
    request.body.order_ref = ref;
    authorize(request);
    return request;
  }
  void authorize(regular::InquiryPayment& request) {
    const msg::Token token{*request.head.sender, request.body.paycard, request.head.msg_id, request.body.order_ref};
    request.body.paycard_token = paycard::make_token(kSecret, token);
  }
  Response ask(const regular::InquiryPayment& request, const std::string& address = kWalletAddress) {
    return broker.ask<Response>(request, kInquiry, address).value();
  }
  std::string code(const regular::InquiryPayment& request) { return ask(request).body.status.code; }
  std::int64_t account(const std::string& name) {
    const auto record = broker.ledger->find(kAccountMachine, "acc-1");
    return record && *record ? number(**record, name).value_or(0) : 0;
  }
  std::string state(const std::string& id = "regular-1") { return state_of(broker, "broker.commitment", "regular/V1001/" + id); }
  std::string debt(const std::string& id = "regular-1") { return state_of(broker, "broker.debt", "regular/V1001/" + id); }
};

// QP-RP-006, QP-RP-010, QP-ADD-17: the answer is a commitment that proves itself, and the money is bound with it.
TEST_F(RegularBroker, CommitsWithItsSignature) {
  const auto answer = ask(inquiry());
  ASSERT_TRUE(answer.body.commitment);
  const msg::Commitment& made = *answer.body.commitment;
  EXPECT_EQ(made.broker, "B7");
  EXPECT_EQ(made.order_ref, regular_ref());
  EXPECT_EQ(made.committed_at, "2026-11-22T12:00:00Z");
  EXPECT_EQ(made.claim_by, "2026-12-22T12:00:00Z");
  EXPECT_TRUE(signed_by("broker", "commitment", "Commitment", msg::kCommitmentType, made));
  EXPECT_EQ(state(), "COMMITTED");
  EXPECT_EQ(debt(), "OWED");
  EXPECT_EQ(account("owed"), 125);
  EXPECT_EQ(account("held"), 0);
  EXPECT_EQ(broker.node->crypto_counters().rsa_signatures, 1u);
  EXPECT_TRUE(broker.last.calls.empty());  // the Host hears of it from the Wallet alone
}

// QP-ADD-01, QP-SAFE-003: the same order gets the same bytes, under the same MsgId, another one, and after a restart.
TEST_F(RegularBroker, CommitsOnce) {
  const auto request = inquiry();
  const auto first = ask(request).body.commitment;
  EXPECT_EQ(ask(request).body.commitment, first);
  broker.pass(kHourMs);
  broker.restart();
  EXPECT_EQ(ask(inquiry()).body.commitment, first);
  EXPECT_EQ(broker.node->crypto_counters().rsa_signatures, 0u);
  EXPECT_EQ(account("owed"), 125);
}

/// An inquiry, spoilt, and what it is refused with.
struct Spoilt {
  const char* name;
  std::function<void(RegularBroker&, regular::InquiryPayment&)> spoil;
  std::string_view code;
};

const Spoilt kSpoilt[] = {
    {"a paycard of somebody else", [](auto& t, auto& r) { r.body.paycard = "P8", t.authorize(r); }, protocol::QP_E_PAYCARD},
    {"a token of another message", [](auto& t, auto& r) { r.head.msg_id = t.broker.fresh_id(); }, protocol::QP_E_FORBIDDEN},
    {"a changed amount", [](auto&, auto& r) { r.body.order_ref.amount += 1; }, protocol::QP_E_FORBIDDEN},
    {"a foreign currency", [](auto& t, auto& r) { r.body.order_ref.currency = "EUR", t.authorize(r); }, protocol::QP_E_CURRENCY},
    {"an unknown vendor", [](auto& t, auto& r) { r.body.order_ref.vendor = "V9", t.authorize(r); }, protocol::QP_E_VENDOR},
};

// QP-RP-006, QP-PAY-005, QP-SAFE-011: each refusal, before the order is committed and after, changes nothing.
TEST_F(RegularBroker, RefusesInOrder) {
  for (const bool committed : {false, true}) {
    if (committed) ask(inquiry());
    const std::int64_t owed = account("owed");
    for (const Spoilt& each : kSpoilt) {
      auto wrong = inquiry();
      each.spoil(*this, wrong);
      EXPECT_EQ(code(wrong), each.code) << each.name;
      EXPECT_EQ(account("owed"), owed) << each.name;
    }
  }
  auto other = inquiry(regular_ref("regular-1", 126));
  EXPECT_EQ(code(other), protocol::QP_E_CONFLICT);
  EXPECT_EQ(account("owed"), 125);
}

// QP-SAFE-001: of a vendor whom nobody knows right now nothing is said.
TEST_F(RegularBroker, IsBusyWithoutTheVendorsEntry) {
  broker.directory.hide("V1001", true);
  EXPECT_EQ(code(inquiry()), protocol::QP_E_BUSY);
  EXPECT_EQ(state(), "NONE");
  broker.directory.hide("V1001", false);
  ask(inquiry());
  broker.directory.hide("V1001", true);
  EXPECT_EQ(code(inquiry(regular_ref("regular-1", 126))), protocol::QP_E_BUSY);
  // the same order in another currency, and of a Vendor that is no more
  broker.directory.hide("V1001", false);
  auto currency = regular_ref();
  currency.currency = "EUR";
  EXPECT_EQ(code(inquiry(currency)), protocol::QP_E_CURRENCY);
  broker.directory.remove("V1001");
  EXPECT_EQ(code(inquiry(regular_ref("regular-1", 126))), protocol::QP_E_VENDOR);
}

// QP-SAFE-009: what is held and owed never passes the limit, whatever the kind of the orders.
TEST_F(RegularBroker, KeepsTheLimit) {
  EXPECT_EQ(code(inquiry(regular_ref("a", 600))), protocol::QP_OK);
  EXPECT_EQ(code(inquiry(regular_ref("b", 401))), protocol::QP_E_FUNDS);
  EXPECT_EQ(state("b"), "NONE");
  EXPECT_EQ(code(inquiry(regular_ref("b", 400))), protocol::QP_OK);
  EXPECT_EQ(account("owed"), 1000);
}

TEST_F(RegularBroker, DeclinesByItsPolicy) {
  NodeConfig config = signing(broker_config());
  config.decline_above = 100;
  Single careful{config};
  publish_keys(careful);
  auto request = inquiry();
  EXPECT_EQ(careful.ask<Response>(request, kInquiry, kWalletAddress)->body.status.code, protocol::QP_E_DECLINED);
  EXPECT_EQ(state_of(careful, "broker.commitment", "regular/V1001/regular-1"), "NONE");
}

// QP-ADD-05: nobody claims, and the money falls back at ClaimBy, whose last second is in time.
TEST_F(RegularBroker, LetsGoAtClaimBy) {
  ask(inquiry());
  broker.pass(protocol::T_claim_default * 1000 + 999);
  EXPECT_EQ(debt(), "OWED");
  broker.pass(1);
  EXPECT_EQ(debt(), "UNCLAIMED");
  EXPECT_EQ(account("owed"), 0);
}

// QP-WAL-013, QP-ROLE-005: from a foreign address, by a wrong role.
TEST_F(RegularBroker, RefusesWrongSenders) {
  EXPECT_EQ(ask(inquiry(), "127.0.9.9").body.status.code, protocol::QP_E_FORBIDDEN);
  auto vendor = inquiry();
  vendor.head.sender = "V1001";
  EXPECT_EQ(ask(vendor, kVendorAddress).body.status.code, protocol::QP_E_FORBIDDEN);
  EXPECT_EQ(state(), "NONE");
}

// QP-TECH-007: a protocol that is left out is answered QP-E-UNSUPPORTED, and does not touch another one.
TEST_F(RegularBroker, CanLeaveTheProtocolOut) {
  NodeConfig config = signing(broker_config());
  config.protocols = {"micropayment"};
  Single micro_only{config};
  publish_keys(micro_only);
  EXPECT_EQ(micro_only.ask<Response>(inquiry(), kInquiry, kWalletAddress)->body.status.code, protocol::QP_E_UNSUPPORTED);
  micro::InquiryPayment small;
  small.head = micro_only.head(kWallet, "B7");
  small.body.paycard = "P7";
  small.body.order_ref = some_ref();
  small.body.paycard_token = paycard::make_token(kSecret, {kWallet, "P7", small.head.msg_id, some_ref()});
  EXPECT_EQ(micro_only.ask<micro::InquiryPaymentResponse>(small, micro::kInquiryPaymentMessage, kWalletAddress)->body.status.code,
            protocol::QP_OK);
}

// Without settlement the debt waits at the port, and without a key nothing is committed.
TEST_F(RegularBroker, NeedsAKeyButNoSettlement) {
  NodeConfig config = signing(broker_config());
  config.protocols = {"regular"};
  Single alone{config};
  publish_keys(alone);
  EXPECT_TRUE(alone.ask<Response>(inquiry(), kInquiry, kWalletAddress)->body.commitment);
  EXPECT_EQ(state_of(alone, "port.debt", "regular/V1001/regular-1"), "HANDED-OVER");
  Single unkeyed{broker_config()};
  EXPECT_EQ(unkeyed.ask<Response>(inquiry(), kInquiry, kWalletAddress)->body.status.code, protocol::QP_E_INTERNAL);
  EXPECT_EQ(state_of(unkeyed, "broker.commitment", "regular/V1001/regular-1"), "NONE");
}

}  // namespace
}  // namespace quickpay::roles
