// results.sarif: findings for code-scanning tools, in SARIF 2.1.0 (conformance/schemas/sarif.schema.json).
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "conformance/report/report.hpp"
#include "conformance/report/text.hpp"
#include "conformance/run/rollup.hpp"

namespace quickpay::conformance {

namespace {

constexpr std::string_view kBase = "RESULTS";

/// Plain text of a SARIF message: readers turn [text](target) into a link and {0} into an argument, so that brackets
/// and braces of others are escaped.
std::string sarif_text(std::string_view text, std::size_t limit = kMaxShownText) {
  std::string safe;
  for (const char c : printable(text, limit)) {
    if (c == '[' || c == ']') {
      safe += '\\';
    } else if (c == '{' || c == '}') {
      safe += c;
    }
    safe += c;
  }
  return safe;
}

Json message(std::string_view text) { return {{"text", sarif_text(text)}}; }

/// Where the messages of a scenario can be read: the line of the first that shows the finding.
std::size_t line_of(const ScenarioResult& scenario, const CheckResult& check) {
  if (check.evidence.entries.empty()) {
    return 1;
  }
  const std::string text = transcript_text(scenario);
  const std::size_t at = text.find(fmt::format("\n#{} ", check.evidence.entries.front()));
  const auto end = text.begin() + static_cast<std::ptrdiff_t>(at == std::string::npos ? 0 : at + 1);
  return 1 + static_cast<std::size_t>(std::count(text.begin(), end, '\n'));
}

Json location_of(const ScenarioResult& scenario, const CheckResult& check) {
  const std::string uri = "transcript/" + file_name(scenario.info.id) + ".txt";
  const Json physical = {{"artifactLocation", {{"uri", uri}, {"uriBaseId", kBase}}},
                         {"region", {{"startLine", scenario.ran ? line_of(scenario, check) : 1}}}};
  return {{"physicalLocation", physical},
          {"logicalLocations", {{{"fullyQualifiedName", scenario.info.id}, {"kind", "function"}}}}};
}

std::string said(const CheckResult& check) {
  const Evidence& evidence = check.evidence;
  std::string text = check.info.title.empty() ? check.info.id : check.info.title;
  for (const auto& [term, value] :
       {std::pair{"Reason", std::string(name_of(evidence.reason))}, std::pair{"Expected", evidence.expected},
        std::pair{"Got", evidence.got}, std::pair{"Detail", evidence.detail}}) {
    text += value.empty() ? std::string() : fmt::format(" {}: {}.", term, printable(value));
  }
  return text;
}

/// A failure is a failure; what was not judged is open.
std::pair<std::string_view, std::string_view> kind_and_level(Verdict verdict) {
  switch (verdict) {
    case Verdict::fail:
      return {"fail", "error"};
    case Verdict::warn:
      return {"fail", "warning"};
    case Verdict::none:
    case Verdict::inconclusive:
    case Verdict::error:
      return {"open", "none"};
    case Verdict::pass:
      return {"pass", "none"};
    case Verdict::not_applicable:
      return {"notApplicable", "none"};
  }
  return {"open", "none"};
}

Json result_of(const ScenarioResult& scenario, const CheckResult& check, const std::string& command) {
  const auto [kind, level] = kind_and_level(check.verdict);
  Json result = {{"ruleId", check.info.id},
                 {"kind", kind},
                 {"level", level},
                 {"message", message(said(check))},
                 {"locations", Json::array({location_of(scenario, check)})},
                 {"partialFingerprints", {{"checkAndScenario/v1", check.info.id + "@" + scenario.info.id}}},
                 {"properties",
                  {{"scenario", scenario.info.id},
                   {"verdict", name_of(check.verdict)},
                   {"reason", name_of(check.evidence.reason)},
                   {"repeat", printable(command)}}}};
  if (check.excused) {
    result["suppressions"] = Json::array({{{"kind", "external"}, {"justification", sarif_text(check.excuse)}}});
  }
  if (!check.disputed.empty()) {
    result["suppressions"] =
        Json::array({{{"kind", "external"}, {"status", "underReview"}, {"justification", sarif_text(check.disputed)}}});
  }
  return result;
}

Json rule_of(const CheckInfo& check, const SpecFacts& spec) {
  std::string sentence = check.rule;
  for (const std::string& id : check.requirements) {
    const auto found = spec.requirements.find(id);
    if (check.rule.empty() && found != spec.requirements.end()) {
      sentence += (sentence.empty() ? "" : " ") + found->second.text;
    }
  }
  return {{"id", check.id},
          {"shortDescription", message(check.title.empty() ? check.id : check.title)},
          {"fullDescription", message(sentence.empty() ? check.id : sentence)},
          {"defaultConfiguration", {{"level", check.level == Level::must ? "error" : "warning"}}},
          {"properties", {{"tags", check.requirements}}}};
}

/// Errors of the suite are no findings about the implementation.
Json notifications(const RunResult& result) {
  Json list = Json::array();
  for (const std::string& defect : result.defects) {
    list.push_back({{"level", "error"}, {"message", message("Defect of the suite: " + defect)}});
  }
  for (const ScenarioResult& scenario : result.scenarios) {
    for (const CheckResult& check : scenario.checks) {
      if (!check.apart && check.verdict == Verdict::error) {
        list.push_back({{"level", "error"}, {"message", message(scenario.info.id + ": " + said(check))}});
      }
    }
  }
  return list;
}

}  // namespace

std::string sarif_report(const RunResult& result, const SpecFacts& spec) {
  std::map<std::string, Json> rules;
  Json results = Json::array();
  for (const ScenarioResult& scenario : result.scenarios) {
    const std::string command = repeat_command(result, scenario);
    for (const CheckResult& check : scenario.checks) {
      const bool apart = check.apart && check.disputed.empty();
      if (apart || check.verdict == Verdict::pass || check.verdict == Verdict::not_applicable) {
        continue;
      }
      rules.emplace(check.info.id, rule_of(check.info, spec));
      results.push_back(result_of(scenario, check, command));
    }
  }
  Json list = Json::array();
  for (auto& [id, rule] : rules) {
    list.push_back(std::move(rule));
  }
  const Json driver = {
      {"name", fmt::format("{} certify", kSuiteName)}, {"version", spec.suite_version}, {"rules", std::move(list)}};
  const Json run = {{"tool", {{"driver", driver}}},
                    {"invocations", Json::array({{{"executionSuccessful", exit_code(result) != ExitCode::suite_broke},
                                                  {"exitCode", static_cast<int>(exit_code(result))},
                                                  {"startTimeUtc", result.started},
                                                  {"toolExecutionNotifications", notifications(result)}}})},
                    {"originalUriBaseIds", {{kBase, {{"description", message("The folder of this file.")}}}}},
                    {"columnKind", "utf16CodeUnits"},
                    {"properties",
                     {{"role", result.role},
                      {"profile", result.profile},
                      {"level", result.level},
                      {"seed", result.seed},
                      {"spec", spec.id},
                      {"implementation", printable(result.implementation.name + " " + result.implementation.version)}}},
                    {"results", std::move(results)}};
  const Json log = {
      {"$schema", "https://json.schemastore.org/sarif-2.1.0.json"}, {"version", "2.1.0"}, {"runs", Json::array({run})}};
  return log.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace quickpay::conformance
