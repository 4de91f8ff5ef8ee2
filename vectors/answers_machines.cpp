#include <algorithm>
#include <map>

#include "statemachines/all/generated/all.hpp"
#include "statemachines/interpreter/interpreter.hpp"
#include "vectors/answers.hpp"

namespace quickpay::vectors {
namespace {

namespace sm = statemachines;

/// One machine with both of its engines.
struct Machine {
  const sm::MachineTable* table;
  std::unique_ptr<sm::Engine> compiled;
  sm::InterpreterEngine interpreted;
};

const Machine* machine_of(const std::string& id) {
  static const std::map<std::string, Machine> kMachines = [] {
    std::map<std::string, Machine> out;
    for (const sm::MachineEntry& entry : sm::all::machines()) {
      const sm::MachineTable& table = entry.table();
      out.emplace(std::string(table.id), Machine{&table, entry.make_msm(), sm::InterpreterEngine(sm::model_of(table))});
    }
    return out;
  }();
  const auto at = kMachines.find(id);
  return at == kMachines.end() ? nullptr : &at->second;
}

/// Where the id stands in a list of the table; -1: nowhere.
template <class List>
int index_of(const List& list, const std::string& id) {
  const auto at = std::find_if(list.begin(), list.end(), [&](const auto& each) { return each.id == id; });
  return at == list.end() ? -1 : static_cast<int>(at - list.begin());
}

sm::PredicateBits bits_of(const sm::MachineTable& table, const Json& holds) {
  sm::PredicateBits bits = 0;
  for (const Json& each : holds) {
    const int at = index_of(table.predicates, each.get<std::string>());
    if (at >= 0) bits |= sm::PredicateBits{1} << at;
  }
  return bits;
}

bool snapshot_of(const sm::MachineTable& table, const Json& given, sm::Snapshot& out) {
  out = sm::initial_snapshot(table);
  const int state = index_of(table.states, given.at("state"));
  if (state < 0) return false;
  out.state = static_cast<sm::StateId>(state);
  for (std::size_t i = 0; i < table.variables.size(); ++i) {
    const sm::VariableInfo& variable = table.variables[i];
    const auto value = given.at("variables").at(std::string(variable.id)).get<std::string>();
    const auto at = std::find(variable.values.begin(), variable.values.end(), value);
    if (at == variable.values.end()) return false;
    out.variables[i] = static_cast<std::uint8_t>(at - variable.values.begin());
  }
  return true;
}

Json variables_of(const sm::MachineTable& table, const sm::Snapshot& snapshot) {
  Json out = Json::object();
  for (std::size_t i = 0; i < table.variables.size(); ++i)
    out[std::string(table.variables[i].id)] = table.variables[i].values[snapshot.variables[i]];
  return out;
}

Json step(const Machine& machine, sm::Snapshot& snapshot, const std::string& event, const Json& holds) {
  const sm::MachineTable& table = *machine.table;
  const int at = index_of(table.events, event);
  if (at < 0) return {{"unsupported", "no such event"}};
  sm::Snapshot other = snapshot;
  const sm::PredicateBits bits = bits_of(table, holds);
  const sm::StepResult result = machine.compiled->step(snapshot, static_cast<sm::EventId>(at), bits);
  const sm::StepResult again = machine.interpreted.step(other, static_cast<sm::EventId>(at), bits);
  if (!(result == again) || !(snapshot == other)) return {{"differ", true}};
  Json out = {{"next", table.states[snapshot.state].id}, {"variables", variables_of(table, snapshot)}, {"effects", Json::array()}};
  for (const sm::EffectId effect : result.effect_list()) out["effects"].push_back(table.effects[effect].id);
  if (result.row < table.rows.size()) out["row"] = table.rows[result.row].id;
  if (result.row >= table.rows.size() && result.row != sm::kNoRow) out["default"] = table.defaults[result.row - table.rows.size()].id;
  return out;
}

}  // namespace

Json answer_state(const Json& asked) {
  const Machine* machine = machine_of(asked.at("machine"));
  sm::Snapshot snapshot;
  if (machine == nullptr || !snapshot_of(*machine->table, asked.at("given"), snapshot)) return {{"unsupported", "no such machine or state"}};
  return step(*machine, snapshot, asked.at("event"), asked.at("given").at("holds"));
}

Json answer_scenario(const Json& asked) {
  if (!asked.contains("steps")) return answer_state(asked);
  Json out = {{"steps", Json::array()}};
  std::map<std::string, sm::Snapshot> snapshots;
  for (const Json& each : asked["steps"]) {
    const Machine* machine = machine_of(each.at("machine"));
    if (machine == nullptr) return {{"unsupported", "no such machine"}};
    sm::Snapshot& here = snapshots.try_emplace(each.at("machine"), sm::initial_snapshot(*machine->table)).first->second;
    Json answer = step(*machine, here, each.at("event"), each.at("holds"));
    answer.erase("row");
    answer.erase("default");
    out["steps"].push_back(std::move(answer));
  }
  return out;
}

}  // namespace quickpay::vectors
