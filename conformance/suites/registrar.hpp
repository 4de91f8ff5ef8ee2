// The words of the Host's suite: Broker, Vendor and Wallets that register what they know about an order.
#pragma once

#include <string>

#include "conformance/suites/define.hpp"

namespace quickpay::conformance {

/// What there is to register about one paid order.
struct PaidOrder {
  Element ref;
  std::string broker;
  std::string vendor;
  std::string wallet;
  std::string endorsement_id;
  std::string commit_id;
  std::string delivery_id;
  std::string settle_by;
};

/// Registers at the Host under test.
class Registrar {
 public:
  explicit Registrar(Session& session) : session_(session), world_(session.world()) {}

  World& world() { return world_; }
  PaidOrder order(std::int64_t amount = 125);
  Sending commit(const PaidOrder& paid);
  Sending delivery(const PaidOrder& paid);
  /// `outcome`: "" for received as the plain message says it, "received" or "not-received".
  Sending reception(const PaidOrder& paid, const std::string& outcome = {}, const std::string& wallet = {});
  /// The notice of that number: 6, 7 or 8.
  Sending notice(const PaidOrder& paid, int number);
  /// A new order, registered by all three; true: all were acknowledged.
  bool registers();

 private:
  Session& session_;
  World& world_;
};

}  // namespace quickpay::conformance
