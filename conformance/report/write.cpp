// Reports as files.
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "conformance/report/bundle.hpp"
#include "conformance/report/report.hpp"
#include "conformance/report/text.hpp"
#include "conformance/run/recording.hpp"

namespace quickpay::conformance {

namespace {

tl::expected<void, std::string> write_file(const std::filesystem::path& path, const std::string& content) {
  errno = 0;
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(content.data(), static_cast<std::streamsize>(content.size()));
  file.close();
  if (!file) {
    const std::string why = std::strerror(errno);
    std::error_code ignored;
    std::filesystem::remove(path, ignored);  // no half report
    return tl::unexpected(path.string() + ": " + why);
  }
  return {};
}

/// An empty folder as far as files of this suite go: those of an earlier run would belong to another report.
tl::expected<void, std::string> make_folder(const std::filesystem::path& folder, std::initializer_list<std::string_view> endings) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  for (std::filesystem::directory_iterator file(folder, error), end; !error && file != end; file.increment(error)) {
    const bool ours = std::any_of(endings.begin(), endings.end(), [&](std::string_view ending) {
      return file->path().filename().string().ends_with(ending);
    });
    if (ours && file->is_regular_file(error)) {
      std::filesystem::remove(file->path(), error);
    }
  }
  return error ? tl::expected<void, std::string>(tl::unexpected(folder.string() + ": " + error.message()))
               : tl::expected<void, std::string>();
}

/// Certificate and badge of an earlier run would belong to another report.
tl::expected<void, std::string> forget_earlier(const std::filesystem::path& folder) {
  for (const char* name : {"certificate.json", "manifest.sha256", "badge.svg"}) {
    std::error_code error;
    std::filesystem::remove(folder / name, error);
    if (error) {
      return tl::unexpected((folder / name).string() + ": " + error.message());
    }
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

}  // namespace

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
  auto written = make_folder(base / "transcript", {".txt", ".jsonl"}).and_then([&] { return forget_earlier(base); }).and_then([&] {
    return make_folder(base / "repro", {kBundleEnding});
  });
  const auto then = [&](const std::filesystem::path& path, const std::string& content) {
    written = written.and_then([&] { return write_file(path, content); });
  };
  then(base / "report.json", json_report(result, spec));
  then(base / "junit.xml", junit_report(result, spec));
  then(base / "results.sarif", sarif_report(result, spec));
  then(base / "report.html", html_report(result, spec));
  then(base / "badge.svg", badge_svg(result, {}));
  for (const ScenarioResult& scenario : result.scenarios) {
    if (scenario.ran) {
      then(base / "transcript" / (file_name(scenario.info.id) + ".txt"), transcript_text(scenario));
      then(base / "transcript" / (file_name(scenario.info.id) + ".jsonl"), recording_text(result, scenario));
    }
    if (has_bundle(scenario)) {
      then(bundle_path(folder, scenario), bundle_text(result, spec, scenario));
    }
  }
  return written;
}

}  // namespace quickpay::conformance
