#include "reference/roles/regular_host.hpp"

#include <algorithm>

#include "reference/roles/fees.hpp"
#include "reference/roles/fields.hpp"
#include "reference/roles/host.hpp"
#include "reference/roles/times.hpp"
#include "statemachines/regular/generated/host_purchase.hpp"

namespace quickpay::roles {
namespace {

namespace machine = statemachines::host_purchase;
using machine::Effect;
using machine::Predicate;
using msg::regular::RegisterOrder;

bool fits(const msg::Receipt& receipt, const msg::Commitment& commitment) {
  const msg::OrderRef& ref = commitment.order_ref;
  return receipt.vendor == ref.vendor && receipt.broker == commitment.broker && receipt.order_id == ref.order_id &&
         receipt.digest == ref.digest && receipt.commit_id == commitment.commit_id;
}

bool evidence_fits(const RegisterOrder& order) {
  const msg::Commitment& commitment = order.body.commitment;
  return commitment.order_ref == order.body.order_ref && commitment.broker == order.body.broker &&
         (!order.body.receipt || fits(*order.body.receipt, commitment));
}

}  // namespace

HostPurchase::HostPurchase(Stage& stage, Fees& fees)
    : Actor(machine_for(stage.facts.config, machine::table(), machine::make_msm()), stage), fees_(fees) {
  stage.add(*this);
}

bool HostPurchase::holds(std::uint8_t predicate, const Turn& turn) {
  const auto* order = turn.get<RegisterOrder>();
  if (!order) return false;
  switch (static_cast<Predicate>(predicate)) {
    case Predicate::vendor_issued: return issued(stage_.facts.directory, order->body.order_ref.vendor, "vendor");
    case Predicate::broker_issued: return issued(stage_.facts.directory, order->body.broker, "broker");
    case Predicate::evidence_fits: return evidence_fits(*order);
    case Predicate::has_receipt: return order->body.receipt.has_value();
  }
  return false;
}

void HostPurchase::apply(statemachines::EffectId effect, Turn& turn) {
  const auto* order = turn.get<RegisterOrder>();
  switch (static_cast<Effect>(effect)) {
    case Effect::perform_open_case: return open_case(turn);
    case Effect::perform_add_receipt:
      if (order && order->body.receipt) keep(turn.record, "Receipt", msg::kReceiptType, *order->body.receipt);
      return;
    case Effect::reply_QP_OK:
    case Effect::reply_QP_E_VENDOR:
    case Effect::reply_QP_E_BROKER:
    case Effect::reply_QP_E_MISMATCH: return stage_.common(effect, turn);
  }
}

void HostPurchase::open_case(Turn& turn) {
  const auto* order = turn.get<RegisterOrder>();
  if (!order) return;
  set_number(turn.record, "case_no", next_case_no(stage_.store));
  set_number(turn.record, "first_ms", stage_.facts.now_ms);
  turn.record.fields["registered_at"] = format_time(stage_.facts.now_ms);
  keep(turn.record, "Commitment", msg::kCommitmentType, order->body.commitment);
  const std::int64_t committed_ms = parse_time(order->body.commitment.committed_at).value_or(0);
  fees_.charge(case_key(order->body.order_ref, order->body.broker), order->body.order_ref, order->body.broker,
               committed_ms, turn.record);
}

void HostPurchase::fill(const ledger::Record& record, const AnyDocument*, AnyDocument& response) {
  auto* answer = as<msg::regular::RegisterOrderResponse>(&response);
  if (!answer) return;
  answer->body.case_no = std::string(field(record, "case_no"));
  answer->body.registered_at = std::string(field(record, "registered_at"));
}

bool HostPurchase::serve(Request& request) {
  const auto* order = as<RegisterOrder>(request.document.get());
  if (!order) return false;
  const std::string key = case_key(order->body.order_ref, order->body.broker) + "/" + order->head.sender.value_or("");
  stage_.serve(*this, key, request);
  return true;
}

std::optional<std::int64_t> registered_ms(Store& store, const msg::Commitment& commitment) {
  const std::string prefix = case_key(commitment.order_ref, commitment.broker) + "/";
  std::optional<std::int64_t> first;
  for (const ledger::Record& each : store.list(machine::table().id, prefix, kMaxRegistrations)) {
    if (!each.key.starts_with(prefix)) break;
    const auto kept = recall<msg::Commitment>(each, "Commitment", msg::kCommitmentType);
    const auto at = number(each, "first_ms");
    if (kept && *kept == commitment && at && (!first || *at < *first)) first = at;
  }
  return first;
}

}  // namespace quickpay::roles
