#include "reference/roles/signatures.hpp"

#include <algorithm>

#include "reference/codec/generated/protocol.hpp"
#include "reference/crypto/rsa.hpp"
#include "reference/crypto/signed_object.hpp"

namespace quickpay::roles {
namespace {

constexpr std::int64_t kMsOfSecond = 1000;

/// The player's key of that name, if it is a signing key.
const PlayerKey* listed_key(const Player& player, std::string_view key_id) {
  const auto at = std::find_if(player.keys.begin(), player.keys.end(), [&](const PlayerKey& key) {
    return key.key_id == key_id && key.usage == KeyUsage::sign;
  });
  return at == player.keys.end() ? nullptr : &*at;
}

/// The own key to sign with: of those that are good now, the one that became so last, so that a successor takes over
/// with its NotBefore.
const SigningKeyConfig* current_key(const NodeConfig& config, std::int64_t now_ms) {
  const SigningKeyConfig* best = nullptr;
  for (const SigningKeyConfig& key : config.signing_keys) {
    if (now_ms < key.not_before_ms || now_ms > key.not_after_ms) continue;
    if (!best || key.not_before_ms > best->not_before_ms) best = &key;
  }
  return best;
}

}  // namespace

bool key_in_time(const PlayerKey& key, std::int64_t made_ms, std::int64_t taken_ms, std::int64_t skew_ms) {
  if (made_ms < key.not_before_ms - skew_ms || made_ms > key.not_after_ms + skew_ms) return false;
  // Whoever holds a lost key can write any date, so that the date of the object alone proves nothing.
  return !key.withdrawn_from_ms || std::max(made_ms, taken_ms) < *key.withdrawn_from_ms;
}

bool Signatures::can_sign() const { return current_key(facts_.config, facts_.now_ms) != nullptr; }

struct Signatures::Loaded {
  std::string pkcs8;
  crypto::RsaPrivateKey key;
};

const Signatures::Loaded* Signatures::load(const SigningKeyConfig& key) {
  if (loaded_ && loaded_->pkcs8 == key.pkcs8) return loaded_.get();
  auto read = crypto::RsaPrivateKey::load(key.pkcs8);
  if (!read) return nullptr;
  loaded_ = std::make_shared<const Loaded>(Loaded{key.pkcs8, std::move(*read)});
  return loaded_.get();
}

std::optional<Signatures::Value> Signatures::make(std::string_view purpose, std::string_view element,
                                                  const codec::StructType& type, const void* object) {
  const SigningKeyConfig* chosen = current_key(facts_.config, facts_.now_ms);
  const Loaded* loaded = chosen ? load(*chosen) : nullptr;
  if (!loaded) return std::nullopt;
  auto made = crypto::sign_object(loaded->key, purpose, element, type, object, facts_.random, facts_.crypto);
  if (!made) return std::nullopt;
  return Value{std::move(made->key_id), std::move(made->value)};
}

std::string_view Signatures::key_fault(const Signer& signer, std::string_view key_id) const {
  const Lookup entry = facts_.directory.find(signer.id);
  if (entry.found == Found::unavailable) return protocol::QP_E_BUSY;
  return entry.found == Found::known ? key_fault_of(*entry.player, signer, key_id) : protocol::QP_E_KEY;
}

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
