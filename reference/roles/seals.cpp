#include "reference/roles/seals.hpp"

#include <utility>

#include "reference/codec/writer.hpp"
#include "reference/crypto/encoding.hpp"
#include "reference/crypto/rsa.hpp"
#include "reference/roles/signatures.hpp"

namespace quickpay::roles {

struct Seals::Loaded {
  std::string pkcs8;
  crypto::RsaPrivateKey key;
  std::string key_id;
};

/// Any own key of that name will do that is in its time: a sender has the directory of yesterday.
const Seals::Loaded* Seals::own(std::string_view key_id) {
  for (const SigningKeyConfig& key : facts_.config.sealing_keys) {
    if (facts_.now_ms < key.not_before_ms || facts_.now_ms > key.not_after_ms) continue;
    if (!loaded_ || loaded_->pkcs8 != key.pkcs8) {
      auto read = crypto::RsaPrivateKey::load(key.pkcs8);
      if (!read) continue;
      std::string id = read->public_key().key_id();
      loaded_ = std::make_shared<const Loaded>(Loaded{key.pkcs8, std::move(*read), std::move(id)});
    }
    if (loaded_->key_id == key_id) return loaded_.get();
  }
  return nullptr;
}

std::optional<crypto::Secret> Seals::open(const msg::Sealed& sealed, std::string_view root, const msg::Head& head) {
  const Loaded* loaded = own(sealed.key_id);
  if (!loaded) return std::nullopt;
  const crypto::SealedValue value{sealed.key_id, sealed.wrapped_key, {sealed.nonce, sealed.box}};
  auto opened = crypto::open(loaded->key, value, crypto::box_context(root, msg::kHeadType, &head), facts_.random,
                             facts_.crypto);
  if (!opened) return std::nullopt;
  return std::move(*opened);
}

std::optional<msg::Sealed> Seals::seal(std::string_view spki, const codec::DocumentType& inner, const void* object,
                                       std::string_view root, const msg::Head& head) const {
  const auto key = crypto::RsaPublicKey::load(spki);
  if (!key) return std::nullopt;
  const crypto::Secret plain(codec::write_document(inner, object));
  auto made = crypto::seal(*key, plain.view(), crypto::box_context(root, msg::kHeadType, &head), facts_.random, facts_.crypto);
  if (!made) return std::nullopt;
  return msg::Sealed{std::move(made->key_id), std::move(made->wrapped_key), std::move(made->boxed.nonce),
                     std::move(made->boxed.box)};
}

const PlayerKey* Seals::key_of(std::string_view player) const {
  const Lookup known = facts_.directory.find(player);
  const PlayerKey* key = known.found == Found::known ? sealing_key(*known.player, facts_.now_ms) : nullptr;
  return key && Signatures::keeps_policy(*key) ? key : nullptr;
}

std::optional<crypto::Secret> Seals::unbox(std::string_view key, const msg::Boxed& boxed, std::string_view root,
                                           const msg::Head& head) const {
  auto opened = crypto::unbox(key, {boxed.nonce, boxed.box}, crypto::box_context(root, msg::kHeadType, &head));
  if (!opened) return std::nullopt;
  return std::move(*opened);
}

std::optional<msg::Boxed> Seals::box(std::string_view key, const codec::DocumentType& inner, const void* object,
                                     std::string_view root, const msg::Head& head) const {
  const crypto::Secret plain(codec::write_document(inner, object));
  auto boxed = crypto::box(key, plain.view(), crypto::box_context(root, msg::kHeadType, &head), facts_.random);
  if (!boxed) return std::nullopt;
  return msg::Boxed{std::move(boxed->nonce), std::move(boxed->box)};
}

/// By the own clock alone: what a lost key has sealed stays readable for whoever found it, so that no key is used longer than
/// it was meant to be.
const PlayerKey* sealing_key(const Player& player, std::int64_t now_ms) {
  const PlayerKey* best = nullptr;
  for (const PlayerKey& key : player.keys) {
    const bool good = key.usage == KeyUsage::seal && key_in_time(key, now_ms, now_ms, 0);
    if (good && (!best || key.not_before_ms > best->not_before_ms)) best = &key;
  }
  return best;
}

bool keeps_key_policy(std::string_view spki_base64) {
  const auto der = crypto::base64_decode(spki_base64);
  return der && crypto::RsaPublicKey::load(*der).has_value();
}

}  // namespace quickpay::roles
