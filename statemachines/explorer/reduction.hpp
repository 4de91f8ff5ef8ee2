// The search that keeps the largest states alone, held against the one that keeps every state.
#pragma once

#include <string>
#include <vector>

#include "statemachines/explorer/cast.hpp"
#include "statemachines/explorer/explorer.hpp"

namespace quickpay::statemachines {

/// What the second exploration of a world found otherwise than the first, a sentence each: properties that fail, rows taken, states of machines seen.
std::vector<std::string> departs(const CompositionTable& table, const Cast& cast, const Exploration& whole, const Exploration& other);

/// One world, explored in two ways.
struct Twice {
  Exploration whole;               ///< every state
  Exploration other;               ///< … and those that are asked for
  std::vector<std::string> wrong;  ///< what departs, or is not explored to the end
};

/// Explores a configuration in both ways; of its properties those that look at single states are checked.
Twice explore_twice(const CompositionTable& table, const Cast& cast, const ConfigurationInfo& configuration, const Limits& limits = {},
                    Keep other = Keep::largest);

}  // namespace quickpay::statemachines
