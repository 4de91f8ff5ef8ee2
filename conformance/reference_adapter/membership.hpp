// The owner of a reference player who has it act before the Host, and knows how that ended: it registers, changes and
// leaves, and publishes, withdraws and renews its keys.
#pragma once

#include <cstdint>
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

  /// Where the player listens, from where it sends, and its time: UTC ms.
  struct Present {
    roles::Endpoint place;
    std::string source;
    std::int64_t now_ms = 0;
  };
  /// Whether a player of this role has that operation.
  static bool offers(const std::string& role, const std::string& op);
  /// Begins an operation with its arguments. The key under which it goes
  /// on, or the reason why it never began.
  tl::expected<std::string, std::string> begin(const std::string& op, const OrderedJson& args, const Present& at);
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
