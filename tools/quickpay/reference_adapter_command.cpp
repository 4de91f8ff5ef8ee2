#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <memory>

#include "conformance/certify/target.hpp"
#include "conformance/mutants/derived.hpp"
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

namespace mutants = conformance::mutants;

/// One line about the fault above it; nothing is said of what is empty.
void say(const char* what, std::string_view value) {
  if (!value.empty()) {
    std::printf("%-30s %s %s\n", "", what, std::string(value).c_str());
  }
}

int list_faults(const Options& options) {
  for (const auto& fault : mutants::faults()) {
    if (mutants::can_be_seen_in(fault, options.settings.role)) {
      std::printf("%-30s %s\n", std::string(fault.id).c_str(), std::string(fault.text).c_str());
      say("breaks", fault.breaks);
      say("profile", fault.profile);
      say("select", fault.select);
      say("miniature", fault.miniature ? "yes" : "");
    }
  }
  std::vector<std::string> made = mutants::derived_faults(options.settings.role);
  const std::vector<std::string> mutations = mutants::mutation_ids(options.settings.role);
  made.insert(made.end(), mutations.begin(), mutations.end());
  for (const std::string& id : made) {
    std::printf("%s\n", id.c_str());
    say("profile", mutants::profile_of_derived(id));
    say("protocol", mutants::protocol_of(id));
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
    std::fputs("quickpay reference-adapter: no such fault or protocol; --list names the faults\n", stderr);
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
  command->add_option("--fault", options->settings.fault, "break it: a name or an id of --list");
  command->add_option("--engine", options->engine, "msm or interpreter")
      ->check(CLI::IsMember({"msm", "interpreter"}))
      ->capture_default_str();
  command->add_option("--trace", options->settings.trace, "folder for the steps of machines, a file a session: see quickpay trace")
      ->check(CLI::ExistingDirectory);
  command->add_flag("--list", options->list, "list faults and, with --role, those made from the specification");
  command->callback([&line, options] {
    options->settings.interpreted = options->engine == "interpreter";
    options->settings.protocols = conformance::split_list(options->protocols);
    line.chosen = [options] { return run(*options); };
  });
}

}  // namespace quickpay::cli
