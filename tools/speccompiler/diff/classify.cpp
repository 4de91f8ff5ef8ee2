#include "tools/speccompiler/diff/classify.hpp"

#include <algorithm>
#include <array>

namespace quickpay::spec {
namespace {

using Class = ChangeClass;

struct ElementRule {
  std::string_view kind;
  Class added;
  Class removed;
};

constexpr std::array<ElementRule, 20> kElementRules{{
    {"profile", Class::api, Class::wire},
    {"family", Class::api, Class::wire},
    {"role", Class::api, Class::wire},
    {"type", Class::api, Class::api},
    {"struct", Class::api, Class::api},
    {"parameter", Class::api, Class::api},
    {"error", Class::api, Class::wire},
    {"step", Class::vector, Class::vector},
    {"requirement", Class::vector, Class::vector},
    {"decision", Class::doc, Class::doc},
    {"exclusion", Class::doc, Class::doc},
    {"protocol", Class::api, Class::wire},
    {"message", Class::api, Class::wire},
    {"machine", Class::state, Class::state},
    {"scenario", Class::vector, Class::vector},
    {"properties", Class::vector, Class::vector},
    {"plugin", Class::api, Class::wire},
    {"specification", Class::wire, Class::wire},
    {"envelope", Class::wire, Class::wire},
    {"", Class::state, Class::state},
}};

/// Leaves whose last key is `key` in elements of `kind` ("*": all). The first rule that fits counts.
struct LeafRule {
  std::string_view kind;
  std::string_view key;
  Class change;
};

constexpr std::array<LeafRule, 41> kLeafRules{{
    {"*", "text", Class::doc},
    {"*", "since", Class::doc},
    {"*", "deprecated", Class::doc},
    {"*", "replaced_by", Class::doc},
    {"*", "requirements", Class::doc},
    {"requirement", "level", Class::vector},
    {"requirement", "*", Class::doc},
    {"decision", "*", Class::doc},
    {"exclusion", "*", Class::doc},
    {"role", "prefix", Class::wire},
    {"role", "id_type", Class::wire},
    {"role", "*", Class::doc},
    {"parameter", "owner", Class::doc},
    {"parameter", "*", Class::vector},
    {"error", "retry", Class::wire},
    {"error", "*", Class::vector},
    {"step", "*", Class::vector},
    {"type", "sensitive", Class::doc},
    {"type", "storage", Class::api},
    {"type", "*", Class::wire},
    {"struct", "protocol", Class::api},
    {"struct", "plugin", Class::api},
    {"struct", "is_struct", Class::api},
    {"struct", "*", Class::wire},
    {"message", "number", Class::doc},
    {"message", "errors", Class::vector},
    {"message", "sender", Class::vector},
    {"message", "receiver", Class::vector},
    {"message", "is_struct", Class::api},
    {"message", "*", Class::wire},
    {"machine", "observable", Class::vector},
    {"machine", "*", Class::state},
    {"scenario", "*", Class::vector},
    {"properties", "*", Class::vector},
    {"plugin", "*", Class::wire},
    {"family", "*", Class::wire},
    {"protocol", "*", Class::wire},
    {"envelope", "*", Class::wire},
    {"specification", "version", Class::doc},
    {"specification", "*", Class::wire},
    {"*", "*", Class::state},
}};

std::optional<long> number(const std::string& text) {
  if (text.empty() || text.size() > 12 || text.find_first_not_of("0123456789") != std::string::npos)
    return std::nullopt;
  return std::stol(text);
}

// An absent upper bound admits everything, an absent lower bound nothing less.
bool loosened(std::string_view key, const std::string& before, const std::string& after) {
  const auto was = number(before);
  const auto is = number(after);
  if (key == "min" || key == "min_bytes") return was && (!is || *is < *was);
  const bool upper = key == "max" || key == "max_bytes" || key.substr(0, 4) == "max_";
  return upper && was && (!is || *is > *was);
}

}  // namespace

ChangeClass class_of_element(std::string_view element_kind, ChangeKind kind) {
  for (const ElementRule& rule : kElementRules) {
    if (rule.kind.empty() || rule.kind == element_kind) return kind == ChangeKind::added ? rule.added : rule.removed;
  }
  return Class::state;
}

ChangeClass class_of_leaf(std::string_view element_kind, std::string_view path, const std::string& before,
                          const std::string& after) {
  const std::size_t dot = path.rfind('.');
  const std::string_view key = dot == std::string_view::npos ? path : path.substr(dot + 1);
  for (const LeafRule& rule : kLeafRules) {
    if (rule.kind != "*" && rule.kind != element_kind) continue;
    if (rule.key != "*" && rule.key != key) continue;
    if (rule.change == Class::wire && loosened(key, before, after)) return Class::xsd;
    return rule.change;
  }
  return Class::state;
}

}  // namespace quickpay::spec
