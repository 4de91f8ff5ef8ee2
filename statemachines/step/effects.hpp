// Effects of a machine by their name.
#pragma once

#include <algorithm>
#include <optional>
#include <string_view>

#include "statemachines/step/step.hpp"

namespace quickpay::statemachines {

/// The number of the effect that the specification calls so; nothing: the machine has none.
inline std::optional<EffectId> effect_id(const MachineTable& table, std::string_view id) {
  const auto at = std::find_if(table.effects.begin(), table.effects.end(), [&](const auto& effect) { return effect.id == id; });
  if (at == table.effects.end()) return std::nullopt;
  return static_cast<EffectId>(at - table.effects.begin());
}

}  // namespace quickpay::statemachines
