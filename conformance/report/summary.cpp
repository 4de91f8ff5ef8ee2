// The last lines of a run: what a person sees first.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "conformance/report/bundle.hpp"
#include "conformance/report/finding.hpp"
#include "conformance/report/offence.hpp"
#include "conformance/report/report.hpp"
#include "conformance/report/text.hpp"
#include "conformance/run/rollup.hpp"

namespace quickpay::conformance {

namespace {

constexpr std::string_view kBold = "1", kRed = "31", kRedBold = "31;1", kGreenBold = "32;1", kQuiet = "2";

class Paint {
 public:
  explicit Paint(bool colour) : colour_(colour) {}
  std::string operator()(std::string_view code, const std::string& text) const {
    return colour_ ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : text;
  }

 private:
  bool colour_;
};

std::string indented(const std::string& lines, std::string_view by) {
  std::string text;
  for (std::size_t begin = 0; begin < lines.size();) {
    const std::size_t end = std::min(lines.find('\n', begin), lines.size() - 1);
    text += std::string(by) + lines.substr(begin, end - begin + 1);
    begin = end + 1;
  }
  return text;
}

/// The violated sentence: the message's rule, or the texts of the requirements.
std::string sentence(const CheckInfo& check, const SpecFacts& spec, const Paint& paint) {
  std::string text = check.rule.empty() ? std::string() : fmt::format("    {}\n", printable(check.rule));
  for (const std::string& id : check.requirements) {
    const auto found = spec.requirements.find(id);
    if (found == spec.requirements.end()) {
      text += fmt::format("    {}\n", paint(kQuiet, printable(id, 80)));
      continue;
    }
    text += check.rule.empty() ? fmt::format("    {}\n", printable(found->second.text)) : std::string();
    text += fmt::format("    {}\n", paint(kQuiet, fmt::format("{}, {}, section {}", printable(id, 80),
                                                              printable(found->second.level), printable(found->second.section))));
  }
  return text;
}

std::string comparison(const Evidence& evidence, const Paint& paint) {
  std::string text;
  if (!evidence.expected.empty()) {
    text += fmt::format("      expected  {}\n", paint("32", printable(evidence.expected, 400)));
  }
  if (!evidence.got.empty()) {
    text += fmt::format("      got       {}\n", paint(kRed, printable(evidence.got, 400)));
  }
  if (!evidence.detail.empty()) {
    text += fmt::format("      {}\n", printable(evidence.detail, 400));
  }
  return text;
}

/// The bytes, the messages, and what could have been sent.
std::string look(const Located& at) {
  std::string text;
  const std::vector<std::size_t>& marked = at.check->evidence.entries;
  if (const auto offence = offence_of(*at.scenario, *at.check)) {
    const Entry& entry = at.scenario->transcript[offence->entry];
    text += fmt::format("      {}\n", place_words(entry, *offence)) +
            indented(byte_view(entry.body, offence->offset, offence->length), "        ");
  }
  text += indented(sequence_lines(*at.scenario, marked, kMaxLines), "      ");
  if (const std::vector<std::string> allowed = allowed_next(*at.scenario, marked); !allowed.empty()) {
    text += fmt::format("      could be sent at this point: {}\n", printable(fmt::format("{}", fmt::join(allowed, ", ")), 400));
  }
  return text;
}

std::string group_lines(const RunResult& result, const SpecFacts& spec, const CauseGroup& group, bool full,
                        const Paint& paint) {
  const CheckResult& first = *group.places.front().check;
  std::string text = fmt::format("  {}  {}{}\n", paint(kBold, group.check), name_of(group.reason),
                                 group.excused ? " (expected: " + printable(first.excuse, 200) + ")" : "");
  text += full ? sentence(first.info, spec, paint) : std::string();
  for (std::size_t i = 0; i < std::min(kMaxPlaces, group.places.size()); ++i) {
    const Located& at = group.places[i];
    text += fmt::format("    {}\n", at.scenario->info.id) + comparison(at.check->evidence, paint);
    text += full && i == 0 ? look(at) : std::string();
  }
  if (group.places.size() > kMaxPlaces) {
    text += fmt::format("    … and {} more scenarios\n", group.places.size() - kMaxPlaces);
  }
  return text + fmt::format("      again: {}\n", repeat_command(result, *group.places.front().scenario));
}

/// What kept checks from being judged, and where.
struct Obstacle {
  std::size_t checks = 0;
  std::vector<const ScenarioResult*> scenarios;
};

/// Checks that were not reached, by what stood in the way: the twin that did not pass, or what was said about it.
std::vector<std::pair<std::pair<Reason, std::string>, Obstacle>> obstacles(const RunResult& result) {
  std::map<std::pair<Reason, std::string>, Obstacle> found;
  for (const ScenarioResult& scenario : result.scenarios) {
    for (const CheckResult& check : scenario.checks) {
      if (check.apart || check.verdict != Verdict::inconclusive) {
        continue;
      }
      const bool twin = check.evidence.reason == Reason::twin_failed;
      Obstacle& one = found[{check.evidence.reason, twin ? scenario.info.twin + " did not pass" : check.evidence.detail}];
      ++one.checks;
      if (one.scenarios.empty() || one.scenarios.back() != &scenario) {
        one.scenarios.push_back(&scenario);
      }
    }
  }
  std::vector<std::pair<std::pair<Reason, std::string>, Obstacle>> list(found.begin(), found.end());
  std::stable_sort(list.begin(), list.end(), [](const auto& a, const auto& b) { return a.second.checks > b.second.checks; });
  return list;
}

std::string number_of(std::size_t number, std::string_view what) {
  return fmt::format("{} {}{}", number, what, number == 1 ? "" : "s");
}

std::string not_reached(const RunResult& result, const Paint& paint) {
  const auto list = obstacles(result);
  std::string text = list.empty() ? std::string() : paint("35", std::string(name_of(Verdict::inconclusive))) + "\n";
  for (std::size_t i = 0; i < std::min(kMaxGroups, list.size()); ++i) {
    const auto& [cause, obstacle] = list[i];
    text += fmt::format("  {}  {} in {}\n", paint(kBold, std::string(name_of(cause.first))), number_of(obstacle.checks, "check"),
                        number_of(obstacle.scenarios.size(), "scenario"));
    text += cause.second.empty() ? std::string() : fmt::format("    {}\n", printable(cause.second, 400));
    for (std::size_t j = 0; j < std::min(kMaxPlaces, obstacle.scenarios.size()); ++j) {
      text += fmt::format("      {}\n", obstacle.scenarios[j]->info.id);
    }
    text += fmt::format("      again: {}\n", repeat_command(result, *obstacle.scenarios.front()));
  }
  return list.size() <= kMaxGroups ? text : text + fmt::format("  … and {} more causes; see the report\n", list.size() - kMaxGroups);
}

struct Section {
  Verdict verdict;
  std::string_view code;
};
constexpr Section kSections[] = {{Verdict::error, kRedBold}, {Verdict::fail, kRed}, {Verdict::warn, "33"}};

/// The causes of errors, failures and warnings, either the unexpected or the expected ones. `left`: how many are still shown in full.
std::string causes(const RunResult& result, const SpecFacts& spec, bool excused, std::size_t& left, const Paint& paint) {
  std::string text;
  for (const Section& section : kSections) {
    std::vector<CauseGroup> groups = group_by_cause(result, section.verdict);
    std::erase_if(groups, [&](const CauseGroup& group) { return group.excused != excused; });
    if (groups.empty()) {
      continue;
    }
    text += paint(section.code, std::string(name_of(section.verdict)) + (excused ? ", expected by the baseline" : "")) + "\n";
    for (std::size_t i = 0; i < std::min(kMaxGroups, groups.size()); ++i) {
      const bool full = !excused && left > 0;
      left -= full ? 1 : 0;
      text += group_lines(result, spec, groups[i], full, paint);
    }
    if (groups.size() > kMaxGroups) {
      text += fmt::format("  … and {} more checks; see the report\n", groups.size() - kMaxGroups);
    }
  }
  return text;
}

std::string counts_line(const RunResult& result) {
  const Counts counts = count(result);
  const auto number = [&](Verdict verdict) { return counts[static_cast<std::size_t>(verdict)]; };
  std::string line = fmt::format("{} pass, {} fail, {} warn, {} inconclusive, {} not applicable, {} error; {} of {} declared checks judged",
                                 number(Verdict::pass), number(Verdict::fail), number(Verdict::warn),
                                 number(Verdict::inconclusive), number(Verdict::not_applicable), number(Verdict::error),
                                 judged(result), declared(result));
  std::size_t apart = 0;
  for (const ScenarioResult& scenario : result.scenarios) {
    apart += static_cast<std::size_t>(std::count_if(scenario.checks.begin(), scenario.checks.end(),
                                                    [](const CheckResult& check) { return check.apart && check.disputed.empty(); }));
  }
  return apart == 0 ? line : line + fmt::format("; {} need an adapter and do not count", apart);
}

std::string remarks(const RunResult& result, const Paint& paint) {
  std::string text;
  for (const StaleEntry& entry : result.stale) {
    text += fmt::format("{} {} no longer fails ({})\n", paint(kRed, "stale baseline"), entry.check, printable(entry.reason));
  }
  for (const auto& [check, one] : disputes_of(result)) {
    text += fmt::format("{} {}, not counted: {} ({})\n", paint(kBold, "disputed"), check, words_of(one), printable(one.why, 400));
  }
  for (const std::string& pattern : result.unused_patterns) {
    text += fmt::format("the selection '{}' matches nothing\n", printable(pattern));
  }
  if (result.interrupted) {
    const auto played = std::count_if(result.scenarios.begin(), result.scenarios.end(), [](const ScenarioResult& one) { return one.ran; });
    text += fmt::format("{}: {} of {} scenarios were played\n", paint(kRed, "interrupted"), played, result.scenarios.size());
  }
  for (const std::string& protocol : result.unclaimed) {
    text += fmt::format("{} is not claimed: its scenarios did not run\n", printable(protocol));
  }
  return text;
}

}  // namespace

std::string repeat_command(const RunResult& result, const ScenarioResult& scenario) {
  if (!result.folder.empty() && has_bundle(scenario)) {
    return fmt::format("quickpay repro {} {}", shell_quoted(bundle_path(result.folder, scenario)), result.target);
  }
  return fmt::format("quickpay certify --role {} {} --profile {} --select {} --seed {}", result.role, result.target,
                     result.profile, scenario.info.id, result.seed);
}

std::string summary(const RunResult& result, const SpecFacts& spec, bool colour) {
  const Paint paint(colour);
  std::size_t left = kMaxLookedAt;
  std::string text = causes(result, spec, false, left, paint) + not_reached(result, paint) + causes(result, spec, true, left, paint);
  text += remarks(result, paint) + counts_line(result) + "\n";
  const ExitCode code = exit_code(result);
  text += fmt::format("{}: {} {} (seed {}, {:.1f} s)\n",
                      paint(code == ExitCode::as_expected ? kGreenBold : kRedBold, std::string(name_of(code))), result.role,
                      printable(result.implementation.name + " " + result.implementation.version), result.seed,
                      static_cast<double>(result.ms) / 1000.0);
  return text;
}

}  // namespace quickpay::conformance
