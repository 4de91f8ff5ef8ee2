// The processes by which the reference Paycards prove themselves to their Brokers; each Broker chooses its own.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace quickpay::paycard {

/// How a proof is made from a secret (raw bytes) that Paycard and Broker share.
enum class Scheme : std::uint8_t {
  plain,     ///< HMAC under the secret
  numbered,  ///< every proof has a number of its own, and a key that is derived from the number
};

inline constexpr std::string_view kPlain = "plain";
inline constexpr std::string_view kNumbered = "numbered";

/// The scheme of that name.
std::optional<Scheme> scheme_of(std::string_view name);

/// The first number that a numbered Paycard uses. Answers of the Broker have the number 0.
inline constexpr std::uint64_t kFirstNumber = 1;

/// base64 of HMAC(secret, input).
std::string plain_proof(std::string_view secret, std::string_view input);

/// base64 of the number (8 bytes, the highest first) and HMAC(HMAC(secret, number), input).
std::string numbered_proof(std::string_view secret, std::uint64_t number, std::string_view input);

/// Whether `text` is a proof of `input`; a numbered one has any number from kFirstNumber on. The time taken does not
/// depend on where they differ.
bool check_proof(Scheme scheme, std::string_view secret, std::string_view input, std::string_view text);

}  // namespace quickpay::paycard
