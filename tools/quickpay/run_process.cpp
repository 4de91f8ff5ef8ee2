#include "tools/quickpay/run_process.hpp"

#include <signal.h>
#include <unistd.h>

#include <array>
#include <climits>
#include <cstdlib>
#include <iostream>
#include <string>

namespace quickpay::cli {

namespace {

/// Set by the first Ctrl-C: the run ends and writes what it has. The second one ends the process.
std::atomic<bool> stop{false};
std::atomic<int> by_signal{0};
static_assert(std::atomic<bool>::is_always_lock_free && std::atomic<int>::is_always_lock_free);

void on_interrupt(int signal) {
  by_signal = signal;
  stop = true;
}

/// Waits for a line, the end of the input, or Ctrl-C.
void wait_for_enter(const std::string& why) {
  std::cout << why << ". Enter goes on: " << std::flush;
  char c = 0;
  while (!stop && ::read(STDIN_FILENO, &c, 1) == 1 && c != '\n') {
  }
}

}  // namespace

void watch_signals() {
  struct sigaction action {};
  action.sa_handler = on_interrupt;
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
  ::signal(SIGPIPE, SIG_IGN);  // an adapter that ended is an outcome
  ::signal(SIGXFSZ, SIG_IGN);  // a report that may not be so long, too
}

std::string own_path() {
  std::array<char, PATH_MAX> path{};
  const ssize_t length = ::readlink("/proc/self/exe", path.data(), path.size());
  return length > 0 ? std::string(path.data(), static_cast<std::size_t>(length)) : std::string("quickpay");
}

const std::atomic<bool>* interrupted() { return &stop; }

void prepare_run(conformance::CertifyOptions& options) {
  options.self = own_path();
  options.terminal = ::isatty(STDOUT_FILENO) != 0;
  const char* no_colour = std::getenv("NO_COLOR");
  options.colour = options.terminal && (no_colour == nullptr || *no_colour == '\0');
  options.pause = wait_for_enter;
}

int code_of(conformance::ExitCode code) {
  constexpr int kBySignal = 128;  // as shells say it
  return by_signal == 0 ? static_cast<int>(code) : kBySignal + by_signal;
}

int end_run(const conformance::CertifyEnd& end) {
  const int code = code_of(end.code);
  std::cout.flush();
  if (end.threads_left) {
    std::_Exit(code);  // a scenario hangs and cannot be joined
  }
  return code;
}

}  // namespace quickpay::cli
