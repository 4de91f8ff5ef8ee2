// Points in time as messages spell them, and as timers count them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace quickpay::roles {

/// "YYYY-MM-DDThh:mm:ssZ" of a UTC time in milliseconds, cut to the second.
std::string format_time(std::int64_t ms);

/// UTC milliseconds of such a text; nothing if it is none.
std::optional<std::int64_t> parse_time(std::string_view text);

/// When the timer of an absolute deadline fires. The deadline's whole second is still in time (QP-ADD-27).
inline constexpr std::int64_t after_deadline(std::int64_t deadline_ms) { return deadline_ms + 1000; }

/// When the timer of a span that began at `start_ms` fires: as soon as more than the span has passed.
inline constexpr std::int64_t after_span(std::int64_t start_ms, std::int64_t span_s) {
  return start_ms + span_s * 1000 + 1;
}

}  // namespace quickpay::roles
