#include "conformance/report/stored.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>

#include "conformance/report/text.hpp"

namespace quickpay::conformance {

namespace {

constexpr std::size_t kMaxShownChanges = 200;
/// From best to worst, in the order of the roll-up.
constexpr std::array<std::string_view, 6> kVerdicts = {"not_applicable", "pass", "warn",
                                                       "inconclusive",   "fail", "error"};

std::size_t badness(const std::string& verdict) {
  return static_cast<std::size_t>(std::find(kVerdicts.begin(), kVerdicts.end(), verdict) - kVerdicts.begin());
}

std::string text_at(const Json& object, const char* name) {
  return object.is_object() && object.contains(name) && object[name].is_string() ? object[name].get<std::string>()
                                                                                 : std::string();
}

std::string change_line(const Difference::Change& change) {
  const auto named = [](const std::string& verdict) {
    return verdict.empty() ? std::string("absent") : printable(verdict, 40);
  };
  return fmt::format("  {} → {}  {}  {}\n", named(change.before), named(change.after), printable(change.check, 200),
                     printable(change.scenario, 200));
}

std::string change_lines(const std::string& title, const std::vector<Difference::Change>& changes) {
  if (changes.empty()) {
    return {};
  }
  std::string text = fmt::format("{} ({})\n", title, changes.size());
  for (std::size_t i = 0; i < std::min(kMaxShownChanges, changes.size()); ++i) {
    text += change_line(changes[i]);
  }
  return changes.size() <= kMaxShownChanges
             ? text
             : text + fmt::format("  … and {} more\n", changes.size() - kMaxShownChanges);
}

void compare(const StoredReport& before, const StoredReport& after, Difference& difference) {
  for (const auto& [key, verdict] : after.verdicts) {
    const auto old = before.verdicts.find(key);
    const std::string was = old == before.verdicts.end() ? std::string() : old->second;
    if (was == verdict) {
      continue;
    }
    const Difference::Change change{key.first, key.second, was, verdict};
    (was.empty()                       ? difference.other
     : badness(verdict) > badness(was) ? difference.worse
                                       : difference.better)
        .push_back(change);
  }
  for (const auto& [key, verdict] : before.verdicts) {
    if (after.verdicts.count(key) == 0) {
      difference.other.push_back({key.first, key.second, verdict, {}});
    }
  }
}

}  // namespace

tl::expected<StoredReport, std::string> read_report(const std::string& folder) {
  const std::filesystem::path path = std::filesystem::path(folder) / "report.json";
  std::error_code error;
  const std::uintmax_t size = std::filesystem::file_size(path, error);
  if (error || size > kMaxReportBytes) {
    return tl::unexpected(fmt::format("there is no report in {}", folder));
  }
  std::ifstream file(path);
  const Json json = Json::parse(file, nullptr, false);
  if (!json.is_object() || !json.contains("checks") || !json["checks"].is_array()) {
    return tl::unexpected(fmt::format("{} is not a report", path.string()));
  }
  const Json& impl = json.contains("implementation") ? json["implementation"] : json;
  StoredReport report{folder,
                      text_at(impl, "name") + " " + text_at(impl, "version"),
                      text_at(json, "role"),
                      text_at(json, "profile"),
                      text_at(json.value("spec", Json()), "id"),
                      text_at(json.value("suite", Json()), "version"),
                      text_at(json, "verdict"),
                      {}};
  for (const Json& check : json["checks"]) {
    report.verdicts[{text_at(check, "id"), text_at(check, "scenario")}] = text_at(check, "verdict");
  }
  return report;
}

Difference difference_of(const StoredReport& before, const StoredReport& after) {
  Difference difference;
  for (const auto& [what, a, b] :
       {std::tuple{"role", before.role, after.role}, std::tuple{"profile", before.profile, after.profile},
        std::tuple{"specification", before.spec, after.spec}, std::tuple{"suite", before.suite, after.suite}}) {
    if (a != b) {
      difference.remarks.push_back(fmt::format("another {}: {} and {}", what, printable(a, 80), printable(b, 80)));
    }
  }
  compare(before, after, difference);
  return difference;
}

std::string difference_text(const Difference& difference, bool colour) {
  const auto paint = [&](std::string_view code, const std::string& text) {
    return colour ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : text;
  };
  std::string text;
  for (const std::string& remark : difference.remarks) {
    text += remark + "\n";
  }
  text += change_lines(paint("31", "worse"), difference.worse) +
          change_lines(paint("32", "better"), difference.better) + change_lines("only in one run", difference.other);
  return text + fmt::format("{} worse, {} better, {} only in one run\n", difference.worse.size(),
                            difference.better.size(), difference.other.size());
}

}  // namespace quickpay::conformance
