// What all checks share: the specification, the findings, and names with their nearest neighbours.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "tools/speccompiler/ir/diagnostic.hpp"
#include "tools/speccompiler/ir/ir.hpp"
#include "tools/speccompiler/ir/suggest.hpp"

namespace quickpay::spec {

template <class T>
const T* find_id(const std::vector<T>& items, std::string_view id) {
  const auto found = std::find_if(items.begin(), items.end(), [&](const T& item) { return item.id == id; });
  return found == items.end() ? nullptr : &*found;
}

template <class T>
std::vector<std::string> ids_of(const std::vector<T>& items) {
  std::vector<std::string> ids;
  for (const T& item : items) ids.push_back(item.id);
  return ids;
}

inline bool contains(const std::vector<std::string>& list, std::string_view item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

/// Collects findings about one specification.
class LintContext {
 public:
  explicit LintContext(const Spec& specification) : spec(specification) {}

  void add(const Location& at, std::string message, std::string suggestion = {}) {
    findings.push_back({at, Severity::error, std::move(message), std::move(suggestion)});
  }

  /// Whether `id` is one of `known`; if not, adds "unknown <what> '<id>'" with the nearest name.
  bool known(const Location& at, const std::string& what, const std::string& id,
             const std::vector<std::string>& known_ids) {
    if (contains(known_ids, id)) return true;
    add(at, "unknown " + what + " '" + id + "'", did_you_mean(id, known_ids));
    return false;
  }

  const Spec& spec;
  Diagnostics findings;
};

// Each checks one part; the order does not matter.
void lint_ids(LintContext& context);
void lint_lists(LintContext& context);
void lint_types(LintContext& context);
void lint_structs(LintContext& context);
void lint_messages(LintContext& context);
void lint_machines(LintContext& context);
void lint_scenarios(LintContext& context);
void lint_requirements(LintContext& context);
void lint_properties(LintContext& context);
void lint_plugins(LintContext& context);

}  // namespace quickpay::spec
