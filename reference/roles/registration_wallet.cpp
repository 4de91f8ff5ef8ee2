#include "reference/roles/registration_wallet.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "reference/roles/addresses.hpp"
#include "reference/roles/boxed.hpp"
#include "statemachines/registration/generated/wallet_registration.hpp"

namespace quickpay::roles {
namespace {

namespace machine = statemachines::wallet_registration;
using msg::admin::kRegisterWalletMessage;
using msg::admin::kUpdateWalletMessage;
using msg::admin::RegisterWallet;
using msg::admin::RegisterWalletResponse;
using msg::admin::UnregisterWallet;
using msg::admin::UpdateWallet;
using msg::admin::UpdateWalletResponse;

std::vector<msg::Net> nets_of(const std::vector<std::string>& bound) {
  std::vector<msg::Net> nets;
  for (const std::string& each : bound) {
    if (auto net = net_of(each)) nets.push_back(std::move(*net));
  }
  return nets;
}

msg::WalletSoftware software_of(const SoftwareConfig& software) {
  return {software.name, software.version, software.release_hash};
}

std::optional<msg::RegisterWalletResponseInner> entry_in(const Seals& seals, const ledger::Record& record,
                                                         const AnyDocument& response) {
  return opened_answer<RegisterWalletResponse, msg::RegisterWalletResponseInner>(seals, record, response,
                                                                                 kRegisterWalletMessage);
}
std::optional<msg::UpdateWalletResponseInner> change_in(const Seals& seals, const ledger::Record& record,
                                                        const AnyDocument& response) {
  return opened_answer<UpdateWalletResponse, msg::UpdateWalletResponseInner>(seals, record, response, kUpdateWalletMessage);
}

}  // namespace

WalletRegistration::WalletRegistration(Stage& stage)
    : PlayerRegistration(machine_for(stage.facts.config, machine::table(), machine::make_msm()), stage) {}

std::optional<Refusal> WalletRegistration::unfit(std::string_view event, const Wanted& wanted) const {
  const bool registers = event == "register";
  if (event == "leave") return std::nullopt;
  if (registers && stage_.facts.config.software.release_hash.empty()) return Refusal{"no-software"};
  const bool fits = (!registers || !wanted.bound.empty()) &&
                    std::all_of(wanted.bound.begin(), wanted.bound.end(), [](const std::string& each) {
                      const auto net = net_of(each);
                      return net && may_bind(*net);
                    });
  if (!fits) return Refusal{"unfit-address"};
  return can_seal() ? std::nullopt : std::optional(Refusal{"no-seal-key"});
}

void WalletRegistration::apply(statemachines::EffectId effect, Turn& turn) {
  using machine::Effect;
  switch (static_cast<Effect>(effect)) {
    case Effect::perform_choose_reply_key:
      return choose_reply_key(stage_.facts, turn.record);
    case Effect::perform_forget_reply_key:
      return forget_reply_key(turn.record);
    case Effect::perform_keep_identifier:
      return keep_answer(turn);
    case Effect::perform_keep_change:
      return keep_ticket(turn);
    case Effect::send_RegisterWallet:
      return send_register(turn);
    case Effect::send_UpdateWallet:
      return send_change(turn);
    case Effect::send_UnregisterWallet:
      return ask_to_leave<UnregisterWallet>(turn, msg::admin::kUnregisterWalletMessage);
    case Effect::tell_registered:
      return tell_who(turn, "registered");
    case Effect::tell_changed:
      return tell_who(turn, "changed");
    case Effect::tell_refused:
    case Effect::tell_gone:
    case Effect::refuse:
    case Effect::retry:
    case Effect::ignore:
      return stage_.common(effect, turn);
  }
}

void WalletRegistration::send_register(Turn& turn) {
  msg::RegisterWalletInner inner;
  inner.software = software_of(stage_.facts.config.software);
  inner.net = nets_of(wanted_.bound);
  put_reply_key(turn.record, inner);
  if (const SigningKeyConfig* signer = signatures_.own_signer()) inner.key = signatures_.member_key(*signer, inner.nonce);
  ask_sealed<RegisterWallet>(turn, kRegisterWalletMessage, inner);
}

void WalletRegistration::send_change(Turn& turn) {
  msg::UpdateWalletInner inner;
  inner.net = nets_of(wanted_.bound);
  if (wanted_.software) inner.software = software_of(stage_.facts.config.software);
  if (wanted_.new_ticket) inner.new_ticket = msg::Yes::yes;
  put_reply_key(turn.record, inner);
  ask_sealed<UpdateWallet>(turn, kUpdateWalletMessage, inner);
}

bool WalletRegistration::trusts(const ledger::Record& record, const ledger::Call&, const AnyDocument& response) {
  if (const auto* entered = as<RegisterWalletResponse>(&response); entered && entered->body.status.code == protocol::QP_OK) {
    const auto inner = entry_in(seals_, record, response);
    return inner && shares_as_it_must(inner->shared);
  }
  const auto* changed = as<UpdateWalletResponse>(&response);
  return !changed || changed->body.status.code != protocol::QP_OK || change_in(seals_, record, response).has_value();
}

void WalletRegistration::keep_answer(Turn& turn) {
  const auto inner = turn.message ? entry_in(seals_, turn.record, *turn.message) : std::nullopt;
  if (!inner) return;
  turn.record.fields["ticket"] = inner->lookup_ticket;
  keep_identifier(turn, inner->wallet_id, inner->shared);
}

void WalletRegistration::keep_ticket(Turn& turn) {
  const auto inner = turn.message ? change_in(seals_, turn.record, *turn.message) : std::nullopt;
  if (inner && inner->lookup_ticket) turn.record.fields["ticket"] = *inner->lookup_ticket;
}

}  // namespace quickpay::roles
