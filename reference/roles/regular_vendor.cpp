#include "reference/roles/regular_vendor.hpp"

#include "reference/codec/generated/protocol.hpp"
#include "reference/roles/fields.hpp"
#include "reference/roles/times.hpp"
#include "reference/roles/vendor.hpp"
#include "statemachines/regular/generated/vendor_sale.hpp"

namespace quickpay::roles {
namespace {

namespace machine = statemachines::vendor_sale;
using machine::Effect;
using machine::Predicate;
using msg::regular::GetOrder;
using Delivery = msg::regular::RequestOrderDelivery;

constexpr auto& kRef = msg::kOrderRefType;

std::int64_t quantity_of(const GetOrder& asked) { return asked.body.quantity.value_or(1); }

}  // namespace

VendorSale::VendorSale(Stage& stage)
    : Actor(machine_for(stage.facts.config, machine::table(), machine::make_msm()), stage),
      shop_(stage.facts, stage.store),
      signatures_(stage.facts) {
  stage.add(*this);
}

bool VendorSale::holds(std::uint8_t predicate, const Turn& turn) {
  const auto* asked = turn.get<GetOrder>();
  const auto* wanted = turn.get<Delivery>();
  const msg::Commitment* commitment = wanted ? &wanted->body.commitment : nullptr;
  switch (static_cast<Predicate>(predicate)) {
    case Predicate::item_known: return asked && shop_.sells(asked->body.item, quantity_of(*asked));
    case Predicate::broker_refused: return asked && asked->body.broker && !shop_.offers_to(*asked->body.broker);
    case Predicate::order_matches: return order_matches(turn);
    case Predicate::same_commitment: return same_commitment(turn);
    case Predicate::broker_accepted: return commitment && shop_.accepts(commitment->broker);
    case Predicate::broker_entry_at_hand: return commitment && broker_entry_at_hand(commitment->broker);
    case Predicate::commitment_key_right: return commitment && fault_ != protocol::QP_E_KEY;
    case Predicate::commitment_signed: return commitment && fault_.empty();
    case Predicate::claim_over: return commitment && claim_over(*commitment);
    case Predicate::out_of_stock:
      return !shop_.in_stock(field(turn.record, "item"), number(turn.record, "quantity").value_or(1));
  }
  return false;
}

bool VendorSale::order_matches(const Turn& turn) const {
  const auto* wanted = turn.get<Delivery>();
  const auto kept = recall<msg::OrderRef>(turn.record, "OrderRef", kRef);
  return wanted && kept && *kept == wanted->body.commitment.order_ref &&
         buyer_known(turn.record, wanted->body.buyer_secret);
}

bool VendorSale::same_commitment(const Turn& turn) const {
  const auto* wanted = turn.get<Delivery>();
  const auto kept = recall<msg::Commitment>(turn.record, "Commitment", msg::kCommitmentType);
  return wanted && kept && *kept == wanted->body.commitment;
}

bool VendorSale::broker_entry_at_hand(std::string_view broker) const {
  return stage_.facts.directory.find(broker).found == Found::known;
}

bool VendorSale::claim_over(const msg::Commitment& commitment) const {
  const auto claim_by = parse_time(commitment.claim_by);
  return !claim_by || stage_.facts.now_ms >= after_deadline(*claim_by);
}

void VendorSale::apply(statemachines::EffectId effect, Turn& turn) {
  switch (static_cast<Effect>(effect)) {
    case Effect::perform_create_offer: return create_offer(turn);
    case Effect::perform_accept: return accept(turn);
    case Effect::start_Expires: return start_expires(turn);
    case Effect::reply_QP_OK:
    case Effect::reply_QP_E_NO_ITEM:
    case Effect::reply_QP_E_BROKER:
    case Effect::reply_QP_E_MISMATCH:
    case Effect::reply_QP_E_BUSY:
    case Effect::reply_QP_E_KEY:
    case Effect::reply_QP_E_SIGNATURE:
    case Effect::reply_QP_E_SETTLE_EXPIRED:
    case Effect::reply_QP_E_ORDER_EXPIRED:
    case Effect::reply_QP_E_CONFLICT:
    case Effect::reply_QP_E_UNKNOWN_ORDER:
    case Effect::reply_QP_E_INTERNAL:
    case Effect::stop_Expires:
    case Effect::hand_over_claim:
    case Effect::ignore: return stage_.common(effect, turn);
  }
}

void VendorSale::create_offer(Turn& turn) {
  const auto* asked = turn.get<GetOrder>();
  const ItemConfig* sold = asked ? shop_.item(asked->body.item) : nullptr;
  if (!sold) return;
  const std::int64_t quantity = quantity_of(*asked);
  const std::string order_id = turn.key().substr(turn.key().rfind('/') + 1);
  const Made made = shop_.make_order(msg::Kind::regular, *sold, quantity, order_id, asked->body.buyer_tag);
  msg::SignedOffer offer{made.order, made.item.item_text, made.item.salt, {}};
  if (!signatures_.sign("vendor-order", "Offer", msg::kSignedOfferType, offer)) {
    return stage_.store.corrupt("offer " + turn.key() + " cannot be signed");
  }
  keep(turn.record, "Order", msg::kOrderType, made.order);
  keep(turn.record, "OrderRef", kRef, made.ref);
  keep(turn.record, "Offer", msg::kSignedOfferType, offer);
  turn.record.fields["item"] = sold->item;
  set_number(turn.record, "quantity", quantity);
}

/// The receipt is signed in the unit that makes it durable, and the first one is the only one that is ever given.
void VendorSale::accept(Turn& turn) {
  const auto* wanted = turn.get<Delivery>();
  if (!wanted) return;
  const msg::Commitment& commitment = wanted->body.commitment;
  const msg::OrderRef& ref = commitment.order_ref;
  msg::Receipt receipt{ref.vendor,           commitment.broker, ref.order_id, ref.digest,
                       commitment.commit_id, format_time(stage_.facts.now_ms), {}};
  if (!signatures_.sign("vendor-receipt", "Receipt", msg::kReceiptType, receipt)) {
    return stage_.store.corrupt("receipt " + turn.key() + " cannot be signed");
  }
  shop_.set_apart(field(turn.record, "item"), number(turn.record, "quantity").value_or(1));
  keep(turn.record, "Commitment", msg::kCommitmentType, commitment);
  keep(turn.record, "Receipt", msg::kReceiptType, receipt);
  auto& fields = turn.record.fields;  // as the claim takes them over
  fields["broker"] = commitment.broker;
  fields["commit_id"] = commitment.commit_id;
  fields["committed_at"] = commitment.committed_at;
  fields["settle_by"] = commitment.claim_by;
}

void VendorSale::start_expires(Turn& turn) {
  const auto ref = recall<msg::OrderRef>(turn.record, "OrderRef", kRef);
  const auto expires = ref ? parse_time(ref->expires) : std::nullopt;
  stage_.start(turn, "Expires", after_deadline(expires.value_or(stage_.facts.now_ms)));
}

void VendorSale::fill(const ledger::Record& record, const AnyDocument*, AnyDocument& response) {
  if (auto* answer = as<msg::regular::GetOrderResponse>(&response)) {
    answer->body.offer = recall<msg::SignedOffer>(record, "Offer", msg::kSignedOfferType);
    const std::string& name = stage_.facts.config.vendor_name;
    if (!name.empty()) answer->body.vendor_name = name;
  }
  if (auto* answer = as<msg::regular::RequestOrderDeliveryResponse>(&response)) {
    answer->body.receipt = recall<msg::Receipt>(record, "Receipt", msg::kReceiptType);
  }
}

bool VendorSale::serve(Request& request) {
  const auto* delivery = as<Delivery>(request.document.get());
  const bool ours = delivery || as<GetOrder>(request.document.get());
  if (!ours || !signatures_.can_sign()) return ours;
  if (!delivery) {
    serve_new_order(stage_, *this, msg::Kind::regular, request);
    return true;
  }
  const msg::Commitment& commitment = delivery->body.commitment;
  const std::int64_t made = parse_time(commitment.committed_at).value_or(0);
  fault_ = signatures_.fault({"broker", commitment.broker, "commitment", made, {}}, "Commitment", msg::kCommitmentType,
                             commitment);
  stage_.serve(*this, order_key(commitment.order_ref), request);
  return true;
}

}  // namespace quickpay::roles
