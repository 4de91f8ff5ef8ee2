// Rules for what Vendors claim and Brokers owe.
#include <algorithm>
#include <utility>

#include "reference/crypto/hash.hpp"
#include "reference/codec/codec.hpp"
#include "reference/roles/facts.hpp"
#include "reference/roles/fields.hpp"
#include "reference/roles/role.hpp"
#include "reference/roles/times.hpp"
#include "reference/sim/campaign/onlooker.hpp"
#include "reference/sim/campaign/records.hpp"

namespace quickpay::sim {
namespace {

namespace batch = msg::batch;

const msg::Claim* claim_in(const Sight& s) {
  const auto* asked = s.asked<batch::SettleWithBroker>();
  return asked ? &asked->body.claim : nullptr;
}

// ---------------------------------------------------------------- Vendors
/// What became of the order: the code that it was refused with, or none.
Said refused_with(const Sight& s, std::string_view code) {
  const auto is_this = [&](const auto& one) { return s.line.key.ends_with("/" + one.order_id); };
  if (const auto* given = s.answered<batch::SettleWithBrokerResponse>(); given && given->body.settlement) {
    const auto& all = given->body.settlement->refused;
    const auto at = std::find_if(all.begin(), all.end(), is_this);
    return at == all.end() ? Said{} : Said{at->code == code};
  }
  if (const auto* given = s.answered<batch::SettleWithHostResponse>(); given && given->body.verdicts) {
    const auto& all = given->body.verdicts->verdict;
    const auto at = std::find_if(all.begin(), all.end(), is_this);
    return at == all.end() ? Said{} : Said{at->code == code};
  }
  return std::nullopt;
}

Said already_settled(const Sight& s) { return refused_with(s, "QP-E-ALREADY-SETTLED"); }
Said currency_refused(const Sight& s) { return refused_with(s, "QP-E-CURRENCY"); }

/// "V1001/B7/USD": batches are made for each Broker and currency.
std::string group_of(const Sight& s, std::string_view broker, std::string_view currency) {
  return s.site.config.id + "/" + std::string(broker) + "/" + std::string(currency);
}

/// Something waits for a batch with this Broker, and the last one was not just made. A batch that came to nothing is kept nowhere: then there has to be only
/// one group that it can have been of.
Said batch_due(const Sight& s) {
  std::set<std::string> groups, waiting;
  for (const auto& [at, record] : s.learnt.kept) {
    const auto ref = at.first == "vendor.claim" && at.second.first == s.site.config.id ? ref_of(record) : std::nullopt;
    if (!ref) continue;
    const std::string group = group_of(s, roles::field(record, "broker"), ref->currency);
    groups.insert(group);
    if (record.state == "CLAIMABLE") waiting.insert(group);
  }
  const auto made = s.site.ledger->find("vendor.batch", s.line.key);
  const bool known = made && *made;
  if (waiting.empty()) return false;
  if (!known && groups.size() != 1) return std::nullopt;
  const std::string group = known ? group_of(s, roles::field(**made, "broker"), roles::field(**made, "currency")) : *groups.begin();
  const auto last = s.learnt.batches.find(group);
  return waiting.contains(group) && (last == s.learnt.batches.end() || s.now() - last->second >= roles::spans_of(s.site.config.parameters).batch_pause * 1000);
}

Said settlement_right(const Sight& s) {
  const auto* given = s.answered<batch::SettleWithBrokerResponse>();
  const auto* asked = roles::as<batch::SettleWithBroker>(s.request);
  if (!given || !given->body.settlement || !asked) return std::nullopt;
  const msg::Settlement& settlement = *given->body.settlement;
  const msg::Claim& claim = asked->body.claim;
  if (settlement.batch_id != claim.batch_id || settlement.broker != claim.broker || settlement.vendor != claim.vendor) return false;
  return s.signed_by(claim.broker, "Settlement", msg::kSettlementType, settlement);
}

Said broker_unreachable(const Sight& s) {
  const auto tried = s.learnt.tries.find(s.line.key);
  if (tried == s.learnt.tries.end()) return std::nullopt;
  const roles::Spans spans = roles::spans_of(s.site.config.parameters);
  const auto [times, first] = tried->second;
  return times >= spans.broker_tries && s.world.clock.now_ms() - first >= spans.broker * 1000;
}

/// Signed by the Host, of this case and its items.
Said verdicts_right(const Sight& s) {
  const auto* given = s.answered<batch::SettleWithHostResponse>();
  const auto* asked = roles::as<batch::SettleWithHost>(s.request);
  if (!given || !given->body.verdicts || !asked) return std::nullopt;
  const msg::Verdicts& verdicts = *given->body.verdicts;
  const msg::HostCase& brought = asked->body.host_case;
  if (verdicts.batch_id != brought.batch_id || verdicts.verdict.size() != brought.item.size()) return false;
  for (std::size_t i = 0; i < brought.item.size(); ++i)
    if (verdicts.verdict[i].order_id != brought.item[i].order_ref.order_id || verdicts.verdict[i].digest != brought.item[i].order_ref.digest) return false;
  const auto& approval = given->body.approval;
  const auto approved = std::count_if(verdicts.verdict.begin(), verdicts.verdict.end(), [](const msg::Verdict& one) { return one.decision == msg::Ruling::approve; });
  if (approved != static_cast<std::ptrdiff_t>(approval ? approval->approved.size() : 0)) return false;
  const Said host = s.signed_by(kHost, "Verdicts", msg::kVerdictsType, verdicts);
  return host == true && approval ? s.signed_by(kHost, "Approval", msg::kApprovalType, *approval) : host;
}

Said some_pending(const Sight& s) {
  const auto* given = s.answered<batch::SettleWithHostResponse>();
  if (!given || !given->body.verdicts) return std::nullopt;
  const auto& all = given->body.verdicts->verdict;
  return std::any_of(all.begin(), all.end(), [](const msg::Verdict& one) { return one.decision == msg::Ruling::pending; });
}

// ---------------------------------------------------------------- a batch at its Broker
Said vendor_is_sender(const Sight& s) {
  const auto* asked = s.asked<batch::SettleWithBroker>();
  if (asked == nullptr) return std::nullopt;
  const auto& items = asked->body.claim.item;
  return asked->head.sender == asked->body.claim.vendor && std::all_of(items.begin(), items.end(), [&](const auto& item) { return item.order_ref.vendor == asked->head.sender; });
}

Said broker_is_receiver(const Sight& s) { return claim_in(s) ? Said{claim_in(s)->broker == s.site.config.id} : Said{}; }
Said too_many(const Sight& s) { return claim_in(s) ? Said{std::cmp_greater(claim_in(s)->item.size(), s.site.config.max_batch)} : Said{}; }
Said currency_active(const Sight& s) { return claim_in(s) ? Said{claim_in(s)->currency == kCurrency} : Said{}; }

Said keys_right(const Sight& s) {
  const msg::Claim* claim = claim_in(s);
  if (claim == nullptr) return std::nullopt;
  return s.lists(claim->vendor, claim->sig) && std::all_of(claim->approval.begin(), claim->approval.end(), [&](const auto& one) { return s.lists(kHost, one.sig); });
}

Said signatures_right(const Sight& s) {
  const msg::Claim* claim = claim_in(s);
  if (claim == nullptr) return std::nullopt;
  Said said = s.signed_by(claim->vendor, "Claim", msg::kClaimType, *claim);
  for (const msg::Approval& one : claim->approval)
    if (said == true) said = s.signed_by(kHost, "Approval", msg::kApprovalType, one);
  return said;
}

Said approvals_fit(const Sight& s) {
  const msg::Claim* claim = claim_in(s);
  if (claim == nullptr) return std::nullopt;
  return std::all_of(claim->approval.begin(), claim->approval.end(), [&](const auto& one) { return one.host == kHost && one.vendor == claim->vendor && one.broker == s.site.config.id; });
}

Said totals_right(const Sight& s) {
  const msg::Claim* claim = claim_in(s);
  if (claim == nullptr) return std::nullopt;
  std::set<std::string> ids;
  std::string last;
  std::int64_t total = 0;
  for (const msg::ClaimItem& item : claim->item) {
    if (item.order_ref.order_id < last || !ids.insert(item.order_ref.order_id).second) return false;
    last = item.order_ref.order_id;
    total += item.order_ref.amount;
  }
  return claim->count == static_cast<std::int64_t>(ids.size()) && claim->total == total;
}

Said same_claim(const Sight& s) {
  const auto settled = s.learnt.claims.find(s.place());
  if (claim_in(s) == nullptr || settled == s.learnt.claims.end()) return std::nullopt;
  return unsigned_text(settled->second) == unsigned_text(codec::write_fragment("Claim", msg::kClaimType, claim_in(s)));
}

// ---------------------------------------------------------------- one order of it
const msg::ClaimItem* item_in(const Sight& s) {
  if (claim_in(s) == nullptr || s.line.event != "item") return nullptr;
  const auto& all = claim_in(s)->item;
  const auto at = std::find_if(all.begin(), all.end(), [&](const msg::ClaimItem& one) { return roles::order_key(one.order_ref) == s.line.key; });
  return at == all.end() ? nullptr : &*at;
}

bool regular(const msg::ClaimItem& item) { return item.order_ref.kind == msg::Kind::regular; }

template <bool (*kLook)(const Sight&, const msg::ClaimItem&)>
Said item(const Sight& s) {
  const msg::ClaimItem* one = item_in(s);
  return one ? Said{kLook(s, *one)} : Said{};
}

bool currency_fits(const Sight& s, const msg::ClaimItem& one) { return one.order_ref.currency == claim_in(s)->currency; }
bool proof_missing(const Sight&, const msg::ClaimItem& one) { return regular(one) && !one.commitment; }
bool proof_key_right(const Sight& s, const msg::ClaimItem& one) { return !one.commitment || s.lists(s.site.config.id, one.commitment->sig); }

bool approved(const Sight& s, const msg::ClaimItem& one) {
  for (const msg::Approval& approval : claim_in(s)->approval)
    for (const msg::Approved& each : approval.approved)
      if (each.order_id == one.order_ref.order_id && each.digest == one.order_ref.digest && each.amount == one.order_ref.amount) return true;
  return false;
}

/// An order of this Broker by what it kept before.
const ledger::Record* order_of(const Sight& s) {
  const ledger::Record* committed = s.before("broker.commitment", s.line.key);
  return committed ? committed : s.before("broker.order", s.line.key);
}

bool order_known(const Sight& s, const msg::ClaimItem&) { return order_of(s) != nullptr; }

Said proof_right(const Sight& s) {
  const msg::ClaimItem* one = item_in(s);
  if (one == nullptr || !one->commitment) return one ? Said{true} : Said{};
  return s.signed_by(s.site.config.id, "Commitment", msg::kCommitmentType, *one->commitment);
}

Said proven(const Sight& s) {
  const msg::ClaimItem* one = item_in(s);
  if (one == nullptr) return std::nullopt;
  return regular(*one) && one->commitment ? proof_right(s) : Said{false};
}

/// No Broker of these worlds logs an outage.
Said proof_over(const Sight& s) {
  const msg::ClaimItem* one = item_in(s);
  const auto by = one && one->commitment ? roles::parse_time(one->commitment->claim_by) : std::nullopt;
  if (by) return s.now() / 1000 > *by / 1000;
  return one ? Said{false} : Said{};
}

Said terms_equal(const Sight& s) {
  const msg::ClaimItem* one = item_in(s);
  if (one == nullptr) return std::nullopt;
  const auto& proof = one->commitment;
  if (proof && (proof->broker != s.site.config.id || proof->order_ref != one->order_ref || proof->commit_id != one->commit_id)) return false;
  const ledger::Record* debt = s.own();
  const ledger::Record* source = debt && roles::has_field(*debt, "OrderRef") ? debt : order_of(s);
  if (source == nullptr) return proven(s);
  const auto ref = ref_of(*source);
  const std::string_view commit = roles::field(*source, "commit_id");
  return ref && *ref == one->order_ref && (commit.empty() || commit == one->commit_id);
}

bool revoke_held(const Sight& s, const msg::ClaimItem&) {
  const ledger::Record* revoke = s.before("broker.revoke", s.line.key);
  return revoke != nullptr && revoke->state == "HELD";
}

}  // namespace

std::vector<Rule> rules_of_claims() {
  return {{"vendor.claim.already_settled", &already_settled},
          {"vendor.claim.currency_refused", &currency_refused},
          {"vendor.batch.batch_due", &batch_due},
          {"vendor.batch.settlement_right", &settlement_right},
          {"vendor.batch.broker_unreachable", &broker_unreachable},
          {"vendor.dispute.verdicts_right", &verdicts_right},
          {"vendor.dispute.some_pending", &some_pending},
          {"broker.batch.vendor_is_sender", &vendor_is_sender},
          {"broker.batch.broker_is_receiver", &broker_is_receiver},
          {"broker.batch.keys_right", &keys_right},
          {"broker.batch.signatures_right", &signatures_right},
          {"broker.batch.approvals_fit", &approvals_fit},
          {"broker.batch.totals_right", &totals_right},
          {"broker.batch.too_many", &too_many},
          {"broker.batch.currency_active", &currency_active},
          {"broker.batch.same_claim", &same_claim},
          {"broker.debt.currency_fits", &item<&currency_fits>},
          {"broker.debt.approved", &item<&approved>},
          {"broker.debt.order_known", &item<&order_known>},
          {"broker.debt.proof_missing", &item<&proof_missing>},
          {"broker.debt.proof_key_right", &item<&proof_key_right>},
          {"broker.debt.proof_right", &proof_right},
          {"broker.debt.proven", &proven},
          {"broker.debt.proof_over", &proof_over},
          {"broker.debt.terms_equal", &terms_equal},
          {"broker.debt.revoke_held", &item<&revoke_held>}};
}

}  // namespace quickpay::sim
