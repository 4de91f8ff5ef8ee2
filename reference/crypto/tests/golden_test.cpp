// Golden values of canonical encoding, digests, authentication codes and signatures. They were computed by a program that
// shares no code with this one; an implementation in another language finds them in the vectors.
#include <gtest/gtest.h>

#include <array>
#include <string>

#include <botan/bigint.h>

#include "reference/codec/codec.hpp"
#include "reference/codec/generated/messages.hpp"
#include "reference/crypto/encoding.hpp"
#include "reference/crypto/hash.hpp"
#include "reference/crypto/rsa.hpp"
#include "reference/crypto/seal.hpp"
#include "reference/crypto/signed_object.hpp"

namespace quickpay::crypto {
namespace {

namespace micro = msg::micro;
using codec::canonical;
using codec::signing_input;

const std::string kWallet = "W0123456789abcdef0123456789abcdef";
const std::string kInquiryMsgId = "aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbb";
const std::string kDigest = "45e87b576f07dde7674c82498322651e40919de70672941490b3575a37ae813c";
const std::string kRegularDigest = "36ca87b818483d237b394b4c317e25e5ff0c544cb45445273a698426904cfd32";
const std::string kToken = "fbb8934be44750c9000f24c7e64e9a2773adc2f2487b443e5851a885eb042623";
const std::string kPairKey = "16ee8fa38bc4645e465ad7169fc079dc45cc3be336d16874a7b0d6c950262cb9";

std::string repeated(const std::string& text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

std::string counting_key() {
  std::string key;
  for (char i = 0; i < 32; ++i) key.push_back(i);
  return key;
}

msg::Item item() { return {"00112233445566778899aabbccddeeff", "Article 4711: \"Tea & Toast\""}; }

msg::Order order(msg::Kind kind) {
  msg::Order order;
  order.kind = kind;
  order.vendor = "V1001";
  order.order_id = "2026-000042";
  order.amount = 125;
  order.currency = "USD";
  order.created = "2026-11-22T12:00:00Z";
  order.expires = "2026-11-22T12:15:00Z";
  const msg::Item of = item();
  order.item_hash = digest("item", "Item", msg::kItemType, &of);
  const msg::Buyer buyer{"f0e1d2c3b4a5968778695a4b3c2d1e0f"};
  order.buyer_tag = digest("buyer", "Buyer", msg::kBuyerType, &buyer);
  return order;
}

msg::OrderRef order_ref(msg::Kind kind) {
  const msg::Order of = order(kind);
  return {of.kind, of.vendor,  of.order_id, of.amount,
          of.currency, of.expires, digest("order", "Order", msg::kOrderType, &of)};
}

micro::InquiryPayment inquiry() {
  micro::InquiryPayment message;
  message.head.version = "1";
  message.head.profile = msg::Profile::F;
  message.head.host = "H1";
  message.head.sender = kWallet;
  message.head.receiver = "B7";
  message.head.msg_id = kInquiryMsgId;
  message.head.sent_at = "2026-11-22T12:00:03Z";
  message.body.paycard = "P7";
  message.body.order_ref = order_ref(msg::Kind::micro);
  message.body.paycard_token = base64_encode(*from_hex(kToken));
  return message;
}

// QP-ADD-13, QP-ADD-12, QP-ADD-02
TEST(Golden, Digests) {
  const msg::Item of = item();
  EXPECT_EQ(canonical("Item", msg::kItemType, &of),
            "(Item(Salt=32:00112233445566778899aabbccddeeff)(ItemText=27:Article 4711: \"Tea & Toast\"))");
  const msg::Order whole = order(msg::Kind::micro);
  EXPECT_EQ(whole.item_hash, "1c47fcdf0f5ba9dfade9bd43b498a3736d0ebf001a47b219b57d66a7fdf58940");
  EXPECT_EQ(whole.buyer_tag, "1872c5951c1bb329c147ed8cee67e4e97d824e168f0fcdb47590de380dbdfc89");
  EXPECT_EQ(canonical("Order", msg::kOrderType, &whole),
            "(Order(Kind=5:micro)(Vendor=5:V1001)(OrderId=11:2026-000042)(Amount=3:125)(Currency=3:USD)"
            "(Created=20:2026-11-22T12:00:00Z)(Expires=20:2026-11-22T12:15:00Z)(ItemHash=64:" +
                whole.item_hash + ")(BuyerTag=64:" + whole.buyer_tag + "))");
  EXPECT_EQ(order_ref(msg::Kind::micro).digest, kDigest);
  EXPECT_EQ(order_ref(msg::Kind::regular).digest, kRegularDigest);
}

// QP-ADD-11
TEST(Golden, PaycardToken) {
  const msg::Token token{kWallet, "P7", kInquiryMsgId, order_ref(msg::Kind::micro)};
  EXPECT_EQ(mac(counting_key(), "paycard-token", "Token", msg::kTokenType, &token), kToken);
}

TEST(Golden, WholeRequest) {
  const micro::InquiryPayment message = inquiry();
  const std::string document = codec::write_document(micro::kInquiryPaymentDocument, &message);
  EXPECT_EQ(document,
            "<InquiryPayment xmlns=\"urn:quickpay:1\"><Head><Version>1</Version><Profile>F</Profile><Host>H1</Host>"
            "<Sender>W0123456789abcdef0123456789abcdef</Sender><Receiver>B7</Receiver>"
            "<MsgId>aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbb</MsgId><SentAt>2026-11-22T12:00:03Z</SentAt></Head><Body>"
            "<Paycard>P7</Paycard><OrderRef><Kind>micro</Kind><Vendor>V1001</Vendor><OrderId>2026-000042</OrderId>"
            "<Amount>125</Amount><Currency>USD</Currency><Expires>2026-11-22T12:15:00Z</Expires>"
            "<Digest>45e87b576f07dde7674c82498322651e40919de70672941490b3575a37ae813c</Digest></OrderRef>"
            "<PaycardToken>+7iTS+RHUMkADyTH5k6aJ3OtwvJIe0Q+WFGohesEJiM=</PaycardToken></Body></InquiryPayment>");
  EXPECT_EQ(document.size(), 643u);
  const auto back = codec::read<micro::InquiryPayment>(document, micro::kInquiryPaymentDocument);
  ASSERT_TRUE(back.has_value()) << back.error().reason;
  EXPECT_EQ(*back, message);

  const codec::StructType& type = *micro::kInquiryPaymentDocument.type;
  const std::string encoding = canonical("InquiryPayment", type, &message);
  EXPECT_EQ(encoding.size(), 479u);
  EXPECT_EQ(sha256_hex(encoding), "66b0ab3d074ee1b794eb9cffbf5ff81a160f25cc8bf4e44e4b578642afee6d0a");
  EXPECT_EQ(digest("msg", "InquiryPayment", type, &message),
            "a71b8fb4d3b3c1c3e6dbeedf1c66cde6ef101a314f08b1a229dc83197be25ef1");
}

// Structs of protocols that are not specified yet; the tables are as small as canonical() needs.
struct Pair {
  std::string vendor, broker, epoch;
};
const codec::LeafType kAny{"Any", codec::Storage::text, nullptr, {}, {}, 1, 0};

constexpr codec::Field leaf(std::string_view name, codec::FieldAccess access) {
  return {name, &kAny, nullptr, 1, 1, 0, 0, {}, nullptr, {}, {}, access};
}
const std::array<codec::Field, 3> kPairFields{{leaf("Vendor", codec::access_of<&Pair::vendor>()),
                                               leaf("Broker", codec::access_of<&Pair::broker>()),
                                               leaf("Epoch", codec::access_of<&Pair::epoch>())}};
const codec::StructType kPairType{"Pair", kPairFields};
// QP-ADD-21
TEST(Golden, PairKeyAndBoxKey) {
  const Pair pair{"V1001", "B7", "1"};
  EXPECT_EQ(mac(counting_key(), "pair-key", "Pair", kPairType, &pair), kPairKey);
  EXPECT_EQ(to_hex(hmac_sha256(counting_key(), signing_input("box-key", "(Epoch=1:1)"))),
            "c2b715946409e13700ef44530fbc667cfb494a75a6f0b19abbd46bed795183e8");
}

// QP-ADD-21
TEST(Golden, MessageAuthenticationCode) {
  micro::CheckCommit message;
  message.head.version = "1";
  message.head.profile = msg::Profile::H;
  message.head.host = "H1";
  message.head.sender = "V1001";
  message.head.receiver = "B7";
  message.head.msg_id = repeated("0f", 16);
  message.head.sent_at = "2026-11-22T12:00:05Z";
  message.body.endorsement_id = repeated("e1", 16);
  message.body.order_ref = order_ref(msg::Kind::micro);
  const codec::StructType& type = *micro::kCheckCommitDocument.type;
  EXPECT_EQ(canonical("CheckCommit", type, &message).size(), 422u);
  const std::string key = *from_hex(kPairKey);
  const std::string expected = "2b1ed19b8c59b9d194a70547ec671126dfca4ffeaf233852f08ba554142e9fed";
  EXPECT_EQ(mac(key, "msg", "CheckCommit", type, &message), expected);
  message.auth = msg::Auth{{1, expected}};
  EXPECT_EQ(mac(key, "msg", "CheckCommit", type, &message, "Auth"), expected);
  EXPECT_NE(mac(key, "msg", "CheckCommit", type, &message), expected);  // the code does not cover itself
  message.body.order_ref.amount += 1;
  EXPECT_NE(mac(key, "msg", "CheckCommit", type, &message, "Auth"), expected);
}

// The seed of a test prime: four SHA-256 of the label and a counter, the two highest bits set.
std::string prime(const std::string& label, std::uint32_t offset) {
  std::string seed;
  for (char i = 0; i < 4; ++i) seed += sha256("QuickPay-1 test key " + label + std::string(1, i));
  seed[0] = static_cast<char>(seed[0] | 0xC0);
  Botan::BigInt number(reinterpret_cast<const std::uint8_t*>(seed.data()), seed.size());
  number += offset;
  std::string bytes(128, '\0');
  number.binary_encode(reinterpret_cast<std::uint8_t*>(bytes.data()));
  return bytes;
}

tl::expected<RsaPrivateKey, KeyFault> key_t() { return RsaPrivateKey::from_primes(prime("p", 33), prime("q", 61)); }

TEST(Golden, TestKey) {
  const auto key = key_t();
  ASSERT_TRUE(key.has_value()) << text_of(key.error());
  EXPECT_EQ(key->public_key().spki_der().size(), 294u);
  EXPECT_EQ(key->public_key().key_id(), "4e6d851208cb0e2764552c24ca7d49397e743dcda9eb9c80d0ac2ff9fb8b86b5");
  EXPECT_FALSE(RsaPrivateKey::from_primes(prime("p", 34), prime("q", 61)).has_value());  // not a prime
}

// What is known of two primes need not be asked, and the key is the same.
TEST(Golden, TestKeyOfKnownPrimes) {
  const auto key = RsaPrivateKey::from_known_primes(prime("p", 33), prime("q", 61));
  ASSERT_TRUE(key.has_value()) << text_of(key.error());
  EXPECT_EQ(key->pkcs8_der(), key_t()->pkcs8_der());
  for (const std::uint32_t offset : {31u, 35u}) {  // odd, and no primes: what such a key signs does not verify
    EXPECT_FALSE(RsaPrivateKey::from_known_primes(prime("p", offset), prime("q", 61)).has_value()) << offset;
  }
  const std::string half = prime("p", 33).substr(64);
  EXPECT_EQ(RsaPrivateKey::from_known_primes(half, prime("q", 61)).error(), KeyFault::wrong_size);
}

TEST(Golden, Signature) {  // QP-SEC-007
  const msg::Commitment commitment{"B7", repeated("c0", 16), order_ref(msg::Kind::regular), "2026-11-22T12:00:04Z",
                                   "2026-12-22T12:00:04Z", {}};
  const std::string encoding = canonical("Commitment", msg::kCommitmentType, &commitment, kSignatureChild);
  EXPECT_EQ(encoding.size(), 346u);
  const std::string input = signing_input("commitment", encoding);
  EXPECT_EQ(input.size(), 368u);
  EXPECT_EQ(sha256_hex(input), "bac1e11cad17e1866892648ffa77d2ca6c06ad36decf14e1d4dd452df70f0950");
  const std::string expected =
      "EurYC2ZOk95/Ki3a3ndcUt3nMQbSkbvVAz8JJKymZcEkXz9nagVx+M8GLJFjTG5J0Q3lJj02b6XMd0aVlb965W4S25Jqz61a2+OKnm3cXGBma7qT"
      "pO657WYEHKImep/nh1uTzsQdKMAGaCoHG/6nEKpYGsqdHjaDerCANZb468hq9bmJlbx0PbpdLjIFnibAtM29/zHfy4yi0yPFBVo7UukxoTGQExHL"
      "X7yy6L2QuW7j3eXq9GbKlb709FuAEsUHBTeKxXWm4cZvUuDIRnZ6PjyWLefpWpj62OztgzBYf3/wQAgmlmzyrMRtJV5A7sjGwjcB/6X5GD9rDJyk"
      "qehMiA==";
  const auto key = key_t();
  ASSERT_TRUE(key.has_value());
  CryptoCounters counters;
  SeededRandom random(1);
  const auto signature = key->sign(input, random, counters);
  ASSERT_TRUE(signature.has_value());
  EXPECT_EQ(base64_encode(*signature), expected);
  EXPECT_TRUE(key->public_key().verify(input, *signature, counters));
  EXPECT_FALSE(key->public_key().verify(signing_input("vendor-order", encoding), *signature, counters));
  EXPECT_EQ(counters.rsa_operations(), 3u);
}

// QP-ADM-011: sealed to the test key by another library, with the counting key inside.
TEST(Golden, SealedRequest) {
  msg::Head head;
  head.version = "1";
  head.host = "H1";
  head.sender = kWallet;
  head.receiver = "B7";
  head.msg_id = kInquiryMsgId;
  head.sent_at = "2026-11-22T12:00:03Z";
  const std::string context = box_context("TakeQuestion", msg::kHeadType, &head);
  EXPECT_EQ(sha256_hex(context), "b8046252c10a42d3de7aa96419a45b619888b928856c5f9750868fd4957ad878");
  const SealedValue sealed{
      key_t()->public_key().key_id(),
      "rdHL1EMmOWbuZa3sFEC3agpR2u43+Hu1bmeBiOsPY2YjyYzkPJzsqmwvf1U96C6gKWx8yU4rwb+TLQ+6pSuYpyOUZfm9xU+CCKyv"
      "r9JSZtTh2Px7sGuBKGlWFWzJWtcForHG+WVsSsyMDw+vWq93mCbNNu5ppU1WMe2V3K0vBi+Wj0PyuK1//J1sJNh+KBoAoS/LXYFH"
      "7xT+ItZMrY2OGLrmzoY/CkUh4jH4Uu1CvbjUGyfksMe4Jj/x553F6HAyqmy5gWhEVm23JzYes3mTFLyavm97QAdlnlBakcYVUcNp"
      "U2MnI0ruMfiMq440i9Q20kXPJj1riRWu9TsSjn+FJw==",
      {"6465666768696a6b6c6d6e6f",
       "dE+/DRy4I/tNFjaHtCwEkyewJnLmAJ0BmvPZOpWZ1D39iiuwLWuhNd/NRGyYMbmmdDXRgx5/dB3PxJnj2rSQvz257jvjfg4wvlrY"
       "diS/BNNRTSoBkvmilbqCRa0UfQc1sE3cEQUu3UCFzOjzlDuO3hQdtin3T48ChE+lh+yCPvEEqa6eXwR0HfVmGGrn4zm8quipJzsu"
       "1+dU4gokj3/slP5UVWKl6+cnxJapUJQH123Xd9C6"}};
  SeededRandom random(std::uint64_t{1});
  CryptoCounters counters;
  const auto opened = open(*key_t(), sealed, context, random, counters);
  ASSERT_TRUE(opened.has_value());
  EXPECT_EQ(opened->view(), "<TakeQuestionInner xmlns=\"urn:quickpay:1\"><SessionId>" + std::string(32, '5') +
                                "</SessionId><Nonce>" + std::string(32, '6') + "</Nonce></TakeQuestionInner>");
  EXPECT_EQ(unbox(counting_key(), sealed.boxed, context)->view(), opened->view());
}

}  // namespace
}  // namespace quickpay::crypto
