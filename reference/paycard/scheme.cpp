#include "reference/paycard/scheme.hpp"

#include "reference/crypto/encoding.hpp"
#include "reference/crypto/hash.hpp"

namespace quickpay::paycard {
namespace {

constexpr std::size_t kNumberBytes = 8;
constexpr unsigned kByte = 8;

std::string bytes_of(std::uint64_t number) {
  std::string out(kNumberBytes, '\0');
  for (std::size_t i = kNumberBytes; i-- > 0; number >>= kByte) out[i] = static_cast<char>(number & 0xFF);
  return out;
}

std::optional<std::uint64_t> number_of(std::string_view text) {
  const auto raw = crypto::base64_decode(text);
  if (!raw || raw->size() != kNumberBytes + crypto::kDigestBytes) return std::nullopt;
  std::uint64_t number = 0;
  for (const char c : raw->substr(0, kNumberBytes)) number = number << kByte | static_cast<std::uint8_t>(c);
  return number;
}

}  // namespace

std::optional<Scheme> scheme_of(std::string_view name) {
  if (name == kPlain) return Scheme::plain;
  if (name == kNumbered) return Scheme::numbered;
  return std::nullopt;
}

std::string plain_proof(std::string_view secret, std::string_view input) {
  return crypto::base64_encode(crypto::hmac_sha256(secret, input));
}

std::string numbered_proof(std::string_view secret, std::uint64_t number, std::string_view input) {
  const std::string name = bytes_of(number);
  return crypto::base64_encode(name + crypto::hmac_sha256(crypto::hmac_sha256(secret, name), input));
}

bool check_proof(Scheme scheme, std::string_view secret, std::string_view input, std::string_view text) {
  if (scheme == Scheme::plain) return crypto::equal_constant_time(plain_proof(secret, input), text);
  const auto number = number_of(text);
  return number && *number >= kFirstNumber && crypto::equal_constant_time(numbered_proof(secret, *number, input), text);
}

}  // namespace quickpay::paycard
