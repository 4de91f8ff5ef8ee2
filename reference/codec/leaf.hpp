// Values of leaf fields: whether bytes fit a type, and how they are stored and written.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "reference/codec/limits.hpp"
#include "reference/codec/schema.hpp"

namespace quickpay::codec {

/// Where and why a value does not fit.
struct ValueFault {
  std::size_t index;        ///< first byte of the value that does not fit; 0 if it only fails as a whole
  std::string_view reason;  ///< static text
};

/// Checks `value` (unescaped) against the type, the length and the fixed value of a leaf field. `value` is UTF-8.
std::optional<ValueFault> check_value(const Field& field, std::string_view value);

/// The field of that name, or null.
const Field* field_named(const StructType& type, std::string_view name);

/// Whether a document can carry `value` in the leaf field of that name.
bool carries(const StructType& type, std::string_view name, std::string_view value);

/// Stores `value`, which check_value has accepted, in the leaf object `leaf`.
/// Returns false if an integer does not fit 64 bits, or if an enumeration has no such value.
bool store_value(const LeafType& type, std::string_view value, void* leaf);

/// Checks `value` as check_value does and stores it in the leaf object `leaf`, if it fits.
std::optional<ValueFault> take_value(const Field& field, std::string_view value, void* leaf);

/// Room for the digits of an integer that is written.
using IntegerBuffer = std::array<char, kMaxIntegerBytes>;

/// The text of the leaf object `leaf`; it lives in the object, in the tables or in `buffer`.
/// An enumerator that the type does not have gives empty text, which no reader accepts.
std::string_view text_of(const LeafType& type, const void* leaf, IntegerBuffer& buffer);

/// Whether the leaf reached from `object` by `path` is there and has the value of the condition (or has not, if negated).
bool holds(const Condition& condition, const StructType& type, const void* object);

}  // namespace quickpay::codec
