// Judge of the protocol revoke: whatever an implementation takes back, books and registers follows from its machine, rests on the
// Vendor's word as it came, and is one revoke an order.
#pragma once

#include <memory>
#include <string_view>

#include "conformance/judges/settlement.hpp"

namespace quickpay::conformance {

/// Follows the Broker, the Vendor or the Host; of a Wallet, which takes no part, nothing is judged.
std::shared_ptr<SettlementJudge> make_revoke_judge(std::shared_ptr<const Exchanges> exchanges, std::string_view role);

}  // namespace quickpay::conformance
