// Claims that deny.
#pragma once

#include "conformance/suites/define.hpp"

namespace quickpay::conformance {

/// Adds, for each protocol that the specification gives the role, a scenario that runs only against an implementation
/// that does not claim it (ScenarioInfo::denial), and asks for all of it: a claim may leave out, it may not lie.
void add_denials(Suite& suite);

}  // namespace quickpay::conformance
