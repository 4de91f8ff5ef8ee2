// RSA signatures (RSASSA-PKCS1-v1_5 with SHA-256) and wrapped keys (RSAES-OAEP with SHA-256) under the key policy of the
// specification.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <tl/expected.hpp>

#include "reference/crypto/counters.hpp"
#include "reference/crypto/random.hpp"

namespace quickpay::crypto {

inline constexpr std::size_t kMinKeyBits = 2048;
inline constexpr std::size_t kMaxKeyBits = 8192;
inline constexpr std::uint64_t kPublicExponent = 65537;
inline constexpr std::size_t kMaxKeysReadLately = 16;  ///< sound private keys that are not checked once more

/// Why a key is refused.
enum class KeyFault : std::uint8_t {
  unreadable,    ///< not a key at all
  not_rsa,       ///< a key of another algorithm
  not_strict,    ///< encoded otherwise than DER demands
  wrong_size,    ///< fewer than 2048 or more than 8192 bits
  wrong_exponent,///< another public exponent than 65537
  unsound,       ///< private parts that do not belong together, or a library that failed
};

/// An English name of the fault, for logs.
std::string_view text_of(KeyFault fault);

/// A public key that keeps the policy. Copies share the key.
class RsaPublicKey {
 public:
  struct Impl;

  /// Reads a SubjectPublicKeyInfo in strict DER and checks the policy.
  static tl::expected<RsaPublicKey, KeyFault> load(std::string_view spki_der);

  const std::string& spki_der() const;
  /// SHA-256 of the SubjectPublicKeyInfo, 64 hexadecimal digits.
  const std::string& key_id() const;
  std::size_t bits() const;

  /// Whether `signature` (raw bytes) is the one signature of `input`: the expected encoding is built and compared.
  /// A length other than the modulus' or a value not below it is refused. Counts one verification.
  bool verify(std::string_view input, std::string_view signature, CryptoCounters& counters) const;

  /// RSA-OAEP (SHA-256, MGF1 with SHA-256, empty label) of a symmetric key of up to 64 bytes: raw bytes as long as the
  /// modulus. Counts one encryption. An error means that the library failed.
  tl::expected<std::string, KeyFault> wrap(std::string_view key, Random& random, CryptoCounters& counters) const;

 private:
  friend class RsaPrivateKey;
  explicit RsaPublicKey(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}
  std::shared_ptr<const Impl> impl_;
};

/// A private key that keeps the policy. Copies share the key.
class RsaPrivateKey {
 public:
  struct Impl;

  /// Reads an unencrypted PKCS#8 key in DER and checks policy and consistency. A key that was sound is kept in memory
  /// until `kMaxKeysReadLately` others have been read, and is not checked again until then.
  static tl::expected<RsaPrivateKey, KeyFault> load(std::string_view pkcs8_der);
  /// Makes a key of `bits` bits. Counts one key.
  static tl::expected<RsaPrivateKey, KeyFault> generate(std::size_t bits, Random& random, CryptoCounters& counters);
  /// The key of two primes, given as big-endian bytes, and the exponent 65537.
  static tl::expected<RsaPrivateKey, KeyFault> from_primes(std::string_view p, std::string_view q);
  /// The same of two numbers that are known to be primes, which costs a tenth: checks the policy, and that what the key signs
  /// verifies. For constants about which a test asks from_primes(); who was given a key has to know more.
  static tl::expected<RsaPrivateKey, KeyFault> from_known_primes(std::string_view p, std::string_view q);

  std::string pkcs8_der() const;
  RsaPublicKey public_key() const;

  /// The signature of `input`, raw bytes as long as the modulus; the same input gives the same bytes. `random` only
  /// blinds the computation. Counts one signature. An error means that the library failed.
  tl::expected<std::string, KeyFault> sign(std::string_view input, Random& random, CryptoCounters& counters) const;

  /// The key of `bytes` bytes that wrap() made `wrapped` of. What holds no such key gives random bytes instead, so that
  /// nobody learns from the answer what was wrong: whatever they encrypt does not open. `random` makes these and blinds
  /// the computation. Counts one decryption. An error: `wrapped` is not as long as
  /// the modulus or not below it, or the library failed.
  tl::expected<std::string, KeyFault> unwrap(std::string_view wrapped, std::size_t bytes, Random& random,
                                             CryptoCounters& counters) const;

 private:
  explicit RsaPrivateKey(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}
  std::shared_ptr<const Impl> impl_;
};

}  // namespace quickpay::crypto
