// "Did you mean …": the nearest known name.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace quickpay::spec {

inline constexpr std::size_t kMaxSuggestBytes = 64;  ///< longer names get no suggestion

/// The number of characters to insert, delete, replace or swap with their neighbour to get from one name to the other.
std::size_t edit_distance(std::string_view from, std::string_view to);

/// "did you mean 'x'?" for the nearest candidate, or empty if none is near. Of equally near ones the first wins.
std::string did_you_mean(std::string_view name, const std::vector<std::string>& candidates);

}  // namespace quickpay::spec
