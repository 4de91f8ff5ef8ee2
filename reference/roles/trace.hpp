// One step of one machine as a monitor sees it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace quickpay::roles {

/// One step of one machine: what held, which row was taken, what it did. Names only, so that it can be written as one
/// line of NDJSON and judged against the specification by a program that knows nothing of this process.
struct TraceLine {
  std::int64_t at_ms = 0;              ///< clock of the player
  std::string player;                  ///< role id, e.g. "V1001"
  std::string machine;                 ///< e.g. "vendor.order"
  std::string key;                     ///< the record of that machine
  std::string event;                   ///< id of the event
  std::vector<std::string> holds;      ///< ids of the predicates that were true
  std::string outcome;                 ///< taken | rejected | unexpected
  std::string row;                     ///< id of the row or default, empty if there was none
  std::string before;                  ///< state
  std::string after;
  std::vector<std::string> variables_before;  ///< "name=value"
  std::vector<std::string> variables_after;
  std::vector<std::string> effects;    ///< ids, in order
};

}  // namespace quickpay::roles
