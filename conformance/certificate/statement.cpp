#include "conformance/certificate/statement.hpp"

#include <fmt/format.h>
#include <sys/utsname.h>

#include <algorithm>
#include <map>
#include <set>

#include "conformance/report/text.hpp"
#include "conformance/run/rollup.hpp"
#include "reference/crypto/hash.hpp"

namespace quickpay::conformance {

namespace {

constexpr std::size_t kMaxRefusals = 20;

bool mandatory(const CheckResult& check) { return !check.apart && check.info.level == Level::must; }

bool disputes_anything(const RunResult& result) {
  return std::any_of(result.scenarios.begin(), result.scenarios.end(), [](const ScenarioResult& scenario) {
    return std::any_of(scenario.checks.begin(), scenario.checks.end(),
                       [](const CheckResult& check) { return !check.disputed.empty(); });
  });
}

/// Mandatory checks that are not a pass, by check and verdict.
std::vector<std::string> not_passed(const RunResult& result) {
  std::map<std::pair<std::string, std::string>, std::size_t> open;
  for (const ScenarioResult& scenario : result.scenarios) {
    for (const CheckResult& check : scenario.checks) {
      if (mandatory(check) && check.verdict != Verdict::pass && check.verdict != Verdict::not_applicable) {
        ++open[{check.info.id, std::string(name_of(check.verdict))}];
      }
    }
  }
  std::vector<std::string> list;
  for (const auto& [what, times] : open) {
    list.push_back(
        fmt::format("{} is {} in {} {}", what.first, what.second, times, times == 1 ? "scenario" : "scenarios"));
  }
  if (list.size() > kMaxRefusals) {
    const std::size_t more = list.size() - kMaxRefusals;
    list.resize(kMaxRefusals);
    list.push_back(fmt::format("{} more checks are not passed", more));
  }
  return list;
}

Json checks_json(const ScenarioInfo& info) {
  Json checks = Json::array();
  for (const CheckInfo& check : info.checks) {
    checks.push_back({check.id, check.requirements, name_of(check.level)});
  }
  return checks;
}

Json counts_json(const RunResult& result) {
  const Counts counts = count(result);
  Json object = Json::object();
  for (const Verdict verdict :
       {Verdict::pass, Verdict::fail, Verdict::warn, Verdict::inconclusive, Verdict::not_applicable, Verdict::error}) {
    object[std::string(name_of(verdict))] = counts[static_cast<std::size_t>(verdict)];
  }
  return object;
}

/// What was not passed although nobody has to pass it.
Json warnings_json(const RunResult& result) {
  Json list = Json::array();
  for (const ScenarioResult& scenario : result.scenarios) {
    for (const CheckResult& check : scenario.checks) {
      if (!check.apart && !mandatory(check) && check.verdict != Verdict::pass) {
        list.push_back({{"check", check.info.id}, {"scenario", scenario.info.id}, {"verdict", name_of(check.verdict)}});
      }
    }
  }
  return list;
}

Json claims_json(const RunResult& result) {
  const Hello& hello = result.implementation;
  return {{"protocols", result.protocols}, {"unclaimed", result.unclaimed},
          {"profiles", hello.profiles},    {"features", hello.features},
          {"observes", hello.observes},    {"clock", hello.virtual_clock ? "virtual" : "wall"},
          {"fence", hello.fence}};
}

Json implementation_json(const RunResult& result, const Subject& subject) {
  const Hello& hello = result.implementation;
  Json adapter = artefact_json(subject.adapter);
  adapter["command"] = printable(subject.command);
  return {{"name", printable(hello.name)},
          {"version", printable(hello.version)},
          {"vendor", printable(hello.vendor)},
          {"commit", printable(hello.commit)},
          {"url", printable(hello.url)},
          {"artefact", artefact_json(subject.artefact)},
          {"adapter", adapter}};
}

std::string system_name() {
  utsname name{};
  return ::uname(&name) == 0 ? fmt::format("{} {} {}", name.sysname, name.release, name.machine) : "";
}

/// The member at a path, or null.
const Json& member(const Json& payload, const char* pointer) {
  static const Json kNull;
  const Json::json_pointer path(pointer);
  return payload.contains(path) ? payload.at(path) : kNull;
}

struct Form {
  const char* pointer;
  Json::value_t type;
};
constexpr Form kForm[] = {{"/format", Json::value_t::string},
                          {"/issued", Json::value_t::string},
                          {"/issuer/kind", Json::value_t::string},
                          {"/implementation/name", Json::value_t::string},
                          {"/implementation/artefact/digest", Json::value_t::string},
                          {"/implementation/adapter/digest", Json::value_t::string},
                          {"/role", Json::value_t::string},
                          {"/profile", Json::value_t::string},
                          {"/level", Json::value_t::string},
                          {"/suite/version", Json::value_t::string},
                          {"/suite/digest", Json::value_t::string},
                          {"/spec/id", Json::value_t::string},
                          {"/requirements/digest", Json::value_t::string},
                          {"/claims/protocols", Json::value_t::array},
                          {"/seed", Json::value_t::number_unsigned},
                          {"/started", Json::value_t::string},
                          {"/counts/pass", Json::value_t::number_unsigned},
                          {"/counts/fail", Json::value_t::number_unsigned},
                          {"/counts/error", Json::value_t::number_unsigned},
                          {"/warnings", Json::value_t::array},
                          {"/results/root", Json::value_t::string},
                          {"/results/files", Json::value_t::number_unsigned}};

void challenge_faults(const Json& payload, const std::string& key_id, std::vector<std::string>& faults) {
  const std::string kind = payload["issuer"]["kind"];
  const Json& text = member(payload, "/challenge");
  if (text.is_null()) {
    if (kind != "self") {
      faults.push_back("it says that it was witnessed, and there is no challenge");
    }
    return;
  }
  const auto challenge = open_challenge(text.is_string() ? text.get<std::string>() : std::string());
  if (!challenge) {
    faults.push_back(challenge.error());
    return;
  }
  if (challenge->artefact != payload["implementation"]["artefact"]["digest"]) {
    faults.push_back("the challenge was for another artefact");
  }
  if (challenge->seed != payload["seed"]) {
    faults.push_back("the seed is not that of the challenge");
  }
  if (challenge->issued > payload["started"].get<std::string>()) {
    faults.push_back("the run began before the challenge was made");
  }
  if ((challenge->key_id == key_id) != (kind == "self")) {
    faults.push_back("who drew the challenge is not who the certificate says");
  }
}

}  // namespace

std::vector<std::string> refusals(const RunResult& result) {
  std::vector<std::string> list;
  const auto say = [&](bool wrong, std::string_view why) {
    if (wrong) {
      list.emplace_back(why);
    }
  };
  say(result.level == "E", "level E: what needs an adapter was not judged");
  say(result.baseline, "a baseline was used");
  say(disputes_anything(result), "the implementation disputes checks that it did not pass");
  say(!result.complete, "the whole suite of the role was not selected");
  say(result.interrupted, "the run was interrupted");
  say(!result.defects.empty(), "the suite has a defect");
  const std::vector<std::string> open = not_passed(result);
  list.insert(list.end(), open.begin(), open.end());
  for (const ScenarioResult& scenario : result.scenarios) {
    say(scenario.dropped != 0, fmt::format("the transcript of {} is not complete", scenario.info.id));
  }
  if (list.empty() && !certifiable(result)) {
    list.push_back(fmt::format("the run ended as: {}", name_of(exit_code(result))));
  }
  return list;
}

std::string suite_digest(const std::vector<ScenarioInfo>& scenarios) {
  std::map<std::string, Json> lines;
  for (const ScenarioInfo& info : scenarios) {
    lines[info.id] = {info.id, info.protocol, info.subject, info.mutation, info.negative, info.twin, checks_json(info)};
  }
  std::string text;
  for (const auto& [id, line] : lines) {
    text += canonical(line) + "\n";
  }
  return crypto::sha256_hex(text);
}

Json requirement_set(const std::vector<ScenarioInfo>& scenarios, const std::string& name) {
  std::set<std::string> ids;
  for (const ScenarioInfo& scenario : scenarios) {
    for (const CheckInfo& check : scenario.checks) {
      if (check.level == Level::must) {
        ids.insert(check.requirements.begin(), check.requirements.end());
      }
    }
  }
  return {
      {"set", name}, {"count", ids.size()}, {"digest", crypto::sha256_hex(fmt::format("{}\n", fmt::join(ids, "\n")))}};
}

Json statement_of(const RunResult& result, const SpecFacts& spec, const Subject& subject,
                  const std::vector<FileDigest>& results, const std::string& key_id) {
  std::vector<ScenarioInfo> infos;
  for (const ScenarioResult& scenario : result.scenarios) {
    infos.push_back(scenario.info);
  }
  const std::string set =
      fmt::format("{}/{}/{}/{}", spec.version, result.role, result.profile, fmt::join(result.protocols, "+"));
  const bool witnessed = subject.challenge && subject.challenge->key_id != key_id;
  Json statement = {{"format", kCertificateFormat},
                    {"issued", utc_now()},
                    {"issuer", {{"kind", witnessed ? "witnessed" : "self"}}},
                    {"implementation", implementation_json(result, subject)},
                    {"role", result.role},
                    {"profile", result.profile},
                    {"level", result.level},
                    {"suite",
                     {{"name", kSuiteName},
                      {"version", spec.suite_version},
                      {"scenarios", infos.size()},
                      {"digest", suite_digest(infos)}}},
                    {"spec", {{"id", spec.id}, {"version", spec.version}}},
                    {"requirements", requirement_set(infos, set)},
                    {"claims", claims_json(result)},
                    {"seed", result.seed},
                    {"started", result.started},
                    {"ms", static_cast<std::uint64_t>(result.ms)},
                    {"system", system_name()},
                    {"counts", counts_json(result)},
                    {"warnings", warnings_json(result)},
                    {"results", {{"files", results.size()}, {"root", root_of(results)}}}};
  if (subject.challenge) {
    statement["challenge"] = subject.challenge->text;
  }
  return statement;
}

std::vector<std::string> statement_faults(const Json& payload, const std::string& key_id) {
  std::vector<std::string> faults;
  for (const Form& form : kForm) {
    if (member(payload, form.pointer).type() != form.type) {
      faults.push_back(fmt::format("{} is missing", form.pointer));
    }
  }
  if (!faults.empty()) {
    return faults;
  }
  if (payload["format"] != kCertificateFormat) {
    faults.push_back("it is not a certificate of a format that this version knows");
  }
  if (payload["counts"]["fail"] != 0U || payload["counts"]["error"] != 0U || payload["counts"]["pass"] == 0U) {
    faults.push_back("its counts are not those of a run that can be certified");
  }
  if (payload["level"] != (member(payload, "/claims/observes").empty() ? "A" : "O")) {
    faults.push_back("its level is not one that was certified: A with an adapter, O with one that observes");
  }
  challenge_faults(payload, key_id, faults);
  return faults;
}

}  // namespace quickpay::conformance
