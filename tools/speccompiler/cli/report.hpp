// Findings as the commands print them.
#pragma once

#include <filesystem>

#include "tools/speccompiler/cli/commands.hpp"
#include "tools/speccompiler/ir/diagnostic.hpp"

namespace quickpay::spec {

/// The folder that locations of a specification are relative to.
std::filesystem::path folder_of(const std::filesystem::path& spec);

/// One line a finding, its file below `folder`.
std::string findings_text(const Diagnostics& findings, const std::filesystem::path& folder);

/// Exit code 1 with all findings as error text.
CommandResult failed(const Diagnostics& findings, const std::filesystem::path& spec);

}  // namespace quickpay::spec
