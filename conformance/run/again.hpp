// Judges a scenario again from what was recorded of it, without any implementation.
#pragma once

#include <string>
#include <tl/expected.hpp>

#include "conformance/model/course.hpp"
#include "conformance/model/result.hpp"
#include "conformance/run/plan.hpp"

namespace quickpay::conformance {

/// Plays the scenario with the players' and the implementation's messages of the recording. What the suite says must be
/// what was recorded, byte for byte: it follows from the seed. Verdicts that depend on a twin are left as they are
/// (bind_verdicts). The error says where the recording is not one of this scenario.
tl::expected<ScenarioResult, std::string> play_again(const Planned& planned, const WorldFactory& worlds,
                                                     const Recording& recording);

}  // namespace quickpay::conformance
