// junit.xml: one testsuite a scenario, one testcase a check.
#include <fmt/format.h>

#include "conformance/report/report.hpp"
#include "conformance/report/text.hpp"
#include "conformance/run/rollup.hpp"

namespace quickpay::conformance {

namespace {

struct Tally {
  std::size_t tests = 0, failures = 0, errors = 0, skipped = 0;
  void add(const Tally& other) {
    tests += other.tests;
    failures += other.failures;
    errors += other.errors;
    skipped += other.skipped;
  }
};

enum class Fate : std::uint8_t { passed, failed, broke, left_out };

/// Nothing that was not earned reads as passed: an inconclusive check is an error, except where it is kept apart.
Fate fate_of(const CheckResult& check) {
  if (check.apart || check.excused) {
    return Fate::left_out;
  }
  switch (check.verdict) {
    case Verdict::pass:
    case Verdict::warn: return Fate::passed;
    case Verdict::fail: return Fate::failed;
    case Verdict::not_applicable: return Fate::left_out;
    case Verdict::none:
    case Verdict::inconclusive:
    case Verdict::error: return Fate::broke;
  }
  return Fate::broke;
}

std::string text_of(const CheckResult& check, const std::string& command) {
  return fmt::format("{}\nexpected: {}\ngot: {}\n{}\nrequirements: {}\nagain: {}\n", check.info.title,
                     check.evidence.expected, check.evidence.got, check.evidence.detail,
                     fmt::join(check.info.requirements, " "), command);
}

/// The title of a check, or why it does not count.
std::string why_left_out(const CheckResult& check) {
  if (check.excused) {
    return "expected by the baseline: " + check.excuse;
  }
  return check.disputed.empty() ? check.info.title : fmt::format("disputed, {}: {}", name_of(check.verdict), check.disputed);
}

std::string testcase(const ScenarioResult& scenario, const CheckResult& check, const std::string& command, Tally& tally) {
  ++tally.tests;
  const std::string head = fmt::format(R"(    <testcase classname="{}" name="{}" time="{:.3f}")",
                                       escaped(scenario.info.id), escaped(check.info.id), 0.0);
  const std::string type = fmt::format("{}{}{}", name_of(check.verdict),
                                       check.evidence.reason == Reason::none ? "" : ".", name_of(check.evidence.reason));
  const auto with = [&](std::string_view element, bool text) {
    std::string body = fmt::format("{}>\n      <{} message=\"{}\"", head, element,
                                   escaped(why_left_out(check)));
    if (text) {
      body += fmt::format(" type=\"{}\">{}</{}>", type, escaped(text_of(check, command), kMaxShownBody, true), element);
    } else {
      body += "/>";
    }
    return body + "\n    </testcase>\n";
  };
  switch (fate_of(check)) {
    case Fate::passed: return head + "/>\n";
    case Fate::failed: ++tally.failures; return with("failure", true);
    case Fate::broke: ++tally.errors; return with("error", true);
    case Fate::left_out: ++tally.skipped; return with("skipped", false);
  }
  return {};
}

std::string attributes(const Tally& tally, double seconds) {
  return fmt::format(R"(tests="{}" failures="{}" errors="{}" skipped="{}" time="{:.3f}")", tally.tests, tally.failures,
                     tally.errors, tally.skipped, seconds);
}

}  // namespace

std::string junit_report(const RunResult& result, const SpecFacts& spec) {
  Tally total;
  std::string suites;
  for (const ScenarioResult& scenario : result.scenarios) {
    Tally tally;
    std::string cases;
    const std::string command = repeat_command(result, scenario);
    for (const CheckResult& check : scenario.checks) {
      cases += testcase(scenario, check, command, tally);
    }
    suites += fmt::format("  <testsuite name=\"{}\" {} timestamp=\"{}\">\n{}  </testsuite>\n", escaped(scenario.info.id),
                          attributes(tally, static_cast<double>(scenario.ms) / 1000.0),
                          result.started.substr(0, result.started.find('Z')), cases);
    total.add(tally);
  }
  return fmt::format("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"{} {} {} spec {}\" {}>\n{}</testsuites>\n",
                     kSuiteName, escaped(result.role), escaped(result.profile), escaped(spec.id.substr(0, 16)),
                     attributes(total, static_cast<double>(result.ms) / 1000.0), suites);
}

}  // namespace quickpay::conformance
