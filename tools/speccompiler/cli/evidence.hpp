// What shows the requirements of a specification, beside the specification itself.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <tl/expected.hpp>

#include "tools/speccompiler/cli/commands.hpp"
#include "tools/speccompiler/ir/ir.hpp"

namespace quickpay::spec {

inline constexpr std::size_t kMaxEvidenceBytes = 4 * 1024 * 1024;  ///< a larger file is refused

/// How often each requirement is named by something that ran and went well; tools/evidence.py counts it.
struct Evidence {
  std::map<std::string, std::size_t> tests;    ///< cases of tests that CTest ran
  std::map<std::string, std::size_t> checks;   ///< checks that the certified reference passed
};

/// Reads {"tests": {ID: count, …}, "checks": …}; nothing may be missing. An error is one line.
tl::expected<Evidence, std::string> read_evidence(const std::filesystem::path& file);

/// A line for each MUST, and for each requirement that is excluded: how many tests and checks name it, or the reason. Exit
/// code 1 with a line for each MUST that nothing names, for each exclusion of something that is named, and
/// for each name that is no requirement.
CommandResult shown_requirements(const Spec& spec, const Evidence& evidence);

}  // namespace quickpay::spec
