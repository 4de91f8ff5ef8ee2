// What a trace says, line by line. Names only: it is judged by programs that know nothing of the process that wrote it.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace quickpay::statemachines::monitor {

/// A life of a player begins: a process started, or a node was made anew from its ledger.
struct BeginLine {
  std::string spec;     ///< id of the specification that the machines come from, 64 hexadecimal digits
  std::string role;     ///< wallet | vendor | broker | host
  std::string player;   ///< role id, e.g. "V1001"
  std::string profile;  ///< F | H
  bool fresh = false;   ///< the ledger was empty: every record starts where its machine starts
  friend bool operator==(const BeginLine&, const BeginLine&) = default;
};

/// One step of one machine: what held, which row was taken, what it did.
struct StepLine {
  std::int64_t at_ms = 0;              ///< clock of the player, UTC ms
  std::string player;                  ///< role id
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
  friend bool operator==(const StepLine&, const StepLine&) = default;
};

/// The life ended as it should: everything that was done has its line.
struct EndLine {
  friend bool operator==(const EndLine&, const EndLine&) = default;
};

using TraceLine = std::variant<BeginLine, StepLine, EndLine>;

}  // namespace quickpay::statemachines::monitor
