// What is declared is used, what is written can happen.
#include <fmt/format.h>

#include <set>

#include "tools/speccompiler/expand/expression.hpp"
#include "tools/speccompiler/expand/feasible.hpp"
#include "tools/speccompiler/lint/machines.hpp"

namespace quickpay::spec {
namespace {

void collect_names(const Expression& expression, std::set<std::string>& names) {
  if (!expression.name.empty()) names.insert(expression.name);
  for (const Expression& operand : expression.operands) collect_names(operand, names);
}

// Predicates and variables that some condition reads.
std::set<std::string> names_in_conditions(const Machine& machine) {
  std::set<std::string> names;
  for (const Block& block : machine.blocks) {
    for (const Case& written : block.cases) {
      const auto parsed =
          written.condition.empty() ? tl::make_unexpected(ExpressionError{}) : parse_expression(written.condition);
      if (parsed) collect_names(*parsed, names);
    }
  }
  return names;
}

std::set<std::string> arguments_of(const Machine& machine, std::string_view verb) {
  std::set<std::string> arguments;
  for (const Effect& effect : all_effects(machine)) {
    if (effect.verb == verb && !effect.arguments.empty()) arguments.insert(effect.arguments[0]);
  }
  return arguments;
}

template <class T>
void unused(LintContext& context, const Machine& machine, std::string_view what, const std::vector<T>& items,
            const std::set<std::string>& used) {
  for (const T& item : items) {
    if (used.count(item.id) == 0)
      context.add(item.at, fmt::format("{}: {} '{}' is not used", machine.id, what, item.id));
  }
}

std::set<std::string> reachable_states(const Machine& machine) {
  std::set<std::string> reached{machine.initial};
  for (bool changed = true; changed;) {
    changed = false;
    for (const Row& row : machine.rows) {
      if (reached.count(row.state) == 0 || !feasible(machine, {row.mask, row.value})) continue;
      changed = reached.insert(row.to).second || changed;
    }
  }
  return reached;
}

bool has_rows(const Machine& machine, const Block& block) {
  return std::any_of(machine.rows.begin(), machine.rows.end(),
                     [&](const Row& row) { return row.event == block.event && contains(block.states, row.state); });
}

}  // namespace

bool expanded(const Machine& machine) {
  return std::all_of(machine.blocks.begin(), machine.blocks.end(),
                     [&](const Block& b) { return has_rows(machine, b); });
}

std::vector<Effect> all_effects(const Machine& machine) {
  std::vector<Effect> effects;
  for (const Block& block : machine.blocks) {
    for (const Case& written : block.cases)
      effects.insert(effects.end(), written.effects.begin(), written.effects.end());
  }
  for (const Default& written : machine.defaults) {
    effects.insert(effects.end(), written.effects.begin(), written.effects.end());
  }
  return effects;
}

void lint_use(LintContext& context, const Machine& machine) {
  if (expanded(machine)) {
    const auto names = names_in_conditions(machine);
    unused(context, machine, "predicate", machine.predicates, names);
    unused(context, machine, "variable", machine.variables, names);
  }
  unused(context, machine, "action", machine.actions, arguments_of(machine, "perform"));
  unused(context, machine, "port", machine.ports, arguments_of(machine, "hand-over"));
  const auto set = arguments_of(machine, "set");
  for (const Variable& variable : machine.variables) {
    if (set.count(variable.id) == 0) {
      context.add(variable.at, fmt::format("{}: variable '{}' is never set", machine.id, variable.id));
    }
  }
}

void lint_reach(LintContext& context, const Machine& machine) {
  if (!expanded(machine)) return;
  std::set<std::string> possible;
  for (const Row& row : machine.rows) {
    if (feasible(machine, {row.mask, row.value})) possible.insert(row.case_id);
  }
  for (const Block& block : machine.blocks) {
    for (const Case& written : block.cases) {
      if (possible.count(written.id) != 0) continue;
      context.add(written.at, fmt::format("{}: case '{}' can never be taken", machine.id, written.id));
    }
  }
  const auto reached = reachable_states(machine);
  for (const State& state : machine.states) {
    if (reached.count(state.id) != 0) continue;
    context.add(state.at, fmt::format("{}: state '{}' is never reached", machine.id, state.id));
  }
}

}  // namespace quickpay::spec
