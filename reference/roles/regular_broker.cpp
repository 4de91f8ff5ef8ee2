#include "reference/roles/regular_broker.hpp"

#include "reference/roles/fields.hpp"
#include "reference/roles/role.hpp"
#include "reference/roles/times.hpp"
#include "statemachines/regular/generated/broker_commitment.hpp"

namespace quickpay::roles {
namespace {

namespace machine = statemachines::broker_commitment;
using machine::Effect;
using machine::Predicate;

constexpr auto& kCommitment = msg::kCommitmentType;

}  // namespace

BrokerCommitment::BrokerCommitment(Stage& stage)
    : Actor(machine_for(stage.facts.config, machine::table(), machine::make_msm()), stage),
      inquiries_(stage.facts, stage.store),
      signatures_(stage.facts) {
  stage.add(*this);
}

bool BrokerCommitment::holds(std::uint8_t predicate, const Turn& turn) {
  const auto inquiry = Inquiry::of(turn.message);
  if (!inquiry) return false;
  switch (static_cast<Predicate>(predicate)) {
    case Predicate::paycard_bound: return inquiries_.binding(*inquiry) != nullptr;
    case Predicate::token_right: return inquiries_.token_right(*inquiry);
    case Predicate::currency_active: return inquiries_.currency_active(*inquiry);
    case Predicate::vendor_entry_at_hand: return inquiries_.vendor_of(*inquiry).found != Found::unavailable;
    case Predicate::vendor_accepted: return inquiries_.vendor_accepted(*inquiry);
    case Predicate::same_content: return inquiries_.same_content(*inquiry, turn.record);
    case Predicate::policy_declines: return inquiries_.policy_declines(*inquiry);
    case Predicate::funds_suffice: return inquiries_.funds_suffice(*inquiry);
  }
  return false;
}

void BrokerCommitment::apply(statemachines::EffectId effect, Turn& turn) {
  switch (static_cast<Effect>(effect)) {
    case Effect::perform_commit: return commit(turn);
    case Effect::reply_QP_OK:
    case Effect::reply_QP_E_PAYCARD:
    case Effect::reply_QP_E_FORBIDDEN:
    case Effect::reply_QP_E_CURRENCY:
    case Effect::reply_QP_E_BUSY:
    case Effect::reply_QP_E_VENDOR:
    case Effect::reply_QP_E_DECLINED:
    case Effect::reply_QP_E_FUNDS:
    case Effect::reply_QP_E_CONFLICT:
    case Effect::hand_over_debt: return stage_.common(effect, turn);
  }
}

/// The first commitment that is durable is the only one that is ever given: nothing of the signature leaves before its
/// unit is on the disk.
void BrokerCommitment::commit(Turn& turn) {
  const auto inquiry = Inquiry::of(turn.message);
  if (!inquiry) return;
  const Facts& facts = stage_.facts;
  const std::string account = inquiries_.take_over(*inquiry, turn.record);
  inquiries_.accounts().commit_at_once(account, inquiry->ref->amount);
  msg::Commitment made{facts.config.id, facts.fresh_id(), *inquiry->ref, format_time(facts.now_ms),
                       format_time(facts.now_ms + facts.spans.claim * 1000), {}};
  if (!signatures_.sign("commitment", "Commitment", kCommitment, made)) {
    return stage_.store.corrupt("commitment " + turn.key() + " cannot be signed");
  }
  keep(turn.record, "Commitment", kCommitment, made);
  auto& fields = turn.record.fields;  // as the debt takes them over
  fields["commit_id"] = made.commit_id;
  fields["committed_at"] = made.committed_at;
  fields["settle_by"] = made.claim_by;
}

void BrokerCommitment::fill(const ledger::Record& record, const AnyDocument*, AnyDocument& response) {
  auto* answer = as<msg::regular::InquiryPaymentResponse>(&response);
  if (answer) answer->body.commitment = recall<msg::Commitment>(record, "Commitment", kCommitment);
}

bool BrokerCommitment::serve(Request& request) {
  const auto* inquiry = as<msg::regular::InquiryPayment>(request.document.get());
  if (inquiry && signatures_.can_sign()) stage_.serve(*this, order_key(inquiry->body.order_ref), request);
  return inquiry != nullptr;
}

}  // namespace quickpay::roles
