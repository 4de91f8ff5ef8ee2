// `quickpay serve ROLE --config FILE`: a player as a program.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "reference/daemon/log.hpp"

namespace quickpay::daemon {

inline constexpr int kExitStopped = 0;  ///< told to stop, and did
inline constexpr int kExitNoStart = 1;  ///< cannot listen, or was told twice to stop
inline constexpr int kExitConfig = 2;   ///< configuration or directory file is wrong
inline constexpr int kExitLedger = 3;   ///< the ledger cannot be opened or failed, or the trace cannot be written any more

/// Where a serving program reads and writes.
struct ServeStreams {
  int input_fd = 0;                                      ///< commands; negative: none
  std::function<void(std::string_view line)> output;     ///< replies and events, a line each; may be empty
  LogSink log;                                           ///< may be empty
  std::function<void(const std::string& why)> complain;  ///< why it did not start, for a person; may be empty
};

/// Runs a player until SIGTERM, SIGINT or the command "stop"; SIGHUP reads the directory file again. Returns the exit
/// code of the program.
int serve(std::string_view role, const std::string& config_path, const ServeStreams& streams);

}  // namespace quickpay::daemon
