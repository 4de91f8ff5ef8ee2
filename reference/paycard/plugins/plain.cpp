// The Paycard whose token is an HMAC under its secret.
#include "reference/crypto/encoding.hpp"
#include "reference/paycard/plugins/card.hpp"
#include "reference/paycard/scheme.hpp"

namespace quickpay::paycard {

std::optional<std::string> card_proof(const CardStore&, std::string_view secret, std::string_view input) {
  return plain_proof(secret, input);
}

bool card_believes(std::string_view secret, std::string_view input, std::string_view text) {
  return crypto::equal_constant_time(plain_proof(secret, input), text);
}

}  // namespace quickpay::paycard
