#include "conformance/judges/key_rules.hpp"

#include <algorithm>

#include "conformance/peers/build.hpp"
#include "conformance/peers/digest.hpp"
#include "conformance/peers/seal.hpp"
#include "conformance/peers/signing.hpp"
#include "reference/codec/generated/protocol.hpp"

namespace quickpay::conformance {

namespace {

constexpr std::int64_t kSecondMs = 1000;
constexpr std::int64_t kSkewMs = protocol::T_skew_default * kSecondMs;

}  // namespace

const SigningKeyPlan* listed_key(const WorldPlan& plan, std::string_view player, std::string_view key_id) {
  const auto found = std::find_if(plan.signing_keys.begin(), plan.signing_keys.end(), [&](const SigningKeyPlan& key) {
    return key.player == player && key.listed && sha256_of(key.spki) == key_id;
  });
  return found == plan.signing_keys.end() ? nullptr : &*found;
}

bool good_now(const SigningKeyPlan& key, std::int64_t now_ms) {
  const bool withdrawn = !key.withdrawn_from.empty() && now_ms >= time_of(key.withdrawn_from);
  return key.usage == "sign" && !withdrawn && now_ms + kSkewMs >= time_of(key.not_before) &&
         now_ms - kSkewMs < time_of(key.not_after) + kSecondMs;
}

bool right_under(const std::string& spki, const Element& object) {
  const auto key = crypto::RsaPublicKey::load(spki);
  const auto value = bytes_of_base64(text_at(object, "Sig/Value"));
  crypto::CryptoCounters counters;
  return key && value && text_at(object, "Sig/KeyId") == sha256_of(spki) &&
         key->verify(signed_bytes(purpose_of(object.name), object), *value, counters);
}

std::string key_fault(const Element& key, std::int64_t now_ms) {
  const std::string spki = bytes_of_base64(text_at(key, "PubKey")).value_or(std::string());
  const std::int64_t from_ms = time_of(text_at(key, "NotBefore")), to_ms = time_of(text_at(key, "NotAfter"));
  if (!crypto::RsaPublicKey::load(spki)) return "one that breaks the key policy";
  if (from_ms > to_ms) return "one whose times are the wrong way round";
  if (now_ms >= to_ms + kSecondMs) return "one whose time is over";
  return right_under(spki, key) ? std::string() : "one without a proof of its own";
}

}  // namespace quickpay::conformance
