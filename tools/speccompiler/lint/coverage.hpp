// Which requirements the specification puts into effect, and which it excludes.
#pragma once

#include <string>
#include <vector>

#include "tools/speccompiler/ir/ir.hpp"

namespace quickpay::spec {

/// How one requirement is met.
struct RequirementCoverage {
  std::string id;
  std::string level;
  std::size_t references = 0;  ///< decisions not counted
  std::size_t decisions = 0;
  std::string excluded_until;    ///< empty: not excluded
  std::string excluded_because;  ///< the reason, if it is
};

/// One entry a requirement, in their order.
std::vector<RequirementCoverage> requirement_coverage(const Spec& spec);

}  // namespace quickpay::spec
