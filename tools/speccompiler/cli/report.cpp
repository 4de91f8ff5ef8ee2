#include "tools/speccompiler/cli/report.hpp"

#include <fmt/format.h>

namespace quickpay::spec {

namespace fs = std::filesystem;

fs::path folder_of(const fs::path& spec) {
  std::error_code error;
  return fs::is_directory(spec, error) ? spec : spec.parent_path();
}

std::string findings_text(const Diagnostics& findings, const fs::path& folder) {
  std::string text;
  for (Diagnostic finding : findings) {
    if (fs::path(finding.at.file) != folder) finding.at.file = (folder / finding.at.file).generic_string();
    text += to_string(finding) + "\n";
  }
  return text;
}

CommandResult failed(const Diagnostics& findings, const fs::path& spec) {
  const std::string noun = findings.size() == 1 ? "finding" : "findings";
  return {1, {}, findings_text(findings, folder_of(spec)) + fmt::format("{} {}\n", findings.size(), noun)};
}

}  // namespace quickpay::spec
