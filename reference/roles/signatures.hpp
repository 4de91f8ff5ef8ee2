// Signatures of players: made with the own key that is good now, judged by the keys that the directory lists.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "reference/codec/schema.hpp"
#include "reference/roles/facts.hpp"

namespace quickpay::roles {

/// Who has to have signed what, for which purpose, and when: all of it from the context of the verifier.
struct Signer {
  std::string_view role;     ///< host | broker | vendor | wallet
  std::string_view id;       ///< role id
  std::string_view purpose;  ///< e.g. "batch-claim"
  std::int64_t made_ms = 0;  ///< UTC ms: the object's own time, the present where it has none
  /// UTC ms: when this player first took the object; nothing if that is now. A withdrawn key is still good for what was
  /// made and taken before its withdrawal.
  std::optional<std::int64_t> taken_ms;
};

/// Signs as one player and judges what others signed. RSA is used here and nowhere else in this room, so that
/// protocols without signatures can be seen to do without it (QP-MP-018).
class Signatures {
 public:
  /// `facts` outlives the object.
  explicit Signatures(Facts& facts) : facts_(facts) {}

  /// Puts this player's signature into `object.sig`. False: no own key is good now, and nothing was changed.
  template <class T>
  bool sign(std::string_view purpose, std::string_view element, const codec::StructType& type, T& object) {
    const SigningKeyConfig* current = own_signer();
    return current && sign_by(*current, purpose, element, type, object);
  }

  /// As sign(), with this own key, whether or not it is good now. False: it cannot be read.
  template <class T>
  bool sign_by(const SigningKeyConfig& key, std::string_view purpose, std::string_view element,
               const codec::StructType& type, T& object) {
    const auto made = make(key, purpose, element, type, &object);
    if (!made) return false;
    auto& sig = slot(object.sig);
    sig.key_id = made->key_id;
    sig.value = made->value;
    return true;
  }

  /// Whether an own signing key is good now.
  bool can_sign() const;

  /// The own key to sign with now; null if none is good. `besides`: any but this one.
  const SigningKeyConfig* own_signer(const SigningKeyConfig* besides = nullptr) const;

  /// The public part of the own key to sign with now, a SubjectPublicKeyInfo in DER; nothing if none is good.
  std::optional<std::string> own_public_key();

  /// The own key of this KeyId, to sign with or to seal to, whether or not it is good now; null if there is none.
  const SigningKeyConfig* own_key(std::string_view key_id);

  /// Withdraws the own keys of these KeyIds.
  void stop_using(const std::set<std::string, std::less<>>& key_ids);
  /// The own key to sign with of this KeyId signs nothing before that moment, UTC ms.
  void use_from(std::string_view key_id, std::int64_t from_ms);

  /// An own key as it is published, with the proof that this player has it; nothing if it cannot be read.
  std::optional<msg::PublishedKey> published_key(const SigningKeyConfig& key);

  /// An own key as a registration brings it along, with the proof for the request that has this Nonce; nothing if it cannot be
  /// read.
  std::optional<msg::MemberKey> member_key(const SigningKeyConfig& key, std::string_view nonce);

  /// The key to sign with now, with the proof that this player has it, for the request that has this ProbeTag; nothing if
  /// there is none.
  std::optional<msg::FirstKey> first_key(std::string_view probe_tag);

  /// Why the signature in `object.sig` does not count: empty if it does, QP-E-KEY, QP-E-SIGNATURE, or QP-E-BUSY while
  /// the directory cannot say whose keys are whose. The key comes first: a bad key is QP-E-KEY whatever was signed.
  /// An object whose signature may be absent has to have one.
  template <class T>
  std::string_view fault(const Signer& signer, std::string_view element, const codec::StructType& type,
                         const T& object) const {
    const auto& sig = there(object.sig);
    return judge(signer, element, type, &object, {sig.key_id, sig.value});
  }

  /// Why a key does not count for a signature of this signer, whatever was signed: as fault() says it, never QP-E-SIGNATURE.
  std::string_view key_fault(const Signer& signer, std::string_view key_id) const;
  /// Whether a listed key is one that anything can be signed with: RSA, of a size and with the exponent that the key policy allows
  /// (QP-ADD-18). A directory that somebody else has written may list others.
  static bool keeps_policy(const PlayerKey& key);

  /// As fault(), by the keys of this entry, whatever the directory says of the signer.
  template <class T>
  std::string_view fault_of(const Player& entry, const Signer& signer, std::string_view element, const codec::StructType& type,
                            const T& object) const {
    const auto& sig = there(object.sig);
    return judge_by(entry, signer, element, type, &object, {sig.key_id, sig.value});
  }

  /// Whether a signing key of this entry has made the signature in `object.sig`, whenever that was.
  template <class T>
  static bool signed_by(const Player& entry, std::string_view purpose, std::string_view element, const codec::StructType& type,
                        const T& object) {
    const auto& sig = there(object.sig);
    crypto::CryptoCounters uncounted;
    return verify(entry, purpose, element, type, &object, {sig.key_id, sig.value}, uncounted).empty();
  }

 private:
  struct Value {
    std::string key_id;
    std::string value;
  };
  template <class S>
  static S& slot(S& sig) { return sig; }
  template <class S>
  static S& slot(std::optional<S>& sig) { return sig.emplace(); }
  template <class S>
  static const S& there(const S& sig) { return sig; }
  template <class S>
  static const S& there(const std::optional<S>& sig) { return *sig; }
  template <class Shown>
  std::optional<Shown> shown(const SigningKeyConfig& key);
  struct Loaded;
  /// The private key as the library has it. Reading one checks that its parts belong together, which takes far longer
  /// than a signature.
  const Loaded* load(const SigningKeyConfig& key);
  std::optional<Value> make(const SigningKeyConfig& key, std::string_view purpose, std::string_view element,
                            const codec::StructType& type, const void* object);
  std::string_view judge(const Signer& signer, std::string_view element, const codec::StructType& type,
                         const void* object, const Value& given) const;
  std::string_view judge_by(const Player& entry, const Signer& signer, std::string_view element,
                            const codec::StructType& type, const void* object, const Value& given) const;
  std::string_view key_fault_of(const Player& entry, const Signer& signer, std::string_view key_id) const;
  static std::string_view verify(const Player& entry, std::string_view purpose, std::string_view element,
                                 const codec::StructType& type, const void* object, const Value& given,
                                 crypto::CryptoCounters& counters);

  Facts& facts_;
  std::shared_ptr<const Loaded> loaded_;
};

/// Why a key that a newcomer brings along does not count: it breaks the key policy or its time is over (QP-E-KEY), or its
/// proof is not right for the request that has this ProbeTag (QP-E-SIGNATURE). Empty if it counts.
std::string_view first_key_fault(const msg::FirstKey& key, std::string_view probe_tag, std::int64_t now_ms,
                                 crypto::CryptoCounters& counters);

/// The same for a key in a sealed registration, whose inner document has this Nonce.
std::string_view member_key_fault(const msg::MemberKey& key, std::string_view nonce, std::int64_t now_ms,
                                  crypto::CryptoCounters& counters);

/// The same for a further key of a player. Whose it says to be is for the caller to judge.
std::string_view published_key_fault(const msg::PublishedKey& key, std::int64_t now_ms, crypto::CryptoCounters& counters);

/// Whether the times of a listed key allow a signature made at `made_ms` and taken at `taken_ms`: from NotBefore to
/// NotAfter, both within T_skew (`skew_ms`), and both moments before WithdrawnFrom if there is one.
bool key_in_time(const PlayerKey& key, std::int64_t made_ms, std::int64_t taken_ms, std::int64_t skew_ms);

}  // namespace quickpay::roles
