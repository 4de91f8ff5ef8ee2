#include "tools/speccompiler/expand/expand.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "tools/speccompiler/expand/expression.hpp"
#include "tools/speccompiler/expand/tree.hpp"
#include "tools/speccompiler/ir/suggest.hpp"

namespace quickpay::spec {
namespace {

template <class T>
const T* find_id(const std::vector<T>& items, std::string_view id) {
  const auto found = std::find_if(items.begin(), items.end(), [&](const T& item) { return item.id == id; });
  return found == items.end() ? nullptr : &*found;
}

class Expander {
 public:
  Expander(const Spec& spec, Machine& machine) : spec_(spec), machine_(machine) {}

  Diagnostics run() {
    machine_.atoms.clear();
    machine_.rows.clear();
    machine_.default_of_event.clear();
    for (const Block& block : machine_.blocks) expand_block(block);
    for (const Event& event : machine_.events) machine_.default_of_event.push_back(default_of(event));
    return std::move(findings_);
  }

 private:
  void add(const Location& at, std::string message, std::string suggestion = {}) {
    findings_.push_back({at, Severity::error, std::move(message), std::move(suggestion)});
  }

  void expand_block(const Block& block) {
    std::vector<BitExpression> chain;
    bool sound = true;
    for (const Case& written : block.cases) {
      if (written.condition.empty()) break;  // `otherwise` ends the chain; the lint sees to it that it comes last
      auto condition = condition_of(written);
      sound = sound && condition.has_value();
      if (condition) chain.push_back(std::move(*condition));
    }
    if (!sound) return;
    const auto cubes = cubes_of(block, chain);
    for (const std::string& state : block.states) add_rows(block, state, cubes);
  }

  std::vector<CaseCube> cubes_of(const Block& block, const std::vector<BitExpression>& chain) {
    if (bits_of(chain).size() > kMaxBlockBits) {
      add(block.at,
          fmt::format("the conditions of one block name more than {} predicates and comparisons", kMaxBlockBits));
      return {};
    }
    auto cubes = decision_cubes(chain);
    if (!cubes) add(block.at, "the conditions of this block are too entangled to expand");
    return cubes.value_or(std::vector<CaseCube>{});
  }

  void add_rows(const Block& block, const std::string& state, const std::vector<CaseCube>& cubes) {
    for (std::size_t index = 0; index < block.cases.size(); ++index) {
      std::vector<Cube> own;
      for (const CaseCube& cube : cubes) {
        if (cube.case_index == index) own.push_back(cube.cube);
      }
      for (std::size_t n = 0; n < own.size(); ++n) {
        const std::string place = block.states.size() > 1 ? "@" + state : "";
        const std::string part = own.size() > 1 ? fmt::format(".{}", n + 1) : "";
        add_row(block, block.cases[index], state, own[n], place + part);
      }
    }
  }

  void add_row(const Block& block, const Case& written, const std::string& state, const Cube& cube,
               const std::string& suffix) {
    Row row;
    row.id = written.id + suffix;
    row.case_id = written.id;
    row.state = state;
    row.event = block.event;
    row.to = written.to == "same" ? state : written.to;
    row.mask = cube.mask;
    row.value = cube.value;
    row.effects = written.effects;
    row.requirements = written.requirements;
    machine_.rows.push_back(std::move(row));
  }

  std::optional<BitExpression> condition_of(const Case& written) {
    const auto parsed = parse_expression(written.condition);
    if (parsed) return bits(*parsed, written);
    add(written.at, fmt::format("case '{}': {} at character {} of '{}'", written.id, parsed.error().message,
                                parsed.error().offset + 1, written.condition));
    return std::nullopt;
  }

  std::optional<BitExpression> bits(const Expression& expression, const Case& written) {
    switch (expression.kind) {
      case Expression::Kind::predicate:
        return predicate_bit(expression, written);
      case Expression::Kind::equals:
        return atom_bit(expression, written);
      case Expression::Kind::differs: {
        auto atom = atom_bit(expression, written);
        if (!atom) return atom;
        return BitExpression{BitExpression::Kind::negation, 0, {std::move(*atom)}};
      }
      case Expression::Kind::negation:
        return operands(BitExpression::Kind::negation, expression, written);
      case Expression::Kind::conjunction:
        return operands(BitExpression::Kind::conjunction, expression, written);
      case Expression::Kind::disjunction:
        return operands(BitExpression::Kind::disjunction, expression, written);
    }
    return std::nullopt;
  }

  std::optional<BitExpression> operands(BitExpression::Kind kind, const Expression& expression, const Case& written) {
    BitExpression all{kind, 0, {}};
    bool sound = true;
    for (const Expression& operand : expression.operands) {
      auto inner = bits(operand, written);
      sound = sound && inner.has_value();
      if (inner) all.operands.push_back(std::move(*inner));
    }
    return sound ? std::optional(std::move(all)) : std::nullopt;
  }

  // Bits beyond the 64th exist only in machines that the lint refuses; they must not be shifted by.
  std::optional<BitExpression> bit(std::size_t index, const Case& written) {
    if (index < kMaxMachineBits) return BitExpression{BitExpression::Kind::bit, static_cast<unsigned>(index), {}};
    add(written.at,
        fmt::format("machine '{}' has more than {} predicates and comparisons", machine_.id, kMaxMachineBits));
    return std::nullopt;
  }

  std::optional<BitExpression> predicate_bit(const Expression& expression, const Case& written) {
    const Predicate* predicate = find_id(machine_.predicates, expression.name);
    if (predicate != nullptr) return bit(static_cast<std::size_t>(predicate - machine_.predicates.data()), written);
    if (find_id(machine_.variables, expression.name) != nullptr) {
      add(written.at,
          fmt::format("case '{}': variable '{}' must be compared with a value", written.id, expression.name));
      return std::nullopt;
    }
    std::vector<std::string> names;
    for (const Predicate& known : machine_.predicates) names.push_back(known.id);
    for (const Variable& known : machine_.variables) names.push_back(known.id);
    add(written.at, fmt::format("case '{}': unknown predicate '{}'", written.id, expression.name),
        did_you_mean(expression.name, names));
    return std::nullopt;
  }

  std::optional<BitExpression> atom_bit(const Expression& expression, const Case& written) {
    const Variable* variable = find_id(machine_.variables, expression.name);
    if (variable == nullptr) {
      std::vector<std::string> names;
      for (const Variable& known : machine_.variables) names.push_back(known.id);
      add(written.at, fmt::format("case '{}': unknown variable '{}'", written.id, expression.name),
          did_you_mean(expression.name, names));
      return std::nullopt;
    }
    const auto& values = variable->values;
    if (std::find(values.begin(), values.end(), expression.value) == values.end()) {
      add(written.at,
          fmt::format("case '{}': variable '{}' has no value '{}'", written.id, variable->id, expression.value),
          did_you_mean(expression.value, values));
      return std::nullopt;
    }
    return bit(machine_.predicates.size() + atom_index({variable->id, expression.value, false}), written);
  }

  std::size_t atom_index(const Atom& atom) {
    const auto found = std::find(machine_.atoms.begin(), machine_.atoms.end(), atom);
    const auto index = static_cast<std::size_t>(found - machine_.atoms.begin());
    if (found == machine_.atoms.end()) machine_.atoms.push_back(atom);
    return index;
  }

  // A code's retry class stands for the code where an event lists codes only; QP-OK and its like have the class ok.
  std::vector<std::string> classes_of(const Event& event) const {
    std::vector<std::string> classes = event.classes;
    for (const std::string& code : event.codes) {
      const ErrorCode* known = find_id(spec_.errors, code);
      if (known != nullptr) classes.push_back(known->retry == "none" ? "ok" : known->retry);
    }
    return classes;
  }

  bool fits(const Default& candidate, const Event& event) const {
    if (!candidate.event.empty()) return candidate.event == event.id;
    if (candidate.kind != event.kind) return false;
    if (candidate.classes.empty()) return true;
    const auto classes = classes_of(event);
    return std::find_first_of(classes.begin(), classes.end(), candidate.classes.begin(), candidate.classes.end()) !=
           classes.end();
  }

  int default_of(const Event& event) const {
    for (std::size_t i = 0; i < machine_.defaults.size(); ++i) {
      if (fits(machine_.defaults[i], event)) return static_cast<int>(i);
    }
    return -1;
  }

  const Spec& spec_;
  Machine& machine_;
  Diagnostics findings_;
};

}  // namespace

Diagnostics expand_machine(const Spec& spec, Machine& machine) { return Expander(spec, machine).run(); }

Diagnostics expand(Spec& spec) {
  Diagnostics findings;
  for (Machine& machine : spec.machines) {
    Diagnostics own = expand_machine(spec, machine);
    findings.insert(findings.end(), own.begin(), own.end());
  }
  sort_diagnostics(findings);
  return findings;
}

}  // namespace quickpay::spec
