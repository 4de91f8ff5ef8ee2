// The fixture of a running server (level E): who is around it, where, and what its owner configured.
#pragma once

#include <string>

#include <tl/expected.hpp>

#include "conformance/peers/plan.hpp"

namespace quickpay::conformance {

/// The plan that a fixture file describes. Players keep the addresses and ports of the file; parts of the cast that
/// nobody can play stay empty. The error names what is missing.
tl::expected<WorldPlan, std::string> plan_of_fixture(const Json& fixture);

}  // namespace quickpay::conformance
