// The scenario that a trail is for one role under test.
#pragma once

#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "conformance/model/scenario.hpp"
#include "conformance/trails/trail.hpp"

namespace quickpay::conformance {

/// What has to come of a trail that is played against a role in a profile.
enum class TrailEnd : std::uint8_t {
  through,  ///< it goes as in the model
  stopped,  ///< a step that a liar wrote is refused, or the last one does not have its effect
};

/// `through`, unless the profile of the session or the anchored vote stands in the way (README.md).
TrailEnd end_of(const Trail& trail, std::string_view role, std::string_view profile);

/// "vendor.trail.p-delivered-committed.network-lies-f", which is also the id of its main check.
std::string id_of(const Trail& trail, std::string_view role);

/// The trail as a scenario of `role`, whatever the profile. The error says why there is none: the role sees nothing of it,
/// something in it cannot be played, or a property fails at a step that is not this role's.
tl::expected<Scenario, std::string> scenario_of(const Trail& trail, const std::string& role);

}  // namespace quickpay::conformance
