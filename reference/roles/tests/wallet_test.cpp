// The Wallet's rules: what it sends, what it believes, what it asks its user.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <functional>

#include "reference/crypto/encoding.hpp"
#include "reference/roles/tests/single.hpp"
#include "reference/roles/wallet.hpp"

namespace quickpay::roles {
namespace {

constexpr auto& kGetOrder = micro::kGetOrderMessage;
constexpr auto& kInquiry = micro::kInquiryPaymentMessage;
constexpr auto& kDelivery = micro::kRequestOrderDeliveryMessage;

struct WalletTest : testing::Test {
  Single wallet{wallet_config()};
  std::string order;
  std::string digest;
  msg::Endorsement endorsed;

  template <class Request>
  Request read(const OutgoingCall& call, const codec::MessageType& type) {
    return codec::read<Request>(call.body, *type.request).value();
  }
  OutgoingCall open() {
    order = *wallet.node->open_link("V1001", "item-1");
    wallet.flush();
    return wallet.last.calls.at(0);
  }
  micro::GetOrderResponse offer(const OutgoingCall& call, const std::string& goods = "the goods") {
    const auto asked = read<micro::GetOrder>(call, kGetOrder);
    const msg::Item item{std::string(32, '5'), "Article 4711"};
    micro::GetOrderResponse answer;
    answer.head = wallet.answer_head(call, "");
    answer.body.status = success();
    msg::Order made;
    made.vendor = "V1001";
    made.order_id = "order-1";
    made.amount = 125;
    made.currency = "USD";
    made.created = format_time(wallet.clock.now);
    made.expires = format_time(wallet.clock.now + 900'000);
    made.item_hash = crypto::digest("item", "Item", msg::kItemType, &item);
    made.buyer_tag = asked.body.buyer_tag;
    made.content_hash = crypto::sha256_hex(goods);
    answer.body.offer = msg::Offer{made, item.item_text, item.salt};
    return answer;
  }
  std::string state() { return (*wallet.ledger->find("wallet.order", order))->state; }
  bool told(std::string_view kind, std::string_view text = {}) {
    for (const UserEvent& event : wallet.last.user) {
      if (event.kind == kind && (text.empty() || event.text == text)) return true;
    }
    return false;
  }
  void to_offered() {
    const OutgoingCall call = open();
    wallet.reply(call, offer(call), kGetOrder);
    digest = wallet.last.user.at(0).details.at("digest");
  }
  OutgoingCall to_inquiring() {
    to_offered();
    return confirm();
  }
  OutgoingCall confirm() {
    EXPECT_TRUE(wallet.node->confirm(order, digest));
    wallet.flush();
    return wallet.last.calls.at(0);
  }
  micro::InquiryPaymentResponse endorsement(const OutgoingCall& call) {
    micro::InquiryPaymentResponse answer;
    answer.head = wallet.answer_head(call, kWallet);
    answer.body.status = success();
    answer.body.endorsement = msg::Endorsement{
        "B7", std::string(32, 'e'), read<micro::InquiryPayment>(call, kInquiry).body.order_ref, "2026-11-22T12:00:01Z",
        "2026-11-22T12:02:01Z"};
    return answer;
  }
  OutgoingCall to_endorsed() {
    const OutgoingCall call = to_inquiring();
    wallet.reply(call, endorsement(call), kInquiry);
    return wallet.last.calls.at(0);
  }
  micro::RequestOrderDeliveryResponse goods(const OutgoingCall& call, const std::string& data = "the goods") {
    micro::RequestOrderDeliveryResponse answer;
    answer.head = wallet.answer_head(call, "");
    answer.body.status = success();
    answer.body.delivery_id = std::string(32, 'd');
    answer.body.delivered_at = "2026-11-22T12:00:03Z";
    answer.body.content = msg::Content{"text/plain", crypto::base64_encode(data)};
    return answer;
  }
  template <class Response>
  Response refused(Response answer, std::string_view code, msg::Retry retry) {
    answer.body = {};
    answer.body.status = refusal(code, retry);
    return answer;
  }
};

// QP-ADD-14: no entry of the Vendor, no request.
TEST_F(WalletTest, AsksOnlyAVendorThatTheDirectoryLists) {
  const auto opened = wallet.node->open_link("V9", "item-1");
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().reason, "vendor-unknown");
  wallet.flush();
  EXPECT_TRUE(wallet.last.calls.empty());
  EXPECT_FALSE(wallet.node->open_link("B7", "item-1"));
}

// QP-ADD-12, QP-ANON-010: nothing in two requests to a Vendor recurs but what is asked for.
TEST_F(WalletTest, SendsAVendorNothingThatRecurs) {
  const auto first = read<micro::GetOrder>(open(), kGetOrder), second = read<micro::GetOrder>(open(), kGetOrder);
  EXPECT_NE(first.body.buyer_tag, second.body.buyer_tag);
  EXPECT_NE(first.head.msg_id, second.head.msg_id);
  EXPECT_FALSE(first.head.sender || first.head.sent_at);
}

// QP-SAFE-002, QP-ADD-14, QP-ADD-02: each check of an offer.
TEST_F(WalletTest, RefusesAnOfferThatIsWrong) {
  using Spoil = std::function<void(msg::Offer&)>;
  const Spoil spoils[] = {
      [](auto& o) { o.order.kind = msg::Kind::regular; },
      [](auto& o) { o.order.vendor = "V1002"; },
      [](auto& o) { o.order.buyer_tag = std::string(64, '0'); },
      [](auto& o) { o.order.item_hash = std::string(64, '0'); },
      [](auto& o) { o.item_text = "Article 4712"; },
      [](auto& o) { o.salt = std::string(32, '6'); },
      [](auto& o) { o.order.currency = "EUR"; },
      [](auto& o) { o.order.expires = o.order.created; },
      [](auto& o) { o.order.expires = "2026-11-23T12:00:01Z"; },
  };
  for (const Spoil& spoil : spoils) {
    const OutgoingCall call = open();
    auto answer = offer(call);
    spoil(*answer.body.offer);
    wallet.reply(call, answer, kGetOrder);
    EXPECT_EQ(state(), "FAILED") << &spoil - spoils;
    EXPECT_TRUE(told("tell", "offer-wrong") && told("alarm") && told("done", "FAILED"));
  }
  OutgoingCall call = open();
  auto longest = offer(call);
  longest.body.offer->order.expires = "2026-11-23T12:00:00Z";
  wallet.reply(call, longest, kGetOrder);
  EXPECT_EQ(state(), "OFFERED");
  call = open();
  wallet.reply(call, offer(call), kGetOrder);
  EXPECT_EQ(state(), "FAILED") << "the OrderId was seen before (QP-ADD-23)";
}

TEST_F(WalletTest, ShowsWhatItWillConfirm) {
  to_offered();
  const UserEvent& shown = wallet.last.user.at(0);
  EXPECT_EQ(shown.kind, "offer");
  EXPECT_EQ(shown.details.at("amount"), "125");
  EXPECT_EQ(shown.details.at("vendor"), "V1001");
  EXPECT_EQ(shown.details.at("item_text"), "Article 4711");
  EXPECT_EQ(shown.details.at("paycard"), "P7");
}

TEST_F(WalletTest, StopsAskingAfterItsTime) {
  open();
  wallet.pass(protocol::T_ask_default * 1000);
  EXPECT_EQ(state(), "ASKED");
  wallet.pass(1);
  EXPECT_EQ(state(), "FAILED");
  EXPECT_FALSE(wallet.node->next_due_ms());
}

// QP-WAL-015: only a decision about the digest that was shown counts; none is a no.
TEST_F(WalletTest, TakesOnlyADecisionAboutWhatWasShown) {
  to_offered();
  const auto wrong = wallet.node->confirm(order, std::string(64, '0'));
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().reason, "cannot-pay");
  EXPECT_EQ(state(), "OFFERED");
  ASSERT_TRUE(wallet.node->decline(order));
  wallet.flush();
  EXPECT_EQ(state(), "DECLINED");
  EXPECT_EQ(wallet.node->confirm(order, digest).error().reason, "out-of-state");
  EXPECT_EQ(wallet.node->confirm("no order", digest).error().reason, "unknown-order");
}

// QP-WAL-015: the offer is shown again after a restart.
TEST_F(WalletTest, AsksAgainAfterARestart) {
  to_offered();
  wallet.restart();
  wallet.node->show_offers();
  wallet.flush();
  ASSERT_TRUE(told("offer"));
  EXPECT_EQ(wallet.last.user.at(0).details.at("digest"), digest);
}

// QP-WAL-015: whatever has become of the purchases before it.
TEST_F(WalletTest, AsksAgainHoweverManyPurchasesAreOver) {
  to_offered();
  auto over = **wallet.ledger->find("wallet.order", order);
  over.state = "DECLINED";
  ASSERT_TRUE(wallet.ledger->begin_unit());
  for (std::size_t i = 0; i <= kMaxOffersShown; ++i) {
    over.key = fmt::format(" {}", i);  // before every other
    ASSERT_TRUE(wallet.ledger->put(over));
  }
  ASSERT_TRUE(wallet.ledger->end_unit());
  wallet.restart();
  wallet.node->show_offers();
  wallet.flush();
  EXPECT_TRUE(told("offer"));
}

// QP-ADD-27: an offer is valid for Expires - Created, counted by the Wallet from its arrival.
TEST_F(WalletTest, CountsTheValidityItself) {
  to_offered();
  wallet.pass(900'000);
  EXPECT_EQ(state(), "OFFERED");
  wallet.pass(1);
  EXPECT_EQ(state(), "DECLINED");
}

// QP-WAL-010, QP-PAY-005: the active Paycard pays, with a token for this MsgId; without exactly one nothing is sent.
TEST_F(WalletTest, PaysWithTheActivePaycard) {
  const auto request = read<micro::InquiryPayment>(to_inquiring(), kInquiry);
  EXPECT_EQ(request.head.receiver, "B7");
  const msg::Token token{kWallet, "P7", request.head.msg_id, request.body.order_ref};
  EXPECT_TRUE(paycard::check_token(kSecret, token, request.body.paycard_token));
  EXPECT_EQ(request.body.order_ref.digest, digest);
}
TEST_F(WalletTest, PaysNothingWithoutAnActivePaycard) {
  to_offered();
  ASSERT_TRUE(wallet.node->activate_paycard(""));
  EXPECT_EQ(wallet.node->confirm(order, digest).error().reason, "cannot-pay");
  EXPECT_FALSE(wallet.node->activate_paycard("P99"));
  ASSERT_TRUE(wallet.node->activate_paycard("P7"));
  EXPECT_TRUE(wallet.node->confirm(order, digest));
}

// QP-ROLE-009: a Broker that is suspended is asked for nothing; what it endorsed before goes on.
TEST_F(WalletTest, PaysNothingThroughASuspendedBroker) {
  to_offered();
  const auto deals = [&](bool accepted) {
    Player broker = *wallet.directory.find("B7").player;
    broker.suspended = !accepted, broker.accepted = accepted;
    wallet.directory.put(broker);
  };
  deals(false);
  EXPECT_EQ(wallet.node->confirm(order, digest).error().reason, "cannot-pay");
  EXPECT_EQ(state(), "OFFERED");
  deals(true);
  Player gone = *wallet.directory.find("B7").player;
  gone.removed = true;
  wallet.directory.put(gone);
  EXPECT_EQ(wallet.node->confirm(order, digest).error().reason, "cannot-pay") << "nor through one that was removed";
  gone.removed = false;
  wallet.directory.put(gone);
  EXPECT_TRUE(wallet.node->confirm(order, digest));
}
TEST_F(WalletTest, GoesOnWhenItsBrokerIsSuspendedMeanwhile) {  // QP-ROLE-009
  const OutgoingCall call = to_inquiring();
  Player broker = *wallet.directory.find("B7").player;
  broker.suspended = true, broker.accepted = false;
  wallet.directory.put(broker);
  wallet.reply(call, refused(endorsement(call), protocol::QP_E_BUSY, msg::Retry::same), kInquiry);
  wallet.pass(1500);
  ASSERT_EQ(wallet.last.calls.size(), 1u) << "the same inquiry again";
}

// QP-WAL-011: after FUNDS, DECLINED or PAYCARD the user may choose again; the next inquiry has a MsgId of its own.
TEST_F(WalletTest, LetsTheUserChooseAgain) {
  OutgoingCall call = to_inquiring();
  for (const std::string_view code : {protocol::QP_E_FUNDS, protocol::QP_E_DECLINED, protocol::QP_E_PAYCARD}) {
    wallet.reply(call, refused(endorsement(call), code, msg::Retry::new_), kInquiry);
    EXPECT_EQ(state(), "OFFERED");
    EXPECT_TRUE(told("tell", "choose-paycard"));
    const OutgoingCall next = confirm();
    EXPECT_NE(next.msg_id, call.msg_id);
    call = next;
  }
  wallet.reply(call, refused(endorsement(call), protocol::QP_E_VENDOR, msg::Retry::no), kInquiry);
  EXPECT_EQ(state(), "FAILED");
}

// QP-ADD-01: the same bytes again after BUSY or silence, with growing pauses, until the time is over.
TEST_F(WalletTest, RepeatsTheSameBytes) {
  const OutgoingCall call = to_inquiring();
  wallet.reply(call, refused(endorsement(call), protocol::QP_E_BUSY, msg::Retry::same), kInquiry);
  EXPECT_TRUE(wallet.last.calls.empty());
  wallet.pass(1500);
  ASSERT_EQ(wallet.last.calls.size(), 1u);
  EXPECT_EQ(wallet.last.calls[0].body, call.body);
  wallet.give(call, {});
  wallet.pass(999);
  EXPECT_TRUE(wallet.last.calls.empty());
  wallet.pass(2001);
  EXPECT_EQ(wallet.last.calls.at(0).body, call.body);
  wallet.pass(900'000);
  EXPECT_EQ(state(), "FAILED");
}

// QP-SAFE-006: an Endorsement of another Broker or order is none.
TEST_F(WalletTest, RefusesAnEndorsementOfAnotherBroker) {
  const OutgoingCall call = to_inquiring();
  auto answer = endorsement(call);
  answer.body.endorsement->broker = "B8";
  wallet.reply(call, answer, kInquiry);
  EXPECT_EQ(state(), "FAILED");
  EXPECT_TRUE(told("alarm"));
}
TEST_F(WalletTest, RefusesAnEndorsementOfAnotherOrder) {
  const OutgoingCall call = to_inquiring();
  auto answer = endorsement(call);
  answer.body.endorsement->order_ref.amount = 124;
  wallet.reply(call, answer, kInquiry);
  EXPECT_EQ(state(), "FAILED");
}

// QP-MP-002, QP-ADD-06: goods and notice are kept together; the notice is repeated until it has a final answer.
TEST_F(WalletTest, StoresGoodsAndTellsTheHost) {
  const OutgoingCall call = to_endorsed();
  const auto request = read<micro::RequestOrderDelivery>(call, kDelivery);
  const msg::Buyer buyer{*request.body.buyer_secret};
  EXPECT_FALSE(request.head.sender);
  wallet.reply(call, goods(call), kDelivery);
  EXPECT_EQ(state(), "RECEIVED");
  EXPECT_TRUE(told("received"));
  const OutgoingCall notice = wallet.last.calls.at(0);
  EXPECT_EQ(read<micro::RegisterOrder>(notice, micro::kRegisterOrderMessage).body.delivery_id, std::string(32, 'd'));
  wallet.give(notice, {});
  wallet.restart();
  wallet.pass(2000);
  EXPECT_EQ(wallet.last.calls.at(0).body, notice.body);
  micro::RegisterOrderResponse done;
  done.head = wallet.answer_head(notice, kWallet);
  done.body.status = success();
  done.body.case_no = "1";
  done.body.registered_at = format_time(wallet.clock.now);
  wallet.reply(notice, done, micro::kRegisterOrderMessage);
  EXPECT_EQ(state(), "DONE");
  EXPECT_EQ(field(**wallet.ledger->find("wallet.order", order), "goods"), "the goods");
}

// QP-SAFE-002: other goods than the order promised are kept as evidence and reported.
TEST_F(WalletTest, ReportsWrongGoods) {
  const OutgoingCall call = to_endorsed();
  wallet.reply(call, goods(call, "a brick"), kDelivery);
  EXPECT_EQ(state(), "UNDELIVERED");
  const auto notice = read<micro::RegisterOrder>(wallet.last.calls.at(0), micro::kRegisterOrderMessage);
  EXPECT_EQ(notice.body.outcome, msg::Outcome::not_received);
  EXPECT_EQ(field(**wallet.ledger->find("wallet.order", order), "evidence"), "a brick");
}

// QP-MP-012, QP-MP-008: no goods in time; the user may try again and still get them.
TEST_F(WalletTest, GivesUpAndTriesAgain) {
  const OutgoingCall call = to_endorsed();
  wallet.pass(protocol::T_redeliver_default * 1000);
  EXPECT_EQ(state(), "ENDORSED");
  wallet.pass(1);
  EXPECT_EQ(state(), "UNDELIVERED");
  ASSERT_TRUE(wallet.node->try_again(order));
  wallet.flush();
  const OutgoingCall again = wallet.last.calls.at(0);
  EXPECT_NE(again.msg_id, call.msg_id);
  wallet.reply(call, goods(call), kDelivery);
  EXPECT_EQ(state(), "ENDORSED") << "an answer to a request that was given up";
  wallet.reply(again, goods(again), kDelivery);
  EXPECT_EQ(state(), "RECEIVED");
}

// QP-MP-007: a lapsed endorsement is asked for anew with the confirmed Paycard only.
TEST_F(WalletTest, AsksForANewEndorsement) {
  const OutgoingCall call = to_endorsed();
  wallet.reply(call, refused(goods(call), protocol::QP_E_ENDORSEMENT_EXPIRED, msg::Retry::new_), kDelivery);
  EXPECT_EQ(state(), "INQUIRING");
  EXPECT_EQ(wallet.last.calls.at(0).message, "InquiryPayment");
  const OutgoingCall inquiry = wallet.last.calls.at(0);
  wallet.reply(inquiry, endorsement(inquiry), kInquiry);
  const OutgoingCall second = wallet.last.calls.at(0);
  ASSERT_TRUE(wallet.node->activate_paycard(""));
  wallet.reply(second, refused(goods(second), protocol::QP_E_ENDORSEMENT_EXPIRED, msg::Retry::new_), kDelivery);
  EXPECT_EQ(state(), "FAILED");
}

TEST_F(WalletTest, EndsWhenTheVendorRefusesOrTheUserCancels) {
  OutgoingCall call = open();
  auto answer = offer(call);
  wallet.reply(call, refused(answer, protocol::QP_E_NO_ITEM, msg::Retry::no), kGetOrder);
  EXPECT_EQ(state(), "FAILED");
  EXPECT_TRUE(told("tell", "refused"));
  call = open();
  ASSERT_TRUE(wallet.node->cancel(order));
  wallet.flush();
  EXPECT_TRUE(told("tell", "cancelled"));
  wallet.reply(call, offer(call), kGetOrder);
  EXPECT_EQ(state(), "FAILED");
  EXPECT_TRUE(wallet.last.user.empty()) << "an answer nobody waits for";
}

// QP-MP-012: a refusal of the goods is reported; the old notice may be under way when the goods come after all.
TEST_F(WalletTest, ReportsARefusalAndWaitsForAllNotices) {
  const auto final_answer = [&](const OutgoingCall& notice) {
    micro::RegisterOrderResponse done;
    done.head = wallet.answer_head(notice, kWallet);
    done.body.status = success();
    done.body.case_no = "1";
    done.body.registered_at = format_time(wallet.clock.now);
    wallet.reply(notice, done, micro::kRegisterOrderMessage);
  };
  const OutgoingCall call = to_endorsed();
  wallet.reply(call, refused(goods(call), protocol::QP_E_CONFLICT, msg::Retry::no), kDelivery);
  EXPECT_EQ(state(), "UNDELIVERED");
  const OutgoingCall first = wallet.last.calls.at(0);
  ASSERT_TRUE(wallet.node->try_again(order));
  const OutgoingCall again = wallet.flush().calls.at(0);
  wallet.reply(again, goods(again), kDelivery);
  const OutgoingCall second = wallet.last.calls.at(0);
  final_answer(second);
  EXPECT_EQ(state(), "RECEIVED");
  final_answer(first);
  EXPECT_EQ(state(), "DONE");
}

// QP-ADD-06: a notice is given up when T_settle is over.
TEST_F(WalletTest, GivesANoticeUpInTheEnd) {
  const OutgoingCall call = to_endorsed();
  wallet.reply(call, goods(call), kDelivery);
  wallet.give(wallet.last.calls.at(0), {});
  wallet.pass(protocol::T_settle_default * 1000);
  EXPECT_EQ(state(), "RECEIVED");
  wallet.pass(1);
  EXPECT_EQ(state(), "DONE");
  EXPECT_FALSE(wallet.node->next_due_ms());
}

struct Fetching : WalletTest {
  OutgoingFetch to_fetching(const std::string& url) {
    const OutgoingCall call = to_endorsed();
    auto answer = goods(call);
    answer.body.content = std::nullopt;
    answer.body.location = msg::Location{url, std::string(32, '9'), "2026-11-22T12:10:00Z"};
    wallet.reply(call, answer, kDelivery);
    return wallet.last.fetches.empty() ? OutgoingFetch{} : wallet.last.fetches[0];
  }
};

// QP-MP-002: only from an endpoint of the Vendor's entry; after a failure again; the whole body counts.
TEST_F(Fetching, GetsGoodsFromTheVendorsEndpoint) {
  const OutgoingFetch fetch = to_fetching("http://127.0.3.1:8080/goods?x=1");
  ASSERT_EQ(fetch.id, order);
  wallet.node->on_fetch_result(order, false, "half of");
  wallet.flush();
  EXPECT_EQ(state(), "FETCHING");
  wallet.pass(1500);
  ASSERT_EQ(wallet.last.fetches.size(), 1u);
  wallet.node->on_fetch_result(order, true, "the goods");
  wallet.flush();
  EXPECT_EQ(state(), "RECEIVED");
}
class ForeignPlace : public Fetching, public testing::WithParamInterface<const char*> {};
TEST_P(ForeignPlace, IsRefused) {
  EXPECT_EQ(to_fetching(GetParam()).id, "");
  EXPECT_EQ(state(), "UNDELIVERED");
  EXPECT_TRUE(told("alarm"));
}
INSTANTIATE_TEST_SUITE_P(Places, ForeignPlace,
                         testing::Values("http://127.0.3.2:8080/goods", "http://127.0.3.1:8081/goods",
                                         "https://127.0.3.1:8080/goods", "http://127.0.3.1/",
                                         "http://127.0.3.1:80800/goods"));
TEST_F(Fetching, ReportsWrongGoods) {
  to_fetching("http://127.0.3.1:8080/goods");
  wallet.node->on_fetch_result(order, true, "a brick");
  wallet.flush();
  EXPECT_EQ(state(), "UNDELIVERED");
}

TEST_F(Fetching, GivesUpAfterItsTime) {
  to_fetching("http://127.0.3.1:8080/goods");
  wallet.pass(protocol::T_redeliver_default * 1000 + 1);
  EXPECT_EQ(state(), "UNDELIVERED");
  EXPECT_TRUE(wallet.last.fetches.empty());
}

TEST(WalletRoles, OthersHaveNoUser) {
  Single vendor(vendor_config());
  EXPECT_EQ(vendor.node->open_link("V1001", "item-1").error().reason, "wrong-role");
  EXPECT_EQ(vendor.node->suspend().error().reason, "wrong-role");
}

}  // namespace
}  // namespace quickpay::roles
