// Role cores with something wrong, in simulated worlds.
#pragma once

#include <cstddef>
#include <string>

#include "reference/sim/campaign/play.hpp"

namespace quickpay::killtables {

/// What goes wrong first when this is sown into the players of a role: purchases without faults that no longer bring the
/// goods, then, in `worlds` worlds with faults, a goal that is missed or, if it is traced, a step that is not the
/// specification's. Nothing if all goes well.
/// Without `money` no world settles.
std::string what_goes_wrong(const sim::Sown& sown, std::size_t worlds, bool money = true);

}  // namespace quickpay::killtables
