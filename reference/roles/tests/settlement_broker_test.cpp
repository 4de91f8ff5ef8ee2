// The Broker settles: each refusal of a batch and of an item, the one entry of an order, totals, payouts.
#include <gtest/gtest.h>

#include <functional>

#include "reference/roles/settlement_broker.hpp"
#include "reference/roles/settlement_money.hpp"
#include "reference/roles/tests/signed_single.hpp"

namespace quickpay::roles {
namespace {

constexpr auto& kSettle = batch::kSettleWithBrokerMessage;

NodeConfig settling_broker() {
  NodeConfig config = signing(broker_config());
  config.commission_bp = 150;
  config.max_batch = 3;
  return config;
}

struct SettlementBroker : testing::Test {
  Single broker{settling_broker()};
  SettlementBroker() { publish_keys(broker); }

  msg::Endorsement endorse(const msg::OrderRef& ref) {
    micro::InquiryPayment request;
    request.head = broker.head(kWallet, "B7");
    request.body.paycard = "P7";
    request.body.order_ref = ref;
    request.body.paycard_token = paycard::make_token(kSecret, {kWallet, "P7", request.head.msg_id, ref});
    return broker.ask<micro::InquiryPaymentResponse>(request, micro::kInquiryPaymentMessage, kWalletAddress)
        ->body.endorsement.value();
  }
  /// Commits the endorsed order; the CommitId.
  std::string check(const msg::Endorsement& endorsement) {
    micro::CheckCommit request;
    request.head = broker.head("V1001", "B7");
    request.body.endorsement_id = endorsement.endorsement_id;
    request.body.order_ref = endorsement.order_ref;
    return broker.ask<micro::CheckCommitResponse>(request, micro::kCheckCommitMessage, kVendorAddress)
        ->body.commit_id.value();
  }
  msg::ClaimItem commit(const std::string& order_id, std::int64_t amount = 125) {
    const msg::OrderRef ref = some_ref(order_id, amount);
    return {ref, check(endorse(ref)), {}};
  }

  msg::Claim claim(std::vector<msg::ClaimItem> items, std::vector<msg::Approval> approvals = {}) {
    msg::Claim made;
    made.batch_id = broker.fresh_id();
    made.vendor = "V1001";
    made.broker = "B7";
    made.currency = "USD";
    made.approval = std::move(approvals);
    made.item = std::move(items);
    made.count = static_cast<std::int64_t>(made.item.size());
    for (const auto& item : made.item) made.total += item.order_ref.amount;
    sign(made);
    return made;
  }
  batch::SettleWithBrokerResponse ask(const msg::Claim& claimed, const std::string& sender = "V1001",
                                      const std::string& address = kVendorAddress) {
    batch::SettleWithBroker request;
    request.head = broker.head(sender, "B7");
    request.body.claim = claimed;
    return broker.ask<batch::SettleWithBrokerResponse>(request, kSettle, address).value();
  }
  std::string code(const msg::Claim& claimed) { return ask(claimed).body.status.code; }
  msg::Settlement settle(const msg::Claim& claimed) { return ask(claimed).body.settlement.value(); }
  /// The code of the only item.
  std::string item_code(const msg::Claim& claimed) {
    const msg::Settlement settlement = settle(claimed);
    return settlement.refused.empty() ? "accepted" : settlement.refused.at(0).code;
  }

  std::int64_t value(std::string_view machine, std::string_view key, const std::string& name) {
    const auto record = broker.ledger->find(machine, key);
    return record && *record ? number(**record, name).value_or(0) : 0;
  }
  std::int64_t account(const std::string& name) { return value(kAccountMachine, "acc-1", name); }
  std::int64_t book(const std::string& name) { return value(kBookMachine, "USD", name); }
  std::string debt(const std::string& order_id) { return state_of(broker, "broker.debt", debt_key(msg::Kind::micro, "V1001", order_id)); }
  void put(const ledger::Record& record) {
    ASSERT_TRUE(broker.ledger->begin_unit() && broker.ledger->put(record) && broker.ledger->end_unit());
  }
};

// QP-BS-002, QP-BS-009, QP-SAFE-005: what was committed is accepted, signed once, and booked once.
TEST_F(SettlementBroker, SettlesWhatWasCommitted) {
  const auto claimed = claim({commit("a", 125), commit("b", 300)});
  EXPECT_EQ(debt("a"), "OWED");
  const auto before = broker.node->crypto_counters();
  const msg::Settlement settlement = settle(claimed);
  EXPECT_EQ(broker.node->crypto_counters().rsa_signatures, before.rsa_signatures + 1);
  EXPECT_EQ(broker.node->crypto_counters().rsa_verifications, before.rsa_verifications + 1);
  EXPECT_TRUE(settlement.refused.empty());
  EXPECT_EQ(settlement.accepted, (std::vector<msg::Accepted>{{"a", 125, 2}, {"b", 300, 4}}));  // 1.875 and 4.5, half to even
  EXPECT_EQ(settlement.net_total, 419);
  EXPECT_TRUE(adds_up(settlement));
  EXPECT_EQ(settlement.batch_digest, crypto::digest("batch-claim", "Claim", msg::kClaimType, &claimed, "Sig"));
  crypto::CryptoCounters counters;
  EXPECT_TRUE(crypto::verify_object(key_of("broker").public_key(), "batch-settlement", "Settlement", msg::kSettlementType,
                                    &settlement, settlement.sig.value, counters));
  EXPECT_EQ(debt("a"), "PAYABLE");
  EXPECT_EQ(account("owed"), 425);
  EXPECT_EQ(account("debited"), 425);
  EXPECT_EQ(book("debited"), 425);
  EXPECT_EQ(book("payable") + book("commission"), 425);
}

// QP-ROLE-019: what the Broker keeps of an order was agreed when it committed it.
TEST_F(SettlementBroker, KeepsOfAnOrderWhatItKeptWhenItCommitted) {
  const msg::ClaimItem before = commit("a", 200);
  NodeConfig dearer = settling_broker();
  dearer.commission_bp = 300;
  broker.restart_as(dearer);
  const msg::Settlement settlement = settle(claim({before, commit("b", 200)}));
  ASSERT_EQ(settlement.accepted.size(), 2u);
  EXPECT_EQ(settlement.accepted[0].commission, 3);
  EXPECT_EQ(settlement.accepted[1].commission, 6);
}

// QP-ADD-01, QP-ADD-09: the same claim gets the same bytes, with one signature, even under another MsgId.
TEST_F(SettlementBroker, AnswersTheSameClaimWithTheSameBytes) {
  const auto claimed = claim({commit("a")});
  const msg::Settlement first = settle(claimed);
  const auto signatures = broker.node->crypto_counters().rsa_signatures;
  broker.pass(kHourMs);
  broker.restart();
  EXPECT_EQ(settle(claimed), first);
  EXPECT_EQ(broker.node->crypto_counters().rsa_signatures, 0u);
  EXPECT_EQ(signatures, 1u);
  auto other = claimed;
  other.item[0].commit_id = std::string(32, '0');
  sign(other);
  EXPECT_EQ(code(other), protocol::QP_E_CONFLICT);
  EXPECT_EQ(book("debited"), 125);
}

/// A claim of one committed order, spoilt, and what it is refused with.
struct Spoilt {
  const char* name;
  std::function<void(msg::Claim&)> spoil;
  std::string_view code;
  bool sign_again = true;
};

const Spoilt kSpoilt[] = {
    {"another vendor", [](auto& c) { c.vendor = "V1002"; }, protocol::QP_E_FORBIDDEN},
    {"an item of another vendor", [](auto& c) { c.item[0].order_ref.vendor = "V1002"; }, protocol::QP_E_FORBIDDEN},
    {"another broker", [](auto& c) { c.broker = "B8"; }, protocol::QP_E_RECEIVER},
    {"an unknown key", [](auto& c) { sign_with(stranger_key(), "batch-claim", "Claim", msg::kClaimType, c); },
     protocol::QP_E_KEY, false},
    {"the Broker's key", [](auto& c) { sign_with(key_of("broker"), "batch-claim", "Claim", msg::kClaimType, c); },
     protocol::QP_E_KEY, false},
    {"another purpose", [](auto& c) { sign_with(key_of("vendor"), "host-case", "Claim", msg::kClaimType, c); },
     protocol::QP_E_SIGNATURE, false},
    {"a change after signing", [](auto& c) { c.total += 1; }, protocol::QP_E_SIGNATURE, false},
    {"a forged approval", [](auto& c) { c.approval = {approval_of(some_ref("a"))}, c.approval[0].approved[0].amount = 999; },
     protocol::QP_E_SIGNATURE},
    {"an approval by a stranger", [](auto& c) {
       c.approval = {approval_of(some_ref("a"))};
       sign_with(stranger_key(), "host-approval", "Approval", msg::kApprovalType, c.approval[0]);
     }, protocol::QP_E_KEY},
    {"an approval for another broker", [](auto& c) {
       c.approval = {approval_of(some_ref("a"))};
       c.approval[0].broker = "B8";
       sign(c.approval[0]);
     }, protocol::QP_E_MISMATCH},
    {"a wrong total", [](auto& c) { c.total += 1; }, protocol::QP_E_TOTAL},
    {"a wrong count", [](auto& c) { c.count += 1; }, protocol::QP_E_TOTAL},
    {"an item twice", [](auto& c) { c.item.push_back(c.item[0]), c.count = 2, c.total *= 2; }, protocol::QP_E_TOTAL},
    {"items out of order", [](auto& c) {
       c.item.insert(c.item.begin(), {some_ref("b"), std::string(32, '1'), {}}), c.count = 2, c.total *= 2;
     }, protocol::QP_E_TOTAL},
    {"too many items", [](auto& c) {
       for (const char* id : {"b", "c", "d"}) c.item.push_back({some_ref(id), std::string(32, '1'), {}});
       c.count = 4, c.total *= 4;
     }, protocol::QP_E_TOO_MANY},
    {"a currency that is not active", [](auto& c) { c.currency = "XYZ"; }, protocol::QP_E_CURRENCY},
};

// QP-BS-006, QP-BS-007, QP-ADD-18: every refusal of a batch, before it is settled and after, changes nothing.
TEST_F(SettlementBroker, RefusesABatchAsAWhole) {
  const auto right = claim({commit("a")});
  for (const bool settled : {false, true}) {
    if (settled) settle(right);
    for (const Spoilt& each : kSpoilt) {
      auto wrong = right;
      each.spoil(wrong);
      if (each.sign_again) sign(wrong);
      EXPECT_EQ(code(wrong), each.code) << each.name;
      EXPECT_EQ(debt("a"), settled ? "PAYABLE" : "OWED") << each.name;
      EXPECT_EQ(book("debited"), settled ? 125 : 0) << each.name;
    }
  }
}

// QP-SAFE-001: a Sender for whom somebody else signed.
TEST_F(SettlementBroker, RefusesAForeignSender) {
  const auto right = claim({commit("a")});
  EXPECT_EQ(ask(right, "V1002", "127.0.3.2").body.status.code, protocol::QP_E_FORBIDDEN);
}

// QP-BS-007, QP-ADD-09: each refusal of an item of an order that was never committed.
TEST_F(SettlementBroker, RefusesWhatWasNotCommitted) {
  EXPECT_EQ(item_code(claim({{some_ref("x"), std::string(32, 'c'), {}}})), protocol::QP_E_UNKNOWN_ORDER);
  const auto endorsement = endorse(some_ref("e"));
  EXPECT_EQ(item_code(claim({{some_ref("e", 126), std::string(32, 'c'), {}}})), protocol::QP_E_MISMATCH);
  EXPECT_EQ(item_code(claim({{some_ref("e"), std::string(32, 'c'), {}}})), protocol::QP_E_NO_COMMIT);
  auto foreign = some_ref("x");
  foreign.currency = "EUR";
  EXPECT_EQ(item_code(claim({{foreign, std::string(32, 'c'), {}}})), protocol::QP_E_CURRENCY);
  EXPECT_EQ(book("debited"), 0);
  EXPECT_EQ(debt("x"), "NONE");
  check(endorsement);
  EXPECT_EQ(debt("e"), "OWED");
}

// QP-ADD-09, QP-SAFE-004: each refusal of an item of an order that was committed, and that a second batch cannot settle.
TEST_F(SettlementBroker, SettlesAnOrderOnce) {
  const auto item = commit("a");
  auto foreign = item;
  foreign.order_ref.currency = "EUR";
  EXPECT_EQ(item_code(claim({foreign})), protocol::QP_E_CURRENCY);
  auto other_commit = item;
  other_commit.commit_id = std::string(32, '0');
  EXPECT_EQ(item_code(claim({other_commit})), protocol::QP_E_MISMATCH);
  const auto first = claim({item});
  EXPECT_EQ(item_code(first), "accepted");
  const msg::Settlement second = settle(claim({item}));
  EXPECT_EQ(second.refused.at(0).code, protocol::QP_E_ALREADY_SETTLED);
  EXPECT_EQ(second.refused.at(0).first_batch, first.batch_id);
  EXPECT_EQ(second.net_total, 0);
  EXPECT_EQ(item_code(claim({foreign})), protocol::QP_E_CURRENCY);
  EXPECT_EQ(item_code(claim({other_commit})), protocol::QP_E_MISMATCH);
  EXPECT_EQ(item_code(claim({item}, {approval_of(item.order_ref)})), protocol::QP_E_ALREADY_SETTLED);
  EXPECT_EQ(book("debited"), 125);
}

// QP-ADD-05, QP-ADD-27: the last second of SettleBy counts; then the commitment falls back, and the claim comes too late.
TEST_F(SettlementBroker, LetsGoWhatNobodyClaims) {
  const auto last = commit("a"), late = commit("b");
  broker.pass(protocol::T_settle_default * 1000);
  EXPECT_EQ(item_code(claim({last})), "accepted");
  broker.pass(1000);
  EXPECT_EQ(debt("b"), "UNCLAIMED");
  EXPECT_EQ(account("owed"), 125);
  EXPECT_EQ(item_code(claim({late})), protocol::QP_E_SETTLE_EXPIRED);
  auto wrong = late;
  wrong.commit_id = std::string(32, '0');
  EXPECT_EQ(item_code(claim({wrong})), protocol::QP_E_MISMATCH);
  wrong = late;
  wrong.order_ref.currency = "EUR";
  EXPECT_EQ(item_code(claim({wrong})), protocol::QP_E_CURRENCY);
  EXPECT_EQ(item_code(claim({late}, {approval_of(late.order_ref)})), "accepted");  // QP-BS-004
  EXPECT_EQ(account("owed"), 250);
}

// QP-ADD-05: outages that the Broker logged are added to SettleBy.
TEST_F(SettlementBroker, AddsItsOutages) {
  const auto item = commit("a");
  ASSERT_TRUE(broker.node->suspend());
  broker.flush();
  broker.pass(kDayMs);
  ASSERT_TRUE(broker.node->resume());
  broker.flush();
  broker.pass(protocol::T_settle_default * 1000 - kDayMs + 1000);
  EXPECT_EQ(debt("a"), "OWED");
  broker.pass(kDayMs - 1000);
  EXPECT_EQ(item_code(claim({item})), "accepted");
  const auto other = commit("b");
  broker.pass((protocol::T_settle_default + 1) * 1000);
  EXPECT_EQ(debt("b"), "UNCLAIMED");
}

// QP-BS-004, QP-ADD-09: an Approval makes payable what the Broker denies: at the account's cost where that is known and
// bears it, else at the Broker's own.
TEST_F(SettlementBroker, HonoursAnApproval) {
  const auto unknown = some_ref("x");
  EXPECT_EQ(item_code(claim({{unknown, std::string(32, 'c'), {}}}, {approval_of(unknown)})), "accepted");
  EXPECT_EQ(account("debited"), 0);
  EXPECT_EQ(book("debited"), 125);
  const auto endorsement = endorse(some_ref("e"));
  EXPECT_EQ(item_code(claim({{some_ref("e"), std::string(32, 'c'), {}}}, {approval_of(some_ref("e"))})), "accepted");
  EXPECT_EQ(account("debited"), 125);
  EXPECT_EQ(account("held"), 125);  // the endorsement is still alive
  check(endorsement);               // and commits, but nothing is owed twice
  EXPECT_EQ(debt("e"), "PAYABLE");
  EXPECT_EQ(account("owed"), 125);
  EXPECT_EQ(account("held"), 0);
  auto other_amount = some_ref("y");
  auto approval = approval_of(some_ref("y", 999));
  EXPECT_EQ(item_code(claim({{other_amount, std::string(32, 'c'), {}}}, {approval})), protocol::QP_E_UNKNOWN_ORDER);
}

// QP-SAFE-009: an approved order that the account cannot bear is the Broker's own loss.
TEST_F(SettlementBroker, KeepsTheLimitWhenItHonoursAnApproval) {
  const auto endorsement = endorse(some_ref("e", 600));
  EXPECT_EQ(item_code(claim({{some_ref("e", 600), std::string(32, 'c'), {}}}, {approval_of(some_ref("e", 600))})), "accepted");
  EXPECT_EQ(account("debited"), 0);
  EXPECT_EQ(account("held"), 600);
  EXPECT_EQ(book("debited"), 600);
}

// QP-ROLE-018, QP-SAFE-008: NetTotal leaves at ValueDate.
TEST_F(SettlementBroker, PaysOutAtTheValueDate) {
  const auto item = commit("a");
  const auto claimed = claim({item});
  const msg::Settlement settlement = settle(claimed);
  EXPECT_EQ(settlement.value_date, "2026-11-23T12:00:00Z");
  broker.pass(kDayMs);
  EXPECT_EQ(debt("a"), "PAYABLE");
  broker.pass(1000);
  EXPECT_EQ(debt("a"), "PAID");
  EXPECT_EQ(value(kPayoutMachine, "V1001/" + claimed.batch_id, "net"), settlement.net_total);
  EXPECT_EQ(item_code(claim({item})), protocol::QP_E_ALREADY_SETTLED);
  EXPECT_EQ(settle(claimed), settlement);
  for (const Spoilt& each : kSpoilt) {
    auto wrong = claimed;
    each.spoil(wrong);
    if (each.sign_again) sign(wrong);
    EXPECT_EQ(code(wrong), each.code) << each.name;
  }
}

// QP-ADD-24: what revokes left is deducted once; what it exceeds is carried into the next settlement.
TEST_F(SettlementBroker, CarriesDeductionsOver) {
  ledger::Record revoked{std::string(kDeductionMachine), "V1001/USD/old", "OPEN", {}, {}};
  revoked.fields["revoke_id"] = std::string(32, 'f');
  revoked.fields["order_id"] = "old";
  set_number(revoked, "amount", 300);
  set_number(revoked, "reversed", 4);
  set_number(revoked, "debited", 300);
  ledger::Record before{std::string(kBookMachine), "USD", "OPEN", {}, {}};  // after the old order was settled and refunded
  set_number(before, "debited", 300);
  set_number(before, "payable", 296);
  set_number(before, "commission", 4);
  set_number(before, "refunded", 300);
  set_number(before, "deducted", 296);
  set_number(before, "reversed", 4);
  put(revoked);
  put(before);
  const msg::Settlement first = settle(claim({commit("a", 125)}));
  EXPECT_EQ(first.deduction, (std::vector<msg::Deduction>{{std::string(32, 'f'), "old", 300, 4}}));
  EXPECT_EQ(first.net_total, 0);
  EXPECT_EQ(first.carried_debit, 296 - 123);
  const msg::Settlement second = settle(claim({commit("b", 500)}));
  EXPECT_TRUE(second.deduction.empty());
  EXPECT_EQ(second.prior_debit, 296 - 123);
  EXPECT_EQ(second.net_total, 500 - 8 - (296 - 123));
  EXPECT_EQ(book("debited") - book("refunded"),
            book("payable") - book("deducted") + book("commission") - book("reversed"));
}

// QP-ADD-18: without a key, or without a directory, nothing is settled and nothing is final.
TEST_F(SettlementBroker, NeedsAKeyAndADirectory) {
  const auto claimed = claim({commit("a")});
  broker.directory.hide("H1", true);
  auto approved = claimed;
  approved.approval = {approval_of(some_ref("a"))};
  sign(approved);
  EXPECT_EQ(code(approved), protocol::QP_E_BUSY);
  Single unkeyed{broker_config()};
  publish_keys(unkeyed);
  batch::SettleWithBroker request;
  request.head = unkeyed.head("V1001", "B7");
  request.body.claim = claimed;
  EXPECT_EQ(unkeyed.ask<batch::SettleWithBrokerResponse>(request, kSettle, kVendorAddress)->body.status.code,
            protocol::QP_E_INTERNAL);
}

}  // namespace
}  // namespace quickpay::roles
