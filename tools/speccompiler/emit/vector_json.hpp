// Pieces of the JSON that vectors are written in.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace quickpay::spec {

/// UTF-8 text as a JSON string.
std::string json_string(std::string_view text);

/// A JSON list of strings, on one line.
std::string json_list(const std::vector<std::string>& list);

/// Lower-case words joined by hyphens: a part of the id of a vector.
std::string slug(std::string_view id);

}  // namespace quickpay::spec
