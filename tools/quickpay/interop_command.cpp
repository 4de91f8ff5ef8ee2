#include "conformance/interop/interop.hpp"

#include <iostream>
#include <memory>

#include "tools/quickpay/commands.hpp"
#include "tools/quickpay/run_process.hpp"

namespace quickpay::cli {

namespace {

int run_interop(conformance::InteropOptions options) {
  watch_signals();
  options.self = own_path();
  const conformance::ExitCode code = conformance::interop(options, std::cout, std::cerr, interrupted());
  std::cout.flush();
  return code_of(code);
}

}  // namespace

void add_interop(CommandLine& line) {
  CLI::App* command = line.app.add_subcommand("interop", "Let implementations meet, and say whose fault a failure is");
  auto options = std::make_shared<conformance::InteropOptions>();
  for (std::size_t role = 0; role < conformance::kMeetingRoles.size(); ++role) {
    command->add_option("--" + std::string(conformance::kMeetingRoles[role]), options->commands[role],
                        "adapter command, run through sh -c, or the word reference; may be repeated")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  }
  command->add_option("--profile", options->profile, "F or H")->capture_default_str();
  command->add_option("--out", options->out, "folder of interop.json and the transcripts");
  command->footer("Roles that are not named are played by the reference. Every combination meets once, through a proxy that records\n"
                  "every message and has the judges of all four roles look at it. Exit codes: 0 all well, 1 somebody is to blame,\n"
                  "2 usage, 4 interrupted, 5 an adapter could not be started or set up.");
  command->callback([&line, options] { line.chosen = [options] { return run_interop(*options); }; });
}

void add_demo(CommandLine& line) {
  CLI::App* command = line.app.add_subcommand("demo", "All four roles of the reference on loopback, every message of a payment shown");
  command->footer("Exit codes: 0 the payment was made, 1 it was not, 4 interrupted, 5 the reference could not be started.");
  command->callback([&line] {
    line.chosen = [] {
      watch_signals();
      const conformance::ExitCode code = conformance::demo(own_path(), std::cout, interrupted());
      std::cout.flush();
      return code_of(code);
    };
  });
}

}  // namespace quickpay::cli
