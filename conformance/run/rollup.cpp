#include "conformance/run/rollup.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace quickpay::conformance {

namespace {

CheckResult from_finding(const CheckInfo& info, const Finding& finding) {
  CheckResult result;
  result.info = info;
  result.verdict = finding.verdict;
  result.evidence = finding.evidence;
  result.twin_bound = finding.twin_bound;
  result.emitted = true;
  return result;
}

CheckResult not_emitted(const CheckInfo& info) {
  CheckResult result;
  result.info = info;
  result.verdict = Verdict::error;
  result.evidence.reason = Reason::not_emitted;
  result.evidence.detail = "the scenario declares this check and did not judge it";
  return result;
}

bool is_declared(const ScenarioInfo& info, const std::string& check) {
  return std::any_of(info.checks.begin(), info.checks.end(), [&](const CheckInfo& c) { return c.id == check; });
}

/// Nothing was left to judge after another check of the scenario had failed: no defect of the suite.
CheckResult not_reached(const CheckInfo& info) {
  CheckResult result;
  result.info = info;
  result.verdict = Verdict::inconclusive;
  result.evidence = {Reason::precondition_unmet, {}, {}, {}, "another check of the scenario was not passed before"};
  return result;
}

/// What a judge of the whole scenario found right is earned only where the scenario came to what it is about.
void bind_ambient(ScenarioResult& scenario) {
  const bool earned = std::any_of(scenario.checks.begin(), scenario.checks.end(), [](const CheckResult& check) {
    return !check.info.ambient && (check.verdict == Verdict::pass || check.verdict == Verdict::warn);
  });
  for (CheckResult& check : scenario.checks) {
    if (!earned && check.info.ambient && check.verdict == Verdict::pass) {
      check.verdict = Verdict::inconclusive;
      check.evidence = {Reason::precondition_unmet, {}, {}, {}, "the scenario passed none of its own checks"};
    }
  }
}

bool is_failure(Verdict verdict) { return verdict == Verdict::fail || verdict == Verdict::warn; }

template <class Visit>
void for_counted(const RunResult& result, Visit visit) {
  for (const ScenarioResult& scenario : result.scenarios) {
    for (const CheckResult& check : scenario.checks) {
      if (!check.apart) {
        visit(check);
      }
    }
  }
}

}  // namespace

bool twin_passed(const ScenarioResult& twin) {
  return twin.ran && !twin.checks.empty() && !twin.checks.front().apart &&
         std::all_of(twin.checks.begin(), twin.checks.end(), [&twin](const CheckResult& check) {
           const bool beside = &check != &twin.checks.front() && check.verdict == Verdict::not_applicable;  // not its main check
           return check.info.ambient || check.apart || beside || check.verdict == Verdict::pass || check.verdict == Verdict::warn;
         });
}

std::vector<CheckResult> settle(const ScenarioInfo& info, const std::vector<Finding>& findings) {
  std::vector<CheckResult> results;
  for (const CheckInfo& check : info.checks) {
    const Finding* worst = nullptr;
    for (const Finding& finding : findings) {
      if (finding.check == check.id && (worst == nullptr || finding.verdict > worst->verdict)) {
        worst = &finding;
      }
    }
    results.push_back(worst == nullptr || worst->verdict == Verdict::none ? not_emitted(check)
                                                                          : from_finding(check, *worst));
  }
  const bool stopped = std::any_of(findings.begin(), findings.end(), [](const Finding& finding) {
    return finding.verdict == Verdict::fail || finding.verdict == Verdict::inconclusive;
  });
  for (CheckResult& result : results) {
    result = stopped && !result.emitted ? not_reached(result.info) : result;
  }
  for (const Finding& finding : findings) {
    if (!is_declared(info, finding.check)) {
      CheckInfo stranger;
      stranger.id = finding.check;
      results.push_back(from_finding(stranger, finding));
    }
  }
  return results;
}

void bind_verdicts(std::vector<ScenarioResult>& scenarios) {
  std::map<std::string, const ScenarioResult*> by_id;
  for (const ScenarioResult& scenario : scenarios) {
    by_id[scenario.info.id] = &scenario;
  }
  for (ScenarioResult& scenario : scenarios) {
    if (scenario.info.twin.empty()) {
      continue;
    }
    const auto twin = by_id.find(scenario.info.twin);
    if (twin != by_id.end() && twin_passed(*twin->second)) {
      continue;
    }
    for (CheckResult& check : scenario.checks) {
      if (check.twin_bound) {
        const std::string without = fmt::format("{} {}", name_of(check.verdict), name_of(check.evidence.reason));
        check.verdict = Verdict::inconclusive;
        check.evidence.reason = Reason::twin_failed;
        check.evidence.detail =
            fmt::format("the same session without the fault ({}) did not pass; alone this would be: {}",
                        scenario.info.twin, without);
      }
    }
  }
  for (ScenarioResult& scenario : scenarios) {
    bind_ambient(scenario);
  }
}

std::vector<StaleEntry> apply_baseline(std::vector<ScenarioResult>& scenarios,
                                       const std::vector<BaselineEntry>& entries) {
  std::vector<StaleEntry> stale;
  for (const BaselineEntry& entry : entries) {
    bool failed = false;
    bool judged = false;
    for (ScenarioResult& scenario : scenarios) {
      for (CheckResult& check : scenario.checks) {
        if (check.info.id != entry.check || (!entry.scenario.empty() && scenario.info.id != entry.scenario)) {
          continue;
        }
        if (is_failure(check.verdict)) {
          check.excused = true;
          check.excuse = entry.reason;
          failed = true;
        }
        judged = judged || check.verdict == Verdict::pass;
      }
    }
    if (judged && !failed) {
      stale.push_back({entry.check, entry.scenario, entry.reason});
    }
  }
  return stale;
}

bool is_disputed(const CheckResult& check, const std::map<std::string, std::string>& disputes) {
  const bool open = is_failure(check.verdict) || check.verdict == Verdict::inconclusive;
  return disputes.count(check.info.id) != 0 && open && !check.apart && !check.excused && check.evidence.reason != Reason::crash;
}

void apply_disputes(std::vector<ScenarioResult>& scenarios, const std::map<std::string, std::string>& disputes) {
  for (ScenarioResult& scenario : scenarios) {
    for (CheckResult& check : scenario.checks) {
      if (is_disputed(check, disputes)) {
        check.apart = true;
        check.disputed = disputes.at(check.info.id);
      }
    }
  }
}

Counts count(const RunResult& result) {
  Counts counts{};
  for_counted(result, [&](const CheckResult& check) { ++counts[static_cast<std::size_t>(check.verdict)]; });
  return counts;
}

std::size_t declared(const RunResult& result) {
  std::size_t number = 0;
  for (const ScenarioResult& scenario : result.scenarios) {
    number += static_cast<std::size_t>(std::count_if(scenario.checks.begin(), scenario.checks.end(), [&](const CheckResult& check) {
      return !check.apart && is_declared(scenario.info, check.info.id);
    }));
  }
  return number;
}

std::size_t judged(const RunResult& result) {
  const Counts counts = count(result);
  const auto of = [&](Verdict verdict) { return counts[static_cast<std::size_t>(verdict)]; };
  return of(Verdict::pass) + of(Verdict::fail) + of(Verdict::warn);
}

ExitCode exit_code(const RunResult& result) {
  bool ran = false, error = !result.defects.empty(), failed = !result.stale.empty(), open = false;
  for (const ScenarioResult& scenario : result.scenarios) {
    ran = ran || scenario.ran;
  }
  for_counted(result, [&](const CheckResult& check) {
    error = error || check.verdict == Verdict::error;
    failed = failed || (check.verdict == Verdict::fail && !check.excused);
    open = open || (check.verdict == Verdict::inconclusive && check.info.level == Level::must);
  });
  if (!result.reached && !result.scenarios.empty()) {
    return ExitCode::unreachable;
  }
  if (!ran) {
    return ExitCode::nothing_ran;
  }
  if (error) {
    return ExitCode::suite_broke;
  }
  if (failed) {
    return ExitCode::failed;
  }
  return open || result.interrupted ? ExitCode::inconclusive : ExitCode::as_expected;
}

bool certifiable(const RunResult& result) {
  bool clean = result.complete && !result.baseline && result.level != "E";
  for (const ScenarioResult& scenario : result.scenarios) {
    clean = clean && std::all_of(scenario.checks.begin(), scenario.checks.end(),
                                 [](const CheckResult& check) { return check.disputed.empty(); });
  }
  for_counted(result, [&](const CheckResult& check) {
    clean = clean && (check.info.level == Level::should || check.verdict == Verdict::pass ||
                      check.verdict == Verdict::not_applicable);
  });
  return clean && exit_code(result) == ExitCode::as_expected;
}

std::string_view name_of(ExitCode code) {
  switch (code) {
    case ExitCode::as_expected: return "all as expected";
    case ExitCode::failed: return "failed";
    case ExitCode::usage: return "wrong usage";
    case ExitCode::suite_broke: return "the suite broke";
    case ExitCode::inconclusive: return "inconclusive";
    case ExitCode::unreachable: return "the implementation could not be reached";
    case ExitCode::nothing_ran: return "nothing ran";
  }
  return "";
}

}  // namespace quickpay::conformance
