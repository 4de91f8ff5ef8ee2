// Somebody asks the Host who others are: those that there are, and some that there are not.
#pragma once

#include <cstddef>

#include "reference/sim/campaign/script.hpp"
#include "reference/sim/world.hpp"

namespace quickpay::sim {

/// Asks the Host's directory about every player by its role and by another one, about a Vendor by its endpoint, about places and ids that nobody has, and
/// about Wallets with a ticket that is none. Nobody has to say who asks.
void look_everybody_up(World& world, const Script& script);

}  // namespace quickpay::sim
