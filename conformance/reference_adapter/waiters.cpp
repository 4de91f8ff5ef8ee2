#include "conformance/reference_adapter/waiters.hpp"

namespace quickpay::conformance {

void Waiters::add(Ready ready, std::chrono::milliseconds limit, std::function<void()> done) {
  waiters_.push_back({std::move(ready), Clock::now() + limit, std::move(done)});
  arm();
}

void Waiters::arm() {
  if (armed_ || waiters_.empty()) {
    return;
  }
  armed_ = true;
  timer_.expires_after(std::chrono::milliseconds(1));
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) {
      ticked_ = true;
    }
  });
}

void Waiters::look() {
  if (!ticked_) {
    return;
  }
  ticked_ = armed_ = false;
  std::list<Waiter> due;  // `done` may add waiters
  for (auto waiter = waiters_.begin(); waiter != waiters_.end();) {
    const auto here = waiter++;
    if (here->ready(Clock::now() >= here->end)) {
      due.splice(due.end(), waiters_, here);
    }
  }
  for (Waiter& waiter : due) {
    waiter.done();
  }
  arm();
}

}  // namespace quickpay::conformance
