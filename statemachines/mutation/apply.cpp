#include <utility>

#include "statemachines/mutation/mutation.hpp"

namespace quickpay::statemachines {
namespace {

// The number of the effect "set <variable> <value>", which is added if no row has it so far.
EffectId set_effect(MachineModel& model, std::uint8_t variable, std::uint8_t value) {
  for (std::size_t i = 0; i < model.effects.size(); ++i) {
    const ModelEffect& effect = model.effects[i];
    if (effect.verb == Verb::set && effect.variable == variable && effect.value == value)
      return static_cast<EffectId>(i);
  }
  const ModelVariable& named = model.variables[variable];
  model.effects.push_back({"set " + named.id + " " + named.values[value], Verb::set, variable, value});
  return static_cast<EffectId>(model.effects.size() - 1);
}

void change_effects(MachineModel& model, const Mutation& mutation) {
  std::vector<EffectId>& effects =
      mutation.in_default ? model.defaults[mutation.place].effects : model.rows[mutation.place].effects;
  const auto at = effects.begin() + static_cast<std::ptrdiff_t>(mutation.position);
  if (mutation.op == MutationOperator::drop_effect) {
    effects.erase(at);
  } else if (mutation.op == MutationOperator::swap_effects) {
    std::swap(*at, *(at + 1));
  } else if (mutation.op == MutationOperator::repeat_effect) {
    effects.insert(at, EffectId{*at});
  } else {
    *at = set_effect(model, model.effects[*at].variable, static_cast<std::uint8_t>(mutation.value));
  }
}

}  // namespace

MachineModel mutated(const MachineModel& model, const Mutation& mutation) {
  MachineModel result = model;
  const std::uint64_t bit = 1ULL << mutation.position;
  switch (mutation.op) {
    case MutationOperator::drop_row:
      result.rows.erase(result.rows.begin() + static_cast<std::ptrdiff_t>(mutation.place));
      break;
    case MutationOperator::wrong_target:
      result.rows[mutation.place].to = mutation.value;
      break;
    case MutationOperator::drop_literal:
      result.rows[mutation.place].mask &= ~bit;
      result.rows[mutation.place].value &= ~bit;
      break;
    case MutationOperator::negate_literal:
      result.rows[mutation.place].value ^= bit;
      break;
    case MutationOperator::drop_effect:
    case MutationOperator::swap_effects:
    case MutationOperator::repeat_effect:
    case MutationOperator::wrong_set:
      change_effects(result, mutation);
      break;
    case MutationOperator::change_default:
      result.events[mutation.place].default_index = mutation.value;
      break;
    case MutationOperator::drop_default:
      result.events[mutation.place].default_index = -1;
      break;
    case MutationOperator::initial_state:
      result.initial = mutation.value;
      break;
    case MutationOperator::initial_value:
      result.variables[mutation.place].initial = static_cast<std::uint8_t>(mutation.value);
      break;
  }
  return result;
}

}  // namespace quickpay::statemachines
