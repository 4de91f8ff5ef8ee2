// The Wallet's part of regular payment: is convinced by signatures, keeps commitment and receipt, tells the Host.
#pragma once

#include "reference/roles/parts.hpp"
#include "reference/roles/signatures.hpp"
#include "reference/roles/wallet_offers.hpp"

namespace quickpay::roles {

/// The Wallet's signature on what its Paycards are to pay.
class PurchaseSigner : public OrderSigner {
 public:
  /// `signatures` outlives the object.
  explicit PurchaseSigner(Signatures& signatures) : signatures_(signatures) {}
  std::optional<std::string> sign(msg::WalletOrder& order) override;

 private:
  Signatures& signatures_;
};

/// The machine wallet.purchase. Until the offer comes an order has no OrderId, so records are kept under a key of the
/// Wallet's own, which never leaves it.
class WalletPurchase : public Actor, public WalletPurchases {
 public:
  explicit WalletPurchase(Stage& stage);

  bool holds(std::uint8_t predicate, const Turn& turn) override;
  void apply(statemachines::EffectId effect, Turn& turn) override;
  void fill(const ledger::Record&, const AnyDocument*, AnyDocument&) override {}
  /// What cannot be verified now, for want of the signer's directory entry, counts as no answer.
  bool trusts(const ledger::Record& record, const ledger::Call& call, const AnyDocument& response) override;

  Actor* machine() override { return this; }
  void show(Turn& turn) override;

 private:
  bool offer_right(const Turn& turn) const;
  bool commitment_signed(const Turn& turn) const;
  bool commitment_right(const Turn& turn) const;
  bool receipt_right(const Turn& turn) const;

  void send_get_order(Turn& turn);
  void send_inquiry(Turn& turn);
  void send_delivery_request(Turn& turn);
  void send_register_order(Turn& turn);
  void show_offer(Turn& turn);
  void store_commitment(Turn& turn);
  void store_receipt(Turn& turn);
  void keep_evidence(Turn& turn);
  void start_claim_by(Turn& turn);

  Signatures signatures_;
  PurchaseSigner signer_{signatures_};
  WalletOffers offers_;
};

}  // namespace quickpay::roles
