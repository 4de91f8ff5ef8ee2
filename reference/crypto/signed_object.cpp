#include "reference/crypto/signed_object.hpp"

#include "reference/codec/canonical.hpp"
#include "reference/crypto/encoding.hpp"

namespace quickpay::crypto {
namespace {

std::string input_of(std::string_view purpose, std::string_view name, const codec::StructType& type,
                     const void* object) {
  return codec::signing_input(purpose, codec::canonical(name, type, object, kSignatureChild));
}

}  // namespace

tl::expected<SignedValue, KeyFault> sign_object(const RsaPrivateKey& key, std::string_view purpose,
                                                std::string_view name, const codec::StructType& type,
                                                const void* object, Random& random, CryptoCounters& counters) {
  const auto signature = key.sign(input_of(purpose, name, type, object), random, counters);
  if (!signature) return tl::unexpected(signature.error());
  return SignedValue{key.public_key().key_id(), base64_encode(*signature)};
}

bool verify_object(const RsaPublicKey& key, std::string_view purpose, std::string_view name,
                   const codec::StructType& type, const void* object, std::string_view value,
                   CryptoCounters& counters) {
  const auto signature = base64_decode(value);
  if (!signature) return false;
  return key.verify(input_of(purpose, name, type, object), *signature, counters);
}

}  // namespace quickpay::crypto
