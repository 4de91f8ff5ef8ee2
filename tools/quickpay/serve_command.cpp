#include "reference/daemon/serve.hpp"

#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <memory>

#include "reference/daemon/daemon.hpp"
#include "tools/quickpay/commands.hpp"

namespace quickpay::cli {

namespace {

void write_line(std::FILE* file, std::string_view line) {
  std::fwrite(line.data(), 1, line.size(), file);
  std::fputc('\n', file);
  std::fflush(file);
}

int run(const std::string& role, const std::string& config) {
  ::signal(SIGPIPE, SIG_IGN);
  daemon::ServeStreams streams;
  streams.input_fd = STDIN_FILENO;
  streams.output = [](std::string_view line) { write_line(stdout, line); };
  streams.log = [](const daemon::LogLine& line) { write_line(stderr, daemon::to_json(line, daemon::SystemClock().now_ms())); };
  streams.complain = [](const std::string& why) { write_line(stderr, "quickpay serve: " + why); };
  return daemon::serve(role, config, streams);
}

}  // namespace

void add_serve(CommandLine& line) {
  CLI::App* command = line.app.add_subcommand("serve", "Run one player of the reference over HTTP");
  auto role = std::make_shared<std::string>();
  auto config = std::make_shared<std::string>();
  command->add_option("ROLE", *role, "wallet, vendor, broker or host")->required();
  command->add_option("--config", *config, "configuration (JSON file)")->required();
  command->callback([&line, role, config] { line.chosen = [role, config] { return run(*role, *config); }; });
}

}  // namespace quickpay::cli
