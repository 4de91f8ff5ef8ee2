// Findings grouped by cause, and how one group looks in report.html.
#pragma once

#include <map>
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

/// What was found of a check that the implementation disputes.
struct Disputed {
  std::string why;  ///< hostile text
  Counts counts{};
};
/// By check; they are in no other count.
std::map<std::string, Disputed> disputes_of(const RunResult& result);
/// Its verdicts, those that there are: "3 fail, 1 inconclusive".
std::string words_of(const Disputed& disputed);

/// One <article>: the violated sentence, expected and got, messages, and how to run it again. `shown` counts the
/// findings shown in full; beyond kMaxShownFindings only their names are given.
std::string cause_article(const RunResult& result, const SpecFacts& spec, const CauseGroup& group, std::size_t& shown);

/// One <article> of a scenario that passed whole: what came of it, and its messages.
std::string passed_article(const ScenarioResult& scenario);

}  // namespace quickpay::conformance
