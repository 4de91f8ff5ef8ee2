// What the commands that run a suite share: signals, the terminal, the end of the process.
#pragma once

#include <atomic>
#include <string>

#include "conformance/certify/certify.hpp"

namespace quickpay::cli {

/// The first Ctrl-C sets interrupted(), the second one ends the process. SIGPIPE is ignored.
void watch_signals();
/// The path of this program.
std::string own_path();
const std::atomic<bool>* interrupted();
/// Fills in what the process knows: its own path, whether there is a terminal, how to wait for Enter.
void prepare_run(conformance::CertifyOptions& options);
/// The exit code of a run: its own, or 128 and the signal where one ended it early.
int code_of(conformance::ExitCode code);
/// The exit code; does not return while a scenario hangs that cannot be joined.
int end_run(const conformance::CertifyEnd& end);

}  // namespace quickpay::cli
