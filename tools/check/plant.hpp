// A machine with one row changed, as if its generated table had been edited and compiled: what L1 has to notice. L2
// compares it with itself.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "statemachines/step/registry.hpp"

namespace quickpay::check {

/// `machines` with one row changed. `defect` is "MACHINE ROW CHANGE"; CHANGE is target (leads to the next state), condition (other bits), effects
/// (none), event (the next one) or name. The engine interprets the changed table. One defect a process: a new one replaces the last, whose
/// entries then show the new one. Empty if there is no such machine, row or change, or if it would change nothing.
std::vector<statemachines::MachineEntry> with_defect(std::span<const statemachines::MachineEntry> machines, std::string_view defect);

/// What may be changed in a row.
inline constexpr std::string_view kChanges[] = {"target", "condition", "effects", "event", "name"};

}  // namespace quickpay::check
