#include "reference/roles/registration_vendor.hpp"

#include "reference/crypto/hash.hpp"
#include "reference/roles/addresses.hpp"
#include "reference/roles/boxed.hpp"
#include "statemachines/registration/generated/vendor_registration.hpp"

namespace quickpay::roles {
namespace {

namespace machine = statemachines::vendor_registration;
using msg::admin::Probe;
using msg::admin::ProbeResponse;
using msg::admin::RegisterVendor;
using msg::admin::RegisterVendorResponse;
using msg::admin::UnregisterVendor;
using msg::admin::UpdateVendor;

std::optional<msg::RegisterVendorResponseInner> key_in(const Seals& seals, const ledger::Record& record,
                                                       const AnyDocument& response) {
  return opened_answer<RegisterVendorResponse, msg::RegisterVendorResponseInner>(seals, record, response,
                                                                                 msg::admin::kRegisterVendorMessage);
}

}  // namespace

VendorRegistration::VendorRegistration(Stage& stage)
    : PlayerRegistration(machine_for(stage.facts.config, machine::table(), machine::make_msm()), stage) {}

std::optional<Refusal> VendorRegistration::unfit(std::string_view event, const Wanted&) const {
  const bool seals = event == "register" && stage_.facts.profile() == msg::Profile::H;
  return !seals || can_seal() ? std::nullopt : std::optional(Refusal{"no-seal-key"});
}

bool VendorRegistration::holds(std::uint8_t predicate, const Turn& turn) {
  const auto* asked = turn.get<Probe>();
  switch (static_cast<machine::Predicate>(predicate)) {
    case machine::Predicate::tag_ours:
      return asked && asked->body.probe_tag == probe_tag(turn.record);
  }
  return false;
}

/// Empty while nothing is open.
std::string VendorRegistration::probe_tag(const ledger::Record& record) const {
  if (!has_field(record, "probe_secret")) return {};
  const msg::ProbeProof proof{std::string(field(record, "probe_secret"))};
  return crypto::digest("probe", "ProbeProof", msg::kProbeProofType, &proof);
}

void VendorRegistration::apply(statemachines::EffectId effect, Turn& turn) {
  using machine::Effect;
  switch (static_cast<Effect>(effect)) {
    case Effect::perform_choose_secret:
      return choose_secret(turn);
    case Effect::perform_forget_secret:
      turn.record.fields.erase("probe_secret");
      return forget_reply_key(turn.record);
    case Effect::perform_keep_identifier:
      return keep_answer(turn);
    case Effect::send_RegisterVendor:
      return send_register(turn);
    case Effect::send_UpdateVendor:
      return send_change(turn);
    case Effect::send_UnregisterVendor:
      return ask_to_leave<UnregisterVendor>(turn, msg::admin::kUnregisterVendorMessage);
    case Effect::tell_registered:
      return tell_who(turn, "registered");
    case Effect::reply_QP_OK:
    case Effect::reply_QP_E_FORBIDDEN:
    case Effect::tell_refused:
    case Effect::tell_changed:
    case Effect::tell_gone:
    case Effect::refuse:
    case Effect::retry:
    case Effect::ignore:
      return stage_.common(effect, turn);
  }
}

void VendorRegistration::choose_secret(Turn& turn) { turn.record.fields["probe_secret"] = stage_.facts.fresh_id(); }

void VendorRegistration::send_register(Turn& turn) {
  if (wanted_.endpoints.empty()) return;
  ask<RegisterVendor>(turn, msg::admin::kRegisterVendorMessage, [&](RegisterVendor& request) {
    auto& body = request.body;
    body.endpoint = endpoint_of(wanted_.endpoints.front());
    body.probe_tag = probe_tag(turn.record);
    if (!wanted_.name.empty()) body.name = wanted_.name;
    body.key = signatures_.first_key(body.probe_tag);
    if (stage_.facts.profile() == msg::Profile::F) return true;
    choose_reply_key(stage_.facts, turn.record);
    msg::RegisterVendorInner inner;
    put_reply_key(turn.record, inner);
    body.sealed = sealed(msg::admin::kRegisterVendorMessage, &inner, request.head);
    return body.sealed.has_value();
  });
}

void VendorRegistration::send_change(Turn& turn) {
  ask<UpdateVendor>(turn, msg::admin::kUpdateVendorMessage, [&](UpdateVendor& request) {
    request.body.endpoint = endpoints_of(wanted_.endpoints);
    if (wanted_.terms) request.body.source_addr = stage_.facts.config.source_addresses;
    if (!wanted_.name.empty()) request.body.name = wanted_.name;
    request.body.probe_tag = probe_tag(turn.record);
    return true;
  });
}

/// In profile H an identifier without the key that goes with it is no answer.
bool VendorRegistration::trusts(const ledger::Record& record, const ledger::Call&, const AnyDocument& response) {
  const auto* answer = as<RegisterVendorResponse>(&response);
  if (!answer || !answer->body.vendor || stage_.facts.profile() == msg::Profile::F) return true;
  return key_in(seals_, record, response).has_value();
}

void VendorRegistration::keep_answer(Turn& turn) {
  const auto* answer = turn.get<RegisterVendorResponse>();
  if (!answer || !answer->body.vendor) return;
  const auto inner = key_in(seals_, turn.record, *turn.message);
  keep_identifier(turn, *answer->body.vendor, inner ? std::optional(inner->shared) : std::nullopt);
}

void VendorRegistration::fill(const ledger::Record& record, const AnyDocument* request, AnyDocument& response) {
  const auto* asked = as<Probe>(request);
  auto* answer = as<ProbeResponse>(&response);
  if (!asked || !answer) return;
  answer->body.nonce = asked->body.nonce;
  answer->body.probe_secret = std::string(field(record, "probe_secret"));
}

bool VendorRegistration::serve(Request& request) {
  if (!as<Probe>(request.document.get())) return false;
  stage_.serve(*this, stage_.facts.config.host, request);
  return true;
}

}  // namespace quickpay::roles
