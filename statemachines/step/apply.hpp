// How a row, once chosen, changes a snapshot and fills a result: the half of a step in which the compiled engine reads
// the tables. The interpreter does not use it; the comparison of both engines would not see a fault in here otherwise.
#pragma once

#include "statemachines/step/step.hpp"

namespace quickpay::statemachines {

/// Result of taking row `row` (an index into table.rows); sets the variables that its effects set. The caller has moved
/// the snapshot to the row's target. A row that does not exist gives an empty result with kNoRow.
StepResult taken(const MachineTable& table, Snapshot& snapshot, RowId row) noexcept;

/// Result of an event that has no row in this state: its default, or an empty result if it has none.
StepResult unexpected(const MachineTable& table, Snapshot& snapshot, EventId event) noexcept;

/// Sets the variable if the effect is a `set`; other verbs do nothing to a snapshot.
void apply_set(const EffectInfo& effect, Snapshot& snapshot) noexcept;

}  // namespace quickpay::statemachines
