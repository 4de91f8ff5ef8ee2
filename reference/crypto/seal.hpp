// Documents that one receiver can read: sealed to its RSA key, or boxed under a key that both sides have.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "reference/codec/schema.hpp"
#include "reference/crypto/rsa.hpp"

namespace quickpay::crypto {

inline constexpr std::size_t kBoxKeyBytes = 32;
inline constexpr std::size_t kBoxNonceBytes = 12;
inline constexpr std::size_t kBoxTagBytes = 16;
inline constexpr std::size_t kMaxBoxedBytes = 48 * 1024 - kBoxTagBytes;  ///< what fits into 64 KiB of base64

/// Why something does not open, or was not closed. The receiver of a message says none of it to the sender.
enum class BoxFault : std::uint8_t {
  bad_encoding,  ///< no base64, no hexadecimal digits, or parts of a wrong length
  other_key,     ///< sealed to another key
  not_authentic, ///< changed, under another key, or of another message
  too_large,     ///< more than kMaxBoxedBytes
  library        ///< the library failed
};

/// An English name of the fault, for logs.
std::string_view text_of(BoxFault fault);

/// Overwrites the text with zeros and empties it, whatever the compiler thinks of it.
void wipe(std::string& secret);

/// A text that nobody needs longer than this object lives: it is wiped at the end. Cannot be copied.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string text) : text_(std::move(text)) {}
  Secret(Secret&& other) noexcept : text_(std::move(other.text_)) { wipe(other.text_); }
  Secret& operator=(Secret&& other) noexcept;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret() { wipe(text_); }

  std::string_view view() const { return text_; }

 private:
  std::string text_;
};

/// The parts of a Boxed as messages spell them.
struct BoxedValue {
  std::string nonce;  ///< 24 hexadecimal digits
  std::string box;    ///< base64: ciphertext and tag
};

/// The parts of a Sealed.
struct SealedValue {
  std::string key_id;       ///< 64 hexadecimal digits
  std::string wrapped_key;  ///< base64, as long as the modulus
  BoxedValue boxed;
};

/// What a box is bound to: the canonical input, purpose box, of the element `root` with nothing in it but its Head.
std::string box_context(std::string_view root, const codec::StructType& head_type, const void* head);

/// AES-256-GCM of `plain` under `key` (32 raw bytes) with a random nonce, bound to `context`.
tl::expected<BoxedValue, BoxFault> box(std::string_view key, std::string_view plain, std::string_view context,
                                       Random& random);
/// What was boxed under the same key and context.
tl::expected<Secret, BoxFault> unbox(std::string_view key, const BoxedValue& boxed, std::string_view context);

/// Seals `plain` to the owner of `key`: a fresh random key, wrapped, and a box under it. Counts one encryption.
tl::expected<SealedValue, BoxFault> seal(const RsaPublicKey& key, std::string_view plain, std::string_view context,
                                         Random& random, CryptoCounters& counters);
/// What was sealed to `key` in the same context. Counts one decryption if the parts have the right form and name the key.
tl::expected<Secret, BoxFault> open(const RsaPrivateKey& key, const SealedValue& sealed, std::string_view context,
                                    Random& random, CryptoCounters& counters);

}  // namespace quickpay::crypto
