// report.html: one file that needs no script and no network.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "conformance/report/finding.hpp"
#include "conformance/report/report.hpp"
#include "conformance/report/style.hpp"
#include "conformance/report/text.hpp"
#include "conformance/run/rollup.hpp"

namespace quickpay::conformance {

namespace {

struct Section {
  Verdict verdict;
  std::string_view id;
  std::string_view title;
};
constexpr Section kSections[] = {{Verdict::error, "errors", "Errors of the suite"},
                                 {Verdict::fail, "failures", "Failures"},
                                 {Verdict::warn, "warnings", "Warnings"},
                                 {Verdict::inconclusive, "inconclusive", "Inconclusive"}};

std::string row(std::string_view term, std::string_view value) {
  return fmt::format("<dt>{}</dt><dd>{}</dd>", term, value);
}

std::string_view tone(ExitCode code) {
  switch (code) {
    case ExitCode::as_expected: return "v-good";
    case ExitCode::failed:
    case ExitCode::suite_broke: return "v-bad";
    case ExitCode::usage:
    case ExitCode::inconclusive:
    case ExitCode::unreachable:
    case ExitCode::nothing_ran: return "v-open";
  }
  return "v-open";
}

std::string headline(const RunResult& result) {
  const Counts counts = count(result);
  const std::size_t failed = counts[static_cast<std::size_t>(Verdict::fail)];
  const ExitCode code = exit_code(result);
  switch (code) {
    case ExitCode::as_expected:
      return certifiable(result) ? "Passed: every mandatory check of the suite" : "As expected";
    case ExitCode::failed: return failed == 0 ? "Stale baseline" : fmt::format("Failed: {} {}", failed, failed == 1 ? "check" : "checks");
    case ExitCode::suite_broke: return "The suite broke; the other verdicts stand";
    case ExitCode::inconclusive: return "Inconclusive: mandatory checks were not reached";
    case ExitCode::usage:
    case ExitCode::unreachable: return "The implementation could not be reached";
    case ExitCode::nothing_ran: return "Nothing ran";
  }
  return {};
}

std::string counts_table(const RunResult& result) {
  const Counts counts = count(result);
  std::string rows;
  for (const auto& [verdict, label] : {std::pair{Verdict::pass, "pass"}, std::pair{Verdict::fail, "fail"},
                                       std::pair{Verdict::warn, "warn"}, std::pair{Verdict::inconclusive, "inconclusive"},
                                       std::pair{Verdict::not_applicable, "not applicable"}, std::pair{Verdict::error, "error"}}) {
    rows += fmt::format("<tr><th scope=\"row\">{}</th><td class=\"n\">{}</td></tr>", label,
                        counts[static_cast<std::size_t>(verdict)]);
  }
  return fmt::format("<table class=\"counts\"><caption class=\"quiet\">{} check{} declared, {} judged</caption>"
                     "<tbody>{}</tbody></table>", declared(result), declared(result) == 1 ? "" : "s", judged(result), rows);
}

std::string_view level_text(const std::string& level) {
  if (level == "E") {
    return "E – endpoint only; not certifiable";
  }
  return level == "O" ? "O – adapter that observes" : "A – adapter";
}

std::string facts(const RunResult& result, const SpecFacts& spec) {
  const Hello& impl = result.implementation;
  std::size_t ran = 0;
  for (const ScenarioResult& scenario : result.scenarios) {
    ran += scenario.ran ? 1 : 0;
  }
  std::string list = row("Implementation", escaped(impl.name + " " + impl.version));
  if (!impl.vendor.empty()) {
    list += row("Made by", escaped(impl.vendor));
  }
  list += row("Role", escaped(result.role)) + row("Profile", escaped(result.profile)) +
          row("Protocols", escaped(fmt::format("{}", fmt::join(result.protocols, ", ")))) +
          (result.unclaimed.empty()
               ? std::string()
               : row("Not claimed, not run", escaped(fmt::format("{}", fmt::join(result.unclaimed, ", "))))) +
          row("Level", level_text(result.level)) +
          row("Scenarios", fmt::format("{} ran of {} in {:.1f} s", ran, result.scenarios.size(),
                                       static_cast<double>(result.ms) / 1000.0)) +
          row("Seed", fmt::format("<code>{}</code>", result.seed)) + row("Started", result.started) +
          row("Specification", fmt::format("{} <code>{}</code>", escaped(spec.version), escaped(spec.id.substr(0, 16)))) +
          row("Suite", fmt::format("{} {}", kSuiteName, escaped(spec.suite_version))) +
          row("Certifiable", certifiable(result) ? "yes" : "no");
  return "<dl>" + list + "</dl>";
}

std::string navigation(const RunResult& result) {
  const Counts counts = count(result);
  std::string items;
  for (const Section& section : kSections) {
    if (const std::size_t number = counts[static_cast<std::size_t>(section.verdict)]; number > 0) {
      items += fmt::format("<li><a href=\"#{}\">{} ({})</a></li>", section.id, section.title, number);
    }
  }
  items += fmt::format("<li><a href=\"#passed\">Passed ({})</a></li>", counts[static_cast<std::size_t>(Verdict::pass)]);
  return "<nav aria-label=\"Sections\"><ul>" + items + "</ul></nav>";
}

std::string section(const RunResult& result, const SpecFacts& spec, const Section& kind, std::size_t& shown) {
  const std::vector<CauseGroup> groups = group_by_cause(result, kind.verdict);
  if (groups.empty()) {
    return {};
  }
  std::string html = fmt::format("<section aria-labelledby=\"{0}\"><h2 id=\"{0}\">{1}</h2>", kind.id, kind.title);
  for (const CauseGroup& group : groups) {
    html += cause_article(result, spec, group, shown);
  }
  return html + "</section>";
}

std::string plain_table(std::string_view id, const std::string& title,
                        const std::vector<Located>& checks, bool open) {
  if (checks.empty()) {
    return {};
  }
  std::string rows;
  for (const Located& at : checks) {
    rows += fmt::format("<tr><td><code>{}</code></td><td><code>{}</code></td><td>{}</td><td class=\"n\">{}</td></tr>",
                        escaped(at.check->info.id), escaped(at.scenario->info.id),
                        escaped(fmt::format("{}", fmt::join(at.check->info.requirements, " "))), at.scenario->ms);
  }
  return fmt::format("<section aria-labelledby=\"{0}\"><h2 id=\"{0}\">{1}</h2><details{2}><summary>{3} checks</summary>"
                     "<table><thead><tr><th scope=\"col\">Check</th><th scope=\"col\">Scenario</th><th "
                     "scope=\"col\">Requirements</th><th scope=\"col\" class=\"n\">ms</th></tr></thead><tbody>{4}"
                     "</tbody></table></details></section>",
                     id, title, open ? " open=\"\"" : "", checks.size(), rows);
}

bool passed_whole(const ScenarioResult& scenario) {
  return scenario.ran && !scenario.checks.empty() && std::all_of(scenario.checks.begin(), scenario.checks.end(), [](const CheckResult& check) {
    return check.disputed.empty() && !check.apart && (check.verdict == Verdict::pass || check.verdict == Verdict::not_applicable);
  });
}

/// Whoever asks for a few scenarios wants to see them, whatever came of them; of what is wrong the findings tell.
std::string pictures(const RunResult& result) {
  const auto ran = std::count_if(result.scenarios.begin(), result.scenarios.end(), [](const ScenarioResult& one) { return one.ran; });
  std::string articles;
  for (const ScenarioResult& scenario : result.scenarios) {
    articles += static_cast<std::size_t>(ran) <= kMaxPictured && passed_whole(scenario) ? passed_article(scenario) : std::string();
  }
  return articles.empty() ? articles : "<section aria-labelledby=\"played\"><h2 id=\"played\">Played, and passed</h2>" + articles + "</section>";
}

std::vector<Located> located(const RunResult& result, bool apart, Verdict verdict) {
  std::vector<Located> found;
  for (const ScenarioResult& scenario : result.scenarios) {
    for (const CheckResult& check : scenario.checks) {
      if (check.disputed.empty() && check.apart == apart && (apart || check.verdict == verdict)) {
        found.push_back({&scenario, &check});
      }
    }
  }
  return found;
}

std::string remarks(const RunResult& result) {
  std::string list;
  for (const StaleEntry& entry : result.stale) {
    list += fmt::format("<li>The baseline expects <code>{}</code> to fail ({}); it does not any more.</li>",
                        escaped(entry.check), escaped(entry.reason));
  }
  for (const auto& [check, one] : disputes_of(result)) {
    list += fmt::format("<li>Disputed and not counted: <code>{}</code>, {} ({}).</li>", escaped(check), words_of(one),
                        escaped(one.why));
  }
  for (const std::string& defect : result.defects) {
    list += fmt::format("<li>Defect of the suite: {}.</li>", escaped(defect));
  }
  for (const std::string& pattern : result.unused_patterns) {
    list += fmt::format("<li>The selection <code>{}</code> matches nothing.</li>", escaped(pattern));
  }
  if (result.interrupted) {
    list += "<li>The run was interrupted.</li>";
  }
  return list.empty() ? list : "<section><h2>Remarks</h2><ul>" + list + "</ul></section>";
}

std::string adapter_log(const RunResult& result) {
  if (result.adapter_errors.empty()) {
    return {};
  }
  return fmt::format("<section><h2>What the adapter wrote to stderr</h2><details><summary>{} bytes</summary><pre "
                     "tabindex=\"0\">{}</pre></details></section>",
                     result.adapter_errors.size(), escaped(result.adapter_errors, kMaxShownBody, true));
}

}  // namespace

std::string html_report(const RunResult& result, const SpecFacts& spec) {
  const std::string title =
      fmt::format("{} – QuickPay {} conformance", escaped(result.implementation.name), escaped(result.role));
  std::string html = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"/><meta name=\"viewport\" "
      "content=\"width=device-width,initial-scale=1\"/><meta http-equiv=\"Content-Security-Policy\" "
      "content=\"default-src 'none'; style-src 'unsafe-inline'\"/><title>{}</title><style>{}</style></head><body>"
      "<a class=\"skip\" href=\"#main\">Skip to the findings</a><header><h1>QuickPay conformance · {}</h1>"
      "<p class=\"verdict {}\">{}</p><div class=\"top\">{}{}</div>{}</header><main id=\"main\">\n",
      title, kReportStyle, escaped(result.role), tone(exit_code(result)), headline(result), counts_table(result),
      facts(result, spec), navigation(result));
  html += remarks(result);
  std::size_t shown = 0;
  for (const Section& kind : kSections) {
    html += section(result, spec, kind, shown);
  }
  html += pictures(result);
  html += plain_table("apart", "Needs an adapter (not counted)", located(result, true, Verdict::none), false);
  html += plain_table("not-applicable", "Not applicable", located(result, false, Verdict::not_applicable), false);
  html += plain_table("passed", "Passed", located(result, false, Verdict::pass), false);
  html += adapter_log(result);
  html += fmt::format("</main><footer>Written by {} {} against specification <code>{}</code>. Messages of every scenario are "
                      "in <code>transcript/</code>.</footer></body></html>\n",
                      kSuiteName, escaped(spec.suite_version), escaped(spec.id));
  return html;
}

}  // namespace quickpay::conformance
