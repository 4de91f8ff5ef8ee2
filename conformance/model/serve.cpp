#include "conformance/model/serve.hpp"

#include <algorithm>

namespace quickpay::conformance {

bool serve_until(boost::asio::io_context& io, const std::function<bool()>& done,
                 std::chrono::steady_clock::time_point end, const std::function<bool()>& stop) {
  constexpr std::chrono::milliseconds kSlice{100};  // how soon a stop is noticed while nothing happens
  const auto work = boost::asio::make_work_guard(io);
  while (!done()) {
    const auto now = std::chrono::steady_clock::now();
    if (now >= end || (stop && stop())) {
      return false;
    }
    if (io.stopped()) {
      io.restart();
    }
    io.run_one_until(std::min(end, now + kSlice));
  }
  return true;
}

void drain(boost::asio::io_context& io) {
  io.restart();
  for (std::size_t handlers = 0; handlers < kMaxDrained && io.poll_one() != 0; ++handlers) {
  }
}

}  // namespace quickpay::conformance
