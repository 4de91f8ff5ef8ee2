#include "tools/speccompiler/lint/fields.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "tools/speccompiler/regex/regex.hpp"

namespace quickpay::spec {
namespace {

class FieldLint {
 public:
  FieldLint(LintContext& context, const std::string& owner, const Fields& fields)
      : context_(context), owner_(owner), fields_(fields) {}

  void run() {
    std::set<std::string> names;
    for (const Field& field : fields_) {
      if (!names.insert(field.id).second) add(field, fmt::format("'{}' has the field '{}' twice", owner_, field.id));
      name(field);
      if (field.is_struct || type(field)) values(field);
      profiles(field);
      if (field.condition) condition(field);
    }
    choices();
  }

 private:
  void add(const Field& field, std::string message) { context_.add(field.at, std::move(message)); }

  void name(const Field& field) {
    if (matches("[A-Za-z][A-Za-z0-9]*", field.id)) return;
    add(field, fmt::format("the name of field '{}' must be letters and digits", field.id));
  }

  bool type(const Field& field) {
    std::vector<std::string> known = ids_of(context_.spec.types);
    for (const Struct& s : context_.spec.structs) known.push_back(s.id);
    if (!context_.known(field.at, "type", field.type, known)) return false;
    bounds(field, *find_id(context_.spec.types, field.type));
    return true;
  }

  // A reader's buffers are bounded by the specification, so every leaf has to be.
  void bounds(const Field& field, const Type& leaf) {
    if (field.max_bytes && leaf.max_bytes && *field.max_bytes > *leaf.max_bytes) {
      add(field, fmt::format("field '{}' widens the bound of type '{}'", field.id, leaf.id));
    }
    if (field.max_bytes && *field.max_bytes < std::max<std::uint32_t>(leaf.min_bytes, 1)) {
      add(field, fmt::format("field '{}' is bound to less than type '{}' needs", field.id, leaf.id));
    }
    if (field.max_bytes || leaf.max_bytes || !leaf.values.empty()) return;
    const auto pattern = parse_pattern(leaf.pattern);
    const bool endless = leaf.charset_text || (pattern && longest_match(*pattern) == RegexNode::kUnbounded);
    if (endless) add(field, fmt::format("field '{}' has no upper bound: give 'max-bytes'", field.id));
  }

  void values(const Field& field) {
    const bool decorated = field.max_bytes || !field.fixed.empty();
    if (field.is_struct && decorated) add(field, fmt::format("field '{}' is a struct and has no value", field.id));
    if (!field.is_struct && !field.fixed.empty()) lint_value(context_, field.at, field, field.fixed);
    if (field.where.empty()) return;
    const Struct* inner = find_id(context_.spec.structs, field.type);
    if (inner == nullptr) return add(field, fmt::format("field '{}' is a leaf and has no inner fields", field.id));
    for (const Where& where : field.where) {
      const Field* leaf = find_leaf(context_, field.at, inner->fields, where.path);
      if (leaf != nullptr) lint_value(context_, field.at, *leaf, where.value);
    }
  }

  void profiles(const Field& field) {
    std::set<std::string> seen;
    for (const ProfileRule& rule : field.profiles) {
      context_.known(field.at, "profile", rule.profile, ids_of(context_.spec.profiles));
      if (rule.min < field.min || rule.max > field.max) {
        add(field, fmt::format("profile {} widens the cardinality of field '{}'", rule.profile, field.id));
      }
      if (!seen.insert(rule.profile).second) {
        add(field, fmt::format("field '{}' has two rules for profile {}", field.id, rule.profile));
      }
    }
  }

  void condition(const Field& field) {
    const Field* leaf = find_leaf(context_, field.at, fields_, field.condition->path);
    if (leaf != nullptr) lint_value(context_, field.at, *leaf, field.condition->value);
    // A reader decides while it reads: the leaf has to come first.
    const Field* first = find_id(fields_, field.condition->path.front());
    if (first != nullptr && find_id(fields_, field.id) <= first) {
      add(field, fmt::format("field '{}' depends on '{}', which comes later", field.id, first->id));
    }
  }

  void choices() {
    for (const Field& field : fields_) {
      if (field.choice == 0 || field.min > 0) continue;
      add(field, fmt::format("alternative '{}' must occur at least once", field.id));
    }
  }

  LintContext& context_;
  const std::string& owner_;
  const Fields& fields_;
};

}  // namespace

const Field* find_leaf(LintContext& context, const Location& at, const Fields& fields,
                       const std::vector<std::string>& path) {
  const Fields* level = &fields;
  for (std::size_t i = 0; i < path.size(); ++i) {
    const Field* field = find_id(*level, path[i]);
    if (field == nullptr) return context.known(at, "field", path[i], ids_of(*level)), nullptr;
    const Struct* inner = find_id(context.spec.structs, field->type);
    const bool last = i + 1 == path.size();
    if (last && inner == nullptr) return field;
    if (last || inner == nullptr) {
      context.add(at,
                  fmt::format("'{}' is {}", field->id, last ? "a struct, not a leaf" : "a leaf without inner fields"));
      return nullptr;
    }
    level = &inner->fields;
  }
  return nullptr;
}

void lint_value(LintContext& context, const Location& at, const Field& field, const std::string& value) {
  const Type* type = find_id(context.spec.types, field.type);
  if (type == nullptr) return;
  if (!type->values.empty()) {
    context.known(at, fmt::format("value of type {}:", type->id), value, type->values);
    return;
  }
  const auto pattern = parse_pattern(type->pattern);
  if (type->pattern.empty() || !pattern || matches(*pattern, value)) return;
  context.add(at, fmt::format("'{}' is no value of type '{}'", value, type->id));
}

void lint_fields(LintContext& context, const std::string& owner, const Fields& fields) {
  FieldLint(context, owner, fields).run();
}

}  // namespace quickpay::spec
