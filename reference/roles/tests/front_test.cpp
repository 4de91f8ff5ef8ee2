// Steps 5 to 14 of the processing order, at a Broker (QP-ADD-20).
#include <gtest/gtest.h>

#include <functional>

#include "reference/roles/tests/single.hpp"

namespace quickpay::roles {
namespace {

constexpr auto& kInquiry = micro::kInquiryPaymentMessage;
constexpr auto& kCheck = micro::kCheckCommitMessage;

struct Front : testing::Test {
  Single broker{broker_config()};

  micro::InquiryPayment inquiry() {
    micro::InquiryPayment request;
    request.head = broker.head(kWallet, "B7");
    request.body.paycard = "P7";
    request.body.order_ref = some_ref();
    sign(request);
    return request;
  }
  void sign(micro::InquiryPayment& request) {
    const msg::Token token{request.head.sender.value_or(""), request.body.paycard, request.head.msg_id,
                           request.body.order_ref};
    request.body.paycard_token = paycard::make_token(kSecret, token);
  }
  std::string bytes(const micro::InquiryPayment& request) { return codec::write_document(*kInquiry.request, &request); }
  std::string code_of(std::string_view answer) {
    const auto read = codec::read<micro::InquiryPaymentResponse>(answer, *kInquiry.response);
    return read ? read->body.status.code : "unreadable";
  }
  std::string send(const micro::InquiryPayment& request, const std::string& address = kWalletAddress) {
    return code_of(broker.raw(kInquiry.path, bytes(request), address));
  }
};

// QP-ADD-20: what this player does not serve is refused before its body is looked at.
TEST_F(Front, RefusesWhatItDoesNotServe) {
  const std::string answer = broker.raw(micro::kGetOrderMessage.path, "not even XML", kWalletAddress);
  micro::GetOrderResponse read;
  ASSERT_TRUE(codec::read_document(answer, *micro::kGetOrderMessage.response, &read));
  EXPECT_EQ(read.body.status.code, protocol::QP_E_UNSUPPORTED);
  EXPECT_EQ(read.head.profile, msg::Profile::F);
  EXPECT_FALSE(read.head.receiver || read.head.in_reply_to);
}

TEST_F(Front, AnswersAnUnknownPathWith404) {
  broker.raw("/qp/1/micro/nothing", "", kWalletAddress, 7);
  ASSERT_EQ(broker.last.answers.size(), 1u);
  EXPECT_EQ(broker.last.answers[0].http_status, 404u);
}

// QP-TECH-012: outside the XML profile is XML, outside the tables is SCHEMA, and the root follows from the path.
TEST_F(Front, TellsBrokenXmlFromBrokenSchema) {
  std::string text = bytes(inquiry());
  EXPECT_EQ(code_of(broker.raw(kInquiry.path, text.substr(1), kWalletAddress)), protocol::QP_E_XML);
  micro::InquiryPayment wrong = inquiry();
  wrong.body.order_ref.kind = msg::Kind::regular;
  EXPECT_EQ(send(wrong), protocol::QP_E_SCHEMA);
  broker.raw(kCheck.path, text, kWalletAddress);
  micro::CheckCommitResponse read;
  ASSERT_TRUE(codec::read_document(broker.last.answers[0].body, *kCheck.response, &read));
  EXPECT_EQ(read.body.status.code, protocol::QP_E_SCHEMA);
}

struct Fault {
  std::string_view code;
  std::function<void(micro::InquiryPayment&, std::string& address)> make;
};

const Fault kFaults[] = {
    {protocol::QP_E_VERSION, [](auto& r, auto&) { r.head.version = std::string("2"); }},
    {protocol::QP_E_VERSION, [](auto& r, auto&) { r.head.host = std::string("H2"); }},
    {protocol::QP_E_PROFILE, [](auto& r, auto&) { r.head.profile = msg::Profile::H; }},
    {protocol::QP_E_PROFILE, [](auto& r, auto&) { r.auth = msg::Auth{{1, std::string(64, 'a')}}; }},
    {protocol::QP_E_RECEIVER, [](auto& r, auto&) { r.head.receiver = "B8"; }},
    {protocol::QP_E_FORBIDDEN, [](auto& r, auto&) { r.head.sender = "W" + std::string(32, '0'); }},
    {protocol::QP_E_FORBIDDEN, [](auto& r, auto&) { r.head.sender = "V1001"; }},
    {protocol::QP_E_FORBIDDEN, [](auto&, auto& address) { address = "127.0.4.2"; }},
    {protocol::QP_E_PAYCARD, [](auto& r, auto&) { r.body.paycard = "P9"; }},
};

// QP-ADD-20: each fault alone, and of any two the one that is checked first wins.
TEST_F(Front, ChecksInOneOrder) {
  for (std::size_t i = 0; i < std::size(kFaults); ++i) {
    for (std::size_t j = i; j < std::size(kFaults); ++j) {
      micro::InquiryPayment request = inquiry();
      std::string address = kWalletAddress;
      kFaults[j].make(request, address);
      kFaults[i].make(request, address);
      EXPECT_EQ(send(request, address), kFaults[i].code) << i << " with " << j;
    }
  }
  EXPECT_EQ(send(inquiry()), protocol::QP_OK);
}

// QP-ADD-15: checks up to the idempotency check change nothing.
TEST_F(Front, RefusalsLeaveNoTrace) {
  micro::InquiryPayment request = inquiry();
  request.head.receiver = "B8";
  EXPECT_EQ(send(request), protocol::QP_E_RECEIVER);
  request.head.receiver = "B7";
  sign(request);
  EXPECT_EQ(send(request), protocol::QP_OK) << "the refusal was remembered under this MsgId";
}

TEST_F(Front, IsBusyWhileNobodyCanSayWhoTheSenderIs) {
  broker.directory.hide(kWallet, true);
  EXPECT_EQ(send(inquiry()), protocol::QP_E_BUSY);
}

TEST_F(Front, TakesAMappedAddressForItsIpv4Address) {
  EXPECT_EQ(send(inquiry(), "::ffff:" + kWalletAddress), protocol::QP_OK);
}

// QP-MP-013: what profile F forbids is refused though the schema allows it.
TEST_F(Front, RefusesAReceiptWishInProfileF) {
  micro::CheckCommit check;
  check.head = broker.head("V1001", "B7");
  check.body.endorsement_id = broker.fresh_id();
  check.body.order_ref = some_ref();
  check.body.want_receipt = msg::Yes::yes;
  const auto answer = broker.ask<micro::CheckCommitResponse>(check, kCheck, kVendorAddress);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body.status.code, protocol::QP_E_PROFILE);
}

// QP-ADD-01: a repeat gets the same bytes, however its XML is spelled; other content under the MsgId is a conflict.
TEST_F(Front, RepeatsAFinalAnswer) {
  const micro::InquiryPayment request = inquiry();
  const std::string first = broker.raw(kInquiry.path, bytes(request), kWalletAddress);
  EXPECT_EQ(code_of(first), protocol::QP_OK);
  EXPECT_EQ(broker.raw(kInquiry.path, bytes(request), kWalletAddress), first);
  EXPECT_EQ(broker.raw(kInquiry.path, "\n" + bytes(request) + "\n", kWalletAddress), first);
  broker.restart();
  EXPECT_EQ(broker.raw(kInquiry.path, bytes(request), kWalletAddress), first);
  micro::InquiryPayment other = request;
  other.body.order_ref.amount += 1;
  sign(other);
  EXPECT_EQ(send(other), protocol::QP_E_CONFLICT);
  EXPECT_EQ(broker.raw(kInquiry.path, bytes(request), kWalletAddress), first);
}

// QP-ADD-01: an answer that says "ask the same again" is computed anew, but its MsgId stays bound to its content.
TEST_F(Front, ComputesATransientAnswerAnew) {
  const micro::InquiryPayment request = inquiry();
  broker.directory.hide("V1001", true);
  EXPECT_EQ(send(request), protocol::QP_E_BUSY);
  micro::InquiryPayment other = request;
  other.body.order_ref.amount += 1;
  sign(other);
  EXPECT_EQ(send(other), protocol::QP_E_CONFLICT);
  broker.directory.hide("V1001", false);
  EXPECT_EQ(send(request), protocol::QP_OK);
}

// QP-ADD-01: answers are remembered for T_answer, its last moment included.
TEST_F(Front, ForgetsAnAnswerAfterItsTime) {
  const micro::InquiryPayment request = inquiry();
  const std::string first = broker.raw(kInquiry.path, bytes(request), kWalletAddress);
  broker.pass(protocol::T_answer_default * 1000);
  EXPECT_EQ(broker.raw(kInquiry.path, bytes(request), kWalletAddress), first);
  broker.pass(60'001);
  EXPECT_NE(broker.raw(kInquiry.path, bytes(request), kWalletAddress), first);
}

// Twin: a front that leaves out the source check lets a stranger in.
struct NoSourceCheck : Deviation {
  bool skip_step(int step, std::string_view) override { return step == 12; }
};
TEST(FrontTwin, WithoutTheSourceCheckAStrangerGetsIn) {
  NoSourceCheck deviation;
  NodeConfig config = broker_config();
  config.deviation = &deviation;
  Single broker(config);
  micro::InquiryPayment request;
  request.head = broker.head(kWallet, "B7");
  request.body.paycard = "P9";
  request.body.order_ref = some_ref();
  request.body.paycard_token = "AAAA";
  const auto answer = broker.ask<micro::InquiryPaymentResponse>(request, kInquiry, "127.0.9.9");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body.status.code, protocol::QP_E_PAYCARD);
}

// A broken implementation may remember what came, also what is refused at once.
struct Listener : Deviation {
  void see_request(std::string_view path, std::string_view body) override {
    seen.emplace_back(path, body);
  }
  std::vector<std::pair<std::string, std::string>> seen;
};
TEST(FrontTwin, ADeviationSeesEveryRequestBeforeItIsProcessed) {
  Listener deviation;
  NodeConfig config = broker_config();
  config.deviation = &deviation;
  Single broker(config);
  broker.raw(kCheck.path, "not even XML", kVendorAddress);
  broker.raw(micro::kGetOrderMessage.path, "<x/>", kWalletAddress);
  const decltype(deviation.seen) all = {{std::string(kCheck.path), "not even XML"},
                                        {std::string(micro::kGetOrderMessage.path), "<x/>"}};
  EXPECT_EQ(deviation.seen, all);
}

}  // namespace
}  // namespace quickpay::roles
