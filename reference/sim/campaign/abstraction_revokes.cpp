// What ledgers have of ghosts of orders that are taken back.
#include <algorithm>

#include "reference/roles/fields.hpp"
#include "reference/roles/settlement_broker.hpp"
#include "reference/sim/campaign/abstraction.hpp"
#include "reference/sim/campaign/records.hpp"

namespace quickpay::sim {

int Abstraction::wants(const std::string& digest) {
  const auto at = places_.find({"vendor.claim", digest});  // a revoke that was refused says no more of which order it is
  if (at == places_.end()) return 0;
  const auto found = world_.site(at->second.first).ledger->find("vendor.revoke", at->second.second);
  return found && *found && roles::has_field(**found, "broker") ? 1 : 0;
}

int Abstraction::proof(const std::string& digest) {
  const auto known = record("broker.revoke", digest);
  const auto revoke = known ? roles::recall<msg::Revoke>(*known, "Revoke", msg::kRevokeType) : std::nullopt;
  return revoke && revoke->sig ? 1 : 0;
}

int Abstraction::alien(const std::string& digest) {
  const auto one = record("broker.revoke", digest), two = record("host.revoke", digest);
  return one && two && roles::field(*one, "revoke_id") != roles::field(*two, "revoke_id") ? 1 : 0;
}

int Abstraction::note(const std::string& digest) {
  const auto known = record("vendor.claim", digest);
  const std::string_view where = known ? roles::field(*known, "given_up") : std::string_view{};
  return where == "waiting" ? 1 : where == "settled" ? 2 : 0;
}

/// What waits for a Settlement, and what Settlements have deducted.
int Abstraction::refunds(const std::string& digest) {
  const auto known = record("broker.debt", digest);
  const auto ref = known ? ref_of(*known) : std::nullopt;
  if (!ref) return 0;
  ledger::Ledger& broker = *world_.site(places_.at({"broker.debt", digest}).first).ledger;
  const auto left = broker.find(roles::kDeductionMachine, ref->vendor + "/" + ref->currency + "/" + ref->order_id);
  int count = left && *left ? 1 : 0;
  const auto batches = broker.list("broker.batch", "", ledger::kMaxListed);
  for (const ledger::Record& batch : batches ? *batches : std::vector<ledger::Record>{}) {
    const auto made = roles::recall<msg::Settlement>(batch, "Settlement", msg::kSettlementType);
    if (!made || made->vendor != ref->vendor) continue;
    count += static_cast<int>(std::count_if(made->deduction.begin(), made->deduction.end(), [&](const msg::Deduction& one) { return one.order_id == ref->order_id; }));
  }
  return count;
}

}  // namespace quickpay::sim
