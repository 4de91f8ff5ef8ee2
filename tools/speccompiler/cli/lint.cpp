#include "tools/speccompiler/lint/lint.hpp"

#include <fmt/format.h>

#include "tools/speccompiler/cli/commands.hpp"
#include "tools/speccompiler/cli/evidence.hpp"
#include "tools/speccompiler/cli/report.hpp"
#include "tools/speccompiler/ir/canonical.hpp"
#include "tools/speccompiler/lint/coverage.hpp"

namespace quickpay::spec {
namespace {

std::string requirement_lines(const Spec& spec) {
  std::string text;
  std::size_t referred = 0;
  std::size_t excluded = 0;
  const auto coverage = requirement_coverage(spec);
  for (const RequirementCoverage& one : coverage) {
    const bool out = !one.excluded_until.empty();
    const std::string how = out ? "excluded until " + one.excluded_until : fmt::format("{} references", one.references);
    text += fmt::format("{:<14} {:<10} {}\n", one.id, one.level, how);
    if (out) ++excluded;
    if (one.references > 0) ++referred;
  }
  return text + fmt::format("{} requirements: {} referred to, {} excluded, {} neither\n", coverage.size(), referred,
                            excluded, coverage.size() - referred - excluded);
}

std::string counts_line(const Spec& spec) {
  std::size_t rows = 0;
  for (const Machine& machine : spec.machines) rows += machine.rows.size();
  return fmt::format("{} {}: {} messages, {} machines, {} rows, {} scenarios, {} requirements; spec {}\n", spec.id,
                     spec.version, spec.messages.size(), spec.machines.size(), rows, spec.scenarios.size(),
                     spec.requirements.size(), spec_id(spec));
}

}  // namespace

CommandResult lint_command(const LintRequest& request) {
  const auto spec = compile_spec(request.spec);
  if (!spec) return failed(spec.error(), request.spec);
  if (!request.evidence.empty()) {
    const auto evidence = read_evidence(request.evidence);
    return evidence ? shown_requirements(*spec, *evidence) : CommandResult{2, {}, evidence.error() + "\n"};
  }
  return {0, (request.requirements ? requirement_lines(*spec) : "") + counts_line(*spec), {}};
}

}  // namespace quickpay::spec
