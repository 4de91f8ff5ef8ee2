// Scenarios are run: each step must take the row that it names.
#include <fmt/format.h>

#include <map>

#include "tools/speccompiler/lint/machines.hpp"

namespace quickpay::spec {
namespace {

/// Where one machine of a scenario stands.
struct Instance {
  std::string state;
  std::map<std::string, std::string> variables;
};

class ScenarioLint {
 public:
  ScenarioLint(LintContext& context, const Scenario& scenario) : context_(context), scenario_(scenario) {}

  void run() {
    if (scenario_.steps.empty()) context_.add(scenario_.at, fmt::format("scenario '{}' has no steps", scenario_.id));
    for (const ScenarioStep& step : scenario_.steps) {
      if (!take(step)) return;  // what follows would only repeat the finding
    }
  }

 private:
  bool take(const ScenarioStep& step) {
    if (!context_.known(step.at, "machine", step.machine, ids_of(context_.spec.machines))) return false;
    const Machine& machine = *find_id(context_.spec.machines, step.machine);
    if (!expanded(machine)) return false;
    if (!context_.known(step.at, "event", step.event, ids_of(machine.events)) || !sound(step, machine)) return false;
    Instance& instance = instance_of(machine);
    const Row* row = select(machine, instance, step);
    const std::string taken = row != nullptr ? row->case_id : default_id(machine, step.event);
    const bool as_said = taken == step.row || (row != nullptr && row->id == step.row);
    if (!as_said) {
      context_.add(step.at, fmt::format("in state '{}' event '{}' takes '{}', not '{}'", instance.state, step.event,
                                        taken.empty() ? "nothing" : taken, step.row));
      return false;
    }
    if (row != nullptr) apply(*row, instance);
    return true;
  }

  // The predicates exist, and what they imply is said too.
  bool sound(const ScenarioStep& step, const Machine& machine) {
    for (const std::string& id : step.with) {
      if (!context_.known(step.at, "predicate", id, ids_of(machine.predicates))) return false;
    }
    for (const Implication& implication : machine.implications) {
      if (!contains(step.with, implication.if_predicate) || contains(step.with, implication.then_predicate)) continue;
      context_.add(step.at, fmt::format("'{}' implies '{}', which the step does not name", implication.if_predicate,
                                        implication.then_predicate));
      return false;
    }
    return true;
  }

  Instance& instance_of(const Machine& machine) {
    const auto [found, fresh] = instances_.try_emplace(machine.id);
    if (fresh) {
      found->second.state = machine.initial;
      for (const Variable& variable : machine.variables) found->second.variables[variable.id] = variable.initial;
    }
    return found->second;
  }

  static std::uint64_t bits_of(const Machine& machine, const Instance& instance, const ScenarioStep& step) {
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < machine.predicates.size(); ++i) {
      if (contains(step.with, machine.predicates[i].id)) bits |= std::uint64_t{1} << i;
    }
    for (std::size_t i = 0; i < machine.atoms.size(); ++i) {
      const Atom& atom = machine.atoms[i];
      if (instance.variables.at(atom.variable) != atom.value) continue;
      bits |= std::uint64_t{1} << (machine.predicates.size() + i);
    }
    return bits;
  }

  static const Row* select(const Machine& machine, const Instance& instance, const ScenarioStep& step) {
    const std::uint64_t bits = bits_of(machine, instance, step);
    for (const Row& row : machine.rows) {
      const bool here = row.state == instance.state && row.event == step.event;
      if (here && (bits & row.mask) == row.value) return &row;
    }
    return nullptr;
  }

  static std::string default_id(const Machine& machine, const std::string& event) {
    const Event* found = find_id(machine.events, event);
    const auto index = static_cast<std::size_t>(found - machine.events.data());
    const int chosen = index < machine.default_of_event.size() ? machine.default_of_event[index] : -1;
    return chosen < 0 ? std::string() : machine.defaults[static_cast<std::size_t>(chosen)].id;
  }

  static void apply(const Row& row, Instance& instance) {
    instance.state = row.to;
    for (const Effect& effect : row.effects) {
      if (effect.verb == "set" && effect.arguments.size() == 2)
        instance.variables[effect.arguments[0]] = effect.arguments[1];
    }
  }

  LintContext& context_;
  const Scenario& scenario_;
  std::map<std::string, Instance> instances_;
};

}  // namespace

void lint_scenarios(LintContext& context) {
  for (const Scenario& scenario : context.spec.scenarios) ScenarioLint(context, scenario).run();
}

}  // namespace quickpay::spec
