// Whose key counts, when, and for what: the keys of the directory, and what looks signed but is not (QP-ADD-18).
#include "reference/roles/signatures.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <type_traits>

#include <botan/data_src.h>
#include <botan/numthry.h>
#include <botan/pkcs8.h>
#include <botan/rsa.h>
#include <botan/system_rng.h>
#include <botan/x509_key.h>

#include "reference/codec/canonical.hpp"
#include "reference/crypto/encoding.hpp"
#include "reference/crypto/hash.hpp"
#include "reference/crypto/rsa.hpp"
#include "reference/roles/times.hpp"

namespace quickpay::roles {
namespace {

using namespace std::string_literals;

constexpr std::int64_t kDay = 86'400'000;
constexpr std::int64_t kSkew = 300'000;
constexpr std::string_view kPurpose = "batch-claim";
const std::int64_t kNow = parse_time("2026-11-22T12:00:00Z").value_or(0);

/// A signed element: what it says, and its signature.
struct Note {
  msg::Item item;
  struct Sig {
    std::string key_id;
    std::string value;
  } sig;
};
static_assert(std::is_standard_layout_v<Note>);  // the table of the content reads the object from its beginning

template <class Bytes>
std::string text_from(const Bytes& bytes) {
  return {bytes.begin(), bytes.end()};
}

crypto::RsaPrivateKey made_key(std::uint64_t seed) {
  crypto::SeededRandom random(seed);
  crypto::CryptoCounters counters;
  return *crypto::RsaPrivateKey::generate(2048, random, counters);
}

// Keys of all tests: making one takes as long as hundreds of signatures.
const crypto::RsaPrivateKey& first_key() {
  static const auto& key = *new crypto::RsaPrivateKey(made_key(1));
  return key;
}
const crypto::RsaPrivateKey& second_key() {
  static const auto& key = *new crypto::RsaPrivateKey(made_key(2));
  return key;
}
const crypto::RsaPrivateKey& broker_key() {
  static const auto& key = *new crypto::RsaPrivateKey(made_key(3));
  return key;
}

PlayerKey listed(const crypto::RsaPublicKey& key) {
  return {key.key_id(), key.spki_der(), KeyUsage::sign, kNow - 30 * kDay, kNow + 30 * kDay, std::nullopt};
}

PlayerKey listed_raw(const Botan::Public_Key& key) {
  const std::string spki = text_from(Botan::X509::BER_encode(key));
  return {crypto::sha256_hex(spki), spki, KeyUsage::sign, kNow - kDay, kNow + kDay, std::nullopt};
}

struct SignaturesTest : testing::Test {
  TableDirectory directory;
  crypto::SeededRandom random{5};
  Facts facts{{}, spans_of({}), random, directory, kNow};
  Signatures signatures{facts};
  Player vendor;

  SignaturesTest() {
    vendor.id = "V1001";
    vendor.role = "vendor";
    vendor.keys = {listed(first_key().public_key())};
    directory.put(vendor);
    Player broker;
    broker.id = "B7";
    broker.role = "broker";
    broker.keys = {listed(broker_key().public_key())};
    directory.put(broker);
    own(first_key());
  }

  void own(const crypto::RsaPrivateKey& key) {
    facts.config.signing_keys = {{key.pkcs8_der(), kNow - 30 * kDay, kNow + 30 * kDay}};
  }
  void list(const std::function<void(PlayerKey&)>& change) {
    Player changed = vendor;
    change(changed.keys.front());
    directory.put(changed);
  }
  Note signed_note(std::string_view purpose = kPurpose) {
    Note note{{"00112233445566778899aabbccddeeff", "Tea & Toast"}, {}};
    EXPECT_TRUE(signatures.sign(purpose, "Item", msg::kItemType, note));
    return note;
  }
  static Signer by(std::string_view role, std::string_view id, std::int64_t made_ms = kNow) {
    return {role, id, kPurpose, made_ms, std::nullopt};
  }
  std::string_view fault(const Note& note, const Signer& signer = by("vendor", "V1001")) const {
    return signatures.fault(signer, "Item", msg::kItemType, note);
  }
};

TEST_F(SignaturesTest, TakesWhatTheNamedPlayerSigned) {
  EXPECT_TRUE(signatures.can_sign());
  const Note note = signed_note();
  EXPECT_EQ(fault(note), "");
  EXPECT_EQ(note.sig.key_id, first_key().public_key().key_id());
  EXPECT_EQ(signed_note().sig.value, note.sig.value);  // a retry is the same to the byte
}

// QP-ADD-19: the purpose is the verifier's, and every byte of the content is covered.
TEST_F(SignaturesTest, RefusesAnotherPurposeOrContent) {
  EXPECT_EQ(fault(signed_note("host-case")), "QP-E-SIGNATURE");
  Note changed = signed_note();
  changed.item.item_text += ".";
  EXPECT_EQ(fault(changed), "QP-E-SIGNATURE");
}

TEST_F(SignaturesTest, RefusesKeysOfOthers) {
  own(broker_key());
  const Note note = signed_note();
  EXPECT_EQ(fault(note), "QP-E-KEY");                       // a Broker's key for a Vendor's word
  EXPECT_EQ(fault(note, by("vendor", "B7")), "QP-E-KEY");   // that player has another role
  EXPECT_EQ(fault(note, by("vendor", "V9")), "QP-E-KEY");   // nobody
  EXPECT_EQ(fault(note, by("broker", "B7")), "");           // twin: its own word
}

TEST_F(SignaturesTest, RefusesKeysForSealing) {
  list([](PlayerKey& key) { key.usage = KeyUsage::seal; });
  EXPECT_EQ(fault(signed_note()), "QP-E-KEY");
}

TEST_F(SignaturesTest, RefusesAKeyThatIsNotTheOneNamed) {
  list([](PlayerKey& key) { key.spki = second_key().public_key().spki_der(); });
  EXPECT_EQ(fault(signed_note()), "QP-E-KEY");
}

TEST_F(SignaturesTest, SaysBusyWhileTheDirectoryCannotTell) {
  const Note note = signed_note();
  directory.hide("V1001", true);
  EXPECT_EQ(fault(note), "QP-E-BUSY");
  directory.hide("V1001", false);
  EXPECT_EQ(fault(note), "");
}

// Key validity is compared with the clocks of two players: both ends within T_skew.
TEST_F(SignaturesTest, JudgeTheKeyAtTheTimeOfTheObject) {
  const Note note = signed_note();
  const PlayerKey key = vendor.keys.front();
  EXPECT_EQ(fault(note, by("vendor", "V1001", key.not_before_ms - kSkew)), "");
  EXPECT_EQ(fault(note, by("vendor", "V1001", key.not_before_ms - kSkew - 1)), "QP-E-KEY");
  EXPECT_EQ(fault(note, by("vendor", "V1001", key.not_after_ms + kSkew)), "");
  EXPECT_EQ(fault(note, by("vendor", "V1001", key.not_after_ms + kSkew + 1)), "QP-E-KEY");
}

// A lost key can write any date: what comes after the withdrawal does not count, whatever it says.
TEST_F(SignaturesTest, RefusesAWithdrawnKeyForWhatIsNew) {
  const Note note = signed_note();
  list([](PlayerKey& key) { key.withdrawn_from_ms = kNow - kDay; });
  EXPECT_EQ(fault(note), "QP-E-KEY");
  Signer early = by("vendor", "V1001", kNow - 2 * kDay);
  EXPECT_EQ(fault(note, early), "QP-E-KEY");  // dated back
  early.taken_ms = kNow - 2 * kDay;
  EXPECT_EQ(fault(note, early), "");          // twin: taken before the withdrawal
  early.taken_ms = kNow - kDay;
  EXPECT_EQ(fault(note, early), "QP-E-KEY");
  list([](PlayerKey& key) { key.withdrawn_from_ms = kNow + 1; });
  EXPECT_EQ(fault(note), "");                 // twin: not yet
}

TEST_F(SignaturesTest, AreGoodFromBothKeysWhileTheyOverlap) {
  PlayerKey next = listed(second_key().public_key());
  next.not_before_ms = kNow;
  Player both = vendor;
  both.keys.push_back(next);
  directory.put(both);
  facts.config.signing_keys.push_back({second_key().pkcs8_der(), kNow, kNow + 60 * kDay});
  facts.now_ms = kNow - 1;
  const Note old_note = signed_note();
  EXPECT_EQ(old_note.sig.key_id, first_key().public_key().key_id());
  facts.now_ms = kNow;
  const Note new_note = signed_note();
  EXPECT_EQ(new_note.sig.key_id, second_key().public_key().key_id());  // the successor takes over
  EXPECT_EQ(fault(old_note), "");
  EXPECT_EQ(fault(new_note), "");
  directory.put(vendor);
  EXPECT_EQ(fault(new_note), "QP-E-KEY");  // twin: not listed
}

TEST_F(SignaturesTest, SignNothingWithoutAKeyThatIsGoodNow) {
  Note note{{"00112233445566778899aabbccddeeff", "Tea"}, {"kept", "kept"}};
  facts.now_ms = kNow + 31 * kDay;
  EXPECT_FALSE(signatures.can_sign());
  EXPECT_FALSE(signatures.sign(kPurpose, "Item", msg::kItemType, note));
  facts.config.signing_keys.clear();
  facts.now_ms = kNow;
  EXPECT_FALSE(signatures.sign(kPurpose, "Item", msg::kItemType, note));
  EXPECT_EQ(note.sig.key_id + note.sig.value, "keptkept");
  EXPECT_EQ(facts.crypto.rsa_operations(), 0u);
}

TEST_F(SignaturesTest, SignNothingWithAWithdrawnKey) {  // QP-ADD-18
  facts.config.signing_keys.push_back({second_key().pkcs8_der(), kNow - kDay, kNow + kDay});
  ASSERT_EQ(signed_note().sig.key_id, second_key().public_key().key_id());
  facts.config.signing_keys[1].withdrawn = true;
  EXPECT_EQ(signed_note().sig.key_id, first_key().public_key().key_id());
  facts.config.signing_keys[0].withdrawn = true;
  EXPECT_FALSE(signatures.can_sign());
  EXPECT_FALSE(signatures.first_key(std::string(64, 'a')));
}

TEST_F(SignaturesTest, OfAGivenOwnKey) {  // QP-ADD-18
  facts.config.signing_keys.push_back({second_key().pkcs8_der(), kNow + kDay, kNow + 2 * kDay});
  const SigningKeyConfig* next = signatures.own_key(second_key().public_key().key_id());
  ASSERT_EQ(next, &facts.config.signing_keys[1]);
  Note note = signed_note();
  ASSERT_TRUE(signatures.sign_by(*next, kPurpose, "Item", msg::kItemType, note));
  EXPECT_EQ(note.sig.key_id, second_key().public_key().key_id()) << "before its time, too";
  EXPECT_EQ(signatures.own_signer(), &facts.config.signing_keys[0]);
  EXPECT_EQ(signatures.own_signer(signatures.own_signer()), nullptr) << "and no other is good now";
  EXPECT_EQ(signatures.own_key(broker_key().public_key().key_id()), nullptr);
  EXPECT_FALSE(signatures.sign_by({"no key", kNow, kNow}, kPurpose, "Item", msg::kItemType, note));
}

TEST_F(SignaturesTest, ProveAFurtherKey) {  // QP-ADD-18
  facts.config.id = "V1001";
  facts.config.sealing_keys = {{second_key().pkcs8_der(), kNow + kDay, kNow + 2 * kDay}};
  const auto key = signatures.published_key(*signatures.own_key(second_key().public_key().key_id()));
  ASSERT_TRUE(key);
  EXPECT_EQ(key->player, "V1001");
  EXPECT_EQ(key->usage, msg::KeyUse::seal);
  const auto fault_at = [&](const msg::PublishedKey& brought, std::int64_t now_ms) {
    return published_key_fault(brought, now_ms, facts.crypto);
  };
  EXPECT_EQ(fault_at(*key, kNow), "");
  EXPECT_EQ(fault_at(*key, kNow + 2 * kDay + 999), "") << "to the end of its last second";
  EXPECT_EQ(fault_at(*key, kNow + 2 * kDay + 1000), "QP-E-KEY");
  msg::PublishedKey others = *key;
  others.player = "V9";
  EXPECT_EQ(fault_at(others, kNow), "QP-E-SIGNATURE") << "nobody lists it as his";
  msg::PublishedKey by_another = *key;
  ASSERT_TRUE(signatures.sign("key-proof", "Key", msg::kPublishedKeyType, by_another));
  EXPECT_EQ(fault_at(by_another, kNow), "QP-E-SIGNATURE");
  by_another.pub_key = "AAAA";
  EXPECT_EQ(fault_at(by_another, kNow), "QP-E-KEY");
}

// What a forger or the owner of a key can make of the bare operation.
struct Forgeries : SignaturesTest {
  static std::string input(const Note& note) {
    return codec::signing_input(kPurpose, codec::canonical("Item", msg::kItemType, &note, "Sig"));
  }
  static std::string powered(const Botan::BigInt& value, const Botan::RSA_PrivateKey& key) {
    return text_from(Botan::BigInt::encode_1363(Botan::power_mod(value, key.get_d(), key.get_n()), key.get_n().bytes()));
  }
  static Botan::BigInt number_of(const std::string& block) {
    return {reinterpret_cast<const std::uint8_t*>(block.data()), block.size()};
  }
  static std::string padded(const std::string& info, std::size_t size) {
    return "\0\1"s + std::string(size - 3 - info.size(), '\xff') + "\0"s + info;
  }
  Note carrying(const std::string& signature, const PlayerKey& key) {
    Note note{{"00112233445566778899aabbccddeeff", "Tea & Toast"}, {key.key_id, crypto::base64_encode(signature)}};
    return note;
  }
};

const std::string kInfo = "\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20"s;
const std::string kLongInfo = "\x30\x81\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20"s;

TEST_F(Forgeries, InOtherEncodingsOfTheDigestAreNoSignatures) {
  const std::string pkcs8 = first_key().pkcs8_der();
  Botan::DataSource_Memory source(reinterpret_cast<const std::uint8_t*>(pkcs8.data()), pkcs8.size());
  const auto loaded = Botan::PKCS8::load_key(source);
  const auto& key = dynamic_cast<const Botan::RSA_PrivateKey&>(*loaded);
  const std::string hash = crypto::sha256(input(carrying("", vendor.keys.front())));
  const auto with = [&](const std::string& info) {
    return carrying(powered(number_of(padded(info + hash, 256)), key), vendor.keys.front());
  };
  EXPECT_EQ(fault(with(kInfo)), "");
  EXPECT_EQ(fault(with(kLongInfo)), "QP-E-SIGNATURE");
  Note spaced = with(kInfo);
  spaced.sig.value += "\n";
  EXPECT_EQ(fault(spaced), "QP-E-SIGNATURE");  // one spelling only
}

// With e = 3 a cube root fakes a signature if the padding is not checked to its end; such keys do not count at all.
TEST_F(Forgeries, WithTheExponentThreeFailAtTheKey) {
  const Botan::BigInt n = Botan::BigInt::power_of_2(2047) + 12345;  // any odd number: the forger needs no factor
  const PlayerKey key = listed_raw(Botan::RSA_PublicKey(n, Botan::BigInt(3)));
  const std::string hash = crypto::sha256(input(carrying("", key)));
  const std::string head = "\0\1\xff\xff\xff\xff\xff\xff\xff\xff\0"s + kInfo + hash;
  Botan::BigInt high = number_of(head + std::string(256 - head.size(), '\xff'));
  Botan::BigInt root = Botan::BigInt::power_of_2(high.bits() / 3 + 1);  // Newton from above
  for (Botan::BigInt next = (root * 2 + high / (root * root)) / 3; next < root;
       next = (root * 2 + high / (root * root)) / 3) {
    root = next;
  }
  const std::string cubed = text_from(Botan::BigInt::encode_1363(root * root * root, 256));
  ASSERT_EQ(cubed.substr(0, head.size()), head);  // a sloppy verifier takes it
  Note note = carrying(text_from(Botan::BigInt::encode_1363(root, 256)), key);
  list([&](PlayerKey& listed_key) { listed_key = key; });
  EXPECT_EQ(fault(note), "QP-E-KEY");
  EXPECT_EQ(facts.crypto.rsa_verifications, 0u);
  note.sig.key_id = first_key().public_key().key_id();
  directory.put(vendor);
  EXPECT_EQ(fault(note), "QP-E-SIGNATURE");  // and under a good key it is none
}

TEST_F(Forgeries, WithAWeakKeyFailAtTheKey) {
  const Botan::RSA_PrivateKey small(Botan::system_rng(), 1024);
  const PlayerKey key = listed_raw(small);
  const std::string hash = crypto::sha256(input(carrying("", key)));
  const Note note = carrying(powered(number_of(padded(kInfo + hash, 128)), small), key);
  list([&](PlayerKey& listed_key) { listed_key = key; });
  EXPECT_EQ(fault(note), "QP-E-KEY");
}

// QP-MP-018: the counters tell what was done, and a refused key costs no verification.
TEST_F(SignaturesTest, AreCounted) {
  const Note note = signed_note();
  EXPECT_EQ(fault(note), "");
  EXPECT_EQ(fault(note, by("vendor", "V9")), "QP-E-KEY");
  EXPECT_EQ(facts.crypto.rsa_signatures, 1u);
  EXPECT_EQ(facts.crypto.rsa_verifications, 1u);
}

}  // namespace
}  // namespace quickpay::roles
