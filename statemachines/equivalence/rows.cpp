#include "statemachines/equivalence/rows.hpp"

#include <algorithm>

namespace quickpay::statemachines {
namespace {

std::string state_name(const MachineTable& table, StateId state) {
  return state < table.states.size() ? std::string(table.states[state].id) : "#" + std::to_string(state);
}

std::string event_name(const MachineTable& table, EventId event) {
  return event < table.events.size() ? std::string(table.events[event].id) : "#" + std::to_string(event);
}

std::string text_of(const MachineTable& table, const CompiledRow& row) {
  return state_name(table, row.state) + " + " + event_name(table, row.event) + " -> " + state_name(table, row.to) +
         " [mask " + std::to_string(row.mask) + ", value " + std::to_string(row.value) + "] row " +
         std::to_string(row.row);
}

}  // namespace

std::vector<std::string> compare_rows(const MachineTable& table, const CompiledTable& compiled) {
  std::vector<std::string> differences;
  const std::string start = std::string(table.id) + ": ";
  if (compiled.initial != table.initial)
    differences.push_back(start + "starts in " + state_name(table, compiled.initial) + ", must start in " +
                          state_name(table, table.initial));
  if (compiled.rows.size() != table.rows.size())
    differences.push_back(start + std::to_string(compiled.rows.size()) + " rows compiled, " +
                          std::to_string(table.rows.size()) + " specified");
  const std::size_t common = std::min(compiled.rows.size(), table.rows.size());
  for (std::size_t i = 0; i < common && differences.size() < kMaxRowDifferences; ++i) {
    const RowInfo& row = table.rows[i];
    const CompiledRow wanted{row.state, row.event, row.to, static_cast<RowId>(i), row.mask, row.value};
    if (compiled.rows[i] == wanted) continue;
    differences.push_back(start + std::string(row.id) + " is compiled as " + text_of(table, compiled.rows[i]) +
                          ", must be " + text_of(table, wanted));
  }
  return differences;
}

}  // namespace quickpay::statemachines
