// What must hold of a player's ledger at every moment, whatever happened to it.
#pragma once

#include <set>
#include <string>

#include "reference/ledger/ledger.hpp"

namespace quickpay::sim {

/// What is wrong with the money in a Broker's ledger, or nothing: each account's held and owed amounts are the sums of
/// its endorsed and of its committed or settled orders and together within the limit (QP-SAFE-009, QP-SAFE-003); what is
/// debited is what is settled; and of what was settled Vendors got all but the commissions, each order once, nothing more
/// and nothing less; and of what was revoked after that customers have all back and the Broker keeps nothing, each order
/// once (QP-ADD-09, QP-ADD-24, QP-RV-008, QP-RV-013).
std::string wrong_money(ledger::Ledger& broker);

/// What is wrong with the deliveries in a Vendor's ledger, or nothing: an order is claimed exactly if it was delivered
/// (QP-ADD-28), and delivered only if it is one of `committed`, the keys of the orders that a Broker committed to
/// (QP-MP-022).
std::string wrong_delivery(ledger::Ledger& vendor, const std::set<std::string>& committed);

/// What an audit of a Host's ledger finds, or nothing: its log is whole, and all that the ledger holds of cases follows
/// from it.
std::string wrong_log(ledger::Ledger& host);

}  // namespace quickpay::sim
