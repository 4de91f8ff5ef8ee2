// A machine's tables as values that may be changed: what the interpreter runs and what mutations are made on.
#pragma once

#include <string>
#include <vector>

#include "statemachines/step/step.hpp"

namespace quickpay::statemachines {

struct ModelVariable {
  std::string id;
  std::vector<std::string> values;
  std::uint8_t initial = 0;
};

struct ModelEvent {
  std::string id;
  EventKind kind = EventKind::request;
  int default_index = -1;  ///< into MachineModel::defaults, or -1
};

struct ModelPredicate {
  std::string id;
  std::string text;  ///< English
};

struct ModelEffect {
  std::string id;
  Verb verb = Verb::ignore;
  std::uint8_t variable = 0;  ///< set: the variable …
  std::uint8_t value = 0;     ///< … and its new value
};

struct ModelRow {
  std::string id;
  RowId number = 0;  ///< what a step reports; stays when other rows are dropped
  StateId state = 0;
  EventId event = 0;
  StateId to = 0;
  std::uint64_t mask = 0;
  std::uint64_t value = 0;
  std::vector<EffectId> effects;
  std::vector<std::string> requirements;
};

struct ModelDefault {
  std::string id;
  RowId number = 0;  ///< what a step reports
  std::vector<EffectId> effects;
  std::vector<std::string> requirements;
};

/// One machine, owning everything. Indices mean what they mean in MachineTable.
struct MachineModel {
  std::string id;
  std::vector<std::string> states;
  std::vector<ModelVariable> variables;
  std::vector<ModelEvent> events;
  std::vector<ModelPredicate> predicates;
  std::vector<AtomInfo> atoms;
  std::vector<ModelEffect> effects;
  std::vector<ModelRow> rows;
  std::vector<ModelDefault> defaults;
  StateId initial = 0;
};

/// The model of a table: an own copy of all of it.
MachineModel model_of(const MachineTable& table);

/// The snapshot a model starts from.
Snapshot initial_snapshot(const MachineModel& model);

}  // namespace quickpay::statemachines
