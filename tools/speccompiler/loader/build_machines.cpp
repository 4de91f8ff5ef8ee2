// Protocols, machines and scenarios.
#include <fmt/format.h>

#include "tools/speccompiler/loader/reader.hpp"
#include "tools/speccompiler/loader/words.hpp"

namespace quickpay::spec {
namespace {

std::vector<Effect> build_effects(Reader& reader, pugi::xml_node node) {
  std::vector<Effect> effects;
  const std::string text = folded(Reader::text(node, "do"));
  if (text.empty()) return effects;
  for (const std::string& piece : split_at(text, ';')) {
    auto words = split_words(piece);
    if (words.empty()) {
      reader.add(node, "an effect without a verb");
      continue;
    }
    Effect effect{words.front(), {words.begin() + 1, words.end()}};
    effects.push_back(std::move(effect));
  }
  return effects;
}

Event build_event(Reader& reader, pugi::xml_node node) {
  static const std::vector<std::pair<std::string_view, EventKind>> kKinds{{"request", EventKind::request},
                                                                          {"response", EventKind::response},
                                                                          {"timer", EventKind::timer},
                                                                          {"action", EventKind::action},
                                                                          {"fetch", EventKind::fetch}};
  Event event;
  reader.common(node, event);
  for (const auto& [name, kind] : kKinds) {
    if (Reader::text(node, "kind") == name) event.kind = kind;
  }
  event.message = Reader::text(node, "message");
  event.timer = Reader::text(node, "timer");
  event.codes = Reader::words(node, "codes");
  event.classes = Reader::words(node, "classes");
  return event;
}

Variable build_variable(Reader& reader, pugi::xml_node node) {
  Variable variable;
  reader.common(node, variable);
  const bool boolean = Reader::text(node, "type") == "bool";
  variable.values = boolean ? std::vector<std::string>{"no", "yes"} : Reader::words(node, "values");
  variable.initial = Reader::text(node, "initial");
  if (boolean == Reader::has(node, "values")) {
    reader.add(node, fmt::format("variable '{}' must list 'values' if its type is enum, and only then", variable.id));
  }
  return variable;
}

Block build_block(Reader& reader, pugi::xml_node node) {
  Block block;
  block.states = Reader::words(node, "state");
  block.event = Reader::text(node, "event");
  block.at = reader.at(node);
  for (const pugi::xml_node inner : node.children()) {
    if (inner.type() != pugi::node_element) continue;
    Case built;
    reader.common(inner, built);
    built.condition = folded(Reader::text(inner, "if"));
    built.to = Reader::text(inner, "to");
    built.effects = build_effects(reader, inner);
    const bool otherwise = std::string_view(inner.name()) == "otherwise";
    if (!otherwise && built.condition.empty())
      reader.add(inner, fmt::format("case '{}' has an empty condition", built.id));
    block.cases.push_back(std::move(built));
  }
  return block;
}

void build_part(Reader& reader, pugi::xml_node node, Machine& machine) {
  const std::string_view name = node.name();
  if (name == "state") {
    State state;
    reader.common(node, state);
    state.terminal = Reader::yes(node, "terminal");
    machine.states.push_back(std::move(state));
  } else if (name == "variable") {
    machine.variables.push_back(build_variable(reader, node));
  } else if (name == "event") {
    machine.events.push_back(build_event(reader, node));
  } else if (name == "predicate") {
    Predicate predicate;
    reader.common(node, predicate);
    predicate.over = Reader::text(node, "over");
    predicate.observable = Reader::text(node, "observable");
    predicate.abstraction = folded(Reader::text(node, "abstract"));
    machine.predicates.push_back(std::move(predicate));
  } else if (name == "implies") {
    machine.implications.push_back({Reader::text(node, "if"), Reader::text(node, "then"), reader.at(node)});
  } else if (name == "action") {
    Common action;
    reader.common(node, action);
    machine.actions.push_back(std::move(action));
  } else if (name == "on") {
    machine.blocks.push_back(build_block(reader, node));
  }
}

void build_port(Reader& reader, pugi::xml_node node, Machine& machine) {
  Port port;
  reader.common(node, port);
  port.protocol = Reader::text(node, "protocol");
  port.machine = Reader::text(node, "machine");
  port.event = Reader::text(node, "event");
  if (port.protocol.empty() == port.machine.empty()) {
    reader.add(node, fmt::format("port '{}' must lead either to a protocol or to a machine", port.id));
  }
  if (port.machine.empty() != port.event.empty()) {
    reader.add(node, fmt::format("port '{}' must name an event if it leads to a machine, and only then", port.id));
  }
  machine.ports.push_back(std::move(port));
}

void build_default(Reader& reader, pugi::xml_node node, Machine& machine) {
  const Event kind = build_event(reader, node);
  Default built;
  reader.common(node, built);
  if (built.id.empty()) built.id = fmt::format("D{}", machine.defaults.size() + 1);
  built.kind = kind.kind;
  built.event = Reader::text(node, "event");
  built.classes = kind.classes;
  built.effects = build_effects(reader, node);
  machine.defaults.push_back(std::move(built));
}

template <class T>
void add_all(std::vector<T>& to, std::vector<T> from, const std::string& protocol) {
  for (T& item : from) {
    item.protocol = protocol;
    to.push_back(std::move(item));
  }
}

}  // namespace

Machine build_machine(Reader& reader, pugi::xml_node node) {
  Machine machine;
  reader.common(node, machine);
  machine.role = Reader::text(node, "role");
  machine.key = Reader::words(node, "key");
  machine.initial = Reader::text(node, "initial");
  for (const pugi::xml_node part : node.children()) {
    const std::string_view name = part.name();
    if (name == "port") {
      build_port(reader, part, machine);
    } else if (name == "default") {
      build_default(reader, part, machine);
    } else {
      build_part(reader, part, machine);
    }
  }
  return machine;
}

Scenario build_scenario(Reader& reader, pugi::xml_node node) {
  Scenario scenario;
  reader.common(node, scenario);
  for (const pugi::xml_node step : node.children("step")) {
    scenario.steps.push_back({Reader::text(step, "machine"), Reader::text(step, "event"), Reader::words(step, "with"),
                              Reader::text(step, "row"), reader.at(step)});
  }
  return scenario;
}

void build_protocol(Reader& reader, pugi::xml_node section, Spec& spec) {
  Protocol protocol;
  reader.common(section, protocol);
  protocol.family = Reader::text(section, "family");
  for (const pugi::xml_node node : section.children()) {
    const std::string_view name = node.name();
    if (name == "struct" || name == "variant") add_all<Struct>(spec.structs, {build_struct(reader, node)}, protocol.id);
    if (name == "message") add_all<Message>(spec.messages, {build_message(reader, node)}, protocol.id);
    if (name == "machine") add_all<Machine>(spec.machines, {build_machine(reader, node)}, protocol.id);
    if (name == "scenario") add_all<Scenario>(spec.scenarios, {build_scenario(reader, node)}, protocol.id);
  }
  spec.protocols.push_back(std::move(protocol));
}

}  // namespace quickpay::spec
