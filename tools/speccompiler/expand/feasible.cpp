#include "tools/speccompiler/expand/feasible.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>

namespace quickpay::spec {
namespace {

std::optional<std::size_t> predicate_index(const Machine& machine, const std::string& id) {
  for (std::size_t i = 0; i < machine.predicates.size(); ++i) {
    if (machine.predicates[i].id == id) return i;
  }
  return std::nullopt;
}

std::uint64_t bit_at(std::size_t index) { return index < 64 ? std::uint64_t{1} << index : 0; }

// Implications have one premise and one conclusion, so following them to the end finds every contradiction.
bool implications_hold(const Machine& machine, Cube cube) {
  for (bool changed = true; changed;) {
    changed = false;
    for (const Implication& implication : machine.implications) {
      const auto from = predicate_index(machine, implication.if_predicate);
      const auto to = predicate_index(machine, implication.then_predicate);
      if (!from || !to || (cube.value & bit_at(*from)) == 0) continue;
      const std::uint64_t bit = bit_at(*to);
      if ((cube.mask & bit) != 0 && (cube.value & bit) == 0) return false;
      changed = changed || (cube.value & bit) == 0;
      cube.mask |= bit;
      cube.value |= bit;
    }
  }
  return true;
}

// One value at most is asserted, and not all are denied.
bool variable_has_value(const Machine& machine, const Variable& variable, const Cube& cube) {
  std::size_t asserted = 0;
  std::size_t denied = 0;
  for (std::size_t i = 0; i < machine.atoms.size(); ++i) {
    const std::uint64_t bit = bit_at(machine.predicates.size() + i);
    if (machine.atoms[i].variable != variable.id || (cube.mask & bit) == 0) continue;
    ++((cube.value & bit) != 0 ? asserted : denied);
  }
  return asserted <= 1 && denied < variable.values.size();
}

}  // namespace

bool feasible(const Machine& machine, const Cube& cube) {
  const auto has_value = [&](const Variable& v) { return variable_has_value(machine, v, cube); };
  return implications_hold(machine, cube) && std::all_of(machine.variables.begin(), machine.variables.end(), has_value);
}

}  // namespace quickpay::spec
