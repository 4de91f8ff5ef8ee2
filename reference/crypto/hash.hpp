// Digests and authentication codes: SHA-256, HMAC-SHA-256, and the two over typed objects.
#pragma once

#include <string>
#include <string_view>

#include "reference/codec/schema.hpp"

namespace quickpay::crypto {

inline constexpr std::size_t kDigestBytes = 32;

/// SHA-256 of `data`: 32 raw bytes.
std::string sha256(std::string_view data);

/// SHA-256 of `data`: 64 lower-case hexadecimal digits.
std::string sha256_hex(std::string_view data);

/// HMAC-SHA-256 of `data` under `key` (raw bytes of any length): 32 raw bytes.
std::string hmac_sha256(std::string_view key, std::string_view data);

/// H(purpose, X): the digest of element `name` with the content of `object`, 64 lower-case hexadecimal digits.
/// `left_out` names a direct child that is not covered.
std::string digest(std::string_view purpose, std::string_view name, const codec::StructType& type, const void* object,
                   std::string_view left_out = {});

/// MAC(key, purpose, X): the authentication code of element `name`, 64 lower-case hexadecimal digits.
std::string mac(std::string_view key, std::string_view purpose, std::string_view name, const codec::StructType& type,
                const void* object, std::string_view left_out = {});

}  // namespace quickpay::crypto
