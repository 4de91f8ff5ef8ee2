// The C++ of one machine: its names, its tables, its Boost.MSM transition table; and the registry of a protocol.
#include <algorithm>

#include <fmt/format.h>

#include "tools/speccompiler/emit/files.hpp"
#include "tools/speccompiler/emit/text.hpp"
#include "tools/speccompiler/ir/event_kind.hpp"

namespace quickpay::spec {
namespace {

template <class T>
std::vector<std::string> ids_of(const std::vector<T>& elements) {
  std::vector<std::string> out;
  for (const T& element : elements) out.push_back(element.id);
  return out;
}

template <class T>
std::size_t index_of(const std::vector<T>& elements, const std::string& id) {
  const auto at = std::find_if(elements.begin(), elements.end(), [&](const T& element) { return element.id == id; });
  return static_cast<std::size_t>(at - elements.begin());
}

std::size_t value_index(const Variable& variable, const std::string& value) {
  return static_cast<std::size_t>(std::find(variable.values.begin(), variable.values.end(), value) -
                                  variable.values.begin());
}

std::string enumeration(const std::string& name, const std::string& type, const std::vector<std::string>& names,
                        const std::vector<std::string>& texts) {
  if (names.empty()) return fmt::format("enum class {} : {} {{}};\n", name, type);
  std::string out = fmt::format("enum class {} : {} {{\n", name, type);
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string note = texts[i].empty() ? "" : "  ///< " + comment_text(texts[i]);
    out += fmt::format("  {} = {},{}\n", names[i], i, note);
  }
  return out + "};\n";
}

template <class T>
std::vector<std::string> texts_of(const std::vector<T>& elements) {
  std::vector<std::string> out;
  for (const T& element : elements) out.push_back(element.text);
  return out;
}

std::vector<std::string> effect_ids(const Machine& machine) {
  std::vector<std::string> out;
  for (const Effect& effect : effects_of(machine)) out.push_back(effect_id(effect));
  return out;
}

std::string words(const std::vector<std::string>& list) {
  std::vector<std::string> quoted;
  for (const std::string& word : list) quoted.push_back(cpp_string(word));
  return join(quoted, ", ");
}

/// An array `name` of `type`, or a comment that there is none; its use is `reference`.
struct Array {
  std::string text;
  std::string reference;
};

Array array(const std::string& type, const std::string& name, const std::string& rows) {
  if (rows.empty()) return {"", "{}"};
  return {fmt::format("constexpr {} {}[] = {{\n{}}};\n", type, name, rows), name};
}

/// Small arrays that several rows share, each set once.
class Pool {
 public:
  Pool(std::string type, std::string prefix) : type_(std::move(type)), prefix_(std::move(prefix)) {}
  std::string name_of(const std::string& values) {
    if (values.empty()) return "{}";
    const auto found = std::find(lists_.begin(), lists_.end(), values);
    const auto index = found - lists_.begin();
    if (found == lists_.end()) lists_.push_back(values);
    return fmt::format("{}{}", prefix_, index + 1);
  }
  std::string text() const {
    std::string out;
    for (std::size_t i = 0; i < lists_.size(); ++i) {
      out += fmt::format("constexpr {} {}{}[] = {{{}}};\n", type_, prefix_, i + 1, lists_[i]);
    }
    return out;
  }

 private:
  std::string type_;
  std::string prefix_;
  std::vector<std::string> lists_;
};

/// Everything that goes before the MachineTable of one machine.
class TableWriter {
 public:
  explicit TableWriter(const Machine& machine) : machine_(machine), effects_(effects_of(machine)) {}

  std::string text() {
    const std::vector<Array> arrays = {states(),       variables(), events(), predicates(), atoms(),
                                       implications(), effects(),   ports(),  rows(),       defaults()};
    std::string out = words_.text() + effect_lists_.text() + "\n";
    std::vector<std::string> references;
    for (const Array& each : arrays) {
      out += each.text;
      references.push_back(each.reference);
    }
    return out + fmt::format("constexpr MachineTable kTable{{{}, {}, {},\n                              {}, {}}};\n",
                             cpp_string(machine_.id), cpp_string(machine_.role), cpp_string(machine_.protocol),
                             join(references, ", "), index_of(machine_.states, machine_.initial));
  }

 private:
  Array states() const {
    std::string out;
    for (const State& state : machine_.states)
      out += fmt::format("    {{{}, {}}},\n", cpp_string(state.id), state.terminal);
    return array("StateInfo", "kStates", out);
  }
  Array variables() {
    std::string out;
    for (const Variable& variable : machine_.variables) {
      out += fmt::format("    {{{}, {}, {}}},\n", cpp_string(variable.id), words_.name_of(words(variable.values)),
                         value_index(variable, variable.initial));
    }
    return array("VariableInfo", "kVariables", out);
  }
  Array events() {
    std::string out;
    for (std::size_t i = 0; i < machine_.events.size(); ++i) {
      const Event& event = machine_.events[i];
      const int fallback = i < machine_.default_of_event.size() ? machine_.default_of_event[i] : -1;
      out += fmt::format("    {{{}, EventKind::{}, {}, {}, {}, {}, {}}},\n", cpp_string(event.id),
                         word_of(event.kind), cpp_string(event.message), cpp_string(event.timer),
                         words_.name_of(words(event.codes)), words_.name_of(words(event.classes)), fallback);
    }
    return array("EventInfo", "kEvents", out);
  }
  Array predicates() const {
    std::string out;
    for (const Predicate& predicate : machine_.predicates) {
      out += fmt::format("    {{{}, {}, {}, {}}},\n", cpp_string(predicate.id), cpp_string(predicate.text),
                         cpp_string(predicate.over), predicate.observable == "wire");
    }
    return array("PredicateInfo", "kPredicates", out);
  }
  Array atoms() const {
    std::string out;
    for (const Atom& atom : machine_.atoms) {
      const std::size_t variable = index_of(machine_.variables, atom.variable);
      out += fmt::format("    {{{}, {}, {}}},  // {} {} {}\n", variable,
                         value_index(machine_.variables[variable], atom.value), atom.negated, atom.variable,
                         atom.negated ? "!=" : "==", atom.value);
    }
    return array("AtomInfo", "kAtoms", out);
  }
  Array implications() const {
    std::string out;
    for (const Implication& implication : machine_.implications) {
      out += fmt::format("    {{{}, {}}},  // {} implies {}\n", index_of(machine_.predicates, implication.if_predicate),
                         index_of(machine_.predicates, implication.then_predicate), implication.if_predicate,
                         implication.then_predicate);
    }
    return array("ImplicationInfo", "kImplications", out);
  }
  Array effects() const {
    std::string out;
    for (const Effect& effect : effects_) {
      const auto argument = [&](std::size_t i) {
        return i < effect.arguments.size() ? effect.arguments[i] : std::string();
      };
      std::size_t variable = 0;
      std::size_t value = 0;
      if (effect.verb == "set") {
        variable = index_of(machine_.variables, argument(0));
        value = value_index(machine_.variables[variable], argument(1));
      }
      out += fmt::format("    {{{}, Verb::{}, {}, {}, {}, {}}},\n", cpp_string(effect_id(effect)),
                         identifier(effect.verb), cpp_string(argument(0)), cpp_string(argument(1)), variable, value);
    }
    return array("EffectInfo", "kEffects", out);
  }
  Array ports() const {
    std::string out;
    for (const Port& port : machine_.ports) {
      out += fmt::format("    {{{}, {}, {}, {}}},\n", cpp_string(port.id), cpp_string(port.protocol),
                         cpp_string(port.machine), cpp_string(port.event));
    }
    return array("PortInfo", "kPorts", out);
  }
  std::string effect_list(const std::vector<Effect>& effects) {
    std::vector<std::string> numbers;
    for (const Effect& effect : effects) {
      numbers.push_back(fmt::format("{}", std::find(effects_.begin(), effects_.end(), effect) - effects_.begin()));
    }
    return effect_lists_.name_of(join(numbers, ", "));
  }
  Array rows() {
    std::string out;
    for (const Row& row : machine_.rows) {
      out += fmt::format("    {{{}, {}, {}, {}, 0x{:X}, 0x{:X}, {}, {}}},\n", cpp_string(row.id),
                         index_of(machine_.states, row.state), index_of(machine_.events, row.event),
                         index_of(machine_.states, row.to), row.mask, row.value, effect_list(row.effects),
                         words_.name_of(words(row.requirements)));
    }
    return array("RowInfo", "kRows", out);
  }
  Array defaults() {
    std::string out;
    for (std::size_t i = 0; i < machine_.defaults.size(); ++i) {
      const Default& fallback = machine_.defaults[i];
      const std::string id = fallback.id.empty() ? fmt::format("default-{}", i + 1) : fallback.id;
      out += fmt::format("    {{{}, {}, {}}},\n", cpp_string(id), effect_list(fallback.effects),
                         words_.name_of(words(fallback.requirements)));
    }
    return array("DefaultInfo", "kDefaults", out);
  }

  const Machine& machine_;
  std::vector<Effect> effects_;
  Pool words_{"std::string_view", "kWords"};
  Pool effect_lists_{"EffectId", "kDo"};
};

std::string include_line(const std::string& folder, const std::string& word) {
  return fmt::format("#include \"{}/{}.hpp\"\n", folder, word);
}

std::size_t longest(const std::vector<std::string>& names) {
  std::size_t width = 0;
  for (const std::string& name : names) width = std::max(width, name.size());
  return width;
}

/// Aliases of states and events for one machine, all different although states and events share a scope.
struct Aliases {
  std::vector<std::string> states;
  std::vector<std::string> events;
};

Aliases aliases_of(const Machine& machine) {
  std::vector<std::string> all = ids_of(machine.states);
  const std::vector<std::string> events = ids_of(machine.events);
  // Names that machine.hpp brings in, too, must stay what they are.
  const std::vector<std::string> taken = {
      "Row",        "Table",       "Take",     "Guard", "Definition", "MachineDefinition", "StateOf",
      "EventOf",    "Engine",      "State",    "Event", "Effect",     "Predicate",         "CompiledTable",
      "walk_table", "make_engine", "make_msm", "table", "detail",     "compiled_table"};
  all.insert(all.begin(), taken.begin(), taken.end());
  all.insert(all.end(), events.begin(), events.end());
  const std::vector<std::string> words = identifiers(all);
  const auto first = words.begin() + static_cast<std::ptrdiff_t>(taken.size());
  const auto middle = first + static_cast<std::ptrdiff_t>(machine.states.size());
  return {{first, middle}, {middle, words.end()}};
}

std::string alias_lines(const std::vector<std::string>& names, const std::string& what) {
  std::string out;
  for (std::size_t i = 0; i < names.size(); ++i) {
    out += fmt::format("using {} = {}<{}>;\n", names[i], what, i);
  }
  return out;
}

std::string msm_rows(const Machine& machine, const Aliases& aliases) {
  const std::size_t states = longest(aliases.states);
  const std::size_t events = longest(aliases.events);
  std::string out;
  for (std::size_t i = 0; i < machine.rows.size(); ++i) {
    const Row& row = machine.rows[i];
    const std::string guard =
        fmt::format("Guard<0x{:X}, 0x{:X}>>{}", row.mask, row.value, i + 1 < machine.rows.size() ? "," : "");
    const std::string take = fmt::format("Take<{}>,", i);
    out += fmt::format("    Row<{:<{}} {:<{}} {:<{}} {:<9} {:<28} // {}\n",
                       aliases.states[index_of(machine.states, row.state)] + ",", states + 1,
                       aliases.events[index_of(machine.events, row.event)] + ",", events + 1,
                       aliases.states[index_of(machine.states, row.to)] + ",", states + 1, take, guard, row.id);
  }
  return out;
}

}  // namespace

std::string machine_hpp(const Machine& machine) {
  const std::string word = machine_word(machine);
  std::string out = fmt::format(R"(#pragma once

#include <cstdint>
#include <memory>

#include "statemachines/step/compiled.hpp"
#include "statemachines/step/step.hpp"

{}namespace quickpay::statemachines::{} {{

)",
                                comment("//", machine.text), word);
  const std::vector<std::string> effects = effect_ids(machine);
  out += enumeration("State", "StateId", identifiers(ids_of(machine.states)), texts_of(machine.states)) + "\n";
  out += enumeration("Event", "EventId", identifiers(ids_of(machine.events)), texts_of(machine.events)) + "\n";
  out +=
      enumeration("Predicate", "std::uint8_t", identifiers(ids_of(machine.predicates)), texts_of(machine.predicates)) +
      "\n";
  out += enumeration("Effect", "EffectId", identifiers(effects), std::vector<std::string>(effects.size()));
  return out + fmt::format(R"(
/// Everything the specification says about the machine.
const MachineTable& table();

/// The machine as Boost.MSM compiled it.
std::unique_ptr<Engine> make_msm();

/// The rows of the compiled machine, read back from its types.
CompiledTable compiled_table();

}}  // namespace quickpay::statemachines::{}
)",
                           word);
}

std::string machine_table_cpp(const Machine& machine, const std::string& folder) {
  const std::string word = machine_word(machine);
  return include_line(folder, word) + "\nnamespace quickpay::statemachines::" + word + " {\nnamespace {\n\n" +
         TableWriter(machine).text() +
         "\n}  // namespace\n\nconst MachineTable& table() { return kTable; }\n\n}  // namespace "
         "quickpay::statemachines::" +
         word + "\n";
}

std::string machine_msm_cpp(const Machine& machine, const std::string& folder) {
  const std::string word = machine_word(machine);
  const Aliases aliases = aliases_of(machine);
  std::string out = "#include \"statemachines/msm/machine.hpp\"\n\n" + include_line(folder, word);
  out += "\nnamespace quickpay::statemachines::" + word +
         " {\nnamespace {\n\nusing namespace quickpay::statemachines::msm;\n\n";
  out += alias_lines(aliases.states, "StateOf") + "\n" + alias_lines(aliases.events, "EventOf");
  out += "\n// Bits of the guards:\n";
  for (std::size_t i = 0; i < machine.predicates.size(); ++i) {
    out += fmt::format("//   0x{:<8X} {}\n", std::uint64_t{1} << i, machine.predicates[i].id);
  }
  for (std::size_t i = 0; i < machine.atoms.size(); ++i) {
    const Atom& atom = machine.atoms[i];
    out += fmt::format("//   0x{:<8X} {} {} {}\n", std::uint64_t{1} << (machine.predicates.size() + i), atom.variable,
                       atom.negated ? "!=" : "==", atom.value);
  }
  out += fmt::format(
      "\nstruct Definition : MachineDefinition<Definition, {}, {}> {{\n  // clang-format off\n  struct "
      "transition_table : Table<\n",
      aliases.states[index_of(machine.states, machine.initial)], machine.events.size());
  out += msm_rows(machine, aliases);
  return out + "  > {};\n  // clang-format on\n};\n\n}  // namespace\n\n" +
         "std::unique_ptr<Engine> make_msm() { return make_engine<Definition>(table()); }\n" +
         "CompiledTable compiled_table() { return walk_table<Definition>(); }\n\n}  // namespace "
         "quickpay::statemachines::" +
         word + "\n";
}

std::string registry_hpp(const std::string& word) {
  return fmt::format(R"(#pragma once

#include <span>

#include "statemachines/step/registry.hpp"

namespace quickpay::statemachines::{0} {{

/// The machines in the order of the specification.
std::span<const MachineEntry> machines();

}}  // namespace quickpay::statemachines::{0}
)",
                     word);
}

std::string registry_cpp(const Spec& spec, const std::string& word, const std::string& folder) {
  std::string includes = include_line(folder, word) + "\n";
  std::string entries;
  for (const Machine& machine : spec.machines) {
    const std::string name = machine_word(machine);
    includes += include_line("statemachines/" + identifier(machine.protocol) + "/generated", name);
    entries += fmt::format(
        "    {{&statemachines::{0}::table, &statemachines::{0}::make_msm, &statemachines::{0}::compiled_table}},\n",
        name);
  }
  return fmt::format(R"({}
namespace quickpay::statemachines::{} {{
namespace {{

constexpr MachineEntry kMachines[] = {{
{}}};

}}  // namespace

std::span<const MachineEntry> machines() {{ return kMachines; }}

}}  // namespace quickpay::statemachines::{}
)",
                     includes, word, entries, word);
}

}  // namespace quickpay::spec
