// The manifest of a Paycard's file: what its Broker signs, and what a Wallet checks before it loads anything.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "reference/crypto/rsa.hpp"
#include "reference/paycard/port.hpp"

namespace quickpay::paycard {

inline constexpr std::string_view kManifestPurpose = "manifest";
inline constexpr std::size_t kMaxManifestBytes = 16 * 1024;
inline constexpr std::size_t kMaxSharedObjectBytes = 64 * 1024 * 1024;

/// The bytes of a regular file of 1 to `most` bytes; nothing: it is none, or cannot be read.
std::optional<std::string> file_bytes(const std::string& path, std::size_t most);

/// A manifest as it is shipped: one element in the wire profile, without a namespace.
std::string write_manifest(const msg::Manifest& manifest);

/// Reads a manifest strictly; nothing for whatever breaks the profile or its types.
tl::expected<msg::Manifest, Trouble> read_manifest(std::string_view text);

/// Fills in AbiVersion, FileHash and Sig for the file with these bytes. An error means that the library failed.
tl::expected<void, crypto::KeyFault> sign_manifest(msg::Manifest& manifest, std::string_view shared_object,
                                                   const crypto::RsaPrivateKey& key, crypto::Random& random,
                                                   crypto::CryptoCounters& counters);

/// Whose file a Wallet wants to load.
struct Wanted {
  std::string_view broker;            ///< BrokerId
  std::string_view paycard;           ///< PaycardId; empty: the caller looks whether the file is for the one that it gets
  std::span<const std::string> keys;  ///< the Broker's signing keys that are good now: SubjectPublicKeyInfo, DER
  std::span<const msg::OldestPaycard> oldest = {};  ///< MinPaycard of the Broker's entry
};

/// The manifest if it vouches for the bytes of `shared_object` to whoever wants this Paycard. In this order: Broker, Paycard,
/// AbiVersion, MinVersion and MinPaycard, the key, the signature, FileHash (QP-ADM-006).
tl::expected<msg::Manifest, Trouble> check_manifest(std::string_view text, std::string_view shared_object,
                                                    const Wanted& wanted, crypto::CryptoCounters& counters);

/// Whether version `a` is older than `b`, both of the type Ver: compared number by number, what is missing counts as 0.
bool older(std::string_view a, std::string_view b);

}  // namespace quickpay::paycard
