// Digests against published answers, and the two sources of randomness.
#include "reference/crypto/hash.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "reference/crypto/encoding.hpp"
#include "reference/crypto/random.hpp"

namespace quickpay::crypto {
namespace {

// FIPS 180-4 examples
TEST(Sha256, KnownAnswers) {
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(to_hex(sha256("abc")), sha256_hex("abc"));
  EXPECT_EQ(sha256("abc").size(), kDigestBytes);
}

// RFC 4231, cases 1, 2 and 6
TEST(Hmac, KnownAnswers) {
  EXPECT_EQ(to_hex(hmac_sha256(std::string(20, '\x0b'), "Hi There")),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(to_hex(hmac_sha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(to_hex(hmac_sha256(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First")),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(SeededRandom, RepeatsItself) {
  SeededRandom a(42);
  SeededRandom b(42);
  SeededRandom c(43);
  const std::string first = random_hex(a, 100);
  EXPECT_EQ(random_hex(b, 100), first);
  EXPECT_NE(random_hex(c, 100), first);
  EXPECT_NE(random_hex(a, 100), first);
}

// Whoever stores a seed relies on the bytes, whatever machine or version: SHA-256(seed, counter).
TEST(SeededRandom, IsPinned) {
  SeededRandom random("seed");
  EXPECT_EQ(random_hex(random, 16), to_hex(sha256(std::string("seed\0\0\0\0\0\0\0\0", 12))).substr(0, 32));
}

TEST(SeededRandom, GivesTheSameInSmallPieces) {
  SeededRandom a(1);
  SeededRandom b(1);
  std::string pieces;
  for (int i = 0; i < 70; ++i) pieces += random_bytes(a, 1);
  EXPECT_EQ(pieces, random_bytes(b, 70));
}

TEST(BotanRandom, DoesNotRepeat) {
  BotanRandom random;
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(random_hex(random, 16));
  EXPECT_EQ(seen.size(), 1000u);
}

}  // namespace
}  // namespace quickpay::crypto
