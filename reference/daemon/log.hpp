// What a daemon has to say about its own running, as values; a program decides where they go.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace quickpay::daemon {

enum class Level : std::uint8_t { debug, info, warning, error };

/// One event of the log. Fields never hold secrets or whole messages.
struct LogLine {
  Level level = Level::info;
  std::string event;  ///< short and fixed, e.g. "listening"
  std::vector<std::pair<std::string, std::string>> fields;
};

using LogSink = std::function<void(const LogLine&)>;

/// info | debug | warning | error
std::string_view name_of(Level level);

/// The line as one JSON object without line end: {"time", "level", "event", …fields}. Control characters are escaped,
/// so that nothing a peer sends can forge a line.
std::string to_json(const LogLine& line, std::int64_t now_ms);

/// UTC with milliseconds: 2026-11-22T12:00:00.000Z.
std::string time_text(std::int64_t utc_ms);

}  // namespace quickpay::daemon
