// Sealed requests and their boxed answers: opened with the own key that is good now, answered under the key that came.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "reference/codec/schema.hpp"
#include "reference/crypto/seal.hpp"
#include "reference/roles/facts.hpp"

namespace quickpay::roles {

/// The sealing of one player. RSA is used here and in Signatures, and nowhere else in this room.
class Seals {
 public:
  /// `facts` outlives the object.
  explicit Seals(Facts& facts) : facts_(facts) {}

  /// What was sealed to an own sealing key that is good now, in a request `root` with this Head; nothing if it does not
  /// open, whatever the reason.
  std::optional<crypto::Secret> open(const msg::Sealed& sealed, std::string_view root, const msg::Head& head);

  /// The inner document `object` sealed to the RSA key `spki` (DER) in a request `root` with this Head; nothing if the key
  /// breaks the policy or the document is too large.
  std::optional<msg::Sealed> seal(std::string_view spki, const codec::DocumentType& inner, const void* object,
                                  std::string_view root, const msg::Head& head) const;

  /// A key of this player to seal to that is good now and keeps the key policy; null if the directory knows none.
  const PlayerKey* key_of(std::string_view player) const;

  /// What an answer `root` with this Head holds in its box under `key` (32 raw bytes); nothing if it does not open.
  std::optional<crypto::Secret> unbox(std::string_view key, const msg::Boxed& boxed, std::string_view root,
                                      const msg::Head& head) const;

  /// The inner document `object` boxed under `key` (32 raw bytes) for an answer `root` with this Head; nothing if the key
  /// has another length or the document is too large.
  std::optional<msg::Boxed> box(std::string_view key, const codec::DocumentType& inner, const void* object,
                                std::string_view root, const msg::Head& head) const;

 private:
  struct Loaded;
  const Loaded* own(std::string_view key_id);

  Facts& facts_;
  std::shared_ptr<const Loaded> loaded_;  ///< the key that was used last
};

/// The key to seal to this player with: of those that it lists for `seal` and that are good at this moment, UTC ms, the one
/// that became so last; null if there is none.
const PlayerKey* sealing_key(const Player& player, std::int64_t now_ms);

/// Whether the base64 of a SubjectPublicKeyInfo is of a key that keeps the policy (QP-ADD-18).
bool keeps_key_policy(std::string_view spki_base64);

}  // namespace quickpay::roles
