#include "conformance/suites/slug.hpp"

#include <cctype>

namespace quickpay::conformance {

std::string slug_of(std::string_view name) {
  std::string out;
  bool lower_before = false;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isupper(byte) != 0 && lower_before) {
      out += '-';
    }
    lower_before = std::islower(byte) != 0;
    if (std::isalnum(byte) != 0) {
      out += static_cast<char>(std::tolower(byte));
    } else if (c == '.' || c == ':') {
      out += '.';
    } else if (!out.empty() && out.back() != '-' && out.back() != '.') {
      out += '-';
    }
  }
  while (!out.empty() && (out.back() == '-' || out.back() == '.')) {
    out.pop_back();
  }
  return out;
}

}  // namespace quickpay::conformance
