// The Vendor's rules: each refusal, parked answers, doubt about the Broker's word, deadlines.
#include <gtest/gtest.h>

#include "reference/roles/tests/single.hpp"
#include "reference/crypto/encoding.hpp"

namespace quickpay::roles {
namespace {

constexpr auto& kGetOrder = micro::kGetOrderMessage;
constexpr auto& kDelivery = micro::kRequestOrderDeliveryMessage;
constexpr auto& kCheck = micro::kCheckCommitMessage;
const std::string kBuyerSecret(32, '7');

struct VendorTest : testing::Test {
  Single vendor{vendor_config()};

  micro::GetOrder get_order(const std::string& item = "item-1") {
    micro::GetOrder request;
    request.head = vendor.anonymous("V1001");
    request.body.item = item;
    const msg::Buyer buyer{kBuyerSecret};
    request.body.buyer_tag = crypto::digest("buyer", "Buyer", msg::kBuyerType, &buyer);
    return request;
  }
  micro::GetOrderResponse ask(const micro::GetOrder& request) {
    return vendor.ask<micro::GetOrderResponse>(request, kGetOrder, kWalletAddress).value();
  }
  msg::OrderRef order(const std::string& item = "item-1") {
    const auto offer = ask(get_order(item)).body.offer.value();
    const msg::Order& made = offer.order;
    return {made.kind,     made.vendor,  made.order_id, made.amount,
            made.currency, made.expires, crypto::digest("order", "Order", msg::kOrderType, &made)};
  }
  msg::Endorsement endorsement(const msg::OrderRef& ref, const std::string& broker = "B7") {
    return {broker, vendor.fresh_id(), ref, "2026-11-22T12:00:01Z", "2026-11-22T12:02:01Z"};
  }
  micro::RequestOrderDelivery delivery(const msg::Endorsement& endorsed) {
    micro::RequestOrderDelivery request;
    request.head = vendor.anonymous("V1001");
    request.body.endorsement = endorsed;
    request.body.buyer_secret = kBuyerSecret;
    return request;
  }
  /// The code of the answer, "parked" if there is none yet.
  std::string code(const micro::RequestOrderDelivery& request) {
    const auto answer = vendor.ask<micro::RequestOrderDeliveryResponse>(request, kDelivery, kWalletAddress);
    return answer ? answer->body.status.code : "parked";
  }
  std::string code_to(ConnectionToken connection) {
    const auto answer = vendor.answer_to<micro::RequestOrderDeliveryResponse>(connection, kDelivery);
    return answer ? answer->body.status.code : "parked";
  }
  micro::CheckCommitResponse yes(const OutgoingCall& call) {
    micro::CheckCommitResponse answer;
    answer.head = vendor.answer_head(call, "V1001");
    answer.body.status = success();
    answer.body.commit_id = std::string(32, 'c');
    answer.body.committed_at = "2026-11-22T12:00:02Z";
    answer.body.settle_by = "2026-12-22T12:00:02Z";
    return answer;
  }
  micro::CheckCommitResponse no(const OutgoingCall& call, std::string_view refused, msg::Retry retry) {
    micro::CheckCommitResponse answer;
    answer.head = vendor.answer_head(call, "V1001");
    answer.body.status = refusal(refused, retry);
    return answer;
  }
  std::string state(const msg::OrderRef& ref) {
    const auto record = vendor.ledger->find("vendor.order", "micro/V1001/" + ref.order_id);
    return record && *record ? (*record)->state : "NONE";
  }
};

// QP-MP-005, QP-ADD-02, QP-ADD-23: a complete order under a new OrderId.
TEST_F(VendorTest, OffersAnItem) {
  const auto first = ask(get_order()), second = ask(get_order());
  ASSERT_EQ(first.body.status.code, protocol::QP_OK);
  const msg::Order& made = first.body.offer->order;
  EXPECT_EQ(made.vendor, "V1001");
  EXPECT_EQ(made.amount, 125);
  EXPECT_EQ(made.expires, "2026-11-22T12:15:00Z");
  EXPECT_EQ(made.content_hash, crypto::sha256_hex("the goods"));
  const msg::Item item{first.body.offer->salt, first.body.offer->item_text};
  EXPECT_EQ(made.item_hash, crypto::digest("item", "Item", msg::kItemType, &item));
  EXPECT_NE(made.order_id, second.body.offer->order.order_id);
  EXPECT_NE(first.body.offer->salt, second.body.offer->salt);
  EXPECT_FALSE(first.head.receiver);
}

TEST_F(VendorTest, RefusesItemsAndBrokersItDoesNotHave) {
  EXPECT_EQ(ask(get_order("nothing")).body.status.code, protocol::QP_E_NO_ITEM);
  auto request = get_order();
  request.body.broker = "B8";
  EXPECT_EQ(ask(request).body.status.code, protocol::QP_E_BROKER);
  request = get_order();
  request.body.broker = "B7";
  EXPECT_EQ(ask(request).body.status.code, protocol::QP_OK);
}

// QP-MP-022, QP-ROLE-005, QP-SEC-005: the goods go out only after the Broker's yes, and with the notice to the Host.
TEST_F(VendorTest, DeliversAfterTheCommitment) {
  const auto ref = order();
  EXPECT_EQ(code(delivery(endorsement(ref))), "parked");
  const ConnectionToken waiting = vendor.next_connection - 1;
  ASSERT_EQ(vendor.last.calls.size(), 1u);
  const OutgoingCall call = vendor.last.calls[0];
  EXPECT_EQ(call.timeout_ms, protocol::T_call_check_default * 1000);
  const auto sent = codec::read<micro::CheckCommit>(call.body, *kCheck.request).value();
  EXPECT_EQ(sent.body.order_ref, ref);  // QP-ADD-03
  vendor.reply(call, yes(call), kCheck);
  const auto answer = vendor.answer_to<micro::RequestOrderDeliveryResponse>(waiting, kDelivery);
  ASSERT_TRUE(answer);
  EXPECT_EQ(crypto::base64_decode(answer->body.content->data), "the goods");
  ASSERT_EQ(vendor.last.calls.size(), 1u);
  EXPECT_EQ(vendor.last.calls[0].message, "RegisterDelivery");
  EXPECT_EQ(state(ref), "DELIVERED");
  const auto claim = vendor.ledger->find("vendor.claim", "micro/V1001/" + ref.order_id);
  ASSERT_TRUE(claim && *claim);
  EXPECT_EQ((*claim)->state, "CLAIMABLE");
  EXPECT_EQ(field(**claim, "broker"), "B7");
}

// QP-ADD-03, QP-SAFE-001: any field that differs, or a BuyerSecret that is not the one of the order.
TEST_F(VendorTest, RefusesAnOrderThatDiffers) {
  const auto ref = order();
  auto cheaper = ref;
  cheaper.amount = 1;
  EXPECT_EQ(code(delivery(endorsement(cheaper))), protocol::QP_E_MISMATCH);
  auto stranger = delivery(endorsement(ref));
  stranger.body.buyer_secret = std::string(32, '8');
  EXPECT_EQ(code(stranger), protocol::QP_E_MISMATCH);
  auto unknown = ref;
  unknown.order_id = "no-such-order";
  EXPECT_EQ(code(delivery(endorsement(unknown))), protocol::QP_E_UNKNOWN_ORDER);
  auto of_another = ref;
  of_another.vendor = "V1002";
  EXPECT_EQ(code(delivery(endorsement(of_another))), protocol::QP_E_UNKNOWN_ORDER);
}

TEST_F(VendorTest, RefusesABrokerItDoesNotAcceptOrCannotFind) {
  const auto ref = order();
  EXPECT_EQ(code(delivery(endorsement(ref, "B8"))), protocol::QP_E_BROKER);
  vendor.directory.hide("B7", true);
  const auto request = delivery(endorsement(ref));
  EXPECT_EQ(code(request), protocol::QP_E_BUSY);
  vendor.directory.hide("B7", false);
  EXPECT_EQ(code(request), "parked");
}

// QP-ADD-27: Expires counts while the order is only offered, its last second included.
TEST_F(VendorTest, KeepsExpiresToItsLastMoment) {
  const auto in_time = order(), late = order();
  vendor.clock.now = kNoon + protocol::T_order_default * 1000 + 999;
  EXPECT_EQ(code(delivery(endorsement(in_time))), "parked");
  vendor.clock.now = kNoon + protocol::T_order_default * 1000 + 1000;
  EXPECT_EQ(code(delivery(endorsement(late))), protocol::QP_E_ORDER_EXPIRED);
  EXPECT_EQ(state(late), "EXPIRED");
  const auto record = *vendor.ledger->find("vendor.order", "micro/V1001/" + late.order_id);
  EXPECT_TRUE(record->fields.empty());
}

// QP-MP-022: what the Broker refuses is passed on as the message maps it; the order can be tried again.
TEST_F(VendorTest, MapsTheBrokersRefusals) {
  const struct {
    std::string_view broker_says;
    msg::Retry retry;
    std::string_view wallet_hears;
  } cases[] = {
      {protocol::QP_E_UNKNOWN_ORDER, msg::Retry::same, protocol::QP_E_NOT_ENDORSED},
      {protocol::QP_E_MISMATCH, msg::Retry::no, protocol::QP_E_MISMATCH},
      {protocol::QP_E_ENDORSEMENT_EXPIRED, msg::Retry::new_, protocol::QP_E_ENDORSEMENT_EXPIRED},
      {protocol::QP_E_FORBIDDEN, msg::Retry::no, protocol::QP_E_BROKER_UNREACHABLE},
      {"QP-E-OF-TOMORROW", msg::Retry::new_, protocol::QP_E_BROKER_UNREACHABLE},
  };
  for (const auto& one : cases) {
    const auto ref = order();
    ASSERT_EQ(code(delivery(endorsement(ref))), "parked");
    const ConnectionToken waiting = vendor.next_connection - 1;
    const OutgoingCall call = vendor.last.calls.at(0);
    vendor.reply(call, no(call, one.broker_says, one.retry), kCheck);
    EXPECT_EQ(code_to(waiting), one.wallet_hears) << one.broker_says;
    EXPECT_EQ(state(ref), "OFFERED");
    EXPECT_EQ(code(delivery(endorsement(ref))), "parked");
  }
}

// QP-ADD-28: the Broker's yes is lost; the Vendor asks again and delivers when the Wallet returns.
TEST_F(VendorTest, SurvivesALostYes) {
  const auto ref = order();
  const auto endorsed = endorsement(ref);
  ASSERT_EQ(code(delivery(endorsed)), "parked");
  const ConnectionToken waiting = vendor.next_connection - 1;
  const OutgoingCall call = vendor.last.calls.at(0);
  vendor.give(call, {});
  EXPECT_EQ(code_to(waiting), protocol::QP_E_BROKER_UNREACHABLE);
  EXPECT_EQ(state(ref), "UNSURE");
  EXPECT_EQ(code(delivery(endorsement(ref))), protocol::QP_E_BUSY) << "another endorsement while one is in doubt";
  vendor.pass(1500);
  ASSERT_EQ(vendor.last.calls.size(), 1u);
  EXPECT_EQ(vendor.last.calls[0].body, call.body);
  vendor.reply(call, yes(call), kCheck);
  EXPECT_EQ(state(ref), "COMMITTED");
  EXPECT_TRUE(vendor.last.calls.empty()) << "nothing is claimed that was not delivered";
  EXPECT_EQ(code(delivery(endorsement(ref))), protocol::QP_E_CONFLICT);
  EXPECT_EQ(code(delivery(endorsed)), protocol::QP_OK);
  EXPECT_EQ(state(ref), "DELIVERED");
}

// QP-ADD-28: a Wallet that comes back while in doubt hurries the pending question.
TEST_F(VendorTest, HurriesWhenTheWalletReturns) {
  const auto ref = order();
  const auto endorsed = endorsement(ref);
  ASSERT_EQ(code(delivery(endorsed)), "parked");
  const OutgoingCall call = vendor.last.calls.at(0);
  vendor.give(call, {});
  ASSERT_EQ(code(delivery(endorsed)), "parked");
  const ConnectionToken waiting = vendor.next_connection - 1;
  ASSERT_EQ(vendor.last.calls.size(), 1u);
  EXPECT_EQ(vendor.last.calls[0].body, call.body);
  vendor.reply(call, yes(call), kCheck);
  EXPECT_EQ(code_to(waiting), protocol::QP_OK);
}

// QP-ADD-28, QP-ADD-27: in doubt until T_redeliver, then given up for ever.
TEST_F(VendorTest, GivesUpAfterItsTime) {
  const auto ref = order();
  const auto endorsed = endorsement(ref);
  ASSERT_EQ(code(delivery(endorsed)), "parked");
  const OutgoingCall call = vendor.last.calls.at(0);
  vendor.give(call, {});
  vendor.pass(protocol::T_redeliver_default * 1000);
  EXPECT_EQ(state(ref), "UNSURE");
  vendor.pass(1);
  EXPECT_EQ(state(ref), "ABANDONED");
  vendor.reply(call, yes(call), kCheck);
  EXPECT_EQ(state(ref), "ABANDONED");
  EXPECT_EQ(code(delivery(endorsed)), protocol::QP_E_ORDER_EXPIRED);
}

// QP-ADD-01: two connections with the same request, and another request of the same Wallet, get the same goods.
TEST_F(VendorTest, AnswersEverybodyWhoWaits) {
  const auto endorsed = endorsement(order());
  const auto request = delivery(endorsed);
  const std::string bytes = codec::write_document(*kDelivery.request, &request);
  vendor.raw(kDelivery.path, bytes, kWalletAddress, 501);
  const OutgoingCall call = vendor.last.calls.at(0);
  vendor.raw(kDelivery.path, bytes, kWalletAddress, 502);
  EXPECT_TRUE(vendor.last.calls.empty());
  const auto second = delivery(endorsed);
  vendor.raw(kDelivery.path, codec::write_document(*kDelivery.request, &second), kWalletAddress, 503);
  vendor.node->on_disconnect(501);
  vendor.reply(call, yes(call), kCheck);
  ASSERT_EQ(vendor.last.answers.size(), 2u);
  EXPECT_EQ(code_to(502), protocol::QP_OK);
  EXPECT_EQ(code_to(503), protocol::QP_OK);
  const std::string again = vendor.raw(kDelivery.path, bytes, kWalletAddress);
  EXPECT_FALSE(again.empty());
}

// QP-ADD-01: a restart between question and answer loses nothing: the retried request finds the goods.
TEST_F(VendorTest, AnswersAParkedRequestAfterARestart) {
  const auto request = delivery(endorsement(order()));
  ASSERT_EQ(code(request), "parked");
  const OutgoingCall call = vendor.last.calls.at(0);
  vendor.restart();
  vendor.pass(0);
  ASSERT_EQ(vendor.last.calls.size(), 1u);
  EXPECT_EQ(vendor.last.calls[0].body, call.body);
  vendor.reply(call, yes(call), kCheck);
  EXPECT_TRUE(vendor.last.answers.empty());
  EXPECT_EQ(code(request), protocol::QP_OK);
}

// QP-ADD-01, QP-MP-002, QP-ADD-27: delivered again until T_redeliver is over.
TEST_F(VendorTest, DeliversTheSameAgainForATime) {
  const auto endorsed = endorsement(order());
  ASSERT_EQ(code(delivery(endorsed)), "parked");
  const OutgoingCall call = vendor.last.calls.at(0);
  vendor.reply(call, yes(call), kCheck);
  EXPECT_EQ(code(delivery(endorsed)), protocol::QP_OK);
  EXPECT_EQ(code(delivery(endorsement(endorsed.order_ref))), protocol::QP_E_CONFLICT);
  vendor.clock.now += protocol::T_redeliver_default * 1000;
  EXPECT_EQ(code(delivery(endorsed)), protocol::QP_OK);
  vendor.clock.now += 1;
  EXPECT_EQ(code(delivery(endorsed)), protocol::QP_E_ORDER_EXPIRED);
}

TEST_F(VendorTest, HandsOutGoodsAgainstATicket) {
  const auto endorsed = endorsement(order("item-far"));
  ASSERT_EQ(code(delivery(endorsed)), "parked");
  const ConnectionToken waiting = vendor.next_connection - 1;
  const OutgoingCall call = vendor.last.calls.at(0);
  vendor.reply(call, yes(call), kCheck);
  const auto answer = vendor.answer_to<micro::RequestOrderDeliveryResponse>(waiting, kDelivery);
  ASSERT_TRUE(answer && answer->body.location);
  EXPECT_EQ(vendor.node->redeem(answer->body.location->ticket)->data, "far goods");
  EXPECT_FALSE(vendor.node->redeem("no ticket"));
  vendor.clock.now += protocol::T_redeliver_default * 1000 + 1000;
  EXPECT_FALSE(vendor.node->redeem(answer->body.location->ticket));
}

// QP-ADD-03: an order that differs is refused in every state; another endorsement waits its turn.
TEST_F(VendorTest, RefusesAnOrderThatDiffersInEveryState) {
  const auto ref = order();
  const auto endorsed = endorsement(ref);
  auto wrong = endorsed;
  wrong.order_ref.amount += 1;
  ASSERT_EQ(code(delivery(endorsed)), "parked");
  const OutgoingCall call = vendor.last.calls.at(0);
  EXPECT_EQ(code(delivery(wrong)), protocol::QP_E_MISMATCH);
  EXPECT_EQ(code(delivery(endorsement(ref))), protocol::QP_E_BUSY);
  vendor.give(call, {});
  ASSERT_EQ(state(ref), "UNSURE");
  EXPECT_EQ(code(delivery(wrong)), protocol::QP_E_MISMATCH);
  vendor.reply(call, yes(call), kCheck);
  ASSERT_EQ(state(ref), "COMMITTED");
  EXPECT_EQ(code(delivery(wrong)), protocol::QP_E_MISMATCH);
  ASSERT_EQ(code(delivery(endorsed)), protocol::QP_OK);
  EXPECT_EQ(code(delivery(wrong)), protocol::QP_E_MISMATCH);
}

// QP-MP-009: a Vendor whose policy needs a receipt, which profile F cannot give, keeps the commitment and asks again.
TEST_F(VendorTest, DoesNotDeliverWithoutTheReceiptItNeeds) {
  NodeConfig config = vendor_config();
  config.receipt_from = 100;
  vendor.node = std::make_unique<Node>(config, *vendor.ledger, vendor.clock, vendor.random, vendor.directory);
  const auto ref = order();
  const auto endorsed = endorsement(ref);
  ASSERT_EQ(code(delivery(endorsed)), "parked");
  const ConnectionToken waiting = vendor.next_connection - 1;
  const OutgoingCall call = vendor.last.calls.at(0);
  vendor.reply(call, yes(call), kCheck);
  EXPECT_EQ(code_to(waiting), protocol::QP_E_BROKER_UNREACHABLE);
  EXPECT_EQ(state(ref), "COMMITTED");
  EXPECT_EQ(code(delivery(endorsed)), "parked");
  EXPECT_NE(vendor.last.calls.at(0).msg_id, call.msg_id);
}

// Answers that are none: each is an unknown outcome, and the question is asked again.
TEST_F(VendorTest, TakesNothingElseForAnAnswer) {
  const auto ref = order();
  ASSERT_EQ(code(delivery(endorsement(ref))), "parked");
  const OutgoingCall call = vendor.last.calls.at(0);
  const auto good = yes(call);
  const auto bytes_of = [&](const auto& answer) { return codec::write_document(*kCheck.response, &answer); };
  const std::string media = "application/quickpay+xml";
  auto other_reply = good, other_sender = good, other_host = good, other_receiver = good, with_auth = good;
  other_reply.head.in_reply_to = vendor.fresh_id();
  other_sender.head.sender = "B8";
  other_host.head.host = std::string("H2");
  other_receiver.head.receiver = "V1002";
  with_auth.auth = msg::Auth{{1, std::string(64, 'a')}};
  const CallResult wrong[] = {{true, 500, media, bytes_of(good)},
                              {true, 200, "text/html", bytes_of(good)},
                              {true, 200, media, "<html/>"},
                              {true, 200, media, bytes_of(other_reply)},
                              {true, 200, media, bytes_of(other_sender)},
                              {true, 200, media, bytes_of(other_host)},
                              {true, 200, media, bytes_of(other_receiver)},
                              {true, 200, media, bytes_of(with_auth)},
                              {false, 200, media, bytes_of(good)}};
  for (const CallResult& result : wrong) {
    vendor.give(call, result);
    EXPECT_EQ(state(ref), "UNSURE");
    vendor.pass(600'000 / 16);
  }
  vendor.give(call, {true, 200, "Application/QuickPay+XML; charset=UTF-8", bytes_of(good)});
  EXPECT_EQ(state(ref), "COMMITTED");
}

}  // namespace
}  // namespace quickpay::roles
