// Reports as files and as the last lines of a run.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "conformance/report/finding.hpp"
#include "conformance/report/report.hpp"
#include "conformance/report/text.hpp"
#include "conformance/run/rollup.hpp"

namespace quickpay::conformance {

namespace {

tl::expected<void, std::string> write_file(const std::filesystem::path& path, const std::string& content) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(content.data(), static_cast<std::streamsize>(content.size()));
  file.close();
  if (!file) {
    return tl::unexpected(path.string());
  }
  return {};
}

/// The transcripts of an earlier run would belong to another report.
tl::expected<void, std::string> make_folders(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  const std::filesystem::path transcripts = folder / "transcript";
  if (std::filesystem::exists(transcripts)) {
    for (const auto& file : std::filesystem::directory_iterator(transcripts, error)) {
      const std::string ending = file.path().extension().string();
      if (file.is_regular_file() && (ending == ".txt" || ending == ".jsonl")) {
        std::filesystem::remove(file.path(), error);
      }
    }
  }
  std::filesystem::create_directories(transcripts, error);
  if (error) {
    return tl::unexpected(transcripts.string());
  }
  return {};
}

std::string headers_text(const Entry& entry) {
  std::string text;
  for (const auto& [name, value] : entry.headers) {
    text += printable(name) + ": " + printable(value) + "\n";
  }
  return text;
}

class Paint {
 public:
  explicit Paint(bool colour) : colour_(colour) {}
  std::string operator()(std::string_view code, const std::string& text) const {
    return colour_ ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : text;
  }

 private:
  bool colour_;
};

std::string group_lines(const RunResult& result, const CauseGroup& group, const Paint& paint) {
  constexpr std::size_t kMaxPlaces = 3;
  const CheckResult& first = *group.places.front().check;
  std::string text = fmt::format("  {}  {}{}\n", paint("1", group.check), name_of(group.reason),
                                 group.excused ? " (expected: " + printable(first.excuse, 200) + ")" : "");
  for (std::size_t i = 0; i < std::min(kMaxPlaces, group.places.size()); ++i) {
    const Located& at = group.places[i];
    const Evidence& evidence = at.check->evidence;
    text += fmt::format("    {}\n", at.scenario->info.id);
    if (!evidence.expected.empty() || !evidence.got.empty()) {
      text += fmt::format("      expected {}; got {}\n", printable(evidence.expected, 200), printable(evidence.got, 200));
    }
    if (!evidence.detail.empty()) {
      text += fmt::format("      {}\n", printable(evidence.detail, 300));
    }
  }
  if (group.places.size() > kMaxPlaces) {
    text += fmt::format("    … and {} more scenarios\n", group.places.size() - kMaxPlaces);
  }
  return text + fmt::format("      again: {}\n", repeat_command(result, *group.places.front().scenario));
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
                                                    [](const CheckResult& check) { return check.apart; }));
  }
  return apart == 0 ? line : line + fmt::format("; {} need an adapter and do not count", apart);
}

}  // namespace

std::string repeat_command(const RunResult& result, const ScenarioResult& scenario) {
  return fmt::format("quickpay certify --role {} {} --profile {} --select {} --seed {}", result.role, result.target,
                     result.profile, scenario.info.id, result.seed);
}

std::string transcript_text(const ScenarioResult& scenario) {
  std::string text = fmt::format("{}\n", scenario.info.id);
  for (std::size_t i = 0; i < scenario.transcript.size(); ++i) {
    const Entry& entry = scenario.transcript[i];
    if (entry.kind == EntryKind::note) {
      text += fmt::format("\n#{} {:.3f} ms  {}\n", i, static_cast<double>(entry.at_us) / 1000.0, printable(entry.summary));
      continue;
    }
    const std::string head = entry.kind == EntryKind::request ? "POST " + printable(entry.path)
                             : entry.kind == EntryKind::response ? fmt::format("HTTP {}", entry.http_status)
                                                                 : "no answer: " + printable(entry.summary);
    text += fmt::format("\n#{} {:.3f} ms  {}{} -> {}  {}{}\n{}\n{}\n{}\n", i, static_cast<double>(entry.at_us) / 1000.0,
                        printable(entry.from), entry.by_iut ? " (under test)" : "", printable(entry.to),
                        printable(entry.summary), entry.mutation.empty() ? "" : "  [changed: " + printable(entry.mutation) + "]",
                        head, headers_text(entry), printable(entry.body, kMaxEntryBytes, true));
    for (const std::string& finding : entry.findings) {
      text += fmt::format("! {}\n", printable(finding));
    }
  }
  text += "\n";
  for (const CheckResult& check : scenario.checks) {
    text += fmt::format("{} {} {}\n", name_of(check.verdict), check.info.id, name_of(check.evidence.reason));
  }
  return text;
}

tl::expected<void, std::string> write_reports(const RunResult& result, const SpecFacts& spec,
                                              const std::string& folder) {
  const std::filesystem::path base(folder);
  auto written = make_folders(base);
  const auto then = [&](const std::filesystem::path& path, const std::string& content) {
    written = written.and_then([&] { return write_file(path, content); });
  };
  then(base / "report.json", json_report(result, spec));
  then(base / "junit.xml", junit_report(result, spec));
  then(base / "report.html", html_report(result, spec));
  for (const ScenarioResult& scenario : result.scenarios) {
    if (scenario.ran) {
      then(base / "transcript" / (file_name(scenario.info.id) + ".txt"), transcript_text(scenario));
      then(base / "transcript" / (file_name(scenario.info.id) + ".jsonl"), transcript_json(scenario));
    }
  }
  return written;
}

std::string summary(const RunResult& result, bool colour) {
  const Paint paint(colour);
  std::string text;
  for (const auto& [verdict, code] : {std::pair{Verdict::error, "31;1"}, std::pair{Verdict::fail, "31"},
                                      std::pair{Verdict::inconclusive, "35"}, std::pair{Verdict::warn, "33"}}) {
    const std::vector<CauseGroup> groups = group_by_cause(result, verdict);
    if (!groups.empty()) {
      text += paint(code, std::string(name_of(verdict))) + "\n";
    }
    constexpr std::size_t kMaxGroups = 20;
    for (std::size_t i = 0; i < std::min(kMaxGroups, groups.size()); ++i) {
      text += group_lines(result, groups[i], paint);
    }
    if (groups.size() > kMaxGroups) {
      text += fmt::format("  … and {} more checks; see the report\n", groups.size() - kMaxGroups);
    }
  }
  for (const StaleEntry& entry : result.stale) {
    text += fmt::format("{} {} no longer fails ({})\n", paint("31", "stale baseline"), entry.check, printable(entry.reason));
  }
  for (const std::string& pattern : result.unused_patterns) {
    text += fmt::format("the selection '{}' matches nothing\n", printable(pattern));
  }
  for (const std::string& protocol : result.unclaimed) {
    text += fmt::format("{} is not claimed: its scenarios did not run\n", printable(protocol));
  }
  const ExitCode code = exit_code(result);
  text += counts_line(result) + "\n";
  text += fmt::format("{}: {} {} (seed {}, {:.1f} s)\n", paint(code == ExitCode::as_expected ? "32;1" : "31;1", std::string(name_of(code))),
                      result.role, printable(result.implementation.name + " " + result.implementation.version),
                      result.seed, static_cast<double>(result.ms) / 1000.0);
  return text;
}

}  // namespace quickpay::conformance
