// The machines that every test of this room runs on: the hand-written door and all generated ones.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "statemachines/step/compiled.hpp"
#include "statemachines/step/step.hpp"

namespace quickpay::statemachines::tests {

struct Subject {
  const MachineTable& (*table)();
  std::unique_ptr<Engine> (*make_msm)();
  CompiledTable (*compiled_table)();
  std::string id() const { return std::string(table().id); }
};

/// The generated machines, in the order of their registry.
std::vector<Subject> generated_subjects();

/// The door, then the generated machines.
std::vector<Subject> subjects();

/// Seed of a random test: the environment's QP_SEED, or a fixed one; printed either way.
std::uint64_t test_seed();

}  // namespace quickpay::statemachines::tests
