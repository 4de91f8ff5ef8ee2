// The suites: every scenario of every role.
#pragma once

#include <string_view>
#include <vector>

#include "conformance/model/scenario.hpp"

namespace quickpay::conformance {

std::vector<Scenario> host_suite();
std::vector<Scenario> broker_suite();
std::vector<Scenario> vendor_suite();
std::vector<Scenario> wallet_suite();

/// The suite of a role; empty for an unknown one.
std::vector<Scenario> suite_of(std::string_view role);
/// All four.
std::vector<Scenario> all_suites();

}  // namespace quickpay::conformance
