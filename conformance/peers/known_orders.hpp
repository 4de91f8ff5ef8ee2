// Which session an order belongs to, where the implementation remembers longer than a session lasts (level E).
#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>

#include "conformance/model/transcript.hpp"
#include "conformance/peers/element.hpp"

namespace quickpay::conformance {

inline constexpr std::size_t kMaxKnownOrders = 100000;  ///< of one run; what goes beyond counts as of this session

/// The orders that a run has spoken of with the implementation. Orders are named as Entry::order names them.
class KnownOrders {
 public:
  /// `outlives`: the implementation of this session is that of the sessions before.
  explicit KnownOrders(bool outlives) : outlives_(outlives) {}

  /// What was named so far belongs to earlier scenarios from now on. `run`: Session::run().
  void begin_session(std::string run);
  /// The suite spoke of the order, or the implementation did in an answer to it.
  void name(const std::string& order);
  /// Where a request of the implementation about `order` belongs. An order that nobody made belongs here, so that it is
  /// judged without mercy.
  Belongs place(const std::string& order, const Element& request) const;

 private:
  bool outlives_;
  std::string run_;
  std::set<std::string> here_;
  std::set<std::string> earlier_;
};

}  // namespace quickpay::conformance
