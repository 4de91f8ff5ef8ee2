#include "conformance/certificate/envelope.hpp"

#include <fmt/format.h>

#include "reference/crypto/encoding.hpp"

namespace quickpay::conformance {

namespace {

std::string envelope_text(std::string_view type, std::string_view payload, const std::string& key_id,
                          std::string_view signature) {
  const Json signatures = Json::array({{{"keyid", key_id}, {"sig", crypto::base64_encode(signature)}}});
  const Json envelope = {
      {"payloadType", type}, {"payload", crypto::base64_encode(payload)}, {"signatures", signatures}};
  return envelope.dump(1) + "\n";
}

std::optional<std::string> base64_at(const Json& object, const char* name) {
  return object.contains(name) && object[name].is_string() ? crypto::base64_decode(object[name].get<std::string>())
                                                           : std::nullopt;
}

/// The key that a payload carries.
std::optional<crypto::RsaPublicKey> key_in(const Json& payload) {
  const auto issuer = payload.find("issuer");
  const auto der = issuer == payload.end() || !issuer->is_object() ? std::nullopt : base64_at(*issuer, "public_key");
  const auto key = der ? crypto::RsaPublicKey::load(*der) : tl::unexpected(crypto::KeyFault::unreadable);
  return key ? std::optional(*key) : std::nullopt;
}

struct Parts {
  std::string payload;
  std::string signature;
};

std::optional<Parts> parts_of(const Json& envelope) {
  if (!envelope.is_object() || !envelope.contains("signatures") || !envelope["signatures"].is_array() ||
      envelope["signatures"].size() != 1 || !envelope["signatures"][0].is_object()) {
    return std::nullopt;
  }
  auto payload = base64_at(envelope, "payload");
  auto signature = base64_at(envelope["signatures"][0], "sig");
  return payload && signature ? std::optional(Parts{std::move(*payload), std::move(*signature)}) : std::nullopt;
}

}  // namespace

std::string signing_input(std::string_view type, std::string_view payload) {
  return fmt::format("DSSEv1 {} {} {} {}", type.size(), type, payload.size(), payload);
}

tl::expected<std::string, std::string> sign_payload(std::string_view type, Json payload,
                                                    const crypto::RsaPrivateKey& key) {
  const crypto::RsaPublicKey shown = key.public_key();
  payload["issuer"]["public_key"] = crypto::base64_encode(shown.spki_der());
  payload["issuer"]["key_id"] = shown.key_id();
  const std::string bytes = canonical(payload);
  crypto::BotanRandom random;
  crypto::CryptoCounters counters;
  const auto signature = key.sign(signing_input(type, bytes), random, counters);
  if (!signature) {
    return tl::unexpected("cannot sign: " + std::string(crypto::text_of(signature.error())));
  }
  return envelope_text(type, bytes, shown.key_id(), *signature);
}

tl::expected<Signed, std::string> open_envelope(std::string_view type, std::string_view text) {
  const Json envelope = Json::parse(text, nullptr, false);
  const auto parts = parts_of(envelope);
  if (!parts) {
    return tl::unexpected(std::string("not a signed statement"));
  }
  Json payload = Json::parse(parts->payload, nullptr, false);
  const auto key = payload.is_object() ? key_in(payload) : std::nullopt;
  if (!key || canonical(payload) != parts->payload) {
    return tl::unexpected(std::string("the statement cannot be read, or holds no key that keeps the policy"));
  }
  // There is one way to write an envelope, so that no byte of the file is without meaning.
  if (envelope_text(type, parts->payload, key->key_id(), parts->signature) != text) {
    return tl::unexpected(fmt::format("not written as a statement of the type {}", type));
  }
  crypto::CryptoCounters counters;
  if (!key->verify(signing_input(type, parts->payload), parts->signature, counters)) {
    return tl::unexpected(std::string("the signature is wrong"));
  }
  return Signed{std::move(payload), key->key_id()};
}

}  // namespace quickpay::conformance
