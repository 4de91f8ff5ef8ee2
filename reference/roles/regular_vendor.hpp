// The Vendor's part of regular payment: signs an offer, is convinced by a commitment, signs a receipt.
#pragma once

#include <string_view>

#include "reference/roles/parts.hpp"
#include "reference/roles/shop.hpp"
#include "reference/roles/signatures.hpp"

namespace quickpay::roles {

/// The machine vendor.sale.
class VendorSale : public Actor, public Part {
 public:
  explicit VendorSale(Stage& stage);

  bool holds(std::uint8_t predicate, const Turn& turn) override;
  void apply(statemachines::EffectId effect, Turn& turn) override;
  void fill(const ledger::Record& record, const AnyDocument* request, AnyDocument& response) override;

  /// Answers a request of the protocol; false: it is of another one. Without a signing key the node says that something
  /// is wrong here (QP-E-INTERNAL).
  bool serve(Request& request) override;

 private:
  bool order_matches(const Turn& turn) const;
  bool same_commitment(const Turn& turn) const;
  bool broker_entry_at_hand(std::string_view broker) const;
  bool claim_over(const msg::Commitment& commitment) const;
  void create_offer(Turn& turn);
  void accept(Turn& turn);
  void start_expires(Turn& turn);

  Shop shop_;
  Signatures signatures_;
  std::string_view fault_;  ///< of the signature in the request that is being served
};

}  // namespace quickpay::roles
