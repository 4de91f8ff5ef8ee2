// The key policy, and signatures that look right but are not.
#include "reference/crypto/rsa.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include <botan/auto_rng.h>
#include <botan/ecdsa.h>
#include <botan/numthry.h>
#include <botan/pkcs8.h>
#include <botan/rsa.h>
#include <botan/x509_key.h>

#include "reference/crypto/encoding.hpp"
#include "reference/crypto/hash.hpp"
#include "reference/crypto/tests/long_primes.hpp"

namespace quickpay::crypto {
namespace {

using namespace std::string_literals;

template <class Bytes>
std::string text_from(const Bytes& bytes) {
  return {bytes.begin(), bytes.end()};
}

std::string spki_of(const Botan::Public_Key& key) { return text_from(Botan::X509::BER_encode(key)); }

// One key for all tests: making one takes as long as hundreds of signatures.
const Botan::RSA_PrivateKey& raw_key() {
  static const Botan::RSA_PrivateKey key = [] {
    Botan::AutoSeeded_RNG random;
    return Botan::RSA_PrivateKey(random, 2048);
  }();
  return key;
}

struct Signatures : testing::Test {
  RsaPublicKey key = *RsaPublicKey::load(spki_of(raw_key()));
  CryptoCounters counters;

  // What the owner of the key could make of any padded block; tests of the padding need the private operation bare.
  std::string powered(const std::string& block) const {
    const Botan::BigInt value(reinterpret_cast<const std::uint8_t*>(block.data()), block.size());
    const Botan::BigInt power = Botan::power_mod(value, raw_key().get_d(), raw_key().get_n());
    return text_from(Botan::BigInt::encode_1363(power, 256));
  }
  static std::string padded(const std::string& info, std::size_t block = 256) {
    return "\0\1"s + std::string(block - 3 - info.size(), '\xff') + "\0"s + info;
  }
  bool verifies(const std::string& block) { return key.verify("input", powered(block), counters); }
};

const std::string kSha256Info = "\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20"s;

TEST_F(Signatures, OnlyTheExpectedEncodingVerifies) {
  const std::string hash = sha256("input");
  EXPECT_TRUE(verifies(padded(kSha256Info + hash)));
  EXPECT_FALSE(verifies(padded(kSha256Info + sha256("other"))));
  // DigestInfo without the NULL parameters
  EXPECT_FALSE(verifies(padded("\x30\x2f\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x04\x20"s + hash)));
  // the length of the DigestInfo in the long form
  EXPECT_FALSE(verifies(padded("\x30\x81\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20"s + hash)));
  // short padding with bytes behind the hash
  const std::string short_block = padded(kSha256Info + hash, 200) + std::string(56, '\x01');
  EXPECT_FALSE(verifies(short_block));
  // block type 2, wrong padding byte, no separator, the bare hash
  std::string block = padded(kSha256Info + hash);
  block[1] = 2;
  EXPECT_FALSE(verifies(block));
  block = padded(kSha256Info + hash);
  block[100] = '\xfe';
  EXPECT_FALSE(verifies(block));
  EXPECT_FALSE(verifies(padded(hash)));
  EXPECT_FALSE(verifies(std::string(256 - 32, '\0') + hash));
}

TEST_F(Signatures, LengthAndRangeAreExact) {
  const std::string good = powered(padded(kSha256Info + sha256("input")));
  EXPECT_TRUE(key.verify("input", good, counters));
  EXPECT_FALSE(key.verify("input", good.substr(1), counters));
  EXPECT_FALSE(key.verify("input", "\0"s + good, counters));
  EXPECT_FALSE(key.verify("input", good + "\0"s, counters));
  EXPECT_FALSE(key.verify("input", "", counters));
  EXPECT_FALSE(key.verify("input", std::string(256, '\0'), counters));
  EXPECT_FALSE(key.verify("input", std::string(256, '\xff'), counters));
  EXPECT_FALSE(key.verify("inpuT", good, counters));
  // the same residue, but not below the modulus
  const Botan::BigInt value(reinterpret_cast<const std::uint8_t*>(good.data()), good.size());
  const Botan::BigInt above = value + raw_key().get_n();
  if (above.bytes() <= 256) {
    EXPECT_FALSE(key.verify("input", text_from(Botan::BigInt::encode_1363(above, 256)), counters));
  }
}

TEST_F(Signatures, EveryFlippedBitIsNoticed) {
  const std::string good = powered(padded(kSha256Info + sha256("input")));
  for (std::size_t bit = 0; bit < good.size() * 8; bit += 37) {
    std::string bad = good;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << bit % 8));
    EXPECT_FALSE(key.verify("input", bad, counters)) << bit;
  }
}

// QP-MP-018: who claims to do without RSA can be held to it.
TEST_F(Signatures, AreCounted) {
  const auto own = RsaPrivateKey::load(text_from(Botan::PKCS8::BER_encode(raw_key())));
  ASSERT_TRUE(own.has_value());
  SeededRandom random(1);
  const auto signature = own->sign("input", random, counters);
  ASSERT_TRUE(signature.has_value());
  EXPECT_EQ(signature->size(), 256u);
  EXPECT_EQ(*own->sign("input", random, counters), *signature);
  EXPECT_TRUE(own->public_key().verify("input", *signature, counters));
  EXPECT_EQ(counters.rsa_signatures, 2u);
  EXPECT_EQ(counters.rsa_verifications, 1u);
  EXPECT_EQ(counters.rsa_keys_made, 0u);
  EXPECT_EQ(counters.rsa_operations(), 3u);
}

// QP-ADD-18: what is signed with any key that the policy admits verifies with it, and nothing else does.
void signs_and_verifies(const RsaPrivateKey& key, std::size_t bits) {
  SeededRandom random(1);
  CryptoCounters counters;
  const auto signature = key.sign("input", random, counters);
  ASSERT_TRUE(signature.has_value()) << bits;
  EXPECT_EQ(signature->size(), bits / 8);
  const auto again = RsaPublicKey::load(key.public_key().spki_der());
  ASSERT_TRUE(again.has_value()) << bits;
  EXPECT_TRUE(again->verify("input", *signature, counters)) << bits;
  EXPECT_FALSE(again->verify("inpuT", *signature, counters)) << bits;
  std::string bad = *signature;
  bad.back() = static_cast<char>(bad.back() ^ 1);
  EXPECT_FALSE(again->verify("input", bad, counters)) << bits;
}

TEST(LongKeys, SignAndVerify) {
  SeededRandom random(2);
  CryptoCounters counters;
  for (const std::size_t bits : {std::size_t{3072}, std::size_t{4096}}) {
    const auto key = RsaPrivateKey::generate(bits, random, counters);
    ASSERT_TRUE(key.has_value()) << bits;
    signs_and_verifies(*key, bits);
  }
  const auto longest = RsaPrivateKey::from_primes(*from_hex(kLongPrime), *from_hex(kOtherLongPrime));
  ASSERT_TRUE(longest.has_value());
  signs_and_verifies(*longest, kMaxKeyBits);
}

KeyFault fault_of(const std::string& spki) {
  const auto key = RsaPublicKey::load(spki);
  EXPECT_FALSE(key.has_value());
  return key ? KeyFault::unsound : key.error();
}

Botan::RSA_PublicKey with_bits(std::size_t bits, std::uint64_t exponent = kPublicExponent) {
  Botan::BigInt n = Botan::BigInt::power_of_2(bits - 1);
  n += 12345;  // any odd number: the policy does not factor
  return {n, Botan::BigInt(exponent)};
}

TEST(Policy, BoundsTheSize) {
  EXPECT_EQ(fault_of(spki_of(with_bits(1024))), KeyFault::wrong_size);
  EXPECT_EQ(fault_of(spki_of(with_bits(2047))), KeyFault::wrong_size);
  EXPECT_TRUE(RsaPublicKey::load(spki_of(with_bits(2048))).has_value());
  EXPECT_TRUE(RsaPublicKey::load(spki_of(with_bits(8192))).has_value());
  EXPECT_EQ(fault_of(spki_of(with_bits(8193))), KeyFault::wrong_size);
}

TEST(Policy, FixesTheExponent) {
  EXPECT_EQ(fault_of(spki_of(with_bits(2048, 3))), KeyFault::wrong_exponent);
  EXPECT_EQ(fault_of(spki_of(with_bits(2048, 65539))), KeyFault::wrong_exponent);
}

TEST(Policy, TakesNoOtherAlgorithm) {
  Botan::AutoSeeded_RNG random;
  const Botan::ECDSA_PrivateKey key(random, Botan::EC_Group("secp256r1"));
  EXPECT_EQ(fault_of(spki_of(key)), KeyFault::not_rsa);
  EXPECT_EQ(fault_of(""), KeyFault::unreadable);
  EXPECT_EQ(fault_of("-----BEGIN PUBLIC KEY-----"), KeyFault::unreadable);
}

TEST(Policy, TakesStrictDerOnly) {
  const std::string good = spki_of(raw_key());
  ASSERT_EQ(good.substr(0, 4), "\x30\x82\x01\x22"s);
  // bytes behind the key
  EXPECT_FALSE(RsaPublicKey::load(good + "\0"s).has_value());
  // a length that is longer than needed
  EXPECT_FALSE(RsaPublicKey::load("\x30\x83\x00\x01\x22"s + good.substr(4)).has_value());
  // an indefinite length
  EXPECT_FALSE(RsaPublicKey::load("\x30\x80"s + good.substr(4) + "\0\0"s).has_value());
  // algorithm without the NULL parameters
  const std::string oid = "\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00"s;
  const std::size_t at = good.find(oid);
  ASSERT_NE(at, std::string::npos);
  std::string bare = good;
  bare.replace(at, oid.size(), "\x30\x0b"s + oid.substr(2, 11));
  bare[3] = static_cast<char>(bare[3] - 2);
  EXPECT_FALSE(RsaPublicKey::load(bare).has_value());
  // every prefix
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_FALSE(RsaPublicKey::load(std::string_view(good).substr(0, size)).has_value()) << size;
  }
}

TEST(Policy, HoldsForPrivateKeys) {
  Botan::AutoSeeded_RNG random;
  const Botan::RSA_PrivateKey small(random, 1024);
  EXPECT_EQ(RsaPrivateKey::load(text_from(Botan::PKCS8::BER_encode(small))).error(), KeyFault::wrong_size);
  EXPECT_EQ(RsaPrivateKey::load("no key").error(), KeyFault::unreadable);
  SeededRandom seeded(1);
  CryptoCounters counters;
  EXPECT_EQ(RsaPrivateKey::generate(1024, seeded, counters).error(), KeyFault::wrong_size);
  EXPECT_EQ(counters.rsa_keys_made, 0u);
}

std::string pkcs8_of(const Botan::BigInt& p, const Botan::BigInt& q, const Botan::BigInt& d = 0) {
  return text_from(Botan::PKCS8::BER_encode(Botan::RSA_PrivateKey(p, q, Botan::BigInt(kPublicExponent), d)));
}

// A key that was read lately is not checked again, but what is not byte for byte that key is.
TEST(Policy, HoldsForKeysLikeOneReadLately) {
  const std::string right = pkcs8_of(raw_key().get_p(), raw_key().get_q());
  const std::string wrong = pkcs8_of(raw_key().get_p(), raw_key().get_q(), raw_key().get_d() + 2);
  for (int time = 0; time < 2; ++time) {
    EXPECT_TRUE(RsaPrivateKey::load(right).has_value());
    ASSERT_FALSE(RsaPrivateKey::load(wrong).has_value());
    EXPECT_EQ(RsaPrivateKey::load(wrong).error(), KeyFault::unsound);
  }
}

TEST(PrivateKey, IsTheOneThatWasGivenHoweverManyWereReadBefore) {
  Botan::AutoSeeded_RNG random;
  std::vector<Botan::BigInt> primes;
  for (int made = 0; made < 7; ++made) primes.push_back(Botan::random_prime(random, 1024, 65537));
  std::vector<std::pair<std::string, Botan::BigInt>> keys;
  for (std::size_t p = 0; p < primes.size(); ++p) {
    for (std::size_t q = 0; q < p; ++q) keys.emplace_back(pkcs8_of(primes[p], primes[q]), primes[p] * primes[q]);
  }
  ASSERT_GT(keys.size(), kMaxKeysReadLately);
  for (int time = 0; time < 2; ++time) {
    for (const auto& [pkcs8, modulus] : keys) {
      const auto key = RsaPrivateKey::load(pkcs8);
      ASSERT_TRUE(key.has_value());
      EXPECT_EQ(key->public_key().spki_der(), spki_of(Botan::RSA_PublicKey(modulus, Botan::BigInt(kPublicExponent))));
    }
  }
}

TEST(PrivateKey, IsMadeFromTheGivenRandomness) {
  CryptoCounters counters;
  SeededRandom a(7);
  SeededRandom b(7);
  const auto first = RsaPrivateKey::generate(2048, a, counters);
  const auto second = RsaPrivateKey::generate(2048, b, counters);
  ASSERT_TRUE(first.has_value() && second.has_value());
  EXPECT_EQ(first->public_key().key_id(), second->public_key().key_id());
  EXPECT_EQ(counters.rsa_keys_made, 2u);
  const auto loaded = RsaPrivateKey::load(first->pkcs8_der());
  ASSERT_TRUE(loaded.has_value());
  EXPECT_EQ(loaded->public_key().spki_der(), first->public_key().spki_der());
  EXPECT_EQ(first->public_key().bits(), 2048u);
}

}  // namespace
}  // namespace quickpay::crypto
