// Names in formulas.
#include <fmt/format.h>

#include <algorithm>

#include "tools/speccompiler/expand/formula.hpp"

namespace quickpay::spec {
namespace {

using Kind = Formula::Kind;
using Done = tl::expected<void, std::string>;

template <class T>
int index_of(const std::vector<T>& items, const std::string& id) {
  const auto found = std::find_if(items.begin(), items.end(), [&](const T& item) { return item.id == id; });
  return found == items.end() ? -1 : static_cast<int>(found - items.begin());
}

int index_in(const std::vector<std::string>& items, const std::string& id) {
  const auto found = std::find(items.begin(), items.end(), id);
  return found == items.end() ? -1 : static_cast<int>(found - items.begin());
}

bool awaits(const Machine& machine, const std::string& message) {
  return std::any_of(machine.events.begin(), machine.events.end(),
                     [&](const Event& event) { return event.kind == EventKind::response && event.message == message; });
}

bool has_timer(const Machine& machine, const std::string& timer) {
  return std::any_of(machine.events.begin(), machine.events.end(),
                     [&](const Event& event) { return event.kind == EventKind::timer && event.timer == timer; });
}

class Names {
 public:
  Names(const Spec& spec, const PropertySet& set) : spec_(spec), set_(set) {}

  Done resolve(Formula& formula) const {
    const bool compares = formula.kind == Kind::equal || formula.kind == Kind::unequal;
    for (std::size_t i = 0; i < formula.operands.size(); ++i) {
      Formula& operand = formula.operands[i];
      const bool value = compares && i == 1 && operand.kind == Kind::word;
      Done done = value && takes_value(formula.operands[0]) ? value_of(formula.operands[0], operand)
                  : operand.kind == Kind::word              ? leaf(operand)
                                                            : resolve(operand);
      if (!done) return done;
    }
    return formula.kind == Kind::word ? leaf(formula) : Done{};
  }

 private:
  static tl::unexpected<std::string> unknown(const Formula& leaf, std::string_view what) {
    return tl::make_unexpected(fmt::format("unknown {} '{}'", what, leaf.first));
  }
  static bool takes_value(const Formula& left) { return left.kind == Kind::state || left.kind == Kind::variable; }

  const Machine* machine_of(int instance) const {
    const int index = index_of(spec_.machines, set_.instances[static_cast<std::size_t>(instance)].machine);
    return index < 0 ? nullptr : &spec_.machines[static_cast<std::size_t>(index)];
  }

  Done value_of(const Formula& left, Formula& right) const {
    const Machine& machine = *machine_of(left.instance);
    const int found = left.kind == Kind::state
                          ? index_of(machine.states, right.first)
                          : index_in(machine.variables[static_cast<std::size_t>(left.index)].values, right.first);
    if (found < 0) return unknown(right, "value");
    right.kind = Kind::constant;
    right.value = found;
    return {};
  }

  Done leaf(Formula& leaf) const {
    const std::size_t dot = leaf.first.find('.');
    if (dot == std::string::npos) return ghost(leaf);
    const std::string whole = leaf.first;
    leaf.second = whole.substr(dot + 1);
    leaf.first = whole.substr(0, dot);
    if (whole == "msg.forged" || whole == "msg.other") {
      leaf.kind = whole == "msg.forged" ? Kind::forged : Kind::other;
      return {};
    }
    if (leaf.first == "msg") return variant(leaf);
    if (leaf.first == "with" || leaf.first == "via") return of_set(leaf);
    if (leaf.first == "liar" || leaf.first == "profile") return setting(leaf);
    return part(leaf);
  }

  Done ghost(Formula& leaf) const {
    leaf.index = index_of(set_.ghosts, leaf.first);
    if (leaf.index < 0) return unknown(leaf, "ghost");
    leaf.kind = Kind::ghost;
    return {};
  }

  Done variant(Formula& leaf) const {
    for (const Machine& machine : spec_.machines)
      for (const Row& row : machine.rows)
        for (const Effect& effect : row.effects)
          if (effect.verb == "outbox" && effect.arguments.size() > 1 && effect.arguments[1] == leaf.second) {
            leaf.kind = Kind::variant;
            leaf.first = leaf.second;
            return {};
          }
    return tl::make_unexpected(fmt::format("unknown variant '{}'", leaf.second));
  }

  Done setting(Formula& leaf) const {
    const bool liar = leaf.first == "liar";
    leaf.first = leaf.second;
    leaf.kind = liar ? Kind::liar : Kind::profile;
    const bool known = liar ? leaf.first == "network" || index_of(spec_.roles, leaf.first) >= 0
                            : index_of(spec_.profiles, leaf.first) >= 0;
    if (!known) return unknown(leaf, liar ? "role" : "profile");
    return {};
  }

  Done of_set(Formula& leaf) const {
    const bool option = leaf.first == "with";
    leaf.first = leaf.second;
    leaf.kind = option ? Kind::option : Kind::via;
    leaf.instance = option ? 0 : index_of(set_.instances, leaf.first);
    if (option ? index_of(set_.options, leaf.first) < 0 : leaf.instance < 0) return unknown(leaf, option ? "option" : "instance");
    return {};
  }

  Done part(Formula& leaf) const {
    leaf.instance = index_of(set_.instances, leaf.first);
    const Machine* machine = leaf.instance < 0 ? nullptr : machine_of(leaf.instance);
    if (machine == nullptr) return unknown(leaf, "instance");
    leaf.index = index_of(machine->variables, leaf.second);
    if (leaf.second == "state") {
      leaf.kind = Kind::state;
    } else if (leaf.index >= 0) {
      leaf.kind = Kind::variable;
    } else if (has_timer(*machine, leaf.second)) {
      leaf.kind = Kind::timer;
    } else if (awaits(*machine, leaf.second)) {
      leaf.kind = Kind::call;
    } else {
      return tl::make_unexpected(fmt::format("'{}' has no variable, timer or call '{}'", leaf.first, leaf.second));
    }
    return {};
  }

  const Spec& spec_;
  const PropertySet& set_;
};

}  // namespace

tl::expected<Formula, std::string> resolve_formula(std::string_view text, const Spec& spec, const PropertySet& set) {
  auto formula = parse_formula(text);
  if (!formula) return formula;
  if (Done done = Names(spec, set).resolve(*formula); !done) return tl::make_unexpected(done.error());
  return formula;
}

}  // namespace quickpay::spec
