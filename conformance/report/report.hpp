// The reports of a run: for machines, for CI servers, for people.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "conformance/model/result.hpp"

namespace quickpay::conformance {

inline constexpr std::string_view kSuiteName = "quickpay";
inline constexpr std::size_t kMaxShownFindings = 300;  ///< findings shown in full in the HTML report
inline constexpr std::size_t kMaxShownEntries = 60;    ///< messages in one sequence diagram
inline constexpr std::size_t kMaxPictured = 3;         ///< scenarios of a run up to which those that passed are shown with their messages
inline constexpr std::size_t kMaxLookedAt = 3;         ///< causes shown in full in the summary
inline constexpr std::size_t kMaxGroups = 20;          ///< causes of one verdict in the summary
inline constexpr std::size_t kMaxPlaces = 3;           ///< scenarios of one cause in the summary
inline constexpr std::size_t kMaxLines = 14;           ///< messages of one scenario in the summary

/// One sentence that binds implementations.
struct RequirementText {
  std::string level;
  std::string section;
  std::string text;
};

/// What reports say about the specification; handed in, so that this room does not depend on generated code.
struct SpecFacts {
  std::string id;       ///< 64 hex digits
  std::string version;
  std::string suite_version;
  std::map<std::string, RequirementText> requirements;
};

/// report.json: see conformance/schemas/report.schema.json.
std::string json_report(const RunResult& result, const SpecFacts& spec);
/// junit.xml: see conformance/schemas/junit.xsd. One testcase a check and scenario.
std::string junit_report(const RunResult& result, const SpecFacts& spec);
/// results.sarif: see conformance/schemas/sarif.schema.json. What is not a pass, with the transcript's line that shows it.
std::string sarif_report(const RunResult& result, const SpecFacts& spec);
/// badge.svg. `certificate`: digest of the certificate that this run earned; empty: none, and the badge says so.
std::string badge_svg(const RunResult& result, const std::string& certificate);
/// report.html: one file, without script and without anything from elsewhere.
std::string html_report(const RunResult& result, const SpecFacts& spec);
/// One scenario's messages as text, byte for byte except for what a terminal could take as a command.
std::string transcript_text(const ScenarioResult& scenario);
/// Inline SVG of the messages; those named in `marked` stand out.
std::string sequence_diagram(const ScenarioResult& scenario, const std::vector<std::size_t>& marked,
                             std::string_view label);
/// The command that runs one scenario again: with its bundle where reports are written.
std::string repeat_command(const RunResult& result, const ScenarioResult& scenario);

/// Writes report.html, report.json, junit.xml, results.sarif, badge.svg, transcript/ and repro/ (bundle.hpp) below `folder`, which is
/// made if it is not there. The error names the file that could not be written and says why.
tl::expected<void, std::string> write_reports(const RunResult& result, const SpecFacts& spec,
                                              const std::string& folder);

/// The end of a run on a terminal or in a log: the unexpected first, grouped by cause, kMaxLookedAt causes with the
/// violated sentence, the bytes, the messages and what was allowed. `colour`: use ANSI colours.
std::string summary(const RunResult& result, const SpecFacts& spec, bool colour);

}  // namespace quickpay::conformance
