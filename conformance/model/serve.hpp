// Waiting without standing still: the peers of a session are served meanwhile.
#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>

namespace quickpay::conformance {

/// Serves `io` until `done` holds. False: `end` passed or `stop` held first. Not to be called from a handler of `io`.
bool serve_until(boost::asio::io_context& io, const std::function<bool()>& done,
                 std::chrono::steady_clock::time_point end, const std::function<bool()>& stop);

inline constexpr std::size_t kMaxDrained = 4096;  ///< handlers; an adapter that floods its pipes always has one more

/// Runs the handlers that are ready now, at most kMaxDrained, without waiting for any.
void drain(boost::asio::io_context& io);

}  // namespace quickpay::conformance
