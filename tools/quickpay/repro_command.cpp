#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <memory>

#include "conformance/certify/repro.hpp"
#include "tools/quickpay/commands.hpp"
#include "tools/quickpay/parts.hpp"
#include "tools/quickpay/run_process.hpp"

namespace quickpay::cli {

namespace {

constexpr int kPatienceByHand = 20;  ///< answers have two minutes while a person looks at a debugger

int run_repro(conformance::ReproOptions options, int patience) {
  watch_signals();
  prepare_run(options.certify);
  options.certify.patience = patience > 0 ? patience : options.certify.by_hand || options.pause ? kPatienceByHand : 1;
  options.certify.person = {STDIN_FILENO, [](std::string_view text) { std::cout << text << std::flush; }};
  return end_run(conformance::repro(options, certify_parts(), std::cout, std::cerr, interrupted()));
}

}  // namespace

void add_repro(CommandLine& line) {
  CLI::App* command = line.app.add_subcommand("repro", "Play one failure again, alone, from its bundle");
  auto options = std::make_shared<conformance::ReproOptions>();
  auto patience = std::make_shared<int>(0);
  command->add_option("BUNDLE", options->bundle, "file of the folder repro/ of a report")->required();
  command->add_flag("--reference", options->certify.reference, "against the reference implementation");
  command->add_option("--adapter", options->certify.adapter, "against this adapter, run through sh -c");
  command->add_option("--endpoint", options->certify.endpoint, "against a running host, broker or vendor (level E)");
  command->add_option("--fixture", options->certify.fixture, "how that server is configured (JSON file)");
  command->add_flag("--peer-only", options->certify.by_hand, "against your own product: you are told what to do with it, for instance in a debugger");
  command->add_flag("--pause-before", options->pause, "wait for Enter before the scenario, so that a debugger can be attached");
  command->add_option("--patience", *patience, "time limits are N times as long; default: 1, with --peer-only and --pause-before 20")
      ->check(CLI::Range(1, 1000));
  command->add_option("--export", options->export_as, "curl: only write the requests of the suite as curl lines")
      ->check(CLI::IsMember({"curl"}));
  command->add_option("--out", options->certify.out, "folder of the reports");
  command->footer("A bundle names no program: say which implementation. Exit codes are those of certify, 2 for a bundle that is\n"
                  "damaged or made by another suite or for another specification.");
  command->callback([&line, options, patience] {
    line.chosen = [options, patience] { return run_repro(*options, *patience); };
  });
}

}  // namespace quickpay::cli
