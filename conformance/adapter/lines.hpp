// Splits what a process writes into lines, within limits.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace quickpay::conformance {

inline constexpr std::size_t kMaxLineBytes = 1U << 20;    ///< one line of the adapter channel
inline constexpr std::size_t kMaxLinesPerSecond = 2000;   ///< more is a defect of the adapter

/// Cuts a byte stream at LF. Refuses a line that is too long and too many lines in a second.
class LineSplitter {
 public:
  using Clock = std::chrono::steady_clock;
  using OnLine = std::function<void(std::string_view)>;

  /// Calls `on_line` for each complete line, without its LF and a CR before it.
  /// False: a limit is broken; nothing that follows counts.
  bool feed(std::string_view bytes, Clock::time_point now, const OnLine& on_line);

 private:
  bool count_line(Clock::time_point now);

  std::string partial_;
  Clock::time_point second_{};
  std::size_t lines_ = 0;
};

}  // namespace quickpay::conformance
