#include "conformance/report/text.hpp"

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <optional>

namespace quickpay::conformance {

namespace {

struct CodePoint {
  std::uint32_t value;
  std::size_t length;
};

/// The well-formed UTF-8 sequence at the beginning of `bytes`, if there is one.
std::optional<CodePoint> decode(std::string_view bytes) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) {
    return CodePoint{first, 1};
  }
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || bytes.size() < length) {
    return std::nullopt;
  }
  std::uint32_t value = first & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0U) != 0x80U) {
      return std::nullopt;
    }
    value = (value << 6U) | (byte(i) & 0x3FU);
  }
  static constexpr std::array<std::uint32_t, 5> kSmallest = {0, 0, 0x80, 0x800, 0x10000};
  if (value < kSmallest[length] || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) {
    return std::nullopt;
  }
  return CodePoint{value, length};
}

bool shows(std::uint32_t value) {
  struct Range {
    std::uint32_t first, last;
  };
  // Controls, soft hyphen, invisible and direction-changing characters, private use, noncharacters, tags.
  static constexpr std::array<Range, 12> kHidden = {{{0x00, 0x1F}, {0x7F, 0x9F}, {0xAD, 0xAD}, {0x61C, 0x61C},
                                                     {0x180E, 0x180E}, {0x200B, 0x200F}, {0x2028, 0x202E},
                                                     {0x2060, 0x206F}, {0xE000, 0xF8FF}, {0xFDD0, 0xFDEF},
                                                     {0xFEFF, 0xFEFF}, {0xFFF0, 0xFFFF}}};
  for (const Range& range : kHidden) {
    if (value >= range.first && value <= range.last) {
      return false;
    }
  }
  return value < 0xE0000 && (value & 0xFFFEU) != 0xFFFEU;
}

}  // namespace

std::string printable(std::string_view bytes, std::size_t limit, bool lines) {
  std::string text;
  const std::string_view shown = bytes.substr(0, limit);
  for (std::size_t i = 0; i < shown.size();) {
    const std::optional<CodePoint> point = decode(shown.substr(i));
    if (point && (shows(point->value) || (lines && (point->value == '\n' || point->value == '\t')))) {
      text.append(shown.substr(i, point->length));
      i += point->length;
    } else if (point) {
      text += fmt::format("\\x{{{:X}}}", point->value);
      i += point->length;
    } else {
      text += fmt::format("\\x{{{:X}}}", static_cast<unsigned char>(shown[i]));
      ++i;
    }
  }
  if (shown.size() < bytes.size()) {
    text += fmt::format(" … ({} more bytes)", bytes.size() - shown.size());
  }
  return text;
}

std::string escaped(std::string_view bytes, std::size_t limit, bool lines) {
  std::string text;
  for (const char c : printable(bytes, limit, lines)) {
    switch (c) {
      case '&': text += "&amp;"; break;
      case '<': text += "&lt;"; break;
      case '>': text += "&gt;"; break;
      case '"': text += "&quot;"; break;
      case '\'': text += "&#39;"; break;
      default: text += c;
    }
  }
  return text;
}

std::string file_name(std::string_view id) {
  std::string name;
  for (const char c : id.substr(0, 120)) {
    name += (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ? c : '_';
  }
  return name.empty() || name.front() == '.' ? "_" + name : name;
}

std::string shell_quoted(std::string_view word) {
  std::string quoted = "'";
  for (const char c : printable(word)) {
    quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  }
  return quoted + "'";
}

}  // namespace quickpay::conformance
