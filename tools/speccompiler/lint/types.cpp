// Leaf types: their patterns, values and bounds, and that each is used.
#include <fmt/format.h>

#include <set>

#include "tools/speccompiler/lint/context.hpp"
#include "tools/speccompiler/regex/regex.hpp"

namespace quickpay::spec {
namespace {

constexpr std::uint32_t kMaxIntegerDigits = 18;  // fits a signed 64-bit integer

// Every set of the pattern lies within the digits.
bool digits_only(const RegexNode& node) {
  if (node.kind == RegexNode::Kind::set) {
    for (unsigned byte = 0; byte < 256; ++byte) {
      if (node.set.test(byte) && (byte < '0' || byte > '9')) return false;
    }
  }
  return std::all_of(node.children.begin(), node.children.end(), digits_only);
}

void lint_pattern(LintContext& context, const Type& type) {
  const auto parsed = parse_pattern(type.pattern);
  if (!parsed) {
    return context.add(type.at, fmt::format("pattern of type '{}': {} at character {}", type.id, parsed.error().message,
                                            parsed.error().offset + 1));
  }
  if (type.storage != Storage::integer) return;
  if (!digits_only(*parsed) || longest_match(*parsed) > kMaxIntegerDigits) {
    context.add(type.at, fmt::format("the integer type '{}' must admit at most {} digits and nothing else", type.id,
                                     kMaxIntegerDigits));
  }
}

void lint_values(LintContext& context, const Type& type) {
  constexpr std::string_view kForm = "[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?";
  std::set<std::string> seen;
  for (const std::string& value : type.values) {
    if (!seen.insert(value).second)
      context.add(type.at, fmt::format("type '{}' has the value '{}' twice", type.id, value));
    if (!matches(kForm, value)) {
      context.add(type.at, fmt::format("value '{}' of type '{}' must be letters, digits and hyphens", value, type.id));
    }
  }
}

void lint_type(LintContext& context, const Type& type) {
  if (!type.pattern.empty()) lint_pattern(context, type);
  lint_values(context, type);
  if (type.max_bytes && *type.max_bytes < type.min_bytes) {
    context.add(type.at, fmt::format("the bounds of type '{}' are upside down", type.id));
  }
  for (const CodePointRange& range : type.excluded) {
    if (range.first > range.last || range.last > 0x10FFFF) {
      context.add(type.at, fmt::format("type '{}' excludes an impossible range", type.id));
    }
  }
}

void collect(const std::vector<Field>& fields, std::set<std::string>& used) {
  for (const Field& field : fields) used.insert(field.type);
}

void lint_unused(LintContext& context) {
  std::set<std::string> used;
  for (const Struct& s : context.spec.structs) collect(s.fields, used);
  for (const Message& message : context.spec.messages) {
    collect(message.request.body, used);
    collect(message.response.body, used);
  }
  for (const Role& role : context.spec.roles) used.insert(role.id_type);
  for (const Type& type : context.spec.types) {
    if (used.count(type.id) == 0) context.add(type.at, fmt::format("type '{}' is not used", type.id));
  }
}

}  // namespace

void lint_types(LintContext& context) {
  for (const Type& type : context.spec.types) lint_type(context, type);
  lint_unused(context);
}

}  // namespace quickpay::spec
