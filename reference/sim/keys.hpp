// The RSA keys of simulated worlds: the same in every one, as making one takes as long as hundreds of signatures.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "reference/crypto/rsa.hpp"

namespace quickpay::sim {

inline constexpr std::int64_t kKeyLifeMs = 400LL * 86'400'000;  ///< of every key, from the beginning of a world

/// The key of whom, or for what: "host", "broker" and "vendor" to sign, "seal" what is sealed to the Host, "broker-seal" what is to a Broker, "wallet" and
/// "newcomer" of those that register. Of whatever else: that of a Vendor.
const crypto::RsaPrivateKey& world_key(std::string_view what);

/// Whether it is one of these, in base64 (SubjectPublicKeyInfo): all of them keep the key policy.
bool is_world_key(const std::string& pub_key);

}  // namespace quickpay::sim
