// Orders that a Vendor takes back, at their Broker: what is refused, what is booked when, and what the next settlement
// deducts.
#include <functional>

#include "reference/roles/tests/regular_settling.hpp"
#include "reference/roles/tests/revokes.hpp"

namespace quickpay::roles {
namespace {

constexpr std::int64_t kHoldMs = protocol::T_hold_default * 1000;

struct RevokeBroker : RegularSettlement {
  std::optional<revoke::RevokeOrderResponse> ask(const msg::Revoke& made, const std::string& sender = "V1001",
                                                 const std::string& address = kVendorAddress) {
    revoke::RevokeOrder request;
    request.head = broker.head(sender, "B7");
    request.body.revoke = made;
    return broker.ask<revoke::RevokeOrderResponse>(request, revoke::kRevokeOrderMessage, address);
  }
  std::string code_of(const msg::Revoke& made, const std::string& sender = "V1001", const std::string& address = kVendorAddress) {
    return ask(made, sender, address).value().body.status.code;
  }
  static msg::Revoke bare(const msg::ClaimItem& item) { return bare_revoke(item.order_ref, item.commit_id); }
  static msg::Revoke made(const msg::ClaimItem& item) { return signed_revoke(item.order_ref, item.commit_id); }
  std::string revoked(const std::string& id) { return state_of(broker, "broker.revoke", "regular/V1001/" + id); }

  /// The notice that waits for the Host.
  OutgoingCall notice() {
    for (const OutgoingCall& call : broker.last.calls) {
      if (call.message == "RegisterRevoke") return call;
    }
    ADD_FAILURE() << "the Host is not told";
    return {};
  }
  static revoke::RegisterRevoke notice_in(const OutgoingCall& call) {
    return codec::read<revoke::RegisterRevoke>(call.body, *revoke::kRegisterRevokeMessage.request).value();
  }
  void host_says(const OutgoingCall& call, msg::RevokeStanding standing) {
    revoke::RegisterRevokeResponse response;
    response.head = broker.answer_head(call, "B7");
    response.body.status = success();
    response.body.case_no = "C-1";
    response.body.fee_reversed = 0;
    response.body.revoke_state = standing;
    broker.reply(call, response, revoke::kRegisterRevokeMessage);
  }
  void host_refuses(const OutgoingCall& call, std::string_view code, msg::Retry retry) {
    revoke::RegisterRevokeResponse response;
    response.head = broker.answer_head(call, "B7");
    response.body.status = refusal(code, retry);
    broker.reply(call, response, revoke::kRegisterRevokeMessage);
  }
  /// After every test: what customers paid is what Vendors got or have to give back, and what the Broker kept.
  ~RevokeBroker() override {
    const auto all = broker.ledger->find(kBookMachine, "USD");
    EXPECT_TRUE(!all || !*all || balances(**all));
    EXPECT_EQ(account("debited"), book("debited") - book("refunded"));
  }
};

// QP-RP-003, QP-RV-002, QP-RV-003, QP-RV-005, QP-RV-006, QP-RV-013: a signed revoke of what is owed frees the money at once, tells
// the Host, and ends every claim.
TEST_F(RevokeBroker, ReleasesWhatIsOwed) {
  const auto item = commit("a", 400);
  EXPECT_EQ(account("owed"), 400);
  const msg::Revoke sent = made(item);
  const auto body = ask(sent)->body;
  EXPECT_EQ(body.status.code, protocol::QP_OK);
  EXPECT_EQ(body.revoke_id, sent.revoke_id);
  EXPECT_EQ(body.effect, msg::RevokeEffect::released);
  EXPECT_EQ(body.amount, 400);
  EXPECT_EQ(body.state, msg::RevokeState::final);
  EXPECT_FALSE(body.hold_until);
  const auto told = notice_in(notice());
  EXPECT_EQ(told.body.revoke, sent);
  EXPECT_EQ(told.body.revoke_id, sent.revoke_id);
  EXPECT_EQ(told.body.commission_reversed, 0);
  EXPECT_EQ(account("owed"), 0);
  EXPECT_EQ(debt("a"), "REVOKED");
  EXPECT_EQ(code(item), protocol::QP_E_REVOKED);
  EXPECT_EQ(code(item, {approval_of(item.order_ref)}), protocol::QP_E_REVOKED);
  EXPECT_EQ(book("debited"), 0);
}

// QP-RV-003, QP-RV-008, QP-RV-013: what was settled goes back to the customer at once, and with the commission into the
// Vendor's next settlement; the sums stay exact.
TEST_F(RevokeBroker, DeductsWhatWasSettled) {
  const auto item = commit("a", 400), other = commit("b", 125);
  EXPECT_EQ(settle(item).net_total, 394);
  const auto body = ask(made(item))->body;
  EXPECT_EQ(body.effect, msg::RevokeEffect::deduct);
  EXPECT_EQ(notice_in(notice()).body.commission_reversed, 6);
  EXPECT_EQ(account("owed"), 125);
  EXPECT_EQ(account("debited"), 0);
  broker.pass(kDayMs + 1000);  // the settlement that was signed is paid all the same
  EXPECT_EQ(debt("a"), "REVOKED");
  const msg::Settlement next = settle(other);
  EXPECT_EQ(next.deduction, (std::vector<msg::Deduction>{{made(item).revoke_id, "a", 400, 6}}));
  EXPECT_EQ(next.net_total, 0);
  EXPECT_EQ(next.carried_debit, 394 - 123);
  EXPECT_EQ(book("commission") - book("reversed"), 2);
}

TEST_F(RevokeBroker, DeductsWhatWasPaidOut) {
  const auto item = commit("a", 400);
  settle(item);
  broker.pass(kDayMs + 1000);
  EXPECT_EQ(debt("a"), "PAID");
  EXPECT_EQ(ask(made(item))->body.effect, msg::RevokeEffect::deduct);
  EXPECT_EQ(debt("a"), "REVOKED");
  EXPECT_EQ(settle(commit("b", 100)).deduction_total, 394);
}

// QP-ADD-24, QP-RV-013: orders are deducted one by one, though the Vendor named both revokes alike.
TEST_F(RevokeBroker, DeductsEachOfTwoUnderOneRevokeId) {
  const auto one = commit("a", 100), two = commit("b", 200);
  settle(one), settle(two);
  for (const auto& item : {one, two}) EXPECT_EQ(code_of(made(item)), protocol::QP_OK);
  EXPECT_EQ(settle(commit("c", 500)).deduction_total, (100 - 2) + (200 - 3));
}

/// A revoke, spoilt, and the code that it gets.
struct SpoiltRevoke {
  const char* name;
  std::function<void(msg::Revoke&)> spoil;
  std::string_view code;
};

const SpoiltRevoke kSpoilt[] = {
    {"an unknown key", [](auto& r) { sign_with(stranger_key(), "revoke", "Revoke", msg::kRevokeType, r); }, protocol::QP_E_KEY},
    {"the Broker's key", [](auto& r) { sign_with(key_of("broker"), "revoke", "Revoke", msg::kRevokeType, r); }, protocol::QP_E_KEY},
    {"another purpose", [](auto& r) {
       sign_with(key_of("vendor"), "batch-claim", "Revoke", msg::kRevokeType, r);
     }, protocol::QP_E_SIGNATURE},
    {"a change after signing", [](auto& r) { r.reason = msg::RevokeReason::error; }, protocol::QP_E_SIGNATURE},
    {"another amount", [](auto& r) { r.order_ref.amount -= 1, sign(r); }, protocol::QP_E_MISMATCH},
    {"another CommitId", [](auto& r) { r.commit_id = std::string(32, '0'), sign(r); }, protocol::QP_E_MISMATCH},
};

// QP-RV-004, QP-ADD-16, QP-ADD-18, QP-SAFE-001: each refusal, whatever became of a revoke before, changes nothing.
TEST_F(RevokeBroker, RefusesInOrder) {
  const auto fresh = commit("fresh"), held = commit("held"), void_ = commit("void"), final = commit("final");
  ask(bare(held));
  ask(bare(void_));
  host_says(notice(), msg::RevokeStanding::void_);
  ask(made(final));
  const std::pair<msg::ClaimItem, std::string> all[] = {{fresh, "NONE"}, {held, "HELD"}, {void_, "VOID"}, {final, "REVOKED"}};
  for (const auto& [item, state] : all) {
    for (const SpoiltRevoke& each : kSpoilt) {
      msg::Revoke wrong = made(item);
      each.spoil(wrong);
      EXPECT_EQ(code_of(wrong), each.code) << each.name << " of one that is " << state;
    }
    EXPECT_EQ(code_of(made(item), "V1002", "127.0.3.2"), protocol::QP_E_FORBIDDEN) << state;
    EXPECT_EQ(revoked(item.order_ref.order_id), state);
  }
}

// QP-RV-009: who is somewhere else is not the Vendor, whatever it calls itself (QP-RV-012, the first measure).
TEST_F(RevokeBroker, ComparesTheAddress) {
  const auto item = commit("a");
  EXPECT_EQ(code_of(bare(item), "V1001", "127.0.9.9"), protocol::QP_E_FORBIDDEN);
  EXPECT_EQ(code_of(bare(item), kWallet, kWalletAddress), protocol::QP_E_FORBIDDEN) << "QP-RV-004";
  EXPECT_EQ(revoked("a"), "NONE");
}

// QP-RV-001, QP-MP-021: a micropayment is not revocable, known or not; QP-RV-002: only what is committed is.
TEST_F(RevokeBroker, RevokesCommittedRegularOrdersOnly) {
  msg::OrderRef micro = some_ref("micro");
  EXPECT_EQ(code_of(signed_revoke(micro, std::string(32, 'c'))), protocol::QP_E_NOT_REVOCABLE);
  EXPECT_EQ(code_of(signed_revoke(regular_ref("unknown"), std::string(32, 'c'))), protocol::QP_E_UNKNOWN_ORDER);
  const auto lapsed = commit("lapsed");
  broker.pass((protocol::T_claim_default + 1) * 1000);
  EXPECT_EQ(code_of(made(lapsed)), protocol::QP_E_NOT_REVOCABLE);
  EXPECT_EQ(account("owed"), 0);
}

// QP-ADD-16, QP-ADD-18: the key has to be in its time when the revoke says that it was made, and now.
TEST_F(RevokeBroker, JudgesTheKeyForBothMoments) {
  const auto item = commit("a");
  const auto listed = [&](std::int64_t from, std::int64_t to) {
    Player vendor = *broker.directory.find("V1001").player;
    vendor.keys[0].not_before_ms = from;
    vendor.keys[0].not_after_ms = to;
    broker.directory.put(vendor);
  };
  broker.pass(kDayMs);
  const msg::Revoke today = signed_revoke(item.order_ref, item.commit_id, broker.clock.now);
  listed(kNoon - kDayMs, kNoon + kHourMs);
  EXPECT_EQ(code_of(made(item)), protocol::QP_E_KEY) << "good yesterday, not now";
  listed(kNoon + kHourMs, kNoon + 400 * kDayMs);
  EXPECT_EQ(code_of(made(item)), protocol::QP_E_KEY) << "not good yesterday";
  EXPECT_EQ(code_of(today), protocol::QP_OK);
  broker.directory.hide("V1001", true);
  EXPECT_NE(code_of(today), protocol::QP_OK) << "nobody can say whose key it is";
}

// QP-ADD-16, QP-RV-012: without a signature nothing is booked; claims wait; the Host's word is asked for after the hold
// and counts only then.
TEST_F(RevokeBroker, HoldsWhatIsNotSigned) {
  const auto item = commit("a", 400);
  const auto body = ask(bare(item))->body;
  EXPECT_EQ(body.state, msg::RevokeState::pending);
  EXPECT_EQ(body.hold_until, format_time(kNoon + kHoldMs));
  const OutgoingCall first = notice();
  EXPECT_EQ(notice_in(first).body.revoke, bare(item));
  EXPECT_EQ(code(item), protocol::QP_E_PENDING);
  host_says(first, msg::RevokeStanding::standing);  // too early to count
  EXPECT_EQ(revoked("a"), "HELD");
  EXPECT_EQ(account("owed"), 400);
  broker.pass(kHoldMs + 1000);
  const OutgoingCall second = notice();
  EXPECT_NE(second.msg_id, first.msg_id);
  host_says(second, msg::RevokeStanding::open);
  EXPECT_EQ(revoked("a"), "HELD");
  broker.pass(protocol::backoff_cap_default * 1000 + 1);
  host_says(notice(), msg::RevokeStanding::standing);
  EXPECT_EQ(revoked("a"), "REVOKED");
  EXPECT_EQ(debt("a"), "REVOKED");
  EXPECT_EQ(account("owed"), 0);
  EXPECT_EQ(ask(bare(item))->body.state, msg::RevokeState::final);
}

// QP-ADD-16: the last second of HoldUntil is still part of it.
TEST_F(RevokeBroker, HoldsToTheEndOfTheSecond) {
  const auto item = commit("a");
  ask(bare(item));
  const OutgoingCall call = notice();
  broker.pass(kHoldMs + 999);
  host_says(call, msg::RevokeStanding::standing);
  EXPECT_EQ(revoked("a"), "HELD");
}

// QP-RV-006, QP-ADD-16: the signed revoke takes the place of the one that was held, also on its way to the Host.
TEST_F(RevokeBroker, TellsTheHostOfTheProofAlone) {
  const auto item = commit("a");
  ask(bare(item));
  broker.give(notice(), {});  // the Host is not to be reached
  ask(made(item));
  const auto open = broker.ledger->calls_of("broker.revoke", "regular/V1001/a");
  ASSERT_TRUE(open);
  ASSERT_EQ(open->size(), 1u);
  EXPECT_TRUE(notice_in(notice()).body.revoke->sig);
}

// QP-RV-012: what the Host calls void is dropped, the order is claimed as before, and the time of the hold is given back.
TEST_F(RevokeBroker, DropsWhatIsVoid) {
  const auto item = commit("a"), late = commit("late");
  ask(bare(item));
  host_says(notice(), msg::RevokeStanding::void_);
  EXPECT_EQ(revoked("a"), "VOID");
  EXPECT_EQ(code(item), "accepted");
  EXPECT_EQ(code_of(bare(item)), protocol::QP_E_NOT_REVOCABLE);
  ask(bare(late));
  const OutgoingCall call = notice();
  broker.pass(kDayMs);
  host_says(call, msg::RevokeStanding::void_);
  broker.pass(protocol::T_claim_default * 1000);
  EXPECT_EQ(code(late), "accepted");
}

// QP-ADD-05: a debt does not lapse while a revoke of it is held.
TEST_F(RevokeBroker, KeepsADebtThatIsHeld) {
  const auto item = commit("a");
  broker.pass((protocol::T_claim_default - 10) * 1000);
  ask(bare(item));
  broker.pass(kDayMs);
  EXPECT_EQ(debt("a"), "OWED");
  EXPECT_EQ(code(item), protocol::QP_E_PENDING);
}

// QP-BS-004, QP-RV-012: the Host's Approval is honoured though a revoke is held; a signature is believed even after void.
TEST_F(RevokeBroker, HonoursAnApprovalAndASignature) {
  const auto item = commit("a"), other = commit("b");
  ask(bare(item));
  EXPECT_EQ(code(item, {approval_of(item.order_ref)}), "accepted");
  EXPECT_EQ(code_of(made(item)), protocol::QP_OK);  // now signed: the Vendor's own word
  EXPECT_EQ(debt("a"), "REVOKED");
  ask(bare(other));
  host_says(notice(), msg::RevokeStanding::void_);
  EXPECT_EQ(ask(made(other))->body.state, msg::RevokeState::final);
  EXPECT_EQ(notice_in(notice()).body.revoke, made(other));
  EXPECT_EQ(debt("b"), "REVOKED");
}

// QP-ADD-01, QP-SAFE-004: one revoke an order, one refund; the first RevokeId stays.
TEST_F(RevokeBroker, AnswersARepeatAlike) {
  const auto item = commit("a", 400);
  settle(item);
  const msg::Revoke first = bare(item);
  ask(first);
  EXPECT_EQ(ask(first)->body.state, msg::RevokeState::pending);
  msg::Revoke second = made(item);
  second.revoke_id = std::string(32, '5');
  sign(second);
  EXPECT_EQ(ask(second)->body.revoke_id, first.revoke_id);
  const auto told = notice_in(notice()).body;
  EXPECT_EQ(told.revoke_id, first.revoke_id);
  EXPECT_EQ(told.revoke, second);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(code_of(second), protocol::QP_OK);
  EXPECT_EQ(account("debited"), 0);
  EXPECT_EQ(book("refunded"), 400);
}

// QP-RV-006: the notice is repeated until the Host has an answer that is final; a refusal is an operator's affair.
TEST_F(RevokeBroker, TellsTheHostUntilItKnows) {
  const auto item = commit("a"), held = commit("held");
  ask(made(item));
  const OutgoingCall call = notice();
  broker.give(call, {});
  broker.pass(kHourMs);
  EXPECT_EQ(notice().msg_id, call.msg_id);
  host_refuses(notice(), protocol::QP_E_BUSY, msg::Retry::same);
  broker.pass(kHourMs);
  host_refuses(notice(), protocol::QP_E_VENDOR, msg::Retry::no);
  EXPECT_EQ(broker.last.user.at(0).kind, "alarm");
  EXPECT_EQ(revoked("a"), "REVOKED");
  ask(made(held));
  host_says(notice(), msg::RevokeStanding::standing);
  EXPECT_EQ(revoked("held"), "REVOKED");
}

// QP-ADD-09: a commitment that comes after its debt was settled by proof and revoked costs the customer nothing.
TEST_F(RevokeBroker, UndoesACommitmentThatComesLater) {
  const auto lost = item_of(commitment_to(regular_ref("a", 300)));
  EXPECT_EQ(code(lost), "accepted");
  EXPECT_EQ(code_of(made(lost)), protocol::QP_OK);
  commit("a", 300);
  EXPECT_EQ(account("owed"), 0);
  EXPECT_EQ(debt("a"), "REVOKED");
  broker.clock.now = kNoon;
}

// QP-BS-007: the refusals of a claim keep their order for a revoked order, too.
TEST_F(RevokeBroker, RefusesClaimsInOrder) {
  const auto right = commit("a");
  ask(made(right));
  auto wrong = right;
  wrong.order_ref.currency = "EUR";
  EXPECT_EQ(code(wrong), protocol::QP_E_CURRENCY);
  wrong = right, wrong.commitment.reset();
  EXPECT_EQ(code(wrong), protocol::QP_E_NO_COMMIT);
  wrong = right, sign_with(stranger_key(), "commitment", "Commitment", msg::kCommitmentType, *wrong.commitment);
  EXPECT_EQ(code(wrong), protocol::QP_E_KEY);
  wrong = right, wrong.commitment->order_ref.amount += 1;
  EXPECT_EQ(code(wrong), protocol::QP_E_SIGNATURE);
  wrong = right, wrong.commit_id = std::string(32, '0');
  EXPECT_EQ(code(wrong), protocol::QP_E_MISMATCH);
  EXPECT_EQ(code(right), protocol::QP_E_REVOKED);
}

}  // namespace
}  // namespace quickpay::roles
