// transcript/<scenario>.jsonl: everything that is needed to judge a scenario again.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "conformance/model/course.hpp"
#include "conformance/model/result.hpp"

namespace quickpay::conformance {

/// One JSON object a line: the session, its messages in the order in which they were seen, its steps. Text of others
/// that a terminal could take as a command, and bodies, are in base64.
std::string recording_text(const RunResult& result, const ScenarioResult& scenario);

/// Reads what recording_text wrote. The error names the line.
tl::expected<Recording, std::string> read_recording(std::string_view text);

}  // namespace quickpay::conformance
