#include "reference/roles/revoke_vendor.hpp"

#include "reference/roles/fields.hpp"
#include "reference/roles/times.hpp"
#include "statemachines/revoke/generated/vendor_revoke.hpp"
#include "statemachines/settlement/generated/vendor_claim.hpp"

namespace quickpay::roles {
namespace {

namespace machine = statemachines::vendor_revoke;
using machine::Effect;
using machine::Predicate;
using msg::revoke::RevokeOrder;
using msg::revoke::RevokeOrderResponse;

constexpr auto& kRevoke = msg::kRevokeType;
constexpr std::string_view kServedProtocol = "revoke";
namespace claims = statemachines::vendor_claim;

}  // namespace

VendorRevoke::VendorRevoke(Stage& stage)
    : Actor(machine_for(stage.facts.config, machine::table(), machine::make_msm()), stage), signatures_(stage.facts) {
  stage.add(*this);
}

bool VendorRevoke::holds(std::uint8_t predicate, const Turn& turn) {
  switch (static_cast<Predicate>(predicate)) {
    case Predicate::claim_at_rest: return claim_at_rest(turn);
    case Predicate::answer_right: return answer_right(turn);
  }
  return false;
}

bool VendorRevoke::claim_at_rest(const Turn& turn) const {
  const auto claim = stage_.store.find(claims::table().id, turn.key());
  return claim && has_field(*claim, "Commitment") &&
         (is_in(*claim, claims::table(), claims::State::CLAIMABLE) || is_in(*claim, claims::table(), claims::State::SETTLED) ||
          is_in(*claim, claims::table(), claims::State::WITHDRAWN));
}

bool VendorRevoke::answer_right(const Turn& turn) const {
  const auto* answer = turn.get<RevokeOrderResponse>();
  const auto asked = recall<msg::Revoke>(turn.record, "Revoke", kRevoke);
  if (!answer || !asked) return false;
  const bool pending = answer->body.state == msg::RevokeState::pending;
  return answer->body.amount == asked->order_ref.amount && answer->body.hold_until.has_value() == pending;
}

void VendorRevoke::apply(statemachines::EffectId effect, Turn& turn) {
  switch (static_cast<Effect>(effect)) {
    case Effect::perform_make_revoke: return make_revoke(turn);
    case Effect::perform_keep_answer: return keep_answer(turn);
    case Effect::send_RevokeOrder: return send(turn);
    case Effect::start_T_claim:
      return stage_.start(turn, "T_claim", after_span(stage_.facts.now_ms, stage_.facts.spans.claim));
    case Effect::perform_forget_revoke: turn.record.fields.erase("Revoke"); return;
    case Effect::hand_over_give_up:
    case Effect::hand_over_take_back:
    case Effect::stop_T_claim:
    case Effect::drop_RevokeOrder:
    case Effect::refuse:
    case Effect::alarm:
    case Effect::retry:
    case Effect::ignore: return stage_.common(effect, turn);
  }
}

void VendorRevoke::make_revoke(Turn& turn) {
  const auto claim = stage_.store.find(claims::table().id, turn.key());
  const auto ref = claim ? recall<msg::OrderRef>(*claim, "OrderRef", msg::kOrderRefType) : std::nullopt;
  if (!ref) return;
  msg::Revoke revoke;
  revoke.revoke_id = stage_.facts.fresh_id();
  revoke.order_ref = *ref;
  revoke.commit_id = field(*claim, "commit_id");
  revoke.reason = reason_;
  revoke.revoked_at = format_time(stage_.facts.now_ms);
  signatures_.sign("revoke", "Revoke", kRevoke, revoke);  // without a key profile F has it unsigned
  keep(turn.record, "Revoke", kRevoke, revoke);
  turn.record.fields["broker"] = field(*claim, "broker");
}

void VendorRevoke::keep_answer(Turn& turn) {
  const auto* answer = turn.get<RevokeOrderResponse>();
  if (!answer) return;
  turn.record.fields["effect"] = msg::to_string(answer->body.effect.value_or(msg::RevokeEffect::released));
  turn.record.fields["answer"] = msg::to_string(answer->body.state.value_or(msg::RevokeState::final));
  turn.record.fields["hold_until"] = answer->body.hold_until.value_or("");
}

void VendorRevoke::send(Turn& turn) {
  const auto revoke = recall<msg::Revoke>(turn.record, "Revoke", kRevoke);
  const MessageOps* ops = ops_of(msg::revoke::kRevokeOrderMessage);
  if (!revoke || !ops) return;
  Document<RevokeOrder> request;
  request.value.head = stage_.outbox.new_head(*ops, field(turn.record, "broker"));
  request.value.body.revoke = *revoke;
  stage_.outbox.send(turn.record.machine, turn.key(), *ops, request, {false, 0, 0});
}

bool VendorRevoke::revoked(std::string_view key) {
  const auto own = stage_.store.find(table().id, key);
  return own && has_field(*own, "Revoke");
}

tl::expected<void, Refusal> VendorRevoke::revoke(std::string_view key, msg::RevokeReason reason) {
  if (!serves(stage_.facts.config, kServedProtocol)) return tl::unexpected(Refusal{"not-served"});
  if (stage_.facts.profile() == msg::Profile::H && !signatures_.can_sign()) return tl::unexpected(Refusal{"no-signing-key"});
  if (!stage_.store.find(claims::table().id, key)) return tl::unexpected(Refusal{"unknown-order"});
  Turn turn = stage_.open(*this, key);
  reason_ = reason;
  stage_.run(turn, "revoke");
  if (turn.refused) return tl::unexpected(Refusal{"out-of-state"});
  return {};
}

}  // namespace quickpay::roles
