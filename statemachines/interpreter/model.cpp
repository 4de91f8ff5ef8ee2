#include "statemachines/interpreter/model.hpp"

#include <algorithm>

namespace quickpay::statemachines {
namespace {

std::vector<std::string> strings(std::span<const std::string_view> views) { return {views.begin(), views.end()}; }

std::vector<EffectId> ids(std::span<const EffectId> effects) { return {effects.begin(), effects.end()}; }

void add_rows(const MachineTable& table, MachineModel& model) {
  for (const RowInfo& row : table.rows) {
    const auto number = static_cast<RowId>(model.rows.size());
    model.rows.push_back({std::string(row.id), number, row.state, row.event, row.to, row.mask, row.value,
                          ids(row.effects), strings(row.requirements)});
  }
  for (const DefaultInfo& given : table.defaults) {
    const auto number = static_cast<RowId>(table.rows.size() + model.defaults.size());
    model.defaults.push_back({std::string(given.id), number, ids(given.effects), strings(given.requirements)});
  }
}

}  // namespace

MachineModel model_of(const MachineTable& table) {
  MachineModel model;
  model.id = table.id;
  model.initial = table.initial;
  for (const StateInfo& state : table.states) model.states.emplace_back(state.id);
  for (const VariableInfo& variable : table.variables)
    model.variables.push_back({std::string(variable.id), strings(variable.values), variable.initial});
  for (const EventInfo& event : table.events)
    model.events.push_back({std::string(event.id), event.kind, event.default_index});
  for (const PredicateInfo& predicate : table.predicates)
    model.predicates.push_back({std::string(predicate.id), std::string(predicate.text)});
  model.atoms.assign(table.atoms.begin(), table.atoms.end());
  for (const EffectInfo& effect : table.effects)
    model.effects.push_back({std::string(effect.id), effect.verb, effect.variable, effect.value});
  add_rows(table, model);
  return model;
}

Snapshot initial_snapshot(const MachineModel& model) {
  Snapshot snapshot;
  snapshot.state = model.initial;
  for (std::size_t i = 0; i < std::min(model.variables.size(), kMaxVariables); ++i)
    snapshot.variables[i] = model.variables[i].initial;
  return snapshot;
}

}  // namespace quickpay::statemachines
