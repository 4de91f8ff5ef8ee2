// machines.md: every machine as blocks of cases tried from the top, and the scenarios that were executed over its rows.
#include <algorithm>

#include <fmt/format.h>

#include "tools/speccompiler/emit/docs.hpp"
#include "tools/speccompiler/emit/files.hpp"
#include "tools/speccompiler/emit/text.hpp"

namespace quickpay::spec {
namespace {

std::string kind_words(const Machine& machine, const Event& event) {
  const std::string link = fmt::format("[{}](messages.md#{})", event.message, message_anchor(machine.protocol, event.message));
  switch (event.kind) {
    case EventKind::request:
      return "the request " + link + " arrives";
    case EventKind::response:
      return "a response to " + link + ", or none";
    case EventKind::timer:
      return fmt::format("the timer `{}` runs out", event.timer);
    case EventKind::action:
      return "an action of the user or the operator";
    case EventKind::fetch:
      return "a fetch ends";
  }
  return {};
}

std::string selection(const Event& event) {
  std::vector<std::string> parts;
  for (const std::string& code : event.codes) parts.push_back(code);
  if (!event.classes.empty()) parts.push_back("class " + join(event.classes, ", "));
  return join(parts, ", ");
}

std::string states_and_variables(const Machine& machine) {
  std::string out = "\n| state | | meaning |\n|---|---|---|\n";
  for (const State& state : machine.states) {
    const bool initial = state.id == machine.initial;
    out += fmt::format("| `{}` | {} | {} |\n", state.id,
                       initial          ? "initial"
                       : state.terminal ? "terminal"
                                        : "",
                       md_cell(state.text));
  }
  if (machine.variables.empty()) return out;
  out += "\n| variable | values | initially | meaning |\n|---|---|---|---|\n";
  for (const Variable& variable : machine.variables) {
    out += fmt::format("| `{}` | {} | {} | {} |\n", variable.id, join(variable.values, ", "), variable.initial,
                       md_cell(variable.text));
  }
  return out;
}

std::string default_words(const Machine& machine, std::size_t event) {
  const int index = event < machine.default_of_event.size() ? machine.default_of_event[event] : -1;
  if (index < 0) return "–";
  const Default& fallback = machine.defaults[static_cast<std::size_t>(index)];
  const std::string rules = requirement_links(fallback.requirements);
  return effects_text(fallback.effects) + (rules.empty() ? "" : " " + rules);
}

std::string events(const Machine& machine) {
  std::string out = "\n| event | when | codes or classes | in a state without a block |\n|---|---|---|---|\n";
  for (std::size_t i = 0; i < machine.events.size(); ++i) {
    const Event& event = machine.events[i];
    out += fmt::format("| `{}` | {}{}{} | {} | {} |\n", event.id, kind_words(machine, event), event.text.empty() ? "" : ": ",
                       md_cell(event.text), selection(event), default_words(machine, i));
  }
  return out;
}

std::string predicates(const Machine& machine) {
  if (machine.predicates.empty()) return {};
  std::string out = "\n| condition | true if | of | an onlooker can tell | rules |\n|---|---|---|---|---|\n";
  for (const Predicate& predicate : machine.predicates) {
    out += fmt::format("| `{}` | {} | {} | {} | {} |\n", predicate.id, md_cell(predicate.text), predicate.over,
                       predicate.observable == "wire" ? "yes" : "no", requirement_links(predicate.requirements));
  }
  out += "\nA condition is false where what it is about is missing.";
  for (const Implication& each : machine.implications)
    out += fmt::format(" `{}` implies `{}`.", each.if_predicate, each.then_predicate);
  return out + "\n";
}

std::string actions_and_ports(const Machine& machine) {
  if (machine.actions.empty() && machine.ports.empty()) return {};
  std::string out = "\n| action or port | what |\n|---|---|\n";
  for (const Common& action : machine.actions) {
    out += fmt::format("| perform `{}` | {} {} |\n", action.id, md_cell(action.text),
                       requirement_links(action.requirements));
  }
  for (const Port& port : machine.ports) {
    const std::string target = port.machine.empty() ? "protocol " + port.protocol
                                                    : fmt::format("[{0}](#{0}), event `{1}`", port.machine, port.event);
    out += fmt::format("| hand-over `{}` | to {}: {} |\n", port.id, target, md_cell(port.text));
  }
  return out;
}

std::string block(const Machine& machine, const Block& block) {
  std::string out = fmt::format("\n**`{}`** in **`{}`**\n\n| row | if | then | do | rules |\n|---|---|---|---|---|\n",
                                block.event, join(block.states, "`, `"));
  for (const Case& each : block.cases) {
    const std::string condition =
        each.condition.empty() ? (block.cases.size() == 1 ? "always" : "otherwise") : "`" + each.condition + "`";
    const std::string to = each.to == "same" ? "stays" : "`" + each.to + "`";
    out += fmt::format("| {}{} | {} | {} | {} | {} |\n", anchor("row-" + machine.id + "-" + each.id), each.id,
                       condition, to, effects_text(each.effects), requirement_links(each.requirements));
  }
  return out;
}

std::string cell(const Machine& machine, const State& state, const Event& event) {
  std::vector<std::string> ids;
  for (const Block& block : machine.blocks) {
    const auto& states = block.states;
    if (block.event != event.id || std::find(states.begin(), states.end(), state.id) == states.end()) continue;
    for (const Case& each : block.cases) ids.push_back(each.id);
  }
  if (ids.empty()) return "·";
  return ids.size() == 1 ? ids.front() : ids.front() + "–" + ids.back();
}

std::string matrix(const Machine& machine) {
  std::string out = "\n| event |";
  std::string line = "\n|---|";
  for (const State& state : machine.states) {
    out += " " + state.id + " |";
    line += "---|";
  }
  out += line + "\n";
  for (const Event& event : machine.events) {
    out += fmt::format("| `{}` |", event.id);
    for (const State& state : machine.states) out += " " + cell(machine, state, event) + " |";
    out += "\n";
  }
  return out;
}

std::string machine_section(const Machine& machine) {
  std::string out = fmt::format("\n## {}{}\n\n{} One machine at the role {} for each ({}). [Diagram]({}.dot). {}\n",
                                anchor(machine.id), machine.id, machine.text, machine.role, join(machine.key, ", "),
                                machine_word(machine), requirement_links(machine.requirements));
  out += states_and_variables(machine) + events(machine) + predicates(machine) + actions_and_ports(machine);
  out += "\n### Rows of " + machine.id + "\n\nWhich rows there are (· the default of the event):\n" + matrix(machine);
  for (const Block& each : machine.blocks) out += block(machine, each);
  return out;
}

}  // namespace

std::string machines_md(const Spec& spec) {
  std::string out = R"(
# Machines

A machine is in one state. When an event comes, the cases of the block for this state and event are tried from the top; the first whose
condition holds is taken: its effects are done in order and the machine goes to the state named under *then*. In a state without a block for
the event the default of the event applies and the state stays.
)";
  for (const Machine& machine : spec.machines)
    out +=
        fmt::format("{0}* [{1}](#{1}): {2}", &machine == &spec.machines.front() ? "\n" : "", machine.id, machine.text) +
        "\n";
  for (const Machine& machine : spec.machines) out += machine_section(machine);
  out +=
      "\n# Scenarios\n\nEach was executed over the rows above; a step shows the event, the row taken and the change of "
      "state.\n";
  for (const Scenario& scenario : spec.scenarios) {
    out += fmt::format("\n## {}{}\n\n{} [Diagram](scenario-{}.dot). {}\n\n```\n{}```\n",
                       anchor("scenario-" + scenario.id), scenario.id, scenario.text, scenario.id,
                       requirement_links(scenario.requirements), sequence_text(spec, scenario));
  }
  return out;
}

}  // namespace quickpay::spec
