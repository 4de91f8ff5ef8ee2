#include "reference/codec/canonical.hpp"

#include <charconv>

#include "reference/codec/leaf.hpp"
#include "reference/codec/output.hpp"

namespace quickpay::codec {
namespace {

constexpr std::size_t kUsualBytes = 1024;
constexpr std::size_t kMarks = 4;  // ( = : )

void put_leaf(Output& out, std::string_view name, std::string_view value) {
  IntegerBuffer digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value.size());
  out.need(name.size() + value.size() + digits.size() + kMarks);
  out.put('(');
  out.put(name);
  out.put('=');
  out.put({digits.data(), static_cast<std::size_t>(end.ptr - digits.data())});
  out.put(':');
  out.put(value);
  out.put(')');
}

// Recursion follows the nesting of types, which the tables limit.
void put_struct(Output& out, std::string_view name, const StructType& type, const void* object,
                std::string_view left_out) {
  out.need(name.size() + 1);
  out.put('(');
  out.put(name);
  for (const Field& field : type.fields) {
    const bool covered = field.max != 0 && (left_out.empty() || field.name != left_out);
    const std::size_t count = covered ? field.access.count(object) : 0;
    for (std::size_t i = 0; i < count; ++i) {
      const void* child = field.access.at(object, i);
      IntegerBuffer buffer;
      if (field.leaf != nullptr) put_leaf(out, field.name, text_of(*field.leaf, child, buffer));
      if (field.leaf == nullptr) put_struct(out, field.name, *field.type, child, {});
    }
  }
  out.need(1);
  out.put(')');
}

}  // namespace

std::string canonical(std::string_view name, const StructType& type, const void* object, std::string_view left_out) {
  Output out(kUsualBytes);
  put_struct(out, name, type, object, left_out);
  return std::move(out).take();
}

std::string signing_input(std::string_view purpose, std::string_view canonical) {
  std::string input;
  input.reserve(kInputPrefix.size() + purpose.size() + canonical.size() + 2);
  input.append(kInputPrefix).push_back('\0');
  input.append(purpose).push_back('\0');
  return input.append(canonical);
}

}  // namespace quickpay::codec
