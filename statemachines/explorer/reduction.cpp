#include "statemachines/explorer/reduction.hpp"

#include <algorithm>

#include "statemachines/explorer/claims.hpp"

namespace quickpay::statemachines {
namespace {

bool has_failed(const Exploration& found, std::size_t property) {
  return std::any_of(found.failed.begin(), found.failed.end(), [&](const PropertyFinding& item) { return item.property == property; });
}

std::string row_name(const MachineTable& machine, std::size_t row) {
  return row < machine.rows.size() ? "row " + std::string(machine.rows[row].id) : "default " + std::to_string(row - machine.rows.size());
}

std::string only(bool first) { return first ? "only where every state is kept" : "only where not every state is kept"; }

}  // namespace

std::vector<std::string> departs(const CompositionTable& table, const Cast& cast, const Exploration& whole, const Exploration& other) {
  std::vector<std::string> wrong;
  for (std::size_t i = 0; i < table.properties.size(); ++i)
    if (has_failed(whole, i) != has_failed(other, i))
      wrong.push_back(std::string(table.properties[i].id) + " fails " + only(has_failed(whole, i)));
  for (std::size_t i = 0; i < cast.players.size(); ++i) {
    const MachineTable& machine = *cast.players[i].table;
    for (std::size_t k = 0; k < whole.rows[i].size(); ++k)
      if (whole.rows[i][k] != other.rows[i][k])
        wrong.push_back(std::string(machine.id) + " takes " + row_name(machine, k) + " " + only(whole.rows[i][k]));
    for (std::size_t k = 0; k < whole.seen[i].size(); ++k)
      if (whole.seen[i][k] != other.seen[i][k])
        wrong.push_back(std::string(machine.id) + " is in state " + std::string(machine.states[k].id) + " " + only(whole.seen[i][k]));
  }
  return wrong;
}

Twice explore_twice(const CompositionTable& table, const Cast& cast, const ConfigurationInfo& configuration, const Limits& limits, Keep other) {
  std::vector<std::size_t> checked = claimed_in(table, configuration.id);
  std::erase_if(checked, [&](std::size_t i) { return table.properties[i].kind != PropertyKind::always; });
  Composition composition(table, cast.players, configuration);
  if (cast.pretended) composition.pretend(cast.pretended->instance, cast.pretended->predicate, cast.pretended->value);
  Twice twice;
  Limits how = limits;
  how.keep = Keep::every;
  twice.whole = Explorer(composition, checked).run(how);
  how.keep = other;
  twice.other = Explorer(composition, checked).run(how);
  for (const Exploration* one : {&twice.whole, &twice.other})
    if (!one->complete) twice.wrong.push_back(one->problem.empty() ? "not explored to the end" : one->problem);
  if (twice.wrong.empty()) twice.wrong = departs(table, cast, twice.whole, twice.other);
  return twice;
}

}  // namespace quickpay::statemachines
