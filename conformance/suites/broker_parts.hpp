// The parts of the Broker's suite, a file each.
#pragma once

#include "conformance/suites/define.hpp"
#include "conformance/suites/payer.hpp"

namespace quickpay::conformance {

inline constexpr std::int64_t kPastValueDate = PolicyPlan{}.value_after + 60;  ///< seconds after a settlement

/// What the Broker says of its books for the first Vendor; nothing if it shows none.
struct Book {
  std::int64_t net = 0;
  std::int64_t paid = 0;
};
std::optional<Book> book_of(Session& session, const std::string& currency);

/// Inquiries that are refused (B1 to B15).
void add_broker_inquiries(Suite& suite);
/// Checks that are refused (B16 to B20, B32 to B37).
void add_broker_checks(Suite& suite);
/// Time, limits, repeats, notices, restarts.
void add_broker_course(Suite& suite);
/// What the Host answers: receipts (B39 to B41, profile H), and answers that come byte by byte.
void add_broker_receipts(Suite& suite);
/// The protocol settlement: what is accepted, once, and what is due.
void add_broker_settlement(Suite& suite);
/// Items and batches that are not settled.
void add_settlement_refusals(Suite& suite);
/// The Broker is killed after it booked a batch, or a revoke, and before it is heard.
void add_settlement_crashes(Suite& suite);
void add_revoke_crashes(Suite& suite);
/// The protocol regular: commitments, and what is owed for them.
void add_broker_regular(Suite& suite);
/// The protocol revoke: orders that are taken back, and what becomes of the money.
void add_broker_revoke(Suite& suite);
/// Revokes that are not taken, and claims of what was taken back.
void add_revoke_refusals(Suite& suite);
/// The protocol paycard: Paycards that are added and removed.
void add_broker_paycards(Suite& suite);
/// The protocol registration: a Broker that registers itself.
void add_broker_registration(Suite& suite);
/// What every server owes.
void add_broker_families(Suite& suite);

}  // namespace quickpay::conformance
