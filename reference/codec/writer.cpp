#include "reference/codec/writer.hpp"

#include "reference/codec/leaf.hpp"

namespace quickpay::codec {
namespace {

constexpr std::size_t kUsualBytes = 1024;  // most documents fit, so that writing takes one allocation

void append_escaped(std::string& out, std::string_view value) {
  for (;;) {
    const std::size_t next = value.find_first_of("&<>");
    out.append(value.substr(0, next));
    if (next == std::string_view::npos) return;
    out.append(value[next] == '&' ? "&amp;" : value[next] == '<' ? "&lt;" : "&gt;");
    value.remove_prefix(next + 1);
  }
}

void append_tag(std::string& out, std::string_view opening, std::string_view name) {
  out.append(opening);
  out.append(name);
  out.push_back('>');
}

// Recursion follows the nesting of types, which the tables limit.
void append_children(std::string& out, const StructType& type, const void* object) {
  for (const Field& field : type.fields) {
    const std::size_t count = field.max == 0 ? 0 : field.access.count(object);
    for (std::size_t i = 0; i < count; ++i) {
      const void* child = field.access.at(object, i);
      append_tag(out, "<", field.name);
      if (field.leaf != nullptr) {
        IntegerBuffer buffer;
        append_escaped(out, text_of(*field.leaf, child, buffer));
      } else {
        append_children(out, *field.type, child);
      }
      append_tag(out, "</", field.name);
    }
  }
}

}  // namespace

std::string write_document(const DocumentType& type, const void* object) {
  std::string out;
  out.reserve(kUsualBytes);
  out.append("<").append(type.root).append(" xmlns=\"").append(kWireNamespace).append("\">");
  append_children(out, *type.type, object);
  append_tag(out, "</", type.root);
  return out;
}

std::string write_fragment(std::string_view name, const StructType& type, const void* object) {
  std::string out;
  append_tag(out, "<", name);
  append_children(out, type, object);
  append_tag(out, "</", name);
  return out;
}

}  // namespace quickpay::codec
