#include "reference/crypto/pem.hpp"

#include <botan/pem.h>

#include <exception>

namespace quickpay::crypto {

std::string to_pem(std::string_view label, std::string_view der) {
  return Botan::PEM_Code::encode(reinterpret_cast<const std::uint8_t*>(der.data()), der.size(), std::string(label));
}

std::optional<std::string> from_pem(std::string_view label, std::string_view text) {
  try {
    std::string found;
    const auto der = Botan::PEM_Code::decode(std::string(text), found);
    return found == label ? std::optional(std::string(der.begin(), der.end())) : std::nullopt;
  } catch (const std::exception&) {  // the library throws for what is not PEM
    return std::nullopt;
  }
}

}  // namespace quickpay::crypto
