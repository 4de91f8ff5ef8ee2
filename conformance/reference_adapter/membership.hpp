// The owner of a reference Vendor who has it register, change and leave, and knows how that ended.
#pragma once

#include <map>
#include <optional>
#include <string>

#include <tl/expected.hpp>

#include "conformance/reference_adapter/purchases.hpp"

namespace quickpay::conformance {

class Membership {
 public:
  /// The node that acts now; changes when the product restarts.
  void attach(daemon::Daemon* daemon) { daemon_ = daemon; }
  void on_event(const roles::UserEvent& event);

  /// Begins `register`, `rename` or `leave` with its arguments, of a Vendor that listens there. The key under which it goes
  /// on, or the reason why it never began.
  tl::expected<std::string, std::string> begin(const std::string& op, const OrderedJson& args, const roles::Endpoint& at);
  bool knows(const std::string& ref) const { return ends_.count(ref) != 0; }
  /// Nothing while it goes on.
  std::optional<PurchaseEnd> end_of(const std::string& ref) const { return ends_.at(ref); }

 private:
  daemon::Daemon* daemon_ = nullptr;
  std::string open_;  ///< what goes on
  std::string op_;
  std::map<std::string, std::optional<PurchaseEnd>> ends_;
};

}  // namespace quickpay::conformance
