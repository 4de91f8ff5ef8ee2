// The Host's part of revoke: what Brokers register of orders that were taken back, and what Vendors contest.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "reference/roles/role.hpp"
#include "reference/roles/signatures.hpp"
#include "reference/roles/suspensions.hpp"

namespace quickpay::roles {

class Mail;

/// What the Host holds of a revoke, for the verdict on the order.
enum class RevokeRecord : std::uint8_t {
  none,     ///< nothing is registered, or it is void
  open,     ///< not proven, and may still be contested
  standing  ///< proven, or not contested in time
};

/// The machine host.revoke.
class HostRevoke : public Actor {
 public:
  /// `mail` outlives the object: alerts go there.
  HostRevoke(Stage& stage, Mail& mail);

  bool holds(std::uint8_t predicate, const Turn& turn) override;
  void apply(statemachines::EffectId effect, Turn& turn) override;
  void fill(const ledger::Record& record, const AnyDocument* request, AnyDocument& response) override;

  /// Answers RegisterRevoke; false: the request is of another message.
  bool serve(Request& request);
  /// The revoke of the case of this key (case_key).
  RevokeRecord record_of(const std::string& case_key);
  /// A signed item of the Vendor contests it.
  void contest(const std::string& case_key);

 private:
  std::string_view fault_of(const msg::OrderRef& ref, const msg::Revoke& revoke) const;
  bool revoke_fits(const Turn& turn) const;
  bool same_revoke(const Turn& turn) const;
  std::int64_t hold_over_ms(const ledger::Record& record);
  void open_revoke(Turn& turn);
  void keep_proof(Turn& turn);
  void alert_vendor(Turn& turn);
  void start_hold(Turn& turn);

  Mail& mail_;
  Suspensions suspensions_;
  Signatures signatures_;
  std::string_view fault_;  ///< of the signature in the notice that is being served
};

}  // namespace quickpay::roles
