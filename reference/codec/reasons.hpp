// Reasons of a ReadError that other code tells apart; all other reasons are for people only.
#pragma once

#include <string_view>

namespace quickpay::codec {

inline constexpr std::string_view kReasonDepth = "nested too deep";
inline constexpr std::string_view kReasonElements = "too many elements";
inline constexpr std::string_view kReasonAfterRoot = "something else than white space after the root element";
inline constexpr std::string_view kReasonLength = "too long";
inline constexpr std::string_view kReasonOrder =
    "an element that has no place here, or one that should stand before it is missing";
inline constexpr std::string_view kReasonMissing = "an element that must stand before this end tag is missing";

}  // namespace quickpay::codec
