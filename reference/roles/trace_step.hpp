// A node's notes as the lines of a trace.
#pragma once

#include "reference/roles/trace.hpp"
#include "statemachines/monitor/trace_line.hpp"

namespace quickpay::roles {

/// The note as monitors read it.
inline statemachines::monitor::StepLine as_step(const TraceLine& line) {
  return {line.at_ms, line.player, line.machine, line.key, line.event, line.holds, line.outcome, line.row, line.before,
          line.after, line.variables_before, line.variables_after, line.effects};
}

}  // namespace quickpay::roles
