// The Vendor's part of revoke: orders that it takes back. Their claims belong to settlement, which hears of it through
// the ports `give-up` and `take-back`.
#pragma once

#include <string_view>

#include <tl/expected.hpp>

#include "reference/roles/parts.hpp"
#include "reference/roles/signatures.hpp"

namespace quickpay::roles {

/// The machine vendor.revoke.
class VendorRevoke : public Actor, public VendorRevokes {
 public:
  explicit VendorRevoke(Stage& stage);

  bool holds(std::uint8_t predicate, const Turn& turn) override;
  void apply(statemachines::EffectId effect, Turn& turn) override;
  void fill(const ledger::Record&, const AnyDocument*, AnyDocument&) override {}

  tl::expected<void, Refusal> revoke(std::string_view key, msg::RevokeReason reason) override;
  bool revoked(std::string_view key) override;

 private:
  bool claim_at_rest(const Turn& turn) const;
  bool answer_right(const Turn& turn) const;
  void make_revoke(Turn& turn);
  void keep_answer(Turn& turn);
  void send(Turn& turn);

  Signatures signatures_;
  msg::RevokeReason reason_ = msg::RevokeReason::other;  ///< of the revoke that is being made
};

}  // namespace quickpay::roles
