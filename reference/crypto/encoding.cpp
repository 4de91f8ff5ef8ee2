#include "reference/crypto/encoding.hpp"

#include <algorithm>

#include <array>
#include <cstdint>

namespace quickpay::crypto {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::string_view kBase64Digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr int kNoDigit = -1;

constexpr std::array<std::int8_t, 256> make_values(std::string_view digits) {
  std::array<std::int8_t, 256> values{};
  values.fill(kNoDigit);
  for (std::size_t i = 0; i < digits.size(); ++i) {
    values[static_cast<unsigned char>(digits[i])] = static_cast<std::int8_t>(i);
  }
  return values;
}
constexpr auto kHexValues = make_values(kHexDigits);
constexpr auto kBase64Values = make_values(kBase64Digits);

int value_of(const std::array<std::int8_t, 256>& values, char digit) {
  return values[static_cast<unsigned char>(digit)];
}

// Appends the bytes that four digits stand for, of which the last `padding` are `=`; false if they are not canonical.
bool append_quad(std::string& out, std::string_view quad, std::size_t padding) {
  std::uint32_t bits = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    const int value = i < 4 - padding ? value_of(kBase64Values, quad[i]) : 0;
    if (value == kNoDigit) return false;
    bits = bits << 6 | static_cast<std::uint32_t>(value);
  }
  const std::uint32_t pad_bits = padding == 0 ? 0 : padding == 1 ? 0xFF : 0xFFFF;
  if ((bits & pad_bits) != 0) return false;
  for (std::size_t i = 0; i < 3 - padding; ++i) out.push_back(static_cast<char>(bits >> (16 - 8 * i)));
  return true;
}

}  // namespace

std::string to_hex(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text.push_back(kHexDigits[byte >> 4]);
    text.push_back(kHexDigits[byte & 0xF]);
  }
  return text;
}

std::optional<std::string> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return {};
  std::string bytes;
  bytes.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = value_of(kHexValues, text[i]);
    const int low = value_of(kHexValues, text[i + 1]);
    if (high == kNoDigit || low == kNoDigit) return {};
    bytes.push_back(static_cast<char>(high << 4 | low));
  }
  return bytes;
}

std::string base64_encode(std::string_view bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t taken = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t bits = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      bits = bits << 8 | (k < taken ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    }
    for (std::size_t k = 0; k < 4; ++k) text.push_back(k <= taken ? kBase64Digits[bits >> (18 - 6 * k) & 0x3F] : '=');
  }
  return text;
}

std::optional<std::string> base64_decode(std::string_view text) {
  if (text.size() % 4 != 0) return {};
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3);
  for (std::size_t i = 0; i < text.size(); i += 4) {
    const std::string_view quad = text.substr(i, 4);
    const bool last = i + 4 == text.size();
    const std::size_t padding = !last || quad[3] != '=' ? 0 : quad[2] != '=' ? 1 : 2;
    if (!append_quad(bytes, quad, padding)) return {};
  }
  return bytes;
}

bool equal_constant_time(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  unsigned char difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    // volatile: the compiler must not learn that the answer is known before the end
    const volatile auto one = static_cast<unsigned char>(a[i] ^ b[i]);
    difference = static_cast<unsigned char>(difference | one);
  }
  return difference == 0;
}

}  // namespace quickpay::crypto
