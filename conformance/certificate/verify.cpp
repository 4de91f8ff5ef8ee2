#include "conformance/certificate/verify.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "conformance/certificate/envelope.hpp"
#include "conformance/certificate/keys.hpp"
#include "conformance/certificate/log.hpp"
#include "conformance/certificate/manifest.hpp"
#include "conformance/certificate/rejudge.hpp"
#include "conformance/certificate/statement.hpp"
#include "conformance/report/text.hpp"
#include "reference/crypto/hash.hpp"

namespace quickpay::conformance {

namespace {

constexpr std::size_t kShownDigits = 16;
constexpr std::array<const char*, 6> kVerdicts = {"pass", "fail", "warn", "inconclusive", "not_applicable", "error"};

class Rulings {
 public:
  explicit Rulings(std::vector<Ruling>& list) : list_(list) {}
  void add(bool stands, std::string text) { list_.push_back({stands, std::move(text)}); }
  /// One statement that stands if `faults` is empty, else one for each fault.
  void add(const std::vector<std::string>& faults, const std::string& right) {
    for (const std::string& fault : faults) {
      add(false, fault);
    }
    if (faults.empty()) {
      add(true, right);
    }
  }

 private:
  std::vector<Ruling>& list_;
};

tl::expected<void, std::string> check_keys(const VerifyOptions& options, const Signed& opened, Rulings& say) {
  if (options.key.empty()) {
    say.add(true, fmt::format("signed by the key {}, for which nobody vouches (--key)",
                              opened.key_id.substr(0, kShownDigits)));
  } else {
    const auto key = read_public_key(options.key);
    if (!key) {
      return tl::unexpected(key.error());
    }
    const bool same = key->key_id() == opened.key_id;
    say.add(same, same ? fmt::format("signed by the key of {}", options.key)
                       : fmt::format("signed by the key {}, not by that of {}", opened.key_id, options.key));
  }
  if (options.witness.empty()) {
    return {};
  }
  const auto key = read_public_key(options.witness);
  if (!key) {
    return tl::unexpected(key.error());
  }
  const auto challenge = open_challenge(opened.payload.value("challenge", std::string()));
  const bool same = challenge && challenge->key_id == key->key_id();
  say.add(same,
          fmt::format("{} by the key of {}", same ? "the seed was drawn" : "no challenge was drawn", options.witness));
  return {};
}

/// Counts of the checks of a report, each looked at.
std::vector<std::string> report_faults(const Json& report, const Json& certificate) {
  std::vector<std::string> faults;
  for (const char* member : {"role", "profile", "level", "seed", "spec", "started", "counts", "protocols", "unclaimed"}) {
    const bool of_claims = member == std::string_view("protocols") || member == std::string_view("unclaimed");
    const Json& certified = of_claims ? certificate["claims"][member] : certificate[member];
    if (report.value(member, Json()) != certified) {
      faults.push_back(fmt::format("report.json has another {}", member));
    }
  }
  if (report.value("disputed", Json()) != Json::array()) {
    faults.push_back("report.json has disputed checks, and there is no certificate of such a run");
  }
  std::map<std::string, std::size_t> counts;
  std::size_t open = 0;
  for (const Json& check : report.value("checks", Json::array())) {
    const std::string verdict = check.value("verdict", "");
    ++counts[verdict];
    const bool earned = verdict == "pass" || verdict == "not_applicable";
    open += check.value("level", "") == "SHOULD" && verdict != "pass" ? 1 : 0;
    if (check.value("level", "") != "SHOULD" && !earned) {
      faults.push_back(fmt::format("{} is {} in {}", check.value("id", ""), verdict, check.value("scenario", "")));
    }
  }
  if (certificate["warnings"].size() != open) {
    faults.push_back("the certificate does not list what was not passed");
  }
  for (const char* verdict : kVerdicts) {
    if (certificate["counts"].value(verdict, Json()) != counts[verdict]) {
      faults.push_back(
          fmt::format("report.json does not have as many checks with the verdict {} as the certificate says", verdict));
    }
  }
  return faults;
}

/// The scenarios that a run with these claims plays. Of a protocol that no scenario plays only `unclaimed` tells whether it was denied.
Plan plan_of(const std::vector<Scenario>& suite, const Json& certificate) {
  Plan plan = make_plan(suite, {certificate["role"], {}, certificate["profile"], {}});
  const Json& unclaimed = certificate["claims"]["unclaimed"];
  std::vector<std::string> claimed;
  for (const Planned& planned : plan.scenarios) {
    const std::string& protocol = planned.scenario->info.protocol;
    if (std::find(unclaimed.begin(), unclaimed.end(), Json(protocol)) == unclaimed.end()) {
      claimed.push_back(protocol);
    }
  }
  leave_out_unclaimed(plan, claimed);
  return plan;
}

/// The suite of this program against the one that was certified.
std::vector<std::string> suite_faults(const Plan& plan, const Json& certificate, const Judgement& judgement) {
  if (certificate["spec"]["id"] != judgement.spec.id) {
    return {fmt::format(
        "this program judges by specification {}, the certificate is about {}: verify with the program of that suite",
        judgement.spec.id.substr(0, kShownDigits),
        certificate["spec"]["id"].get<std::string>().substr(0, kShownDigits))};
  }
  std::vector<ScenarioInfo> infos;
  for (const Planned& planned : plan.scenarios) {
    infos.push_back(planned.scenario->info);
  }
  if (requirement_set(infos, certificate["requirements"].value("set", "")) != certificate["requirements"] ||
      suite_digest(infos) != certificate["suite"]["digest"] || Json(protocols_of(plan)) != certificate["claims"]["protocols"]) {
    return {"the suite of this program asks other questions: verify with the program of the suite that was used"};
  }
  return {};
}

tl::expected<void, std::string> check_results(const VerifyOptions& options, const Json& certificate,
                                              const Judgement& judgement, Rulings& say) {
  const std::filesystem::path folder(options.results);
  const auto files = result_digests(folder);
  if (!files) {
    return tl::unexpected(files.error());
  }
  if (root_of(*files) != certificate["results"]["root"]) {
    const auto manifest = read_file(folder / kManifestName, kMaxResultBytes);
    std::vector<std::string> changed = manifest ? differences(*manifest, *files) : std::vector<std::string>{};
    changed.insert(changed.begin(), "the results are not those that were certified");
    say.add(changed, "");
    return {};
  }
  say.add(true, fmt::format("the {} files of the results are those that were certified", files->size()));
  const auto text = read_file(folder / "report.json", kMaxResultBytes);
  const Json report = text ? Json::parse(*text, nullptr, false) : Json();
  if (!report.is_object()) {
    say.add(false, "report.json is not a report");
    return {};
  }
  say.add(report_faults(report, certificate),
          "every mandatory check of report.json is passed, as the certificate says");
  const std::vector<Scenario> scenarios = judgement.suite(certificate["role"].get<std::string>());
  const Plan plan = plan_of(scenarios, certificate);
  const auto suite = suite_faults(plan, certificate, judgement);
  say.add(suite, "the suite is that of this program");
  if (suite.empty()) {
    say.add(judge_again(plan, judgement.worlds, certificate, report, folder),
            "judged again, the transcripts give the same verdicts");
  }
  return {};
}

void check_subject(const std::vector<LogEntry>& entries, const std::string& digest, const std::string& key_id,
                   Rulings& say) {
  const auto of = [&](const char* kind) {
    return std::find_if(entries.begin(), entries.end(), [&](const LogEntry& entry) {
      return entry.kind == kind && entry.subject == digest && entry.key_id == key_id;
    });
  };
  const auto issued = of("issued");
  say.add(issued != entries.end(),
          issued != entries.end() ? fmt::format("in the log since {}", printable(issued->time)) : "not in the log");
  if (const auto revoked = of("revoked"); revoked != entries.end()) {
    say.add(false, fmt::format("revoked at {}: {}", printable(revoked->time), printable(revoked->reason)));
  }
}

tl::expected<void, std::string> check_log(const VerifyOptions& options, const std::string& digest,
                                          const std::string& key_id, Rulings& say) {
  const auto text = read_file(options.log, kMaxLogBytes);
  if (!text) {
    return tl::unexpected(text.error());
  }
  const auto entries = read_log(*text);
  if (!entries) {
    say.add(false, fmt::format("{}: {}", options.log, entries.error()));
    return {};
  }
  const std::string head = entries->empty() ? std::string("none") : entries->back().digest;
  say.add(true, fmt::format("the log of {} entries is whole; head {}", entries->size(), head));
  if (!options.head.empty()) {
    const bool known = std::any_of(entries->begin(), entries->end(),
                                   [&](const LogEntry& entry) { return entry.digest == options.head; });
    say.add(known, known ? "it continues the log that was seen before"
                         : "the head that was seen before is not in it: entries were taken out");
  }
  check_subject(*entries, digest, key_id, say);
  return {};
}

}  // namespace

bool Verification::stands() const {
  return !rulings.empty() &&
         std::all_of(rulings.begin(), rulings.end(), [](const Ruling& ruling) { return ruling.stands; });
}

namespace {

tl::expected<void, std::string> check_all(const VerifyOptions& options, const Judgement& judgement,
                                          const std::string& text, Verification& verification) {
  Rulings say(verification.rulings);
  const auto opened = open_envelope(kCertificateType, text);
  if (!opened) {
    say.add(false, opened.error());
    return {};
  }
  const auto faults = statement_faults(opened->payload, opened->key_id);
  say.add(faults, "the statement is one of a run that can be certified");
  if (!faults.empty()) {
    return {};
  }
  verification.certificate = opened->payload;
  auto checked = check_keys(options, *opened, say);
  if (checked && !options.results.empty()) {
    checked = check_results(options, opened->payload, judgement, say);
  }
  if (checked && !options.log.empty()) {
    checked = check_log(options, crypto::sha256_hex(text), opened->key_id, say);
  }
  return checked;
}

}  // namespace

tl::expected<Verification, std::string> verify(const VerifyOptions& options, const Judgement& judgement) {
  const auto text = read_file(options.certificate, kMaxCertificateBytes);
  if (!text) {
    return tl::unexpected(text.error());
  }
  Verification verification;
  try {
    return check_all(options, judgement, *text, verification).map([&] { return verification; });
  } catch (
      const Json::exception&) {  // members of another kind than this program writes: whoever signed it does not matter
    verification.rulings.push_back({false, "certificate or report have members of another kind than they must have"});
    return verification;
  }
}

}  // namespace quickpay::conformance
