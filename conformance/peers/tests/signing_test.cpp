// Signatures over trees: right ones are those of the reference, and forged ones are none.
#include "conformance/peers/signing.hpp"

#include <botan/auto_rng.h>
#include <botan/bigint.h>
#include <botan/data_src.h>
#include <botan/numthry.h>
#include <botan/pkcs8.h>
#include <botan/rsa.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "conformance/peers/build.hpp"
#include "conformance/peers/digest.hpp"
#include "conformance/peers/test_keys.hpp"
#include "reference/codec/reader.hpp"
#include "reference/crypto/signed_object.hpp"

namespace quickpay::conformance {
namespace {

Element some_claim() {
  OrderFacts facts;
  facts.vendor = "V1001";
  facts.order_id = "order-1";
  facts.expires = "2026-11-22T12:15:00Z";
  facts.digest = std::string(64, 'd');
  return branch("Claim", {leaf("BatchId", std::string(32, 'a')), leaf("Vendor", "V1001"), leaf("Broker", "B7"),
                          leaf("Currency", "USD"), leaf("Count", "1"), leaf("Total", "125"),
                          branch("Item", {order_ref(facts), leaf("CommitId", std::string(32, 'c'))})});
}

struct Signing : testing::Test {
  WorldPlan plan = standard_plan("broker");
  Signing() { complete_signing_keys(plan); }
};

/// The typed object of the reference, out of a request that carries the tree.
bool reference_believes(const WorldPlan& plan, const Element& claim) {
  HeadFacts head;
  head.host = "H1";
  head.sender = "V1001";
  head.receiver = "B7";
  head.msg_id = std::string(32, 'b');
  head.sent_at = "2026-11-22T12:00:00Z";
  const auto read = codec::read<msg::batch::SettleWithBroker>(to_xml(request_of("SettleWithBroker", head, {claim})),
                                                              *msg::batch::kSettleWithBrokerMessage.request);
  crypto::CryptoCounters counters;
  const msg::Claim* typed = read ? &read->body.claim : nullptr;
  return typed != nullptr &&
         crypto::verify_object(signing_key(plan, "V1001")->key->public_key(), "batch-claim", "Claim", msg::kClaimType, typed,
                               typed->sig.value, counters);
}

// QP-ADD-18: what is signed as a tree is what the reference signs as a typed object.
TEST_F(Signing, AgreesWithTheReference) {
  const Element claim = signed_by(plan, "V1001", some_claim());
  EXPECT_TRUE(signature_right(plan, "V1001", claim));
  EXPECT_TRUE(reference_believes(plan, claim));
  Element changed = claim;
  set_text(changed, "Total", "126");
  EXPECT_FALSE(signature_right(plan, "V1001", changed));
  EXPECT_FALSE(reference_believes(plan, changed));
}

TEST_F(Signing, AsksWhoseKeyItIs) {
  EXPECT_FALSE(signature_right(plan, "V1001", signed_by(plan, "V1002", some_claim())));
  EXPECT_FALSE(signature_right(plan, "V1001", signed_with(*test_key("stranger"), some_claim())));
  EXPECT_FALSE(signature_right(plan, "V1001", signed_with(*test_key("V1001"), some_claim(), "host-case")));
  EXPECT_FALSE(signature_right(plan, "V1001", some_claim()));
  WorldPlan unlisted = plan;
  for (SigningKeyPlan& key : unlisted.signing_keys) {
    key.listed = false;
  }
  EXPECT_FALSE(signature_right(unlisted, "V1001", signed_by(plan, "V1001", some_claim())));
  for (SigningKeyPlan& key : plan.signing_keys) {
    key.usage = "seal";
  }
  EXPECT_FALSE(signature_right(plan, "V1001", signed_by(plan, "V1001", some_claim())));
}

TEST(TestKeys, AreThereForTheStandardCast) {
  for (const char* name : {"H1", "B7", "B8", "B9", "V1001", "V1002", "second", "stranger"}) {
    ASSERT_NE(test_key(name), nullptr) << name;
    EXPECT_EQ(test_key(name)->public_key().bits(), 2048u) << name;
  }
  EXPECT_EQ(test_key("nobody"), nullptr);
}

/// Every check of the library; making a test key leaves out those that take long.
bool sound(const std::string& pkcs8) {
  Botan::DataSource_Memory source(reinterpret_cast<const std::uint8_t*>(pkcs8.data()), pkcs8.size());
  Botan::AutoSeeded_RNG random;
  return Botan::PKCS8::load_key(source)->check_key(random, true);
}

TEST(TestKeys, AreSound) {  // QP-ADD-18
  for (const std::string_view name : test_key_names()) {
    ASSERT_NE(test_key(name), nullptr) << name;
    EXPECT_TRUE(sound(test_key(name)->pkcs8_der())) << name;
  }
}

// Twin: a key of which one "prime" is a product.
TEST(TestKeys, WouldBeFoundUnsound) {
  Botan::AutoSeeded_RNG random;
  const auto prime = [&](std::size_t bits) {
    return Botan::random_prime(random, bits, Botan::BigInt(crypto::kPublicExponent));
  };
  const auto pkcs8 = [](const Botan::BigInt& p, const Botan::BigInt& q) {
    const auto bytes = Botan::PKCS8::BER_encode(Botan::RSA_PrivateKey(p, q, Botan::BigInt(crypto::kPublicExponent)));
    return std::string(bytes.begin(), bytes.end());
  };
  const Botan::BigInt q = prime(1024);
  EXPECT_TRUE(sound(pkcs8(prime(1024), q)));
  EXPECT_FALSE(sound(pkcs8(prime(512) * prime(512), q)));
}

bool is_a_test_key(const SigningKeyPlan& key) {
  const auto names = test_key_names();
  return key.key && std::any_of(names.begin(), names.end(), [&](std::string_view name) {
    return key.key->public_key().key_id() == test_key(name)->public_key().key_id();
  });
}

TEST(TestKeys, AreAllThatPeersSignWith) {
  for (const char* role : {"host", "broker", "vendor", "wallet"}) {
    WorldPlan plan = standard_plan(role);
    complete_signing_keys(plan);
    EXPECT_FALSE(plan.signing_keys.empty()) << role;
    for (const SigningKeyPlan& key : plan.signing_keys) EXPECT_TRUE(is_a_test_key(key)) << role << " " << key.player;
  }
}

// The right encoding gives the right signature, so that a forged one is wrong for what was forged and nothing else.
TEST(TestKeys, SignRawBytes) {
  WorldPlan plan = standard_plan("broker");
  complete_signing_keys(plan);
  const Element claim = some_claim();
  const std::string hash = bytes_of_hex(sha256_of(signed_bytes("batch-claim", claim)));
  const std::string tail = bytes_of_hex("3031300d060960864801650304020105000420") + hash;
  const std::string encoded = std::string("\0\1", 2) + std::string(256 - tail.size() - 3, '\xff') + std::string(1, '\0') + tail;
  const std::string id = test_key("V1001")->public_key().key_id();
  EXPECT_TRUE(signature_right(plan, "V1001", signed_as(id, claim, raw_signature("V1001", encoded))));
  std::string padded_otherwise = encoded;
  padded_otherwise[2] = '\xfe';
  EXPECT_FALSE(signature_right(plan, "V1001", signed_as(id, claim, raw_signature("V1001", padded_otherwise))));
  EXPECT_TRUE(raw_signature("nobody", encoded).empty());
}

/// The library itself reads no even exponent, and writes a key of one purpose back as one of any.
TEST(TestKeys, HaveWeakOnesThatThePolicyRefuses) {
  const std::pair<WeakKey, crypto::KeyFault> all[] = {{WeakKey::exponent_three, crypto::KeyFault::wrong_exponent},
                                                      {WeakKey::short_modulus, crypto::KeyFault::wrong_size},
                                                      {WeakKey::curve, crypto::KeyFault::not_rsa},
                                                      {WeakKey::exponent_one, crypto::KeyFault::wrong_exponent},
                                                      {WeakKey::exponent_two, crypto::KeyFault::unreadable},
                                                      {WeakKey::exponent_seventeen, crypto::KeyFault::wrong_exponent},
                                                      {WeakKey::exponent_even, crypto::KeyFault::unreadable},
                                                      {WeakKey::exponent_padded, crypto::KeyFault::not_strict},
                                                      {WeakKey::exponent_long, crypto::KeyFault::wrong_exponent},
                                                      {WeakKey::bits_512, crypto::KeyFault::wrong_size},
                                                      {WeakKey::bits_2047, crypto::KeyFault::wrong_size},
                                                      {WeakKey::bits_8193, crypto::KeyFault::wrong_size},
                                                      {WeakKey::bits_16384, crypto::KeyFault::wrong_size},
                                                      {WeakKey::bare, crypto::KeyFault::unreadable},
                                                      {WeakKey::trailing, crypto::KeyFault::not_strict},
                                                      {WeakKey::of_purpose, crypto::KeyFault::not_strict}};
  for (const auto& [which, fault] : all) {
    const auto loaded = crypto::RsaPublicKey::load(weak_key(which));
    ASSERT_FALSE(loaded);
    EXPECT_EQ(loaded.error(), fault);
  }
}

std::string power_of(const std::string& number, unsigned exponent) {
  const Botan::BigInt base(reinterpret_cast<const std::uint8_t*>(number.data()), number.size());
  Botan::BigInt power(1);
  for (unsigned i = 0; i < exponent; ++i) power = power * base;
  const auto bytes = Botan::BigInt::encode_1363(power, 3 * number.size());
  return std::string(bytes.begin(), bytes.end()).substr(2 * number.size());
}

/// A forgery under the exponent 3 is what it is for: its cube is not reduced, and begins as it shall.
TEST(TestKeys, ForgeCubesThatBeginRightly) {
  constexpr std::size_t kSize = 256;
  const std::string begin = bytes_of_hex("0001ffffffffffffffff00") + std::string(51, 'h');
  const std::string root = cube_root_of(begin, kSize);
  EXPECT_EQ(root.size(), kSize);
  EXPECT_EQ(power_of(root, 3).substr(0, begin.size()), begin);
  EXPECT_NE(power_of(root, 3).substr(begin.size()), std::string(kSize - begin.size(), '\0')) << "there is something behind it";
}

/// The exponent 3 signs as any other: only the policy is against it.
TEST(TestKeys, SignRightlyWithAWeakKey) {
  const std::string encoded = std::string(1, '\0') + std::string(255, 'e');
  const std::string value = raw_signature(WeakKey::exponent_three, encoded);
  ASSERT_EQ(value.size(), 256U);
  const std::string key = weak_key(WeakKey::exponent_three);  // ends with its modulus, and a 3 of three bytes
  const auto number = [](const std::string& bytes) { return Botan::BigInt(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()); };
  const Botan::BigInt modulus = number(key.substr(key.size() - 3 - value.size(), value.size()));
  EXPECT_EQ(Botan::power_mod(number(value), Botan::BigInt(3), modulus), number(encoded));
  EXPECT_EQ(raw_signature(WeakKey::short_modulus, encoded.substr(0, 128)).size(), 128U);
  EXPECT_EQ(raw_signature(WeakKey::curve, encoded), "") << "nobody has its private part";
}

}  // namespace
}  // namespace quickpay::conformance
