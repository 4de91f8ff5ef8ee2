// The Broker's part of revoke: orders that a Vendor takes back. The debt itself belongs to settlement, which hears of a
// final revoke through the port `cancel`.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "reference/roles/parts.hpp"
#include "reference/roles/signatures.hpp"

namespace quickpay::roles {

/// The machine broker.revoke.
class BrokerRevoke : public Actor, public BrokerRevokes {
 public:
  explicit BrokerRevoke(Stage& stage);

  bool holds(std::uint8_t predicate, const Turn& turn) override;
  void apply(statemachines::EffectId effect, Turn& turn) override;
  void fill(const ledger::Record& record, const AnyDocument* request, AnyDocument& response) override;

  bool serve(Request& request) override;
  bool held(std::string_view order_key) override;
  std::int64_t held_ms(std::string_view order_key) override;

 private:
  std::string_view fault_of(const msg::Revoke& revoke) const;
  std::optional<ledger::Record> debt_of(std::string_view key);
  bool terms_equal(const Turn& turn);
  void keep_revoke(Turn& turn);
  void keep_effect(Turn& turn);
  void end_hold(Turn& turn);
  void start_hold(Turn& turn);
  void send_register_revoke(Turn& turn);

  Signatures signatures_;
  std::string_view fault_;  ///< of the signature of the revoke that is being served
};

}  // namespace quickpay::roles
