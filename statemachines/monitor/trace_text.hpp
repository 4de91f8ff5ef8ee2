// Lines of a trace as NDJSON: written and read from one list of members.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "statemachines/monitor/trace_line.hpp"

namespace quickpay::statemachines::monitor {

inline constexpr std::size_t kMaxLineBytes = 64 * 1024;  ///< of one line, without its end
inline constexpr std::size_t kMaxNames = 64;             ///< members of one list of names

/// One JSON object without line end, pure ASCII; bytes that are no UTF-8 become U+FFFD.
std::string to_text(const TraceLine& line);

/// Where and why a text is no line of a trace.
struct LineFault {
  std::size_t offset = 0;  ///< byte of the line, counted from 0
  std::string what;        ///< for a person
};

/// Reads one line strictly: every member is there once with its type, no other one, nothing after it.
tl::expected<TraceLine, LineFault> read_line(std::string_view text);

}  // namespace quickpay::statemachines::monitor
