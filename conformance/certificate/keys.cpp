#include "conformance/certificate/keys.hpp"

#include <fmt/format.h>

#include "conformance/certificate/files.hpp"
#include "reference/crypto/pem.hpp"

namespace quickpay::conformance {

namespace {

std::string fault_text(const std::filesystem::path& path, crypto::KeyFault fault) {
  return fmt::format("{}: {}", path.string(), crypto::text_of(fault));
}

}  // namespace

tl::expected<std::string, std::string> make_key_files(const std::filesystem::path& path, std::size_t bits) {
  crypto::BotanRandom random;
  crypto::CryptoCounters counters;
  const auto key = crypto::RsaPrivateKey::generate(bits, random, counters);
  if (!key) {
    return tl::unexpected(std::string(crypto::text_of(key.error())));
  }
  const crypto::RsaPublicKey shown = key->public_key();
  const std::filesystem::path public_path = path.string() + ".pub";
  std::error_code error;
  if (std::filesystem::exists(public_path, error)) {
    return tl::unexpected(fmt::format("{} is already there", public_path.string()));
  }
  return write_file(path, crypto::to_pem(crypto::kPemPrivateKey, key->pkcs8_der()), true)
      .and_then([&] { return write_file(public_path, crypto::to_pem(crypto::kPemPublicKey, shown.spki_der())); })
      .map([&] { return shown.key_id(); });
}

tl::expected<crypto::RsaPrivateKey, std::string> read_private_key(const std::filesystem::path& path) {
  const auto text = read_file(path, kMaxCertificateBytes);
  if (!text) {
    return tl::unexpected(text.error());
  }
  const auto der = crypto::from_pem(crypto::kPemPrivateKey, *text);
  if (!der) {
    return tl::unexpected(fmt::format("{} is not a private key in PEM", path.string()));
  }
  return crypto::RsaPrivateKey::load(*der).map_error([&](crypto::KeyFault fault) { return fault_text(path, fault); });
}

tl::expected<crypto::RsaPublicKey, std::string> read_public_key(const std::filesystem::path& path) {
  const auto text = read_file(path, kMaxCertificateBytes);
  if (!text) {
    return tl::unexpected(text.error());
  }
  if (const auto der = crypto::from_pem(crypto::kPemPublicKey, *text)) {
    return crypto::RsaPublicKey::load(*der).map_error([&](crypto::KeyFault fault) { return fault_text(path, fault); });
  }
  return read_private_key(path)
      .map([](const crypto::RsaPrivateKey& key) { return key.public_key(); })
      .map_error([&](const std::string&) { return fmt::format("{} is not a key in PEM", path.string()); });
}

}  // namespace quickpay::conformance
