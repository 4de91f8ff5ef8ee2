#include "reference/roles/signatures.hpp"

#include <algorithm>

#include "reference/codec/generated/protocol.hpp"
#include "reference/crypto/encoding.hpp"
#include "reference/crypto/rsa.hpp"
#include "reference/crypto/signed_object.hpp"
#include "reference/roles/times.hpp"

namespace quickpay::roles {
namespace {

constexpr std::int64_t kMsOfSecond = 1000;
constexpr std::string_view kProofPurpose = "key-proof";
constexpr std::string_view kProofElement = "Key";

/// The player's key of that name, if it is a signing key.
const PlayerKey* listed_key(const Player& player, std::string_view key_id) {
  const auto at = std::find_if(player.keys.begin(), player.keys.end(), [&](const PlayerKey& key) {
    return key.key_id == key_id && key.usage == KeyUsage::sign;
  });
  return at == player.keys.end() ? nullptr : &*at;
}

/// `meant`: the proof was made for this request.
template <class Key>
std::string_view proof_fault(const Key& key, const codec::StructType& type, bool meant, std::int64_t now_ms,
                             crypto::CryptoCounters& counters) {
  const auto der = crypto::base64_decode(key.pub_key);
  const auto loaded = der ? crypto::RsaPublicKey::load(*der) : tl::unexpected(crypto::KeyFault::unreadable);
  const auto from = parse_time(key.not_before), to = parse_time(key.not_after);
  if (!loaded || !from || !to || *from > *to || after_deadline(*to) <= now_ms) return protocol::QP_E_KEY;
  const bool right = meant && key.sig.key_id == loaded->key_id() &&
                     crypto::verify_object(*loaded, kProofPurpose, kProofElement, type, &key, key.sig.value, counters);
  return right ? std::string_view{} : protocol::QP_E_SIGNATURE;
}

}  // namespace

bool key_in_time(const PlayerKey& key, std::int64_t made_ms, std::int64_t taken_ms, std::int64_t skew_ms) {
  if (made_ms < key.not_before_ms - skew_ms || made_ms > key.not_after_ms + skew_ms) return false;
  // Whoever holds a lost key can write any date, so that the date of the object alone proves nothing.
  return !key.withdrawn_from_ms || std::max(made_ms, taken_ms) < *key.withdrawn_from_ms;
}

bool Signatures::can_sign() const { return own_signer() != nullptr; }

/// Of those that are good now, the one that became so last, so that a successor takes over with its NotBefore, once whoever
/// has an entry of the player has one with it.
const SigningKeyConfig* Signatures::own_signer(const SigningKeyConfig* besides) const {
  const SigningKeyConfig* best = nullptr;
  for (const SigningKeyConfig& key : facts_.config.signing_keys) {
    if (&key == besides || key.withdrawn || facts_.now_ms < key.not_before_ms || facts_.now_ms > key.not_after_ms) continue;
    if (facts_.now_ms < key.use_from_ms) continue;
    if (!best || key.not_before_ms > best->not_before_ms) best = &key;
  }
  return best;
}

struct Signatures::Loaded {
  std::string pkcs8;
  crypto::RsaPrivateKey key;
};

const SigningKeyConfig* Signatures::own_key(std::string_view key_id) {
  for (const auto* held : {&facts_.config.signing_keys, &facts_.config.sealing_keys}) {
    for (const SigningKeyConfig& key : *held) {
      const Loaded* loaded = load(key);
      if (loaded && loaded->key.public_key().key_id() == key_id) return &key;
    }
  }
  return nullptr;
}

std::optional<std::string> Signatures::own_public_key() {
  const SigningKeyConfig* current = own_signer();
  const Loaded* loaded = current ? load(*current) : nullptr;
  return loaded ? std::optional(loaded->key.public_key().spki_der()) : std::nullopt;
}

const Signatures::Loaded* Signatures::load(const SigningKeyConfig& key) {
  if (loaded_ && loaded_->pkcs8 == key.pkcs8) return loaded_.get();
  auto read = crypto::RsaPrivateKey::load(key.pkcs8);
  if (!read) return nullptr;
  loaded_ = std::make_shared<const Loaded>(Loaded{key.pkcs8, std::move(*read)});
  return loaded_.get();
}

void Signatures::stop_using(const std::set<std::string, std::less<>>& key_ids) {
  if (key_ids.empty()) return;
  for (auto* held : {&facts_.config.signing_keys, &facts_.config.sealing_keys}) {
    for (SigningKeyConfig& key : *held) {
      const Loaded* loaded = load(key);
      key.withdrawn = key.withdrawn || (loaded && key_ids.contains(loaded->key.public_key().key_id()));
    }
  }
}

void Signatures::use_from(std::string_view key_id, std::int64_t from_ms) {
  for (SigningKeyConfig& key : facts_.config.signing_keys) {
    const Loaded* loaded = load(key);
    if (loaded && loaded->key.public_key().key_id() == key_id) key.use_from_ms = from_ms;
  }
}

std::optional<Signatures::Value> Signatures::make(const SigningKeyConfig& key, std::string_view purpose,
                                                  std::string_view element, const codec::StructType& type,
                                                  const void* object) {
  const Loaded* loaded = load(key);
  if (!loaded) return std::nullopt;
  auto made = crypto::sign_object(loaded->key, purpose, element, type, object, facts_.random, facts_.crypto);
  if (!made) return std::nullopt;
  return Value{std::move(made->key_id), std::move(made->value)};
}

std::optional<msg::FirstKey> Signatures::first_key(std::string_view probe_tag) {
  const SigningKeyConfig* chosen = own_signer();
  const Loaded* loaded = chosen ? load(*chosen) : nullptr;
  if (!loaded) return std::nullopt;
  msg::FirstKey key;
  key.pub_key = crypto::base64_encode(loaded->key.public_key().spki_der());
  key.not_before = format_time(chosen->not_before_ms);
  key.not_after = format_time(chosen->not_after_ms);
  key.probe_tag = probe_tag;
  if (!sign(kProofPurpose, kProofElement, msg::kFirstKeyType, key)) return std::nullopt;
  return key;
}

/// What all own keys say of themselves when they are shown to the Host.
template <class Shown>
std::optional<Shown> Signatures::shown(const SigningKeyConfig& key) {
  const Loaded* loaded = load(key);
  if (!loaded) return std::nullopt;
  const auto& to_sign = facts_.config.signing_keys;
  const bool signs = std::any_of(to_sign.begin(), to_sign.end(), [&](const auto& each) { return &each == &key; });
  Shown shown;
  shown.pub_key = crypto::base64_encode(loaded->key.public_key().spki_der());
  shown.usage = signs ? msg::KeyUse::sign : msg::KeyUse::seal;
  shown.not_before = format_time(key.not_before_ms);
  shown.not_after = format_time(key.not_after_ms);
  return shown;
}

std::optional<msg::MemberKey> Signatures::member_key(const SigningKeyConfig& key, std::string_view nonce) {
  auto member = shown<msg::MemberKey>(key);
  if (!member) return std::nullopt;
  member->nonce = nonce;
  if (!sign_by(key, kProofPurpose, kProofElement, msg::kMemberKeyType, *member)) return std::nullopt;
  return member;
}

std::optional<msg::PublishedKey> Signatures::published_key(const SigningKeyConfig& key) {
  auto published = shown<msg::PublishedKey>(key);
  if (!published) return std::nullopt;
  published->player = facts_.config.id;
  if (!sign_by(key, kProofPurpose, kProofElement, msg::kPublishedKeyType, *published)) return std::nullopt;
  return published;
}

std::string_view first_key_fault(const msg::FirstKey& key, std::string_view probe_tag, std::int64_t now_ms,
                                 crypto::CryptoCounters& counters) {
  return proof_fault(key, msg::kFirstKeyType, key.probe_tag == probe_tag, now_ms, counters);
}

std::string_view member_key_fault(const msg::MemberKey& key, std::string_view nonce, std::int64_t now_ms,
                                  crypto::CryptoCounters& counters) {
  return proof_fault(key, msg::kMemberKeyType, key.nonce == nonce, now_ms, counters);
}

std::string_view published_key_fault(const msg::PublishedKey& key, std::int64_t now_ms, crypto::CryptoCounters& counters) {
  return proof_fault(key, msg::kPublishedKeyType, true, now_ms, counters);
}

std::string_view Signatures::key_fault(const Signer& signer, std::string_view key_id) const {
  const Lookup entry = facts_.directory.find(signer.id);
  if (entry.found == Found::unavailable) return protocol::QP_E_BUSY;
  if (entry.found != Found::known) return protocol::QP_E_KEY;
  const std::string_view fault = key_fault_of(*entry.player, signer, key_id);
  const PlayerKey* listed = fault.empty() ? listed_key(*entry.player, key_id) : nullptr;
  return listed && !keeps_policy(*listed) ? protocol::QP_E_KEY : fault;
}

bool Signatures::keeps_policy(const PlayerKey& key) { return crypto::RsaPublicKey::load(key.spki).has_value(); }

std::string_view Signatures::key_fault_of(const Player& entry, const Signer& signer, std::string_view key_id) const {
  const PlayerKey* listed = entry.role == signer.role ? listed_key(entry, key_id) : nullptr;
  const std::int64_t taken_ms = signer.taken_ms.value_or(facts_.now_ms);
  const bool in_time = listed && key_in_time(*listed, signer.made_ms, taken_ms, facts_.spans.skew * kMsOfSecond);
  return in_time ? std::string_view{} : protocol::QP_E_KEY;
}

std::string_view Signatures::judge(const Signer& signer, std::string_view element, const codec::StructType& type,
                                   const void* object, const Value& given) const {
  const Lookup entry = facts_.directory.find(signer.id);
  if (entry.found == Found::unavailable) return protocol::QP_E_BUSY;
  return entry.found == Found::known ? judge_by(*entry.player, signer, element, type, object, given) : protocol::QP_E_KEY;
}

std::string_view Signatures::judge_by(const Player& entry, const Signer& signer, std::string_view element,
                                      const codec::StructType& type, const void* object, const Value& given) const {
  const std::string_view fault = key_fault_of(entry, signer, given.key_id);
  return fault.empty() ? verify(entry, signer.purpose, element, type, object, given, facts_.crypto) : fault;
}

std::string_view Signatures::verify(const Player& entry, std::string_view purpose, std::string_view element,
                                    const codec::StructType& type, const void* object, const Value& given,
                                    crypto::CryptoCounters& counters) {
  const PlayerKey* listed = listed_key(entry, given.key_id);
  const auto key = crypto::RsaPublicKey::load(listed ? listed->spki : std::string());
  if (!key || key->key_id() != given.key_id) return protocol::QP_E_KEY;
  const bool right = crypto::verify_object(*key, purpose, element, type, object, given.value, counters);
  return right ? std::string_view{} : protocol::QP_E_SIGNATURE;
}

}  // namespace quickpay::roles
