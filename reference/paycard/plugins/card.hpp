// What the reference Paycards have in common: the C interface around a way to make and check proofs.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "reference/codec/schema.hpp"
#include "reference/paycard/generated/qp_paycard.h"

namespace quickpay::paycard {

/// Limits of canonical encodings that the Wallet hands over.
inline constexpr codec::Family kValues{"value", 128 * 1024, 1024, 8};

/// The Paycard's store, which the Wallet keeps.
class CardStore {
 public:
  explicit CardStore(const qp_store_api& api) : api_(api) {}
  /// The value, or an empty text if there is none.
  std::string get(std::string_view key) const;
  bool put(std::string_view key, std::string_view value) const;

 private:
  qp_store_api api_;
};

/// Makes the proof of `input`; nothing if the Paycard cannot. Each reference Paycard defines it.
std::optional<std::string> card_proof(const CardStore& store, std::string_view secret, std::string_view input);

/// Whether `text` is the Broker's proof of `input`. Each reference Paycard defines it.
bool card_believes(std::string_view secret, std::string_view input, std::string_view text);

}  // namespace quickpay::paycard
