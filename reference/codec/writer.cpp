#include "reference/codec/writer.hpp"

#include "reference/codec/leaf.hpp"
#include "reference/codec/output.hpp"
#include "reference/codec/swar.hpp"

namespace quickpay::codec {
namespace {

constexpr std::size_t kUsualBytes = 1024;    // most documents fit, so that writing takes one allocation
constexpr std::size_t kLongestReference = 5;  // &amp;

std::size_t skip_unescaped(std::string_view value, std::size_t at) {
  return swar::skip(value, at, [](std::uint64_t eight) {
    return swar::has(eight, '&') | swar::has(eight, '<') | swar::has(eight, '>');
  });
}

void put_escaped(Output& out, std::string_view value) {
  std::size_t at = skip_unescaped(value, 0);
  if (at == value.size()) return out.put(value);
  out.need(value.size() * kLongestReference + kMaxNameBytes + 3);
  for (std::size_t from = 0;;) {
    out.put(value.substr(from, at - from));
    if (at == value.size()) return;
    out.put(value[at] == '&' ? "&amp;" : value[at] == '<' ? "&lt;" : "&gt;");
    from = at + 1;
    at = skip_unescaped(value, from);
  }
}

void put_tag(Output& out, std::string_view opening, std::string_view name) {
  out.put(opening);
  out.put(name);
  out.put('>');
}

void put_children(Output& out, const StructType& type, const void* object);

void put_child(Output& out, const Field& field, const void* child) {
  IntegerBuffer buffer;
  const std::string_view value = field.leaf != nullptr ? text_of(*field.leaf, child, buffer) : std::string_view{};
  out.need(value.size() + 2 * field.name.size() + 5);
  put_tag(out, "<", field.name);
  if (field.leaf != nullptr) {
    put_escaped(out, value);
  } else {
    put_children(out, *field.type, child);
    out.need(field.name.size() + 3);
  }
  put_tag(out, "</", field.name);
}

// Recursion follows the nesting of types, which the tables limit.
void put_children(Output& out, const StructType& type, const void* object) {
  for (const Field& field : type.fields) {
    const std::size_t count = field.max == 0 ? 0 : field.access.count(object);
    for (std::size_t i = 0; i < count; ++i) put_child(out, field, field.access.at(object, i));
  }
}

std::string write(std::string_view name, std::string_view attribute, const StructType& type, const void* object) {
  Output out(kUsualBytes);
  out.need(2 * name.size() + attribute.size() + 5);
  out.put('<');
  out.put(name);
  out.put(attribute);
  out.put('>');
  put_children(out, type, object);
  out.need(name.size() + 3);
  put_tag(out, "</", name);
  return std::move(out).take();
}

}  // namespace

std::string write_document(const DocumentType& type, const void* object) {
  static const std::string attribute = " xmlns=\"" + std::string(kWireNamespace) + "\"";
  return write(type.root, attribute, *type.type, object);
}

std::string write_fragment(std::string_view name, const StructType& type, const void* object) {
  return write(name, {}, type, object);
}

}  // namespace quickpay::codec
