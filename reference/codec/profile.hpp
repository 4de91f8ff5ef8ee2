// What a message must or must not carry in one profile (step 9 of the processing order).
#pragma once

#include <optional>
#include <string_view>

#include "reference/codec/schema.hpp"

namespace quickpay::codec {

/// The name of the first field of `object`, in document order, whose number of occurrences `profile` forbids; nothing if
/// it keeps the profile. Fields whose condition does not hold are not looked at. The reader has accepted `object` before.
std::optional<std::string_view> profile_breach(const StructType& type, const void* object, std::string_view profile);

}  // namespace quickpay::codec
