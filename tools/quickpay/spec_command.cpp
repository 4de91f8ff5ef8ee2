#include <cstdio>

#include "tools/quickpay/commands.hpp"
#include "tools/speccompiler/cli/commands.hpp"

namespace quickpay::cli {

void add_spec(CommandLine& line) {
  CLI::App* command = line.app.add_subcommand("spec", "Lint, build, compare and show specifications");
  command->prefix_command();
  command->set_help_flag();
  command->callback([&line, command] {
    line.chosen = [command] {
      const auto result = spec::run_spec_command(command->remaining(), "quickpay spec");
      std::fwrite(result.out.data(), 1, result.out.size(), stdout);
      std::fwrite(result.err.data(), 1, result.err.size(), stderr);
      return result.exit_code;
    };
  });
}

}  // namespace quickpay::cli
