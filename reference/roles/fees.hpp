// The Host's fee: its share of the Broker's commission of every order for which a commitment was registered.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "reference/roles/parts.hpp"

namespace quickpay::roles {

/// One record for every order that was charged for: the key is that of the case, field "fee" the minor units.
inline constexpr std::string_view kFeeMachine = "case.fee";

/// The fees of a Host. What it charges is durable with the unit that registers the commitment (QP-ROLE-019).
class Fees {
 public:
  /// `revokes` outlives the object.
  Fees(Stage& stage, HostRevokes& revokes) : stage_(stage), revokes_(revokes) {}

  /// Charges `broker` for the order of this case, by the rate that it had when it committed (UTC ms), and writes the fee into `record`, which tells of the commitment.
  /// Nothing where the fee is nothing, was charged before, or the order's revoke stands (QP-RV-008).
  void charge(const std::string& case_key, const msg::OrderRef& ref, std::string_view broker, std::int64_t committed_ms,
              ledger::Record& record);

 private:
  std::int64_t commission_bp(std::string_view broker, std::int64_t committed_ms) const;
  bool by_commitment() const;

  Stage& stage_;
  HostRevokes& revokes_;
};

/// What was charged for the order of this case, minor units; 0: nothing.
std::int64_t fee_charged(Store& store, const std::string& case_key);

}  // namespace quickpay::roles
