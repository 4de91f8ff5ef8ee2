// Machines with one change, run by the interpreter.
#include "conformance/mutants/fault.hpp"
#include "statemachines/interpreter/interpreter.hpp"
#include "statemachines/all/generated/all.hpp"
#include "statemachines/mutation/mutation.hpp"

namespace quickpay::conformance::mutants {

namespace {

using statemachines::InterpreterEngine;
using statemachines::MachineModel;
using statemachines::MachineTable;
using statemachines::Mutation;

std::optional<Mutation> find_mutation(const MachineModel& model, std::string_view id) {
  for (Mutation& mutation : statemachines::all_mutations(model)) {
    if (mutation.id == id) {
      return std::move(mutation);
    }
  }
  return std::nullopt;
}

bool exists(std::string_view id) {
  for (const auto& entry : statemachines::all::machines()) {
    if (find_mutation(statemachines::model_of(entry.table()), id)) {
      return true;
    }
  }
  return false;
}

roles::Machine interpreted(const MachineTable& table, std::string_view id) {
  MachineModel model = statemachines::model_of(table);
  if (const auto mutation = id.empty() ? std::nullopt : find_mutation(model, id)) {
    model = statemachines::mutated(model, *mutation);
  }
  return {&table, std::make_unique<InterpreterEngine>(std::move(model))};
}

}  // namespace

std::optional<roles::EngineFactory> mutated_factory(std::string_view mutation_id) {
  if (!mutation_id.empty() && !exists(mutation_id)) {
    return std::nullopt;
  }
  return [id = std::string(mutation_id)](const MachineTable& table) { return interpreted(table, id); };
}

std::vector<std::string> mutation_ids(std::string_view role) {
  std::vector<std::string> ids;
  for (const auto& entry : statemachines::all::machines()) {
    if (entry.table().role == role) {
      for (Mutation& mutation : statemachines::all_mutations(statemachines::model_of(entry.table()))) {
        ids.push_back(std::move(mutation.id));
      }
    }
  }
  return ids;
}

}  // namespace quickpay::conformance::mutants
