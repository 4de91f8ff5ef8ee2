// What the files about Wallets and Brokers that register share.
#pragma once

#include "conformance/suites/newcomer.hpp"

namespace quickpay::conformance {

/// The change of a Wallet that wants another ticket.
Element ticket_wanted(NewWallet& wallet);
/// Terms of Brokers, where players send from, and Brokers that are suspended.
void add_terms(Suite& suite);
/// Wallets and Brokers that are not taken, and changes of them.
void add_admission_refusals(Suite& suite);

}  // namespace quickpay::conformance
