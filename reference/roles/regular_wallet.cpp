#include "reference/roles/regular_wallet.hpp"

#include "reference/roles/fields.hpp"
#include "reference/roles/times.hpp"
#include "statemachines/regular/generated/wallet_purchase.hpp"

namespace quickpay::roles {
namespace {

namespace machine = statemachines::wallet_purchase;
namespace regular = msg::regular;
using machine::Effect;
using machine::Predicate;

constexpr auto& kRef = msg::kOrderRefType;
constexpr auto& kCommitment = msg::kCommitmentType;

std::int64_t ms_of(std::string_view time) { return parse_time(time).value_or(0); }

const msg::SignedOffer* offer_in(const AnyDocument* message) {
  const auto* answer = as<regular::GetOrderResponse>(message);
  return answer && answer->body.offer ? &*answer->body.offer : nullptr;
}
const msg::Commitment* commitment_in(const AnyDocument* message) {
  const auto* answer = as<regular::InquiryPaymentResponse>(message);
  return answer && answer->body.commitment ? &*answer->body.commitment : nullptr;
}
const msg::Receipt* receipt_in(const AnyDocument* message) {
  const auto* answer = as<regular::RequestOrderDeliveryResponse>(message);
  return answer && answer->body.receipt ? &*answer->body.receipt : nullptr;
}

}  // namespace

std::optional<std::string> PurchaseSigner::sign(msg::WalletOrder& order) {
  const auto key = signatures_.own_public_key();
  const bool signed_now = key && signatures_.sign("wallet-order", "WalletOrder", msg::kWalletOrderType, order);
  return signed_now ? key : std::nullopt;
}

WalletPurchase::WalletPurchase(Stage& stage)
    : Actor(machine_for(stage.facts.config, machine::table(), machine::make_msm()), stage),
      signatures_(stage.facts),
      offers_(stage, &signer_) {
  stage.add(*this);
}

bool WalletPurchase::holds(std::uint8_t predicate, const Turn& turn) {
  switch (static_cast<Predicate>(predicate)) {
    case Predicate::vendor_entry_there: return offers_.vendor_known(turn.record);
    case Predicate::offer_right: return offer_right(turn);
    case Predicate::digest_shown:
      return turn.user && has_field(turn.record, "digest") && turn.user->digest == field(turn.record, "digest");
    case Predicate::paycard_authorizes: return offers_.authorizes(table(), predicate, turn);
    case Predicate::commitment_signed: return commitment_signed(turn);
    case Predicate::commitment_right: return commitment_right(turn);
    case Predicate::receipt_right: return receipt_right(turn);
    case Predicate::notices_settled: return !stage_.outbox.has_notices(turn.record.machine, turn.key());
  }
  return false;
}

bool WalletPurchase::trusts(const ledger::Record& record, const ledger::Call&, const AnyDocument& response) {
  const Directory& directory = stage_.facts.directory;
  if (offer_in(&response) || receipt_in(&response)) {
    return directory.find(field(record, "vendor")).found != Found::unavailable;
  }
  return !commitment_in(&response) || directory.find(field(record, "broker")).found != Found::unavailable;
}

bool WalletPurchase::offer_right(const Turn& turn) const {
  const msg::SignedOffer* offer = offer_in(turn.message);
  if (!offer) return false;
  const msg::Order& order = offer->order;
  const Signer signer{"vendor", field(turn.record, "vendor"), "vendor-order", ms_of(order.created), {}};
  return offers_.order_right({order, offer->item_text, offer->salt, {}, {}}, msg::Kind::regular, turn.record) &&
         signatures_.fault(signer, "Offer", msg::kSignedOfferType, *offer).empty();
}

bool WalletPurchase::commitment_signed(const Turn& turn) const {
  const msg::Commitment* commitment = commitment_in(turn.message);
  if (!commitment) return false;
  const Signer signer{"broker", field(turn.record, "broker"), "commitment", ms_of(commitment->committed_at), {}};
  return signatures_.fault(signer, "Commitment", kCommitment, *commitment).empty();
}

bool WalletPurchase::commitment_right(const Turn& turn) const {
  const msg::Commitment* commitment = commitment_in(turn.message);
  const auto ref = recall<msg::OrderRef>(turn.record, "OrderRef", kRef);
  return commitment && ref && commitment->order_ref == *ref && commitment->broker == field(turn.record, "broker");
}

bool WalletPurchase::receipt_right(const Turn& turn) const {
  const msg::Receipt* receipt = receipt_in(turn.message);
  const auto commitment = recall<msg::Commitment>(turn.record, "Commitment", kCommitment);
  if (!receipt || !commitment) return false;
  const msg::OrderRef& ref = commitment->order_ref;
  const bool fits = receipt->vendor == ref.vendor && receipt->broker == commitment->broker &&
                    receipt->order_id == ref.order_id && receipt->digest == ref.digest &&
                    receipt->commit_id == commitment->commit_id;
  const Signer signer{"vendor", ref.vendor, "vendor-receipt", ms_of(receipt->accepted_at), {}};
  return fits && signatures_.fault(signer, "Receipt", msg::kReceiptType, *receipt).empty();
}

void WalletPurchase::apply(statemachines::EffectId effect, Turn& turn) {
  const Facts& facts = stage_.facts;
  const auto start = [&](const char* timer, std::int64_t seconds) {
    stage_.start(turn, timer, after_span(facts.now_ms, seconds));
  };
  switch (static_cast<Effect>(effect)) {
    case Effect::send_GetOrder: return send_get_order(turn);
    case Effect::send_InquiryPayment: return send_inquiry(turn);
    case Effect::send_RequestOrderDelivery: return send_delivery_request(turn);
    case Effect::outbox_RegisterOrder: return send_register_order(turn);
    case Effect::start_T_ask: return start("T_ask", facts.spans.ask);
    case Effect::start_T_valid: return start("T_valid", number(turn.record, "valid_s").value_or(0));
    case Effect::start_T_settle: return start("T_settle", facts.spans.settle);
    case Effect::start_ClaimBy: return start_claim_by(turn);
    case Effect::perform_show_offer: return show_offer(turn);
    case Effect::perform_record_confirmation: return offers_.record_confirmation(turn);
    case Effect::perform_store_commitment: return store_commitment(turn);
    case Effect::perform_store_receipt: return store_receipt(turn);
    case Effect::perform_keep_evidence: return keep_evidence(turn);
    case Effect::perform_clear_outbox: return stage_.outbox.drop_notices(turn.record.machine, turn.key());
    case Effect::stop_T_ask:
    case Effect::stop_T_valid:
    case Effect::stop_T_settle:
    case Effect::stop_ClaimBy:
    case Effect::drop_GetOrder:
    case Effect::drop_InquiryPayment:
    case Effect::drop_RequestOrderDelivery:
    case Effect::tell_vendor_unknown:
    case Effect::tell_offer_wrong:
    case Effect::tell_refused:
    case Effect::tell_no_answer:
    case Effect::tell_cancelled:
    case Effect::tell_offer_expired:
    case Effect::tell_cannot_pay:
    case Effect::tell_commitment_wrong:
    case Effect::tell_choose_paycard:
    case Effect::tell_accepted:
    case Effect::alarm:
    case Effect::retry:
    case Effect::refuse:
    case Effect::ignore: return stage_.common(effect, turn);
  }
}

void WalletPurchase::send_get_order(Turn& turn) {
  offers_.send_get_order<regular::GetOrder>(turn, ops_of(regular::kGetOrderMessage), [&](auto& body) {
    body.kind = msg::Kind::regular;
    if (turn.user && turn.user->quantity != 1) body.quantity = turn.user->quantity;
  });
}

void WalletPurchase::send_inquiry(Turn& turn) {
  offers_.send_inquiry<regular::InquiryPayment>(turn, ops_of(regular::kInquiryPaymentMessage));
}

void WalletPurchase::send_delivery_request(Turn& turn) {
  const MessageOps* ops = ops_of(regular::kRequestOrderDeliveryMessage);
  const auto commitment = recall<msg::Commitment>(turn.record, "Commitment", kCommitment);
  if (!ops || !commitment) return;
  Document<regular::RequestOrderDelivery> request;
  request.value.head = stage_.outbox.new_head(*ops, field(turn.record, "vendor"));
  auto& body = request.value.body;
  body.commitment = *commitment;
  body.buyer_secret = field(turn.record, "buyer_secret");
  body.vendor_state = optional_field(turn.record, "vendor_state");
  stage_.outbox.send(turn.record.machine, turn.key(), *ops, request, {});
}

void WalletPurchase::send_register_order(Turn& turn) {
  const MessageOps* ops = ops_of(regular::kRegisterOrderMessage);
  const auto commitment = recall<msg::Commitment>(turn.record, "Commitment", kCommitment);
  if (!ops || !commitment) return;
  const Facts& facts = stage_.facts;
  Document<regular::RegisterOrder> notice;
  notice.value.head = stage_.outbox.new_head(*ops, facts.config.host);
  auto& body = notice.value.body;
  body.order_ref = commitment->order_ref;
  body.broker = commitment->broker;
  body.commitment = *commitment;
  body.receipt = recall<msg::Receipt>(turn.record, "Receipt", msg::kReceiptType);
  const std::int64_t give_up = facts.now_ms + facts.spans.settle * 1000;
  stage_.outbox.send(turn.record.machine, turn.key(), *ops, notice, {true, 0, give_up});
}

void WalletPurchase::show_offer(Turn& turn) {
  const msg::SignedOffer* offer = offer_in(turn.message);
  if (!offer) return;
  const auto& body = turn.get<regular::GetOrderResponse>()->body;
  keep(turn.record, "Offer", msg::kSignedOfferType, *offer);
  offers_.keep_order(turn, {offer->order, offer->item_text, offer->salt, body.vendor_name, body.vendor_state});
  show(turn);
}

void WalletPurchase::show(Turn& turn) {
  const auto offer = recall<msg::SignedOffer>(turn.record, "Offer", msg::kSignedOfferType);
  if (offer) offers_.show(turn, offer->order, offer->item_text);
}

void WalletPurchase::store_commitment(Turn& turn) {
  if (const auto* commitment = commitment_in(turn.message)) keep(turn.record, "Commitment", kCommitment, *commitment);
}

void WalletPurchase::store_receipt(Turn& turn) {
  if (const auto* receipt = receipt_in(turn.message)) keep(turn.record, "Receipt", msg::kReceiptType, *receipt);
}

/// Under names of their own, so that nothing takes them for what was asked for.
void WalletPurchase::keep_evidence(Turn& turn) {
  auto& kept = turn.record.fields["evidence"];
  if (const auto* commitment = commitment_in(turn.message)) {
    kept = codec::write_fragment("Commitment", kCommitment, commitment);
  }
  if (const auto* receipt = receipt_in(turn.message)) {
    kept = codec::write_fragment("Receipt", msg::kReceiptType, receipt);
  }
}

/// ClaimBy is the Broker's time: the Wallet only takes from it how long the commitment lasts (QP-ADD-27).
void WalletPurchase::start_claim_by(Turn& turn) {
  const msg::Commitment* commitment = commitment_in(turn.message);
  if (!commitment) return;
  const std::int64_t lasts = ms_of(commitment->claim_by) - ms_of(commitment->committed_at);
  stage_.start(turn, "ClaimBy", after_deadline(stage_.facts.now_ms + lasts));
}

}  // namespace quickpay::roles
