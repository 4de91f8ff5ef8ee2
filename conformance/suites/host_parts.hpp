// The parts of the Host's suite, a file each.
#pragma once

#include "conformance/suites/define.hpp"
#include "conformance/suites/registrar.hpp"

namespace quickpay::conformance {

/// What a notice was answered.
struct Registered {
  std::string number;  ///< CaseNo
  std::string at;      ///< RegisteredAt
  bool ok = false;
};
Registered registered(const Reply& reply);
/// Judges what the Host shows of the case: "in-time", "late" or "none" of RegisterCommit and RegisterDelivery.
void observed(Session& session, const std::string& check, const PaidOrder& paid, const char* commit, const char* delivery);

/// The Host is killed.
void add_host_crashes(Suite& suite);
/// Registrations that are refused (H1, H6, H7, H9, H13, H14).
void add_host_refusals(Suite& suite);
/// Look-ups: the protocol administration.
void add_host_directory(Suite& suite);
/// Mail: the protocol communication, all of it.
void add_host_mail(Suite& suite);
/// Mail that is refused (M1, M2, N1).
void add_mail_refusals(Suite& suite);
/// The protocol settlement: disputes, their verdicts, and what is kept.
void add_host_settlement(Suite& suite);
/// The vote, row by row.
void add_host_votes(Suite& suite);
/// Items and cases that are not heard.
void add_case_refusals(Suite& suite);
/// The protocol regular: notices, and disputes that a Commitment decides.
void add_host_regular(Suite& suite);
/// The protocol revoke: what Brokers register of orders that were taken back, and what Vendors contest.
void add_host_revoke(Suite& suite);
/// Notices of revokes that are not taken.
void add_revoke_notice_refusals(Suite& suite);
/// The protocol revoke: the fee that is given back.
void add_host_fees(Suite& suite);
/// The protocol registration: what Brokers and the Host tell each other of commission and fee.
void add_told_fees(Suite& suite);
/// The protocol registration: Vendors.
void add_host_registration(Suite& suite);
/// Vendors that are not listed, and changes that are not taken.
void add_vendor_refusals(Suite& suite);
/// First keys and changes of Brokers in keys and encodings with which nothing is signed.
void add_odd_registrations(Suite& suite);
/// Wallets and Brokers.
void add_host_admission(Suite& suite);
/// The protocol keys: what is listed, withdrawn and shared.
void add_host_keys(Suite& suite);
/// What every server owes.
void add_host_families(Suite& suite);

}  // namespace quickpay::conformance
