// Right traces, made by the compiled machines: what monitors are tried on.
#pragma once

#include <random>
#include <string>
#include <vector>

#include "statemachines/all/generated/all.hpp"
#include "statemachines/interpreter/explain.hpp"
#include "statemachines/interpreter/model.hpp"
#include "statemachines/monitor/trace_line.hpp"

namespace quickpay::statemachines::monitor::tests {

inline const std::string kSpec(64, 'a');

inline BeginLine begin_of(const MachineTable& table, bool fresh = true) {
  return {kSpec, std::string(table.role), "P1", "F", fresh};
}

inline std::vector<std::string> spelled(const MachineTable& table, const Snapshot& snapshot) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < table.variables.size(); ++i) {
    out.push_back(std::string(table.variables[i].id) + "=" +
                  std::string(table.variables[i].values[snapshot.variables[i]]));
  }
  return out;
}

inline bool possible(const MachineTable& table, PredicateBits bits) {
  for (const ImplicationInfo& one : table.implications) {
    if ((bits >> one.if_predicate & 1) != 0 && (bits >> one.then_predicate & 1) == 0) return false;
  }
  return true;
}

/// The line of one step by the compiled machine; moves the snapshot.
inline StepLine step_of(const MachineEntry& entry, Snapshot& snapshot, EventId event, PredicateBits bits) {
  const MachineTable& table = entry.table();
  const MachineModel model = model_of(table);
  StepLine line;
  line.player = "P1";
  line.machine = model.id;
  line.key = "key";
  line.event = model.events[event].id;
  for (std::size_t i = 0; i < table.predicates.size(); ++i) {
    if ((bits >> i & 1) != 0) line.holds.push_back(model.predicates[i].id);
  }
  line.before = model.states[snapshot.state];
  line.variables_before = spelled(table, snapshot);
  const StepResult result = entry.make_msm()->step(snapshot, event, bits);
  line.outcome = result.outcome == Outcome::taken ? "taken" : "unexpected";
  line.row = result.row == kNoRow ? "" : row_name(model, result.row);
  line.after = model.states[snapshot.state];
  line.variables_after = spelled(table, snapshot);
  for (const EffectId effect : result.effect_list()) line.effects.push_back(model.effects[effect].id);
  return line;
}

/// A life of one record of the machine: `length` steps with events and predicates as the seed says.
inline std::vector<StepLine> walk(const MachineEntry& entry, std::uint64_t seed, int length) {
  const MachineTable& table = entry.table();
  std::mt19937_64 random(seed);
  Snapshot snapshot = initial_snapshot(table);
  std::vector<StepLine> lines;
  while (static_cast<int>(lines.size()) < length) {
    const auto event = static_cast<EventId>(random() % table.events.size());
    const PredicateBits bits = random() & ((PredicateBits{1} << table.predicates.size()) - 1);
    if (possible(table, bits)) lines.push_back(step_of(entry, snapshot, event, bits));
  }
  return lines;
}

}  // namespace quickpay::statemachines::monitor::tests
