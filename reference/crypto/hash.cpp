#include "reference/crypto/hash.hpp"

#include <botan/hash.h>
#include <botan/mac.h>

#include "reference/codec/canonical.hpp"
#include "reference/crypto/encoding.hpp"

namespace quickpay::crypto {
namespace {

const std::uint8_t* bytes_of(std::string_view text) { return reinterpret_cast<const std::uint8_t*>(text.data()); }

// Botan's own functions throw only if the algorithm is not compiled in, which stops every test of this room.
template <class Algorithm>
std::string finish(Algorithm& algorithm, std::string_view data) {
  algorithm.update(bytes_of(data), data.size());
  std::string out(algorithm.output_length(), '\0');
  algorithm.final(reinterpret_cast<std::uint8_t*>(out.data()));
  return out;
}

}  // namespace

std::string sha256(std::string_view data) { return finish(*Botan::HashFunction::create_or_throw("SHA-256"), data); }

std::string sha256_hex(std::string_view data) { return to_hex(sha256(data)); }

std::string hmac_sha256(std::string_view key, std::string_view data) {
  const auto hmac = Botan::MessageAuthenticationCode::create_or_throw("HMAC(SHA-256)");
  hmac->set_key(bytes_of(key), key.size());
  return finish(*hmac, data);
}

std::string digest(std::string_view purpose, std::string_view name, const codec::StructType& type, const void* object,
                   std::string_view left_out) {
  return sha256_hex(codec::signing_input(purpose, codec::canonical(name, type, object, left_out)));
}

std::string mac(std::string_view key, std::string_view purpose, std::string_view name, const codec::StructType& type,
                const void* object, std::string_view left_out) {
  return to_hex(hmac_sha256(key, codec::signing_input(purpose, codec::canonical(name, type, object, left_out))));
}

}  // namespace quickpay::crypto
