// Signed statements: a JSON payload in an envelope of the DSSE kind. The signature covers the type and the bytes of the
// payload, so that nobody has to agree on how JSON is written.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "conformance/certificate/files.hpp"
#include "reference/crypto/rsa.hpp"

namespace quickpay::conformance {

inline constexpr std::string_view kCertificateType = "application/vnd.quickpay.certificate+json";
inline constexpr std::string_view kChallengeType = "application/vnd.quickpay.challenge+json";
inline constexpr std::string_view kLogEntryType = "application/vnd.quickpay.log-entry+json";

/// What was signed, by the key that `key_id` names. The payload names the whole key (`issuer.public_key`).
struct Signed {
  Json payload;
  std::string key_id;
};

/// The bytes that are signed: "DSSEv1", the lengths of both, and both.
std::string signing_input(std::string_view type, std::string_view payload);

/// The envelope as text. `payload` gets an `issuer` object with public_key and key_id; other members of it are kept.
tl::expected<std::string, std::string> sign_payload(std::string_view type, Json payload,
                                                    const crypto::RsaPrivateKey& key);

/// Opens an envelope: its form is exactly what sign_payload writes, and the signature is that of the key in it. Whether
/// that key is the right one is for the caller to say. The error is a sentence.
tl::expected<Signed, std::string> open_envelope(std::string_view type, std::string_view text);

}  // namespace quickpay::conformance
