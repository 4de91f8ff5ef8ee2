#include "reference/crypto/seal.hpp"

#include <exception>
#include <memory>

#include <botan/aead.h>
#include <botan/mem_ops.h>
#include <botan/secmem.h>

#include "reference/codec/canonical.hpp"
#include "reference/crypto/encoding.hpp"

namespace quickpay::crypto {
namespace {

constexpr const char* kCipher = "AES-256/GCM";  // the tag has its full 16 bytes

const std::uint8_t* bytes_of(std::string_view text) { return reinterpret_cast<const std::uint8_t*>(text.data()); }

/// One run of the cipher over `data`, in place. Exceptions of the library end here.
tl::expected<void, BoxFault> run(Botan::Cipher_Dir direction, std::string_view key, std::string_view nonce,
                                 std::string_view context, Botan::secure_vector<std::uint8_t>& data) {
  try {
    const std::unique_ptr<Botan::AEAD_Mode> cipher(Botan::AEAD_Mode::create_or_throw(kCipher, direction));
    cipher->set_key(bytes_of(key), key.size());
    cipher->set_associated_data(bytes_of(context), context.size());
    cipher->start(bytes_of(nonce), nonce.size());
    cipher->finish(data);
    return {};
  } catch (const Botan::Invalid_Authentication_Tag&) {
    return tl::unexpected(BoxFault::not_authentic);
  } catch (const std::exception&) {
    return tl::unexpected(BoxFault::library);
  }
}

Botan::secure_vector<std::uint8_t> secured(std::string_view text) {
  return {bytes_of(text), bytes_of(text) + text.size()};
}

}  // namespace

std::string_view text_of(BoxFault fault) {
  switch (fault) {
    case BoxFault::bad_encoding: return "not encoded as a box";
    case BoxFault::other_key: return "sealed to another key";
    case BoxFault::not_authentic: return "not authentic";
    case BoxFault::too_large: return "too large for a box";
    case BoxFault::library: return "the library failed";
  }
  return {};
}

void wipe(std::string& secret) {
  Botan::secure_scrub_memory(secret.data(), secret.size());
  secret.clear();
}

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this == &other) return *this;
  wipe(text_);
  text_ = std::move(other.text_);
  wipe(other.text_);
  return *this;
}

std::string box_context(std::string_view root, const codec::StructType& head_type, const void* head) {
  std::string element = "(";
  element.append(root).append(codec::canonical("Head", head_type, head)).append(")");
  return codec::signing_input("box", element);
}

tl::expected<BoxedValue, BoxFault> box(std::string_view key, std::string_view plain, std::string_view context,
                                       Random& random) {
  if (key.size() != kBoxKeyBytes) return tl::unexpected(BoxFault::bad_encoding);
  if (plain.size() > kMaxBoxedBytes) return tl::unexpected(BoxFault::too_large);
  const std::string nonce = random_bytes(random, kBoxNonceBytes);
  auto data = secured(plain);
  if (auto done = run(Botan::ENCRYPTION, key, nonce, context, data); !done) return tl::unexpected(done.error());
  return BoxedValue{to_hex(nonce), base64_encode({reinterpret_cast<const char*>(data.data()), data.size()})};
}

tl::expected<Secret, BoxFault> unbox(std::string_view key, const BoxedValue& boxed, std::string_view context) {
  const auto nonce = from_hex(boxed.nonce);
  const auto closed = base64_decode(boxed.box);
  const bool formed = key.size() == kBoxKeyBytes && nonce && nonce->size() == kBoxNonceBytes && closed;
  if (!formed || closed->size() < kBoxTagBytes) return tl::unexpected(BoxFault::bad_encoding);
  if (closed->size() > kMaxBoxedBytes + kBoxTagBytes) return tl::unexpected(BoxFault::too_large);
  auto data = secured(*closed);
  if (auto done = run(Botan::DECRYPTION, key, *nonce, context, data); !done) return tl::unexpected(done.error());
  return Secret(std::string(data.begin(), data.end()));
}

tl::expected<SealedValue, BoxFault> seal(const RsaPublicKey& key, std::string_view plain, std::string_view context,
                                         Random& random, CryptoCounters& counters) {
  const Secret fresh(random_bytes(random, kBoxKeyBytes));
  auto wrapped = key.wrap(fresh.view(), random, counters);
  if (!wrapped) return tl::unexpected(BoxFault::library);
  auto boxed = box(fresh.view(), plain, context, random);
  if (!boxed) return tl::unexpected(boxed.error());
  return SealedValue{key.key_id(), base64_encode(*wrapped), std::move(*boxed)};
}

tl::expected<Secret, BoxFault> open(const RsaPrivateKey& key, const SealedValue& sealed, std::string_view context,
                                    Random& random, CryptoCounters& counters) {
  if (sealed.key_id != key.public_key().key_id()) return tl::unexpected(BoxFault::other_key);
  const auto wrapped = base64_decode(sealed.wrapped_key);
  if (!wrapped) return tl::unexpected(BoxFault::bad_encoding);
  auto unwrapped = key.unwrap(*wrapped, kBoxKeyBytes, random, counters);
  if (!unwrapped) {
    return tl::unexpected(unwrapped.error() == KeyFault::wrong_size ? BoxFault::bad_encoding : BoxFault::library);
  }
  const Secret fresh(std::move(*unwrapped));
  return unbox(fresh.view(), sealed.boxed, context);
}

}  // namespace quickpay::crypto
