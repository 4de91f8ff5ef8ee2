// What a player says of its keys to a Host: which it publishes, and which it takes back.
#pragma once

#include <string>

#include "reference/roles/tests/entering.hpp"

namespace quickpay::roles {

inline const std::string kVendor = "V1001";
inline constexpr std::int64_t kYearMs = 365 * kDayMs;

/// What a player says of a key: by whom it is proven and by whom signed.
struct Saying {
  std::string player = kVendor;
  const crypto::RsaPrivateKey* key = &stranger_key();
  const crypto::RsaPrivateKey* proof = &stranger_key();
  const crypto::RsaPrivateKey* signer = &key_of("vendor");  ///< null: no Sig
  msg::KeyUse usage = msg::KeyUse::sign;
  std::int64_t from_ms = kNoon, to_ms = kNoon + kYearMs;
};

inline msg::KeyChange change(const Saying& saying) {
  msg::KeyChange made;
  made.key.player = saying.player;
  made.key.pub_key = crypto::base64_encode(saying.key->public_key().spki_der());
  made.key.usage = saying.usage;
  made.key.not_before = format_time(saying.from_ms);
  made.key.not_after = format_time(saying.to_ms);
  sign_with(*saying.proof, "key-proof", "Key", msg::kPublishedKeyType, made.key);
  if (saying.signer) sign_with(*saying.signer, "key-rollover", "KeyChange", msg::kKeyChangeType, made);
  return made;
}

inline msg::Withdrawal withdrawal(const crypto::RsaPrivateKey& key, const crypto::RsaPrivateKey& signer, std::int64_t from_ms,
                           const std::string& player = kVendor) {
  msg::Withdrawal made;
  made.player = player;
  made.key_id = key.public_key().key_id();
  made.reason = msg::WithdrawalReason::leaked;
  made.from = format_time(from_ms);
  sign_with(signer, "key-withdrawal", "Withdrawal", msg::kWithdrawalType, made);
  return made;
}

}  // namespace quickpay::roles
