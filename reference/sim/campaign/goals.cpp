#include "reference/sim/campaign/goals.hpp"

#include <algorithm>
#include <optional>
#include <vector>

#include "reference/roles/fields.hpp"
#include "reference/roles/settlement_broker.hpp"
#include "reference/roles/settlement_vendor.hpp"
#include "reference/sim/campaign/defects.hpp"
#include "reference/sim/campaign/records.hpp"
#include "reference/sim/invariants.hpp"

namespace quickpay::sim {
namespace {

std::int64_t sum_of(Site& site, std::string_view machine) {
  std::int64_t sum = 0;
  for (const ledger::Record& record : records(site, machine)) sum += roles::number(record, "net").value_or(0);
  return sum;
}

std::size_t count_in(Site& site, std::string_view machine, std::string_view state) {
  const auto all = records(site, machine);
  return static_cast<std::size_t>(std::count_if(all.begin(), all.end(), [&](const auto& record) { return record.state == state; }));
}

bool has(const std::string& text, std::string_view word) { return text.find(word) != std::string::npos; }

}  // namespace

const ledger::Record* Goals::find(std::vector<ledger::Record>& all, const std::string& digest) const {
  const auto at = std::find_if(all.begin(), all.end(), [&](const ledger::Record& record) {
    const auto ref = ref_of(record);
    return ref && ref->digest == digest;
  });
  return at == all.end() ? nullptr : &*at;
}

std::string Goals::look(Site& site) {
  if (!honest(site.config.id)) return {};
  if (site.config.role == "broker") return look_at_broker(site);
  if (site.config.role == "vendor") return look_at_vendor(site);
  if (site.config.role == "host") return look_at_host(site);
  return {};
}

namespace {
constexpr const char* kMicroBroker = "broker.order";
constexpr const char* kRegularBroker = "broker.commitment";

/// What went back after it was settled.
bool is_of_revokes(const std::string& wrong) {
  return wrong.starts_with("refunded") || wrong.starts_with("deducted") || wrong.starts_with("net");
}
}  // namespace

std::string Goals::look_at_broker(Site& broker) {
  if (const std::string wrong = look_at_deductions(broker); !wrong.empty()) return wrong;
  if (const std::string wrong = wrong_money(*broker.ledger); !wrong.empty())
    return (wrong.starts_with("limit") ? "G7: " : wrong.starts_with("reversed") ? "G16: " : is_of_revokes(wrong) ? "G15: " : "G3: ") + wrong;
  if (const std::string wrong = look_at_revokes(broker); !wrong.empty()) return wrong;
  std::set<std::string> endorsements, commitments;
  const auto twice = [&](const ledger::Record& record) {
    const std::string commitment(roles::field(record, "commit_id"));
    return record.state == "COMMITTED" && !commitments.insert(commitment).second ? "G2: two orders have the commitment " + commitment : "";
  };
  for (const ledger::Record& record : records(broker, kMicroBroker)) {
    if (const std::string wrong = twice(record); !wrong.empty()) return wrong;
    const auto endorsement = roles::recall<msg::Endorsement>(record, "Endorsement", msg::kEndorsementType);
    if (endorsement && !endorsements.insert(endorsement->endorsement_id).second)
      return "G2: two orders have the Endorsement " + endorsement->endorsement_id;
    if (record.state != "ENDORSED" && record.state != "COMMITTED") continue;
    if (const std::string wrong = look_at_order(record, {"wallet.order", "vendor.order", kMicroBroker}); !wrong.empty()) return wrong;
  }
  for (const ledger::Record& record : records(broker, kRegularBroker)) {
    if (const std::string wrong = twice(record); !wrong.empty()) return wrong;
    if (const std::string wrong = look_at_order(record, {"wallet.purchase", "vendor.sale", kRegularBroker}); !wrong.empty()) return wrong;
  }
  return {};
}

/// An order for which money is held or owed.
std::string Goals::look_at_order(const ledger::Record& record, const Kind& kind) {
  const auto ref = ref_of(record);
  if (!ref) return "G1: an order without OrderRef";
  const std::string wallet(roles::field(record, "wallet"));
  if (kind.broker == kMicroBroker && !honest(wallet) && forges_token(ref->digest)) return "G10: " + record.key + " has no right Paycard token";
  if (honest(wallet)) {
    if (!yes_.contains({wallet, ref->digest})) return "G6: " + record.key + " was not confirmed by the user of " + wallet;
    auto orders = records(world_.site(wallet), kind.wallet);
    const ledger::Record* order = find(orders, ref->digest);
    if (order == nullptr || !(*ref_of(*order) == *ref)) return "G1: the Wallet has another " + record.key;
  }
  if (record.state != "COMMITTED" || !honest(ref->vendor)) return {};
  auto orders = records(world_.site(ref->vendor), kind.vendor);
  const ledger::Record* order = find(orders, ref->digest);
  if (order == nullptr || !(*ref_of(*order) == *ref)) return "G1: the Vendor has another " + record.key;
  return {};
}

std::string Goals::look_at_vendor(Site& vendor) {
  if (const std::string wrong = look_at_taken_back(vendor); !wrong.empty()) return wrong;
  std::set<std::string> committed;
  std::set<std::string> signed_for;  // digests of regular orders
  for (const std::string& id : world_.ids("broker")) {
    if (!honest(id)) return {};  // against a lying Broker nothing is promised here (ASM-002)
    for (const ledger::Record& record : records(world_.site(id), "broker.order")) {
      if (record.state == "COMMITTED") committed.insert(record.key);
    }
    for (const ledger::Record& record : records(world_.site(id), kRegularBroker))
      if (const auto ref = ref_of(record)) signed_for.insert(ref->digest);
  }
  for (const ledger::Record& sale : records(vendor, "vendor.sale")) {
    const auto ref = ref_of(sale);
    if (sale.state == "ACCEPTED" && !(ref && signed_for.contains(ref->digest))) return "G4: " + sale.key + " accepted without a commitment";
  }
  const std::string wrong = wrong_delivery(*vendor.ledger, committed);
  return wrong.empty() ? wrong : "G4: " + wrong;
}

std::string Goals::look_at_host(Site& host) {
  if (const std::string wrong = look_at_alerts(host); !wrong.empty()) return wrong;
  for (const ledger::Record& record : records(host, "host.case")) {
    if (!roles::has_field(record, "commit.commit_id")) continue;
    const auto ref = ref_of(record);
    bool known = !ref;
    for (const std::string& id : world_.ids("broker")) {
      if (!honest(id)) return {};
      for (const ledger::Record& order : records(world_.site(id), "broker.order"))
        known = known || (order.state == "COMMITTED" && ref_of(order) && *ref_of(order) == *ref);
    }
    if (!known) return "G5: the Host has a commitment that no Broker made, case " + record.key;
  }
  return {};
}

std::string Goals::look_at_network() {
  for (; seen_ < world_.sent.size(); ++seen_) {
    const Sent& one = world_.sent[seen_];
    if (!world_.sites().contains(one.to)) continue;  // a Probe of a place where nobody is
    const std::string& to = world_.site(one.to).config.role;
    if (!honest(one.from)) continue;
    if (to == "vendor") {
      for (const std::string& wallet : world_.ids("wallet")) {
        if (has(one.body, wallet)) return "G8: a Vendor is told the WalletId, by " + one.path;
      }
      if (has(one.body, kPaycardCanary)) return "G8: a Vendor is told a Paycard, by " + one.path;
    }
    if (to == "host" && (has(one.body, "canary-item") || has(one.body, kPaycardCanary)))
      return "G9: the Host is told what it is not to know, by " + one.path;
  }
  return {};
}

std::string Goals::look_at_the_end() {
  for (auto& [id, site] : world_.sites()) {
    if (!honest(id)) continue;
    if (const std::string wrong = look(site); !wrong.empty()) return wrong;
    if (liar_.empty() && site.ledger->next_call_ms().value()) return "G4: " + id + " still has notices";  // QP-ADD-06
  }
  if (!liar_.empty()) return {};
  auto cases = records(world_.site(kHost), "host.case");
  for (const std::string& id : world_.ids("broker")) {
    for (const ledger::Record& order : records(world_.site(id), "broker.order")) {
      if (order.state != "COMMITTED") continue;
      const ledger::Record* at_host = find(cases, ref_of(order)->digest);
      if (at_host == nullptr || !roles::has_field(*at_host, "commit.commit_id"))
        return "G4: the Host was never told of the commitment " + order.key;
    }
  }
  return {};
}

std::string Goals::look_at_deliveries() {
  for (const auto& [wallet, digest] : yes_) {
    auto orders = records(world_.site(wallet), "wallet.order");
    const ledger::Record* order = find(orders, digest);
    auto purchases = records(world_.site(wallet), "wallet.purchase");
    const ledger::Record* purchase = find(purchases, digest);
    if (purchase != nullptr && (purchase->state == "ACCEPTED" || purchase->state == "DONE")) continue;
    if (purchase != nullptr) return "G13: no receipt without the Host, an order of " + wallet + " is " + purchase->state;
    if (order == nullptr || !roles::has_field(*order, "goods"))
      return "G13: no goods without the Host, an order of " + wallet + (order ? " is " + order->state : "");
  }
  return {};
}

std::string Goals::look_at_settlement() {
  for (const std::string& id : world_.ids("broker")) {
    if (!honest(id)) continue;
    if (const std::string wrong = wrong_money(*world_.site(id).ledger); !wrong.empty()) return "G3: " + wrong;
  }
  if (honest(kHost)) {
    if (const std::string wrong = wrong_log(*world_.site(kHost).ledger); !wrong.empty()) return "G12: " + wrong;
  }
  if (!liar_.empty()) return {};
  std::int64_t income = 0, promised = 0, paid = 0;
  for (const std::string& id : world_.ids("vendor")) {
    for (const ledger::Record& claim : records(world_.site(id), "vendor.claim"))
      if (const std::string wrong = look_at_claim(world_.site(id), claim); !wrong.empty()) return wrong;
    income += sum_of(world_.site(id), roles::kIncomeMachine);
    const std::size_t delivered = count_in(world_.site(id), "vendor.order", "DELIVERED") + count_in(world_.site(id), "vendor.sale", "ACCEPTED");
    if (records(world_.site(id), "vendor.claim").size() != delivered) return "G4: " + id + " did not claim all that it delivered";
  }
  for (const std::string& id : world_.ids("broker")) {
    promised += sum_of(world_.site(id), roles::kVendorBookMachine);
    paid += sum_of(world_.site(id), roles::kPayoutMachine);
  }
  if (income != promised || income != paid)
    return "G15: Vendors have " + std::to_string(income) + ", were promised " + std::to_string(promised) + " and paid " + std::to_string(paid);
  return {};
}

std::size_t Goals::deliveries() {
  std::size_t count = 0;
  for (const std::string& id : world_.ids("wallet")) {
    for (const ledger::Record& record : records(world_.site(id), "wallet.order"))
      count += roles::has_field(record, "goods") ? 1 : 0;
  }
  return count;
}

std::size_t Goals::receipts() {
  std::size_t count = 0;
  for (const std::string& id : world_.ids("wallet"))
    count += count_in(world_.site(id), "wallet.purchase", "ACCEPTED") + count_in(world_.site(id), "wallet.purchase", "DONE");
  return count;
}

}  // namespace quickpay::sim
