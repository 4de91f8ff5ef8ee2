// Every single slip that the author of a machine could make in the specification itself, where everything that is
// generated agrees with the mistake.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "tools/speccompiler/ir/ir.hpp"

namespace quickpay::killtables {

/// One change of one machine as it is written, before cases are expanded to rows.
/// `id` is stable as long as the machine is: "vendor.order:wrong-target:V4:CHECKING".
struct SpecMutant {
  std::string id;
  std::string op;         ///< "wrong-target"
  std::size_t machine = 0;  ///< index into Spec::machines
  std::function<void(spec::Machine&)> apply;
};

/// All changes of all machines of these protocols (all protocols if empty), in the order of the specification. No two
/// have the same id.
std::vector<SpecMutant> spec_mutants(const spec::Spec& spec, const std::vector<std::string>& protocols = {});

}  // namespace quickpay::killtables
