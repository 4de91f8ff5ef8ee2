// Splitting and folding of attribute values and text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace quickpay::spec {

/// The pieces between runs of blanks.
std::vector<std::string> split_words(std::string_view text);

/// The pieces between separators, blanks around each removed; one empty piece for an empty text.
std::vector<std::string> split_at(std::string_view text, char separator);

/// Leading and trailing white space removed, runs of it replaced by one blank.
std::string folded(std::string_view text);

}  // namespace quickpay::spec
