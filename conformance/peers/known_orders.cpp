#include "conformance/peers/known_orders.hpp"

#include <utility>

#include "conformance/peers/marks.hpp"

namespace quickpay::conformance {

void KnownOrders::begin_session(std::string run) {
  run_ = std::move(run);
  earlier_.merge(here_);
  here_.clear();
}

void KnownOrders::name(const std::string& order) {
  if (!order.empty() && here_.size() + earlier_.size() < kMaxKnownOrders) {
    here_.insert(order);
  }
}

Belongs KnownOrders::place(const std::string& order, const Element& request) const {
  if (!outlives_ || order.empty() || here_.count(order) != 0) {
    return Belongs::here;
  }
  if (earlier_.count(order) != 0) {
    return Belongs::earlier_scenario;
  }
  // An id of this run under an order that this run does not know is a mistake of the implementation.
  const auto run = run_of_request(request);
  return run && *run != run_ ? Belongs::earlier_run : Belongs::here;
}

}  // namespace quickpay::conformance
