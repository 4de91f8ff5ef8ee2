#include "reference/paycard/manifest.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <vector>

#include "reference/codec/reader.hpp"
#include "reference/codec/writer.hpp"
#include "reference/crypto/hash.hpp"
#include "reference/crypto/signed_object.hpp"

namespace quickpay::paycard {
namespace {

constexpr std::string_view kElement = "Manifest";
constexpr codec::Family kLimits{"manifest", kMaxManifestBytes, 32, 4};

std::vector<unsigned> numbers(std::string_view version) {
  std::vector<unsigned> out;
  const char* at = version.data();
  const char* const end = at + version.size();
  while (at != end) {
    unsigned number = 0;
    const auto [next, error] = std::from_chars(at, end, number);
    if (error != std::errc()) break;
    out.push_back(number);
    at = next == end ? end : next + 1;
  }
  while (!out.empty() && out.back() == 0) out.pop_back();
  return out;
}

/// The key with this KeyId among those that are good.
tl::expected<crypto::RsaPublicKey, Trouble> signer(const std::string& key_id, std::span<const std::string> keys) {
  for (const std::string& spki : keys) {
    auto key = crypto::RsaPublicKey::load(spki);
    if (key && key->key_id() == key_id) return std::move(*key);
  }
  return tl::unexpected(Trouble::unknown_key);
}

bool too_old(const msg::Manifest& manifest, std::span<const msg::OldestPaycard> oldest) {
  const auto forbids = [&](const msg::OldestPaycard& each) {
    return each.product == manifest.product && older(manifest.version, each.version);
  };
  return older(manifest.version, manifest.min_version) || std::any_of(oldest.begin(), oldest.end(), forbids);
}

}  // namespace

std::optional<std::string> file_bytes(const std::string& path, std::size_t most) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) return std::nullopt;
  const auto size = std::filesystem::file_size(path, error);
  if (error || size == 0 || size > most) return std::nullopt;
  std::string bytes(size, '\0');
  std::ifstream file(path, std::ios::binary);
  if (!file.read(bytes.data(), static_cast<std::streamsize>(size))) return std::nullopt;
  return bytes;
}

bool older(std::string_view a, std::string_view b) { return numbers(a) < numbers(b); }

std::string write_manifest(const msg::Manifest& manifest) {
  return codec::write_fragment(kElement, msg::kManifestType, &manifest);
}

tl::expected<msg::Manifest, Trouble> read_manifest(std::string_view text) {
  msg::Manifest manifest;
  while (!text.empty() && text.back() == '\n') text.remove_suffix(1);
  if (text.size() > kMaxManifestBytes) return tl::unexpected(Trouble::manifest_unreadable);
  const auto read = codec::read_fragment(text, kElement, msg::kManifestType, &manifest, kLimits);
  if (!read) return tl::unexpected(Trouble::manifest_unreadable);
  return manifest;
}

tl::expected<void, crypto::KeyFault> sign_manifest(msg::Manifest& manifest, std::string_view shared_object,
                                                   const crypto::RsaPrivateKey& key, crypto::Random& random,
                                                   crypto::CryptoCounters& counters) {
  manifest.abi_version = kAbi;
  manifest.file_hash = crypto::sha256_hex(shared_object);
  auto made = crypto::sign_object(key, kManifestPurpose, kElement, msg::kManifestType, &manifest, random, counters);
  if (!made) return tl::unexpected(made.error());
  manifest.sig = {std::move(made->key_id), std::move(made->value)};
  return {};
}

tl::expected<msg::Manifest, Trouble> check_manifest(std::string_view text, std::string_view shared_object,
                                                    const Wanted& wanted, crypto::CryptoCounters& counters) {
  auto manifest = read_manifest(text);
  if (!manifest) return manifest;
  if (manifest->broker != wanted.broker) return tl::unexpected(Trouble::other_broker);
  const bool any = wanted.paycard.empty();
  if (!any && manifest->paycard && *manifest->paycard != wanted.paycard) return tl::unexpected(Trouble::other_paycard);
  if (manifest->abi_version != kAbi) return tl::unexpected(Trouble::other_abi);
  if (too_old(*manifest, wanted.oldest)) return tl::unexpected(Trouble::too_old);
  const auto key = signer(manifest->sig.key_id, wanted.keys);
  if (!key) return tl::unexpected(key.error());
  const bool right = crypto::verify_object(*key, kManifestPurpose, kElement, msg::kManifestType, &*manifest,
                                           manifest->sig.value, counters);
  if (!right) return tl::unexpected(Trouble::wrong_signature);
  if (crypto::sha256_hex(shared_object) != manifest->file_hash) return tl::unexpected(Trouble::other_file);
  return manifest;
}

}  // namespace quickpay::paycard
