// The Vendor sells by regular payment: signed offers, each refusal of a commitment, the one receipt of an order.
#include <gtest/gtest.h>

#include <functional>

#include "reference/roles/tests/regular_single.hpp"

namespace quickpay::roles {
namespace {

constexpr auto& kGetOrder = regular::kGetOrderMessage;
constexpr auto& kDelivery = regular::kRequestOrderDeliveryMessage;
const std::string kBuyerSecret(32, '7');

NodeConfig selling() {
  NodeConfig config = signing(vendor_config());
  config.items[0].stock = 3;
  return config;
}

struct RegularVendor : testing::Test {
  Single vendor{selling()};
  RegularVendor() { publish_keys(vendor); }

  regular::GetOrder get_order(const std::string& item = "item-1") {
    regular::GetOrder request;
    request.head = vendor.anonymous("V1001");
    request.body.kind = msg::Kind::regular;
    request.body.item = item;
    const msg::Buyer buyer{kBuyerSecret};
    request.body.buyer_tag = crypto::digest("buyer", "Buyer", msg::kBuyerType, &buyer);
    return request;
  }
  regular::GetOrderResponse ask(const regular::GetOrder& request) {
    return vendor.ask<regular::GetOrderResponse>(request, kGetOrder, kWalletAddress).value();
  }
  msg::OrderRef order(std::int64_t quantity = 1) {
    auto request = get_order();
    if (quantity > 1) request.body.quantity = quantity;
    const msg::Order made = ask(request).body.offer.value().order;
    return {made.kind,     made.vendor,  made.order_id, made.amount,
            made.currency, made.expires, crypto::digest("order", "Order", msg::kOrderType, &made)};
  }
  regular::RequestOrderDelivery bring(const msg::Commitment& commitment) {
    regular::RequestOrderDelivery request;
    request.head = vendor.anonymous("V1001");
    request.body.commitment = commitment;
    request.body.buyer_secret = kBuyerSecret;
    return request;
  }
  regular::RequestOrderDeliveryResponse ask(const regular::RequestOrderDelivery& request) {
    return vendor.ask<regular::RequestOrderDeliveryResponse>(request, kDelivery, kWalletAddress).value();
  }
  std::string code(const regular::RequestOrderDelivery& request) { return ask(request).body.status.code; }
  std::string state(const msg::OrderRef& ref) { return state_of(vendor, "vendor.sale", "regular/V1001/" + ref.order_id); }
};

// QP-RP-004, QP-ADD-17: the offer is signed and says how many pieces.
TEST_F(RegularVendor, SignsItsOffer) {
  auto request = get_order();
  request.body.quantity = 3;
  const auto answer = ask(request);
  const msg::SignedOffer& offer = answer.body.offer.value();
  EXPECT_TRUE(signed_by("vendor", "vendor-order", "Offer", msg::kSignedOfferType, offer));
  EXPECT_EQ(offer.order.kind, msg::Kind::regular);
  EXPECT_EQ(offer.order.amount, 375);
  EXPECT_EQ(offer.item_text, "3 × Article 4711");
  EXPECT_FALSE(offer.order.content_hash);  // nothing is delivered that could be compared
  EXPECT_EQ(answer.body.vendor_name, "The Shop");
  EXPECT_EQ(ask(request).body.offer, answer.body.offer);
}

// QP-RP-004: what is not sold, what cannot be priced, and for whose Broker.
TEST_F(RegularVendor, RefusesToOffer) {
  EXPECT_EQ(ask(get_order("item-9")).body.status.code, protocol::QP_E_NO_ITEM);
  auto foreign = get_order();
  foreign.body.broker = "B8";
  EXPECT_EQ(ask(foreign).body.status.code, protocol::QP_E_BROKER);
  NodeConfig config = selling();
  config.items[0].amount = 999'999'999'999'999;
  Single dear{config};
  auto two = get_order();
  two.body.quantity = 2;
  EXPECT_EQ(dear.ask<regular::GetOrderResponse>(two, kGetOrder, kWalletAddress)->body.status.code, protocol::QP_E_NO_ITEM);
  EXPECT_TRUE(dear.ask<regular::GetOrderResponse>(get_order(), kGetOrder, kWalletAddress)->body.offer);
}

// QP-RP-002, QP-RP-010: the commitment convinces by itself; the answer is a signed receipt, and the order a claim.
TEST_F(RegularVendor, AcceptsACommitment) {
  const auto ref = order();
  const auto commitment = commitment_to(ref);
  const auto answer = ask(bring(commitment));
  ASSERT_TRUE(answer.body.receipt);
  const msg::Receipt& receipt = *answer.body.receipt;
  EXPECT_EQ(receipt.commit_id, commitment.commit_id);
  EXPECT_EQ(receipt.digest, ref.digest);
  EXPECT_TRUE(signed_by("vendor", "vendor-receipt", "Receipt", msg::kReceiptType, receipt));
  EXPECT_TRUE(vendor.last.calls.empty());  // nobody is asked
  EXPECT_EQ(state(ref), "ACCEPTED");
  EXPECT_EQ(state_of(vendor, "vendor.claim", "regular/V1001/" + ref.order_id), "CLAIMABLE");
}

// QP-ADD-01, QP-SAFE-003: the same receipt again, whatever the MsgId and the time; another commitment finds it taken.
TEST_F(RegularVendor, AcceptsOnce) {
  const auto ref = order();
  const auto commitment = commitment_to(ref);
  const auto receipt = ask(bring(commitment)).body.receipt;
  vendor.pass(kDayMs);
  vendor.restart();
  EXPECT_EQ(ask(bring(commitment)).body.receipt, receipt);
  auto other = commitment;
  other.commit_id = std::string(32, '0');
  sign(other);
  EXPECT_EQ(code(bring(other)), protocol::QP_E_CONFLICT);
  auto wrong = bring(commitment);
  wrong.body.buyer_secret = std::string(32, '8');
  EXPECT_EQ(code(wrong), protocol::QP_E_MISMATCH);
  EXPECT_EQ(vendor.node->crypto_counters().rsa_signatures, 0u);
}

/// A commitment, spoilt, and what it is refused with.
struct Spoilt {
  const char* name;
  std::function<void(regular::RequestOrderDelivery&)> spoil;
  std::string_view code;
  bool sign_again = true;
};

const Spoilt kSpoilt[] = {
    {"another amount", [](auto& r) { r.body.commitment.order_ref.amount += 1; }, protocol::QP_E_MISMATCH},
    {"a wrong secret", [](auto& r) { r.body.buyer_secret = std::string(32, '8'); }, protocol::QP_E_MISMATCH},
    {"an unaccepted broker", [](auto& r) { r.body.commitment.broker = "B8"; }, protocol::QP_E_BROKER},
    {"an unknown key", [](auto& r) {
       sign_with(stranger_key(), "commitment", "Commitment", msg::kCommitmentType, r.body.commitment);
     }, protocol::QP_E_KEY, false},
    {"the Vendor's own key", [](auto& r) {
       sign_with(key_of("vendor"), "commitment", "Commitment", msg::kCommitmentType, r.body.commitment);
     }, protocol::QP_E_KEY, false},
    {"another purpose", [](auto& r) {
       sign_with(key_of("broker"), "vendor-receipt", "Commitment", msg::kCommitmentType, r.body.commitment);
     }, protocol::QP_E_SIGNATURE, false},
    {"a change after signing", [](auto& r) { r.body.commitment.claim_by = "2027-12-22T12:00:00Z"; }, protocol::QP_E_SIGNATURE, false},
    {"a commitment that is over", [](auto& r) { r.body.commitment.claim_by = "2026-11-22T11:59:59Z"; }, protocol::QP_E_SETTLE_EXPIRED},
};

// QP-ADD-17, QP-ADD-18, QP-ADD-03: each refusal, in order, of an order that lives and of one that has expired.
TEST_F(RegularVendor, RefusesInOrder) {
  const auto ref = order();
  const auto right = bring(commitment_to(ref));
  for (const bool expired : {false, true}) {
    if (expired) vendor.pass(protocol::T_order_default * 1000 + 1000);
    for (const Spoilt& each : kSpoilt) {
      auto wrong = right;
      wrong.head.msg_id = vendor.fresh_id();
      each.spoil(wrong);
      if (each.sign_again) sign(wrong.body.commitment);
      EXPECT_EQ(code(wrong), each.code) << each.name;
      EXPECT_EQ(state(ref), expired ? "EXPIRED" : "OFFERED") << each.name;
    }
    vendor.directory.hide("B7", true);
    auto unknown = right;
    unknown.head.msg_id = vendor.fresh_id();
    EXPECT_EQ(code(unknown), protocol::QP_E_BUSY);
    vendor.directory.hide("B7", false);
  }
  EXPECT_EQ(code(right), protocol::QP_E_ORDER_EXPIRED);
  EXPECT_EQ(state(ref), "EXPIRED");
}

// QP-ADD-02: an order that the Vendor never made.
TEST_F(RegularVendor, KnowsItsOrders) {
  EXPECT_EQ(code(bring(commitment_to(regular_ref("invented")))), protocol::QP_E_UNKNOWN_ORDER);
}

// Pieces are set apart when an order is accepted, and no more is sold than there is.
TEST_F(RegularVendor, SellsWhatItHas) {
  const auto two = order(2), late = order(2), one = order(1);
  EXPECT_TRUE(ask(bring(commitment_to(two))).body.receipt);
  EXPECT_EQ(code(bring(commitment_to(late))), protocol::QP_E_NO_ITEM);
  EXPECT_EQ(state(late), "EXPIRED");
  EXPECT_TRUE(ask(bring(commitment_to(one))).body.receipt);
  EXPECT_EQ(code(bring(commitment_to(order(1)))), protocol::QP_E_NO_ITEM);
}

// QP-TECH-007: a Vendor of micropayment only does not know the message; without a key nothing is signed.
TEST_F(RegularVendor, CanLeaveTheProtocolOut) {
  NodeConfig config = selling();
  config.protocols = {"micropayment", "settlement"};
  Single micro_only{config};
  EXPECT_EQ(micro_only.ask<regular::GetOrderResponse>(get_order(), kGetOrder, kWalletAddress)->body.status.code,
            protocol::QP_E_UNSUPPORTED);
  Single unkeyed{vendor_config()};
  EXPECT_EQ(unkeyed.ask<regular::GetOrderResponse>(get_order(), kGetOrder, kWalletAddress)->body.status.code,
            protocol::QP_E_INTERNAL);
}

}  // namespace
}  // namespace quickpay::roles
