// Orders that a Vendor takes back: what it sends, what becomes of the claim, and what it does about a revoke of others.
#include <gtest/gtest.h>

#include "reference/roles/role.hpp"
#include "reference/roles/settlement_money.hpp"
#include "reference/roles/settlement_vendor.hpp"
#include "reference/roles/tests/revokes.hpp"

namespace quickpay::roles {
namespace {

constexpr auto& kRevokeOrder = revoke::kRevokeOrderMessage;

struct RevokeVendor : testing::Test {
  Single vendor{signing(vendor_config())};
  RevokeVendor() { publish_keys(vendor); }

  /// An accepted order of regular payment that is handed over to settlement.
  void accept(const std::string& order_id, std::int64_t amount = 125) {
    const msg::Commitment commitment = commitment_to(regular_ref(order_id, amount));
    ledger::Record port{"port.claim", order_key(commitment.order_ref), "HANDED-OVER", {}, {}};
    keep(port, "OrderRef", msg::kOrderRefType, commitment.order_ref);
    keep(port, "Commitment", msg::kCommitmentType, commitment);
    port.fields["broker"] = "B7";
    port.fields["commit_id"] = commitment.commit_id;
    port.fields["committed_at"] = commitment.committed_at;
    port.fields["settle_by"] = commitment.claim_by;
    ASSERT_TRUE(vendor.ledger->begin_unit() && vendor.ledger->put(port) && vendor.ledger->end_unit());
    vendor.restart();
  }
  std::string claim(const std::string& id) { return state_of(vendor, "vendor.claim", order_key(regular_ref(id))); }
  std::string revoked(const std::string& id) { return state_of(vendor, "vendor.revoke", order_key(regular_ref(id))); }
  std::string take_back(const std::string& id, std::string_view reason = "out-of-stock") {
    const auto done = vendor.node->revoke(id, reason);
    vendor.flush();
    return done ? "done" : done.error().reason;
  }
  OutgoingCall call_of(std::string_view message) {
    for (const OutgoingCall& call : vendor.last.calls) {
      if (call.message == message) return call;
    }
    ADD_FAILURE() << "no " << message;
    return {};
  }
  static msg::Revoke sent(const OutgoingCall& call) {
    return codec::read<revoke::RevokeOrder>(call.body, *kRevokeOrder.request)->body.revoke;
  }
  revoke::RevokeOrderResponse right_answer(const OutgoingCall& call) {
    revoke::RevokeOrderResponse response;
    response.head = vendor.answer_head(call, "V1001");
    response.body.status = success();
    response.body.revoke_id = sent(call).revoke_id;
    response.body.effect = msg::RevokeEffect::released;
    response.body.amount = sent(call).order_ref.amount;
    response.body.state = msg::RevokeState::final;
    return response;
  }
  void refuse(const OutgoingCall& call, std::string_view code, msg::Retry retry) {
    revoke::RevokeOrderResponse response;
    response.head = vendor.answer_head(call, "V1001");
    response.body.status = refusal(code, retry);
    vendor.reply(call, response, kRevokeOrder);
  }
  OutgoingCall settle() {
    EXPECT_TRUE(vendor.node->settle());
    vendor.flush();
    return call_of("SettleWithBroker");
  }
  /// The Broker's answer: everything accepted, or refused with one code.
  void answer(const OutgoingCall& call, std::string_view code) {
    const auto asked = codec::read<batch::SettleWithBroker>(call.body, *batch::kSettleWithBrokerMessage.request)->body.claim;
    msg::Settlement made;
    made.broker = "B7";
    made.vendor = "V1001";
    made.batch_id = asked.batch_id;
    made.batch_digest = crypto::digest("batch-claim", "Claim", msg::kClaimType, &asked, "Sig");
    made.currency = asked.currency;
    for (const auto& item : asked.item) {
      const msg::OrderRef& ref = item.order_ref;
      if (code.empty()) made.accepted.push_back({ref.order_id, ref.amount, 1});
      if (!code.empty()) made.refused.push_back({ref.order_id, ref.digest, std::string(code), {}});
    }
    made.value_date = made.settled_at = format_time(vendor.clock.now);
    EXPECT_TRUE(sum_up(made));
    sign(made);
    batch::SettleWithBrokerResponse response;
    response.head = vendor.answer_head(call, "V1001");
    response.body.status = success();
    response.body.settlement = made;
    vendor.reply(call, response, batch::kSettleWithBrokerMessage);
  }
  static msg::CaseItem item_in(const OutgoingCall& call) {
    return codec::read<batch::SettleWithHost>(call.body, *batch::kSettleWithHostMessage.request)->body.host_case.item.at(0);
  }
};

// QP-RP-003, QP-RV-002, QP-RV-004, QP-RV-005, QP-ADD-16: the operator takes a committed order back; the Broker gets the Vendor's
// signed word, and nothing is claimed any more.
TEST_F(RevokeVendor, TakesAnOrderBack) {
  accept("a");
  EXPECT_EQ(take_back("a"), "done");
  const OutgoingCall call = call_of("RevokeOrder");
  EXPECT_EQ(call.receiver, "B7");
  const msg::Revoke made = sent(call);
  EXPECT_EQ(made.order_ref, regular_ref("a"));
  EXPECT_EQ(made.commit_id, std::string(32, 'c'));
  EXPECT_EQ(made.reason, msg::RevokeReason::out_of_stock);
  crypto::CryptoCounters counters;
  ASSERT_TRUE(made.sig);
  EXPECT_TRUE(crypto::verify_object(key_of("vendor").public_key(), "revoke", "Revoke", msg::kRevokeType, &made,
                                    made.sig->value, counters));
  EXPECT_EQ(claim("a"), "WITHDRAWN");
  EXPECT_TRUE(vendor.node->settle() && vendor.flush().calls.empty());
  vendor.reply(call, right_answer(call), kRevokeOrder);
  EXPECT_EQ(revoked("a"), "REVOKED");
  EXPECT_EQ(take_back("a"), "out-of-state");
}

// QP-RV-003: a settled order is taken back as well; QP-RV-002: one in a batch or before the Host is not.
TEST_F(RevokeVendor, LeavesAloneWhatIsUnderWay) {
  accept("a");
  const OutgoingCall batch = settle();
  EXPECT_EQ(take_back("a"), "out-of-state");
  answer(batch, "");
  EXPECT_EQ(claim("a"), "SETTLED");
  EXPECT_EQ(take_back("a"), "done");
  EXPECT_EQ(claim("a"), "WITHDRAWN");
  accept("b");
  vendor.clock.now += 2 * kHourMs;
  answer(settle(), protocol::QP_E_UNKNOWN_ORDER);
  EXPECT_EQ(claim("b"), "ARBITRATION");
  EXPECT_EQ(take_back("b"), "out-of-state");
  EXPECT_EQ(take_back("nothing"), "unknown-order");
  EXPECT_EQ(take_back("a", "no reason"), "unknown-reason");
}

// QP-RV-001: nobody takes a micropayment back.
TEST_F(RevokeVendor, TakesNoMicropaymentBack) {
  const msg::OrderRef ref = some_ref("m");
  ledger::Record port{"port.claim", order_key(ref), "HANDED-OVER", {}, {}};
  keep(port, "OrderRef", msg::kOrderRefType, ref);
  port.fields["broker"] = "B7";
  ASSERT_TRUE(vendor.ledger->begin_unit() && vendor.ledger->put(port) && vendor.ledger->end_unit());
  vendor.restart();
  EXPECT_EQ(take_back("m"), "out-of-state");
  EXPECT_TRUE(vendor.last.calls.empty());
}

// QP-RV-002: what the Broker refuses to take back is claimed as before, and a settled one stays settled.
TEST_F(RevokeVendor, ClaimsAgainWhatIsNotTakenBack) {
  accept("a");
  take_back("a");
  refuse(call_of("RevokeOrder"), protocol::QP_E_MISMATCH, msg::Retry::no);
  EXPECT_EQ(revoked("a"), "FAILED");
  EXPECT_EQ(claim("a"), "CLAIMABLE");
  EXPECT_EQ(take_back("a"), "done") << "it may be tried again";
  refuse(call_of("RevokeOrder"), protocol::QP_E_MISMATCH, msg::Retry::no);
  answer(settle(), "");
  EXPECT_EQ(take_back("nothing"), "unknown-order");
  accept("b");
  vendor.clock.now += 2 * kHourMs;
  answer(settle(), "");
  take_back("b");
  refuse(call_of("RevokeOrder"), protocol::QP_E_NOT_REVOCABLE, msg::Retry::no);
  EXPECT_EQ(claim("b"), "SETTLED");
}

// A claim that was given up before by its operator stays given up, whatever the Broker says.
TEST_F(RevokeVendor, LeavesAWithdrawnClaimWithdrawn) {
  accept("a");
  ASSERT_TRUE(vendor.node->withdraw("a"));
  EXPECT_EQ(take_back("a"), "done");
  refuse(call_of("RevokeOrder"), protocol::QP_E_NOT_REVOCABLE, msg::Retry::no);
  EXPECT_EQ(claim("a"), "WITHDRAWN");
}

// What became of one revoke says nothing about the next: an order that was settled, and given up before the Host since,
// stays given up.
TEST_F(RevokeVendor, ForgetsWhereTheClaimWas) {
  accept("a");
  answer(settle(), "");
  take_back("a");
  refuse(call_of("RevokeOrder"), protocol::QP_E_MISMATCH, msg::Retry::no);
  EXPECT_EQ(claim("a"), "SETTLED");
  ASSERT_TRUE(vendor.node->contest("a") && vendor.node->withdraw("a"));
  vendor.flush();
  EXPECT_EQ(claim("a"), "WITHDRAWN");
  EXPECT_EQ(take_back("a"), "done");
  refuse(call_of("RevokeOrder"), protocol::QP_E_MISMATCH, msg::Retry::no);
  EXPECT_EQ(claim("a"), "WITHDRAWN");
}

// A claim that is made again after a failed revoke ends when it would have ended.
TEST_F(RevokeVendor, GivesNoMoreTimeToAClaim) {
  accept("a");
  vendor.pass(20 * kDayMs);
  take_back("a");
  refuse(call_of("RevokeOrder"), protocol::QP_E_MISMATCH, msg::Retry::no);
  vendor.pass(11 * kDayMs);
  EXPECT_EQ(claim("a"), "LOST");
}

// QP-ADD-01: the same bytes again while nothing usable comes, and no longer than T_claim.
TEST_F(RevokeVendor, RepeatsTheSameBytes) {
  accept("a");
  take_back("a");
  const OutgoingCall first = call_of("RevokeOrder");
  vendor.give(first, {});
  vendor.pass(kHourMs);
  EXPECT_EQ(call_of("RevokeOrder").body, first.body);
  auto wrong = right_answer(first);
  wrong.body.amount = 1;
  vendor.reply(first, wrong, kRevokeOrder);
  EXPECT_EQ(revoked("a"), "REVOKING");
  vendor.pass(kHourMs);
  auto half = right_answer(first);
  half.body.state = msg::RevokeState::pending;
  vendor.reply(first, half, kRevokeOrder);
  EXPECT_EQ(revoked("a"), "REVOKING") << "pending until when?";
  vendor.pass(kHourMs);
  refuse(first, protocol::QP_E_UNKNOWN_ORDER, msg::Retry::same);
  EXPECT_EQ(revoked("a"), "REVOKING");
  vendor.pass((protocol::T_claim_default + 1) * 1000);
  EXPECT_EQ(revoked("a"), "FAILED");
}

// QP-ADD-16: a pending answer is taken as it is.
TEST_F(RevokeVendor, TakesAPendingAnswer) {
  accept("a");
  take_back("a");
  const OutgoingCall call = call_of("RevokeOrder");
  auto pending = right_answer(call);
  pending.body.state = msg::RevokeState::pending;
  pending.body.hold_until = "2026-11-25T12:00:00Z";
  vendor.reply(call, pending, kRevokeOrder);
  EXPECT_EQ(revoked("a"), "REVOKED");
}

// QP-RV-012, QP-ADD-16: whatever the Broker says, or does not say, of a regular order that the Vendor did not revoke, the
// Host hears that it did not; and it is not told so of one that the Vendor did revoke.
TEST_F(RevokeVendor, ContestsWhatItDidNotRevoke) {
  for (const std::string_view code : {protocol::QP_E_PENDING, protocol::QP_E_REVOKED, protocol::QP_E_UNKNOWN_ORDER}) {
    accept(std::string(code));
    vendor.clock.now += 2 * kHourMs;
    answer(settle(), code);
    EXPECT_TRUE(item_in(call_of("SettleWithHost")).contest) << code;
  }
}

// QP-RV-012: a revoke that its Broker refused is none, so that somebody else's is contested; one that nobody answered may
// have been taken, and is not denied.
TEST_F(RevokeVendor, ContestsAfterARefusedRevokeAndNotAfterAnUnansweredOne) {
  accept("refused");
  take_back("refused");
  refuse(call_of("RevokeOrder"), protocol::QP_E_MISMATCH, msg::Retry::no);
  EXPECT_EQ(revoked("refused"), "FAILED");
  answer(settle(), protocol::QP_E_PENDING);
  EXPECT_TRUE(item_in(call_of("SettleWithHost")).contest);
  accept("unanswered");
  ASSERT_TRUE(vendor.node->withdraw("unanswered"));
  vendor.flush();
  take_back("unanswered");
  vendor.pass((protocol::T_claim_default + 1) * 1000);
  EXPECT_EQ(revoked("unanswered"), "FAILED");
  const auto kept = vendor.ledger->find("vendor.revoke", order_key(regular_ref("unanswered")));
  ASSERT_TRUE(kept && *kept);
  EXPECT_TRUE(has_field(**kept, "Revoke"));
}

// QP-RV-010, QP-RV-012: an operator who reads the alert contests at once, before a batch and after.
TEST_F(RevokeVendor, ContestsOnItsOwn) {
  accept("a");
  ASSERT_TRUE(vendor.node->contest("a"));
  vendor.flush();
  EXPECT_TRUE(item_in(call_of("SettleWithHost")).contest);
  EXPECT_EQ(claim("a"), "ARBITRATION");
  EXPECT_EQ(vendor.node->contest("a").error().reason, "out-of-state");
  EXPECT_EQ(vendor.node->contest("nothing").error().reason, "unknown-order");
  accept("b");
  vendor.clock.now += 2 * kHourMs;
  answer(settle(), "");
  ASSERT_TRUE(vendor.node->contest("b"));
  vendor.flush();
  EXPECT_TRUE(item_in(call_of("SettleWithHost")).contest);
  EXPECT_EQ(claim("b"), "ARBITRATION");
}

// QP-RV-005: who does not serve revoke takes nothing back, and profile H wants a signature.
TEST(RevokeVendorConfig, NeedsTheProtocolAndAKey) {
  NodeConfig without = signing(vendor_config());
  without.protocols = {"micropayment", "regular", "settlement"};
  Single plain{without};
  EXPECT_EQ(plain.node->revoke("a").error().reason, "not-served");
  NodeConfig hard = vendor_config();
  hard.profile = "H";
  Single unkeyed{hard};
  EXPECT_EQ(unkeyed.node->revoke("a").error().reason, "no-signing-key");
  Single broker{broker_config()};
  EXPECT_EQ(broker.node->revoke("a").error().reason, "wrong-role");
}

}  // namespace
}  // namespace quickpay::roles
