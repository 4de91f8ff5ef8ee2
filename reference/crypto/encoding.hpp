// Hexadecimal and base64 text in the one spelling that the wire allows.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace quickpay::crypto {

/// Lower-case hexadecimal digits of `bytes`.
std::string to_hex(std::string_view bytes);

/// The bytes of lower-case hexadecimal `text`; nothing for an odd length, upper case or any other byte.
std::optional<std::string> from_hex(std::string_view text);

/// RFC 4648 §4 base64 of `bytes`, padded.
std::string base64_encode(std::string_view bytes);

/// The bytes of canonical base64 `text`; nothing for white space, missing padding, another alphabet or pad bits that
/// are not zero, so that two different texts never stand for the same bytes.
std::optional<std::string> base64_decode(std::string_view text);

/// Whether two secrets are equal; the time taken depends on their lengths only.
bool equal_constant_time(std::string_view a, std::string_view b);

}  // namespace quickpay::crypto
