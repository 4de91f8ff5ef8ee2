// Sentences about a machine for error reports: what is possible in a snapshot, and under which conditions.
#pragma once

#include <string>
#include <vector>

#include "statemachines/interpreter/model.hpp"

namespace quickpay::statemachines {

/// What could become of `event` in `snapshot`: a sentence for each row that the variables do not exclude, with its
/// conditions in English, its target and its effects; one sentence about the default where there is no row. A state or
/// event number out of range gives one sentence that says so.
std::vector<std::string> explain(const MachineModel& model, const Snapshot& snapshot, EventId event);

/// Ids of the events that have at least one row that the variables do not exclude, in the order of the machine.
std::vector<std::string> allowed_events(const MachineModel& model, const Snapshot& snapshot);

/// "OFFERED" or "CHECKING (waiting = yes)".
std::string describe(const MachineModel& model, const Snapshot& snapshot);

/// "item_known, not broker_refused": the bits under `mask`, atoms included; "nothing" for an empty mask.
std::string describe_bits(const MachineModel& model, std::uint64_t mask, std::uint64_t value);

/// "perform hold; reply QP-OK", or "no effect".
std::string describe_effects(const MachineModel& model, const std::vector<EffectId>& effects);

/// Id of the row or default that a step reports, or "none".
std::string row_name(const MachineModel& model, RowId row);

}  // namespace quickpay::statemachines
