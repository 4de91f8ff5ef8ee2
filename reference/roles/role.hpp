// What a node is made of besides the parts that all roles share.
#pragma once

#include <memory>
#include <string>

#include "reference/roles/stage.hpp"

namespace quickpay::roles {

class OwnKeys;
class OwnRegistration;
struct Parts;

/// The rules of one role: which record a request concerns, and its machines.
class Role {
 public:
  virtual ~Role() = default;
  /// A request of a message that this role receives, admitted by the front. What is neither answered nor parked
  /// afterwards is answered QP-E-INTERNAL.
  virtual void on_request(Request& request) = 0;
  /// The Host was asked who this player is, and has said it or not.
  virtual void looked_up(std::string_view id) { static_cast<void>(id); }
  /// How its own keys follow one another; null: it is the Host.
  virtual OwnKeys* keys() { return nullptr; }
  /// How it registers itself; null: it is the Host.
  virtual OwnRegistration* own_registration() { return nullptr; }
};

class WalletRole;
class VendorRole;
class BrokerRole;
class HostRole;

// Each with what `parts` adds to it.
std::unique_ptr<WalletRole> make_wallet(Stage& stage, const Parts& parts);
std::unique_ptr<VendorRole> make_vendor(Stage& stage, const Parts& parts);
std::unique_ptr<BrokerRole> make_broker(Stage& stage, const Parts& parts);
std::unique_ptr<HostRole> make_host(Stage& stage, const Parts& parts);

/// The key of an order's record: Kind, Vendor and OrderId, each free of the separator.
inline std::string order_key(const msg::OrderRef& ref) {
  return std::string(msg::to_string(ref.kind)) + "/" + ref.vendor + "/" + ref.order_id;
}

}  // namespace quickpay::roles
