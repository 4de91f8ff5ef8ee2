// A whole trace, from bytes to a verdict.
#pragma once

#include <cstdint>
#include <istream>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "statemachines/monitor/monitor.hpp"

namespace quickpay::statemachines::monitor {

/// What became of a trace. Without finding every line is a step that the specification takes.
struct Judgement {
  Coverage coverage;
  std::uint64_t lines = 0;          ///< read, the bad one included
  std::optional<Finding> finding;   ///< of line `lines`; of the whole trace if nothing was read
  std::string line;                 ///< the bad one, at most kMaxLineBytes
};

/// Reads NDJSON up to its end or to the first bad line. Memory: one line, and a snapshot a record. A last line without
/// line end is a finding: it was cut off.
Judgement judge(std::istream& input, std::span<const MachineTable* const> tables, std::string_view spec_id);

/// The tables of all machines of the specification.
std::span<const MachineTable* const> all_tables();

}  // namespace quickpay::statemachines::monitor
