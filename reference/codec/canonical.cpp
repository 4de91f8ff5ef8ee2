#include "reference/codec/canonical.hpp"

#include <charconv>

#include "reference/codec/leaf.hpp"

namespace quickpay::codec {
namespace {

void append_leaf(std::string& out, std::string_view name, std::string_view value) {
  IntegerBuffer digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value.size());
  out.append(name);
  out.push_back('=');
  out.append(digits.data(), static_cast<std::size_t>(end.ptr - digits.data()));
  out.push_back(':');
  out.append(value);
}

// Recursion follows the nesting of types, which the tables limit.
void append_struct(std::string& out, std::string_view name, const StructType& type, const void* object,
                   std::string_view left_out) {
  out.append(name);
  for (const Field& field : type.fields) {
    const bool covered = field.max != 0 && (left_out.empty() || field.name != left_out);
    const std::size_t count = covered ? field.access.count(object) : 0;
    for (std::size_t i = 0; i < count; ++i) {
      const void* child = field.access.at(object, i);
      out.push_back('(');
      if (field.leaf != nullptr) {
        IntegerBuffer buffer;
        append_leaf(out, field.name, text_of(*field.leaf, child, buffer));
      } else {
        append_struct(out, field.name, *field.type, child, {});
      }
      out.push_back(')');
    }
  }
}

}  // namespace

std::string canonical(std::string_view name, const StructType& type, const void* object, std::string_view left_out) {
  std::string out = "(";
  append_struct(out, name, type, object, left_out);
  out.push_back(')');
  return out;
}

std::string signing_input(std::string_view purpose, std::string_view canonical) {
  std::string input;
  input.reserve(kInputPrefix.size() + purpose.size() + canonical.size() + 2);
  input.append(kInputPrefix).push_back('\0');
  input.append(purpose).push_back('\0');
  return input.append(canonical);
}

}  // namespace quickpay::codec
