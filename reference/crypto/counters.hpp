// How often a player used the expensive operations.
#pragma once

#include <cstdint>

namespace quickpay::crypto {

/// Counts the expensive operations; one object for each player, handed to whoever signs, verifies, seals or opens (QP-MP-018).
struct CryptoCounters {
  std::uint64_t rsa_signatures = 0;
  std::uint64_t rsa_verifications = 0;
  std::uint64_t rsa_keys_made = 0;
  std::uint64_t rsa_encryptions = 0;
  std::uint64_t rsa_decryptions = 0;
  std::uint64_t rsa_operations() const {
    return rsa_signatures + rsa_verifications + rsa_keys_made + rsa_encryptions + rsa_decryptions;
  }
};

}  // namespace quickpay::crypto
