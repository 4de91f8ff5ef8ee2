// Rules for what is brought before the Host.
#include <algorithm>
#include <utility>

#include "reference/codec/codec.hpp"
#include "reference/roles/facts.hpp"
#include "reference/roles/fields.hpp"
#include "reference/roles/host.hpp"
#include "reference/roles/times.hpp"
#include "reference/sim/campaign/onlooker.hpp"
#include "reference/sim/campaign/records.hpp"

namespace quickpay::sim {
namespace {

using msg::batch::SettleWithHost;

const msg::HostCase* case_in(const Sight& s) {
  const auto* asked = s.asked<SettleWithHost>();
  return asked ? &asked->body.host_case : nullptr;
}

template <bool (*kLook)(const Sight&, const msg::HostCase&)>
Said brought(const Sight& s) {
  return case_in(s) ? Said{kLook(s, *case_in(s))} : Said{};
}

// ---------------------------------------------------------------- the case
bool vendor_is_sender(const Sight& s, const msg::HostCase& one) {
  return s.asked<SettleWithHost>()->head.sender == one.vendor && std::all_of(one.item.begin(), one.item.end(), [&](const auto& item) { return item.order_ref.vendor == one.vendor; });
}

bool host_is_receiver(const Sight&, const msg::HostCase& one) { return one.host == kHost; }
bool too_many(const Sight& s, const msg::HostCase& one) { return std::cmp_greater(one.item.size(), s.site.config.max_batch); }
bool broker_issued(const Sight& s, const msg::HostCase& one) { return s.plays("broker", one.broker); }

bool keys_right(const Sight& s, const msg::HostCase& one) {
  return s.lists(one.vendor, one.sig) && std::all_of(one.settlement.begin(), one.settlement.end(), [&](const auto& each) { return s.lists(one.broker, each.sig); });
}

Said signatures_right(const Sight& s) {
  const msg::HostCase* one = case_in(s);
  if (one == nullptr) return std::nullopt;
  Said said = s.signed_by(one->vendor, "HostCase", msg::kHostCaseType, *one);
  for (const msg::Settlement& each : one->settlement)
    if (said == true) said = s.signed_by(one->broker, "Settlement", msg::kSettlementType, each);
  return said;
}

bool settlements_fit(const Sight&, const msg::HostCase& one) {
  return std::all_of(one.settlement.begin(), one.settlement.end(), [&](const auto& each) { return each.broker == one.broker && each.vendor == one.vendor; });
}

bool items_in_order(const Sight&, const msg::HostCase& one) {
  for (std::size_t i = 1; i < one.item.size(); ++i)
    if (!(one.item[i - 1].order_ref.order_id < one.item[i].order_ref.order_id)) return false;
  return true;
}

Said same_case(const Sight& s) {
  const auto heard = s.learnt.claims.find(s.place());
  if (case_in(s) == nullptr || heard == s.learnt.claims.end()) return std::nullopt;
  return unsigned_text(heard->second) == unsigned_text(codec::write_fragment("HostCase", msg::kHostCaseType, case_in(s)));
}

// ---------------------------------------------------------------- one order of it
const msg::CaseItem* item_in(const Sight& s) {
  if (case_in(s) == nullptr || s.line.event != "item") return nullptr;
  const auto& all = case_in(s)->item;
  const auto at = std::find_if(all.begin(), all.end(), [&](const msg::CaseItem& one) { return roles::case_key(one.order_ref, case_in(s)->broker) == s.line.key; });
  return at == all.end() ? nullptr : &*at;
}

template <bool (*kLook)(const Sight&, const msg::CaseItem&)>
Said item(const Sight& s) {
  const msg::CaseItem* one = item_in(s);
  return one ? Said{kLook(s, *one)} : Said{};
}

bool withdrawn(const Sight&, const msg::CaseItem& one) { return one.withdrawn.has_value(); }

/// No Vendor of these worlds has one.
Said no_receipt(const Sight& s) {
  const msg::CaseItem* one = item_in(s);
  return one && !one->host_receipt ? Said{true} : Said{};
}

bool commitment_key_right(const Sight& s, const msg::CaseItem& one) { return !one.commitment || s.lists(case_in(s)->broker, one.commitment->sig); }

Said commitment_right(const Sight& s) {
  const msg::CaseItem* one = item_in(s);
  if (one == nullptr || !one->commitment) return one ? Said{true} : Said{};
  return s.signed_by(case_in(s)->broker, "Commitment", msg::kCommitmentType, *one->commitment);
}

bool commitment_fits(const Sight& s, const msg::CaseItem& one) {
  const bool regular = one.order_ref.kind == msg::Kind::regular;
  if (!one.commitment) return !regular;
  const msg::Commitment& proof = *one.commitment;
  return regular && proof.broker == case_in(s)->broker && proof.order_ref == one.order_ref && proof.commit_id == one.commit_id;
}

/// The refusal of the item, in whichever Settlement it stands.
const msg::Refused* refusal(const msg::Settlement& settlement, const msg::CaseItem& one) {
  for (const msg::Refused& each : settlement.refused)
    if (each.order_id == one.order_ref.order_id && each.digest == one.order_ref.digest) return &each;
  return nullptr;
}

bool refused_with(const Sight& s, const msg::CaseItem& one, std::string_view code) {
  return std::any_of(case_in(s)->settlement.begin(), case_in(s)->settlement.end(), [&](const auto& each) {
    const msg::Refused* found = refusal(each, one);
    return found != nullptr && (code.empty() || found->code == code);
  });
}

bool settled_already(const Sight& s, const msg::CaseItem& one) { return refused_with(s, one, "QP-E-ALREADY-SETTLED"); }
bool currency_refused(const Sight& s, const msg::CaseItem& one) { return refused_with(s, one, "QP-E-CURRENCY"); }

std::string_view standing(const Sight& s) {
  const ledger::Record* revoke = s.before("host.revoke", s.line.key);
  return revoke ? std::string_view(revoke->state) : std::string_view{};
}

bool contests(const Sight& s, const msg::CaseItem& one) { return one.contest && standing(s) == "UNPROVEN"; }

bool revoked(const Sight& s, const msg::CaseItem& one) {
  const std::string_view state = standing(s);
  return (state == "UNPROVEN" || state == "STANDING" || state == "PROVEN") && !contests(s, one);
}

bool broker_came_first(const Sight& s, const msg::CaseItem& one) {
  if (contests(s, one) || refused_with(s, one, {})) return true;
  const auto& tried = case_in(s)->unreachable;
  const auto first = tried ? roles::parse_time(tried->first_try) : std::nullopt, last = tried ? roles::parse_time(tried->last_try) : std::nullopt;
  const roles::Spans spans = roles::spans_of(s.site.config.parameters);
  return first && last && tried->tries >= spans.broker_tries && *last - *first >= spans.broker * 1000;
}

/// Claimed after the last second of SettleBy or ClaimBy, or brought more than T_arb after it.
Said too_late(const Sight& s) {
  const msg::CaseItem* one = item_in(s);
  if (one == nullptr) return std::nullopt;
  const auto known = s.learnt.settle_by.find(s.line.key);
  const auto& proof = one->commitment;
  if (contests(s, *one) || (!proof && known == s.learnt.settle_by.end())) return false;
  const roles::Spans spans = roles::spans_of(s.site.config.parameters);
  const std::int64_t by = proof ? roles::parse_time(proof->claim_by).value_or(0) : known->second;
  const std::int64_t committed = proof ? roles::parse_time(proof->committed_at).value_or(0) : by - spans.settle * 1000;
  const auto& tried = case_in(s)->unreachable;
  std::optional<std::int64_t> first = tried ? roles::parse_time(tried->first_try) : std::nullopt;
  for (const msg::Settlement& each : case_in(s)->settlement)
    if (const auto at = roles::parse_time(each.settled_at); at && refusal(each, *one) != nullptr) first = std::min(first.value_or(*at), *at);
  if (first && *first > by) return true;
  return s.now() - s.suspended(committed, s.now()) >= by + spans.arb * 1000 + 1000;
}

}  // namespace

std::vector<Rule> rules_of_verdicts() {
  return {{"host.hearing.vendor_is_sender", &brought<&vendor_is_sender>},
          {"host.hearing.host_is_receiver", &brought<&host_is_receiver>},
          {"host.hearing.keys_right", &brought<&keys_right>},
          {"host.hearing.signatures_right", &signatures_right},
          {"host.hearing.settlements_fit", &brought<&settlements_fit>},
          {"host.hearing.items_in_order", &brought<&items_in_order>},
          {"host.hearing.too_many", &brought<&too_many>},
          {"host.hearing.broker_issued", &brought<&broker_issued>},
          {"host.hearing.same_case", &same_case},
          {"host.verdict.withdrawn", &item<&withdrawn>},
          {"host.verdict.receipt_key_right", &no_receipt},
          {"host.verdict.receipt_mac_right", &no_receipt},
          {"host.verdict.receipt_recorded", &no_receipt},
          {"host.verdict.receipt_fits", &no_receipt},
          {"host.verdict.commitment_key_right", &item<&commitment_key_right>},
          {"host.verdict.commitment_right", &commitment_right},
          {"host.verdict.commitment_fits", &item<&commitment_fits>},
          {"host.verdict.broker_came_first", &item<&broker_came_first>},
          {"host.verdict.settled_already", &item<&settled_already>},
          {"host.verdict.currency_refused", &item<&currency_refused>},
          {"host.verdict.too_late", &too_late},
          {"host.verdict.contests", &item<&contests>},
          {"host.verdict.revoked", &item<&revoked>},
          {"host.verdict.put_off", &put_off}};
}

}  // namespace quickpay::sim
