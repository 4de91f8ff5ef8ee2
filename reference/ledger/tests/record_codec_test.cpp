// The blob of a record: a law over arbitrary records, and damaged blobs.
#include "reference/ledger/record_codec.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <random>

namespace quickpay::ledger {
namespace {

std::uint64_t seed() {
  const char* given = std::getenv("QP_SEED");
  const std::uint64_t value = given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device()();
  std::cout << "QP_SEED=" << value << "\n";
  return value;
}

std::string any_text(std::mt19937_64& random) {
  std::string text(random() % 300, '\0');
  for (auto& byte : text) byte = static_cast<char>(random());
  return text;
}

Record any_record(std::mt19937_64& random) {
  Record record;
  for (auto i = random() % 5; i > 0; --i) record.variables.push_back(any_text(random));
  for (auto i = random() % 5; i > 0; --i) record.fields[any_text(random)] = any_text(random);
  return record;
}

TEST(RecordCodec, ReadsBackWhateverItWrites) {
  std::mt19937_64 random(seed());
  for (int i = 0; i < 500; ++i) {
    const Record original = any_record(random);
    Record copy;
    ASSERT_TRUE(decode_contents(encode_contents(original), copy));
    ASSERT_EQ(copy, original);
  }
}

TEST(RecordCodec, RefusesEveryShorterAndEveryLongerBlob) {
  std::mt19937_64 random(seed());
  Record original = any_record(random);
  original.fields["a"] = "b";
  const std::string blob = encode_contents(original);
  Record out;
  for (std::size_t size = 0; size < blob.size(); ++size) ASSERT_FALSE(decode_contents(blob.substr(0, size), out));
  EXPECT_FALSE(decode_contents(blob + 'x', out));
}

TEST(RecordCodec, SurvivesAnyDamage) {
  std::mt19937_64 random(seed());
  for (int i = 0; i < 2000; ++i) {
    std::string blob = encode_contents(any_record(random));
    blob[random() % blob.size()] = static_cast<char>(random());
    Record out;
    const bool readable = decode_contents(blob, out);
    ASSERT_TRUE(!readable || out.variables.size() <= blob.size());
  }
}

TEST(RecordCodec, RefusesACountThatTheBlobCannotHold) {
  Record out;
  EXPECT_FALSE(decode_contents("\xFF\xFF\xFF\xFF\x0F", out));
  EXPECT_FALSE(decode_contents("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F", out));
}

TEST(RecordCodec, IsCompact) {
  Record record{"m", "k", "S", {"a=yes"}, {{"name", "value"}}};
  EXPECT_EQ(encode_contents(record).size(), 1U + 6U + 1U + 5U + 6U);
}

}  // namespace
}  // namespace quickpay::ledger
