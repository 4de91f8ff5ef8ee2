// Do the verdicts of a report follow from the transcripts beside it?
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "conformance/model/session.hpp"
#include "conformance/run/plan.hpp"

namespace quickpay::conformance {

/// Judges every scenario of the plan again and compares with report.json, verdict by verdict. `certificate` says what
/// the run was: seed, profile, claims. What is different, at most ten sentences; empty if nothing.
std::vector<std::string> judge_again(const Plan& plan, const WorldFactory& worlds, const Json& certificate,
                                     const Json& report, const std::filesystem::path& folder);

}  // namespace quickpay::conformance
