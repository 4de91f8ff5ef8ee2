#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <iostream>
#include <memory>

#include "conformance/kit/check.hpp"
#include "conformance/kit/init.hpp"
#include "tools/quickpay/commands.hpp"

namespace quickpay::cli {

namespace {

/// Set by the first Ctrl-C: the adapter is ended, and what was found is counted. The second one ends the process.
std::atomic<bool> interrupted{false};

void on_interrupt(int) { interrupted = true; }

int run_check(conformance::kit::BenchOptions options) {
  struct sigaction action {};
  action.sa_handler = on_interrupt;
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
  ::signal(SIGPIPE, SIG_IGN);  // an adapter that ended is an outcome
  const bool colour = ::isatty(STDOUT_FILENO) != 0 && std::getenv("NO_COLOR") == nullptr;
  options.stop = [] { return interrupted.load(); };
  return conformance::kit::check_adapter_command(options, std::cout, std::cerr, colour);
}

struct InitOptions {
  std::string role, lang, folder;
};

int run_init(const InitOptions& options, const std::string& program) {
  const std::string folder = options.folder.empty() ? "adapter-" + options.role : options.folder;
  const auto started = conformance::kit::init_adapter(options.role, options.lang, folder, program);
  if (!started) {
    std::cerr << "quickpay init-adapter: " << started.error() << "\n";
    return kUsage;
  }
  for (const auto& path : started->written) {
    std::cout << "written: " << path.string() << "\n";
  }
  std::cout << "next:\n";
  for (const std::string& command : started->next) {
    std::cout << "  " << command << "\n";
  }
  return 0;
}

}  // namespace

void add_init_adapter(CommandLine& line) {
  CLI::App* command = line.app.add_subcommand("init-adapter", "Write the start of an adapter, which runs at once");
  auto options = std::make_shared<InitOptions>();
  command->add_option("--role", options->role, "wallet, vendor, broker or host")->required();
  command->add_option("--lang", options->lang, "python, cpp or js")->required();
  command->add_option("DIR", options->folder, "where; default: adapter-ROLE");
  command->footer("Exit codes: 0 written, 2 usage, or a file is there already.");
  command->callback([&line, options] { line.chosen = [&line, options] { return run_init(*options, line.program); }; });
}

void add_check_adapter(CommandLine& line) {
  CLI::App* command = line.app.add_subcommand("check-adapter", "Judge an adapter alone, without any scenario");
  auto options = std::make_shared<conformance::kit::BenchOptions>();
  command->add_option("--role", options->role, "wallet, vendor, broker or host")->required();
  command->add_option("--adapter", options->command, "command line of the adapter, run through sh -c")->required();
  command->footer("Exit codes: 0 nothing is wrong, 1 something is, or Ctrl-C came first, 2 usage, 5 it did not say hello.");
  command->callback([&line, options] { line.chosen = [options] { return run_check(*options); }; });
}

}  // namespace quickpay::cli
