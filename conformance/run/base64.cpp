#include "conformance/run/base64.hpp"

#include <cstddef>
#include <cstdint>
#include <utility>

namespace quickpay::conformance {

namespace {

constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

}  // namespace

std::string base64(std::string_view bytes) {
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t left = bytes.size() - i < 3 ? bytes.size() - i : 3;
    std::uint32_t group = 0;
    for (std::size_t j = 0; j < 3; ++j) {
      group = (group << 8U) | (j < left ? static_cast<unsigned char>(bytes[i + j]) : 0U);
    }
    for (std::size_t j = 0; j < 4; ++j) {
      text += j <= left ? kDigits[(group >> (18 - 6 * j)) & 63U] : '=';
    }
  }
  return text;
}

std::optional<std::string> from_base64(std::string_view text) {
  std::string bytes;
  for (std::size_t i = 0; i + 4 <= text.size(); i += 4) {
    std::uint32_t group = 0;
    std::size_t digits = 0;
    for (; digits < 4 && text[i + digits] != '='; ++digits) {
      const std::size_t value = kDigits.find(text[i + digits]);
      if (value == std::string_view::npos) {
        return std::nullopt;
      }
      group |= static_cast<std::uint32_t>(value) << (18 - 6 * digits);
    }
    for (std::size_t j = 0; j + 1 < digits; ++j) {
      bytes += static_cast<char>((group >> (16 - 8 * j)) & 0xFFU);
    }
  }
  return base64(bytes) == text ? std::optional<std::string>(std::move(bytes)) : std::nullopt;  // one spelling only
}

}  // namespace quickpay::conformance
