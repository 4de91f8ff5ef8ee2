// Base64 with the alphabet of RFC 4648, section 4, as reports and bundles carry bytes.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace quickpay::conformance {

std::string base64(std::string_view bytes);
/// The bytes of a canonical text (padded, no white space); nothing if it is none.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace quickpay::conformance
