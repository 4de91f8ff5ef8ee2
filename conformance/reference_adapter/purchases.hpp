// The user of a reference Wallet: opens links, decides on offers, and knows how purchases ended.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "conformance/mutants/fault.hpp"
#include "reference/daemon/daemon.hpp"
#include "reference/daemon/object_reader.hpp"

namespace quickpay::conformance {

using OrderedJson = daemon::Json;

/// The text under that name; empty if there is none.
std::string text_of(const OrderedJson& object, const char* name);

/// How a purchase ended, in words of the adapter protocol.
struct PurchaseEnd {
  bool accepted = false;
  std::string reason;  ///< rejected
  std::string state;
};

class Purchases {
 public:
  explicit Purchases(const mutants::Manners& manners) : manners_(manners) {}

  /// The node that acts now; changes when the product restarts.
  void attach(daemon::Daemon* daemon) { daemon_ = daemon; }
  void on_event(const roles::UserEvent& event);

  enum class Kind : std::uint8_t { micro, regular };
  /// Opens a link; `confirm` is yes, no or other-digest. The key of the order, or the end if it never began.
  tl::expected<std::string, PurchaseEnd> open(Kind kind, const std::string& vendor, const std::string& item,
                                              const std::string& confirm);
  /// The same with the bytes of a PurchaseLink.
  tl::expected<std::string, PurchaseEnd> open_link(const std::string& link, const std::string& confirm);
  tl::expected<void, PurchaseEnd> try_again(const std::string& order);
  /// Nothing while the purchase goes on; unknown orders have ended.
  std::optional<PurchaseEnd> end_of(const std::string& order) const;

 private:
  tl::expected<std::string, PurchaseEnd> begun(Kind kind, const tl::expected<std::string, roles::Refusal>& order, const std::string& confirm);
  struct Purchase {
    Kind kind = Kind::micro;
    std::string confirm;
    std::string told;
    std::optional<PurchaseEnd> end;
  };
  static void told_regular(Purchase& purchase);
  void decide(const std::string& order, Purchase& purchase, const std::string& digest);

  const mutants::Manners& manners_;
  daemon::Daemon* daemon_ = nullptr;
  std::map<std::string, Purchase> purchases_;
};

/// The reject reason for what a Wallet told its user or for a refusal of the node.
std::string reject_reason_for(const std::string& told);

}  // namespace quickpay::conformance
