// Keys that sign certificates: RSA, in PEM files.
#pragma once

#include <filesystem>
#include <string>
#include <tl/expected.hpp>

#include "reference/crypto/rsa.hpp"

namespace quickpay::conformance {

inline constexpr std::size_t kCertificateKeyBits = 3072;

/// Makes a key pair: `path` gets the private key, `path`.pub the public one. Nothing is overwritten.
/// Returns the key id: SHA-256 of the public key's SubjectPublicKeyInfo, 64 hex digits.
tl::expected<std::string, std::string> make_key_files(const std::filesystem::path& path, std::size_t bits);

tl::expected<crypto::RsaPrivateKey, std::string> read_private_key(const std::filesystem::path& path);
/// From a file that holds the public key, or the private one.
tl::expected<crypto::RsaPublicKey, std::string> read_public_key(const std::filesystem::path& path);

}  // namespace quickpay::conformance
