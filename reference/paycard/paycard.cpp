#include "reference/paycard/paycard.hpp"

#include "reference/codec/canonical.hpp"
#include "reference/crypto/encoding.hpp"

namespace quickpay::paycard {

std::string token_input(const msg::Token& token) {
  return codec::signing_input("paycard-token", codec::canonical("Token", msg::kTokenType, &token));
}

std::string answer_input(const msg::Answer& answer) {
  return codec::signing_input("paycard-answer", codec::canonical("Answer", msg::kAnswerType, &answer));
}

std::string make_token(std::string_view secret, const msg::Token& token) {
  return plain_proof(secret, token_input(token));
}

bool check_token(std::string_view secret, const msg::Token& token, std::string_view text, Scheme scheme) {
  return check_proof(scheme, secret, token_input(token), text);
}

bool check_removal(std::string_view secret, const msg::Removal& removal, std::string_view text, Scheme scheme) {
  const std::string encoded = codec::canonical("Removal", msg::kRemovalType, &removal);
  return check_proof(scheme, secret, codec::signing_input("paycard-remove", encoded), text);
}

std::string make_answer(std::string_view secret, const msg::Answer& answer, Scheme scheme) {
  const std::string input = answer_input(answer);
  return scheme == Scheme::plain ? plain_proof(secret, input) : numbered_proof(secret, 0, input);
}

bool check_answer(std::string_view secret, const msg::Answer& answer, std::string_view text) {
  return crypto::equal_constant_time(make_answer(secret, answer), text);
}

}  // namespace quickpay::paycard
