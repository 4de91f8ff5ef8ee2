// A small hand-written machine in the form of the generated ones. It has what they may have: a variable with an atom,
// a block of several cubes, a default, an event without any row, a state that can only be entered.
#pragma once

#include <memory>

#include "statemachines/step/compiled.hpp"
#include "statemachines/step/step.hpp"

namespace quickpay::statemachines::door {

enum class State : StateId { SHUT, OPEN, BROKEN };
enum class Event : EventId { push, pull, kick, wind };
enum class Predicate : std::uint8_t { has_key, strong };
enum class Effect : EffectId { tell_locked, set_locked_yes, set_locked_no, perform_swing, alarm, ignore };

const MachineTable& table();
std::unique_ptr<Engine> make_msm();
CompiledTable compiled_table();

}  // namespace quickpay::statemachines::door
