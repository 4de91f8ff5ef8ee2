// Every single change of a machine that a slip of an implementer could make. A check that does not notice one of them
// has no teeth.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "statemachines/interpreter/model.hpp"

namespace quickpay::statemachines {

enum class MutationOperator : std::uint8_t {
  drop_row,         ///< the row is not there
  wrong_target,     ///< the row leads to another state
  drop_literal,     ///< one condition of the row is forgotten
  negate_literal,   ///< one condition of the row is turned round
  drop_effect,      ///< one effect of a row or default is forgotten
  swap_effects,     ///< two neighbouring effects are done in the wrong order
  repeat_effect,    ///< one effect is done twice
  wrong_set,        ///< a variable is set to another value
  change_default,   ///< the event gets another default (or one, if it has none)
  drop_default,     ///< the event has no default
  initial_state,    ///< the machine starts in another state
  initial_value     ///< a variable starts with another value
};

/// One change of one machine. `id` is stable as long as the specification is:
/// "<machine>:<operator>:<row, default, event, state or variable>[:<detail>]", e.g. "vendor.order:drop-row:V15@CHECKING",
/// "vendor.order:drop-effect:V8:3" (effects count from 1), "vendor.order:wrong-target:V4:CHECKING".
struct Mutation {
  std::string id = {};
  MutationOperator op = MutationOperator::drop_row;
  bool in_default = false;   ///< `place` is a default, not a row
  std::size_t place = 0;     ///< index of the row, default, event or variable
  std::size_t position = 0;  ///< bit of the mask, or index of the effect
  std::uint16_t value = 0;   ///< the wrong state, value or default
};

/// All mutations of a model by all operators, in a fixed order. No two have the same id.
std::vector<Mutation> all_mutations(const MachineModel& model);

/// The model with the mutation made. `mutation` must come from all_mutations of an equal model.
MachineModel mutated(const MachineModel& model, const Mutation& mutation);

/// "drop-row", …
std::string_view operator_name(MutationOperator op);

}  // namespace quickpay::statemachines
