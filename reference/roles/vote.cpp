#include "reference/roles/vote.hpp"

#include "reference/codec/generated/protocol.hpp"

namespace quickpay::roles {
namespace {

/// Broker and Wallet lose by a *yes*: it counts whenever it is said, and outweighs any later *no*.
Ballot of_payer(bool admitted, Stand stand) {
  if (admitted || stand == Stand::yes) return Ballot::yes;
  return stand == Stand::no ? Ballot::no : Ballot::abstain;
}

/// The Vendor gains by a *yes*: it counts if it was registered in time, or could not be because of the Host.
Ballot of_claimant(const Evidence& e) {
  if (e.vendor == Stand::no) return Ballot::no;
  const bool in_time = e.delivery || (e.vendor == Stand::yes && e.suspended);
  return in_time ? Ballot::yes : Ballot::abstain;
}

bool met(Policy policy, const Ballots& b) {
  const int yes = (b.broker == Ballot::yes) + (b.vendor == Ballot::yes) + (b.wallet == Ballot::yes);
  // Anchored: a majority of which the commitment itself is one.
  return yes >= 2 && (policy == Policy::literal || b.broker == Ballot::yes);
}

}  // namespace

Ballots ballots(const Evidence& e) {
  return {of_payer(e.commit || e.proof, e.broker), of_claimant(e), of_payer(e.order, e.wallet)};
}

Vote vote(const Evidence& evidence, Policy policy) {
  if (evidence.revoked) return {Ruling::reject, protocol::QP_E_REVOKED};
  if (evidence.vendor != Stand::yes) return {Ruling::no_claim, protocol::QP_E_NOT_CLAIMED};
  const Ballots b = ballots(evidence);
  if (met(policy, b)) return {Ruling::approve, protocol::QP_OK};
  if (b.broker == Ballot::no) return {Ruling::reject, protocol::QP_E_NO_COMMIT};
  if (b.broker == Ballot::abstain) return {Ruling::pending, protocol::QP_E_NO_COMMIT, Awaited::broker};
  if (b.wallet == Ballot::no) return {Ruling::reject, protocol::QP_E_NO_DELIVERY};
  return {Ruling::pending, protocol::QP_E_NO_DELIVERY, Awaited::wallet};
}

Vote closed(Vote vote) {
  if (vote.ruling != Ruling::pending) return vote;
  return {Ruling::reject, vote.code};
}

}  // namespace quickpay::roles
