#include "reference/crypto/rsa.hpp"

#include <deque>
#include <exception>
#include <mutex>
#include <optional>

#include <botan/bigint.h>
#include <botan/data_src.h>
#include <botan/keypair.h>
#include <botan/numthry.h>
#include <botan/pkcs8.h>
#include <botan/pubkey.h>
#include <botan/rng.h>
#include <botan/rsa.h>
#include <botan/version.h>
#include <botan/x509_key.h>

#include "reference/crypto/hash.hpp"

namespace quickpay::crypto {
namespace {

constexpr const char* kScheme = "PKCS1v15(SHA-256)";
constexpr const char* kWrapping = "OAEP(SHA-256)";  // MGF1 with the same hash, no label

const std::uint8_t* bytes_of(std::string_view text) { return reinterpret_cast<const std::uint8_t*>(text.data()); }

template <class Bytes>
std::string text_from(const Bytes& bytes) {
  return {bytes.begin(), bytes.end()};
}

// Lets Botan draw from a Random, so that keys of a seeded run are the same every time.
class Adapter final : public Botan::RandomNumberGenerator {
 public:
  explicit Adapter(Random& random) : random_(random) {}
  bool accepts_input() const override { return false; }
  std::string name() const override { return "QuickPay"; }
  void clear() override {}
  bool is_seeded() const override { return true; }
#if BOTAN_VERSION_MAJOR >= 3
  void fill_bytes_with_input(std::span<std::uint8_t> out, std::span<const std::uint8_t>) override { random_.fill(out); }
#else
  void randomize(std::uint8_t out[], std::size_t size) override { random_.fill({out, size}); }
  void add_entropy(const std::uint8_t[], std::size_t) override {}
#endif

 private:
  Random& random_;
};

std::optional<KeyFault> policy_breach(const Botan::RSA_PublicKey& key) {
  const std::size_t bits = key.get_n().bits();
  if (bits < kMinKeyBits || bits > kMaxKeyBits) return KeyFault::wrong_size;
  if (key.get_e() != Botan::BigInt(kPublicExponent)) return KeyFault::wrong_exponent;
  return {};
}

// Whether the parts belong together. The quick check of the library does not ask whether the exponents do.
bool sound(const Botan::RSA_PrivateKey& key) {
  SeededRandom random("consistency check");
  Adapter adapter(random);
  const Botan::BigInt order = Botan::lcm(key.get_p() - 1, key.get_q() - 1);
  return key.check_key(adapter, false) && (key.get_d() * key.get_e()) % order == 1;
}

// The one border at which exceptions of the library become errors.
template <class Function>
auto guarded(KeyFault fault, Function function) -> decltype(function()) {
  try {
    return function();
  } catch (const std::exception&) {
    return tl::unexpected(fault);
  }
}

}  // namespace

std::string_view text_of(KeyFault fault) {
  switch (fault) {
    case KeyFault::unreadable:
      return "not a key";
    case KeyFault::not_rsa:
      return "not an RSA key";
    case KeyFault::not_strict:
      return "not in strict DER";
    case KeyFault::wrong_size:
      return "fewer than 2048 or more than 8192 bits";
    case KeyFault::wrong_exponent:
      return "another public exponent than 65537";
    case KeyFault::unsound:
      return "unsound key";
  }
  return {};
}

struct RsaPublicKey::Impl {
  Botan::RSA_PublicKey key;
  std::string spki;
  std::string id;

  explicit Impl(const Botan::RSA_PublicKey& from)
      : key(from), spki(text_from(Botan::X509::BER_encode(from))), id(sha256_hex(spki)) {}
};

struct RsaPrivateKey::Impl {
  Botan::RSA_PrivateKey key;
};

tl::expected<RsaPublicKey, KeyFault> RsaPublicKey::load(std::string_view spki_der) {
  return guarded(KeyFault::unreadable, [&]() -> tl::expected<RsaPublicKey, KeyFault> {
    const std::unique_ptr<Botan::Public_Key> key(
        Botan::X509::load_key(std::vector<std::uint8_t>(spki_der.begin(), spki_der.end())));
    const auto* rsa = dynamic_cast<const Botan::RSA_PublicKey*>(key.get());
    if (rsa == nullptr) return tl::unexpected(KeyFault::not_rsa);
    auto impl = std::make_shared<const Impl>(*rsa);
    // There is one DER encoding of a key: writing it again must give the same bytes.
    if (impl->spki != spki_der) return tl::unexpected(KeyFault::not_strict);
    if (const auto breach = policy_breach(*rsa)) return tl::unexpected(*breach);
    return RsaPublicKey(std::move(impl));
  });
}

const std::string& RsaPublicKey::spki_der() const { return impl_->spki; }
const std::string& RsaPublicKey::key_id() const { return impl_->id; }
std::size_t RsaPublicKey::bits() const { return impl_->key.get_n().bits(); }

bool RsaPublicKey::verify(std::string_view input, std::string_view signature, CryptoCounters& counters) const {
  ++counters.rsa_verifications;
  const Botan::BigInt value(bytes_of(signature), signature.size());
  if (signature.size() != impl_->key.get_n().bytes() || value >= impl_->key.get_n()) return false;
  const auto result = guarded(KeyFault::unsound, [&]() -> tl::expected<bool, KeyFault> {
    Botan::PK_Verifier verifier(impl_->key, kScheme);
    return verifier.verify_message(bytes_of(input), input.size(), bytes_of(signature), signature.size());
  });
  return result.has_value() && *result;
}

tl::expected<std::string, KeyFault> RsaPublicKey::wrap(std::string_view key, Random& random,
                                                       CryptoCounters& counters) const {
  ++counters.rsa_encryptions;
  return guarded(KeyFault::unsound, [&]() -> tl::expected<std::string, KeyFault> {
    Adapter adapter(random);
    Botan::PK_Encryptor_EME encryptor(impl_->key, adapter, kWrapping);
    return text_from(encryptor.encrypt(bytes_of(key), key.size(), adapter));
  });
}

namespace {

// Sound keys that were read lately, by the digest of their encoding. Whether the parts of a key belong together is a
// question about primes, and a player who is started again is given the key that he had.
class KeysReadLately {
 public:
  std::shared_ptr<const RsaPrivateKey::Impl> find(const std::string& digest) {
    const std::lock_guard lock(mutex_);
    for (const Known& known : known_) {
      if (known.digest == digest) return known.key;
    }
    return nullptr;
  }
  void add(const std::string& digest, std::shared_ptr<const RsaPrivateKey::Impl> key) {
    const std::lock_guard lock(mutex_);
    known_.push_back({digest, std::move(key)});
    if (known_.size() > kMaxKeysReadLately) known_.pop_front();
  }

 private:
  struct Known {
    std::string digest;
    std::shared_ptr<const RsaPrivateKey::Impl> key;
  };
  std::mutex mutex_;
  std::deque<Known> known_;
};

// Never destroyed: at exit the pool of the library, from which the numbers of a key are, may be gone before them.
KeysReadLately& keys_read_lately() {
  static KeysReadLately& keys = *new KeysReadLately;
  return keys;
}

}  // namespace

tl::expected<RsaPrivateKey, KeyFault> RsaPrivateKey::load(std::string_view pkcs8_der) {
  const std::string digest = sha256(pkcs8_der);
  if (auto known = keys_read_lately().find(digest)) return RsaPrivateKey(std::move(known));
  return guarded(KeyFault::unreadable, [&]() -> tl::expected<RsaPrivateKey, KeyFault> {
    Botan::DataSource_Memory source(bytes_of(pkcs8_der), pkcs8_der.size());
    const std::unique_ptr<Botan::Private_Key> key(Botan::PKCS8::load_key(source));
    const auto* rsa = dynamic_cast<const Botan::RSA_PrivateKey*>(key.get());
    if (rsa == nullptr) return tl::unexpected(KeyFault::not_rsa);
    if (const auto breach = policy_breach(*rsa)) return tl::unexpected(*breach);
    if (!sound(*rsa)) return tl::unexpected(KeyFault::unsound);
    auto impl = std::make_shared<const Impl>(Impl{*rsa});
    keys_read_lately().add(digest, impl);
    return RsaPrivateKey(std::move(impl));
  });
}

tl::expected<RsaPrivateKey, KeyFault> RsaPrivateKey::generate(std::size_t bits, Random& random,
                                                              CryptoCounters& counters) {
  if (bits < kMinKeyBits || bits > kMaxKeyBits) return tl::unexpected(KeyFault::wrong_size);
  ++counters.rsa_keys_made;
  return guarded(KeyFault::unsound, [&]() -> tl::expected<RsaPrivateKey, KeyFault> {
    Adapter adapter(random);
    return RsaPrivateKey(std::make_shared<const Impl>(Impl{Botan::RSA_PrivateKey(adapter, bits, kPublicExponent)}));
  });
}

namespace {

// The key of two primes if it keeps the policy and passes `check`.
template <class Check>
tl::expected<std::shared_ptr<const RsaPrivateKey::Impl>, KeyFault> key_of_primes(std::string_view p, std::string_view q,
                                                                                 Check check) {
  return guarded(KeyFault::unsound, [&]() -> tl::expected<std::shared_ptr<const RsaPrivateKey::Impl>, KeyFault> {
    const Botan::RSA_PrivateKey key(Botan::BigInt(bytes_of(p), p.size()), Botan::BigInt(bytes_of(q), q.size()),
                                    Botan::BigInt(kPublicExponent));
    if (const auto breach = policy_breach(key)) return tl::unexpected(*breach);
    SeededRandom random("consistency check");
    Adapter adapter(random);
    if (!check(key, adapter)) return tl::unexpected(KeyFault::unsound);
    return std::make_shared<const RsaPrivateKey::Impl>(RsaPrivateKey::Impl{key});
  });
}

}  // namespace

tl::expected<RsaPrivateKey, KeyFault> RsaPrivateKey::from_primes(std::string_view p, std::string_view q) {
  return key_of_primes(p, q, [](const auto& key, Adapter& random) { return key.check_key(random, true); })
      .map([](auto impl) { return RsaPrivateKey(std::move(impl)); });
}

tl::expected<RsaPrivateKey, KeyFault> RsaPrivateKey::from_known_primes(std::string_view p, std::string_view q) {
  const auto signs = [](const auto& key, Adapter& random) {
    return Botan::KeyPair::signature_consistency_check(random, key, kScheme);
  };
  return key_of_primes(p, q, signs).map([](auto impl) { return RsaPrivateKey(std::move(impl)); });
}

std::string RsaPrivateKey::pkcs8_der() const { return text_from(Botan::PKCS8::BER_encode(impl_->key)); }

RsaPublicKey RsaPrivateKey::public_key() const {
  return RsaPublicKey(std::make_shared<const RsaPublicKey::Impl>(
      Botan::RSA_PublicKey(impl_->key.get_n(), impl_->key.get_e())));
}

tl::expected<std::string, KeyFault> RsaPrivateKey::sign(std::string_view input, Random& random,
                                                        CryptoCounters& counters) const {
  ++counters.rsa_signatures;
  return guarded(KeyFault::unsound, [&]() -> tl::expected<std::string, KeyFault> {
    Adapter adapter(random);
    Botan::PK_Signer signer(impl_->key, adapter, kScheme);
    return text_from(signer.sign_message(bytes_of(input), input.size(), adapter));
  });
}

tl::expected<std::string, KeyFault> RsaPrivateKey::unwrap(std::string_view wrapped, std::size_t bytes, Random& random,
                                                          CryptoCounters& counters) const {
  ++counters.rsa_decryptions;
  const Botan::BigInt value(bytes_of(wrapped), wrapped.size());
  if (wrapped.size() != impl_->key.get_n().bytes() || value >= impl_->key.get_n()) {
    return tl::unexpected(KeyFault::wrong_size);
  }
  return guarded(KeyFault::unsound, [&]() -> tl::expected<std::string, KeyFault> {
    Adapter adapter(random);
    const Botan::PK_Decryptor_EME decryptor(impl_->key, adapter, kWrapping);
    return text_from(decryptor.decrypt_or_random(bytes_of(wrapped), wrapped.size(), bytes, adapter));
  });
}

}  // namespace quickpay::crypto
