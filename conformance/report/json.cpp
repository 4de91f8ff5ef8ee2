// report.json.
#include "conformance/report/report.hpp"
#include "conformance/report/text.hpp"
#include "conformance/run/rollup.hpp"

namespace quickpay::conformance {

namespace {

Json evidence_of(const CheckResult& check) {
  Json evidence = Json::object();
  const auto put = [&](const char* name, const std::string& text) {
    if (!text.empty()) {
      evidence[name] = printable(text);
    }
  };
  put("expected", check.evidence.expected);
  put("got", check.evidence.got);
  put("detail", check.evidence.detail);
  if (!check.evidence.entries.empty()) {
    evidence["messages"] = check.evidence.entries;
  }
  return evidence;
}

Json check_of(const ScenarioResult& scenario, const CheckResult& check) {
  Json line = {{"id", check.info.id},
               {"requirements", check.info.requirements},
               {"verdict", name_of(check.verdict)},
               {"reason", name_of(check.evidence.reason)},
               {"scenario", scenario.info.id},
               {"ms", scenario.ms},
               {"level", name_of(check.info.level)},
               {"expected", !check.excused},
               {"evidence", evidence_of(check)}};
  if (check.excused) {
    line["baseline"] = printable(check.excuse);
  }
  if (!check.disputed.empty()) {
    line["disputed"] = printable(check.disputed);
  }
  return line;
}

Json implementation_of(const Hello& hello) {
  return {{"name", printable(hello.name)}, {"version", printable(hello.version)}, {"vendor", printable(hello.vendor)},
          {"commit", printable(hello.commit)}, {"url", printable(hello.url)}, {"features", hello.features},
          {"clock", hello.virtual_clock ? "virtual" : "wall"}, {"fence", hello.fence}};
}

Json counts_of(const RunResult& result) {
  const Counts counts = count(result);
  Json object = Json::object();
  for (const Verdict verdict : {Verdict::pass, Verdict::fail, Verdict::warn, Verdict::inconclusive,
                                Verdict::not_applicable, Verdict::error}) {
    object[std::string(name_of(verdict))] = counts[static_cast<std::size_t>(verdict)];
  }
  return object;
}

Json scenarios_of(const RunResult& result) {
  Json list = Json::array();
  for (const ScenarioResult& scenario : result.scenarios) {
    list.push_back({{"id", scenario.info.id},
                    {"subject", scenario.info.subject},
                    {"negative", scenario.info.negative},
                    {"twin", scenario.info.twin},
                    {"mutation", scenario.info.mutation},
                    {"ran", scenario.ran},
                    {"support", scenario.support},
                    {"ms", scenario.ms},
                    {"messages", scenario.transcript.size() + scenario.dropped}});
  }
  return list;
}

std::string dump(const Json& json, int indent) { return json.dump(indent, ' ', false, Json::error_handler_t::replace); }

}  // namespace

std::string json_report(const RunResult& result, const SpecFacts& spec) {
  Json checks = Json::array();
  Json apart = Json::array();
  Json disputed = Json::array();
  for (const ScenarioResult& scenario : result.scenarios) {
    for (const CheckResult& check : scenario.checks) {
      (!check.disputed.empty() ? disputed : check.apart ? apart : checks).push_back(check_of(scenario, check));
    }
  }
  Json stale = Json::array();
  for (const StaleEntry& entry : result.stale) {
    stale.push_back({{"check", entry.check}, {"scenario", entry.scenario}, {"reason", printable(entry.reason)}});
  }
  const ExitCode code = exit_code(result);
  const Json report = {{"suite", {{"name", kSuiteName}, {"version", spec.suite_version}}},
                       {"spec", {{"id", spec.id}, {"version", spec.version}}},
                       {"role", result.role},
                       {"profile", result.profile},
                       {"protocols", result.protocols},
                       {"unclaimed", result.unclaimed},
                       {"level", result.level},
                       {"seed", result.seed},
                       {"started", result.started},
                       {"ms", result.ms},
                       {"exit_code", static_cast<int>(code)},
                       {"verdict", name_of(code)},
                       {"certifiable", certifiable(result)},
                       {"complete", result.complete},
                       {"interrupted", result.interrupted},
                       {"implementation", implementation_of(result.implementation)},
                       {"counts", counts_of(result)},
                       {"declared", declared(result)},
                       {"judged", judged(result)},
                       {"checks", std::move(checks)},
                       {"adapter_required", std::move(apart)},
                       {"disputed", std::move(disputed)},
                       {"stale_baseline", std::move(stale)},
                       {"scenarios", scenarios_of(result)},
                       {"defects", result.defects}};
  return dump(report, 1) + "\n";
}

}  // namespace quickpay::conformance
