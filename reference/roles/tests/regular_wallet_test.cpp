// The Wallet buys by regular payment: what it sends, whose signatures convince it, what it tells user and Host.
#include <gtest/gtest.h>

#include <functional>

#include "reference/codec/canonical.hpp"
#include "reference/crypto/signed_object.hpp"
#include "reference/paycard/port.hpp"
#include "reference/roles/tests/regular_single.hpp"
#include "reference/roles/wallet_paycards.hpp"

namespace quickpay::roles {
namespace {

constexpr auto& kGetOrder = regular::kGetOrderMessage;
constexpr auto& kInquiry = regular::kInquiryPaymentMessage;
constexpr auto& kDelivery = regular::kRequestOrderDeliveryMessage;
constexpr auto& kRegister = regular::kRegisterOrderMessage;

struct RegularWallet : testing::Test {
  Single wallet;
  std::string order;
  std::string digest;
  explicit RegularWallet(const NodeConfig& config = wallet_config()) : wallet(config) { publish_keys(wallet); }

  template <class Request>
  Request read(const OutgoingCall& call, const codec::MessageType& type) {
    return codec::read<Request>(call.body, *type.request).value();
  }
  OutgoingCall open(std::int64_t quantity = 1) {
    order = *wallet.node->open_regular_link("V1001", "item-1", quantity);
    wallet.flush();
    return wallet.last.calls.at(0);
  }
  regular::GetOrderResponse offer(const OutgoingCall& call) {
    const auto asked = read<regular::GetOrder>(call, kGetOrder);
    const msg::Item item{std::string(32, '5'), "Article 4711"};
    regular::GetOrderResponse answer;
    answer.head = wallet.answer_head(call, "");
    answer.body.status = success();
    msg::Order made;
    made.kind = msg::Kind::regular;
    made.vendor = "V1001";
    made.order_id = "order-1";
    made.amount = 125;
    made.currency = "USD";
    made.created = format_time(wallet.clock.now);
    made.expires = format_time(wallet.clock.now + 900'000);
    made.item_hash = crypto::digest("item", "Item", msg::kItemType, &item);
    made.buyer_tag = asked.body.buyer_tag;
    answer.body.offer = msg::SignedOffer{made, item.item_text, item.salt, {}};
    sign(*answer.body.offer);
    return answer;
  }
  template <class Response>
  Response refused(const OutgoingCall& call, std::string_view code, msg::Retry retry, const std::string& to = "") {
    Response answer;
    answer.head = wallet.answer_head(call, to);
    answer.body.status = refusal(code, retry);
    return answer;
  }
  std::string state() { return state_of(wallet, "wallet.purchase", order); }
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
  OutgoingCall confirm() {
    EXPECT_TRUE(wallet.node->confirm(order, digest));
    wallet.flush();
    return wallet.last.calls.at(0);
  }
  OutgoingCall to_inquiring() {
    to_offered();
    return confirm();
  }
  regular::InquiryPaymentResponse commitment(const OutgoingCall& call) {
    regular::InquiryPaymentResponse answer;
    answer.head = wallet.answer_head(call, kWallet);
    answer.body.status = success();
    answer.body.commitment = commitment_to(read<regular::InquiryPayment>(call, kInquiry).body.order_ref);
    return answer;
  }
  OutgoingCall to_committed() {
    const OutgoingCall call = to_inquiring();
    wallet.reply(call, commitment(call), kInquiry);
    EXPECT_EQ(state(), "COMMITTED");
    return wallet.last.calls.at(0);
  }
  regular::RequestOrderDeliveryResponse receipt(const OutgoingCall& call) {
    regular::RequestOrderDeliveryResponse answer;
    answer.head = wallet.answer_head(call, "");
    answer.body.status = success();
    answer.body.receipt = receipt_for(read<regular::RequestOrderDelivery>(call, kDelivery).body.commitment);
    return answer;
  }
  OutgoingCall to_accepted() {
    const OutgoingCall call = to_committed();
    wallet.reply(call, receipt(call), kDelivery);
    EXPECT_EQ(state(), "ACCEPTED");
    return wallet.last.calls.at(0);
  }
  OutgoingCall to_refused() {
    const OutgoingCall call = to_committed();
    wallet.reply(call, refused<regular::RequestOrderDeliveryResponse>(call, protocol::QP_E_NO_ITEM, msg::Retry::no), kDelivery);
    EXPECT_EQ(state(), "REFUSED");
    return wallet.last.calls.at(0);
  }
  regular::RegisterOrderResponse registered(const OutgoingCall& call) {
    regular::RegisterOrderResponse answer;
    answer.head = wallet.answer_head(call, kWallet);
    answer.body.status = success();
    answer.body.case_no = "7";
    answer.body.registered_at = "2026-11-22T12:00:05Z";
    return answer;
  }
};

// QP-RP-004 to QP-RP-008: the whole purchase, message by message.
TEST_F(RegularWallet, BuysAndTellsTheHost) {
  const OutgoingCall ask = open(3);
  const auto asked = read<regular::GetOrder>(ask, kGetOrder);
  EXPECT_EQ(ask.receiver, "V1001");
  EXPECT_EQ(asked.body.quantity, 3);
  EXPECT_FALSE(asked.head.sender || asked.head.sent_at);
  wallet.reply(ask, offer(ask), kGetOrder);
  digest = wallet.last.user.at(0).details.at("digest");
  const OutgoingCall pay = confirm();
  const auto inquiry = read<regular::InquiryPayment>(pay, kInquiry);
  EXPECT_EQ(inquiry.body.order_ref.kind, msg::Kind::regular);
  EXPECT_TRUE(paycard::check_token(kSecret, {kWallet, "P7", inquiry.head.msg_id, inquiry.body.order_ref}, inquiry.body.paycard_token));
  wallet.reply(pay, commitment(pay), kInquiry);
  const OutgoingCall bring = wallet.last.calls.at(0);
  const auto brought = read<regular::RequestOrderDelivery>(bring, kDelivery);
  const msg::Buyer buyer{brought.body.buyer_secret};
  EXPECT_EQ(crypto::digest("buyer", "Buyer", msg::kBuyerType, &buyer), asked.body.buyer_tag);
  EXPECT_FALSE(brought.head.sender || brought.head.sent_at);
  wallet.reply(bring, receipt(bring), kDelivery);
  EXPECT_TRUE(told("tell", "accepted"));
  const OutgoingCall notice = wallet.last.calls.at(0);
  const auto told_host = read<regular::RegisterOrder>(notice, kRegister);
  EXPECT_EQ(told_host.body.commitment, brought.body.commitment);
  EXPECT_EQ(told_host.body.receipt, receipt_for(brought.body.commitment));
  wallet.reply(notice, registered(notice), kRegister);
  EXPECT_EQ(state(), "DONE");
}

TEST_F(RegularWallet, NeedsTheVendorsEntry) {
  EXPECT_FALSE(wallet.node->open_regular_link("V9", "item-1"));
  wallet.flush();
  EXPECT_TRUE(told("tell", "vendor-unknown"));
}

/// An offer, spoilt.
struct SpoiltOffer {
  const char* name;
  std::function<void(msg::SignedOffer&)> spoil;
  bool sign_again = true;
};

// QP-SAFE-002, QP-ADD-14, QP-ADD-18: an offer of another Kind, Vendor, text, time or signer is no offer.
TEST_F(RegularWallet, RefusesAWrongOffer) {
  const SpoiltOffer spoilt[] = {
      {"another kind", [](auto& o) { o.order.kind = msg::Kind::micro; }},
      {"another vendor", [](auto& o) { o.order.vendor = "V1002"; }},
      {"another text", [](auto& o) { o.item_text = "Article 1"; }},
      {"another tag", [](auto& o) { o.order.buyer_tag = std::string(64, '0'); }},
      {"an inactive currency", [](auto& o) { o.order.currency = "XYZ"; }},
      {"valid too long", [](auto& o) { o.order.expires = "2026-11-24T12:00:00Z"; }},
      {"a change after signing", [](auto& o) { o.order.amount -= 1; }, false},
      {"a stranger's key", [](auto& o) { sign_with(stranger_key(), "vendor-order", "Offer", msg::kSignedOfferType, o); }, false},
      {"another purpose", [](auto& o) { sign_with(key_of("vendor"), "vendor-receipt", "Offer", msg::kSignedOfferType, o); }, false},
  };
  for (const SpoiltOffer& each : spoilt) {
    const OutgoingCall call = open();
    auto answer = offer(call);
    each.spoil(*answer.body.offer);
    if (each.sign_again) sign(*answer.body.offer);
    if (answer.body.offer->order.kind == msg::Kind::micro) {  // not even a document of this message
      wallet.reply(call, answer, kGetOrder);
      EXPECT_EQ(state(), "ASKED") << each.name;
      continue;
    }
    wallet.reply(call, answer, kGetOrder);
    EXPECT_EQ(state(), "FAILED") << each.name;
    EXPECT_TRUE(told("tell", "offer-wrong") && told("alarm")) << each.name;
  }
}

TEST_F(RegularWallet, StopsAsking) {
  OutgoingCall call = open();
  wallet.reply(call, refused<regular::GetOrderResponse>(call, protocol::QP_E_NO_ITEM, msg::Retry::no), kGetOrder);
  EXPECT_EQ(state(), "FAILED");
  open();
  wallet.pass(protocol::T_ask_default * 1000 + 1);
  EXPECT_EQ(state(), "FAILED");
  open();
  EXPECT_TRUE(wallet.node->cancel(order));
  wallet.flush();
  EXPECT_EQ(state(), "FAILED");
}

// QP-WAL-015: only a yes to what was shown pays; silence is a no.
TEST_F(RegularWallet, AsksItsUser) {
  to_offered();
  EXPECT_FALSE(wallet.node->confirm(order, std::string(64, '0')));
  EXPECT_TRUE(wallet.node->activate_paycard(""));
  EXPECT_FALSE(wallet.node->confirm(order, digest));
  EXPECT_TRUE(wallet.node->activate_paycard("P7"));
  EXPECT_FALSE(wallet.node->refunded(order));
  wallet.node->show_offers();
  wallet.flush();
  EXPECT_TRUE(told("offer"));
  EXPECT_TRUE(wallet.node->decline(order));
  wallet.flush();
  EXPECT_EQ(state(), "DECLINED");
}

TEST_F(RegularWallet, TakesSilenceForNo) {
  to_offered();
  wallet.pass(900'001);
  EXPECT_EQ(state(), "DECLINED");
}

// QP-WAL-011: another Paycard may pay; anything else ends the purchase.
TEST_F(RegularWallet, ListensToItsBroker) {
  OutgoingCall call = to_inquiring();
  wallet.reply(call, refused<regular::InquiryPaymentResponse>(call, protocol::QP_E_FUNDS, msg::Retry::new_, kWallet), kInquiry);
  EXPECT_EQ(state(), "OFFERED");
  call = confirm();
  wallet.reply(call, refused<regular::InquiryPaymentResponse>(call, protocol::QP_E_VENDOR, msg::Retry::no, kWallet), kInquiry);
  EXPECT_EQ(state(), "FAILED");
}

TEST_F(RegularWallet, GivesUpWhenTheOfferIsOver) {
  to_inquiring();
  wallet.pass(900'001);
  EXPECT_EQ(state(), "FAILED");
}

// QP-ADD-17, QP-ADD-01: what the Broker did not sign is no answer of the Broker, and the Wallet asks on with the same bytes.
TEST_F(RegularWallet, AsksOnForASignature) {
  const OutgoingCall call = to_inquiring();
  auto forged = commitment(call);
  sign_with(stranger_key(), "commitment", "Commitment", msg::kCommitmentType, *forged.body.commitment);
  wallet.reply(call, forged, kInquiry);
  EXPECT_EQ(state(), "INQUIRING");
  EXPECT_TRUE(told("alarm"));
  wallet.pass(2000);
  ASSERT_EQ(wallet.last.calls.size(), 1u);
  EXPECT_EQ(wallet.last.calls[0].body, call.body);
  wallet.directory.hide("B7", true);  // and what cannot be verified now is none either
  wallet.reply(call, commitment(call), kInquiry);
  EXPECT_EQ(state(), "INQUIRING");
  EXPECT_FALSE(told("alarm"));
  wallet.directory.hide("B7", false);
  wallet.reply(call, commitment(call), kInquiry);
  EXPECT_EQ(state(), "COMMITTED");
}

// QP-SAFE-006: a signed commitment to something else ends the purchase and is kept.
TEST_F(RegularWallet, RefusesAnotherCommitment) {
  const OutgoingCall call = to_inquiring();
  auto other = commitment(call);
  other.body.commitment->order_ref.amount += 1;
  sign(*other.body.commitment);
  wallet.reply(call, other, kInquiry);
  EXPECT_EQ(state(), "FAILED");
  EXPECT_TRUE(told("alarm") && told("tell", "commitment-wrong"));
  const auto record = wallet.ledger->find("wallet.purchase", order);
  EXPECT_TRUE(has_field(**record, "evidence"));
  EXPECT_FALSE(has_field(**record, "Commitment"));
}

// QP-ADD-17: a receipt counts with the Vendor's signature over this order and commitment only.
TEST_F(RegularWallet, AsksOnForAReceipt) {
  const OutgoingCall call = to_committed();
  const std::function<void(msg::Receipt&)> spoilt[] = {
      [](msg::Receipt& r) { r.commit_id = std::string(32, '0'), sign(r); },
      [](msg::Receipt& r) { r.digest = std::string(64, '0'), sign(r); },
      [](msg::Receipt& r) { sign_with(stranger_key(), "vendor-receipt", "Receipt", msg::kReceiptType, r); },
      [](msg::Receipt& r) { sign_with(key_of("broker"), "vendor-receipt", "Receipt", msg::kReceiptType, r); },
  };
  for (const auto& spoil : spoilt) {
    auto wrong = receipt(call);
    spoil(*wrong.body.receipt);
    wallet.reply(call, wrong, kDelivery);
    EXPECT_EQ(state(), "COMMITTED");
    EXPECT_TRUE(told("alarm"));
  }
  wallet.directory.hide("V1001", true);
  wallet.reply(call, receipt(call), kDelivery);
  EXPECT_EQ(state(), "COMMITTED");
  wallet.directory.hide("V1001", false);
  wallet.reply(call, receipt(call), kDelivery);
  EXPECT_EQ(state(), "ACCEPTED");
}

// QP-RP-008: a refusal is registered without a receipt; the user may try again until the commitment is over.
TEST_F(RegularWallet, RegistersARefusal) {
  const OutgoingCall notice = to_refused();
  EXPECT_FALSE(read<regular::RegisterOrder>(notice, kRegister).body.receipt);
  wallet.reply(notice, registered(notice), kRegister);
  EXPECT_EQ(state(), "REFUSED");
  EXPECT_TRUE(wallet.node->try_again(order));
  wallet.flush();
  const OutgoingCall again = wallet.last.calls.at(0);
  EXPECT_NE(again.msg_id, notice.msg_id);
  wallet.reply(again, receipt(again), kDelivery);
  EXPECT_EQ(state(), "ACCEPTED");
}

// QP-ADD-27: the commitment lasts as long as its Broker said, from its arrival.
TEST_F(RegularWallet, LetsTheCommitmentLapse) {
  to_committed();
  wallet.pass(protocol::T_claim_default * 1000 + 1000);
  EXPECT_EQ(state(), "LAPSED");
}

TEST_F(RegularWallet, LetsARefusedCommitmentLapse) {
  to_refused();
  wallet.pass(protocol::T_claim_default * 1000 + 1000);
  EXPECT_EQ(state(), "LAPSED");
}

TEST_F(RegularWallet, SettlesItsNotices) {
  const OutgoingCall refused_notice = to_refused();
  EXPECT_TRUE(wallet.node->try_again(order));
  wallet.flush();
  const OutgoingCall again = wallet.last.calls.at(0);
  wallet.reply(again, receipt(again), kDelivery);
  const OutgoingCall notice = wallet.last.calls.at(0);
  wallet.reply(notice, registered(notice), kRegister);
  EXPECT_EQ(state(), "ACCEPTED");  // the notice of the refusal is still out
  wallet.reply(refused_notice, registered(refused_notice), kRegister);
  EXPECT_EQ(state(), "DONE");
  EXPECT_TRUE(wallet.node->refunded(order));
  wallet.flush();
  EXPECT_EQ(state(), "REFUNDED");
}

TEST_F(RegularWallet, GivesItsNoticeUp) {
  to_accepted();
  wallet.pass(protocol::T_settle_default * 1000 + 1);
  EXPECT_EQ(state(), "DONE");
}

TEST_F(RegularWallet, HearsOfARefund) {
  to_accepted();
  EXPECT_TRUE(wallet.node->refunded(order));
  wallet.flush();
  EXPECT_EQ(state(), "REFUNDED");
}

TEST_F(RegularWallet, HearsOfARefundOfWhatWasRefused) {
  to_refused();
  EXPECT_TRUE(wallet.node->refunded(order));
  wallet.flush();
  EXPECT_EQ(state(), "REFUNDED");
}

/// A plug-in that stores how often it made a token, or makes none.
class CountingPort : public paycard::Port {
 public:
  tl::expected<paycard::Reply, paycard::Trouble> call(std::string_view, paycard::Call call,
                                                      const std::vector<std::string>& in,
                                                      const paycard::State& state) override {
    calls.push_back(call);
    given = in;
    store = state;
    if (refuses) return paycard::Reply{paycard::Result::refused, {}, {}};
    return paycard::Reply{paycard::Result::done, "dG9rZW4=", {{"count", std::to_string(calls.size())}}};
  }

  std::vector<paycard::Call> calls;
  std::vector<std::string> given;
  paycard::State store;
  bool refuses = false;
};

struct HasPort {
  CountingPort port;
};

struct RegularWalletWithPlugIn : HasPort, RegularWallet {
  /// `days`: how long the Wallet's signing key is still good; nothing: it has none.
  explicit RegularWalletWithPlugIn(std::optional<std::int64_t> days = {}) : RegularWallet(with(port, days)) {}
  static NodeConfig with(paycard::Port& port, std::optional<std::int64_t> days) {
    NodeConfig config = wallet_config();
    if (days) config.signing_keys = {{stranger_key().pkcs8_der(), kNoon - 400 * kDayMs, kNoon + *days * kDayMs}};
    config.paycards = {{"B7", "P7", kSecret, true, "seven.so", "seven.manifest"}};
    config.paycard_port = &port;
    return config;
  }
  std::optional<ledger::Record> stored() { return *wallet.ledger->find(kPaycardStateMachine, "P7"); }
  /// What the plug-in was asked to pay.
  msg::WalletOrder asked() {
    static constexpr codec::Family kValues{"value", 4096, 64, 8};
    msg::WalletOrder order;
    EXPECT_TRUE(codec::read_canonical(port.given.at(2), "WalletOrder", msg::kWalletOrderType, &order, kValues));
    return order;
  }
};

struct SigningWalletWithPlugIn : RegularWalletWithPlugIn {
  SigningWalletWithPlugIn() : RegularWalletWithPlugIn(400) {}
};
struct OldKeyWalletWithPlugIn : RegularWalletWithPlugIn {
  OldKeyWalletWithPlugIn() : RegularWalletWithPlugIn(-1) {}
};

// QP-PAY-005, QP-PAY-009: the plug-in is asked once, for the order and the MsgId that are sent, and its token is sent.
TEST_F(RegularWalletWithPlugIn, AsksItOnceAndSendsItsToken) {
  const auto sent = read<regular::InquiryPayment>(to_inquiring(), kInquiry);
  EXPECT_EQ(port.calls, std::vector<paycard::Call>{paycard::Call::authorize});
  EXPECT_EQ(sent.body.paycard_token, "dG9rZW4=");
  EXPECT_EQ(port.given.at(0), codec::canonical("OrderRef", msg::kOrderRefType, &sent.body.order_ref));
  EXPECT_EQ(port.given.at(1), sent.head.msg_id);
  ASSERT_TRUE(stored());
  EXPECT_EQ(stored()->fields.at("entry.count"), "1");
}

// QP-WAL-011: a plug-in that makes no token pays nothing, and nothing of it is stored.
TEST_F(RegularWalletWithPlugIn, WaitsWhereItRefuses) {
  port.refuses = true;
  to_offered();
  EXPECT_FALSE(wallet.node->confirm(order, digest));
  EXPECT_EQ(state(), "OFFERED");
  EXPECT_FALSE(stored());
  port.refuses = false;
  EXPECT_EQ(read<regular::InquiryPayment>(confirm(), kInquiry).body.paycard, "P7");
}

// QP-PAY-009: without a key of its own the Wallet proves with the guard key that it asks.
TEST_F(RegularWalletWithPlugIn, AsksWithACode) {
  to_inquiring();
  EXPECT_TRUE(asked().mac);
  EXPECT_FALSE(asked().sig);
  EXPECT_FALSE(port.store.contains("wallet_key"));
}

// QP-PAY-009: with one it signs, once an order, and the plug-in gets the key to judge by, for that call alone.
TEST_F(SigningWalletWithPlugIn, AsksWithItsSignature) {
  const auto before = wallet.node->crypto_counters().rsa_signatures;
  to_inquiring();
  EXPECT_EQ(wallet.node->crypto_counters().rsa_signatures, before + 1);
  const auto order = asked();
  ASSERT_TRUE(order.sig);
  EXPECT_FALSE(order.mac);
  const auto key = crypto::RsaPublicKey::load(port.store.at("wallet_key")).value();
  EXPECT_EQ(key.key_id(), order.sig->key_id);
  EXPECT_EQ(key.key_id(), stranger_key().public_key().key_id());
  crypto::CryptoCounters counters;
  EXPECT_TRUE(crypto::verify_object(key, "wallet-order", "WalletOrder", msg::kWalletOrderType, &order, order.sig->value, counters));
  EXPECT_FALSE(stored()->fields.contains("entry.wallet_key"));
}

// QP-PAY-009: a key that is over signs nothing.
TEST_F(OldKeyWalletWithPlugIn, AsksWithACode) {
  to_inquiring();
  EXPECT_TRUE(asked().mac);
}

}  // namespace
}  // namespace quickpay::roles
