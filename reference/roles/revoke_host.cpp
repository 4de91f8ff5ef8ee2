#include "reference/roles/revoke_host.hpp"

#include "reference/codec/generated/protocol.hpp"
#include "reference/roles/fees.hpp"
#include "reference/roles/fields.hpp"
#include "reference/roles/host.hpp"
#include "reference/roles/times.hpp"
#include "statemachines/revoke/generated/host_revoke.hpp"

namespace quickpay::roles {
namespace {

namespace machine = statemachines::host_revoke;
using machine::Effect;
using machine::Predicate;
using msg::revoke::RegisterRevoke;
using msg::revoke::RegisterRevokeResponse;

bool in(const ledger::Record& record, machine::State state) { return is_in(record, machine::table(), state); }

bool proves(const RegisterRevoke& notice) { return notice.body.revoke && notice.body.revoke->sig; }

}  // namespace

HostRevoke::HostRevoke(Stage& stage, HostMail& mail)
    : Actor(machine_for(stage.facts.config, machine::table(), machine::make_msm()), stage),
      mail_(mail),
      suspensions_(stage.facts, stage.store),
      signatures_(stage.facts) {
  stage.add(*this);
}

bool HostRevoke::holds(std::uint8_t predicate, const Turn& turn) {
  const auto* notice = turn.get<RegisterRevoke>();
  switch (static_cast<Predicate>(predicate)) {
    case Predicate::vendor_issued: return notice && issued(stage_.facts.directory, notice->body.order_ref.vendor, "vendor");
    case Predicate::is_regular: return notice && notice->body.order_ref.kind == msg::Kind::regular;
    case Predicate::key_right: return notice && fault_ != protocol::QP_E_KEY;
    case Predicate::signature_right: return notice && fault_.empty();
    case Predicate::revoke_fits: return notice && revoke_fits(turn);
    case Predicate::same_revoke: return notice && same_revoke(turn);
    case Predicate::proven: return notice && proves(*notice);
    case Predicate::put_off: return hold_over_ms(turn.record) > number(turn.record, "hold_over").value_or(0);
  }
  return false;
}

/// What the Vendor signed stays its word, whenever the notice comes: its own time counts.
std::string_view HostRevoke::fault_of(const msg::OrderRef& ref, const msg::Revoke& revoke) const {
  if (!revoke.sig) return {};
  const std::int64_t made = parse_time(revoke.revoked_at).value_or(0);
  return signatures_.fault({"vendor", ref.vendor, "revoke", made, {}}, "Revoke", msg::kRevokeType, revoke);
}

bool HostRevoke::revoke_fits(const Turn& turn) const {
  const auto& body = turn.get<RegisterRevoke>()->body;
  return !body.revoke || (body.revoke->order_ref == body.order_ref && body.revoke->commit_id == body.commit_id &&
                          body.revoke->revoked_at == body.revoked_at);
}

bool HostRevoke::same_revoke(const Turn& turn) const {
  const auto& body = turn.get<RegisterRevoke>()->body;
  return field(turn.record, "revoke_id") == body.revoke_id && field(turn.record, "commit_id") == body.commit_id;
}

void HostRevoke::apply(statemachines::EffectId effect, Turn& turn) {
  switch (static_cast<Effect>(effect)) {
    case Effect::perform_open_revoke: return open_revoke(turn);
    case Effect::perform_keep_proof: return keep_proof(turn);
    case Effect::perform_alert_vendor: return alert_vendor(turn);
    case Effect::start_T_hold: return start_hold(turn);
    case Effect::reply_QP_OK:
    case Effect::reply_QP_E_VENDOR:
    case Effect::reply_QP_E_NOT_REVOCABLE:
    case Effect::reply_QP_E_KEY:
    case Effect::reply_QP_E_SIGNATURE:
    case Effect::reply_QP_E_MISMATCH:
    case Effect::reply_QP_E_CONFLICT:
    case Effect::stop_T_hold:
    case Effect::ignore: return stage_.common(effect, turn);
  }
}

void HostRevoke::open_revoke(Turn& turn) {
  const auto* notice = turn.get<RegisterRevoke>();
  if (!notice) return;
  set_number(turn.record, "case_no", next_case_no(stage_.store));
  set_number(turn.record, "opened", stage_.facts.now_ms);
  turn.record.fields["revoke_id"] = notice->body.revoke_id;
  turn.record.fields["commit_id"] = notice->body.commit_id;
  turn.record.fields["revoked_at"] = notice->body.revoked_at;
  set_number(turn.record, "commission_reversed", notice->body.commission_reversed);
  keep(turn.record, "OrderRef", msg::kOrderRefType, notice->body.order_ref);
}

void HostRevoke::keep_proof(Turn& turn) {
  const auto* notice = turn.get<RegisterRevoke>();
  if (notice && notice->body.revoke) keep(turn.record, "Revoke", msg::kRevokeType, *notice->body.revoke);
}

void HostRevoke::alert_vendor(Turn& turn) {
  const auto* notice = turn.get<RegisterRevoke>();
  if (notice) mail_.alert("revoke-alert", notice->body.order_ref.vendor, notice->body.order_ref, notice->body.revoke_id);
}

std::int64_t HostRevoke::hold_over_ms(const ledger::Record& record) {
  const std::int64_t opened = number(record, "opened").value_or(stage_.facts.now_ms);
  return opened + stage_.facts.spans.hold * 1000 + suspensions_.between(opened, stage_.facts.now_ms);
}

void HostRevoke::start_hold(Turn& turn) {
  const std::int64_t over = hold_over_ms(turn.record);
  set_number(turn.record, "hold_over", over);
  stage_.start(turn, "T_hold", over + 1);
}

void HostRevoke::fill(const ledger::Record& record, const AnyDocument*, AnyDocument& response) {
  auto* answer = as<RegisterRevokeResponse>(&response);
  if (!answer) return;
  answer->body.case_no = std::string(field(record, "case_no"));
  answer->body.revoke_state = in(record, machine::State::UNPROVEN) ? msg::RevokeStanding::open
                              : in(record, machine::State::VOID)   ? msg::RevokeStanding::void_
                                                                   : msg::RevokeStanding::standing;
  const bool stands = answer->body.revoke_state == msg::RevokeStanding::standing;
  answer->body.fee_reversed = stands ? fee_charged(stage_.store, record.key) : 0;  // QP-RV-008
}

bool HostRevoke::serve(Request& request) {
  const auto* notice = as<RegisterRevoke>(request.document.get());
  if (!notice) return false;
  fault_ = notice->body.revoke ? fault_of(notice->body.order_ref, *notice->body.revoke) : std::string_view{};
  if (fault_ == protocol::QP_E_BUSY) {
    stage_.answers.give(request, protocol::QP_E_BUSY, {});
  } else {
    stage_.serve(*this, case_key(notice->body.order_ref, notice->head.sender.value_or("")), request);
  }
  return true;
}

RevokeRecord HostRevoke::record_of(const std::string& case_key) {
  const Turn turn = stage_.open(*this, case_key);  // a hold that is over ends first
  if (!turn.existed || in(turn.record, machine::State::VOID)) return RevokeRecord::none;
  return in(turn.record, machine::State::UNPROVEN) ? RevokeRecord::open : RevokeRecord::standing;
}

void HostRevoke::contest(const std::string& case_key) {
  Turn turn = stage_.open(*this, case_key);
  stage_.run(turn, "contest");
}

}  // namespace quickpay::roles
