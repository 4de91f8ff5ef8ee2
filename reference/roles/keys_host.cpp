#include "reference/roles/keys_host.hpp"

#include <algorithm>

#include "reference/codec/generated/protocol.hpp"
#include "reference/crypto/encoding.hpp"
#include "reference/crypto/hash.hpp"
#include "reference/roles/boxed.hpp"
#include "reference/roles/listed_keys.hpp"
#include "reference/roles/shared_keys.hpp"
#include "reference/roles/times.hpp"
#include "statemachines/keys/generated/host_keys.hpp"

namespace quickpay::roles {
namespace {

namespace machine = statemachines::host_keys;
using msg::admin::GetPairKey;
using msg::admin::GetPairKeyResponse;
using msg::admin::PublishKey;
using msg::admin::WithdrawKey;

constexpr std::int64_t kMsOfSecond = 1000;
constexpr std::string_view kRolloverPurpose = "key-rollover";
constexpr std::string_view kWithdrawalPurpose = "key-withdrawal";

const msg::PublishedKey* published_in(const Turn& turn) {
  const auto* asked = turn.get<PublishKey>();
  return asked ? &asked->body.key_change.key : nullptr;
}

const msg::Withdrawal* withdrawal_in(const Turn& turn) {
  const auto* asked = turn.get<WithdrawKey>();
  return asked ? &asked->body.withdrawal : nullptr;
}

const msg::GetPairKeyInner* wanted_in(const Turn& turn) {
  return turn.request ? turn.request->opened<msg::GetPairKeyInner>(msg::admin::kGetPairKeyInnerDocument) : nullptr;
}

bool wants_pair(const Turn& turn) {
  const auto* wanted = wanted_in(turn);
  return wanted && wanted->want == msg::KeyWanted::pair;
}

const PlayerKey* key_named(const Player* player, std::string_view key_id) {
  if (!player) return nullptr;
  const auto at = std::find_if(player->keys.begin(), player->keys.end(),
                               [&](const PlayerKey& key) { return key.key_id == key_id; });
  return at == player->keys.end() ? nullptr : &*at;
}

}  // namespace

HostKeys::HostKeys(Stage& stage, Members& members)
    : Actor(machine_for(stage.facts.config, machine::table(), machine::make_msm()), stage),
      members_(members),
      seals_(stage.facts),
      signatures_(stage.facts) {
  stage.add(*this);
}

bool HostKeys::holds(std::uint8_t predicate, const Turn& turn) {
  using machine::Predicate;
  switch (static_cast<Predicate>(predicate)) {
    case Predicate::own_key: return own_key(turn);
    case Predicate::entry_removed: return stage_.facts.directory.removed(turn.key());
    case Predicate::key_listed: return key_listed(turn);
    case Predicate::room: return room(turn);
    case Predicate::key_good: return proof_fault(turn) != protocol::QP_E_KEY;
    case Predicate::entitled: return entitled(turn);
    case Predicate::signer_good: return signer_good(turn);
    case Predicate::change_signed: return change_signed(turn);
    case Predicate::key_known: return withdrawal_in(turn) && key_named(sender(turn), withdrawal_in(turn)->key_id);
    case Predicate::withdrawer_good: return withdrawer_good(turn);
    case Predicate::withdrawal_signed: return withdrawal_signed(turn);
    case Predicate::shares_key: return shares_key(turn);
    case Predicate::wants_pair: return wants_pair(turn);
    case Predicate::of_vendor: return sender(turn) && sender(turn)->role == "vendor";
    case Predicate::peer_shares: return of_peer(turn).has_value();
    case Predicate::next_due: return next_due(turn);
  }
  return false;
}

const Player* HostKeys::sender(const Turn& turn) const {
  const Lookup known = stage_.facts.directory.find(turn.key());
  return known.found == Found::known ? known.player : nullptr;
}

bool HostKeys::own_key(const Turn& turn) const {
  const auto* key = published_in(turn);
  const auto* withdrawal = withdrawal_in(turn);
  return (key && key->player == turn.key()) || (withdrawal && withdrawal->player == turn.key());
}

/// By its bytes: what the request calls the key is not proven yet.
bool HostKeys::key_listed(const Turn& turn) const {
  const auto* key = published_in(turn);
  const auto der = key ? crypto::base64_decode(key->pub_key) : std::nullopt;
  return der && key_named(sender(turn), crypto::sha256_hex(*der));
}

bool HostKeys::room(const Turn& turn) const {
  return sender(turn) && sender(turn)->keys.size() < entry_room("Key");
}

std::string_view HostKeys::proof_fault(const Turn& turn) const {
  const auto* key = published_in(turn);
  return key ? published_key_fault(*key, stage_.facts.now_ms, stage_.facts.crypto) : std::string_view(protocol::QP_E_KEY);
}

/// Who has had a key to sign may not begin anew: whoever found a code of profile H would become the signer.
bool HostKeys::entitled(const Turn& turn) const {
  const auto* asked = turn.get<PublishKey>();
  const Player* player = sender(turn);
  if (!asked || !player) return false;
  if (asked->body.key_change.sig) return true;
  return asked->body.key_change.key.usage == msg::KeyUse::sign &&
         std::none_of(player->keys.begin(), player->keys.end(),
                      [](const PlayerKey& key) { return key.usage == KeyUsage::sign; });
}

bool HostKeys::signer_good(const Turn& turn) const {
  const auto* asked = turn.get<PublishKey>();
  const Player* player = sender(turn);
  if (!asked || !player) return false;
  const auto& sig = asked->body.key_change.sig;
  const Signer signer{player->role, player->id, kRolloverPurpose, stage_.facts.now_ms, {}};
  return !sig || signatures_.key_fault(signer, sig->key_id).empty();
}

bool HostKeys::change_signed(const Turn& turn) const {
  const auto* asked = turn.get<PublishKey>();
  const Player* player = sender(turn);
  if (!asked || !player || !proof_fault(turn).empty()) return false;
  const Signer signer{player->role, player->id, kRolloverPurpose, stage_.facts.now_ms, {}};
  const msg::KeyChange& change = asked->body.key_change;
  return !change.sig || signatures_.fault(signer, "KeyChange", msg::kKeyChangeType, change).empty();
}

bool HostKeys::withdrawer_good(const Turn& turn) const {
  const auto* withdrawal = withdrawal_in(turn);
  const Player* player = sender(turn);
  if (!withdrawal || !player) return false;
  const PlayerKey* signer = key_named(player, withdrawal->sig.key_id);
  if (!signer || signer->usage != KeyUsage::sign || !Signatures::keeps_policy(*signer)) return false;
  const Signer now{player->role, player->id, kWithdrawalPurpose, stage_.facts.now_ms, {}};
  return signer->key_id == withdrawal->key_id || signatures_.key_fault(now, signer->key_id).empty();
}

bool HostKeys::withdrawal_signed(const Turn& turn) const {
  const auto* withdrawal = withdrawal_in(turn);
  return withdrawal && sender(turn) &&
         Signatures::signed_by(*sender(turn), kWithdrawalPurpose, "Withdrawal", msg::kWithdrawalType, *withdrawal);
}

/// In profile F nobody has a code, and nobody shares a key.
bool HostKeys::shares_key(const Turn& turn) const {
  if (!turn.request || turn.request->epoch == 0) return false;
  const std::int64_t epoch = turn.request->epoch;
  const auto keys = members_.shared_with(turn.key());
  return std::any_of(keys.begin(), keys.end(), [&](const SharedKeyConfig& key) {
    return key.epoch == epoch && (!wants_pair(turn) || !over(key, stage_.facts.now_ms));
  });
}

/// The key of the Broker whose key with this Vendor is wanted; nothing if there is none.
std::optional<SharedKeyConfig> HostKeys::of_peer(const Turn& turn) const {
  const auto* wanted = wanted_in(turn);
  if (!wanted || !wanted->peer) return std::nullopt;
  const Lookup broker = stage_.facts.directory.find(*wanted->peer);
  if (broker.found != Found::known || broker.player->role != "broker" || broker.player->removed) return std::nullopt;
  const auto keys = members_.shared_with(*wanted->peer);
  if (keys.empty() || over(keys.back(), stage_.facts.now_ms)) return std::nullopt;
  return keys.back();
}

/// A key of the owner that has no end gets one with its first successor.
bool HostKeys::next_due(const Turn& turn) const {
  const auto keys = members_.shared_with(turn.key());
  if (keys.empty()) return false;
  const auto& end = keys.back().valid_to_ms;
  return !end || *end <= stage_.facts.now_ms + stage_.facts.spans.directory * kMsOfSecond;
}

void HostKeys::apply(statemachines::EffectId effect, Turn& turn) {
  using machine::Effect;
  switch (static_cast<Effect>(effect)) {
    case Effect::perform_list_key: return list_key(turn);
    case Effect::perform_withdraw_key: return withdraw_key(turn);
    case Effect::perform_next_key: return next_key(turn);
    case Effect::reply_QP_OK: return answer(turn);
    case Effect::reply_QP_E_FORBIDDEN:
    case Effect::reply_QP_E_GONE:
    case Effect::reply_QP_E_EXISTS:
    case Effect::reply_QP_E_TOO_MANY:
    case Effect::reply_QP_E_KEY:
    case Effect::reply_QP_E_SIGNATURE:
    case Effect::reply_QP_E_BROKER: return stage_.common(effect, turn);
  }
}

void HostKeys::list_key(Turn& turn) {
  const auto* key = published_in(turn);
  if (!key) return;
  KeyRing ring = members_.keys_of(turn.key());
  ring.changes.published.push_back(
      unlisted({key->sig.key_id, key->pub_key, key->usage, key->not_before, key->not_after, {}}));
  members_.put_keys(turn.key(), ring);
}

/// The earliest counts: a date that is moved on would make a key good again.
void HostKeys::withdraw_key(Turn& turn) {
  const auto* withdrawal = withdrawal_in(turn);
  const auto from = withdrawal ? parse_time(withdrawal->from) : std::nullopt;
  if (!from) return;
  KeyRing ring = members_.keys_of(turn.key());
  const auto [at, first] = ring.changes.withdrawn.emplace(withdrawal->key_id, *from);
  if (!first) at->second = std::min(at->second, *from);
  members_.put_keys(turn.key(), ring);
}

/// Of the keys before it the last one stays.
void HostKeys::next_key(Turn& turn) {
  const auto keys = members_.shared_with(turn.key());
  if (keys.empty()) return;
  SharedKeyConfig last = keys.back();
  if (!last.valid_to_ms) last.valid_to_ms = members_.second_in(stage_.facts.spans.directory);
  KeyRing ring = members_.keys_of(turn.key());
  ring.shared = {last, members_.new_key(turn.key(), last.epoch + 1)};
  members_.put_keys(turn.key(), ring);
}

void HostKeys::answer(Turn& turn) {
  if (!turn.request) return;
  const auto* wanted = wanted_in(turn);
  if (!wanted) return stage_.answers.give(*turn.request, protocol::QP_OK, {});
  const auto own = members_.shared_with(turn.key());
  const auto broker = of_peer(turn);
  if (own.empty() || (wants_pair(turn) && !broker)) return;
  SharedKeyConfig key = broker ? *broker : own.back();
  if (broker) key.key = pair_key(broker->key, turn.key(), broker->peer, broker->epoch);
  // a Broker's key without an end gets one, T_dir away, as soon as it has a successor: until then this holds whatever happens
  if (!key.valid_to_ms) key.valid_to_ms = members_.second_in(stage_.facts.spans.directory);
  give_boxed<GetPairKeyResponse>(stage_, seals_, *turn.request, wanted->reply_key,
                                 msg::GetPairKeyResponseInner{wanted->nonce, given(key)});
}

bool HostKeys::serve(Request& request) {
  const AnyDocument* document = request.document.get();
  if (!as<PublishKey>(document) && !as<WithdrawKey>(document) && !as<GetPairKey>(document)) return false;
  stage_.serve(*this, request.sender(), request);
  return true;
}

}  // namespace quickpay::roles
