// Regular orders become money: the Commitment proves the claim at the Broker and before the Host.
#include <gtest/gtest.h>

#include <functional>

#include "reference/roles/tests/regular_court.hpp"
#include "reference/roles/tests/regular_settling.hpp"

namespace quickpay::roles {
namespace {

// QP-RP-010, QP-SAFE-005: what was committed is paid once, at the account's cost, and leaves at ValueDate.
TEST_F(RegularSettlement, PaysACommitmentOnce) {
  const auto item = commit("a", 400);
  EXPECT_EQ(settle(item).net_total, 394);
  EXPECT_EQ(debt("a"), "PAYABLE");
  EXPECT_EQ(account("debited"), 400);
  EXPECT_EQ(code(item), protocol::QP_E_ALREADY_SETTLED);
  EXPECT_EQ(code(item, {approval_of(item.order_ref)}), protocol::QP_E_ALREADY_SETTLED);
  broker.pass(kDayMs + 1000);
  EXPECT_EQ(debt("a"), "PAID");
  EXPECT_EQ(code(item), protocol::QP_E_ALREADY_SETTLED);
  EXPECT_EQ(book("debited"), 400);
  EXPECT_EQ(book("payable") + book("commission"), 400);
}

/// An item, spoilt, and what it is refused with.
struct SpoiltItem {
  const char* name;
  std::function<void(msg::ClaimItem&)> spoil;
  std::string_view code;
};

const SpoiltItem kSpoiltItems[] = {
    {"another currency", [](auto& i) { i.order_ref.currency = "EUR"; }, protocol::QP_E_CURRENCY},
    {"no commitment", [](auto& i) { i.commitment.reset(); }, protocol::QP_E_NO_COMMIT},
    {"an unknown key", [](auto& i) {
       sign_with(stranger_key(), "commitment", "Commitment", msg::kCommitmentType, *i.commitment);
     }, protocol::QP_E_KEY},
    {"the Vendor's key", [](auto& i) {
       sign_with(key_of("vendor"), "commitment", "Commitment", msg::kCommitmentType, *i.commitment);
     }, protocol::QP_E_KEY},
    {"another purpose", [](auto& i) {
       sign_with(key_of("broker"), "batch-settlement", "Commitment", msg::kCommitmentType, *i.commitment);
     }, protocol::QP_E_SIGNATURE},
    {"a change after signing", [](auto& i) { i.commitment->order_ref.amount += 1; }, protocol::QP_E_SIGNATURE},
    {"another CommitId", [](auto& i) { i.commit_id = std::string(32, '0'); }, protocol::QP_E_MISMATCH},
    {"a commitment to another order", [](auto& i) { i.commitment->order_ref.order_id = "z", sign(*i.commitment); }, protocol::QP_E_MISMATCH},
    {"a commitment of another Broker", [](auto& i) { i.commitment->broker = "B8", sign(*i.commitment); }, protocol::QP_E_MISMATCH},
};

// QP-ADD-17, QP-ADD-18, QP-ADD-09: each refusal, whatever became of the order before, changes nothing.
TEST_F(RegularSettlement, RefusesInOrder) {
  const auto owed = commit("owed"), settled = commit("settled"), paid = commit("paid"), lapsed = commit("lapsed");
  const auto unknown = item_of(commitment_to(regular_ref("unknown")));
  const auto all_refused = [&](const msg::ClaimItem& right, std::string_view in_state) {
    for (const SpoiltItem& each : kSpoiltItems) {
      auto wrong = right;
      each.spoil(wrong);
      EXPECT_EQ(code(wrong), each.code) << each.name << " of one that is " << in_state;
      EXPECT_EQ(debt(right.order_ref.order_id), in_state) << each.name;
    }
  };
  all_refused(unknown, "NONE");
  all_refused(owed, "OWED");
  settle(settled);
  all_refused(settled, "PAYABLE");
  settle(paid);
  broker.pass(kDayMs + 1000);
  all_refused(paid, "PAID");
  EXPECT_EQ(code(owed), "accepted");
  broker.pass((protocol::T_claim_default + 1) * 1000);
  all_refused(lapsed, "UNCLAIMED");
  EXPECT_EQ(code(lapsed), protocol::QP_E_SETTLE_EXPIRED);
  EXPECT_EQ(code(lapsed, {approval_of(lapsed.order_ref)}), "accepted");
  EXPECT_EQ(code(unknown), protocol::QP_E_SETTLE_EXPIRED);
  EXPECT_EQ(book("debited"), 4 * 125);
}

// QP-ADD-27, QP-ADD-05: logged outages are added to ClaimBy, also where the signature is all that is left of a debt.
TEST_F(RegularSettlement, AddsItsOutagesToAProof) {
  const auto early = item_of(commitment_to(regular_ref("early"))), late = item_of(commitment_to(regular_ref("late")));
  ASSERT_TRUE(broker.node->suspend());
  broker.flush();
  broker.pass(kDayMs);
  ASSERT_TRUE(broker.node->resume());
  broker.flush();
  broker.pass(protocol::T_claim_default * 1000 - 1000);
  EXPECT_EQ(code(early), "accepted");
  broker.pass(2000);
  EXPECT_EQ(code(late), protocol::QP_E_SETTLE_EXPIRED);
}

// QP-RP-010, QP-SAFE-008: a Broker that has lost its records stands by its signature, at its own cost, once.
TEST_F(RegularSettlement, StandsByItsSignature) {
  const auto item = item_of(commitment_to(regular_ref("lost", 300)));
  EXPECT_EQ(code(item), "accepted");
  EXPECT_EQ(account("debited"), 0);
  EXPECT_EQ(book("debited"), 300);
  EXPECT_EQ(code(item), protocol::QP_E_ALREADY_SETTLED);
}

// QP-BS-004: an Approval unlocks the entry of a commitment, without its Commitment too.
TEST_F(RegularSettlement, HonoursAnApproval) {
  auto item = commit("a");
  item.commitment.reset();
  EXPECT_EQ(code(item, {approval_of(item.order_ref)}), "accepted");
  EXPECT_EQ(account("debited"), 125);
  EXPECT_EQ(account("owed"), 125);
}

// A micropayment does not become one that needs no commitment by having one.
TEST_F(RegularSettlement, KeepsTheKindsApart) {
  auto micro = item_of(commitment_to(regular_ref("m")));
  micro.order_ref.kind = msg::Kind::micro;
  EXPECT_EQ(code(micro), protocol::QP_E_UNKNOWN_ORDER);
}

// QP-ADD-18: while the Broker cannot look its own keys up nothing is settled and nothing is final; a key that was
// withdrawn since is still good for what was committed before, by the Broker's own record.
TEST_F(RegularSettlement, JudgesKeysByWhenTheySigned) {
  const auto item = commit("a"), lost = item_of(commitment_to(regular_ref("lost")));
  broker.pass(kHourMs);
  Player self = *broker.directory.find("B7").player;
  self.keys[0].withdrawn_from_ms = kNoon + kHourMs;
  broker.directory.put(self);
  EXPECT_EQ(code(lost), protocol::QP_E_KEY);
  EXPECT_EQ(code(item), "accepted");
  broker.directory.hide("B7", true);
  batch::SettleWithBroker request;
  request.head = broker.head("V1001", "B7");
  msg::Claim& made = request.body.claim;
  made = {broker.fresh_id(), "V1001", "B7", "USD", 1, 125, {}, {lost}, {}};
  sign(made);
  EXPECT_EQ(broker.ask<batch::SettleWithBrokerResponse>(request, batch::kSettleWithBrokerMessage, kVendorAddress)->body.status.code,
            protocol::QP_E_BUSY);
}

// ---------------------------------------------------------------- before the Host
// QP-RP-010, QP-ADD-17, QP-BS-010: a right Commitment is approved whatever the Broker says, and nobody else need speak.
TEST_F(RegularCourt, ApprovesWhatABrokerSigned) {
  const auto commitment = commitment_to(regular_ref());
  const auto answer = ask(bring(commitment));
  ASSERT_TRUE(answer.body.approval);
  EXPECT_EQ(answer.body.approval->approved, (std::vector<msg::Approved>{{"regular-1", commitment.order_ref.digest, 125}}));
  EXPECT_EQ(said(bring(commitment)), "approve QP-OK");
}

/// A case, spoilt, and what is said of its item.
struct SpoiltCase {
  const char* name;
  std::function<void(msg::CaseItem&)> spoil;
  const char* said;
};

const SpoiltCase kSpoiltCases[] = {
    {"no commitment", [](auto& i) { i.commitment.reset(); }, "refused QP-E-MISMATCH"},
    {"an unknown key", [](auto& i) {
       sign_with(stranger_key(), "commitment", "Commitment", msg::kCommitmentType, *i.commitment);
     }, "refused QP-E-KEY"},
    {"another purpose", [](auto& i) {
       sign_with(key_of("broker"), "batch-settlement", "Commitment", msg::kCommitmentType, *i.commitment);
     }, "refused QP-E-SIGNATURE"},
    {"a change after signing", [](auto& i) { i.commitment->claim_by = "2027-12-22T12:00:00Z"; }, "refused QP-E-SIGNATURE"},
    {"another broker", [](auto& i) { i.commitment->broker = "B8", sign(*i.commitment); }, "refused QP-E-MISMATCH"},
    {"another order", [](auto& i) { i.commitment->order_ref.amount += 1, sign(*i.commitment); }, "refused QP-E-MISMATCH"},
    {"no CommitId", [](auto& i) { i.commit_id.reset(); }, "refused QP-E-MISMATCH"},
    {"a micropayment with a commitment", [](auto& i) { i.order_ref.kind = msg::Kind::micro; }, "refused QP-E-MISMATCH"},
};

// QP-ADD-18, QP-BS-011: evidence that is not right is refused, and nothing is recorded.
TEST_F(RegularCourt, RefusesBadEvidence) {
  const auto commitment = commitment_to(regular_ref());
  for (const SpoiltCase& each : kSpoiltCases) {
    auto brought = bring(commitment);
    each.spoil(brought.item[0]);
    EXPECT_EQ(said(brought), each.said) << each.name;
    EXPECT_EQ(state_of(host, "host.verdict", case_key(regular_ref(), "B7")), "NONE") << each.name;
  }
  EXPECT_EQ(said(bring(commitment, protocol::QP_E_ALREADY_SETTLED)), "refused QP-E-ALREADY-SETTLED");
}

// QP-ADD-07, QP-ADD-27: first claimed after ClaimBy, or brought later than T_arb after it; both ends count as in time.
TEST_F(RegularCourt, ComesTooLate) {
  const auto commitment = commitment_to(regular_ref()), other = commitment_to(regular_ref("other"));
  const std::int64_t claim_by = kNoon + protocol::T_claim_default * 1000;
  host.pass(claim_by - kNoon);
  const auto in_time = bring(commitment);
  host.pass(1000);
  EXPECT_EQ(said(bring(other)), "reject QP-E-SETTLE-EXPIRED");
  host.pass(protocol::T_arb_default * 1000 - 1000);
  EXPECT_EQ(said(in_time), "approve QP-OK");
}

TEST_F(RegularCourt, LetsAWithdrawnClaimGo) {
  auto brought = bring(commitment_to(regular_ref()));
  brought.item[0].withdrawn = msg::Yes::yes;
  EXPECT_EQ(said(brought), "reject QP-E-NOT-CLAIMED");
}

// QP-ADD-18: a commitment that a Wallet registered before the key was withdrawn still proves; another one does not.
TEST_F(RegularCourt, JudgesKeysByWhatWasRegistered) {
  const auto known = commitment_to(regular_ref()), unknown = commitment_to(regular_ref("unknown"));
  regular::RegisterOrder notice;
  notice.head = host.head(kWallet, "H1");
  notice.body.order_ref = known.order_ref;
  notice.body.broker = "B7";
  notice.body.commitment = known;
  host.ask<regular::RegisterOrderResponse>(notice, regular::kRegisterOrderMessage, kWalletAddress);
  host.pass(kHourMs);
  const auto first = bring(known), second = bring(unknown);
  Player broker = *host.directory.find("B7").player;
  broker.keys[0].withdrawn_from_ms = kNoon + kHourMs;
  host.directory.put(broker);
  // the Settlements that refuse them are of the same key; unreachability needs none
  const auto by_silence = [&](msg::HostCase brought) {
    brought.settlement.clear();
    brought.unreachable = msg::Unreachable{"2026-11-21T12:00:00Z", "2026-11-22T13:00:00Z", 9};
    return said(brought);
  };
  EXPECT_EQ(by_silence(first), "approve QP-OK");
  EXPECT_EQ(by_silence(second), "refused QP-E-KEY");
  host.directory.hide("B7", true);
  auto blind = second;
  blind.settlement.clear();
  EXPECT_EQ(said(blind), protocol::QP_E_BUSY);
  host.directory.hide("B7", false);
}

}  // namespace
}  // namespace quickpay::roles
