// What the goals say of orders that are taken back.
#include <algorithm>
#include <optional>
#include <vector>

#include "reference/roles/fields.hpp"
#include "reference/roles/settlement_broker.hpp"
#include "reference/sim/campaign/goals.hpp"
#include "reference/sim/campaign/records.hpp"

namespace quickpay::sim {
namespace {

const ledger::Record* with_key(const std::vector<ledger::Record>& all, const std::string& key) {
  const auto at = std::find_if(all.begin(), all.end(), [&](const ledger::Record& one) { return one.key == key; });
  return at == all.end() ? nullptr : &*at;
}

bool is_owed(const ledger::Record& debt) { return debt.state == "OWED" || debt.state == "PAYABLE" || debt.state == "PAID"; }

}  // namespace

// G11, and that a final revoke ends what is owed (QP-RV-003, QP-RV-013).
std::string Goals::look_at_revokes(Site& broker) {
  const auto revokes = records(broker, "broker.revoke");
  if (revokes.empty()) return {};
  const auto debts = records(broker, "broker.debt");
  for (const ledger::Record& record : revokes) {
    const auto revoke = roles::recall<msg::Revoke>(record, "Revoke", msg::kRevokeType);
    if (!revoke) continue;
    const bool provable = revoke->sig.has_value() || !spoofed_;
    if (provable && honest(revoke->order_ref.vendor) && !asked_.contains(revoke->order_ref.digest))
      return "G11: " + record.key + " is taken back, and its Vendor did not ask for it";
    const ledger::Record* debt = with_key(debts, record.key);
    if (record.state == "REVOKED" && debt != nullptr && is_owed(*debt)) return "G15: " + record.key + " is taken back, and its debt is " + debt->state;
  }
  return {};
}

// G16: what is left to be deducted gives the whole commission back.
std::string Goals::look_at_deductions(Site& broker) {
  const auto debts = records(broker, "broker.debt");
  for (const ledger::Record& left : records(broker, roles::kDeductionMachine)) {
    for (const ledger::Record& debt : debts) {
      const auto ref = ref_of(debt);
      if (!ref || left.key != ref->vendor + "/" + ref->currency + "/" + ref->order_id) continue;
      if (roles::number(left, "reversed") != roles::number(debt, "commission")) return "G16: a commission is kept on " + debt.key;
    }
  }
  return {};
}

// QP-RV-005: who takes an order back does not claim it.
std::string Goals::look_at_taken_back(Site& vendor) {
  const auto revokes = records(vendor, "vendor.revoke");
  if (revokes.empty()) return {};
  const auto claims = records(vendor, "vendor.claim");
  for (const ledger::Record& record : revokes) {
    const ledger::Record* claim = with_key(claims, record.key);
    const bool given_up = record.state == "REVOKING" || record.state == "REVOKED";
    if (given_up && (claim == nullptr || claim->state != "WITHDRAWN")) return "RV: " + record.key + " is taken back and still claimed";
  }
  return {};
}

// G11 at the Host: what it calls proven the Vendor asked for, and of the rest only who can write it makes anything up.
std::string Goals::look_at_alerts(Site& host) {
  for (const ledger::Record& record : records(host, "host.revoke")) {
    const auto ref = ref_of(record);
    if (!ref || !honest(ref->vendor) || asked_.contains(ref->digest)) continue;
    if (record.state == "PROVEN" || !(spoofed_ || lying_broker_)) return "G11: the Host has a revoke that its Vendor did not ask for, " + record.key;
  }
  return {};
}

const ledger::Record* Goals::debt_of(const ledger::Record& claim, std::vector<ledger::Record>& debts) {
  debts = records(world_.site(roles::field(claim, "broker")), "broker.debt");
  return with_key(debts, claim.key);
}

// In the end, where no player lies: a claim is paid or its order is taken back, and both ends have the same.
std::string Goals::look_at_claim(Site& vendor, const ledger::Record& claim) {
  const auto ref = ref_of(claim);
  std::vector<ledger::Record> debts;
  const ledger::Record* debt = debt_of(claim, debts);
  const std::string owed = debt == nullptr ? "not there" : debt->state;
  if (!ref || !asked_.contains(ref->digest)) {
    if (claim.state != "SETTLED") return "G4: " + claim.key + " was delivered and is " + claim.state;
    return owed == "REVOKED" ? "G11: " + claim.key + " was claimed and not taken back, and its debt is REVOKED" : std::string{};
  }
  if (spoofed_) return {};  // the Vendor may have been told that it was taken
  const auto revokes = records(vendor, "vendor.revoke");
  const ledger::Record* revoke = with_key(revokes, claim.key);
  const std::string state = revoke == nullptr ? "not there" : revoke->state;
  if (state == "REVOKED" && claim.state == "WITHDRAWN" && owed == "REVOKED") return {};
  return "RV: " + claim.key + " is to be taken back: its revoke is " + state + ", its claim " + claim.state + ", its debt " + owed;
}

std::size_t Goals::revokes(bool final) {
  std::size_t count = 0;
  for (const std::string& id : world_.ids("broker")) {
    if (!honest(id)) continue;
    for (const ledger::Record& record : records(world_.site(id), "broker.revoke"))
      count += record.state != "NONE" && (record.state == "REVOKED") == final ? 1 : 0;
  }
  return count;
}

}  // namespace quickpay::sim
