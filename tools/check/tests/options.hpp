// What is checked in tests.
#pragma once

#include <span>

#include "reference/codec/generated/protocol.hpp"
#include "statemachines/composition/generated/all.hpp"
#include "tools/check/check.hpp"

namespace quickpay::check {

/// These machines in all compositions, as the specification has them.
inline Options options_with(std::span<const statemachines::MachineEntry> machines) {
  Options options;
  options.machines = machines;
  options.compositions = statemachines::compositions::all();
  options.built_from = protocol::kSpecId;
  return options;
}

}  // namespace quickpay::check
