#include "reference/roles/revoke_broker.hpp"

#include "reference/codec/generated/protocol.hpp"
#include "reference/roles/fields.hpp"
#include "reference/roles/role.hpp"
#include "reference/roles/times.hpp"
#include "statemachines/revoke/generated/broker_revoke.hpp"
#include "statemachines/settlement/generated/broker_debt.hpp"

namespace quickpay::roles {
namespace {

namespace machine = statemachines::broker_revoke;
using machine::Effect;
using machine::Predicate;
using msg::revoke::RegisterRevoke;
using msg::revoke::RegisterRevokeResponse;
using msg::revoke::RevokeOrder;
using msg::revoke::RevokeOrderResponse;

constexpr auto& kRevoke = msg::kRevokeType;
namespace debts = statemachines::broker_debt;

bool says(const Turn& turn, msg::RevokeStanding standing) {
  const auto* answer = turn.get<RegisterRevokeResponse>();
  return answer && answer->body.revoke_state == standing;
}

}  // namespace

BrokerRevoke::BrokerRevoke(Stage& stage)
    : Actor(machine_for(stage.facts.config, machine::table(), machine::make_msm()), stage), signatures_(stage.facts) {
  stage.add(*this);
}

bool BrokerRevoke::holds(std::uint8_t predicate, const Turn& turn) {
  const auto* asked = turn.get<RevokeOrder>();
  switch (static_cast<Predicate>(predicate)) {
    case Predicate::sender_is_vendor: return asked && asked->body.revoke.order_ref.vendor == asked->head.sender;
    case Predicate::key_right: return asked && fault_ != protocol::QP_E_KEY;
    case Predicate::signature_right: return asked && fault_.empty();
    case Predicate::is_regular: return asked && asked->body.revoke.order_ref.kind == msg::Kind::regular;
    case Predicate::order_known: return debt_of(turn.key()).has_value();
    case Predicate::terms_equal: return asked && terms_equal(turn);
    case Predicate::debt_lapsed: {
      const auto debt = debt_of(turn.key());
      return debt && is_in(*debt, debts::table(), debts::State::UNCLAIMED);
    }
    case Predicate::signed_: return asked && asked->body.revoke.sig.has_value();
    case Predicate::host_says_void: return says(turn, msg::RevokeStanding::void_);
    case Predicate::host_says_standing: return says(turn, msg::RevokeStanding::standing);
    case Predicate::hold_over:
      return stage_.facts.now_ms >= after_deadline(number(turn.record, "hold_until").value_or(0));
  }
  return false;
}

/// Both moments count: a key whose time is over proves nothing new, and one whose time has not come proves nothing yet.
std::string_view BrokerRevoke::fault_of(const msg::Revoke& revoke) const {
  if (!revoke.sig) return {};
  Signer signer{"vendor", revoke.order_ref.vendor, "revoke", stage_.facts.now_ms, {}};
  const std::string_view now = signatures_.key_fault(signer, revoke.sig->key_id);
  signer.made_ms = parse_time(revoke.revoked_at).value_or(0);
  return now.empty() ? signatures_.fault(signer, "Revoke", kRevoke, revoke) : now;
}

std::optional<ledger::Record> BrokerRevoke::debt_of(std::string_view key) {
  return stage_.store.find(debts::table().id, key);
}

/// A debt that rests on a proof alone has no CommitId of the Broker's own.
bool BrokerRevoke::terms_equal(const Turn& turn) {
  const msg::Revoke& revoke = turn.get<RevokeOrder>()->body.revoke;
  const auto debt = debt_of(turn.key());
  const auto ref = debt ? recall<msg::OrderRef>(*debt, "OrderRef", msg::kOrderRefType) : std::nullopt;
  const bool same_commit = !debt || !has_field(*debt, "commit_id") || field(*debt, "commit_id") == revoke.commit_id;
  return ref && *ref == revoke.order_ref && same_commit;
}

void BrokerRevoke::apply(statemachines::EffectId effect, Turn& turn) {
  switch (static_cast<Effect>(effect)) {
    case Effect::perform_keep_revoke:
    case Effect::perform_keep_proof: return keep_revoke(turn);
    case Effect::perform_keep_effect: return keep_effect(turn);
    case Effect::perform_end_hold: return end_hold(turn);
    case Effect::start_HoldUntil: return start_hold(turn);
    case Effect::outbox_RegisterRevoke: return send_register_revoke(turn);
    case Effect::reply_QP_OK:
    case Effect::reply_QP_E_FORBIDDEN:
    case Effect::reply_QP_E_KEY:
    case Effect::reply_QP_E_SIGNATURE:
    case Effect::reply_QP_E_NOT_REVOCABLE:
    case Effect::reply_QP_E_UNKNOWN_ORDER:
    case Effect::reply_QP_E_MISMATCH:
    case Effect::hand_over_cancel:
    case Effect::stop_HoldUntil:
    case Effect::drop_RegisterRevoke:
    case Effect::alarm:
    case Effect::retry:
    case Effect::ignore: return stage_.common(effect, turn);
  }
}

/// The RevokeId of the first one stays, whatever confirms it.
void BrokerRevoke::keep_revoke(Turn& turn) {
  const auto* asked = turn.get<RevokeOrder>();
  if (!asked) return;
  const msg::Revoke& revoke = asked->body.revoke;
  keep(turn.record, "Revoke", kRevoke, revoke);
  turn.record.fields.try_emplace("revoke_id", revoke.revoke_id);
}

/// An order that was settled has cost its customer something, and the Broker has taken its commission.
void BrokerRevoke::keep_effect(Turn& turn) {
  const auto debt = debt_of(turn.key());
  const bool settled = debt && has_field(*debt, "batch_id");
  turn.record.fields["effect"] = settled ? "deduct" : "released";
  set_number(turn.record, "reversed", settled ? number(*debt, "commission").value_or(0) : 0);
  turn.record.fields.erase("held_since");
}

void BrokerRevoke::end_hold(Turn& turn) {
  set_number(turn.record, "held_ms", held_ms(turn.key()));
  turn.record.fields.erase("held_since");
}

/// Once the hold is over the Host is asked again and again, as long as its word is open.
void BrokerRevoke::start_hold(Turn& turn) {
  const std::int64_t now = stage_.facts.now_ms;
  if (has_field(turn.record, "hold_until")) {
    return stage_.start(turn, "HoldUntil", after_span(now, protocol::backoff_cap_default));
  }
  const std::int64_t until = parse_time(format_time(now + stage_.facts.spans.hold * 1000)).value_or(now);
  set_number(turn.record, "held_since", now);
  set_number(turn.record, "hold_until", until);
  stage_.start(turn, "HoldUntil", after_deadline(until));
}

void BrokerRevoke::send_register_revoke(Turn& turn) {
  const auto revoke = recall<msg::Revoke>(turn.record, "Revoke", kRevoke);
  const MessageOps* ops = ops_of(msg::revoke::kRegisterRevokeMessage);
  if (!revoke || !ops) return;
  Document<RegisterRevoke> notice;
  notice.value.head = stage_.outbox.new_head(*ops, stage_.facts.config.host);
  auto& body = notice.value.body;
  body.order_ref = revoke->order_ref;
  body.commit_id = revoke->commit_id;
  body.revoke_id = field(turn.record, "revoke_id");
  body.revoke = *revoke;
  body.commission_reversed = number(turn.record, "reversed").value_or(0);
  body.revoked_at = revoke->revoked_at;
  const std::int64_t give_up = stage_.facts.now_ms + stage_.facts.spans.claim * 1000;
  stage_.outbox.send(turn.record.machine, turn.key(), *ops, notice, {true, 0, give_up});
}

void BrokerRevoke::fill(const ledger::Record& record, const AnyDocument*, AnyDocument& response) {
  auto* answer = as<RevokeOrderResponse>(&response);
  const auto revoke = recall<msg::Revoke>(record, "Revoke", kRevoke);
  if (!answer || !revoke) return;
  const bool held = has_field(record, "held_since");
  auto& body = answer->body;
  body.revoke_id = std::string(field(record, "revoke_id"));
  body.effect = field(record, "effect") == "deduct" ? msg::RevokeEffect::deduct : msg::RevokeEffect::released;
  body.amount = revoke->order_ref.amount;
  body.state = held ? msg::RevokeState::pending : msg::RevokeState::final;
  if (held) body.hold_until = format_time(number(record, "hold_until").value_or(0));
}

bool BrokerRevoke::serve(Request& request) {
  const auto* asked = as<RevokeOrder>(request.document.get());
  if (!asked) return false;
  const msg::Revoke& revoke = asked->body.revoke;
  fault_ = fault_of(revoke);
  if (fault_ == protocol::QP_E_BUSY) {
    stage_.answers.give(request, protocol::QP_E_BUSY, {});
  } else {
    stage_.serve(*this, order_key(revoke.order_ref), request);
  }
  return true;
}

bool BrokerRevoke::held(std::string_view order_key) {
  const auto record = stage_.store.find(table().id, order_key);
  return record && has_field(*record, "held_since");
}

std::int64_t BrokerRevoke::held_ms(std::string_view order_key) {
  const auto record = stage_.store.find(table().id, order_key);
  if (!record) return 0;
  const auto since = number(*record, "held_since");
  return since ? stage_.facts.now_ms - *since : number(*record, "held_ms").value_or(0);
}

}  // namespace quickpay::roles
