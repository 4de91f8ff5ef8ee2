// Scenarios: executed over the rows of their machines, and drawn from what happened.
#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "tools/speccompiler/emit/docs.hpp"
#include "tools/speccompiler/emit/text.hpp"

namespace quickpay::spec {
namespace {

constexpr std::size_t kColumn = 30;  // characters between two lifelines

struct Situation {
  std::string state;
  std::map<std::string, std::string> variables;
};

Situation initial_of(const Machine& machine) {
  Situation situation{machine.initial, {}};
  for (const Variable& variable : machine.variables) situation.variables[variable.id] = variable.initial;
  return situation;
}

template <class T>
const T* find_id(const std::vector<T>& elements, const std::string& id) {
  const auto found = std::find_if(elements.begin(), elements.end(), [&](const T& element) { return element.id == id; });
  return found == elements.end() ? nullptr : &*found;
}

std::uint64_t bits_of(const Machine& machine, const Situation& situation, const std::vector<std::string>& with) {
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < machine.predicates.size(); ++i) {
    if (std::find(with.begin(), with.end(), machine.predicates[i].id) != with.end()) bits |= std::uint64_t{1} << i;
  }
  for (std::size_t i = 0; i < machine.atoms.size(); ++i) {
    const Atom& atom = machine.atoms[i];
    const bool equal = situation.variables.at(atom.variable) == atom.value;
    if (equal != atom.negated) bits |= std::uint64_t{1} << (machine.predicates.size() + i);
  }
  return bits;
}

const Row* row_for(const Machine& machine, const Situation& situation, const ScenarioStep& step) {
  const std::uint64_t bits = bits_of(machine, situation, step.with);
  const auto row = std::find_if(machine.rows.begin(), machine.rows.end(), [&](const Row& each) {
    return each.state == situation.state && each.event == step.event && (bits & each.mask) == each.value;
  });
  return row == machine.rows.end() ? nullptr : &*row;
}

void apply(const Row& row, Situation& situation) {
  situation.state = row.to;
  for (const Effect& effect : row.effects) {
    if (effect.verb == "set" && effect.arguments.size() == 2)
      situation.variables[effect.arguments[0]] = effect.arguments[1];
  }
}

/// The columns of a drawing: roles in the order in which the scenario needs them.
std::vector<std::string> roles_of(const std::vector<ExecutedStep>& steps) {
  std::vector<std::string> roles;
  for (const ExecutedStep& step : steps) {
    if (std::find(roles.begin(), roles.end(), step.machine->role) == roles.end()) roles.push_back(step.machine->role);
  }
  return roles;
}

std::size_t column(const std::vector<std::string>& roles, const std::string& role) {
  return static_cast<std::size_t>(std::find(roles.begin(), roles.end(), role) - roles.begin());
}

std::string lifelines(std::size_t count) {
  std::string line;
  for (std::size_t i = 0; i < count; ++i) line += "|" + (i + 1 < count ? std::string(kColumn - 1, ' ') : "");
  return line;
}

/// Who sent what an event brings: empty if it comes from inside.
std::string sender_of(const Spec& spec, const Event& event) {
  const Message* message = find_id(spec.messages, event.message);
  if (message == nullptr) return {};
  if (event.kind == EventKind::request) return message->from.front();  // of several, the first stands for all
  return event.kind == EventKind::response ? message->to : "";
}

std::string arrow(std::size_t count, std::size_t from, std::size_t to, const std::string& label) {
  std::string line = lifelines(count);
  const std::size_t left = std::min(from, to) * kColumn + 1;
  const std::size_t right = std::max(from, to) * kColumn - 1;
  for (std::size_t i = left; i <= right; ++i) line[i] = '-';
  (from < to ? line[right] : line[left]) = from < to ? '>' : '<';
  const std::string shown = " " + label.substr(0, right - left - 3) + " ";
  return line.replace(left + (right - left + 1 - shown.size()) / 2, shown.size(), shown);
}

std::string note(std::size_t count, std::size_t at, const std::string& text) {
  std::string line = lifelines(count).substr(0, at * kColumn) + "* " + text;
  const std::string all = lifelines(count);
  for (std::size_t i = line.size() + 1; i < all.size(); ++i) {
    if (line.size() < i) line += ' ';
    if (all[i] == '|') line = line + std::string(i - line.size(), ' ') + '|';
  }
  return line;
}

/// True if the step before hands this very event over, so that nothing travels.
bool handed_over(const ExecutedStep& before, const ExecutedStep& step) {
  if (before.row == nullptr) return false;
  return std::any_of(before.machine->ports.begin(), before.machine->ports.end(), [&](const Port& port) {
    const Effect effect{"hand-over", {port.id}};
    const auto& effects = before.row->effects;
    return port.machine == step.machine->id && port.event == step.event->id &&
           std::find(effects.begin(), effects.end(), effect) != effects.end();
  });
}

std::string change(const ExecutedStep& step) {
  if (step.row == nullptr) return "no row fits";
  const std::string move = step.from == step.to ? step.from : step.from + " -> " + step.to;
  return fmt::format("[{}] {}", step.row->id, move);
}

}  // namespace

std::vector<ExecutedStep> execute(const Spec& spec, const Scenario& scenario) {
  std::vector<ExecutedStep> out;
  std::map<std::string, Situation> situations;
  for (const ScenarioStep& step : scenario.steps) {
    const Machine* machine = find_id(spec.machines, step.machine);
    const Event* event = machine == nullptr ? nullptr : find_id(machine->events, step.event);
    if (event == nullptr) return out;
    Situation& situation = situations.emplace(machine->id, initial_of(*machine)).first->second;
    ExecutedStep done{&step, machine, event, row_for(*machine, situation, step), situation.state, situation.state};
    if (done.row != nullptr) apply(*done.row, situation);
    done.to = situation.state;
    out.push_back(done);
    if (done.row == nullptr) return out;
  }
  return out;
}

std::string sequence_text(const Spec& spec, const Scenario& scenario) {
  const std::vector<ExecutedStep> steps = execute(spec, scenario);
  const std::vector<std::string> roles = roles_of(steps);
  std::string out;
  for (const std::string& role : roles) out += fmt::format("{:<{}}", role, kColumn);
  out.erase(out.find_last_not_of(' ') + 1);
  out += "\n";
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const ExecutedStep& step = steps[i];
    const std::size_t at = column(roles, step.machine->role);
    const std::size_t from = column(roles, sender_of(spec, *step.event));
    const bool travels = from < roles.size() && from != at && (i == 0 || !handed_over(steps[i - 1], step));
    if (travels) out += arrow(roles.size(), from, at, step.event->id) + "\n";
    out += note(roles.size(), at, travels ? change(step) : step.event->id + " " + change(step)) + "\n";
    if (step.row != nullptr && !step.row->effects.empty()) {
      std::vector<std::string> effects;
      for (const Effect& effect : step.row->effects) effects.push_back(effect_id(effect));
      out += note(roles.size(), at, "  " + join(effects, "; ")) + "\n";
    }
  }
  return out;
}

}  // namespace quickpay::spec
