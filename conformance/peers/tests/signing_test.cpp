// Signatures over trees: right ones are those of the reference, and forged ones are none.
#include "conformance/peers/signing.hpp"

#include <gtest/gtest.h>

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

TEST(TestKeys, HaveWeakOnesThatThePolicyRefuses) {
  const std::pair<WeakKey, crypto::KeyFault> all[] = {{WeakKey::exponent_three, crypto::KeyFault::wrong_exponent},
                                                      {WeakKey::short_modulus, crypto::KeyFault::wrong_size},
                                                      {WeakKey::curve, crypto::KeyFault::not_rsa}};
  for (const auto& [which, fault] : all) {
    const auto loaded = crypto::RsaPublicKey::load(weak_key(which));
    ASSERT_FALSE(loaded);
    EXPECT_EQ(loaded.error(), fault);
  }
}

}  // namespace
}  // namespace quickpay::conformance
