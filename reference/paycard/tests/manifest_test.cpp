// Manifests: what is loaded was signed by the Broker that issued it, for this Paycard and this interface.
#include "reference/paycard/manifest.hpp"

#include <gtest/gtest.h>

#include "reference/crypto/signed_object.hpp"
#include "reference/paycard/tests/files.hpp"

namespace quickpay::paycard {
namespace {

const std::string kSharedObject = "the bytes of a shared object";

msg::Manifest plain() { return {"B7", "plain", "1.2", 0, {}, "1.0", "First", {}, {}}; }

Trouble trouble(const std::string& text, const std::string& shared_object = kSharedObject, std::string_view broker = "B7",
                std::string_view paycard = "P7", std::vector<std::string> keys = {test::spki("B7")}) {
  crypto::CryptoCounters counters;
  const auto checked = check_manifest(text, shared_object, {broker, paycard, keys}, counters);
  EXPECT_FALSE(checked.has_value());
  return checked ? Trouble{} : checked.error();
}

bool right(const std::string& text, const std::string& shared_object = kSharedObject) {
  crypto::CryptoCounters counters;
  const std::vector<std::string> keys{test::spki("another"), test::spki("B7")};
  return check_manifest(text, shared_object, {"B7", "P7", keys}, counters).has_value();
}

// QP-ADM-006: the twin of all that follows.
TEST(Manifest, VouchesForItsFile) {
  const std::string text = test::signed_manifest(plain(), kSharedObject, "B7");
  EXPECT_TRUE(right(text));
  EXPECT_TRUE(right(text + "\n"));
  EXPECT_TRUE(text.starts_with("<Manifest><Broker>B7</Broker>")) << text;
}

// QP-ADM-006: no byte of a manifest can be changed, whatever it is changed to.
TEST(Manifest, HoldsToTheByte) {
  const std::string text = test::signed_manifest(plain(), kSharedObject, "B7");
  for (std::size_t at = 0; at < text.size(); ++at) {
    std::string other = text;
    other[at] = static_cast<char>(other[at] ^ 1);
    EXPECT_FALSE(right(other)) << at << ": " << other;
    EXPECT_FALSE(right(text.substr(0, at))) << at;
  }
}

TEST(Manifest, IsOfItsFileAlone) {
  const std::string text = test::signed_manifest(plain(), kSharedObject, "B7");
  EXPECT_EQ(trouble(text, kSharedObject + "."), Trouble::other_file);
  EXPECT_EQ(trouble(text, ""), Trouble::other_file);
}

TEST(Manifest, IsSigned) {
  msg::Manifest manifest = plain();
  manifest.abi_version = kAbi;
  manifest.file_hash = std::string(64, '0');
  EXPECT_EQ(trouble(write_manifest(manifest)), Trouble::manifest_unreadable);  // a signature of nothing
  const std::string text = test::signed_manifest(plain(), kSharedObject, "B7");
  const auto from = text.find("<Sig>"), to = text.find("</Sig>") + 6;
  EXPECT_EQ(trouble(text.substr(0, from) + text.substr(to)), Trouble::manifest_unreadable);
  EXPECT_EQ(trouble(""), Trouble::manifest_unreadable);
}

// The key of a stranger, and none at all: a key that was withdrawn is not among those that are good.
TEST(Manifest, IsSignedByItsBroker) {
  const std::string stranger = test::signed_manifest(plain(), kSharedObject, "stranger");
  EXPECT_EQ(trouble(stranger), Trouble::unknown_key);
  const std::string text = test::signed_manifest(plain(), kSharedObject, "B7");
  EXPECT_EQ(trouble(text, kSharedObject, "B7", "P7", {}), Trouble::unknown_key);
  // the KeyId of the Broker over the signature of a stranger
  auto forged = read_manifest(stranger).value();
  forged.sig.key_id = test::key("B7").public_key().key_id();
  EXPECT_EQ(trouble(write_manifest(forged)), Trouble::wrong_signature);
}

// A signature of the same bytes for another purpose is none of a manifest.
TEST(Manifest, IsSignedAsAManifest) {
  auto manifest = read_manifest(test::signed_manifest(plain(), kSharedObject, "B7")).value();
  crypto::SeededRandom random(std::uint64_t{1});
  crypto::CryptoCounters counters;
  const auto other =
      crypto::sign_object(test::key("B7"), "directory", "Manifest", msg::kManifestType, &manifest, random, counters);
  manifest.sig.value = other->value;
  EXPECT_EQ(trouble(write_manifest(manifest)), Trouble::wrong_signature);
}

TEST(Manifest, IsForThisPaycardAndBroker) {
  const std::string text = test::signed_manifest(plain(), kSharedObject, "B7");
  EXPECT_EQ(trouble(text, kSharedObject, "B8"), Trouble::other_broker);
  msg::Manifest one = plain();
  one.paycard = "P8";
  EXPECT_EQ(trouble(test::signed_manifest(one, kSharedObject, "B7")), Trouble::other_paycard);
  one.paycard = "P7";
  EXPECT_TRUE(right(test::signed_manifest(one, kSharedObject, "B7")));
}

TEST(Manifest, IsForThisInterface) {
  auto manifest = read_manifest(test::signed_manifest(plain(), kSharedObject, "B7")).value();
  manifest.abi_version = kAbi + 1;
  crypto::SeededRandom random(std::uint64_t{1});
  crypto::CryptoCounters counters;
  const auto made = crypto::sign_object(test::key("B7"), kManifestPurpose, "Manifest", msg::kManifestType, &manifest,
                                        random, counters);
  manifest.sig = {made->key_id, made->value};
  EXPECT_EQ(trouble(write_manifest(manifest)), Trouble::other_abi);
}

TEST(Manifest, IsNotTooOld) {
  msg::Manifest manifest = plain();
  manifest.min_version = "1.10";
  EXPECT_EQ(trouble(test::signed_manifest(manifest, kSharedObject, "B7")), Trouble::too_old);
}

// QP-ADM-006: an older file is no better for its own manifest.
TEST(Manifest, IsNotOlderThanTheBrokersEntrySays) {
  const std::string text = test::signed_manifest(plain(), kSharedObject, "B7");  // "plain" 1.2
  const auto fits = [&](std::vector<msg::OldestPaycard> oldest) {
    crypto::CryptoCounters counters;
    const std::vector<std::string> keys{test::spki("B7")};
    const auto checked = check_manifest(text, kSharedObject, {"B7", "P7", keys, oldest}, counters);
    return checked ? std::string("fits") : std::string(text_of(checked.error()));
  };
  EXPECT_EQ(fits({}), "fits");
  EXPECT_EQ(fits({{"plain", "1.2"}}), "fits");
  EXPECT_EQ(fits({{"plain", "1.2.0.1"}}), text_of(Trouble::too_old));
  EXPECT_EQ(fits({{"plain", "1.10"}}), text_of(Trouble::too_old)) << "number by number";
  EXPECT_EQ(fits({{"another", "9"}}), "fits") << "of another Product";
  EXPECT_EQ(fits({{"plain", "1"}, {"plain", "2"}}), text_of(Trouble::too_old)) << "each of them counts";
  EXPECT_TRUE(older("1.9", "1.10"));
  EXPECT_FALSE(older("1.10", "1.9"));
  EXPECT_FALSE(older("1.0.0", "1"));
  EXPECT_FALSE(older("1", "1.0"));
  EXPECT_TRUE(older("1", "1.0.1"));
}

}  // namespace
}  // namespace quickpay::paycard
