// The offer of a Vendor that a test plays.
#pragma once

#include "reference/crypto/hash.hpp"
#include "reference/roles/tests/single.hpp"

namespace quickpay::roles {

/// An offer that a Wallet accepts, with an OrderId of its own.
inline micro::GetOrderResponse offer_for(Single& wallet, const OutgoingCall& call) {
  const auto asked = codec::read<micro::GetOrder>(call.body, *micro::kGetOrderMessage.request).value();
  const msg::Item item{std::string(32, '5'), "Article 4711"};
  micro::GetOrderResponse answer;
  answer.head = wallet.answer_head(call, "");
  answer.head.profile = asked.head.profile;
  answer.body.status = success();
  msg::Order made;
  made.vendor = "V1001";
  made.order_id = "order-" + asked.head.msg_id;
  made.amount = 125;
  made.currency = "USD";
  made.created = format_time(wallet.clock.now);
  made.expires = format_time(wallet.clock.now + 900'000);
  made.item_hash = crypto::digest("item", "Item", msg::kItemType, &item);
  made.buyer_tag = asked.body.buyer_tag;
  answer.body.offer = msg::Offer{made, item.item_text, item.salt};
  return answer;
}

}  // namespace quickpay::roles
