// What a compiled machine says about itself: the rows of its real MSM transition table, read back from the types.
#pragma once

#include <vector>

#include "statemachines/step/step.hpp"

namespace quickpay::statemachines {

/// One row as the compiler saw it: numbers are the ids that the generated types carry.
struct CompiledRow {
  StateId state = 0;
  EventId event = 0;
  StateId to = 0;
  RowId row = kNoRow;  ///< the row that its action records
  std::uint64_t mask = 0;
  std::uint64_t value = 0;
  friend bool operator==(const CompiledRow&, const CompiledRow&) = default;
};

/// A whole compiled machine, rows in the order of its transition table.
struct CompiledTable {
  StateId initial = 0;
  std::vector<CompiledRow> rows;
};

}  // namespace quickpay::statemachines
