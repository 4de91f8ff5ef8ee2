// RSA keys of the suite's players, made from fixed primes so that a run need not make any, and a recording can be judged
// again. They are public: outside of tests they are worth nothing.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "reference/crypto/rsa.hpp"

namespace quickpay::conformance {

/// The key of the player of the standard cast with that id ("H1", "B7", …), "second" for a successor, "stranger" for a key
/// that no directory lists, "newcomer" and "newcomer-seal" for those of who registers, "bystander" for a further one, and "long", as long
/// as a key may be: 8192 bits, the others 2048. Null for any other name.
const crypto::RsaPrivateKey* test_key(std::string_view name);
/// The names of all of them, each of which conformance_signing_test checks thoroughly.
std::vector<std::string_view> test_key_names();

/// Keys that the policy of the specification refuses. Of those from `curve` on nobody knows the private part.
enum class WeakKey : std::uint8_t {
  exponent_three,
  short_modulus,  ///< 1024 bits
  curve,
  exponent_one,
  exponent_two,
  exponent_seventeen,
  exponent_even,    ///< 65536
  exponent_padded,  ///< 65537, not in its one encoding
  exponent_long,    ///< 2^31 + 1
  bits_512,
  bits_2047,
  bits_8193,
  bits_16384,
  bare,        ///< the RSAPublicKey of PKCS #1 alone
  trailing,    ///< a good one with a byte behind it
  of_purpose,  ///< marked as of RSASSA-PSS
};
/// SubjectPublicKeyInfo of one, DER.
std::string weak_key(WeakKey which);

/// What the private key of that name makes of `encoded`, whatever that is: to forge signatures whose padding or encoding is
/// not the one of the specification. Raw bytes as long as the modulus; empty for an unknown name.
std::string raw_signature(std::string_view name, std::string_view encoded);
/// The same with the private part of a weak key; empty if nobody knows it.
std::string raw_signature(WeakKey which, std::string_view encoded);

/// A number whose cube begins with `begin`, as `size` bytes: a signature by nobody where the exponent is 3 and whoever checks it does
/// not look at what is behind. `begin` may fill about a third of `size`, or there is none.
std::string cube_root_of(std::string_view begin, std::size_t size);

}  // namespace quickpay::conformance
