#include "tools/speccompiler/cli/evidence.hpp"

#include <fmt/format.h>

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>

#include "tools/speccompiler/lint/coverage.hpp"

namespace quickpay::spec {
namespace {

using Counts = std::map<std::string, std::size_t>;

/// The object of counts under `kind`; false if it is none.
bool read_counts(const nlohmann::json& json, const char* kind, Counts& counts) {
  const auto found = json.find(kind);
  if (found == json.end() || !found->is_object()) return false;
  for (const auto& [id, count] : found->items()) {
    if (!count.is_number_unsigned()) return false;
    counts[id] = count.get<std::size_t>();
  }
  return true;
}

std::size_t of(const Counts& counts, const std::string& id) {
  const auto found = counts.find(id);
  return found == counts.end() ? 0 : found->second;
}

/// A line for each name that is no requirement of the specification: a slip of the pen.
std::string unknown_names(const Evidence& evidence, const std::vector<RequirementCoverage>& known) {
  std::set<std::string> names;
  for (const Counts* counts : {&evidence.tests, &evidence.checks}) {
    for (const auto& [id, count] : *counts) names.insert(id);
  }
  for (const RequirementCoverage& one : known) names.erase(one.id);
  std::string lines;
  for (const std::string& id : names) lines += id + ": something names it, and it is no requirement\n";
  return lines;
}

}  // namespace

tl::expected<Evidence, std::string> read_evidence(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  const std::string text(std::istreambuf_iterator<char>(in), {});
  if (!in || text.size() > kMaxEvidenceBytes) return tl::make_unexpected(file.string() + " cannot be read");
  const auto json = nlohmann::json::parse(text, nullptr, false);
  Evidence evidence;
  const bool whole =
      json.is_object() && read_counts(json, "tests", evidence.tests) && read_counts(json, "checks", evidence.checks);
  if (!whole) return tl::make_unexpected(file.string() + " is no evidence; tools/evidence.py makes it");
  return evidence;
}

CommandResult shown_requirements(const Spec& spec, const Evidence& evidence) {
  CommandResult result;
  std::size_t shown = 0, excluded = 0, wrong = 0;
  const auto coverage = requirement_coverage(spec);
  for (const RequirementCoverage& one : coverage) {
    const std::size_t tests = of(evidence.tests, one.id), checks = of(evidence.checks, one.id);
    const bool out = !one.excluded_until.empty();
    if (!one.level.starts_with("MUST") && !out) continue;
    result.out += out ? fmt::format("{:<14} {:<8} excluded until {}: {}\n", one.id, one.level, one.excluded_until,
                                    one.excluded_because)
                      : fmt::format("{:<14} {:<8} {} tests, {} checks\n", one.id, one.level, tests, checks);
    if (out == (tests + checks == 0)) {
      ++(out ? excluded : shown);
      continue;
    }
    ++wrong;
    result.err += out ? fmt::format("{}: excluded, but {} tests and {} checks name it\n", one.id, tests, checks)
                      : fmt::format("{}: no test that ran and no check names it\n", one.id);
  }
  result.out += fmt::format("{} shown, {} excluded, {} wrong\n", shown, excluded, wrong);
  result.err += unknown_names(evidence, coverage);
  result.exit_code = result.err.empty() ? 0 : 1;
  return result;
}

}  // namespace quickpay::spec
