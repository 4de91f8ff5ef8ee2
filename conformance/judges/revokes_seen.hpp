// What an onlooker knows of the revokes at a Broker: enough to say what it may settle and what it has to deduct.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "conformance/peers/world.hpp"

namespace quickpay::conformance {

/// How an order stands that was taken back, as far as it shows.
enum class RevokeSeen : std::uint8_t {
  none,
  held,    ///< without a signature, and nobody has judged it
  voided,  ///< the Host said that it was contested
  unsure,  ///< what became of it does not show: its answer is on the way, or the Host's word came when it may have counted
  final
};

/// The revokes of one Broker. Orders are named by Kind, Vendor and OrderId.
class RevokesAtBroker {
 public:
  /// RevokeOrder has arrived.
  void asked(const Element& request);
  /// It was answered.
  void answered(const Element& request, const Element& response);
  /// The Host has answered a notice of the Broker with QP-OK.
  void judged(const World& world, const Element& notice, const Element& response);
  /// The order was accepted in a Settlement of this Vendor and currency, for this commission.
  void settled(const std::string& order, std::int64_t commission);

  /// How the order stood for a request that arrived at that moment() and is answered now.
  RevokeSeen of(const std::string& order, std::uint64_t since) const;
  std::uint64_t moment() const { return moment_; }
  /// What is wrong with the Deductions of a Settlement: they are of orders that were settled and taken back since, with the
  /// commission that was kept, each once, and all of them that were due at the moment() when the claim arrived. Nothing: all is right. `whole`: nothing
  /// happened that was not seen.
  std::optional<std::string> fault_of_deductions(const Element& settlement, std::uint64_t since, bool whole);

 private:
  struct Revoked {
    Element first;  ///< the Revoke that gave it its RevokeId
    RevokeSeen state = RevokeSeen::none;
    std::uint64_t changed = 0;  ///< moment_ of its last change
    int open = 0;               ///< requests that were not answered
    std::int64_t hold_until_ms = 0;
    bool deducted = false;
  };
  std::optional<std::string> fault_of(const Element& deduction, const Element& settlement, bool whole);

  std::uint64_t moment_ = 0;  ///< grows with each thing that is seen
  std::map<std::string, Revoked> revokes_;
  std::map<std::string, std::int64_t> commissions_;  ///< of settled orders
};

/// "regular V1001 sale-1" of an OrderRef.
std::string order_name(const Element& ref);

}  // namespace quickpay::conformance
