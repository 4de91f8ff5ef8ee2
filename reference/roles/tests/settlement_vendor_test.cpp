// The Vendor gets its money: claims, batches, what it believes of a Broker's answer, and cases before the Host.
#include <gtest/gtest.h>

#include <functional>

#include "reference/roles/role.hpp"
#include "reference/roles/settlement_money.hpp"
#include "reference/roles/settlement_vendor.hpp"
#include "reference/roles/tests/signed_single.hpp"

namespace quickpay::roles {
namespace {

constexpr auto& kSettle = batch::kSettleWithBrokerMessage;
constexpr auto& kDispute = batch::kSettleWithHostMessage;

struct SettlementVendor : testing::Test {
  Single vendor{signing(vendor_config())};
  SettlementVendor() { publish_keys(vendor); }

  /// A delivered order that micropayment hands over.
  void deliver(const std::string& order_id, std::int64_t amount = 125) {
    const msg::OrderRef ref = some_ref(order_id, amount);
    ledger::Record port{"port.claim", order_key(ref), "HANDED-OVER", {}, {}};
    keep(port, "OrderRef", msg::kOrderRefType, ref);
    const msg::Endorsement endorsement{"B7", std::string(32, 'e'), ref, "2026-11-22T12:00:00Z", "2026-11-22T12:02:00Z"};
    keep(port, "Endorsement", msg::kEndorsementType, endorsement);
    port.fields["commit_id"] = std::string(32, 'c');
    port.fields["committed_at"] = format_time(vendor.clock.now);
    port.fields["settle_by"] = format_time(vendor.clock.now + protocol::T_settle_default * 1000);
    port.fields["delivery_id"] = std::string(32, 'd');
    port.fields["delivered_at"] = format_time(vendor.clock.now);
    ASSERT_TRUE(vendor.ledger->begin_unit() && vendor.ledger->put(port) && vendor.ledger->end_unit());
    vendor.restart();  // what was handed over while nobody took it is taken now
  }
  std::string claim(const std::string& order_id) {
    return state_of(vendor, "vendor.claim", order_key(some_ref(order_id)));
  }
  /// Makes batches; the calls that go out.
  std::vector<OutgoingCall> settle() {
    const auto made = vendor.node->settle();
    vendor.flush();
    return made ? vendor.last.calls : std::vector<OutgoingCall>{};
  }
  OutgoingCall only_call() {
    EXPECT_EQ(vendor.last.calls.size(), 1u);
    return vendor.last.calls.empty() ? OutgoingCall{} : vendor.last.calls[0];
  }
  OutgoingCall batch_of(std::initializer_list<const char*> order_ids) {
    for (const char* id : order_ids) deliver(id);
    settle();
    return only_call();
  }

  static msg::Claim claim_in(const OutgoingCall& call) {
    return codec::read<batch::SettleWithBroker>(call.body, *kSettle.request)->body.claim;
  }
  static msg::HostCase case_in(const OutgoingCall& call) {
    return codec::read<batch::SettleWithHost>(call.body, *kDispute.request)->body.host_case;
  }
  /// The answer that accepts every item, or refuses it with its code.
  msg::Settlement settlement(const OutgoingCall& call, const std::map<std::string, std::string>& refused = {}) {
    const msg::Claim asked = claim_in(call);
    msg::Settlement made;
    made.broker = "B7";
    made.vendor = "V1001";
    made.batch_id = asked.batch_id;
    made.batch_digest = crypto::digest("batch-claim", "Claim", msg::kClaimType, &asked, "Sig");
    made.currency = asked.currency;
    for (const auto& item : asked.item) {
      const auto no = refused.find(item.order_ref.order_id);
      if (no == refused.end()) made.accepted.push_back({item.order_ref.order_id, item.order_ref.amount, 1});
      if (no != refused.end()) made.refused.push_back({item.order_ref.order_id, item.order_ref.digest, no->second, {}});
    }
    made.value_date = "2026-11-23T12:00:00Z";
    made.settled_at = "2026-11-22T12:00:00Z";
    EXPECT_TRUE(sum_up(made));
    sign(made);
    return made;
  }
  void answer(const OutgoingCall& call, const msg::Settlement& given) {
    batch::SettleWithBrokerResponse response;
    response.head = vendor.answer_head(call, "V1001");
    response.body.status = success();
    response.body.settlement = given;
    vendor.reply(call, response, kSettle);
  }
  void refuse(const OutgoingCall& call, std::string_view code, msg::Retry retry) {
    batch::SettleWithBrokerResponse response;
    response.head = vendor.answer_head(call, "V1001");
    response.body.status = refusal(code, retry);
    vendor.reply(call, response, kSettle);
  }
  /// Verdicts on all items alike.
  batch::SettleWithHostResponse verdicts(const OutgoingCall& call, msg::Ruling ruling, std::string_view code) {
    const msg::HostCase asked = case_in(call);
    batch::SettleWithHostResponse response;
    response.head = vendor.answer_head(call, "V1001");
    response.body.status = success();
    msg::Verdicts said{"H1", "V1001", "B7", asked.batch_id, {}, {}};
    msg::Approval approval{"H1", "V1001", "B7", asked.batch_id, {}, "2026-11-22T12:00:00Z", {}};
    for (const auto& item : asked.item) {
      const msg::OrderRef& ref = item.order_ref;
      said.verdict.push_back({ref.order_id, ref.digest, ruling, std::string(code), {}});
      if (ruling == msg::Ruling::pending) said.verdict.back().decide_by = format_time(vendor.clock.now + 3 * kDayMs);
      approval.approved.push_back({ref.order_id, ref.digest, ref.amount});
    }
    sign(said);
    sign(approval);
    response.body.verdicts = said;
    if (ruling == msg::Ruling::approve) response.body.approval = approval;
    return response;
  }
  void refuse_case(const OutgoingCall& call, std::string_view code) {
    batch::SettleWithHostResponse response;
    response.head = vendor.answer_head(call, "V1001");
    response.body.status = refusal(code, msg::Retry::no);
    vendor.reply(call, response, kDispute);
  }
  /// The case that follows from the Broker's refusal of one order.
  OutgoingCall dispute(const std::string& order_id, std::string_view code = protocol::QP_E_UNKNOWN_ORDER) {
    deliver(order_id);
    settle();
    const OutgoingCall call = only_call();
    answer(call, settlement(call, {{order_id, std::string(code)}}));
    return only_call();
  }
  /// A call that nobody answers until the Vendor gives up; what it does then.
  OutgoingCall nobody_answers(OutgoingCall call) {
    const std::string message = call.message;
    for (int tries = 0; tries < 2000 && call.message == message; ++tries) {
      vendor.give(call, {});
      for (int waits = 0; waits < 100 && vendor.last.calls.empty(); ++waits) vendor.pass(kHourMs / 4);
      call = only_call();
    }
    return call;
  }
};

// QP-BS-001, QP-BS-007, QP-BS-009: all that waits goes into one claim with one signature; the answer is taken in.
TEST_F(SettlementVendor, ClaimsAllInOneBatch) {
  for (const char* id : {"c", "a", "b"}) deliver(id);
  const auto before = vendor.node->crypto_counters();
  ASSERT_EQ(settle().size(), 1u);
  const OutgoingCall call = only_call();
  EXPECT_EQ(vendor.node->crypto_counters().rsa_signatures, before.rsa_signatures + 1);
  EXPECT_EQ(call.receiver, "B7");
  EXPECT_EQ(call.timeout_ms, protocol::T_call_batch_default * 1000);
  const msg::Claim asked = claim_in(call);
  EXPECT_TRUE(adds_up(asked));
  EXPECT_EQ(asked.count, 3);
  EXPECT_EQ(claim("a"), "CLAIMED");
  answer(call, settlement(call));
  EXPECT_EQ(vendor.node->crypto_counters().rsa_verifications, 1u);
  EXPECT_EQ(claim("a"), "SETTLED");
  const auto income = vendor.ledger->find(kIncomeMachine, "B7/USD");
  ASSERT_TRUE(income && *income);
  EXPECT_EQ(number(**income, "net"), 3 * 124);
  EXPECT_TRUE(vendor.last.calls.empty());
}

// QP-BS-005: nothing waits, or the last batch is too young.
TEST_F(SettlementVendor, RestsBetweenBatches) {
  EXPECT_TRUE(settle().empty());
  batch_of({"a"});
  deliver("b");
  vendor.pass(protocol::T_batchmin_default * 1000 - 1);
  EXPECT_TRUE(settle().empty());
  vendor.pass(1);
  EXPECT_EQ(settle().size(), 1u);
}

TEST_F(SettlementVendor, NeedsAKeyAndTheProtocol) {
  Single unkeyed{vendor_config()};
  EXPECT_EQ(unkeyed.node->settle().error().reason, "no-signing-key");
  auto config = signing(vendor_config());
  config.protocols = {"micropayment"};
  Single without{config};
  EXPECT_EQ(without.node->settle().error().reason, "not-served");
  Single broker{broker_config()};
  EXPECT_EQ(broker.node->settle().error().reason, "wrong-role");
  EXPECT_EQ(broker.node->withdraw("x").error().reason, "wrong-role");
}

struct Wrong {
  const char* name;
  std::function<void(msg::Settlement&)> spoil;
  bool sign_again = true;
};
const Wrong kWrong[] = {
    {"another batch", [](auto& s) { s.batch_id = std::string(32, '0'); }},
    {"another claim", [](auto& s) { s.batch_digest = std::string(64, '0'); }},
    {"another broker", [](auto& s) { s.broker = "B8"; }},
    {"another currency", [](auto& s) { s.currency = "EUR"; }},
    {"an item missing", [](auto& s) { s.accepted.pop_back(), sum_up(s); }},
    {"an item twice", [](auto& s) { s.accepted.push_back(s.accepted[0]), sum_up(s); }},
    {"an item accepted and refused", [](auto& s) { s.refused.push_back({"a", std::string(64, 'd'), "QP-E-MISMATCH", {}}); }},
    {"another amount", [](auto& s) { s.accepted[0].amount -= 1, sum_up(s); }},
    {"a refusal of another copy", [](auto& s) {
       s.refused.push_back({"a", std::string(64, '0'), "QP-E-MISMATCH", {}}), s.accepted.clear(), sum_up(s);
     }},
    {"a total that is too small", [](auto& s) { s.net_total -= 1; }},
    {"a prior debit that is not subtracted", [](auto& s) { s.prior_debit = 5; }},
    {"a change after signing", [](auto& s) { s.value_date = "2030-11-23T12:00:00Z"; }, false},
    {"a stranger's signature",
     [](auto& s) { sign_with(stranger_key(), "batch-settlement", "Settlement", msg::kSettlementType, s); }, false},
};

// QP-ADD-18, QP-ADD-24: whatever is wrong with the Broker's answer, it is kept as evidence and the same claim is sent again.
TEST_F(SettlementVendor, BelievesOnlyARightSettlement) {
  OutgoingCall call = batch_of({"a"});
  const std::string body = call.body;
  for (const Wrong& each : kWrong) {
    auto wrong = settlement(call);
    each.spoil(wrong);
    if (each.sign_again) sign(wrong);
    answer(call, wrong);
    EXPECT_EQ(claim("a"), "CLAIMED") << each.name;
    EXPECT_EQ(vendor.last.user.size(), 1u) << each.name;
    vendor.pass(kHourMs);
    ASSERT_EQ(vendor.last.calls.size(), 1u) << each.name;
    call = vendor.last.calls[0];
    EXPECT_EQ(call.body, body);
  }
  answer(call, settlement(call));
  EXPECT_EQ(claim("a"), "SETTLED");
}

// QP-ADD-01, QP-ADD-10, QP-BS-003: no answer, or never a right one, until the Broker counts as unreachable.
TEST_F(SettlementVendor, GoesToTheHostWhenTheBrokerIsUnreachable) {
  const OutgoingCall call = batch_of({"a", "b"});
  const std::int64_t began = vendor.clock.now;
  const OutgoingCall next = nobody_answers(call);
  ASSERT_EQ(next.message, "SettleWithHost");
  EXPECT_GE(vendor.clock.now - began, protocol::T_broker_default * 1000);
  const msg::HostCase brought = case_in(next);
  ASSERT_TRUE(brought.unreachable);
  EXPECT_GE(brought.unreachable->tries, protocol::N_broker_default);
  EXPECT_EQ(brought.unreachable->first_try, format_time(began));
  EXPECT_EQ(brought.item.size(), 2u);
  EXPECT_TRUE(brought.settlement.empty());
  EXPECT_EQ(claim("a"), "ARBITRATION");
}

// QP-BS-003: a key that has ended is no reason to end, nor to give a claim up; with a new one all goes on.
TEST_F(SettlementVendor, GoesToTheHostOnceItCanSignTheCase) {
  OutgoingCall call = batch_of({"a", "b"});
  vendor.restart_as(vendor_config());
  const auto refused = settlement(call, {{"b", "QP-E-AMOUNT"}});
  const std::int64_t ends = vendor.clock.now + 3 * protocol::T_broker_default * 1000;
  for (vendor.pass(kHourMs); vendor.clock.now < ends; vendor.pass(kHourMs)) {
    if (vendor.last.calls.empty()) continue;
    call = only_call();
    ASSERT_EQ(call.message, "SettleWithBroker");
    answer(call, refused);
    ASSERT_EQ(claim("b"), "CLAIMED");
  }
  vendor.restart_as(signing(vendor_config()));
  vendor.pass(kHourMs);
  EXPECT_EQ(nobody_answers(only_call()).message, "SettleWithHost");
  EXPECT_EQ(claim("b"), "ARBITRATION");
}

TEST_F(SettlementVendor, GoesToTheHostWhenTheBrokersAnswersAreNeverRight) {
  OutgoingCall call = batch_of({"a"});
  for (int tries = 0; tries < 1000 && call.message == "SettleWithBroker"; ++tries) {
    auto wrong = settlement(call);
    wrong.net_total += 1;
    sign(wrong);
    answer(call, wrong);
    if (vendor.last.calls.empty()) vendor.pass(kHourMs);
    call = only_call();
  }
  EXPECT_EQ(call.message, "SettleWithHost");
  EXPECT_EQ(claim("a"), "ARBITRATION");
}

// QP-BS-003, QP-BS-004, QP-BS-008: a refused item goes before the Host with the Settlement; the Approval comes back to the
// Broker with the next claim.
TEST_F(SettlementVendor, BringsTheApprovalToTheBroker) {
  const OutgoingCall call = batch_of({"a", "b"});
  const auto given = settlement(call, {{"a", std::string(protocol::QP_E_UNKNOWN_ORDER)}});
  answer(call, given);
  EXPECT_EQ(claim("a"), "ARBITRATION");
  EXPECT_EQ(claim("b"), "SETTLED");
  const OutgoingCall dispute = only_call();
  const msg::HostCase brought = case_in(dispute);
  EXPECT_EQ(brought.settlement, std::vector<msg::Settlement>{given});
  ASSERT_EQ(brought.item.size(), 1u);
  EXPECT_EQ(brought.item[0].delivery_id, std::string(32, 'd'));
  const auto said = verdicts(dispute, msg::Ruling::approve, protocol::QP_OK);
  vendor.reply(dispute, said, kDispute);
  EXPECT_EQ(claim("a"), "CLAIMABLE");
  vendor.pass(protocol::T_settle_default * 1000 + 2000);
  EXPECT_EQ(claim("a"), "CLAIMABLE");  // an approved order has no SettleBy any more
  settle();
  const OutgoingCall again = only_call();
  EXPECT_EQ(claim_in(again).approval, std::vector<msg::Approval>{*said.body.approval});
  answer(again, settlement(again, {{"a", std::string(protocol::QP_E_MISMATCH)}}));
  EXPECT_EQ(claim("a"), "LOST");  // the Broker breaks its contract; an alarm says so
  EXPECT_EQ(vendor.last.user.size(), 1u);
}

// QP-ADD-09: an order that is settled already needs no judge; a currency that fails is the operator's matter.
TEST_F(SettlementVendor, TakesRefusalsThatAreNotDenials) {
  const OutgoingCall call = batch_of({"a", "b"});
  answer(call, settlement(call, {{"a", std::string(protocol::QP_E_ALREADY_SETTLED)}, {"b", std::string(protocol::QP_E_CURRENCY)}}));
  EXPECT_EQ(claim("a"), "SETTLED");
  EXPECT_EQ(claim("b"), "CLAIMABLE");
  EXPECT_TRUE(vendor.last.calls.empty());
}

TEST_F(SettlementVendor, TakesBackWhatIsRefusedAsAWhole) {
  const OutgoingCall call = batch_of({"a"});
  refuse(call, protocol::QP_E_KEY, msg::Retry::no);
  EXPECT_EQ(claim("a"), "CLAIMABLE");
  EXPECT_EQ(vendor.last.user.size(), 1u);
  vendor.pass(protocol::T_batchmin_default * 1000);
  settle();
  EXPECT_NE(claim_in(only_call()).batch_id, claim_in(call).batch_id);
}

// QP-BS-010: rejected, turned down, settled meanwhile, or the case refused as a whole.
TEST_F(SettlementVendor, TakesTheHostsWord) {
  OutgoingCall call = dispute("a");
  vendor.reply(call, verdicts(call, msg::Ruling::reject, protocol::QP_E_NO_COMMIT), kDispute);
  EXPECT_EQ(claim("a"), "LOST");
  vendor.pass(kDayMs);
  call = dispute("b");
  vendor.reply(call, verdicts(call, msg::Ruling::refused, protocol::QP_E_ALREADY_SETTLED), kDispute);
  EXPECT_EQ(claim("b"), "SETTLED");
  vendor.pass(kDayMs);
  call = dispute("c");
  vendor.reply(call, verdicts(call, msg::Ruling::refused, protocol::QP_E_BROKER_FIRST), kDispute);
  EXPECT_EQ(claim("c"), "CLAIMABLE");
  vendor.pass(kDayMs);
  settle();
  call = only_call();
  answer(call, settlement(call, {{"c", std::string(protocol::QP_E_NO_COMMIT)}}));
  refuse_case(only_call(), protocol::QP_E_BROKER);
  EXPECT_EQ(claim("c"), "CLAIMABLE");
}

// QP-BS-010, QP-ADD-08: a pending order is asked about again when the Host has had to decide.
TEST_F(SettlementVendor, AsksAgainAtDecideBy) {
  const OutgoingCall call = dispute("a");
  vendor.reply(call, verdicts(call, msg::Ruling::pending, protocol::QP_E_PENDING), kDispute);
  EXPECT_EQ(claim("a"), "ARBITRATION");
  vendor.pass(3 * kDayMs);
  EXPECT_TRUE(vendor.last.calls.empty());
  vendor.pass(1000);
  const OutgoingCall again = only_call();
  EXPECT_NE(again.msg_id, call.msg_id);
  EXPECT_EQ(case_in(again), case_in(call));
  vendor.reply(again, verdicts(again, msg::Ruling::approve, protocol::QP_OK), kDispute);
  EXPECT_EQ(claim("a"), "CLAIMABLE");
}

// QP-ADD-18: verdicts and approvals that are not the Host's on this case.
TEST_F(SettlementVendor, BelievesOnlyTheHostsVerdicts) {
  OutgoingCall call = dispute("a");
  const std::function<void(batch::SettleWithHostResponse&)> spoil[] = {
      [](auto& r) { r.body.verdicts->batch_id = std::string(32, '0'), sign(*r.body.verdicts); },
      [](auto& r) { r.body.verdicts->verdict[0].digest = std::string(64, '0'), sign(*r.body.verdicts); },
      [](auto& r) { r.body.verdicts->verdict[0].code = "QP-E-X"; },
      [](auto& r) { r.body.approval.reset(); },
      [](auto& r) { r.body.approval->approved[0].amount += 1, sign(*r.body.approval); },
      [](auto& r) { r.body.approval->broker = "B8", sign(*r.body.approval); },
      [](auto& r) { r.body.approval->approved_at = "2026-11-22T12:00:01Z"; },
  };
  for (const auto& each : spoil) {
    auto wrong = verdicts(call, msg::Ruling::approve, protocol::QP_OK);
    each(wrong);
    vendor.reply(call, wrong, kDispute);
    EXPECT_EQ(claim("a"), "ARBITRATION");
    vendor.pass(kHourMs);
    call = only_call();
  }
  vendor.give(call, {});
  vendor.pass(kHourMs);
  call = only_call();
  vendor.reply(call, verdicts(call, msg::Ruling::approve, protocol::QP_OK), kDispute);
  EXPECT_EQ(claim("a"), "CLAIMABLE");
}

// QP-ADD-27: a claim that nobody took along is lost when the commitment's time has passed.
TEST_F(SettlementVendor, LosesAClaimThatWaitsTooLong) {
  deliver("a");
  vendor.pass(protocol::T_settle_default * 1000);
  EXPECT_EQ(claim("a"), "CLAIMABLE");
  vendor.pass(1000);
  EXPECT_EQ(claim("a"), "LOST");
  EXPECT_EQ(vendor.last.user.size(), 1u);
  EXPECT_TRUE(settle().empty());
}

TEST_F(SettlementVendor, GivesClaimsUp) {
  EXPECT_EQ(vendor.node->withdraw("a").error().reason, "unknown-order");
  deliver("a");
  ASSERT_TRUE(vendor.node->withdraw("a"));
  EXPECT_EQ(claim("a"), "WITHDRAWN");
  EXPECT_TRUE(settle().empty());
  dispute("b");
  ASSERT_TRUE(vendor.node->withdraw("b"));
  vendor.flush();
  EXPECT_EQ(claim("b"), "WITHDRAWN");
  const msg::HostCase brought = case_in(only_call());
  EXPECT_TRUE(brought.item.at(0).withdrawn);
  EXPECT_EQ(vendor.node->withdraw("b").error().reason, "out-of-state");
}

}  // namespace
}  // namespace quickpay::roles
