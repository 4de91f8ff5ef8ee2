// Things that are answered later: conditions looked at between the events of an io_context, never inside one.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <list>

namespace quickpay::conformance {

/// Conditions that are looked at once a millisecond as long as there are any.
class Waiters {
 public:
  using Clock = std::chrono::steady_clock;
  /// True: `done` may run and the waiter is forgotten. `late` once the deadline is over.
  using Ready = std::function<bool(bool late)>;

  explicit Waiters(boost::asio::io_context& io) : timer_(io) {}

  void add(Ready ready, std::chrono::milliseconds limit, std::function<void()> done);
  /// Looks at all conditions if a tick has come. To be called outside of handlers.
  void look();

 private:
  struct Waiter {
    Ready ready;
    Clock::time_point end;
    std::function<void()> done;
  };
  void arm();

  boost::asio::steady_timer timer_;
  std::list<Waiter> waiters_;
  bool armed_ = false;
  bool ticked_ = false;
};

}  // namespace quickpay::conformance
