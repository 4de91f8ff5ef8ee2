// What a Wallet sends and keeps.
#include "reference/roles/fields.hpp"
#include "reference/roles/times.hpp"
#include "reference/roles/wallet.hpp"

namespace quickpay::roles {
namespace {

namespace micro = msg::micro;

constexpr auto& kEndorsement = msg::kEndorsementType;

}  // namespace

void WalletOrder::send_get_order(Turn& turn) {
  offers_.send_get_order<micro::GetOrder>(turn, ops_of(micro::kGetOrderMessage), [](auto& body) { body.kind = msg::Kind::micro; });
}

void WalletOrder::send_inquiry(Turn& turn) {
  offers_.send_inquiry<micro::InquiryPayment>(turn, ops_of(micro::kInquiryPaymentMessage));
}

void WalletOrder::send_delivery_request(Turn& turn) {
  const MessageOps* ops = ops_of(micro::kRequestOrderDeliveryMessage);
  const auto endorsement = recall<msg::Endorsement>(turn.record, "Endorsement", kEndorsement);
  if (!ops || !endorsement) return;
  Document<micro::RequestOrderDelivery> request;
  request.value.head = stage_.outbox.new_head(*ops, field(turn.record, "vendor"));
  auto& body = request.value.body;
  body.endorsement = *endorsement;
  body.buyer_secret = optional_field(turn.record, "buyer_secret");
  body.vendor_state = optional_field(turn.record, "vendor_state");
  stage_.outbox.send(turn.record.machine, turn.key(), *ops, request, {});
}

void WalletOrder::send_register_order(Turn& turn, msg::Outcome outcome) {
  const MessageOps* ops = ops_of(micro::kRegisterOrderMessage);
  const auto endorsement = recall<msg::Endorsement>(turn.record, "Endorsement", kEndorsement);
  if (!ops || !endorsement) return;
  const Facts& facts = stage_.facts;
  Document<micro::RegisterOrder> notice;
  notice.value.head = stage_.outbox.new_head(*ops, facts.config.host);
  auto& body = notice.value.body;
  body.order_ref = endorsement->order_ref;
  body.broker = endorsement->broker;
  body.endorsement_id = endorsement->endorsement_id;
  body.delivery_id = optional_field(turn.record, "delivery_id");
  body.received_at = format_time(facts.now_ms);
  if (outcome == msg::Outcome::not_received) body.outcome = outcome;  // absent means received
  const std::int64_t give_up = facts.now_ms + facts.spans.settle * 1000;
  stage_.outbox.send(turn.record.machine, turn.key(), *ops, notice, {true, 0, give_up});
}

void WalletOrder::fetch(Turn& turn) {
  const auto location = recall<msg::Location>(turn.record, "Location", msg::kLocationType);
  if (!location) return;
  const std::int64_t give_up = number(turn.record, "due.T_redeliver").value_or(stage_.facts.now_ms) - 1;
  const ledger::Call* before = turn.call && turn.call->message == kFetch ? turn.call : nullptr;
  stage_.outbox.fetch(turn.record.machine, turn.key(), location->url, location->ticket, give_up, before);
}

void WalletOrder::show_offer(Turn& turn) {
  const auto* answer = turn.get<micro::GetOrderResponse>();
  if (!answer || !answer->body.offer) return;
  const msg::Offer& offer = *answer->body.offer;
  keep(turn.record, "Offer", msg::kOfferType, offer);
  offers_.keep_order(turn, {offer.order, offer.item_text, offer.salt, answer->body.vendor_name, answer->body.vendor_state});
  show(turn);
}

void WalletOrder::show(Turn& turn) {
  const auto offer = recall<msg::Offer>(turn.record, "Offer", msg::kOfferType);
  if (offer) offers_.show(turn, offer->order, offer->item_text);
}

void WalletOrder::store_endorsement(Turn& turn) {
  const auto* answer = turn.get<micro::InquiryPaymentResponse>();
  if (answer && answer->body.endorsement) keep(turn.record, "Endorsement", kEndorsement, *answer->body.endorsement);
}

void WalletOrder::store_goods(Turn& turn) {
  auto& fields = turn.record.fields;
  if (const auto* answer = turn.get<micro::RequestOrderDeliveryResponse>()) {
    fields["delivery_id"] = answer->body.delivery_id.value_or("");
    if (answer->body.content) fields["media_type"] = answer->body.content->media_type;
    if (answer->body.location) keep(turn.record, "Location", msg::kLocationType, *answer->body.location);
  }
  const auto goods = goods_of(turn);
  if (!goods) return;
  fields["goods"] = *goods;
  stage_.event(turn, "received", {}, {{"media_type", std::string(field(turn.record, "media_type"))}});
}

void WalletOrder::keep_evidence(Turn& turn) {
  if (const auto* answer = turn.get<micro::RequestOrderDeliveryResponse>()) {
    turn.record.fields["delivery_id"] = answer->body.delivery_id.value_or("");
  }
  turn.record.fields["evidence"] = goods_of(turn).value_or("");
}

}  // namespace quickpay::roles
