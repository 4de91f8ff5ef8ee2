// The commands of `quickpay`: each adds itself to the command line and says what to do when it was chosen.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <vector>

namespace quickpay::cli {

/// Runs a chosen command; returns the exit code of the process.
using Action = std::function<int()>;

/// Everything that commands share. `chosen` is set by the command that the user named.
struct CommandLine {
  CLI::App app{"QuickPay conformance kit", "quickpay"};
  std::string program = "quickpay";  ///< as the user called it, for commands that are shown to him
  Action chosen;
};

void add_certify(CommandLine& line);
void add_init_adapter(CommandLine& line);
void add_check_adapter(CommandLine& line);
/// Where the players of the suite are built.
void add_interop(CommandLine& line);
void add_demo(CommandLine& line);
/// keygen, verify, commit, challenge, revoke, log.
void add_certificates(CommandLine& line);
/// diff, matrix.
void add_reports(CommandLine& line);
void add_reference_adapter(CommandLine& line);
void add_repro(CommandLine& line);
void add_serve(CommandLine& line);
void add_check(CommandLine& line);
void add_audit(CommandLine& line);
/// sign, check, run.
void add_paycard(CommandLine& line);
/// Arguments after `spec` are parsed by the spec commands themselves.
void add_spec(CommandLine& line);
void add_trace(CommandLine& line);
/// Where the reference can be asked.
void add_vectors(CommandLine& line);

/// Exit code of wrong usage.
inline constexpr int kUsage = 2;

}  // namespace quickpay::cli
