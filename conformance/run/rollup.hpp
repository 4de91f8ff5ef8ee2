// From emitted verdicts to the result of a run.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "conformance/model/result.hpp"

namespace quickpay::conformance {

/// Exit codes of `quickpay certify`.
enum class ExitCode : std::uint8_t {
  as_expected = 0, failed = 1, usage = 2, suite_broke = 3, inconclusive = 4, unreachable = 5, nothing_ran = 6
};

/// One result for each declared check: the worst of its findings, the first of these. A declared check without a
/// finding is an error, unless another finding shows why the scenario did not come to it: then it is inconclusive.
/// Findings of checks that were not declared become results of their own.
std::vector<CheckResult> settle(const ScenarioInfo& info, const std::vector<Finding>& findings);

/// A twin is the ground of a negative verdict only if everything it judges itself passed. Further checks that are kept
/// apart do not decide; the main one has to be judged.
bool twin_passed(const ScenarioResult& twin);

/// Verdicts that depend on others. Condition 2 of reason-bound negatives: where the twin did not pass, a twin-bound
/// verdict is inconclusive (the checks of the twin that are judged in every scenario do not matter). Then: a pass of a
/// check that is judged in every scenario is inconclusive where the scenario passed none of its own.
void bind_verdicts(std::vector<ScenarioResult>& scenarios);

/// Failures and warnings that somebody knows of. They still run.
struct BaselineEntry {
  std::string check;
  std::string scenario;  ///< empty: in all scenarios
  std::string reason;
};
/// Marks what the baseline excuses and returns the entries that no longer fail although they ran.
/// Errors and inconclusive verdicts cannot be excused.
std::vector<StaleEntry> apply_baseline(std::vector<ScenarioResult>& scenarios, const std::vector<BaselineEntry>& entries);

/// Whether the implementation disputes (`disputes`: check, reason) what it did not pass. A pass counts as any other. A
/// crash, an error of the suite and what a baseline excuses are nobody's opinion.
bool is_disputed(const CheckResult& check, const std::map<std::string, std::string>& disputes);
/// Keeps apart what is disputed: it is shown and not counted, and no certificate comes of it.
void apply_disputes(std::vector<ScenarioResult>& scenarios, const std::map<std::string, std::string>& disputes);

/// Verdicts by kind over the checks that count (not those kept apart).
Counts count(const RunResult& result);
/// Checks declared by the scenarios of the run, and those of them that were judged; both without what is kept apart.
std::size_t declared(const RunResult& result);
std::size_t judged(const RunResult& result);
ExitCode exit_code(const RunResult& result);
/// True iff this run could be certified: all of the suite, with an adapter, no baseline, no dispute, every MUST passed.
bool certifiable(const RunResult& result);
std::string_view name_of(ExitCode code);

}  // namespace quickpay::conformance
