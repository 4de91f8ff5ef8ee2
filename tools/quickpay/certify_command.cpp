#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <climits>
#include <cstdlib>
#include <iostream>
#include <memory>

#include "conformance/certify/certify.hpp"
#include "tools/quickpay/commands.hpp"
#include "tools/quickpay/parts.hpp"

namespace quickpay::cli {

namespace {

/// Set by the first Ctrl-C: the run ends and writes what it has. The second one ends the process.
std::atomic<bool> interrupted{false};
static_assert(std::atomic<bool>::is_always_lock_free);

void on_interrupt(int) { interrupted = true; }

void watch_signals() {
  struct sigaction action {};
  action.sa_handler = on_interrupt;
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
  ::signal(SIGPIPE, SIG_IGN);  // an adapter that ended is an outcome
}

std::string own_path() {
  std::array<char, PATH_MAX> path{};
  const ssize_t length = ::readlink("/proc/self/exe", path.data(), path.size());
  return length > 0 ? std::string(path.data(), static_cast<std::size_t>(length)) : std::string("quickpay");
}

int run_certify(conformance::CertifyOptions options) {
  watch_signals();
  options.self = own_path();
  options.terminal = ::isatty(STDOUT_FILENO) != 0;
  options.colour = options.terminal && std::getenv("NO_COLOR") == nullptr;
  const conformance::CertifyEnd end = conformance::certify(options, certify_parts(), std::cout, std::cerr, &interrupted);
  std::cout.flush();
  if (end.threads_left) {
    std::_Exit(static_cast<int>(end.code));  // a scenario hangs and cannot be joined
  }
  return static_cast<int>(end.code);
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
  command->add_option("--select", options->select, "scenarios: glob, comma list, or @FILE");
  command->add_option("--seed", options->seed, "of names, numbers and order; default: drawn");
  command->add_option("--jobs", options->jobs, "workers; default: one a processor");
  command->add_option("--baseline", options->baseline, "known failures (JSON file)");
  command->add_option("--out", options->out, "folder of the reports");
  command->add_option("--trace", options->trace, "folder for the steps of the reference: see quickpay trace")
      ->check(CLI::ExistingDirectory);
  command->add_flag("--list", options->list, "only list the scenarios, one id a line");
  command->footer("Exit codes: 0 as expected, 1 failure or stale baseline, 2 usage, 3 the suite broke, 4 mandatory check\n"
                  "inconclusive, 5 implementation unreachable, 6 nothing ran.");
  command->callback([&line, options] { line.chosen = [options] { return run_certify(*options); }; });
}

}  // namespace quickpay::cli
