// Plays a script in a world and says which goal was missed.
#pragma once

#include <cstddef>
#include <string>

#include "reference/sim/campaign/defects.hpp"
#include "reference/sim/campaign/script.hpp"

namespace quickpay::sim {

/// What became of a script.
struct Played {
  std::string wrong;       ///< "G7: …", "L5: …", or nothing
  std::size_t deliveries = 0;  ///< orders that brought goods
  std::size_t steps = 0;       ///< of machines, all judged
};

/// Plays it from its seed alone: the same script gives the same result. With a defect the traces are not judged, so that
/// it is the goals that have to find it.
Played play(const Script& script, const Defect* defect = nullptr);

}  // namespace quickpay::sim
