#include "conformance/suites/buyer.hpp"

#include <utility>

#include "conformance/peers/digest.hpp"

namespace quickpay::conformance {

const ItemPlan* Buyer::item(std::size_t position) const {
  for (const ItemPlan& item : world_.plan().items) {
    if (item.vendor == world_.iut() && position-- == 0) {
      return &item;
    }
  }
  return nullptr;
}

Sending Buyer::get_order(std::size_t position, std::string* secret) {
  const std::string own_secret = world_.fresh_id();
  const ItemPlan* goods = item(position);
  Sending sending;
  sending.from = world_.cast().wallet;
  if (goods == nullptr) {
    return sending;
  }
  sending.document =
      request_of("GetOrder", world_.head({}),
                 {leaf("Kind", "micro"), leaf("Item", goods->item), leaf("BuyerTag", buyer_tag(own_secret))});
  if (secret != nullptr) {
    *secret = own_secret;
  }
  return sending;
}

bool Offer::take(Reply answer) {
  reply = std::move(answer);
  state = reply.text("Body/VendorState");
  const Element* offered = at(reply.document, "Body/Offer/Order");
  if (!reply.ok() || offered == nullptr) {
    return false;
  }
  order = *offered;
  ref = order_ref_of(order);
  return true;
}

std::optional<Offer> Buyer::offer(std::size_t position) {
  Offer offer;
  const Sending sending = get_order(position, &offer.secret);
  if (sending.document.name.empty()) {
    refusal_ = "the fixture has no such goods";
    return std::nullopt;
  }
  if (!offer.take(world_.send(sending))) {
    refusal_ = "GetOrder: " + outcome_text(offer.reply);
    return std::nullopt;
  }
  return offer;
}

std::optional<Element> Buyer::endorse(const Offer& offer, const std::string& broker) {
  const Cast& cast = world_.cast();
  const std::string to = broker.empty() ? cast.broker : broker;
  const PaycardPlan* card = world_.plan().paycard_of(cast.wallet, to);
  if (card == nullptr) {
    refusal_ = "no Paycard at " + to;
    return std::nullopt;
  }
  const HeadFacts head = world_.head(cast.wallet, to);
  Sending sending;
  sending.from = cast.wallet;
  sending.to = to;
  sending.document = request_of(
      "InquiryPayment", head,
      {leaf("Paycard", card->paycard), offer.ref,
       leaf("PaycardToken", paycard_token(card->secret, cast.wallet, card->paycard, head.msg_id, offer.ref))});
  const Reply reply = world_.send(std::move(sending));
  const Element* endorsement = at(reply.document, "Body/Endorsement");
  if (endorsement == nullptr) {
    refusal_ = "InquiryPayment: " + outcome_text(reply);
    return std::nullopt;
  }
  return *endorsement;
}

Sending Buyer::delivery(const Offer& offer, const Element& endorsement) {
  std::vector<Element> body = {endorsement, leaf("BuyerSecret", offer.secret)};
  if (!offer.state.empty()) {
    body.push_back(leaf("VendorState", offer.state));
  }
  Sending sending;
  sending.from = world_.cast().wallet;
  sending.document = request_of("RequestOrderDelivery", world_.head({}), std::move(body));
  return sending;
}

std::optional<Buyer::Ready> Buyer::ready(std::size_t position, const std::string& broker) {
  auto made = offer(position);
  if (!made) {
    return std::nullopt;
  }
  auto endorsement = endorse(*made, broker);
  if (!endorsement) {
    return std::nullopt;
  }
  return Ready{std::move(*made), std::move(*endorsement)};
}

Reply Buyer::ask(const Ready& ready, const std::string& mutation) {
  Sending sending = delivery(ready.offer, ready.endorsement);
  sending.mutation = mutation;
  return world_.send(std::move(sending));
}

Pending Buyer::begin(const Ready& ready) { return world_.begin(delivery(ready.offer, ready.endorsement)); }

Reply Buyer::buy(std::size_t position) {
  const auto made = ready(position);
  if (!made) {
    Reply reply;
    reply.error = refusal_;
    return reply;
  }
  return ask(*made);
}

Peer* Buyer::broker(const std::string& id) { return world_.peer(id.empty() ? world_.cast().broker : id); }

std::optional<std::string> goods_of(const Element& answer) {
  const Element* data = at(answer, "Body/Content/Data");
  return data == nullptr ? std::nullopt : bytes_of_base64(data->text);
}

}  // namespace quickpay::conformance
