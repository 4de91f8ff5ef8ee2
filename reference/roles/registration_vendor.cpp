#include "reference/roles/registration_vendor.hpp"

#include <algorithm>
#include <utility>

#include "reference/codec/reader.hpp"
#include "reference/crypto/encoding.hpp"
#include "reference/crypto/hash.hpp"
#include "reference/crypto/seal.hpp"
#include "reference/roles/addresses.hpp"
#include "reference/roles/fields.hpp"
#include "reference/roles/times.hpp"
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

constexpr std::string_view kServedProtocol = "registration";

}  // namespace

VendorRegistration::VendorRegistration(Stage& stage)
    : Actor(machine_for(stage.facts.config, machine::table(), machine::make_msm()), stage),
      signatures_(stage.facts),
      seals_(stage.facts) {
  stage.add(*this);
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
      for (const char* name : {"probe_secret", "reply_key", "nonce"}) turn.record.fields.erase(name);
      return;
    case Effect::perform_keep_identifier:
      return keep_identifier(turn);
    case Effect::send_RegisterVendor:
      return send_register(turn);
    case Effect::send_UpdateVendor:
      return send_change(turn);
    case Effect::send_UnregisterVendor:
      return send_leave(turn);
    case Effect::reply_QP_OK:
    case Effect::reply_QP_E_FORBIDDEN:
    case Effect::tell_registered:
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
  const MessageOps* ops = ops_of(msg::admin::kRegisterVendorMessage);
  if (!ops || wanted_.endpoints.empty()) return;
  Document<RegisterVendor> request;
  auto& body = request.value.body;
  request.value.head = stage_.outbox.new_head(*ops, stage_.facts.config.host);
  body.endpoint = endpoint_of(wanted_.endpoints.front());
  body.probe_tag = probe_tag(turn.record);
  if (!wanted_.name.empty()) body.name = wanted_.name;
  body.key = signatures_.first_key(body.probe_tag);
  const bool seals = stage_.facts.profile() == msg::Profile::H;
  if (const PlayerKey* to = seals ? seals_.key_of(stage_.facts.config.host) : nullptr) {
    const msg::RegisterVendorInner inner{crypto::random_hex(stage_.facts.random, crypto::kBoxKeyBytes),
                                         stage_.facts.fresh_id()};
    turn.record.fields["reply_key"] = inner.reply_key;
    turn.record.fields["nonce"] = inner.nonce;
    body.sealed = seals_.seal(to->spki, msg::admin::kRegisterVendorInnerDocument, &inner, ops->type->request->root,
                              request.value.head);
  }
  stage_.outbox.send(turn.record.machine, turn.key(), *ops, request, {false, 0, 0});
}

void VendorRegistration::send_change(Turn& turn) {
  const MessageOps* ops = ops_of(msg::admin::kUpdateVendorMessage);
  if (!ops) return;
  Document<UpdateVendor> request;
  request.value.head = stage_.outbox.new_head(*ops, stage_.facts.config.host);
  request.value.body.endpoint = endpoints_of(wanted_.endpoints);
  if (!wanted_.name.empty()) request.value.body.name = wanted_.name;
  request.value.body.probe_tag = probe_tag(turn.record);
  stage_.outbox.send(turn.record.machine, turn.key(), *ops, request, {false, 0, 0});
}

void VendorRegistration::send_leave(Turn& turn) {
  const MessageOps* ops = ops_of(msg::admin::kUnregisterVendorMessage);
  if (!ops) return;
  Document<UnregisterVendor> request;
  request.value.head = stage_.outbox.new_head(*ops, stage_.facts.config.host);
  request.value.body.reason = msg::RemovalReason::user;
  stage_.outbox.send(turn.record.machine, turn.key(), *ops, request, {false, 0, 0});
}

std::optional<msg::RegisterVendorResponseInner> VendorRegistration::key_in(const ledger::Record& record,
                                                                           const AnyDocument& response) const {
  const auto* answer = as<RegisterVendorResponse>(&response);
  const auto reply_key = crypto::from_hex(field(record, "reply_key"));
  if (!answer || !answer->body.boxed || !reply_key) return std::nullopt;
  const auto plain =
      seals_.unbox(*reply_key, *answer->body.boxed, msg::admin::kRegisterVendorMessage.response->root, answer->head);
  if (!plain) return std::nullopt;
  auto inner =
      codec::read<msg::RegisterVendorResponseInner>(plain->view(), msg::admin::kRegisterVendorResponseInnerDocument);
  if (!inner || inner->nonce != field(record, "nonce")) return std::nullopt;
  return std::move(*inner);
}

/// In profile H an identifier without the key that goes with it is no answer.
bool VendorRegistration::trusts(const ledger::Record& record, const ledger::Call&, const AnyDocument& response) {
  const auto* answer = as<RegisterVendorResponse>(&response);
  if (!answer || !answer->body.vendor || stage_.facts.profile() == msg::Profile::F) return true;
  return key_in(record, response).has_value();
}

void VendorRegistration::keep_identifier(Turn& turn) {
  const auto* answer = turn.get<RegisterVendorResponse>();
  if (!answer || !answer->body.vendor) return;
  turn.record.fields["vendor"] = *answer->body.vendor;
  if (const auto inner = key_in(turn.record, *turn.message)) {
    turn.record.fields["key"] = inner->shared.key;
    set_number(turn.record, "epoch", inner->shared.epoch);
    set_number(turn.record, "valid_to_ms", after_deadline(parse_time(inner->shared.valid_to).value_or(0)) - 1);
  }
  take_name(turn.record);
}

void VendorRegistration::take_name(const ledger::Record& record) {
  NodeConfig& config = stage_.facts.config;
  if (!has_field(record, "vendor")) return;
  if (config.id.empty()) config.id = field(record, "vendor");
  const auto key = crypto::from_hex(field(record, "key"));
  if (!key || key->size() != crypto::kBoxKeyBytes) return;
  std::erase_if(config.shared_keys, [&](const SharedKeyConfig& shared) { return shared.peer == config.host; });
  config.shared_keys.push_back({config.host, number(record, "epoch").value_or(1), *key, number(record, "valid_to_ms")});
}

void VendorRegistration::recall_name() {
  if (const auto record = stage_.store.find(table().id, stage_.facts.config.host)) take_name(*record);
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

tl::expected<void, Refusal> VendorRegistration::act(std::string_view event, Wanted wanted) {
  const Facts& facts = stage_.facts;
  if (!serves(facts.config, kServedProtocol)) return tl::unexpected(Refusal{"not-served"});
  const bool seals = event == "register" && facts.profile() == msg::Profile::H;
  if (seals && !seals_.key_of(facts.config.host)) return tl::unexpected(Refusal{"no-seal-key"});
  Turn turn = stage_.open(*this, facts.config.host);
  wanted_ = std::move(wanted);
  stage_.run(turn, event);
  if (turn.refused) return tl::unexpected(Refusal{"out-of-state"});
  return {};
}

}  // namespace quickpay::roles
