// The Broker's rules: each refusal, holds, commitments, deadlines.
#include <gtest/gtest.h>

#include "reference/roles/broker.hpp"
#include "reference/roles/tests/single.hpp"

namespace quickpay::roles {
namespace {

constexpr auto& kInquiry = micro::kInquiryPaymentMessage;
constexpr auto& kCheck = micro::kCheckCommitMessage;
constexpr std::int64_t kCheckByMs = protocol::T_endorse_default * 1000;

struct BrokerTest : testing::Test {
  Single broker{broker_config()};

  micro::InquiryPayment inquiry(const msg::OrderRef& ref = some_ref()) {
    micro::InquiryPayment request;
    request.head = broker.head(kWallet, "B7");
    request.body.paycard = "P7";
    request.body.order_ref = ref;
    sign(request);
    return request;
  }
  void sign(micro::InquiryPayment& request, std::string_view secret = kSecret) {
    const msg::Token token{*request.head.sender, request.body.paycard, request.head.msg_id, request.body.order_ref};
    request.body.paycard_token = paycard::make_token(secret, token);
  }
  micro::InquiryPaymentResponse ask(const micro::InquiryPayment& request, const std::string& address = kWalletAddress) {
    return broker.ask<micro::InquiryPaymentResponse>(request, kInquiry, address).value();
  }
  std::string code(const micro::InquiryPayment& request, const std::string& address = kWalletAddress) {
    return ask(request, address).body.status.code;
  }
  micro::CheckCommit check(const msg::Endorsement& endorsement) {
    micro::CheckCommit request;
    request.head = broker.head("V1001", "B7");
    request.body.endorsement_id = endorsement.endorsement_id;
    request.body.order_ref = endorsement.order_ref;
    return request;
  }
  micro::CheckCommitResponse ask(const micro::CheckCommit& request, const std::string& address = kVendorAddress) {
    return broker.ask<micro::CheckCommitResponse>(request, kCheck, address).value();
  }
  std::string code(const micro::CheckCommit& request, const std::string& address = kVendorAddress) {
    return ask(request, address).body.status.code;
  }
  std::int64_t account(const std::string& what) {
    const auto record = broker.ledger->find(kAccountMachine, "acc-1");
    return record && *record ? number(**record, what).value_or(-1) : 0;
  }
  std::string state(const msg::OrderRef& ref = some_ref()) {
    const auto record = broker.ledger->find("broker.order", order_key(ref));
    return record && *record ? (*record)->state : "NONE";
  }
};

// QP-MP-007, QP-SAFE-009: the amount is held before the order is endorsed.
TEST_F(BrokerTest, HoldsAndEndorses) {
  const auto request = inquiry();
  const auto answer = ask(request);
  ASSERT_EQ(answer.body.status.code, protocol::QP_OK);
  EXPECT_EQ(answer.body.endorsement->broker, "B7");
  EXPECT_EQ(answer.body.endorsement->order_ref, some_ref());
  EXPECT_EQ(answer.body.endorsement->check_by, "2026-11-22T12:02:00Z");
  EXPECT_EQ(account("held"), 125);
  EXPECT_EQ(state(), "ENDORSED");
  const msg::Answer proof{request.head.msg_id, *answer.body.endorsement};
  EXPECT_TRUE(paycard::check_answer(kSecret, proof, *answer.body.paycard_answer));
}

// QP-PAY-005, QP-WAL-013: a Paycard that is not bound to the Sender, or blocked.
TEST_F(BrokerTest, RefusesAnUnboundPaycard) {
  auto request = inquiry();
  request.body.paycard = "P8";
  sign(request);
  EXPECT_EQ(code(request), protocol::QP_E_PAYCARD);
  ASSERT_TRUE(broker.node->block_paycard("P7"));
  EXPECT_EQ(code(inquiry()), protocol::QP_E_PAYCARD);
  ASSERT_TRUE(broker.node->block_paycard("P7", false));
  EXPECT_EQ(code(inquiry()), protocol::QP_OK);
}

// QP-ADD-11, QP-SAFE-011: a token of another secret, MsgId, order or Wallet.
TEST_F(BrokerTest, RefusesAWrongToken) {
  auto other_secret = inquiry();
  sign(other_secret, "another secret");
  EXPECT_EQ(code(other_secret), protocol::QP_E_FORBIDDEN);
  auto other_msg_id = inquiry();
  other_msg_id.head.msg_id = broker.fresh_id();
  EXPECT_EQ(code(other_msg_id), protocol::QP_E_FORBIDDEN);
  auto other_order = inquiry();
  other_order.body.order_ref.amount = 1;
  EXPECT_EQ(code(other_order), protocol::QP_E_FORBIDDEN);
  EXPECT_EQ(state(), "NONE");
  EXPECT_EQ(account("held"), 0);
}

TEST_F(BrokerTest, RefusesACurrencyThatIsNotActive) {
  auto ref = some_ref();
  ref.currency = "EUR";
  EXPECT_EQ(code(inquiry(ref)), protocol::QP_E_CURRENCY);
}

// QP-MP-019: who the Vendor is cannot be found out now, or the Vendor is unknown, or not accepted.
TEST_F(BrokerTest, RefusesAVendorItDoesNotKnow) {
  auto ref = some_ref();
  ref.vendor = "V9";
  EXPECT_EQ(code(inquiry(ref)), protocol::QP_E_VENDOR);
  ref.vendor = "V1002";
  broker.directory.hide("V1002", true);
  EXPECT_EQ(code(inquiry(ref)), protocol::QP_E_BUSY);
  broker.directory.hide("V1002", false);
  EXPECT_EQ(code(inquiry(ref)), protocol::QP_OK);
}

TEST(BrokerPolicy, Declines) {
  NodeConfig config = broker_config();
  config.decline_above = 100;
  Single broker(config);
  micro::InquiryPayment request;
  request.head = broker.head(kWallet, "B7");
  request.body.paycard = "P7";
  request.body.order_ref = some_ref();
  const msg::Token token{kWallet, "P7", request.head.msg_id, some_ref()};
  request.body.paycard_token = paycard::make_token(kSecret, token);
  const auto answer = broker.ask<micro::InquiryPaymentResponse>(request, kInquiry, kWalletAddress);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body.status.code, protocol::QP_E_DECLINED);
}

// QP-SAFE-009: inquiries beyond the limit are refused, whatever their order; a lapsed hold frees the amount.
TEST_F(BrokerTest, NeverHoldsMoreThanTheLimit) {
  int endorsed = 0;
  for (int i = 0; i < 12; ++i) {
    const std::string answer = code(inquiry(some_ref("order-" + std::to_string(i))));
    endorsed += answer == protocol::QP_OK;
    EXPECT_TRUE(answer == protocol::QP_OK || answer == protocol::QP_E_FUNDS);
  }
  EXPECT_EQ(endorsed, 8);
  EXPECT_EQ(account("held"), 1000);
  broker.pass(kCheckByMs + 1000);
  EXPECT_EQ(account("held"), 0);
  EXPECT_EQ(code(inquiry(some_ref("order-9"))), protocol::QP_OK);
}

TEST_F(BrokerTest, RefusesAnAmountThatDoesNotFit) {
  EXPECT_EQ(code(inquiry(some_ref("big", 999'999'999'999'999))), protocol::QP_E_FUNDS);
}

// QP-ADD-01, QP-SAFE-003: the same order again gives the same endorsement and no second hold.
TEST_F(BrokerTest, AnswersAKnownInquiryAlike) {
  const auto first = ask(inquiry()), second = ask(inquiry());
  EXPECT_EQ(first.body.endorsement, second.body.endorsement);
  EXPECT_EQ(account("held"), 125);
  auto other = some_ref();
  other.amount = 126;
  EXPECT_EQ(code(inquiry(other)), protocol::QP_E_CONFLICT);
  EXPECT_EQ(account("held"), 125);
}

// QP-MP-009, QP-ADD-05: commitment, notice and debt in one step; the same commitment ever after.
TEST_F(BrokerTest, CommitsOnce) {
  const auto endorsement = *ask(inquiry()).body.endorsement;
  const auto first = ask(check(endorsement));
  ASSERT_EQ(first.body.status.code, protocol::QP_OK);
  ASSERT_EQ(broker.last.calls.size(), 1u);
  EXPECT_EQ(broker.last.calls[0].message, "RegisterCommit");
  EXPECT_EQ(account("held"), 0);
  EXPECT_EQ(account("owed"), 125);
  const auto second = ask(check(endorsement));
  EXPECT_EQ(second.body.commit_id, first.body.commit_id);
  EXPECT_TRUE(broker.last.calls.empty());
  EXPECT_EQ(account("owed"), 125);
  const auto debt = broker.ledger->find("broker.debt", order_key(some_ref()));
  ASSERT_TRUE(debt && *debt);
  EXPECT_EQ((*debt)->state, "OWED");
}

// QP-SAFE-001, QP-SEC-001, QP-SEC-002, QP-ADD-03.
TEST_F(BrokerTest, RefusesToCommitWhatWasNotInquired) {
  auto unknown = check({"B7", broker.fresh_id(), some_ref(), "", ""});
  EXPECT_EQ(code(unknown), protocol::QP_E_UNKNOWN_ORDER);
  const auto endorsement = *ask(inquiry()).body.endorsement;
  auto other_id = check(endorsement);
  other_id.body.endorsement_id = broker.fresh_id();
  EXPECT_EQ(code(other_id), protocol::QP_E_MISMATCH);
  auto other_amount = check(endorsement);
  other_amount.body.order_ref.amount += 1;
  EXPECT_EQ(code(other_amount), protocol::QP_E_MISMATCH);
  auto other_vendor = check(endorsement);
  other_vendor.head = broker.head("V1002", "B7");
  EXPECT_EQ(code(other_vendor, "127.0.3.2"), protocol::QP_E_FORBIDDEN);
  EXPECT_EQ(state(), "ENDORSED");
  EXPECT_EQ(code(check(endorsement)), protocol::QP_OK);
}

// QP-ADD-27: CheckBy is in time to the end of its second; one second later the hold is gone.
TEST_F(BrokerTest, KeepsCheckByToItsLastMoment) {
  const auto in_time = *ask(inquiry()).body.endorsement;
  broker.clock.now = kNoon + kCheckByMs + 999;
  EXPECT_EQ(code(check(in_time)), protocol::QP_OK);
  broker.clock.now = kNoon;
  const auto late = *ask(inquiry(some_ref("late"))).body.endorsement;
  broker.clock.now = kNoon + kCheckByMs + 1000;
  EXPECT_EQ(code(check(late)), protocol::QP_E_ENDORSEMENT_EXPIRED) << "the due timer fires before the request";
  EXPECT_EQ(account("held"), 0);
}

// QP-ADD-01 (decision 0003): after a lapse a used MsgId holds nothing again, a fresh one does.
TEST_F(BrokerTest, HoldsAgainOnlyForAFreshMsgId) {
  const auto request = inquiry();
  const auto first = ask(request);
  broker.pass(kCheckByMs + 1000);
  EXPECT_EQ(state(), "LAPSED");
  broker.pass(protocol::T_answer_default * 1000 + 60'001);  // the answer cache has forgotten it
  const auto again = ask(request);
  EXPECT_EQ(again.body.endorsement, first.body.endorsement);
  EXPECT_EQ(state(), "LAPSED");
  EXPECT_EQ(account("held"), 0);
  const auto fresh = ask(inquiry());
  EXPECT_NE(fresh.body.endorsement, first.body.endorsement);
  EXPECT_EQ(account("held"), 125);
  EXPECT_EQ(code(check(*first.body.endorsement)), protocol::QP_E_MISMATCH);
}

// QP-ADD-20 (decision 0002): a known order is checked in the same order of faults, in every state.
TEST_F(BrokerTest, ChecksAKnownOrderInTheSameOrder) {
  const auto endorsed = *ask(inquiry()).body.endorsement;
  const auto check_faults = [&] {
    auto unbound = inquiry();
    unbound.body.paycard = "P9";
    EXPECT_EQ(code(unbound), protocol::QP_E_PAYCARD);
    auto forged = inquiry();
    sign(forged, "another secret");
    EXPECT_EQ(code(forged), protocol::QP_E_FORBIDDEN);
    auto ref = some_ref();
    ref.currency = "EUR";
    EXPECT_EQ(code(inquiry(ref)), protocol::QP_E_CURRENCY);
    ref = some_ref();
    ref.amount += 1;
    broker.directory.hide("V1001", true);
    EXPECT_EQ(code(inquiry(ref)), protocol::QP_E_BUSY);
    broker.directory.hide("V1001", false);
    broker.directory.put({"V1001", "vendor", "", {{kVendorAddress, 8080}}, {}, false});
    EXPECT_EQ(code(inquiry(ref)), protocol::QP_E_VENDOR);
    broker.directory.put({"V1001", "vendor", "", {{kVendorAddress, 8080}}, {}, true});
    EXPECT_EQ(code(inquiry(ref)), protocol::QP_E_CONFLICT);
    auto foreign = check(endorsed);
    foreign.head = broker.head("V1002", "B7");
    EXPECT_EQ(code(foreign, "127.0.3.2"), protocol::QP_E_FORBIDDEN);
    auto other = check(endorsed);
    other.body.order_ref.digest = std::string(64, 'e');
    EXPECT_EQ(code(other), protocol::QP_E_MISMATCH);
  };
  check_faults();
  broker.pass(kCheckByMs + 1000);
  ASSERT_EQ(state(), "LAPSED");
  check_faults();
  EXPECT_EQ(code(check(endorsed)), protocol::QP_E_ENDORSEMENT_EXPIRED);
  ASSERT_EQ(code(check(*ask(inquiry()).body.endorsement)), protocol::QP_OK);
  check_faults();
  auto stranger = check({"B7", broker.fresh_id(), some_ref("nothing"), "", ""});
  stranger.head = broker.head("V1002", "B7");
  EXPECT_EQ(code(stranger, "127.0.3.2"), protocol::QP_E_FORBIDDEN);
}

// QP-SAFE-009 (decision 0003): a lapsed order takes part in limits like a new one, and is not inquired for ever.
TEST_F(BrokerTest, LimitsALapsedOrder) {
  ASSERT_EQ(code(inquiry()), protocol::QP_OK);
  broker.pass(kCheckByMs + 1000);
  ASSERT_EQ(code(inquiry(some_ref("large", 900))), protocol::QP_OK);
  EXPECT_EQ(code(inquiry()), protocol::QP_E_FUNDS);
  broker.pass(kCheckByMs + 1000);
  for (std::size_t i = 1; i < kMaxMsgIds; ++i) ASSERT_EQ(code(inquiry()), protocol::QP_OK) << i;
  broker.pass(kCheckByMs + 1000);
  EXPECT_EQ(code(inquiry()), protocol::QP_E_DECLINED);
}

// QP-ADD-06: the notice is repeated, same bytes, until the Host has a final word.
TEST_F(BrokerTest, RepeatsTheNotice) {
  ask(check(*ask(inquiry()).body.endorsement));
  const OutgoingCall notice = broker.last.calls.at(0);
  broker.give(notice, {});
  EXPECT_TRUE(broker.last.calls.empty());
  broker.pass(1500);
  ASSERT_EQ(broker.last.calls.size(), 1u);
  EXPECT_EQ(broker.last.calls[0].body, notice.body);
  micro::RegisterCommitResponse done;
  done.head = broker.answer_head(notice, "B7");
  done.body.status = success();
  done.body.case_no = "1";
  done.body.registered_at = format_time(broker.clock.now);
  broker.reply(notice, done, micro::kRegisterCommitMessage);
  broker.pass(24 * 3'600'000);
  EXPECT_TRUE(broker.last.calls.empty());
}

}  // namespace
}  // namespace quickpay::roles
