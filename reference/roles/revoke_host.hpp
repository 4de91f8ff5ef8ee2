// The Host's part of revoke: what Brokers register of orders that were taken back, and what Vendors contest.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "reference/roles/parts.hpp"
#include "reference/roles/signatures.hpp"
#include "reference/roles/suspensions.hpp"

namespace quickpay::roles {

/// The machine host.revoke.
class HostRevoke : public Actor, public HostRevokes {
 public:
  /// `mail` outlives the object: alerts go there.
  HostRevoke(Stage& stage, HostMail& mail);

  bool holds(std::uint8_t predicate, const Turn& turn) override;
  void apply(statemachines::EffectId effect, Turn& turn) override;
  void fill(const ledger::Record& record, const AnyDocument* request, AnyDocument& response) override;

  bool serve(Request& request) override;
  RevokeRecord record_of(const std::string& case_key) override;
  void contest(const std::string& case_key) override;

 private:
  std::string_view fault_of(const msg::OrderRef& ref, const msg::Revoke& revoke) const;
  bool revoke_fits(const Turn& turn) const;
  bool same_revoke(const Turn& turn) const;
  std::int64_t hold_over_ms(const ledger::Record& record);
  void open_revoke(Turn& turn);
  void keep_proof(Turn& turn);
  void alert_vendor(Turn& turn);
  void start_hold(Turn& turn);

  HostMail& mail_;
  Suspensions suspensions_;
  Signatures signatures_;
  std::string_view fault_;  ///< of the signature in the notice that is being served
};

}  // namespace quickpay::roles
