#include "reference/roles/keys_player.hpp"

#include <algorithm>
#include <limits>
#include <set>
#include <utility>

#include "reference/codec/generated/protocol.hpp"
#include "reference/codec/writer.hpp"
#include "reference/crypto/encoding.hpp"
#include "reference/crypto/hash.hpp"
#include "reference/crypto/seal.hpp"
#include "reference/roles/boxed.hpp"
#include "reference/roles/directory_cache.hpp"
#include "reference/roles/fields.hpp"
#include "reference/roles/shared_keys.hpp"
#include "reference/roles/times.hpp"
#include "statemachines/keys/generated/broker_keys.hpp"
#include "statemachines/keys/generated/vendor_keys.hpp"
#include "statemachines/keys/generated/wallet_keys.hpp"

namespace quickpay::roles {
namespace {

using msg::admin::GetPairKey;
using msg::admin::GetPairKeyResponse;
using msg::admin::PublishKey;
using msg::admin::WithdrawKey;

constexpr std::string_view kServedProtocol = "keys";
constexpr std::string_view kWithdrawn = "withdrawn.";  // fields: a KeyId, from when on
constexpr std::string_view kShared = "shared.";        // fields: peer and epoch, the key as it came
constexpr std::string_view kPublished = "published.";  // fields: a KeyId, from when on it signs; empty: it is not listed yet
constexpr std::string_view kPublishing = "publishing";  // field: the KeyId that the Host was asked to list last
constexpr std::string_view kSharedElement = "Shared";
constexpr std::int64_t kMsOfSecond = 1000;

const tl::unexpected<Refusal> kNoSuchKey{Refusal{"no-such-key"}};
const tl::unexpected<Refusal> kNoSigningKey{Refusal{"no-signing-key"}};
const tl::unexpected<Refusal> kNoSharedKey{Refusal{"no-shared-key"}};

std::int64_t last_ms(const msg::SharedKey& shared) {
  return after_deadline(parse_time(shared.valid_to).value_or(0)) - 1;
}

bool is_key_id(std::string_view text) {
  const auto digest = crypto::from_hex(text);
  return digest && digest->size() == crypto::sha256("").size();
}

std::string shared_with(std::string_view peer) { return std::string(kShared).append(peer).append("."); }

/// A key as the record keeps it.
std::optional<msg::SharedKey> kept_key(std::string_view text) {
  msg::SharedKey shared;
  const bool read = codec::read_fragment(text, kSharedElement, msg::kSharedKeyType, &shared, kRecordFamily).has_value();
  return read ? std::optional(std::move(shared)) : std::nullopt;
}

/// One of the three machines.
template <class Effect>
class KeysOf final : public PlayerKeys {
 public:
  using PlayerKeys::PlayerKeys;

  void apply(statemachines::EffectId effect, Turn& turn) override {
    switch (static_cast<Effect>(effect)) {
      case Effect::send_PublishKey:
        return send_publication(turn);
      case Effect::send_WithdrawKey:
        return send_withdrawal(turn);
      case Effect::send_GetPairKey:
        return send_question(turn);
      case Effect::perform_stop_using:
        return stop_using(turn);
      case Effect::perform_choose_reply_key:
        return choose_reply_key(turn);
      case Effect::perform_keep_key:
        return keep_key(turn);
      case Effect::perform_forget_reply_key:
        return forget_reply_key(turn);
      case Effect::tell_published:
      case Effect::tell_listed:
        note_listed(turn);
        return stage_.common(effect, turn);
      case Effect::tell_refused:
      case Effect::tell_withdrawn:
      case Effect::tell_renewed:
      case Effect::drop_PublishKey:
      case Effect::drop_GetPairKey:
      case Effect::refuse:
      case Effect::retry:
      case Effect::ignore:
        return stage_.common(effect, turn);
    }
  }
};

}  // namespace

PlayerKeys::PlayerKeys(Machine machine, Stage& stage)
    : Actor(std::move(machine), stage), signatures_(stage.facts), seals_(stage.facts) {
  stage.add(*this);
}
PlayerKeys::~PlayerKeys() = default;

// ---- what the owner wants

std::optional<Refusal> PlayerKeys::unfit() const {
  if (!serves(stage_.facts.config, kServedProtocol)) return Refusal{"not-served"};
  if (stage_.facts.config.id.empty()) return Refusal{"out-of-state"};  // the Host knows nobody without a name
  return std::nullopt;
}

tl::expected<void, Refusal> PlayerKeys::act(std::string_view event) {
  Turn turn = stage_.open(*this, stage_.facts.config.host);
  stage_.run(turn, event);
  if (turn.refused) return tl::unexpected(Refusal{"out-of-state"});
  return {};
}

/// Some other key to sign has been in use, whatever became of it.
bool PlayerKeys::had_signer(const SigningKeyConfig& besides) const {
  const Facts& facts = stage_.facts;
  return std::any_of(facts.config.signing_keys.begin(), facts.config.signing_keys.end(),
                     [&](const SigningKeyConfig& each) { return &each != &besides && each.not_before_ms <= facts.now_ms; });
}

tl::expected<void, Refusal> PlayerKeys::publish(std::string_view key_id) {
  if (auto why = unfit()) return tl::unexpected(std::move(*why));
  const Facts& facts = stage_.facts;
  const SigningKeyConfig* key = signatures_.own_key(key_id);
  auto published = key && !key->withdrawn ? signatures_.published_key(*key) : std::nullopt;
  if (!published) return kNoSuchKey;
  const bool to_sign = published->usage == msg::KeyUse::sign;
  const SigningKeyConfig* by = signatures_.own_signer(key);
  // the Host takes a key without the word of another one only as the first to sign of a player in profile H
  if (!by && (!to_sign || facts.profile() == msg::Profile::F || had_signer(*key))) return kNoSigningKey;
  follows_ = by && to_sign && facts.now_ms < key->not_before_ms;
  change_ = {std::move(*published), {}};
  if (by && !signatures_.sign_by(*by, "key-rollover", "KeyChange", msg::kKeyChangeType, change_)) return kNoSigningKey;
  return act("publish");
}

tl::expected<void, Refusal> PlayerKeys::withdraw(std::string_view key_id, std::string_view reason,
                                                 std::int64_t from_ms) {
  if (auto why = unfit()) return tl::unexpected(std::move(*why));
  const auto known = spelled_as<msg::WithdrawalReason>(reason);
  if (!known) return tl::unexpected(Refusal{"unknown-reason"});
  if (!is_key_id(key_id)) return kNoSuchKey;
  const SigningKeyConfig* by = signatures_.own_key(key_id);  // which is believed whatever has become of it
  const auto& to_sign = stage_.facts.config.signing_keys;
  const bool signs = std::any_of(to_sign.begin(), to_sign.end(), [&](const SigningKeyConfig& each) { return &each == by; });
  if (const SigningKeyConfig* other = signatures_.own_signer(); other && !signs) by = other;
  withdrawal_ = {stage_.facts.config.id, std::string(key_id), *known, format_time(from_ms), {}};
  const bool made = by && signatures_.sign_by(*by, "key-withdrawal", "Withdrawal", msg::kWithdrawalType, withdrawal_);
  return made ? act("withdraw") : kNoSigningKey;
}

tl::expected<void, Refusal> PlayerKeys::renew(std::string_view peer) {
  if (auto why = unfit()) return tl::unexpected(std::move(*why));
  const Facts& facts = stage_.facts;
  const bool pair = !peer.empty();
  if (pair && (facts.config.role != "vendor" || role_of_id(peer) != "broker"))
    return tl::unexpected(Refusal{"not-served"});
  // its own key it may ask for with one that is over
  const std::int64_t good_ms = pair ? facts.now_ms : counts_from(msg::admin::kGetPairKeyMessage, facts.now_ms);
  const bool shares = SharedKeys(facts.config).current(facts.config.host, good_ms).has_value();
  if (facts.profile() == msg::Profile::F || !shares) return kNoSharedKey;
  if (!seals_.key_of(facts.config.host)) return tl::unexpected(Refusal{"no-seal-key"});
  peer_ = pair ? peer : facts.config.host;
  return act("renew");
}

// ---- what the machine has it do

/// A request to the Host, of which `fill` makes what it says.
template <class Request, class Fill>
void PlayerKeys::ask(Turn& turn, const codec::MessageType& type, Fill fill) {
  const MessageOps* ops = ops_of(type);
  if (!ops) return;
  Document<Request> request;
  request.value.head = stage_.outbox.new_head(*ops, stage_.facts.config.host);
  if (fill(request.value)) stage_.outbox.send(turn.record.machine, turn.key(), *ops, request, {});
}

void PlayerKeys::send_publication(Turn& turn) {
  ask<PublishKey>(turn, msg::admin::kPublishKeyMessage, [&](PublishKey& request) {
    request.body.key_change = change_;
    return true;
  });
  const std::string& id = change_.key.sig.key_id;
  turn.record.fields[std::string(kPublishing)] = id;
  if (!follows_) return;  // it is in use already, or seals
  turn.record.fields.try_emplace(std::string(kPublished) + id);
  use_published(turn.record);
}

/// Whoever has an entry of the player has one with the key T_dir later; since when it is there the Host does not say.
void PlayerKeys::note_listed(Turn& turn) {
  const auto known = turn.record.fields.find(std::string(kPublished).append(field(turn.record, std::string(kPublishing))));
  if (known == turn.record.fields.end() || !known->second.empty()) return;
  known->second = std::to_string(stage_.facts.now_ms + stage_.facts.spans.directory * kMsOfSecond);
  use_published(turn.record);
}

void PlayerKeys::use_published(const ledger::Record& record) {
  for (const auto& [name, from_ms] : record.fields) {
    if (!name.starts_with(kPublished)) continue;
    constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();
    signatures_.use_from(std::string_view(name).substr(kPublished.size()), number(record, name).value_or(kNever));
  }
}

void PlayerKeys::send_withdrawal(Turn& turn) {
  ask<WithdrawKey>(turn, msg::admin::kWithdrawKeyMessage, [&](WithdrawKey& request) {
    request.body.withdrawal = withdrawal_;
    return true;
  });
}

void PlayerKeys::stop_using(Turn& turn) {
  turn.record.fields[std::string(kWithdrawn) + withdrawal_.key_id] = withdrawal_.from;
  signatures_.stop_using({withdrawal_.key_id});
}

void PlayerKeys::choose_reply_key(Turn& turn) {
  turn.record.fields["peer"] = peer_;
  roles::choose_reply_key(stage_.facts, turn.record);
}

void PlayerKeys::send_question(Turn& turn) {
  const std::string& host = stage_.facts.config.host;
  const std::string peer(field(turn.record, "peer"));
  msg::GetPairKeyInner inner;
  inner.want = peer == host ? msg::KeyWanted::own : msg::KeyWanted::pair;
  if (peer != host) inner.peer = peer;
  put_reply_key(turn.record, inner);
  ask<GetPairKey>(turn, msg::admin::kGetPairKeyMessage, [&](GetPairKey& request) {
    const PlayerKey* to = seals_.key_of(host);
    auto sealed = to ? seals_.seal(to->spki, msg::admin::kGetPairKeyInnerDocument, &inner,
                                   msg::admin::kGetPairKeyMessage.request->root, request.head)
                     : std::nullopt;
    if (sealed) request.body.sealed = std::move(*sealed);
    return sealed.has_value();
  });
}

std::optional<msg::SharedKey> PlayerKeys::key_in(const ledger::Record& record, const AnyDocument& response) const {
  auto inner = opened_answer<GetPairKeyResponse, msg::GetPairKeyResponseInner>(seals_, record, response,
                                                                               msg::admin::kGetPairKeyMessage);
  return inner ? std::optional(std::move(inner->shared)) : std::nullopt;
}

bool PlayerKeys::trusts(const ledger::Record& record, const ledger::Call&, const AnyDocument& response) {
  const auto* answer = as<GetPairKeyResponse>(&response);
  return !answer || answer->body.status.code != protocol::QP_OK || key_in(record, response).has_value();
}

void PlayerKeys::keep_key(Turn& turn) {
  const auto shared = turn.message ? key_in(turn.record, *turn.message) : std::nullopt;
  if (!shared) return;
  const std::string peer(field(turn.record, "peer"));
  std::erase_if(turn.record.fields, [&](const auto& each) {
    const auto kept = each.first.starts_with(shared_with(peer)) ? kept_key(each.second) : std::nullopt;
    return kept && stage_.facts.now_ms > last_ms(*kept);
  });
  turn.record.fields[shared_with(peer) + std::to_string(shared->epoch)] =
      codec::write_fragment(kSharedElement, msg::kSharedKeyType, &*shared);
  if (const auto dropped = take(peer, *shared)) turn.record.fields.erase(shared_with(peer) + std::to_string(*dropped));
}

void PlayerKeys::forget_reply_key(Turn& turn) {
  roles::forget_reply_key(turn.record);
  turn.record.fields.erase("peer");
}

/// What is over of the same peer goes; an epoch has one key. A Host that gives ever more epochs fills nothing: the epoch that
/// had to give way, if one had.
std::optional<std::int64_t> PlayerKeys::take(const std::string& peer, const msg::SharedKey& shared) {
  const auto key = crypto::from_hex(shared.key);
  if (!key || key->size() != crypto::kBoxKeyBytes) return std::nullopt;
  auto& held = stage_.facts.config.shared_keys;
  const std::int64_t now_ms = stage_.facts.now_ms;
  std::erase_if(held, [&](const SharedKeyConfig& each) {
    return each.peer == peer && (over(each, now_ms) || each.epoch == shared.epoch);
  });
  held.push_back({peer, shared.epoch, *key, last_ms(shared)});
  const auto of_peer = [&](const SharedKeyConfig& each) { return each.peer == peer; };
  if (static_cast<std::size_t>(std::count_if(held.begin(), held.end(), of_peer)) <= kMaxEpochs) return std::nullopt;
  const auto earlier = [&](const SharedKeyConfig& a, const SharedKeyConfig& b) {
    return of_peer(a) && (!of_peer(b) || a.epoch < b.epoch);
  };
  const auto first = std::min_element(held.begin(), held.end(), earlier);
  const std::int64_t dropped = first->epoch;
  held.erase(first);
  return dropped;
}

void PlayerKeys::recall_keys() {
  const auto record = stage_.store.find(table().id, stage_.facts.config.host);
  if (!record) return;
  std::set<std::string, std::less<>> withdrawn;
  for (const auto& [name, value] : record->fields) {
    if (name.starts_with(kWithdrawn)) withdrawn.insert(name.substr(kWithdrawn.size()));
    const auto shared = name.starts_with(kShared) ? kept_key(value) : std::nullopt;
    if (shared) static_cast<void>(take(name.substr(kShared.size(), name.rfind('.') - kShared.size()), *shared));
  }
  signatures_.stop_using(withdrawn);
  use_published(*record);
}

// ---- in time

/// The last moments of the keys of the last epoch that this player can ask for, each with whom it is shared; without
/// those that have no end.
std::map<std::string, std::int64_t> PlayerKeys::ends() const {
  const NodeConfig& config = stage_.facts.config;
  std::map<std::string, const SharedKeyConfig*> last;
  for (const SharedKeyConfig& shared : config.shared_keys) {
    const bool pair = config.role == "vendor" && role_of_id(shared.peer) == "broker";
    if (!pair && shared.peer != config.host) continue;
    const SharedKeyConfig*& of_peer = last[shared.peer];
    if (!of_peer || shared.epoch > of_peer->epoch) of_peer = &shared;
  }
  std::map<std::string, std::int64_t> found;
  for (const auto& [peer, shared] : last) {
    if (shared->valid_to_ms) found[peer] = *shared->valid_to_ms;
  }
  return found;
}

void PlayerKeys::renew_due() {
  const Facts& facts = stage_.facts;
  if (facts.profile() == msg::Profile::F || unfit()) return;
  const std::int64_t in_time_ms = facts.spans.directory * kMsOfSecond;
  for (const auto& [peer, end_ms] : ends()) {
    const auto asked = again_ms_.find(peer);
    if (end_ms - facts.now_ms > in_time_ms || (asked != again_ms_.end() && facts.now_ms < asked->second)) continue;
    again_ms_[peer] = facts.now_ms + in_time_ms / kAsksInTime;
    static_cast<void>(renew(peer == facts.config.host ? std::string_view() : std::string_view(peer)));  // else later
  }
}

std::unique_ptr<OwnKeys> make_player_keys(Stage& stage) {
  const NodeConfig& config = stage.facts.config;
  const auto make = [&]<class Effect>(Effect, const statemachines::MachineTable& table, auto engine) {
    return std::unique_ptr<OwnKeys>(new KeysOf<Effect>(machine_for(config, table, std::move(engine)), stage));
  };
  using namespace statemachines;
  if (config.role == "broker") return make(broker_keys::Effect{}, broker_keys::table(), broker_keys::make_msm());
  if (config.role == "vendor") return make(vendor_keys::Effect{}, vendor_keys::table(), vendor_keys::make_msm());
  return make(wallet_keys::Effect{}, wallet_keys::table(), wallet_keys::make_msm());
}

}  // namespace quickpay::roles
