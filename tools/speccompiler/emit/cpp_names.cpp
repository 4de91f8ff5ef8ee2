#include "tools/speccompiler/emit/cpp_names.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "tools/speccompiler/emit/text.hpp"

namespace quickpay::spec {
namespace {

// A member may not have the name of its type unless the type is qualified; nor may a document hide a shared name.
std::string shared_name(const Model& model, const std::string& id, const std::string& member) {
  const std::string name = identifier(id);
  const auto& documents = model.documents();
  const bool hidden = std::any_of(documents.begin(), documents.end(),
                                  [&](const DocumentView& view) { return identifier(view.root.id) == name; });
  return hidden || name == member || id == model.spec().envelope.body ? "msg::" + name : name;
}

}  // namespace

std::string value_type(const Model& model, const Field& field) {
  const std::string member = snake(field.id);
  if (field.is_struct) return shared_name(model, model.base(model.record(field.type)).id, member);
  const Type& leaf = model.type(field.type);
  switch (leaf.storage) {
    case Storage::text:
      return "std::string";
    case Storage::integer:
      return "std::int64_t";
    case Storage::enumeration:
      return shared_name(model, leaf.id, member);
  }
  return {};
}

std::string member_type(const Model& model, const Field& field) {
  const std::string value = value_type(model, field);
  if (is_list(field)) return fmt::format("std::vector<{}>", value);
  if (is_optional(field)) return fmt::format("std::optional<{}>", value);
  return value;
}

}  // namespace quickpay::spec
