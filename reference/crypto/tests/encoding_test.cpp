// Hexadecimal and base64: one spelling for each sequence of bytes, and no other is read.
#include "reference/crypto/encoding.hpp"

#include <gtest/gtest.h>

#include <string>

#include "reference/crypto/random.hpp"

namespace quickpay::crypto {
namespace {

using namespace std::string_literals;

TEST(Hex, IsLowerCase) {
  EXPECT_EQ(to_hex("\x00\xAB\xff"s), "00abff");
  EXPECT_EQ(from_hex("00abff"), "\x00\xAB\xff"s);
  EXPECT_EQ(from_hex(""), "");
}

TEST(Hex, RefusesOtherSpellings) {
  for (const char* text : {"0", "000", "AB", "aB", "0x", " 00", "00 ", "0g", "\xC3\xA4"}) {
    EXPECT_EQ(from_hex(text), std::nullopt) << text;
  }
}

// RFC 4648 §10
TEST(Base64, KnownAnswers) {
  const std::string words[][2] = {{"", ""},           {"f", "Zg=="},         {"fo", "Zm8="},        {"foo", "Zm9v"},
                                  {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"}};
  for (const auto& word : words) {
    EXPECT_EQ(base64_encode(word[0]), word[1]);
    EXPECT_EQ(base64_decode(word[1]), word[0]);
  }
}

TEST(Base64, RefusesOtherSpellings) {
  for (const char* text : {"Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "Z===", "====", "Zg==Zg==", "Zm9v\n", " Zm9v", "Zm 9v",
                           "Zm-v", "Zm_v", "Zm9v=", "=Zm9", "Zm=v", "Z\xC3\xA4=="}) {
    EXPECT_EQ(base64_decode(text), std::nullopt) << text;
  }
}

TEST(Base64, IsInjective) {
  SeededRandom random(7);
  for (std::size_t size = 0; size < 200; ++size) {
    const std::string bytes = random_bytes(random, size);
    EXPECT_EQ(base64_decode(base64_encode(bytes)), bytes);
    EXPECT_EQ(from_hex(to_hex(bytes)), bytes);
  }
}

// Every accepted text of four digits is what encoding its bytes gives.
TEST(Base64, ReadsOnlyWhatItWrites) {
  const std::string digits = "AQgwz0+/=\n";
  for (const char a : digits) {
    for (const char b : digits) {
      for (const char c : digits) {
        for (const char d : digits) {
          const std::string text{a, b, c, d};
          const auto bytes = base64_decode(text);
          if (bytes) {
            EXPECT_EQ(base64_encode(*bytes), text);
          }
        }
      }
    }
  }
}

TEST(Equal, ComparesAllBytes) {
  EXPECT_TRUE(equal_constant_time("", ""));
  EXPECT_TRUE(equal_constant_time("secret", "secret"));
  EXPECT_FALSE(equal_constant_time("secret", "secreT"));
  EXPECT_FALSE(equal_constant_time("Secret", "secret"));
  EXPECT_FALSE(equal_constant_time("secret", "secre"));
}

}  // namespace
}  // namespace quickpay::crypto
