// What a list of machines holds; the lists themselves are generated.
#pragma once

#include <memory>

#include "statemachines/step/compiled.hpp"
#include "statemachines/step/step.hpp"

namespace quickpay::statemachines {

/// One machine: its tables, its compiled engine, the rows that were compiled.
struct MachineEntry {
  const MachineTable& (*table)();
  std::unique_ptr<Engine> (*make_msm)();
  CompiledTable (*compiled_table)();
};

}  // namespace quickpay::statemachines
