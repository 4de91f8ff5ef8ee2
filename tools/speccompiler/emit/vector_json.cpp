#include "tools/speccompiler/emit/vector_json.hpp"

#include <fmt/format.h>

#include "tools/speccompiler/emit/text.hpp"

namespace quickpay::spec {

std::string json_string(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (byte < 0x20 || byte == 0x7F) {
      out += fmt::format("\\u{:04x}", byte);
    } else {
      out += c;
    }
  }
  return out + "\"";
}

std::string json_list(const std::vector<std::string>& list) {
  std::vector<std::string> quoted;
  for (const std::string& each : list) quoted.push_back(json_string(each));
  return "[" + join(quoted, ", ") + "]";
}

std::string slug(std::string_view id) {
  std::string out;
  for (const char c : kebab(id)) {
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) {
      out += c;
    } else if (!out.empty() && out.back() != '-') {
      out += '-';
    }
  }
  while (!out.empty() && out.back() == '-') out.pop_back();
  return out.empty() ? "none" : out;
}

}  // namespace quickpay::spec
