#include "reference/roles/registration_members.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "reference/codec/generated/protocol.hpp"
#include "reference/crypto/encoding.hpp"
#include "reference/crypto/hash.hpp"
#include "reference/roles/addresses.hpp"
#include "reference/roles/boxed.hpp"
#include "reference/roles/fields.hpp"
#include "reference/roles/listed_keys.hpp"
#include "reference/roles/times.hpp"
#include "statemachines/registration/generated/host_broker.hpp"
#include "statemachines/registration/generated/host_wallet.hpp"

namespace quickpay::roles {
namespace {

namespace wallets = statemachines::host_wallet;
namespace brokers = statemachines::host_broker;
using msg::admin::RegisterBroker;
using msg::admin::RegisterBrokerResponse;
using msg::admin::RegisterWallet;
using msg::admin::RegisterWalletResponse;
using msg::admin::UnregisterWallet;
using msg::admin::UpdateBroker;
using msg::admin::UpdateWallet;
using msg::admin::UpdateWalletResponse;

constexpr std::string_view kWalletRole = "wallet";
constexpr std::string_view kBrokerRole = "broker";
const std::string kLastChange = "changed_ms";

const msg::RegisterWalletInner* registration_in(const Request* request) {
  return request ? request->opened<msg::RegisterWalletInner>(msg::admin::kRegisterWalletInnerDocument) : nullptr;
}
const msg::UpdateWalletInner* update_in(const Request* request) {
  return request ? request->opened<msg::UpdateWalletInner>(msg::admin::kUpdateWalletInnerDocument) : nullptr;
}
const msg::RegisterBrokerInner* broker_in(const Request* request) {
  return request ? request->opened<msg::RegisterBrokerInner>(msg::admin::kRegisterBrokerInnerDocument) : nullptr;
}

PlayerKey player_key(const msg::MemberKey& key) {
  return unlisted({key.sig.key_id, key.pub_key, key.usage, key.not_before, key.not_after, {}});
}

std::vector<std::string> bound_to(const std::vector<msg::Net>& nets) {
  std::vector<std::string> bound;
  for (const msg::Net& net : nets) bound.push_back(bound_of(net));
  return bound;
}

void add_rate(Player& broker, Rate rate) {
  auto& rates = broker.commissions;
  rates.push_back(rate);
  if (rates.size() > kMaxRates) rates.erase(rates.begin());
}

}  // namespace

// ---- host.wallet

HostWallet::HostWallet(Stage& stage, Members& members)
    : Actor(machine_for(stage.facts.config, wallets::table(), wallets::make_msm()), stage),
      members_(members),
      seals_(stage.facts) {
  stage.add(*this);
}

bool HostWallet::holds(std::uint8_t predicate, const Turn& turn) {
  using wallets::Predicate;
  switch (static_cast<Predicate>(predicate)) {
    case Predicate::covers_source:
      return covers_source(turn);
    case Predicate::key_good:
      return key_fault(turn) != protocol::QP_E_KEY;
    case Predicate::key_proven:
      return key_fault(turn).empty();
    case Predicate::entry_removed:
      return stage_.facts.directory.removed(turn.key());
  }
  return false;
}

bool HostWallet::covers_source(const Turn& turn) const {
  const auto* entered = registration_in(turn.request);
  const auto* updated = update_in(turn.request);
  if (!entered && !updated) return false;
  const std::vector<msg::Net>& nets = entered ? entered->net : updated->net;
  const auto covering = [&](const msg::Net& net) { return covers(bound_of(net), turn.request->peer); };
  return nets.empty() ||
         (std::all_of(nets.begin(), nets.end(), may_bind) && std::any_of(nets.begin(), nets.end(), covering));
}

std::string_view HostWallet::key_fault(const Turn& turn) const {
  const auto* entered = registration_in(turn.request);
  if (!entered || !entered->key) return {};
  return member_key_fault(*entered->key, entered->nonce, stage_.facts.now_ms, stage_.facts.crypto);
}

void HostWallet::apply(statemachines::EffectId effect, Turn& turn) {
  using wallets::Effect;
  switch (static_cast<Effect>(effect)) {
    case Effect::perform_list:
      return list(turn);
    case Effect::perform_change:
      return change(turn);
    case Effect::perform_remove:
      members_.remove(turn.key());
      turn.record.fields.clear();
      return;
    case Effect::reply_QP_OK:
      return answer(turn);
    case Effect::reply_QP_E_ADDRESS:
    case Effect::reply_QP_E_KEY:
    case Effect::reply_QP_E_SIGNATURE:
    case Effect::reply_QP_E_GONE:
      return stage_.common(effect, turn);
  }
}

void HostWallet::list(Turn& turn) {
  const auto* entered = registration_in(turn.request);
  if (!entered) return;
  Member member;
  member.player.id = turn.key();
  member.player.role = kWalletRole;
  member.player.bound_addresses = bound_to(entered->net);
  member.player.ticket = stage_.facts.fresh_id();
  if (entered->key) member.player.keys = {player_key(*entered->key)};
  if (stage_.facts.profile() == msg::Profile::H) member.shared = members_.new_key(turn.key());
  members_.put(member);
  keep(turn.record, "Software", msg::kWalletSoftwareType, entered->software);
}

void HostWallet::change(Turn& turn) {
  const auto* updated = update_in(turn.request);
  auto member = members_.find(turn.key());
  if (!updated || !member) return;
  if (!updated->net.empty()) member->player.bound_addresses = bound_to(updated->net);
  if (updated->new_ticket) member->player.ticket = stage_.facts.fresh_id();
  if (updated->software) keep(turn.record, "Software", msg::kWalletSoftwareType, *updated->software);
  members_.put(*member);
}

void HostWallet::answer(Turn& turn) {
  if (!turn.request) return;
  const auto member = members_.find(turn.key());
  if (const auto* entered = registration_in(turn.request); entered && member) {
    const msg::RegisterWalletResponseInner inner{entered->nonce, turn.key(), member->player.ticket,
                                                 shared_key(*member)};
    give_boxed<RegisterWalletResponse>(stage_, seals_, *turn.request, entered->reply_key, inner);
  } else if (const auto* updated = update_in(turn.request); updated && member) {
    msg::UpdateWalletResponseInner inner{updated->nonce, {}};
    if (updated->new_ticket) inner.lookup_ticket = member->player.ticket;
    give_boxed<UpdateWalletResponse>(stage_, seals_, *turn.request, updated->reply_key, inner);
  } else {
    stage_.answers.give(*turn.request, protocol::QP_OK, {});
  }
}

/// Random, so that it tells nothing of other Wallets.
std::string HostWallet::fresh_wallet() const {
  std::string id;
  do {
    id = "W" + stage_.facts.fresh_id();
  } while (stage_.facts.directory.find(id).found != Found::unknown);
  return id;
}

bool HostWallet::serve(Request& request) {
  const AnyDocument* document = request.document.get();
  if (as<RegisterWallet>(document)) {
    stage_.serve(*this, fresh_wallet(), request);
    return true;
  }
  if (!as<UpdateWallet>(document) && !as<UnregisterWallet>(document)) return false;
  stage_.serve(*this, request.sender(), request);
  return true;
}

// ---- host.broker

HostBroker::HostBroker(Stage& stage, Members& members)
    : Actor(machine_for(stage.facts.config, brokers::table(), brokers::make_msm()), stage),
      members_(members),
      seals_(stage.facts),
      signatures_(stage.facts) {
  stage.add(*this);
}

bool HostBroker::holds(std::uint8_t predicate, const Turn& turn) {
  using brokers::Predicate;
  switch (static_cast<Predicate>(predicate)) {
    case Predicate::code_good:
      return code_good(turn);
    case Predicate::keys_good:
      return keys_fault(turn) != protocol::QP_E_KEY;
    case Predicate::keys_proven:
      return keys_fault(turn).empty();
    case Predicate::own_change:
      return own_change(turn);
    case Predicate::signer_good:
      return change_fault(turn) != protocol::QP_E_KEY;
    case Predicate::signed_:
      return change_fault(turn).empty();
    case Predicate::currencies_active:
      return currencies_active(turn);
    case Predicate::later: {
      const auto* asked = turn.get<UpdateBroker>();
      const auto last = number(turn.record, kLastChange);
      return asked && (!last || parse_time(asked->body.broker_change.changed_at) > *last);
    }
  }
  return false;
}

/// All are compared, so that time does not tell how far a guess came.
bool HostBroker::code_good(const Turn& turn) const {
  const auto* asked = broker_in(turn.request);
  if (!asked) return false;
  bool known = false;
  for (const std::string& code : stage_.facts.config.broker_codes) {
    known = crypto::equal_constant_time(code, asked->enrolment_code) || known;
  }
  return known && !stage_.store.find(kUsedCodeMachine, crypto::sha256_hex(asked->enrolment_code));
}

/// A key that breaks the policy comes before a proof that is wrong, whichever of them it is.
std::string_view HostBroker::keys_fault(const Turn& turn) const {
  const auto* asked = broker_in(turn.request);
  if (!asked) return {};
  std::set<std::string> seen;
  bool signs = false, seals = false, proven = true;
  for (const msg::MemberKey& key : asked->key) {
    const std::string_view fault = member_key_fault(key, asked->nonce, stage_.facts.now_ms, stage_.facts.crypto);
    if (fault == protocol::QP_E_KEY || !seen.insert(key.pub_key).second) return protocol::QP_E_KEY;
    proven = proven && fault.empty();
    (key.usage == msg::KeyUse::sign ? signs : seals) = true;
  }
  if (!signs || !seals) return protocol::QP_E_KEY;
  return proven ? std::string_view{} : protocol::QP_E_SIGNATURE;
}

bool HostBroker::own_change(const Turn& turn) const {
  const auto* asked = turn.get<UpdateBroker>();
  return asked && asked->body.broker_change.broker == turn.key() && stage_.facts.directory.live(turn.key());
}

bool HostBroker::currencies_active(const Turn& turn) const {
  const auto* entered = broker_in(turn.request);
  const auto* changed = turn.get<UpdateBroker>();
  if (!entered && !changed) return false;
  const auto& named = entered ? entered->currency : changed->body.broker_change.currency;
  const auto& active = stage_.facts.config.currencies;
  return std::all_of(named.begin(), named.end(), [&](const std::string& code) {
    return std::find(active.begin(), active.end(), code) != active.end();
  });
}

std::string_view HostBroker::change_fault(const Turn& turn) const {
  const auto* asked = turn.get<UpdateBroker>();
  if (!asked) return {};
  const msg::BrokerChange& change = asked->body.broker_change;
  const std::int64_t made_ms = parse_time(change.changed_at).value_or(0);
  const Signer now{kBrokerRole, turn.key(), "broker-change", stage_.facts.now_ms, {}};
  if (const auto fault = signatures_.key_fault(now, change.sig.key_id); !fault.empty()) return fault;
  const Signer signer{kBrokerRole, turn.key(), "broker-change", made_ms, {}};
  return signatures_.fault(signer, "BrokerChange", msg::kBrokerChangeType, change);
}

void HostBroker::apply(statemachines::EffectId effect, Turn& turn) {
  using brokers::Effect;
  switch (static_cast<Effect>(effect)) {
    case Effect::perform_list:
      return list(turn);
    case Effect::perform_change:
      return change(turn);
    case Effect::reply_QP_OK:
      return answer(turn);
    case Effect::reply_QP_E_FORBIDDEN:
    case Effect::reply_QP_E_KEY:
    case Effect::reply_QP_E_SIGNATURE:
    case Effect::reply_QP_E_CURRENCY:
    case Effect::reply_QP_E_CONFLICT:
      return stage_.common(effect, turn);
  }
}

void HostBroker::list(Turn& turn) {
  const auto* asked = broker_in(turn.request);
  if (!asked) return;
  Member member;
  member.player.id = turn.key();
  member.player.role = kBrokerRole;
  member.player.name = asked->name;
  member.player.source_addresses = asked->source_addr;
  member.player.currencies = asked->currency;
  if (asked->commission_bp) add_rate(member.player, {stage_.facts.now_ms, *asked->commission_bp});
  member.player.oldest_paycards = oldest_in(asked->min_paycard);
  member.player.endpoints = places_of(asked->endpoint);
  for (const msg::MemberKey& key : asked->key) member.player.keys.push_back(player_key(key));
  if (stage_.facts.profile() == msg::Profile::H) member.shared = members_.new_key(turn.key());
  members_.take_id(kBrokerRole, turn.key());
  members_.put(member);
  stage_.store.put(
      {std::string(kUsedCodeMachine), crypto::sha256_hex(asked->enrolment_code), "USED", {}, {{"broker", turn.key()}}});
}

void HostBroker::change(Turn& turn) {
  const auto* asked = turn.get<UpdateBroker>();
  auto member = members_.find(turn.key());
  if (!asked || !member) return;
  const msg::BrokerChange& change = asked->body.broker_change;
  if (change.name) member->player.name = *change.name;
  if (!change.endpoint.empty()) member->player.endpoints = places_of(change.endpoint);
  if (!change.source_addr.empty()) member->player.source_addresses = change.source_addr;
  if (!change.currency.empty()) member->player.currencies = change.currency;
  if (!change.min_paycard.empty()) member->player.oldest_paycards = oldest_in(change.min_paycard);
  if (change.commission_bp) add_rate(member->player, {stage_.facts.now_ms, *change.commission_bp});
  set_number(turn.record, kLastChange, parse_time(change.changed_at).value_or(0));
  members_.put(*member);
}

void HostBroker::answer(Turn& turn) {
  if (!turn.request) return;
  const auto* asked = broker_in(turn.request);
  const auto member = asked ? members_.find(turn.key()) : std::nullopt;
  if (!member) return stage_.answers.give(*turn.request, protocol::QP_OK, {});
  const std::int64_t fee_bp = stage_.facts.config.fee_bp;
  const auto told = fee_bp > 0 ? std::optional(fee_bp) : std::nullopt;
  const msg::RegisterBrokerResponseInner inner{asked->nonce, turn.key(), shared_key(*member), told};
  give_boxed<RegisterBrokerResponse>(stage_, seals_, *turn.request, asked->reply_key, inner);
}

bool HostBroker::serve(Request& request) {
  const AnyDocument* document = request.document.get();
  if (as<RegisterBroker>(document)) {
    stage_.serve(*this, members_.next_id(kBrokerRole, 'B'), request);
    return true;
  }
  if (!as<UpdateBroker>(document)) return false;
  stage_.serve(*this, request.sender(), request);
  return true;
}

}  // namespace quickpay::roles
