#include "conformance/adapter/lines.hpp"

#include <utility>

namespace quickpay::conformance {

bool LineSplitter::count_line(Clock::time_point now) {
  if (now - second_ >= std::chrono::seconds(1)) {
    second_ = now;
    lines_ = 0;
  }
  return ++lines_ <= kMaxLinesPerSecond;
}

bool LineSplitter::feed(std::string_view bytes, Clock::time_point now, const OnLine& on_line) {
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    const std::string_view piece = bytes.substr(0, end);
    if (partial_.size() + piece.size() > kMaxLineBytes) {
      return false;
    }
    partial_.append(piece);
    if (end == std::string_view::npos) {
      return true;
    }
    bytes.remove_prefix(end + 1);
    if (!partial_.empty() && partial_.back() == '\r') {
      partial_.pop_back();
    }
    if (!count_line(now)) {
      return false;
    }
    const std::string line = std::exchange(partial_, {});
    on_line(line);
  }
  return true;
}

}  // namespace quickpay::conformance
