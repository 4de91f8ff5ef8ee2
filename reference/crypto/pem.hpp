// Keys as text files: PEM, as other programs read and write it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace quickpay::crypto {

inline constexpr std::string_view kPemPrivateKey = "PRIVATE KEY";  ///< PKCS#8, not encrypted
inline constexpr std::string_view kPemPublicKey = "PUBLIC KEY";    ///< SubjectPublicKeyInfo

/// `der` between BEGIN and END lines of `label`.
std::string to_pem(std::string_view label, std::string_view der);

/// The DER bytes of the one PEM block in `text` if its label is `label`; nothing for anything else.
std::optional<std::string> from_pem(std::string_view label, std::string_view text);

}  // namespace quickpay::crypto
