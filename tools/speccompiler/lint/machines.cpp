// Machines: their parts, their blocks, what is reachable, what is unused.
#include "tools/speccompiler/lint/machines.hpp"

#include <fmt/format.h>

#include <cctype>
#include <set>

#include "tools/speccompiler/expand/expand.hpp"
#include "tools/speccompiler/lint/effects.hpp"
#include "tools/speccompiler/regex/regex.hpp"

namespace quickpay::spec {
namespace {

// Generated names keep letters, digits and '_' only.
std::string mangled_id(std::string id) {
  for (char& c : id) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
  }
  return id;
}

class MachineLint {
 public:
  MachineLint(LintContext& context, const Machine& machine) : context_(context), machine_(machine) {}

  void run() {
    frame();
    parts();
    for (const Event& event : machine_.events) lint_event(context_, machine_, event);
    ports();
    blocks();
    defaults();
    limits();
  }

 private:
  void add(const Location& at, std::string message, std::string suggestion = {}) {
    context_.add(at, fmt::format("{}: {}", machine_.id, message), std::move(suggestion));
  }

  void frame() {
    std::vector<std::string> players;
    for (const Role& role : context_.spec.roles) {
      if (role.of.empty()) players.push_back(role.id);
    }
    context_.known(machine_.at, "role", machine_.role, players);
    context_.known(machine_.at, "state", machine_.initial, ids_of(machine_.states));
    for (const std::string& key : machine_.key) context_.known(machine_.at, "key field", key, field_names());
  }

  std::vector<std::string> field_names() const {
    std::vector<std::string> names;
    for (const Struct& s : context_.spec.structs) {
      const bool own = s.protocol.empty() || s.protocol == machine_.protocol;
      if (own) names.push_back(s.id);
      for (const Field& field : s.fields) {
        if (own) names.push_back(field.id);
      }
    }
    for (const Message& message : context_.spec.messages) {
      if (message.protocol != machine_.protocol) continue;
      for (const Field& field : message.request.body) names.push_back(field.id);
      for (const Field& field : message.response.body) names.push_back(field.id);
    }
    return names;
  }

  template <class T>
  void unique(const std::string& what, const std::vector<T>& items, std::set<std::string>& mangled) {
    std::set<std::string> seen;
    for (const T& item : items) {
      if (!seen.insert(item.id).second) {
        add(item.at, fmt::format("{} '{}' is declared twice", what, item.id));
      } else if (!mangled.insert(what + mangled_id(item.id)).second) {
        add(item.at, fmt::format("{} '{}' differs from another only in its punctuation", what, item.id));
      }
    }
  }

  void parts() {
    std::set<std::string> mangled;
    unique("state", machine_.states, mangled);
    unique("event", machine_.events, mangled);
    unique("predicate", machine_.predicates, mangled);
    unique("variable", machine_.variables, mangled);
    unique("action", machine_.actions, mangled);
    unique("port", machine_.ports, mangled);
    unique("default", machine_.defaults, mangled);
    for (const Predicate& predicate : machine_.predicates) operand(predicate, "predicate");
    for (const Variable& variable : machine_.variables) lint_variable(variable);
    for (const Implication& implication : machine_.implications) {
      context_.known(implication.at, "predicate", implication.if_predicate, ids_of(machine_.predicates));
      context_.known(implication.at, "predicate", implication.then_predicate, ids_of(machine_.predicates));
    }
  }

  void operand(const Common& item, const std::string& what) {
    static const std::set<std::string> kReserved{"and", "or", "not", "otherwise", "same"};
    if (!matches("[a-z][a-z0-9_]*", item.id) || kReserved.count(item.id) != 0) {
      add(item.at, fmt::format("the name of {} '{}' must be small letters, digits and '_', and no word of the language",
                               what, item.id));
    }
    if (item.text.empty()) add(item.at, fmt::format("{} '{}' does not say what it means", what, item.id));
  }

  void lint_variable(const Variable& variable) {
    operand(variable, "variable");
    if (find_id(machine_.predicates, variable.id) != nullptr) {
      add(variable.at, fmt::format("'{}' is a predicate and a variable", variable.id));
    }
    const std::set<std::string> distinct(variable.values.begin(), variable.values.end());
    if (distinct.size() < 2 || distinct.size() != variable.values.size()) {
      add(variable.at, fmt::format("variable '{}' needs two or more distinct values", variable.id));
    }
    context_.known(variable.at, "value", variable.initial, variable.values);
  }

  void ports() {
    for (const Port& port : machine_.ports) {
      if (port.machine.empty()) continue;
      if (!context_.known(port.at, "machine", port.machine, ids_of(context_.spec.machines))) continue;
      const Machine& target = *find_id(context_.spec.machines, port.machine);
      context_.known(port.at, "event", port.event, ids_of(target.events));
      if (target.role != machine_.role) {
        add(port.at, fmt::format("port '{}' leads to a machine of another role", port.id));
      }
    }
  }

  void blocks() {
    std::set<std::pair<std::string, std::string>> seen;
    for (const Block& block : machine_.blocks) {
      context_.known(block.at, "event", block.event, ids_of(machine_.events));
      for (const std::string& state : block.states) {
        context_.known(block.at, "state", state, ids_of(machine_.states));
        if (!seen.insert({state, block.event}).second) {
          add(block.at, fmt::format("event '{}' in state '{}' has two blocks", block.event, state));
        }
      }
      total(block);
      for (const Case& written : block.cases) lint_case(block, written);
    }
  }

  void total(const Block& block) {
    if (block.cases.empty() || !block.cases.back().condition.empty()) {
      add(block.at, fmt::format("the block of event '{}' must end with 'otherwise'", block.event));
    }
    for (std::size_t i = 0; i + 1 < block.cases.size(); ++i) {
      if (!block.cases[i].condition.empty()) continue;
      add(block.cases[i].at, fmt::format("'otherwise' ('{}') must be the last case of its block", block.cases[i].id));
    }
  }

  void lint_case(const Block& block, const Case& written) {
    if (written.to != "same") context_.known(written.at, "state", written.to, ids_of(machine_.states));
    if (written.effects.size() > kMaxCaseEffects) {
      add(written.at, fmt::format("case '{}' has more than {} effects", written.id, kMaxCaseEffects));
    }
    if (!lint_effects(context_, machine_, written.at, written.effects)) return;
    const Event* event = find_id(machine_.events, block.event);
    if (event != nullptr) lint_answers(context_, machine_, *event, written.at, written.effects);
  }

  void defaults() {
    std::set<int> taken;
    for (std::size_t i = 0; i < machine_.events.size() && i < machine_.default_of_event.size(); ++i) {
      lint_default_of(machine_.events[i], machine_.default_of_event[i], taken);
    }
    for (std::size_t i = 0; i < machine_.defaults.size(); ++i) {
      const Default& written = machine_.defaults[i];
      if (!written.event.empty()) context_.known(written.at, "event", written.event, ids_of(machine_.events));
      lint_effects(context_, machine_, written.at, written.effects);
      if (taken.count(static_cast<int>(i)) == 0) add(written.at, fmt::format("default '{}' is never used", written.id));
    }
  }

  void lint_default_of(const Event& event, int index, std::set<int>& taken) {
    const auto open = states_without_block(event.id);
    if (open.empty()) return;
    if (index < 0) {
      return add(event.at, fmt::format("event '{}' has neither a block nor a default in state {}", event.id,
                                       fmt::join(open, ", ")));
    }
    const Default& written = machine_.defaults[static_cast<std::size_t>(index)];
    taken.insert(index);
    lint_answers(context_, machine_, event, written.at, written.effects);
  }

  std::vector<std::string> states_without_block(const std::string& event) const {
    std::vector<std::string> open;
    for (const State& state : machine_.states) {
      const auto covers = [&](const Block& b) { return b.event == event && contains(b.states, state.id); };
      if (std::none_of(machine_.blocks.begin(), machine_.blocks.end(), covers)) open.push_back(state.id);
    }
    return open;
  }

  void limits() {
    const auto over = [&](std::size_t count, std::size_t limit, std::string_view what) {
      if (count > limit) add(machine_.at, fmt::format("{} {}, at most {}", count, what, limit));
    };
    over(machine_.rows.size(), kMaxMachineRows, "rows");
    over(machine_.predicates.size() + machine_.atoms.size(), kMaxMachineBits, "predicates and comparisons");
    over(machine_.variables.size(), kMaxMachineVariables, "variables");
  }

  LintContext& context_;
  const Machine& machine_;
};

}  // namespace

void lint_machines(LintContext& context) {
  for (const Machine& machine : context.spec.machines) {
    MachineLint(context, machine).run();
    lint_calls(context, machine);
    lint_use(context, machine);
    lint_reach(context, machine);
  }
}

}  // namespace quickpay::spec
