// Sealed and boxed documents: what opens, and everything that does not (QP-ADM-011, QP-ADM-012).
#include "reference/crypto/seal.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <vector>

#include "reference/codec/generated/messages.hpp"
#include "reference/crypto/encoding.hpp"

namespace quickpay::crypto {
namespace {

RsaPrivateKey made_key(std::uint64_t seed, std::size_t bits = kMinKeyBits) {
  SeededRandom random(seed);
  CryptoCounters counters;
  return *RsaPrivateKey::generate(bits, random, counters);
}

// The same in all tests: making one takes long.
const RsaPrivateKey& own_key() {
  static const auto& key = *new RsaPrivateKey(made_key(21));
  return key;
}
const RsaPrivateKey& other_key() {
  static const auto& key = *new RsaPrivateKey(made_key(22));
  return key;
}

const std::string kPlain = "<TakeQuestionInner>what nobody else may read</TakeQuestionInner>";
const std::string kKey(kBoxKeyBytes, '\x5a');

msg::Head some_head() {
  msg::Head head;
  head.version = "1";
  head.host = "H1";
  head.sender = "W0123456789abcdef0123456789abcdef";
  head.receiver = "B7";
  head.msg_id = std::string(32, 'a');
  head.sent_at = "2026-11-22T12:00:00Z";
  return head;
}

std::string context_of(const std::string& root, const msg::Head& head) {
  return box_context(root, msg::kHeadType, &head);
}

struct Sealing : testing::Test {
  SeededRandom random{std::uint64_t{23}};
  CryptoCounters counters;
  std::string context = context_of("TakeQuestion", some_head());
  SealedValue sealed = *seal(own_key().public_key(), kPlain, context, random, counters);

  BoxFault fault(const SealedValue& value) { return fault(value, context); }
  BoxFault fault(const SealedValue& value, const std::string& in) {
    const auto opened = open(own_key(), value, in, random, counters);
    EXPECT_FALSE(opened.has_value());
    return opened ? BoxFault::library : opened.error();
  }
};

std::string changed(std::string base64, std::size_t at, std::uint8_t by) {
  std::string raw = *base64_decode(base64);
  raw[at] = static_cast<char>(raw[at] ^ by);
  return base64_encode(raw);
}

TEST_F(Sealing, OpensForItsReceiverInItsMessage) {
  const auto opened = open(own_key(), sealed, context, random, counters);
  ASSERT_TRUE(opened.has_value());
  EXPECT_EQ(opened->view(), kPlain);
  EXPECT_EQ(sealed.key_id, own_key().public_key().key_id());
  EXPECT_EQ(counters.rsa_encryptions, 1u);
  EXPECT_EQ(counters.rsa_decryptions, 1u);
  EXPECT_EQ(counters.rsa_operations(), 2u);
}

TEST_F(Sealing, HasTheFormOfTheSpecification) {
  EXPECT_EQ(base64_decode(sealed.wrapped_key)->size(), own_key().public_key().bits() / 8);
  EXPECT_EQ(from_hex(sealed.boxed.nonce)->size(), kBoxNonceBytes);
  EXPECT_EQ(base64_decode(sealed.boxed.box)->size(), kPlain.size() + kBoxTagBytes);
  EXPECT_EQ(context.substr(0, 15), std::string("QuickPay-1\0box\0", 15));
  EXPECT_EQ(context.substr(15, 36), "(TakeQuestion(Head(Version=1:1)(Prof");
  EXPECT_EQ(context.substr(context.size() - 4), "Z)))");
}

TEST_F(Sealing, EveryBoxHasAKeyAndANonceOfItsOwn) {
  const auto again = seal(own_key().public_key(), kPlain, context, random, counters);
  EXPECT_NE(again->wrapped_key, sealed.wrapped_key);
  EXPECT_NE(again->boxed.nonce, sealed.boxed.nonce);
  EXPECT_NE(again->boxed.box, sealed.boxed.box);
}

TEST_F(Sealing, NoOtherMessageNoOtherHead) {
  EXPECT_EQ(fault(sealed, context_of("AnswerResponse", some_head())), BoxFault::not_authentic);
  msg::Head head = some_head();
  head.msg_id.back() = 'b';
  EXPECT_EQ(fault(sealed, context_of("TakeQuestion", head)), BoxFault::not_authentic);
  head = some_head();
  head.sender = "Wffffffffffffffffffffffffffffffff";
  EXPECT_EQ(fault(sealed, context_of("TakeQuestion", head)), BoxFault::not_authentic);
}

TEST_F(Sealing, NoOtherKey) {
  EXPECT_EQ(open(other_key(), sealed, context, random, counters).error(), BoxFault::other_key);
  SealedValue renamed = sealed;
  renamed.key_id = other_key().public_key().key_id();
  EXPECT_EQ(open(other_key(), renamed, context, random, counters).error(), BoxFault::not_authentic);
  EXPECT_EQ(fault(renamed), BoxFault::other_key);
}

TEST_F(Sealing, NoChangedByte) {
  for (std::size_t at = 0; at < kPlain.size() + kBoxTagBytes; ++at) {
    SealedValue spoiled = sealed;
    spoiled.boxed.box = changed(sealed.boxed.box, at, 1);
    EXPECT_EQ(fault(spoiled), BoxFault::not_authentic) << at;
  }
  for (std::size_t at = 0; at < kBoxNonceBytes; ++at) {
    SealedValue spoiled = sealed;
    spoiled.boxed.nonce[2 * at] = spoiled.boxed.nonce[2 * at] == '0' ? '1' : '0';
    EXPECT_EQ(fault(spoiled), BoxFault::not_authentic) << at;
  }
}

// Nobody may learn from the answer whether the padding was right: a wrapped key that is none looks like a wrong one.
TEST_F(Sealing, NoChangedKeyAndNoWordAboutIt) {
  for (const std::size_t at : {std::size_t{1}, std::size_t{100}, std::size_t{255}}) {
    SealedValue spoiled = sealed;
    spoiled.wrapped_key = changed(sealed.wrapped_key, at, 4);
    EXPECT_EQ(fault(spoiled), BoxFault::not_authentic) << at;
  }
  SealedValue longer = sealed;  // rightly wrapped, but no key of this cipher
  longer.wrapped_key = base64_encode(*own_key().public_key().wrap(std::string(kBoxKeyBytes + 1, 'k'), random, counters));
  EXPECT_EQ(fault(longer), BoxFault::not_authentic);
}

TEST_F(Sealing, NoOtherSizes) {
  const std::string wrapped = *base64_decode(sealed.wrapped_key);
  const std::string closed = *base64_decode(sealed.boxed.box);
  const auto with = [&](const std::string& key, const std::string& nonce, const std::string& box) {
    return SealedValue{sealed.key_id, key, {nonce, box}};
  };
  const auto& good = sealed;
  EXPECT_EQ(fault(with(base64_encode(wrapped.substr(1)), good.boxed.nonce, good.boxed.box)), BoxFault::bad_encoding);
  EXPECT_EQ(fault(with(base64_encode('\0' + wrapped), good.boxed.nonce, good.boxed.box)), BoxFault::bad_encoding);
  const std::string above(wrapped.size(), '\xff');  // not below the modulus
  EXPECT_EQ(fault(with(base64_encode(above), good.boxed.nonce, good.boxed.box)), BoxFault::bad_encoding);
  EXPECT_EQ(fault(with("====", good.boxed.nonce, good.boxed.box)), BoxFault::bad_encoding);
  EXPECT_EQ(fault(with(good.wrapped_key, good.boxed.nonce.substr(2), good.boxed.box)), BoxFault::bad_encoding);
  EXPECT_EQ(fault(with(good.wrapped_key, good.boxed.nonce + "00", good.boxed.box)), BoxFault::bad_encoding);
  EXPECT_EQ(fault(with(good.wrapped_key, good.boxed.nonce, "!")), BoxFault::bad_encoding);
  const std::string short_tag = base64_encode(closed.substr(0, kBoxTagBytes - 1));
  EXPECT_EQ(fault(with(good.wrapped_key, good.boxed.nonce, short_tag)), BoxFault::bad_encoding);
  const std::string cut_tag = base64_encode(closed.substr(0, closed.size() - 4));
  EXPECT_EQ(fault(with(good.wrapped_key, good.boxed.nonce, cut_tag)), BoxFault::not_authentic);
}

TEST_F(Sealing, NothingTooLarge) {
  const std::string most(kMaxBoxedBytes, 'x');
  const auto largest = box(kKey, most, context, random);
  ASSERT_TRUE(largest.has_value());
  EXPECT_EQ(largest->box.size(), 65536u);  // what a message has room for
  EXPECT_EQ(unbox(kKey, *largest, context)->view(), most);
  EXPECT_EQ(box(kKey, most + "x", context, random).error(), BoxFault::too_large);
  EXPECT_EQ(seal(own_key().public_key(), most + "x", context, random, counters).error(), BoxFault::too_large);
  const std::string beyond = base64_encode(std::string(kMaxBoxedBytes + kBoxTagBytes + 1, 'x'));
  EXPECT_EQ(unbox(kKey, {sealed.boxed.nonce, beyond}, context).error(), BoxFault::too_large);
}

TEST_F(Sealing, TakesAnyKeyOfThePolicy) {
  const RsaPrivateKey odd = made_key(24, 2051);  // a modulus that does not fill its first byte
  const auto made = seal(odd.public_key(), kPlain, context, random, counters);
  ASSERT_TRUE(made.has_value());
  EXPECT_EQ(open(odd, *made, context, random, counters)->view(), kPlain);
}

TEST(Boxing, NeedsTheSameKeyAndTheSameContext) {
  SeededRandom random(std::uint64_t{25});
  const auto boxed = box(kKey, kPlain, "context", random);
  EXPECT_EQ(unbox(kKey, *boxed, "context")->view(), kPlain);
  std::string key = kKey;
  key.front() ^= 1;
  EXPECT_EQ(unbox(key, *boxed, "context").error(), BoxFault::not_authentic);
  EXPECT_EQ(unbox(kKey, *boxed, "context ").error(), BoxFault::not_authentic);
  EXPECT_EQ(unbox(kKey.substr(1), *boxed, "context").error(), BoxFault::bad_encoding);
  EXPECT_EQ(box(kKey + "k", kPlain, "context", random).error(), BoxFault::bad_encoding);
}

RC_GTEST_PROP(Boxing, GivesBackWhatWasBoxed, (const std::string& plain, const std::string& context)) {
  SeededRandom random(*rc::gen::arbitrary<std::uint64_t>());
  const std::string key = random_bytes(random, kBoxKeyBytes);
  const auto boxed = box(key, plain, context, random);
  RC_ASSERT(boxed.has_value());
  const auto opened = unbox(key, *boxed, context);
  RC_ASSERT(opened.has_value());
  RC_ASSERT(opened->view() == plain);
  const std::size_t bytes = plain.size() + kBoxTagBytes;
  BoxedValue spoiled = *boxed;
  const auto bit = *rc::gen::inRange(0, 8);
  spoiled.box = changed(boxed->box, *rc::gen::inRange<std::size_t>(0, bytes), static_cast<std::uint8_t>(1 << bit));
  RC_ASSERT(!unbox(key, spoiled, context).has_value());
}

TEST(Secrets, AreWiped) {
  std::string text(100, 's');  // longer than what a string keeps inside itself
  const char* bytes = text.data();
  wipe(text);
  EXPECT_TRUE(text.empty());
  EXPECT_EQ(std::string(bytes, 100), std::string(100, '\0'));
  // Twin: clearing alone leaves it in memory.
  std::string left(100, 's');
  bytes = left.data();
  left.clear();
  EXPECT_EQ(std::string(bytes + 1, 99), std::string(99, 's'));
}

TEST(Secrets, AreWipedWhereTheyWere) {
  Secret first(std::string(10, 's'));
  Secret second(std::move(first));
  EXPECT_TRUE(first.view().empty());
  EXPECT_EQ(second.view(), std::string(10, 's'));
  Secret third(std::string(10, 't'));
  third = std::move(second);
  EXPECT_TRUE(second.view().empty());
  EXPECT_EQ(third.view(), std::string(10, 's'));
}

}  // namespace
}  // namespace quickpay::crypto
