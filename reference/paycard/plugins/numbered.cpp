// The Paycard that numbers its tokens: each has a key of its own, and no number is used for a second token that leaves
// the Wallet, because the number is stored in the same unit as the request that carries the token.
#include <charconv>

#include "reference/crypto/encoding.hpp"
#include "reference/paycard/plugins/card.hpp"
#include "reference/paycard/scheme.hpp"

namespace quickpay::paycard {
namespace {

constexpr std::string_view kNext = "next";

/// The next number; nothing if what is stored is none, since a guess could use a number twice.
std::optional<std::uint64_t> next_number(const CardStore& store) {
  const std::string text = store.get(kNext);
  if (text.empty()) return kFirstNumber;
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < kFirstNumber) return std::nullopt;
  return number;
}

}  // namespace

std::optional<std::string> card_proof(const CardStore& store, std::string_view secret, std::string_view input) {
  const auto number = next_number(store);
  if (!number || *number == UINT64_MAX || !store.put(kNext, std::to_string(*number + 1))) return std::nullopt;
  return numbered_proof(secret, *number, input);
}

bool card_believes(std::string_view secret, std::string_view input, std::string_view text) {
  return crypto::equal_constant_time(numbered_proof(secret, 0, input), text);
}

}  // namespace quickpay::paycard
