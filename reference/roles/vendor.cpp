#include "reference/roles/vendor.hpp"

#include <algorithm>

#include "reference/codec/generated/protocol.hpp"
#include "reference/crypto/encoding.hpp"
#include "reference/crypto/hash.hpp"
#include "reference/roles/fields.hpp"
#include "reference/roles/times.hpp"
#include "statemachines/micropayment/generated/vendor_order.hpp"

namespace quickpay::roles {
namespace {

namespace machine = statemachines::vendor_order;
using machine::Effect;
using machine::Predicate;

constexpr auto& kRef = msg::kOrderRefType;
constexpr auto& kEndorsement = msg::kEndorsementType;

std::int64_t ms_of(std::string_view time) { return parse_time(time).value_or(0); }

}  // namespace

bool VendorOrder::holds(std::uint8_t predicate, const Turn& turn) {
  const auto* asked = turn.get<GetOrder>();
  const auto* wanted = turn.get<Delivery>();
  const Directory& directory = stage_.facts.directory;
  switch (static_cast<Predicate>(predicate)) {
    case Predicate::item_known: return asked && shop_.sells(asked->body.item, 1);
    case Predicate::broker_refused: return asked && asked->body.broker && !shop_.offers_to(*asked->body.broker);
    case Predicate::order_matches: return order_matches(turn);
    case Predicate::broker_accepted: return wanted && shop_.accepts(wanted->body.endorsement.broker);
    case Predicate::broker_entry_at_hand:
      return wanted && shop_.accepts(wanted->body.endorsement.broker) &&
             directory.find(wanted->body.endorsement.broker).found == Found::known &&
             key_at_hand(wanted->body.endorsement.broker);
    case Predicate::same_endorsement: return same_endorsement(turn);
    case Predicate::receipt_missing: return receipt_missing(turn);
    case Predicate::redeliver_over: return redeliver_over(turn);
  }
  return false;
}

/// Profile H asks no Broker without a key that both know.
bool VendorOrder::key_at_hand(std::string_view broker) const {
  const Facts& facts = stage_.facts;
  return facts.profile() == msg::Profile::F || SharedKeys(facts.config).current(broker, facts.now_ms).has_value();
}

bool VendorOrder::order_matches(const Turn& turn) const {
  const auto* wanted = turn.get<Delivery>();
  const auto kept = recall<msg::OrderRef>(turn.record, "OrderRef", kRef);
  if (!wanted || !kept || *kept != wanted->body.endorsement.order_ref) return false;
  return !wanted->body.buyer_secret || buyer_known(turn.record, *wanted->body.buyer_secret);
}

bool VendorOrder::same_endorsement(const Turn& turn) const {
  const auto* wanted = turn.get<Delivery>();
  const auto kept = recall<msg::Endorsement>(turn.record, "Endorsement", kEndorsement);
  return wanted && kept && *kept == wanted->body.endorsement;
}

bool VendorOrder::receipt_wanted(const ledger::Record& record) const {
  const auto kept = recall<msg::OrderRef>(record, "OrderRef", kRef);
  const auto from = stage_.facts.config.receipt_from;
  return kept && from && kept->amount >= *from;  // profile F knows no receipts, so there never is one
}

bool VendorOrder::receipt_missing(const Turn& turn) const {
  return receipt_wanted(turn.record) && !has_field(turn.record, "HostReceipt") && !right_receipt(turn);
}

/// The receipt in the answer if it is the Host's word on this order and commitment.
std::optional<msg::HostReceipt> VendorOrder::right_receipt(const Turn& turn) const {
  const auto* answer = turn.get<msg::micro::CheckCommitResponse>();
  const auto ref = recall<msg::OrderRef>(turn.record, "OrderRef", kRef);
  const auto endorsement = recall<msg::Endorsement>(turn.record, "Endorsement", kEndorsement);
  if (!answer || !answer->body.host_receipt || !ref || !endorsement) return std::nullopt;
  const msg::HostReceipt& receipt = *answer->body.host_receipt;
  const NodeConfig& config = stage_.facts.config;
  const bool ours = receipt.host == config.host && receipt.vendor == config.id && receipt.broker == endorsement->broker &&
                    receipt.order_id == ref->order_id && receipt.digest == ref->digest &&
                    receipt.commit_id == answer->body.commit_id && receipt.settle_by == answer->body.settle_by;
  const std::int64_t epoch = receipt.mac.key_ref;
  const auto key = SharedKeys(config).find(config.host, epoch, stage_.facts.now_ms);
  if (!ours || !key || !crypto::equal_constant_time(receipt_mac(receipt, {epoch, *key}).value, receipt.mac.value)) {
    return std::nullopt;
  }
  return receipt;
}

bool VendorOrder::redeliver_over(const Turn& turn) const {
  const auto opened = number(turn.record, "check_opened");
  return opened && stage_.facts.now_ms > *opened + stage_.facts.spans.redeliver * 1000;
}

void VendorOrder::apply(statemachines::EffectId effect, Turn& turn) {
  switch (static_cast<Effect>(effect)) {
    case Effect::perform_create_offer: return create_offer(turn);
    case Effect::perform_forget_offer: return turn.record.fields.clear();
    case Effect::perform_store_endorsement: return store_endorsement(turn);
    case Effect::perform_drop_endorsement: return drop_endorsement(turn);
    case Effect::perform_store_commit: return store_commit(turn);
    case Effect::perform_mark_delivered: return mark_delivered(turn);
    case Effect::send_CheckCommit: return send_check_commit(turn);
    case Effect::outbox_RegisterDelivery: return send_register_delivery(turn);
    case Effect::start_Expires: return start_expires(turn);
    case Effect::start_T_redeliver: return start_redeliver(turn);
    case Effect::reply_QP_OK:
    case Effect::reply_QP_E_NO_ITEM:
    case Effect::reply_QP_E_BROKER:
    case Effect::reply_QP_E_MISMATCH:
    case Effect::reply_QP_E_BUSY:
    case Effect::reply_QP_E_ORDER_EXPIRED:
    case Effect::reply_QP_E_CONFLICT:
    case Effect::reply_QP_E_UNKNOWN_ORDER:
    case Effect::reply_QP_E_INTERNAL:
    case Effect::answer_parked_QP_OK:
    case Effect::answer_parked_QP_E_BROKER_UNREACHABLE:
    case Effect::answer_parked_QP_E_NOT_ENDORSED:
    case Effect::answer_parked_QP_E_MISMATCH:
    case Effect::answer_parked_QP_E_ENDORSEMENT_EXPIRED:
    case Effect::park:
    case Effect::set_waiting_yes:
    case Effect::set_waiting_no:
    case Effect::stop_Expires:
    case Effect::stop_T_redeliver:
    case Effect::hurry_CheckCommit:
    case Effect::drop_CheckCommit:
    case Effect::hand_over_claim:
    case Effect::alarm:
    case Effect::retry:
    case Effect::ignore: return stage_.common(effect, turn);
  }
}

void VendorOrder::create_offer(Turn& turn) {
  const auto* asked = turn.get<GetOrder>();
  const ItemConfig* sold = asked ? shop_.item(asked->body.item) : nullptr;
  if (!sold) return;
  const std::string order_id = turn.key().substr(turn.key().rfind('/') + 1);
  const Made made = shop_.make_order(asked->body.kind, *sold, 1, order_id, asked->body.buyer_tag);
  keep(turn.record, "Order", msg::kOrderType, made.order);
  keep(turn.record, "OrderRef", kRef, made.ref);
  keep(turn.record, "Item", msg::kItemType, made.item);
  turn.record.fields["media_type"] = sold->media_type;
  turn.record.fields["data"] = sold->data;
  turn.record.fields["url"] = sold->url;
}

void VendorOrder::store_endorsement(Turn& turn) {
  const auto* wanted = turn.get<Delivery>();
  if (wanted) keep(turn.record, "Endorsement", kEndorsement, wanted->body.endorsement);
}

void VendorOrder::drop_endorsement(Turn& turn) {
  turn.record.fields.erase("Endorsement");
  turn.record.fields.erase("check_opened");
}

void VendorOrder::store_commit(Turn& turn) {
  const auto* answer = turn.get<msg::micro::CheckCommitResponse>();
  if (!answer) return;
  turn.record.fields["commit_id"] = answer->body.commit_id.value_or("");
  turn.record.fields["committed_at"] = answer->body.committed_at.value_or("");
  turn.record.fields["settle_by"] = answer->body.settle_by.value_or("");
  if (const auto receipt = right_receipt(turn)) keep(turn.record, "HostReceipt", msg::kHostReceiptType, *receipt);
}

void VendorOrder::mark_delivered(Turn& turn) {
  const Facts& facts = stage_.facts;
  turn.record.fields["delivery_id"] = facts.fresh_id();
  turn.record.fields["delivered_at"] = format_time(facts.now_ms);
  if (field(turn.record, "url").empty()) return;
  const std::string ticket = facts.fresh_id();
  turn.record.fields["ticket"] = ticket;
  turn.record.fields["valid_to"] = format_time(facts.now_ms + facts.spans.redeliver * 1000);
  stage_.store.put({std::string(kTicketMachine), ticket, "VALID", {}, {{"order", turn.key()}}});
}

void VendorOrder::start_expires(Turn& turn) {
  const auto ref = recall<msg::OrderRef>(turn.record, "OrderRef", kRef);
  if (ref) stage_.start(turn, "Expires", after_deadline(ms_of(ref->expires)));
}

void VendorOrder::start_redeliver(Turn& turn) {
  set_number(turn.record, "check_opened", stage_.facts.now_ms);
  stage_.start(turn, "T_redeliver", after_span(stage_.facts.now_ms, stage_.facts.spans.redeliver));
}

void VendorOrder::send_check_commit(Turn& turn) {
  const auto ref = recall<msg::OrderRef>(turn.record, "OrderRef", kRef);
  const auto endorsement = recall<msg::Endorsement>(turn.record, "Endorsement", kEndorsement);
  const MessageOps* ops = ops_of(msg::micro::kCheckCommitMessage);
  if (!ref || !endorsement || !ops) return;
  Document<msg::micro::CheckCommit> check;
  check.value.head = stage_.outbox.new_head(*ops, endorsement->broker);
  check.value.body.endorsement_id = endorsement->endorsement_id;
  check.value.body.order_ref = *ref;  // the Vendor's own copy (QP-ADD-03)
  const bool wants = stage_.facts.profile() == msg::Profile::H && receipt_wanted(turn.record);
  if (wants) check.value.body.want_receipt = msg::Yes::yes;
  stage_.outbox.send(turn.record.machine, turn.key(), *ops, check, {false, stage_.facts.spans.call_check, 0});
}

void VendorOrder::send_register_delivery(Turn& turn) {
  const auto ref = recall<msg::OrderRef>(turn.record, "OrderRef", kRef);
  const auto endorsement = recall<msg::Endorsement>(turn.record, "Endorsement", kEndorsement);
  const MessageOps* ops = ops_of(msg::micro::kRegisterDeliveryMessage);
  if (!ref || !endorsement || !ops) return;
  Document<msg::micro::RegisterDelivery> notice;
  notice.value.head = stage_.outbox.new_head(*ops, stage_.facts.config.host);
  auto& body = notice.value.body;
  body.order_ref = *ref;
  body.broker = endorsement->broker;
  body.commit_id = field(turn.record, "commit_id");
  body.delivery_id = field(turn.record, "delivery_id");
  body.delivered_at = field(turn.record, "delivered_at");
  const std::int64_t give_up = stage_.facts.now_ms + stage_.facts.spans.settle * 1000;
  stage_.outbox.send(turn.record.machine, turn.key(), *ops, notice, {true, 0, give_up});
}

void VendorOrder::fill(const ledger::Record& record, const AnyDocument*, AnyDocument& response) {
  if (auto* offer = as<msg::micro::GetOrderResponse>(&response)) fill_offer(record, *offer);
  if (auto* goods = as<msg::micro::RequestOrderDeliveryResponse>(&response)) fill_goods(record, *goods);
}

void VendorOrder::fill_offer(const ledger::Record& record, msg::micro::GetOrderResponse& response) const {
  const auto order = recall<msg::Order>(record, "Order", msg::kOrderType);
  const auto item = recall<msg::Item>(record, "Item", msg::kItemType);
  if (!order || !item) return;
  response.body.offer = msg::Offer{*order, item->item_text, item->salt};
  const std::string& name = stage_.facts.config.vendor_name;
  if (!name.empty()) response.body.vendor_name = name;
}

void VendorOrder::fill_goods(const ledger::Record& record, msg::micro::RequestOrderDeliveryResponse& response) const {
  response.body.delivery_id = field(record, "delivery_id");
  response.body.delivered_at = field(record, "delivered_at");
  const std::string url(field(record, "url"));
  if (url.empty()) {
    response.body.content = msg::Content{std::string(field(record, "media_type")),
                                         crypto::base64_encode(field(record, "data"))};
  } else {
    response.body.location = msg::Location{url, std::string(field(record, "ticket")),
                                           std::string(field(record, "valid_to"))};
  }
}

VendorRole::VendorRole(Stage& stage, const Parts& parts)
    : stage_(stage),
      orders_(machine_for(stage.facts.config, machine::table(), machine::make_msm()), stage),
      sales_(parts.vendor_sales(stage)),
      revokes_(parts.vendor_revokes(stage)),
      claims_(parts.vendor_claims(stage, *revokes_)),
      keys_(parts.own_keys(stage)),
      registration_(parts.own_registration(stage)) {
  stage.add(orders_);
}

void VendorRole::on_request(Request& request) {
  if (registration_->serve(request) || sales_->serve(request)) return;
  if (const auto* delivery = as<msg::micro::RequestOrderDelivery>(request.document.get())) {
    return stage_.serve(orders_, order_key(delivery->body.endorsement.order_ref), request);
  }
  serve_new_order(stage_, orders_, msg::Kind::micro, request);
}

void serve_new_order(Stage& stage, Actor& actor, msg::Kind kind, Request& request) {
  for (int tries = 0; tries < kMaxIdTries; ++tries) {
    msg::OrderRef ref;
    ref.kind = kind;
    ref.vendor = stage.facts.config.id;
    ref.order_id = stage.facts.fresh_id();
    Turn turn = stage.open(actor, order_key(ref));
    if (!turn.existed) return stage.serve(turn, request);
  }
}

std::optional<Goods> VendorRole::redeem(std::string_view ticket) const {
  const auto leads = stage_.store.find(kTicketMachine, ticket);
  const auto record = leads ? stage_.store.find(orders_.table().id, field(*leads, "order")) : std::nullopt;
  if (!record || field(*record, "ticket") != ticket) return std::nullopt;
  const auto valid_to = parse_time(field(*record, "valid_to"));
  if (!valid_to || stage_.facts.now_ms >= after_deadline(*valid_to)) return std::nullopt;
  return Goods{std::string(field(*record, "media_type")), std::string(field(*record, "data"))};
}

std::unique_ptr<VendorRole> make_vendor(Stage& stage, const Parts& parts) {
  return std::make_unique<VendorRole>(stage, parts);
}

}  // namespace quickpay::roles
