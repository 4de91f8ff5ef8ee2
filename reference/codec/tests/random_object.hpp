// Valid objects of any generated struct, made from nothing but its table: a walk through the automata and cardinalities.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "reference/codec/schema.hpp"

namespace quickpay::codec::test {

/// A finite list of choices; when it is used up every choice is 0, so that a shorter list makes a smaller object.
class Choices {
 public:
  explicit Choices(std::vector<std::uint8_t> bytes) : bytes_(std::move(bytes)) {}
  /// A number below `bound`.
  std::uint32_t below(std::uint32_t bound);

 private:
  std::vector<std::uint8_t> bytes_;
  std::size_t used_ = 0;
};

/// Fills the default-constructed `object` so that the reader must accept what the writer makes of it.
void fill(const StructType& type, void* object, Choices& choices);

/// A value of the field, as text.
std::string random_value(const Field& field, Choices& choices);

}  // namespace quickpay::codec::test
