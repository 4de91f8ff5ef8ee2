// A trail of the explorer as a file that the runner can play against an implementation.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "tools/check/check.hpp"

namespace quickpay::check {

/// The trail as a document of JSON (docs/check.md, "Trails as scenarios"). `wanted` is PROPERTY@CONFIGURATION for a shortest trail
/// on which that property fails, INSTANCE=STATE@CONFIGURATION for a shortest one to a state of that instance, or INSTANCE:ROW@CONFIGURATION
/// for one on whose last step it takes that row. The error says what is not there: the configuration, the property, the state, or a trail,
/// because the property holds or nothing takes the row.
tl::expected<std::string, std::string> trail_file(const Options& options, std::string_view wanted);

}  // namespace quickpay::check
