#include "conformance/certify/repro.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>

#include "conformance/report/bundle.hpp"
#include "conformance/report/text.hpp"

namespace quickpay::conformance {

namespace {

tl::expected<Bundle, std::string> bundle_in(const std::string& path, const SpecFacts& spec) {
  std::ifstream file(path, std::ios::binary);
  std::string text(kMaxBundleBytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(std::max<std::streamsize>(file.gcount(), 0)));
  if (text.empty()) {
    return tl::unexpected(fmt::format("cannot read {}", path));
  }
  return read_bundle(text, spec).map_error([&](const std::string& what) { return fmt::format("{}: {}", path, what); });
}

bool is_in(const std::vector<Scenario>& suite, const std::string& id) {
  return std::any_of(suite.begin(), suite.end(), [&](const Scenario& scenario) { return scenario.info.id == id; });
}

std::string findings_text(const std::vector<BundledFinding>& findings) {
  std::vector<std::string> lines;
  for (const BundledFinding& finding : findings) {
    lines.push_back(printable(finding.check + " " + finding.verdict + " " + finding.reason, 300));
  }
  return lines.empty() ? "everything passed" : fmt::format("{}", fmt::join(lines, ", "));
}

/// What came of the scenario now, and what the bundle says.
std::string comparison(const Bundle& bundle, const RunResult& result) {
  for (const ScenarioResult& scenario : result.scenarios) {
    if (scenario.info.id == bundle.scenario) {
      const std::vector<BundledFinding> now = bundled_findings(scenario);
      return now == bundle.findings ? fmt::format("the same again: {}\n", findings_text(now))
                                    : fmt::format("now: {}\nthen: {}\n", findings_text(now), findings_text(bundle.findings));
    }
  }
  return "the scenario was not played\n";
}

CertifyOptions options_for(const Bundle& bundle, const ReproOptions& options) {
  CertifyOptions certify = options.certify;
  certify.role = bundle.role;
  certify.profile = bundle.profile;
  certify.select = bundle.scenario;
  certify.seed = bundle.seed;
  certify.jobs = 1;
  certify.pause_before = options.pause ? bundle.scenario : std::string();
  return certify;
}

}  // namespace

CertifyEnd repro(const ReproOptions& options, const CertifyParts& parts, std::ostream& out, std::ostream& err,
                 const std::atomic<bool>* stop) {
  const auto refuse = [&](const std::string& why) {
    err << "quickpay repro: " << printable(why) << "\n";
    return CertifyEnd{ExitCode::usage, false};
  };
  const auto bundle = bundle_in(options.bundle, parts.spec);
  if (!bundle) {
    return refuse(bundle.error());
  }
  if (!is_in(parts.suite(bundle->role), bundle->scenario)) {
    return refuse(fmt::format("{}: this suite has no scenario {}", options.bundle, bundle->scenario));
  }
  if (options.export_as == "curl") {
    out << curl_lines(*bundle);
    return {ExitCode::as_expected, false};
  }
  CertifyOptions certify_options = options_for(*bundle, options);
  std::string compared;
  certify_options.on_result = [&](const RunResult& result) { compared = comparison(*bundle, result); };
  const CertifyEnd end = certify(certify_options, parts, out, err, stop);
  out << compared;
  return end;
}

}  // namespace quickpay::conformance
