#include "tools/check/plant.hpp"

#include <algorithm>
#include <sstream>

#include "statemachines/interpreter/interpreter.hpp"

namespace quickpay::check {
namespace {

using namespace statemachines;

struct Planted {
  MachineTable table;
  std::vector<RowInfo> rows;
  MachineModel model;
  std::string name;
};

Planted& planted() {
  static Planted one;
  return one;
}

const MachineTable& table() { return planted().table; }
std::unique_ptr<Engine> engine() { return std::make_unique<InterpreterEngine>(planted().model); }
CompiledTable compiled() {
  CompiledTable all{planted().table.initial, {}};
  for (std::size_t i = 0; i < planted().rows.size(); ++i) {
    const RowInfo& row = planted().rows[i];
    all.rows.push_back({row.state, row.event, row.to, static_cast<RowId>(i), row.mask, row.value});
  }
  return all;
}

bool change(RowInfo& row, std::string_view what, const MachineTable& machine) {
  const RowInfo before = row;
  if (what == "target") {
    row.to = static_cast<StateId>((row.to + 1U) % machine.states.size());
  } else if (what == "condition") {
    row.value ^= row.mask;
  } else if (what == "effects") {
    row.effects = {};
  } else if (what == "event") {
    row.event = static_cast<EventId>((row.event + 1U) % machine.events.size());
  } else if (what == "name") {
    planted().name = std::string(row.id) + "-planted";
    row.id = planted().name;
  }
  return row.to != before.to || row.value != before.value || row.effects.size() != before.effects.size() ||
         row.event != before.event || row.id != before.id;
}

}  // namespace

std::vector<MachineEntry> with_defect(std::span<const MachineEntry> machines, std::string_view defect) {
  std::istringstream words{std::string(defect)};
  std::string machine, row_id, what;
  words >> machine >> row_id >> what;
  std::vector<MachineEntry> all(machines.begin(), machines.end());
  for (MachineEntry& entry : all) {
    if (entry.table().id != machine) continue;
    planted().table = entry.table();
    planted().rows.assign(planted().table.rows.begin(), planted().table.rows.end());
    const auto row = std::find_if(planted().rows.begin(), planted().rows.end(), [&](const RowInfo& one) { return one.id == row_id; });
    if (row == planted().rows.end() || !change(*row, what, planted().table)) return {};
    planted().table.rows = planted().rows;
    planted().model = model_of(planted().table);
    entry = {&table, &engine, &compiled};
    return all;
  }
  return {};
}

}  // namespace quickpay::check
