#include "conformance/certificate/rejudge.hpp"

#include <fmt/format.h>

#include <map>

#include "conformance/certificate/files.hpp"
#include "conformance/certificate/manifest.hpp"
#include "conformance/report/text.hpp"
#include "conformance/run/again.hpp"
#include "conformance/run/play.hpp"
#include "conformance/run/recording.hpp"
#include "conformance/run/rollup.hpp"

namespace quickpay::conformance {

namespace {

constexpr std::size_t kMaxFaults = 10;
using Key = std::pair<std::string, std::string>;  // scenario, check

/// Is this recording one of the certified run, at this place of its plan?
std::optional<std::string> other_run(const Recording& recording, std::size_t position, const Json& certificate) {
  const Json& claims = certificate["claims"];
  const Hello& hello = recording.hello;
  if (recording.seed != certificate["seed"] || recording.profile != certificate["profile"]) {
    return "it is of another run";
  }
  if (recording.number != position + 1) {
    return "it is not the one at this place of the plan";
  }
  const bool same = Json(hello.profiles) == claims.value("profiles", Json()) &&
                    Json(hello.features) == claims.value("features", Json()) &&
                    Json(hello.observes) == claims.value("observes", Json()) &&
                    Json(hello.fence) == claims.value("fence", Json());
  return same ? std::nullopt : std::optional<std::string>("the implementation claims something else in it");
}

tl::expected<ScenarioResult, std::string> again(const Planned& planned, std::size_t position,
                                                const WorldFactory& worlds, const Json& certificate,
                                                const std::filesystem::path& folder) {
  const ScenarioInfo& info = planned.scenario->info;
  const Json features = certificate["claims"].value("features", Json::object());
  if (is_of_other_feature(info, features.value(info.feature, Json()) == true)) {
    return without_running(planned, Verdict::not_applicable, {});
  }
  const auto path = folder / "transcript" / (file_name(info.id) + ".jsonl");
  const auto recording = read_file(path, kMaxResultBytes).and_then(read_recording);
  if (!recording) {
    return tl::unexpected(recording.error());
  }
  if (auto other = other_run(*recording, position, certificate)) {
    return tl::unexpected(*other);
  }
  return play_again(planned, worlds, *recording);
}

bool earned(const CheckResult& check) {
  return check.info.level != Level::must || check.verdict == Verdict::pass || check.verdict == Verdict::not_applicable;
}

/// Whatever report and certificate say: what this suite counts as mandatory has to be passed, and the counts are these.
void judge_totals(const std::vector<ScenarioResult>& results, const Json& certificate,
                  std::vector<std::string>& faults) {
  RunResult run;
  run.scenarios = results;
  const Counts counts = count(run);
  for (const Verdict verdict :
       {Verdict::pass, Verdict::fail, Verdict::warn, Verdict::inconclusive, Verdict::not_applicable, Verdict::error}) {
    const std::size_t number = counts[static_cast<std::size_t>(verdict)];
    if (certificate["counts"].value(std::string(name_of(verdict)), Json()) != number) {
      faults.push_back(fmt::format("by the transcripts {} checks are {}, by the certificate another number", number,
                                   name_of(verdict)));
    }
  }
  for (const ScenarioResult& scenario : results) {
    for (const CheckResult& check : scenario.checks) {
      if (!earned(check)) {
        faults.push_back(fmt::format("{} in {} is mandatory and {} by the transcript", check.info.id, scenario.info.id,
                                     name_of(check.verdict)));
      }
    }
  }
}

std::map<Key, std::string> verdicts_of(const Json& report) {
  std::map<Key, std::string> verdicts;
  for (const Json& check : report.value("checks", Json::array())) {
    verdicts[{check.value("scenario", ""), check.value("id", "")}] = check.value("verdict", "");
  }
  return verdicts;
}

/// Verdict by verdict, in both directions.
void compare(const std::vector<ScenarioResult>& results, std::map<Key, std::string> said,
             std::vector<std::string>& faults) {
  for (const ScenarioResult& scenario : results) {
    for (const CheckResult& check : scenario.checks) {
      const auto reported = said.find({scenario.info.id, check.info.id});
      const std::string was = reported == said.end() ? "absent" : reported->second;
      if (was != name_of(check.verdict)) {
        faults.push_back(fmt::format("{} in {} is {} by the transcript, {} by report.json", check.info.id,
                                     scenario.info.id, name_of(check.verdict), was));
      }
      said.erase({scenario.info.id, check.info.id});
    }
  }
  for (const auto& [key, verdict] : said) {
    faults.push_back(fmt::format("{} in {} is in report.json and in no scenario", key.second, key.first));
  }
}

}  // namespace

std::vector<std::string> judge_again(const Plan& plan, const WorldFactory& worlds, const Json& certificate,
                                     const Json& report, const std::filesystem::path& folder) {
  std::vector<std::string> faults;
  std::vector<ScenarioResult> results;
  for (std::size_t i = 0; i < plan.scenarios.size() && faults.size() < kMaxFaults; ++i) {
    auto result = again(plan.scenarios[i], i, worlds, certificate, folder);
    if (!result) {
      faults.push_back(fmt::format("the transcript of {} cannot be judged again: {}",
                                   plan.scenarios[i].scenario->info.id, result.error()));
      continue;
    }
    results.push_back(std::move(*result));
  }
  if (!faults.empty()) {
    return faults;
  }
  bind_verdicts(results);
  compare(results, verdicts_of(report), faults);
  judge_totals(results, certificate, faults);
  faults.resize(std::min(faults.size(), kMaxFaults));
  return faults;
}

}  // namespace quickpay::conformance
