// The trace of a player as a file: NDJSON that `quickpay trace` judges.
#pragma once

#include <fstream>
#include <string>
#include <tl/expected.hpp>

#include "reference/roles/config.hpp"
#include "reference/roles/trace.hpp"

namespace quickpay::daemon {

/// Lives of one player, appended to a file. Each line has left the process when write() returns; it survives the end of
/// the process, not of the machine.
class TraceFile {
 public:
  /// Opens the file and begins a life. `fresh`: the ledger was empty. An error is one line for an operator.
  tl::expected<void, std::string> begin(const std::string& path, const roles::NodeConfig& node, bool fresh);
  bool is_open() const { return file_.is_open(); }
  /// False: the line could not be written, and nothing that it tells of may leave.
  bool write(const roles::TraceLine& line);
  /// The life ends; everything done has been written.
  void end();

 private:
  bool put(const std::string& text);

  std::ofstream file_;
};

}  // namespace quickpay::daemon
