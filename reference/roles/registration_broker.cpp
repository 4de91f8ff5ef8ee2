#include "reference/roles/registration_broker.hpp"

#include <algorithm>
#include <utility>

#include "reference/roles/addresses.hpp"
#include "reference/roles/boxed.hpp"
#include "reference/roles/listed_keys.hpp"
#include "reference/roles/times.hpp"
#include "statemachines/registration/generated/broker_registration.hpp"

namespace quickpay::roles {
namespace {

namespace machine = statemachines::broker_registration;
using msg::admin::kRegisterBrokerMessage;
using msg::admin::RegisterBroker;
using msg::admin::RegisterBrokerResponse;
using msg::admin::UpdateBroker;

const std::string kChangedAt = "changed_ms";
constexpr std::int64_t kMsOfSecond = 1000;

std::optional<msg::RegisterBrokerResponseInner> entry_in(const Seals& seals, const ledger::Record& record,
                                                         const AnyDocument& response) {
  return opened_answer<RegisterBrokerResponse, msg::RegisterBrokerResponseInner>(seals, record, response,
                                                                                 kRegisterBrokerMessage);
}

/// Those that the Host may list: neither withdrawn nor over.
std::vector<const SigningKeyConfig*> listable(const std::vector<SigningKeyConfig>& keys, std::int64_t now_ms) {
  std::vector<const SigningKeyConfig*> found;
  for (const SigningKeyConfig& key : keys) {
    if (!key.withdrawn && now_ms <= key.not_after_ms) found.push_back(&key);
  }
  return found;
}

}  // namespace

BrokerRegistration::BrokerRegistration(Stage& stage)
    : PlayerRegistration(machine_for(stage.facts.config, machine::table(), machine::make_msm()), stage),
      names_currencies_(!stage.facts.config.currencies.empty()) {}

template <class Told>
void BrokerRegistration::tell_terms(Told& told) const {
  const NodeConfig& config = stage_.facts.config;
  told.source_addr = config.source_addresses;
  if (names_currencies_) told.currency = config.currencies;
  told.commission_bp = config.commission_bp;
  told.min_paycard = told_of(config.oldest_paycards);
}

std::optional<Refusal> BrokerRegistration::unfit(std::string_view event, const Wanted& wanted) const {
  const NodeConfig& config = stage_.facts.config;
  if (event != "register") return signatures_.can_sign() ? std::nullopt : std::optional(Refusal{"no-signing-key"});
  if (wanted.code.empty() || wanted.name.empty() || wanted.endpoints.empty()) return Refusal{"incomplete"};
  if (!can_seal()) return Refusal{"no-seal-key"};
  const std::size_t signs = listable(config.signing_keys, stage_.facts.now_ms).size();
  const std::size_t seals = listable(config.sealing_keys, stage_.facts.now_ms).size();
  if (signs == 0 || seals == 0 || signs + seals > kMaxOwnKeys) return Refusal{"unfit-keys"};
  return std::nullopt;
}

void BrokerRegistration::apply(statemachines::EffectId effect, Turn& turn) {
  using machine::Effect;
  switch (static_cast<Effect>(effect)) {
    case Effect::perform_choose_reply_key:
      return choose_reply_key(stage_.facts, turn.record);
    case Effect::perform_forget_reply_key:
      return forget_reply_key(turn.record);
    case Effect::perform_keep_identifier:
      return keep_answer(turn);
    case Effect::send_RegisterBroker:
      return send_register(turn);
    case Effect::send_UpdateBroker:
      return send_change(turn);
    case Effect::tell_registered:
      return tell_who(turn, "registered");
    case Effect::tell_refused:
    case Effect::tell_changed:
    case Effect::refuse:
    case Effect::retry:
    case Effect::ignore:
      return stage_.common(effect, turn);
  }
}

void BrokerRegistration::send_register(Turn& turn) {
  const NodeConfig& config = stage_.facts.config;
  msg::RegisterBrokerInner inner;
  inner.enrolment_code = wanted_.code;
  inner.name = wanted_.name;
  inner.endpoint = endpoints_of(wanted_.endpoints);
  tell_terms(inner);
  put_reply_key(turn.record, inner);
  for (const auto* keys : {&config.signing_keys, &config.sealing_keys}) {
    for (const SigningKeyConfig* key : listable(*keys, stage_.facts.now_ms)) {
      if (auto made = signatures_.member_key(*key, inner.nonce)) inner.key.push_back(std::move(*made));
    }
  }
  ask_sealed<RegisterBroker>(turn, kRegisterBrokerMessage, inner);
}

/// Two changes within a second are told apart, too.
void BrokerRegistration::send_change(Turn& turn) {
  const std::int64_t after_last_ms = number(turn.record, kChangedAt).value_or(0) + kMsOfSecond;
  const std::int64_t made_ms = std::max(stage_.facts.now_ms, after_last_ms);
  msg::BrokerChange change;
  change.broker = stage_.facts.config.id;
  if (!wanted_.name.empty()) change.name = wanted_.name;
  change.endpoint = endpoints_of(wanted_.endpoints);
  if (wanted_.terms) tell_terms(change);
  change.changed_at = format_time(made_ms);
  if (!signatures_.sign("broker-change", "BrokerChange", msg::kBrokerChangeType, change)) return;
  set_number(turn.record, kChangedAt, made_ms);
  ask<UpdateBroker>(turn, msg::admin::kUpdateBrokerMessage, [&](UpdateBroker& request) {
    request.body.broker_change = std::move(change);
    return true;
  });
}

bool BrokerRegistration::trusts(const ledger::Record& record, const ledger::Call&, const AnyDocument& response) {
  const auto* answer = as<RegisterBrokerResponse>(&response);
  if (!answer || answer->body.status.code != protocol::QP_OK) return true;
  const auto inner = entry_in(seals_, record, response);
  return inner && shares_as_it_must(inner->shared);
}

void BrokerRegistration::keep_answer(Turn& turn) {
  const auto inner = turn.message ? entry_in(seals_, turn.record, *turn.message) : std::nullopt;
  if (!inner) return;
  set_number(turn.record, "fee_bp", inner->fee_bp.value_or(0));
  keep_identifier(turn, inner->broker, inner->shared);
}

}  // namespace quickpay::roles
