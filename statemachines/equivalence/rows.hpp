// Level L1 of the evidence: the compiled transition table is the specification's table.
#pragma once

#include <string>
#include <vector>

#include "statemachines/step/compiled.hpp"

namespace quickpay::statemachines {

/// What differs between a compiled machine and its table, a sentence each; empty: they are the same, row by row and in
/// the same order. At most kMaxRowDifferences are told.
std::vector<std::string> compare_rows(const MachineTable& table, const CompiledTable& compiled);

inline constexpr std::size_t kMaxRowDifferences = 20;

}  // namespace quickpay::statemachines
