// Findings grouped by cause, and how one group looks in report.html.
#pragma once

#include <string>
#include <vector>

#include "conformance/report/report.hpp"

namespace quickpay::conformance {

struct Located {
  const ScenarioResult* scenario = nullptr;
  const CheckResult* check = nullptr;
};

/// The same check violated for the same reason, in one scenario or many.
struct CauseGroup {
  std::string check;
  Reason reason = Reason::none;
  bool excused = false;
  std::vector<Located> places;
};

/// The counted checks with this verdict by cause: unexpected first, then by number of places.
std::vector<CauseGroup> group_by_cause(const RunResult& result, Verdict verdict);

/// One <article>: the violated sentence, expected and got, messages, and how to run it again. `shown` counts the
/// findings shown in full; beyond kMaxShownFindings only their names are given.
std::string cause_article(const RunResult& result, const SpecFacts& spec, const CauseGroup& group, std::size_t& shown);

}  // namespace quickpay::conformance
