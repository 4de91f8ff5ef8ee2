// Digests and authentication codes over trees of elements, computed apart from the reference (docs/protocol.md, section
// 4).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "conformance/peers/element.hpp"

namespace quickpay::conformance {

/// E(X) of a valid element: names and byte lengths, children as they stand.
std::string canonical_of(const Element& element);
/// The bytes that are hashed, authenticated or signed for X under a purpose label.
std::string labelled_bytes(std::string_view purpose, const Element& element);
/// H(purpose, X), 64 lower-case hex digits.
std::string digest_of(std::string_view purpose, const Element& element);
/// MAC(key, purpose, X), 32 raw bytes; `key` is raw.
std::string mac_of(std::string_view key, std::string_view purpose, const Element& element);

/// SHA-256 of bytes, 64 lower-case hex digits.
std::string sha256_of(std::string_view bytes);
std::string base64_of(std::string_view bytes);
/// Nothing if `text` is not canonical base64.
std::optional<std::string> bytes_of_base64(std::string_view text);
/// The bytes of lower-case hex digits; empty if `text` has others.
std::string bytes_of_hex(std::string_view text);
std::string hex_of(std::string_view bytes);

}  // namespace quickpay::conformance
