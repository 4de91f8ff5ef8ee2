// Reports of earlier runs: read back from report.json, compared, and shown side by side.
#pragma once

#include <map>
#include <string>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

#include "conformance/model/iut.hpp"

namespace quickpay::conformance {

inline constexpr std::size_t kMaxReportBytes = 64U << 20;
inline constexpr std::size_t kMaxReports = 64;  ///< side by side

/// One report.json. Everything in it is the text of others.
struct StoredReport {
  std::string folder;
  std::string implementation;  ///< name and version
  std::string role, profile, spec, suite, verdict;
  std::map<std::pair<std::string, std::string>, std::string> verdicts;  ///< by check and scenario
};

/// Reads FOLDER/report.json. The error is a sentence.
tl::expected<StoredReport, std::string> read_report(const std::string& folder);

/// What is different in the second of two runs.
struct Difference {
  struct Change {
    std::string check, scenario, before, after;  ///< a verdict's name; empty: not there
  };
  std::vector<Change> worse, better, other;
  std::vector<std::string> remarks;  ///< that the runs are of different roles, specifications, …
};
Difference difference_of(const StoredReport& before, const StoredReport& after);
/// For a terminal. `colour`: use ANSI colours.
std::string difference_text(const Difference& difference, bool colour);

/// One HTML file: a row a check, a column a report, in each cell the worst verdict and how often it was given.
std::string matrix_html(const std::vector<StoredReport>& reports);
/// The same in short, for a terminal: one line a report.
std::string matrix_text(const std::vector<StoredReport>& reports);

}  // namespace quickpay::conformance
