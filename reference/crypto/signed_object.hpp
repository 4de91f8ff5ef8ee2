// Signatures over typed objects with a purpose: what is signed is the canonical encoding, never a document.
#pragma once

#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "reference/codec/schema.hpp"
#include "reference/crypto/rsa.hpp"

namespace quickpay::crypto {

/// The child of a signed element that holds its signature and is not covered by it.
inline constexpr std::string_view kSignatureChild = "Sig";

/// A signature as messages spell it.
struct SignedValue {
  std::string key_id;  ///< 64 hexadecimal digits: which key of the signer
  std::string value;   ///< base64
};

/// Sig(purpose, X): the signature of element `name` with the content of `object`, without its child `Sig`. The same
/// object gives the same text (QP-ADD-18). An error means that the library failed.
tl::expected<SignedValue, KeyFault> sign_object(const RsaPrivateKey& key, std::string_view purpose,
                                                std::string_view name, const codec::StructType& type,
                                                const void* object, Random& random, CryptoCounters& counters);

/// Whether `value` (base64 in its one spelling) is the signature of `object` for `purpose` under `key`. The purpose
/// comes from the context of the verifier and never from a message (QP-ADD-19). Counts one verification.
bool verify_object(const RsaPublicKey& key, std::string_view purpose, std::string_view name,
                   const codec::StructType& type, const void* object, std::string_view value,
                   CryptoCounters& counters);

}  // namespace quickpay::crypto
