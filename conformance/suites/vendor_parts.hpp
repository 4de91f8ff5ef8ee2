// The parts of the Vendor's suite, a file each.
#pragma once

#include "conformance/suites/buyer.hpp"
#include "conformance/suites/define.hpp"

namespace quickpay::conformance {

/// Delivery requests that do not match the order (V5 to V9).
void add_vendor_mismatches(Suite& suite);
/// What the Broker may say to CheckCommit (V16 to V21).
void add_vendor_checks(Suite& suite);
/// What the Vendor makes of the Host's receipts where its owner wants them (V13, V27; profile H).
void add_vendor_receipts(Suite& suite);
/// Requests while the Broker is asked or unsure, and lost answers (V10 to V14, V22 to V29).
void add_vendor_waiting(Suite& suite);
/// After the delivery: again, other endorsements, late, restarts, a Host that is away (V30 to V34).
void add_vendor_again(Suite& suite);
/// Goods behind a Location, claimed or denied.
void add_vendor_locations(Suite& suite);
/// The protocol settlement: claims, batches and cases before the Host.
void add_vendor_settlement(Suite& suite);
/// Settlements and Verdicts that must not be believed.
void add_settlement_lies(Suite& suite);
/// The protocol regular: offers, receipts and claims.
void add_vendor_regular(Suite& suite);
/// The protocol revoke: orders that the Vendor takes back, and revokes that it contests.
void add_vendor_revoke(Suite& suite);
/// The protocol registration: a Vendor that registers itself.
void add_vendor_registration(Suite& suite);
/// What every server owes.
void add_vendor_families(Suite& suite);

/// Judges that the delivery of these goods is registered after `from`, at the latest when some time has passed.
void judge_registered(Session& session, const std::string& check, std::size_t from, const Reply& goods);
/// No goods, no check: what a delivery request that does not match must not lead to.
bool is_check_or_notice(const Entry& entry);

}  // namespace quickpay::conformance
