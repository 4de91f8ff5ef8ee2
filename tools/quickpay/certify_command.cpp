#include <iostream>
#include <memory>

#include "conformance/certify/certify.hpp"
#include "tools/quickpay/commands.hpp"
#include "tools/quickpay/parts.hpp"
#include "tools/quickpay/run_process.hpp"

namespace quickpay::cli {

namespace {

int run_certify(conformance::CertifyOptions options) {
  watch_signals();
  prepare_run(options);
  return end_run(conformance::certify(options, certify_parts(), std::cout, std::cerr, interrupted()));
}

}  // namespace

void add_certify(CommandLine& line) {
  CLI::App* command = line.app.add_subcommand("certify", "Certify one implementation in one role");
  auto options = std::make_shared<conformance::CertifyOptions>();
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
  command->add_flag("--list", options->list, "only list the scenarios, one id a line");
  command->footer("Exit codes: 0 as expected, 1 failure or stale baseline, 2 usage, 3 the suite broke, 4 mandatory check\n"
                  "inconclusive, 5 implementation unreachable, 6 nothing ran; 128 and the signal after Ctrl-C.");
  command->callback([&line, options] { line.chosen = [options] { return run_certify(*options); }; });
}

}  // namespace quickpay::cli
