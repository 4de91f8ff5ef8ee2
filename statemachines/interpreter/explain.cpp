#include "statemachines/interpreter/explain.hpp"

#include <algorithm>

namespace quickpay::statemachines {
namespace {

std::string value_name(const MachineModel& model, std::size_t variable, std::size_t value) {
  if (variable >= model.variables.size() || value >= model.variables[variable].values.size())
    return std::to_string(value);
  return model.variables[variable].values[value];
}

std::string variable_name(const MachineModel& model, std::size_t variable) {
  return variable < model.variables.size() ? model.variables[variable].id : "variable " + std::to_string(variable);
}

std::string atom_sentence(const MachineModel& model, const AtomInfo& atom, bool wanted) {
  const bool equal = wanted != atom.negated;
  return variable_name(model, atom.variable) + (equal ? " is " : " is not ") +
         value_name(model, atom.variable, atom.value);
}

// Joins what `piece(bit, wanted)` says about each bit of a mask.
template <class Piece>
std::string join_bits(std::uint64_t mask, std::uint64_t value, std::string_view separator, Piece piece) {
  std::string text;
  for (std::size_t bit = 0; bit < kMaxBits; ++bit) {
    if (((mask >> bit) & 1U) == 0) continue;
    if (!text.empty()) text += separator;
    text += piece(bit, ((value >> bit) & 1U) != 0);
  }
  return text;
}

std::string condition_sentence(const MachineModel& model, const ModelRow& row) {
  const std::size_t predicates = model.predicates.size();
  return join_bits(row.mask, row.value, ", and ", [&](std::size_t bit, bool wanted) -> std::string {
    if (bit < predicates) {
      const ModelPredicate& predicate = model.predicates[bit];
      return (wanted ? "" : "it is not so that ") + predicate.text + " (" + predicate.id + ")";
    }
    if (bit - predicates >= model.atoms.size()) return "unknown bit " + std::to_string(bit);
    return atom_sentence(model, model.atoms[bit - predicates], wanted);
  });
}

// Whether the atoms of the row agree with the snapshot.
bool variables_allow(const MachineModel& model, const ModelRow& row, const Snapshot& snapshot) {
  for (std::size_t i = 0; i < model.atoms.size(); ++i) {
    const std::size_t bit = model.predicates.size() + i;
    if (bit >= kMaxBits || ((row.mask >> bit) & 1U) == 0) continue;
    const AtomInfo& atom = model.atoms[i];
    const bool holds = (snapshot.variables[atom.variable] == atom.value) != atom.negated;
    if (holds != (((row.value >> bit) & 1U) != 0)) return false;
  }
  return true;
}

std::string row_sentence(const MachineModel& model, const ModelRow& row) {
  const std::string target = row.to < model.states.size() ? model.states[row.to] : std::to_string(row.to);
  const std::string when = row.mask == 0 ? "always" : "if " + condition_sentence(model, row);
  return row.id + ": " + when + ": to " + target + ", " + describe_effects(model, row.effects);
}

std::string default_sentence(const MachineModel& model, const Snapshot& snapshot, EventId event) {
  const std::string start = "no row for " + model.events[event].id + " in " + model.states[snapshot.state] + ": ";
  const int index = model.events[event].default_index;
  if (index < 0 || static_cast<std::size_t>(index) >= model.defaults.size()) return start + "nothing happens";
  const ModelDefault& given = model.defaults[static_cast<std::size_t>(index)];
  return start + given.id + ", " + describe_effects(model, given.effects);
}

}  // namespace

std::vector<std::string> explain(const MachineModel& model, const Snapshot& snapshot, EventId event) {
  if (snapshot.state >= model.states.size()) return {model.id + " has no state number " + std::to_string(snapshot.state)};
  if (event >= model.events.size()) return {model.id + " has no event number " + std::to_string(event)};
  std::vector<std::string> sentences;
  bool any_row = false;
  for (const ModelRow& row : model.rows) {
    if (row.state != snapshot.state || row.event != event) continue;
    any_row = true;
    if (variables_allow(model, row, snapshot)) sentences.push_back(row_sentence(model, row));
  }
  if (!any_row) sentences.push_back(default_sentence(model, snapshot, event));
  return sentences;
}

std::vector<std::string> allowed_events(const MachineModel& model, const Snapshot& snapshot) {
  std::vector<std::string> events;
  for (std::size_t event = 0; event < model.events.size(); ++event) {
    const bool possible = std::any_of(model.rows.begin(), model.rows.end(), [&](const ModelRow& row) {
      return row.state == snapshot.state && row.event == event && variables_allow(model, row, snapshot);
    });
    if (possible) events.push_back(model.events[event].id);
  }
  return events;
}

std::string describe(const MachineModel& model, const Snapshot& snapshot) {
  std::string text =
      snapshot.state < model.states.size() ? model.states[snapshot.state] : "state " + std::to_string(snapshot.state);
  const std::size_t count = std::min(model.variables.size(), kMaxVariables);
  if (count == 0) return text;
  text += " (";
  for (std::size_t i = 0; i < count; ++i) {
    if (i > 0) text += ", ";
    text += model.variables[i].id + " = " + value_name(model, i, snapshot.variables[i]);
  }
  return text + ")";
}

std::string describe_bits(const MachineModel& model, std::uint64_t mask, std::uint64_t value) {
  const std::size_t predicates = model.predicates.size();
  const std::string text = join_bits(mask, value, ", ", [&](std::size_t bit, bool wanted) -> std::string {
    if (bit < predicates) return (wanted ? "" : "not ") + model.predicates[bit].id;
    if (bit - predicates >= model.atoms.size()) return "bit " + std::to_string(bit);
    return atom_sentence(model, model.atoms[bit - predicates], wanted);
  });
  return text.empty() ? "nothing" : text;
}

std::string describe_effects(const MachineModel& model, const std::vector<EffectId>& effects) {
  std::string text;
  for (const EffectId effect : effects) {
    if (!text.empty()) text += "; ";
    text += effect < model.effects.size() ? model.effects[effect].id : "effect " + std::to_string(effect);
  }
  return text.empty() ? "no effect" : text;
}

std::string row_name(const MachineModel& model, RowId row) {
  for (const ModelRow& candidate : model.rows)
    if (candidate.number == row) return candidate.id;
  for (const ModelDefault& candidate : model.defaults)
    if (candidate.number == row) return candidate.id;
  return "none";
}

}  // namespace quickpay::statemachines
