// What a Wallet sends and keeps.
#include "reference/crypto/encoding.hpp"
#include "reference/crypto/hash.hpp"
#include "reference/roles/fields.hpp"
#include "reference/roles/times.hpp"
#include "reference/roles/wallet.hpp"

namespace quickpay::roles {
namespace {

namespace micro = msg::micro;

constexpr auto& kRef = msg::kOrderRefType;
constexpr auto& kEndorsement = msg::kEndorsementType;

msg::OrderRef ref_of(const msg::Order& order) {
  return {order.kind,     order.vendor,  order.order_id, order.amount,
          order.currency, order.expires, crypto::digest("order", "Order", msg::kOrderType, &order)};
}

std::optional<std::string> optional_field(const ledger::Record& record, const std::string& name) {
  if (!has_field(record, name)) return std::nullopt;
  return std::string(field(record, name));
}

}  // namespace

void WalletOrder::send_get_order(Turn& turn) {
  const MessageOps* ops = ops_of("GetOrder");
  if (!ops) return;
  auto& fields = turn.record.fields;
  const msg::Buyer buyer{stage_.facts.fresh_id()};  // a new one for every order (QP-ADD-12)
  fields["buyer_secret"] = buyer.buyer_secret;
  fields["buyer_tag"] = crypto::digest("buyer", "Buyer", msg::kBuyerType, &buyer);
  Document<micro::GetOrder> request;
  request.value.head = stage_.outbox.new_head(*ops, fields["vendor"]);
  auto& body = request.value.body;
  body.kind = msg::Kind::micro;
  body.item = fields["item"];
  if (const PaycardConfig* card = active_paycard()) body.broker = card->broker;
  body.buyer_tag = fields["buyer_tag"];
  stage_.outbox.send(turn.record.machine, turn.key(), *ops, request, {});
}

void WalletOrder::send_inquiry(Turn& turn) {
  const MessageOps* ops = ops_of("InquiryPayment");
  const PaycardConfig* card = paycard_for(turn);
  const auto ref = recall<msg::OrderRef>(turn.record, "OrderRef", kRef);
  if (!ops || !card || !ref) return;
  auto proof = std::exchange(proof_, std::nullopt);
  if (!proof) proof = paycards_.prove(*card, *ref);
  if (!proof) return;
  Document<micro::InquiryPayment> request;
  request.value.head = stage_.outbox.new_head(*ops, card->broker, proof->msg_id);
  auto& body = request.value.body;
  body.paycard = card->paycard;
  body.order_ref = *ref;
  body.paycard_token = proof->token;
  paycards_.keep(*proof);
  stage_.outbox.send(turn.record.machine, turn.key(), *ops, request, {});
}

void WalletOrder::send_delivery_request(Turn& turn) {
  const MessageOps* ops = ops_of("RequestOrderDelivery");
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
  const MessageOps* ops = ops_of("RegisterOrder");
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
  const Facts& facts = stage_.facts;
  auto& fields = turn.record.fields;
  const msg::OrderRef ref = ref_of(offer.order);
  keep(turn.record, "Offer", msg::kOfferType, offer);
  keep(turn.record, "OrderRef", kRef, ref);
  fields["digest"] = ref.digest;
  if (answer->body.vendor_state) fields["vendor_state"] = *answer->body.vendor_state;
  const Lookup vendor = facts.directory.find(offer.order.vendor);
  const bool named = vendor.found == Found::known && !vendor.player->name.empty();
  fields["vendor_name"] = named ? vendor.player->name : answer->body.vendor_name.value_or("");
  const std::int64_t created = parse_time(offer.order.created).value_or(0);
  const std::int64_t valid_s = (parse_time(offer.order.expires).value_or(created) - created) / 1000;
  set_number(turn.record, "valid_s", valid_s);
  set_number(turn.record, "valid_until_ms", facts.now_ms + valid_s * 1000);
  stage_.store.put({std::string(kSeenMachine), offer.order.vendor + "/" + offer.order.order_id, "SEEN", {}, {}});
  show(turn);
}

void WalletOrder::show(Turn& turn) {
  const auto offer = recall<msg::Offer>(turn.record, "Offer", msg::kOfferType);
  if (!offer) return;
  const PaycardConfig* card = active_paycard();
  stage_.event(turn, "offer", offer->item_text,
               {{"digest", std::string(field(turn.record, "digest"))},
                {"amount", std::to_string(offer->order.amount)},
                {"currency", offer->order.currency},
                {"vendor", offer->order.vendor},
                {"vendor_name", std::string(field(turn.record, "vendor_name"))},
                {"item_text", offer->item_text},
                {"paycard", card ? card->paycard : ""},
                {"broker", card ? card->broker : ""},
                {"shown_at", format_time(stage_.facts.now_ms)}});
}

void WalletOrder::choose_paycard(std::string_view paycard) {
  stage_.store.put({std::string(kPaycardMachine), "choice", "CHOSEN", {}, {{"paycard", std::string(paycard)}}});
}

void WalletOrder::record_confirmation(Turn& turn) {
  const PaycardConfig* card = paycard_for(turn);
  if (!card || !turn.user) return;
  turn.record.fields["confirmed"] = turn.user->digest;
  turn.record.fields["paycard"] = card->paycard;
  turn.record.fields["broker"] = card->broker;
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
