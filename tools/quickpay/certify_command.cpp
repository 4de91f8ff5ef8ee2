#include <fstream>
#include <iostream>
#include <memory>

#include "conformance/certify/certify.hpp"
#ifdef QP_HAVE_SUITES
#include "conformance/report/text.hpp"
#include "conformance/trails/play.hpp"
#endif
#include "tools/quickpay/commands.hpp"
#include "tools/quickpay/parts.hpp"
#include "tools/quickpay/run_process.hpp"

namespace quickpay::cli {

namespace {

using conformance::CertifyOptions;
using conformance::CertifyParts;

#ifdef QP_HAVE_SUITES
std::string read_at_most(const std::string& path, std::size_t bytes) {
  std::ifstream file(path, std::ios::binary);
  std::string text(bytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  return text;
}

/// What came of the trail, whether or not that is right.
void tell(const conformance::RunResult& result, const std::string& id) {
  for (const conformance::ScenarioResult& scenario : result.scenarios) {
    for (const conformance::CheckResult& check : scenario.checks) {
      if (check.info.id != id || check.evidence.got.empty()) continue;
      std::cout << "trail: " << conformance::printable(check.evidence.got) << "\n";
    }
  }
}

/// Adds the scenario of the trail to the suite and selects it, so that the run earns no certificate.
tl::expected<void, std::string> add_trail(CertifyOptions& options, CertifyParts& parts) {
  const auto text = read_at_most(options.trail, conformance::kMaxTrailBytes);
  auto scenario = conformance::read_trail(text, parts.spec.id).and_then([&](const conformance::Trail& trail) {
    return conformance::scenario_of(trail, options.role);
  });
  if (!scenario) {
    return tl::unexpected(options.trail + ": " + scenario.error());
  }
  options.select = scenario->info.id;  // also where a failure is repeated, which names it
  options.on_result = [id = scenario->info.id](const conformance::RunResult& result) { tell(result, id); };
  parts.suite = [suite = parts.suite, scenario = std::move(*scenario)](std::string_view role) {
    std::vector<conformance::Scenario> all = suite(role);
    all.push_back(scenario);
    return all;
  };
  return {};
}
#else
tl::expected<void, std::string> add_trail(CertifyOptions&, CertifyParts&) {
  return tl::unexpected(std::string("--trail: this program has no suites"));
}
#endif

int run_certify(CertifyOptions options) {
  watch_signals();
  CertifyParts parts = certify_parts();
  if (!options.trail.empty()) {
    if (const auto added = add_trail(options, parts); !added) {
      std::cerr << "quickpay certify: " << added.error() << "\n";
      return kUsage;
    }
  }
  prepare_run(options);
  return end_run(conformance::certify(options, parts, std::cout, std::cerr, interrupted()));
}

}  // namespace

void add_certify(CommandLine& line) {
  CLI::App* command = line.app.add_subcommand("certify", "Certify one implementation in one role");
  auto options = std::make_shared<CertifyOptions>();
  command->add_option("--role", options->role, "wallet, vendor, broker or host")->required();
  command->add_flag("--reference", options->reference, "the reference implementation, as a child process like any other");
  command->add_option("--adapter", options->adapter, "command line of an adapter, run through sh -c");
  command->add_option("--endpoint", options->endpoint, "URL of a running host, broker or vendor (level E)");
  command->add_option("--fixture", options->fixture, "how that server is configured (JSON file)");
  command->add_option("--protocol", options->protocols, "comma list of protocols; default: all");
  command->add_option("--profile", options->profile, "F or H")->capture_default_str();
  command->add_option("--select", options->select, "scenarios: glob, comma list, @FILE, or smoke (a few)");
  command->add_option("--first", options->first, "scenarios played before all others: glob, comma list or @FILE");
  command->add_flag("--fail-fast", options->fail_fast, "end at the first failure that counts; gives no certificate");
  command->add_option("--seed", options->seed, "of names, numbers and order; default: drawn");
  command->add_option("--jobs", options->jobs, "workers; default: one a processor");
  command->add_option("--baseline", options->baseline, "known failures (JSON file)");
  command->add_option("--out", options->out, "folder of the reports");
  command->add_option("--trace", options->trace, "folder for the steps of the reference: see quickpay trace")
      ->check(CLI::ExistingDirectory);
  command->add_option("--pause-before", options->pause_before, "wait for Enter before these scenarios (glob)");
  command->add_option("--patience", options->patience, "time limits are N times as long")->check(CLI::Range(1, 1000));
  command->add_option("--sign", options->sign, "key that signs certificate.json if everything mandatory passed");
  command->add_option("--artefact", options->artefacts, "with --sign: file or folder of the implementation; may be repeated");
  command->add_option("--challenge", options->challenge, "with --sign: answered by this run, whose seed it gives");
  command->add_option("--log", options->log, "with --sign: log to which the certificate is added");
  command->add_option("--trail", options->trail, "the scenario of a trail alone, a file of quickpay check --trail")
      ->excludes("--sign")
      ->excludes("--baseline");
  command->add_flag("--list", options->list, "only list the scenarios, one id a line");
  command->footer("Exit codes: 0 as expected, 1 failure or stale baseline, 2 usage, 3 the suite broke, 4 mandatory check\n"
                  "inconclusive, 5 implementation unreachable, 6 nothing ran; 128 and the signal after Ctrl-C.");
  command->callback([&line, options] { line.chosen = [options] { return run_certify(*options); }; });
}

}  // namespace quickpay::cli
