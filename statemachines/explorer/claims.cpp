#include "statemachines/explorer/claims.hpp"

#include <algorithm>
#include <array>

namespace quickpay::statemachines {
namespace {

bool has(std::span<const std::string_view> list, std::string_view item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

bool failed(const Exploration& found, std::size_t property) {
  return std::any_of(found.failed.begin(), found.failed.end(),
                     [&](const PropertyFinding& item) { return item.property == property; });
}

/// No, yes, or nobody knows.
enum class Truth : std::uint8_t { no, yes, open };

Truth either(Truth left, Truth right) {
  if (left == Truth::yes || right == Truth::yes) return Truth::yes;
  return left == Truth::no && right == Truth::no ? Truth::no : Truth::open;
}

Truth inverse(Truth value) {
  if (value == Truth::open) return value;
  return value == Truth::yes ? Truth::no : Truth::yes;
}

Truth joined(FormulaOp::Code code, Truth left, Truth right) {
  switch (code) {
    case FormulaOp::Code::disjunction: return either(left, right);
    case FormulaOp::Code::conjunction: return inverse(either(inverse(left), inverse(right)));
    case FormulaOp::Code::implication: return either(inverse(left), right);
    default: return Truth::open;
  }
}

Truth known(const FormulaOp& op, const ConfigurationInfo& configuration) {
  if (op.code == FormulaOp::Code::liar) return has(configuration.liars, op.name) ? Truth::yes : Truth::no;
  if (op.code == FormulaOp::Code::profile) return configuration.profile == op.name ? Truth::yes : Truth::no;
  return Truth::open;
}

// The value of a formula of which only the configuration is known.
Truth known(FormulaCode formula, const ConfigurationInfo& configuration) {
  std::array<Truth, kMaxFormulaDepth> stack{};
  std::size_t top = 0;
  for (const FormulaOp& op : formula) {
    if (op.code < FormulaOp::Code::negation) {
      if (top == stack.size()) return Truth::open;
      stack[top++] = known(op, configuration);
    } else if (op.code == FormulaOp::Code::negation) {
      stack[top - 1] = inverse(stack[top - 1]);
    } else {
      --top;
      stack[top - 1] = joined(op.code, stack[top - 1], stack[top]);
    }
  }
  return top == 1 ? stack[0] : Truth::open;
}

std::vector<std::string> compare(const CompositionTable& table, const ConfigurationInfo& configuration,
                                 const Exploration& found) {
  std::vector<std::string> wrong;
  if (!found.problem.empty()) wrong.push_back(found.problem);
  if (!found.complete) wrong.emplace_back("not explored to the end");
  for (const std::size_t i : claimed_in(table, configuration.id)) {
    const std::string id(table.properties[i].id);
    const bool must_fail = has(configuration.fails, id);
    if (failed(found, i) && !must_fail) wrong.push_back(id + " does not hold");
    if (!failed(found, i) && must_fail && found.complete) wrong.push_back(id + " holds, but must fail");
  }
  return wrong;
}

std::string names(const CompositionTable& table, const std::vector<PropertyFinding>& failed) {
  std::string text;
  for (const PropertyFinding& item : failed)
    text += (text.empty() ? "" : ", ") + std::string(table.properties[item.property].id);
  return text.empty() ? "nothing" : text;
}

}  // namespace

std::vector<std::size_t> claimed_in(const CompositionTable& table, std::string_view configuration) {
  std::vector<std::size_t> claimed;
  for (std::size_t i = 0; i < table.properties.size(); ++i) {
    const auto& within = table.properties[i].within;
    if (within.empty() || has(within, configuration)) claimed.push_back(i);
  }
  return claimed;
}

bool assumed_in(const PropertyInfo& property, const ConfigurationInfo& configuration) {
  return known(property.holds, configuration) == Truth::yes;
}

const ConfigurationInfo* find_configuration(const CompositionTable& table, std::string_view id) {
  for (const ConfigurationInfo& known : table.configurations)
    if (known.id == id) return &known;
  return nullptr;
}

ConfigurationResult explore(const CompositionTable& table, const Cast& cast, const ConfigurationInfo& configuration,
                            const Limits& limits) {
  ConfigurationResult result;
  Composition composition(table, cast.players, configuration);
  if (cast.pretended) composition.pretend(cast.pretended->instance, cast.pretended->predicate, cast.pretended->value);
  Explorer explorer(composition, claimed_in(table, configuration.id));
  result.found = explorer.run(limits);
  for (const PropertyFinding& item : result.found.failed) {
    Failure failure{item.property, explorer.trail(item.state), {}};
    for (const Move& move : explorer.moves(item.state)) failure.diagram.push_back(composition.drawn(move));
    result.failures.push_back(std::move(failure));
  }
  result.wrong = compare(table, configuration, result.found);
  return result;
}

namespace {

std::string check_defect(const CompositionTable& table, std::span<const MachineEntry> machines, const PropertyInfo& property,
                         std::string_view defect, std::string_view shown_in, const Limits& limits) {
  const Cast cast = cast_of(table, machines, EngineKind::msm, defect);
  if (!cast.problem.empty()) return cast.problem;
  const ConfigurationInfo* configuration = find_configuration(table, shown_in);
  if (configuration == nullptr) return "the defect has no configuration";
  const ConfigurationResult result = explore(table, cast, *configuration, limits);
  if (!result.found.complete) return "not explored to the end";
  std::vector<PropertyFinding> besides;
  for (const PropertyFinding& item : result.found.failed)
    if (!has(configuration->fails, table.properties[item.property].id)) besides.push_back(item);
  const bool exactly = besides.size() == 1 && table.properties[besides.front().property].id == property.id;
  if (exactly) return {};
  return std::string(defect) + " breaks " + names(table, besides) + ", must break " + std::string(property.id);
}

}  // namespace

std::string check_twin(const CompositionTable& table, std::span<const MachineEntry> machines,
                       const PropertyInfo& property, const Limits& limits) {
  if (property.twin.empty() || property.twin.size() != property.twin_in.size()) return "no defect, or not one for each configuration";
  for (std::size_t i = 0; i < property.twin.size(); ++i) {
    std::string wrong = check_defect(table, machines, property, property.twin[i], property.twin_in[i], limits);
    if (!wrong.empty()) return wrong;
  }
  return {};
}

namespace {

bool is_listed(const CompositionTable& table, const MachineTable& machine, const RowInfo& row) {
  return std::any_of(table.unreached.begin(), table.unreached.end(),
                     [&](const UnreachedInfo& item) { return item.machine == machine.id && item.row == row.id; });
}

// A state to which only listed rows lead needs no reason of its own.
bool only_listed_rows_lead_to(const CompositionTable& table, const MachineTable& machine, std::size_t state) {
  bool some = false;
  for (const RowInfo& row : machine.rows) {
    if (row.to != state || row.state == state) continue;
    if (!is_listed(table, machine, row)) return false;
    some = true;
  }
  return some;
}

}  // namespace

// Instances of one machine reach what any of them reaches.
std::vector<std::string> unreached(const CompositionTable& table, const Cast& cast,
                                   const std::vector<Exploration>& explorations) {
  std::vector<std::string> wrong;
  std::vector<std::string_view> done;
  for (const Player& player : cast.players) {
    const MachineTable& machine = *player.table;
    if (std::find(done.begin(), done.end(), machine.id) != done.end()) continue;
    done.push_back(machine.id);
    const auto any = [&](auto part, std::size_t k) {
      return std::any_of(explorations.begin(), explorations.end(), [&](const Exploration& one) {
        for (std::size_t i = 0; i < (one.*part).size(); ++i)
          if (cast.players[i].table->id == machine.id && (one.*part)[i][k]) return true;
        return false;
      });
    };
    for (std::size_t k = 0; k < machine.rows.size(); ++k) {
      const bool listed = is_listed(table, machine, machine.rows[k]);
      const bool taken = any(&Exploration::rows, k);
      const std::string name = std::string(machine.id) + " " + std::string(machine.rows[k].id);
      if (!taken && !listed) wrong.push_back(name + " is never taken");
      if (taken && listed) wrong.push_back(name + " is listed as never taken, but is");
    }
    for (std::size_t k = 0; k < machine.states.size(); ++k)
      if (!any(&Exploration::seen, k) && !only_listed_rows_lead_to(table, machine, k))
        wrong.push_back(std::string(machine.id) + " is never in state " + std::string(machine.states[k].id));
  }
  return wrong;
}

}  // namespace quickpay::statemachines
