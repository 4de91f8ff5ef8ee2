// Makes the world of a session: players by plan or fixture, and the judges that watch them.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "conformance/model/session.hpp"
#include "conformance/peers/plan.hpp"
#include "conformance/peers/world.hpp"

namespace quickpay::conformance {

/// All judges of a role, in the order in which they have to see messages.
std::vector<std::shared_ptr<Observer>> judges_of(std::string_view role);

/// What the runner calls around each scenario. At level E the plan is that of the fixture (docs/adapter-protocol.md,
/// section 9), else the standard plan of the role.
WorldFactory make_worlds();

}  // namespace quickpay::conformance
