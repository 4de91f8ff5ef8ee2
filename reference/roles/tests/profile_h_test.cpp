// Profile H: authenticated requests and answers, freshness, receipts of the Host.
#include <gtest/gtest.h>

#include "reference/crypto/encoding.hpp"
#include "reference/roles/shared_keys.hpp"
#include "reference/roles/tests/single.hpp"

namespace quickpay::roles {
namespace {

const std::string kHostKey(32, 'h');    // between Host and Broker
const std::string kVendorKey(32, 'v');  // between Host and Vendor
constexpr std::int64_t kSkewMs = protocol::T_skew_default * 1000;

NodeConfig in_h(NodeConfig config, std::vector<SharedKeyConfig> keys) {
  config.profile = "H";
  config.shared_keys = std::move(keys);
  return config;
}

/// Ends a request with the Auth that `key` makes.
template <class Request>
void seal(Request& request, const codec::MessageType& type, const EpochKey& key) {
  Document<Request> document;
  document.value = request;
  authenticate(*type.request, document, key);
  request.auth = document.value.auth;
}

template <class Response>
bool proven(const Response& response, const codec::MessageType& type, std::string_view key) {
  Document<Response> document;
  document.value = response;
  return authentic(*type.response, document, key);
}

struct BrokerInH : testing::Test {
  Single broker{in_h(broker_config(), {{"H1", 1, kHostKey, {}}})};
  const EpochKey pair{1, pair_key(kHostKey, "V1001", "B7", 1)};

  msg::Endorsement endorsed() {
    micro::InquiryPayment request;
    request.head = head(kWallet);
    request.body.paycard = "P7";
    request.body.order_ref = some_ref();
    const msg::Token token{kWallet, "P7", request.head.msg_id, request.body.order_ref};
    request.body.paycard_token = paycard::make_token(kSecret, token);
    return *broker.ask<micro::InquiryPaymentResponse>(request, micro::kInquiryPaymentMessage, kWalletAddress)
                ->body.endorsement;
  }
  msg::Head head(const std::string& sender) {
    msg::Head head = broker.head(sender, "B7");
    head.profile = msg::Profile::H;
    return head;
  }
  micro::CheckCommit check(bool wants_receipt = false) {
    const msg::Endorsement endorsement = endorsed();
    micro::CheckCommit request;
    request.head = head("V1001");
    request.body.endorsement_id = endorsement.endorsement_id;
    request.body.order_ref = endorsement.order_ref;
    if (wants_receipt) request.body.want_receipt = msg::Yes::yes;
    return request;
  }
  std::optional<micro::CheckCommitResponse> ask(const micro::CheckCommit& request,
                                                const std::string& address = kVendorAddress) {
    return broker.ask<micro::CheckCommitResponse>(request, micro::kCheckCommitMessage, address);
  }
  std::string code(const micro::CheckCommit& request) { return ask(request)->body.status.code; }
  /// The Host answers the first RegisterCommit of the last output.
  void host_answers(bool with_receipt) {
    const auto& calls = broker.last.calls;
    const auto call = std::find_if(calls.begin(), calls.end(), [](const auto& c) { return c.message == "RegisterCommit"; });
    ASSERT_NE(call, calls.end());
    const OutgoingCall sent = *call;
    Document<micro::RegisterCommitResponse> answer;
    answer.value.head = broker.answer_head(sent, "B7");
    answer.value.head.profile = msg::Profile::H;
    answer.value.body.status = success();
    answer.value.body.case_no = "1";
    answer.value.body.registered_at = "2026-11-22T12:00:00Z";
    if (with_receipt) answer.value.body.host_receipt = receipt;
    authenticate(*micro::kRegisterCommitMessage.response, answer, {1, kHostKey});
    broker.reply(sent, answer.value, micro::kRegisterCommitMessage);
  }
  msg::HostReceipt receipt{"H1", "V1001", "B7", "2026-000042", some_ref().digest, std::string(32, 'c'),
                           "2026-12-22T12:00:00Z", "2026-11-22T12:00:00Z", {1, std::string(64, '0')}};
};

// QP-ADD-21: a request is believed if the key of the pair made its Auth, and the answer proves itself likewise.
TEST_F(BrokerInH, BelievesAndProves) {
  auto request = check();
  seal(request, micro::kCheckCommitMessage, pair);
  const auto answer = ask(request, "127.0.9.9");  // the Auth stands for the address
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body.status.code, protocol::QP_OK);
  EXPECT_TRUE(proven(*answer, micro::kCheckCommitMessage, pair.key));
  EXPECT_FALSE(proven(*answer, micro::kCheckCommitMessage, kHostKey));
}

// QP-ADD-21: without the Auth, with a wrong one or an old request nothing happens.
TEST_F(BrokerInH, RefusesWhatIsNotProvenOrFresh) {
  auto request = check();
  EXPECT_EQ(code(request), protocol::QP_E_PROFILE);
  seal(request, micro::kCheckCommitMessage, {1, kHostKey});
  const auto refused = ask(request);
  EXPECT_EQ(refused->body.status.code, protocol::QP_E_FORBIDDEN);
  EXPECT_FALSE(refused->auth);
  seal(request, micro::kCheckCommitMessage, {2, pair.key});
  EXPECT_EQ(code(request), protocol::QP_E_FORBIDDEN);
  request.head.sent_at = format_time(broker.clock.now - kSkewMs - 2000);
  seal(request, micro::kCheckCommitMessage, pair);
  const auto stale = ask(request);
  EXPECT_EQ(stale->body.status.code, protocol::QP_E_STALE);
  EXPECT_TRUE(proven(*stale, micro::kCheckCommitMessage, pair.key));
  EXPECT_TRUE(broker.last.calls.empty());
}

// QP-ADD-22: a check that wants a receipt waits for the Host's answer and carries it.
TEST_F(BrokerInH, PassesTheReceiptOn) {
  auto request = check(true);
  seal(request, micro::kCheckCommitMessage, pair);
  EXPECT_FALSE(ask(request));  // it waits
  const ConnectionToken waiting = broker.next_connection - 1;
  host_answers(true);
  const auto answer = broker.answer_to<micro::CheckCommitResponse>(waiting, micro::kCheckCommitMessage);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body.host_receipt, receipt);
  EXPECT_TRUE(proven(*answer, micro::kCheckCommitMessage, pair.key));
}

// QP-PERF-007: when T_receipt is over the answer goes without a receipt; a later check has it, or waits again.
TEST_F(BrokerInH, WaitsNoLongerThanTReceipt) {
  auto request = check(true);
  seal(request, micro::kCheckCommitMessage, pair);
  EXPECT_FALSE(ask(request));
  const ConnectionToken first = broker.next_connection - 1;
  broker.pass(protocol::T_receipt_default * 1000 + 1);
  const auto bare = broker.answer_to<micro::CheckCommitResponse>(first, micro::kCheckCommitMessage);
  ASSERT_TRUE(bare);
  EXPECT_EQ(bare->body.status.code, protocol::QP_OK);
  EXPECT_FALSE(bare->body.host_receipt);
  request.head = head("V1001");
  seal(request, micro::kCheckCommitMessage, pair);
  EXPECT_FALSE(ask(request));
  const ConnectionToken second = broker.next_connection - 1;
  broker.pass(protocol::T_call_default * 1000 + 10'000);  // the notice is sent again meanwhile
  EXPECT_TRUE(broker.answer_to<micro::CheckCommitResponse>(second, micro::kCheckCommitMessage));
}

// QP-ADD-06, QP-ADD-21: a notice that the Host finds stale is written anew at once; the machine never hears of it.
TEST_F(BrokerInH, RenewsWhatHasGrownOld) {
  auto request = check();
  seal(request, micro::kCheckCommitMessage, pair);
  ASSERT_TRUE(ask(request));
  ASSERT_FALSE(broker.last.calls.empty());
  const OutgoingCall first = broker.last.calls.front();
  const auto stale = [&](const OutgoingCall& call) {
    Document<micro::RegisterCommitResponse> answer;
    answer.value.head = broker.answer_head(call, "B7");
    answer.value.head.profile = msg::Profile::H;
    answer.value.body.status = refusal(protocol::QP_E_STALE, msg::Retry::new_);
    authenticate(*micro::kRegisterCommitMessage.response, answer, {1, kHostKey});
    broker.reply(call, answer.value, micro::kRegisterCommitMessage);
  };
  broker.clock.now += kSkewMs + 60'000;
  stale(first);
  ASSERT_EQ(broker.last.calls.size(), 1u);
  const OutgoingCall second = broker.last.calls.front();
  EXPECT_EQ(second.message, "RegisterCommit");
  EXPECT_NE(second.msg_id, first.msg_id);
  stale(second);  // young and stale: two clocks differ, and there is a pause
  EXPECT_TRUE(broker.last.calls.empty());
  ASSERT_EQ(broker.last.user.size(), 1u);
  EXPECT_EQ(broker.last.user.front().text, "clocks-differ");
}

// QP-ADD-21: an epoch is good until its end; the last one that is good is used.
TEST(SharedKeysTest, EpochsEnd) {
  NodeConfig config;
  config.role = "vendor";
  config.shared_keys = {{"H1", 1, "old", 1000}, {"H1", 2, "new", {}}};
  const SharedKeys keys(config);
  EXPECT_EQ(keys.find("H1", 1, 1000), "old");
  EXPECT_FALSE(keys.find("H1", 1, 1001));
  EXPECT_EQ(keys.current("H1", 0)->epoch, 2);
  EXPECT_FALSE(keys.current("B7", 0));
}

// QP-ADD-21: the check value of the pair key in docs/protocol.md.
TEST(SharedKeysTest, PairKey) {
  std::string key;
  for (int i = 0; i < 32; ++i) key.push_back(static_cast<char>(i));
  const std::string made = pair_key(key, "V1001", "B7", 1);
  EXPECT_EQ(crypto::to_hex(made), "16ee8fa38bc4645e465ad7169fc079dc45cc3be336d16874a7b0d6c950262cb9");
}

struct VendorInH : testing::Test {
  const std::string pair = std::string(32, 'p');
  static NodeConfig config(const std::string& pair) {
    NodeConfig config = in_h(vendor_config(), {{"H1", 1, kVendorKey, {}}, {"B7", 1, pair, {}}});
    config.receipt_from = 1;
    return config;
  }
  Single vendor{config(pair)};

  /// An order that B7 endorsed and a Wallet asks for: the CheckCommit that goes out.
  OutgoingCall asked() {
    micro::GetOrder get;
    get.head = vendor.anonymous("V1001");
    get.head.profile = msg::Profile::H;
    get.body.item = vendor_config().items.front().item;
    const msg::Buyer buyer{vendor.fresh_id()};
    get.body.buyer_tag = crypto::digest("buyer", "Buyer", msg::kBuyerType, &buyer);
    const auto offer = vendor.ask<micro::GetOrderResponse>(get, micro::kGetOrderMessage, kWalletAddress);
    const msg::Order order = offer->body.offer->order;
    ref = {order.kind,     order.vendor,  order.order_id, order.amount,
           order.currency, order.expires, crypto::digest("order", "Order", msg::kOrderType, &order)};
    micro::RequestOrderDelivery delivery;
    delivery.head = vendor.anonymous("V1001");
    delivery.head.profile = msg::Profile::H;
    delivery.body.endorsement = {"B7", vendor.fresh_id(), ref, "2026-11-22T12:00:00Z", "2026-11-22T12:02:00Z"};
    delivery.body.buyer_secret = buyer.buyer_secret;
    vendor.ask<micro::RequestOrderDeliveryResponse>(delivery, micro::kRequestOrderDeliveryMessage, kWalletAddress);
    waiting = vendor.next_connection - 1;
    return vendor.last.calls.front();
  }
  msg::HostReceipt receipt_of(const std::string& key) {
    msg::HostReceipt receipt{"H1", "V1001", "B7", ref.order_id, ref.digest, std::string(32, 'c'),
                             "2026-12-22T12:00:00Z", "2026-11-22T12:00:00Z", {}};
    receipt.mac = receipt_mac(receipt, {1, key});
    return receipt;
  }
  void broker_says_yes(const OutgoingCall& call, std::optional<msg::HostReceipt> receipt) {
    Document<micro::CheckCommitResponse> answer;
    answer.value.head = vendor.answer_head(call, "V1001");
    answer.value.head.profile = msg::Profile::H;
    answer.value.body.status = success();
    answer.value.body.commit_id = std::string(32, 'c');
    answer.value.body.committed_at = "2026-11-22T12:00:00Z";
    answer.value.body.settle_by = "2026-12-22T12:00:00Z";
    answer.value.body.host_receipt = std::move(receipt);
    authenticate(*micro::kCheckCommitMessage.response, answer, {1, pair});
    vendor.reply(call, answer.value, micro::kCheckCommitMessage);
  }
  std::string outcome() {
    const auto answer = vendor.answer_to<micro::RequestOrderDeliveryResponse>(waiting, micro::kRequestOrderDeliveryMessage);
    return answer ? answer->body.status.code : "nothing";
  }
  msg::OrderRef ref;
  ConnectionToken waiting = 0;
};

// QP-ADD-22: whose policy needs a receipt delivers with the Host's word, and not without.
TEST_F(VendorInH, DeliversWithReceipt) {
  const OutgoingCall call = asked();
  EXPECT_NE(call.body.find("<WantReceipt>yes</WantReceipt>"), std::string::npos);
  broker_says_yes(call, receipt_of(kVendorKey));
  EXPECT_EQ(outcome(), protocol::QP_OK);
}
TEST_F(VendorInH, KeepsTheGoodsWithoutReceipt) {
  broker_says_yes(asked(), std::nullopt);
  EXPECT_EQ(outcome(), protocol::QP_E_BROKER_UNREACHABLE);
}
TEST_F(VendorInH, KeepsTheGoodsWithAForgedReceipt) {
  const OutgoingCall call = asked();
  broker_says_yes(call, receipt_of(pair));  // made by the Broker itself
  EXPECT_EQ(outcome(), protocol::QP_E_BROKER_UNREACHABLE);
}
TEST_F(VendorInH, KeepsTheGoodsWithTheReceiptOfAnotherOrder) {
  const OutgoingCall call = asked();
  ref.order_id = "another";
  broker_says_yes(call, receipt_of(kVendorKey));
  EXPECT_EQ(outcome(), protocol::QP_E_BROKER_UNREACHABLE);
}

}  // namespace
}  // namespace quickpay::roles
