#include "reference/paycard/paycard.hpp"

#include "reference/codec/canonical.hpp"
#include "reference/crypto/encoding.hpp"
#include "reference/crypto/hash.hpp"

namespace quickpay::paycard {
namespace {

std::string proof(std::string_view secret, std::string_view purpose, const std::string& canonical) {
  return crypto::base64_encode(crypto::hmac_sha256(secret, codec::signing_input(purpose, canonical)));
}

}  // namespace

std::string make_token(std::string_view secret, const msg::Token& token) {
  return proof(secret, "paycard-token", codec::canonical("Token", msg::kTokenType, &token));
}

bool check_token(std::string_view secret, const msg::Token& token, std::string_view text) {
  return crypto::equal_constant_time(make_token(secret, token), text);
}

std::string make_answer(std::string_view secret, const msg::Answer& answer) {
  return proof(secret, "paycard-answer", codec::canonical("Answer", msg::kAnswerType, &answer));
}

bool check_answer(std::string_view secret, const msg::Answer& answer, std::string_view text) {
  return crypto::equal_constant_time(make_answer(secret, answer), text);
}

}  // namespace quickpay::paycard
