// Which cubes can occur at all, given what a machine declares impossible.
#pragma once

#include "tools/speccompiler/expand/tree.hpp"
#include "tools/speccompiler/ir/ir.hpp"

namespace quickpay::spec {

/// Whether a snapshot and a set of predicates that respect the implications fit the cube: a variable has exactly one
/// value, and what is implied holds.
bool feasible(const Machine& machine, const Cube& cube);

}  // namespace quickpay::spec
