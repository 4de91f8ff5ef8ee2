#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <memory>

#include "conformance/certify/target.hpp"
#include "conformance/reference_adapter/program.hpp"
#include "tools/quickpay/commands.hpp"

namespace quickpay::cli {

namespace {

struct Options {
  conformance::AdapterSettings settings;
  std::string engine = "msm";
  std::string protocols;
  bool list = false;
};

int list_faults(const Options& options) {
  for (const auto& fault : conformance::mutants::faults()) {
    if (conformance::mutants::can_be_seen_in(fault, options.settings.role)) {
      std::printf("%-30s %s\n%-30s breaks %s\n%-30s profile %s\n", std::string(fault.id).c_str(),
                  std::string(fault.text).c_str(), "", std::string(fault.breaks).c_str(), "",
                  std::string(fault.profile).c_str());
      if (!fault.select.empty()) {
        std::printf("%-30s select %s\n", "", std::string(fault.select).c_str());
      }
    }
  }
  for (const std::string& id : conformance::mutants::mutation_ids(options.settings.role)) {
    std::printf("%s\n", id.c_str());
  }
  return 0;
}

int run(const Options& options) {
  if (options.list) {
    return list_faults(options);
  }
  ::signal(SIGPIPE, SIG_IGN);
  const int code = conformance::run_reference_adapter(options.settings, STDIN_FILENO, [](std::string_view line) {
    std::fwrite(line.data(), 1, line.size(), stdout);
    std::fputc('\n', stdout);
    std::fflush(stdout);
  });
  if (code == kUsage) {
    std::fputs("quickpay reference-adapter: no such fault, mutation or protocol; --list names faults and mutations\n", stderr);
  }
  return code;
}

}  // namespace

void add_reference_adapter(CommandLine& line) {
  CLI::App* command =
      line.app.add_subcommand("reference-adapter", "The reference implementation behind the adapter protocol");
  auto options = std::make_shared<Options>();
  command->add_option("--role", options->settings.role, "wallet, vendor, broker or host; default: any");
  command->add_option("--protocol", options->protocols, "comma list of protocols that it serves; default: all");
  command->add_option("--fault", options->settings.fault, "break it by name");
  command->add_option("--mutation", options->settings.mutation, "break one row of one machine");
  command->add_option("--engine", options->engine, "msm or interpreter")
      ->check(CLI::IsMember({"msm", "interpreter"}))
      ->capture_default_str();
  command->add_option("--trace", options->settings.trace, "folder for the steps of machines, a file a session: see quickpay trace")
      ->check(CLI::ExistingDirectory);
  command->add_flag("--list", options->list, "list faults and, with --role, mutations");
  command->callback([&line, options] {
    options->settings.interpreted = options->engine == "interpreter";
    options->settings.protocols = conformance::split_list(options->protocols);
    line.chosen = [options] { return run(*options); };
  });
}

}  // namespace quickpay::cli
