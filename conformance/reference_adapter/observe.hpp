// What `observe` of the reference adapter shows: records of a node in the words of the adapter protocol.
#pragma once

#include <string>
#include <vector>

#include "reference/daemon/object_reader.hpp"
#include "reference/roles/node.hpp"

namespace quickpay::conformance {

/// What a reference player of this role can show.
std::vector<std::string> observable(const std::string& role);

/// {"value": …} or {"unverifiable": why}.
daemon::Json observe(const roles::Node& node, const std::string& what);

}  // namespace quickpay::conformance
