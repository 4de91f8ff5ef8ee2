// The parts of the Wallet's suite, a file each.
#pragma once

#include "conformance/suites/define.hpp"
#include "conformance/suites/shopper.hpp"

namespace quickpay::conformance {

/// Offers and endorsements that are not what was asked for (W4, W13), users who do not confirm (W8, W11).
void add_wallet_refusals(Suite& suite);
/// Purchases that begin with a PurchaseLink (features "links" and, for entries in them, "stapled-entries").
void add_wallet_links(Suite& suite);
/// Refusals of Vendor and Broker, goods that are wrong, Locations (W5, W14 to W28).
void add_wallet_answers(Suite& suite);
/// Lost and broken answers, time, restarts, a Host that is away (W6, W16, W24, W29 to W32).
void add_wallet_course(Suite& suite);

/// The protocol regular, all of it.
void add_wallet_regular(Suite& suite);

/// The protocol paycard: Paycards that the user adds and gives up.
void add_wallet_paycards(Suite& suite);
/// What of it a Wallet refuses, and what it gives up.
void add_paycard_refusals(Suite& suite);

/// The protocol registration: a Wallet that registers itself.
void add_wallet_registration(Suite& suite);

/// A request of the Wallet with that message.
std::function<bool(const Entry&)> is_request(std::string message);
/// A registration that says the goods came.
bool says_received(const Entry& entry);

}  // namespace quickpay::conformance
