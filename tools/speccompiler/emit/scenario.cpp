// Scenarios: executed over the rows of their machines, and drawn from what happened.
#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "tools/speccompiler/emit/docs.hpp"
#include "tools/speccompiler/emit/machine_run.hpp"
#include "tools/speccompiler/emit/text.hpp"

namespace quickpay::spec {
namespace {

constexpr std::size_t kColumn = 30;  // characters between two lifelines

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
std::string sender_of(const Spec& spec, const Machine& machine, const Event& event) {
  const Message* message = find_message(spec, machine.protocol, event.message);
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
    const Row* row = row_for(*machine, situation, step.event, predicate_bits(*machine, step.with));
    ExecutedStep done{&step, machine, event, row, situation.state, situation.state};
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
    const std::size_t from = column(roles, sender_of(spec, *step.machine, *step.event));
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
