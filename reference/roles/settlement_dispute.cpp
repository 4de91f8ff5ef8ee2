// Cases that a Vendor brings before the Host.
#include <algorithm>

#include "reference/roles/fields.hpp"
#include "reference/roles/role.hpp"
#include "reference/roles/settlement_vendor.hpp"
#include "reference/roles/times.hpp"
#include "statemachines/settlement/generated/vendor_dispute.hpp"

namespace quickpay::roles {
namespace {

using msg::batch::SettleWithHost;
using msg::batch::SettleWithHostResponse;
using statemachines::vendor_dispute::Effect;
using statemachines::vendor_dispute::Predicate;

template <class Text>
std::optional<std::string> present(const Text& text) {
  return text.empty() ? std::nullopt : std::optional<std::string>(text);
}

/// Whether the verdicts are those of the case's items, one each, in their order.
bool answers_all(const msg::HostCase& asked, const msg::Verdicts& given) {
  return std::equal(asked.item.begin(), asked.item.end(), given.verdict.begin(), given.verdict.end(),
                    [](const msg::CaseItem& item, const msg::Verdict& verdict) {
                      return item.order_ref.order_id == verdict.order_id && item.order_ref.digest == verdict.digest;
                    });
}

}  // namespace

bool VendorDispute::holds(std::uint8_t predicate, const Turn& turn) {
  switch (static_cast<Predicate>(predicate)) {
    case Predicate::verdicts_right: return verdicts_right(turn);
    case Predicate::some_pending: {
      const auto* answer = turn.get<SettleWithHostResponse>();
      if (!answer || !answer->body.verdicts) return false;
      const auto& all = answer->body.verdicts->verdict;
      return std::any_of(all.begin(), all.end(), [](const auto& one) { return one.decision == msg::Ruling::pending; });
    }
  }
  return false;
}

std::optional<msg::HostCase> VendorDispute::case_of(const Turn& turn) const {
  return recall<msg::HostCase>(turn.record, "HostCase", msg::kHostCaseType);
}

bool VendorDispute::verdicts_right(const Turn& turn) const {
  const auto* answer = turn.get<SettleWithHostResponse>();
  const auto asked = answer && answer->body.verdicts ? case_of(turn) : std::nullopt;
  if (!asked) return false;
  const msg::Verdicts& given = *answer->body.verdicts;
  const bool of_case = given.host == asked->host && given.vendor == asked->vendor && given.broker == asked->broker &&
                       given.batch_id == asked->batch_id && answers_all(*asked, given);
  const std::string_view host = stage_.facts.config.host;
  const Signer signer{"host", host, "host-verdicts", stage_.facts.now_ms, {}};
  return of_case && signatures_.fault(signer, "Verdicts", msg::kVerdictsType, given).empty() &&
         approval_right(*asked, given, answer->body.approval ? &*answer->body.approval : nullptr);
}

bool VendorDispute::approval_right(const msg::HostCase& asked, const msg::Verdicts& verdicts,
                                   const msg::Approval* approval) const {
  std::vector<msg::Approved> approved;
  for (std::size_t i = 0; i < asked.item.size(); ++i) {
    if (verdicts.verdict[i].decision != msg::Ruling::approve) continue;
    const msg::OrderRef& ref = asked.item[i].order_ref;
    approved.push_back({ref.order_id, ref.digest, ref.amount});
  }
  if (!approval) return approved.empty();
  const bool of_case = approval->host == asked.host && approval->vendor == asked.vendor &&
                       approval->broker == asked.broker && approval->batch_id == asked.batch_id;
  const Signer signer{"host", asked.host, "host-approval", parse_time(approval->approved_at).value_or(0), {}};
  return of_case && approval->approved == approved &&
         signatures_.fault(signer, "Approval", msg::kApprovalType, *approval).empty();
}

void VendorDispute::apply(statemachines::EffectId effect, Turn& turn) {
  switch (static_cast<Effect>(effect)) {
    case Effect::perform_make_case: return make_case(turn);
    case Effect::send_SettleWithHost: return send(turn);
    case Effect::perform_book_verdicts: return book_verdicts(turn);
    case Effect::perform_keep_evidence:
      if (const auto* answer = turn.get<SettleWithHostResponse>(); answer && answer->body.verdicts) {
        keep(turn.record, "Verdicts", msg::kVerdictsType, *answer->body.verdicts);
      }
      return;
    case Effect::perform_return_claims: return return_claims(turn);
    case Effect::start_DecideBy: return start_decide_by(turn);
    case Effect::alarm:
    case Effect::retry:
    case Effect::ignore: return stage_.common(effect, turn);
  }
}

void VendorDispute::open(const Grievance& grievance) {
  const bool proven = std::any_of(grievance.claims.begin(), grievance.claims.end(), [&](const std::string& key) {
    const auto claim = stage_.store.find(claims_.table().id, key);
    return claim && has_field(*claim, "Commitment");
  });
  const std::size_t most = proven ? kMaxProvenCaseItems : kMaxCaseItems;
  for (std::size_t first = 0; first < grievance.claims.size(); first += most) {
    const std::size_t count = std::min(most, grievance.claims.size() - first);
    const auto begin = grievance.claims.begin() + static_cast<std::ptrdiff_t>(first);
    Grievance part = grievance;
    part.claims.assign(begin, begin + static_cast<std::ptrdiff_t>(count));
    grievance_ = &part;
    Turn turn = stage_.open(*this, stage_.facts.fresh_id());
    stage_.run(turn, "open");
    grievance_ = nullptr;
  }
}

msg::CaseItem VendorDispute::item_of(const ledger::Record& claim, bool withdrawn) const {
  msg::CaseItem item;
  item.order_ref = recall<msg::OrderRef>(claim, "OrderRef", msg::kOrderRefType).value_or(msg::OrderRef{});
  item.commit_id = present(field(claim, "commit_id"));
  item.delivery_id = present(field(claim, "delivery_id"));
  item.delivered_at = present(field(claim, "delivered_at"));
  item.host_receipt = recall<msg::HostReceipt>(claim, "HostReceipt", msg::kHostReceiptType);
  item.commitment = recall<msg::Commitment>(claim, "Commitment", msg::kCommitmentType);
  // A Broker that is silent may have told the Host of a revoke all the same, so that nothing else decides (QP-RV-012).
  if (item.commitment && !revokes_.revoked(claim.key)) item.contest = msg::Yes::yes;
  if (withdrawn) item.withdrawn = msg::Yes::yes;
  return item;
}

void VendorDispute::make_case(Turn& turn) {
  if (!grievance_) return;
  msg::HostCase made;
  made.host = stage_.facts.config.host;
  made.batch_id = turn.key();
  made.vendor = stage_.facts.config.id;
  made.broker = grievance_->broker;
  if (grievance_->settlement) made.settlement.push_back(*grievance_->settlement);
  made.unreachable = grievance_->unreachable;
  for (const std::string& key : grievance_->claims) {
    auto claim = stage_.store.find(claims_.table().id, key);
    if (!claim) continue;
    made.item.push_back(item_of(*claim, grievance_->withdrawn));
    if (grievance_->withdrawn) continue;  // nobody waits for what the Host says
    claim->fields["dispute"] = turn.key();
    stage_.store.put(*claim);
  }
  if (!signatures_.sign("host-case", "HostCase", msg::kHostCaseType, made)) {
    return stage_.store.corrupt("case " + turn.key() + " cannot be signed");
  }
  keep(turn.record, "HostCase", msg::kHostCaseType, made);
}

void VendorDispute::send(Turn& turn) {
  const MessageOps* ops = ops_of(msg::batch::kSettleWithHostMessage);
  auto made = case_of(turn);
  if (!ops || !made) return;
  Document<SettleWithHost> request;
  request.value.head = stage_.outbox.new_head(*ops, stage_.facts.config.host);
  request.value.body.host_case = std::move(*made);
  stage_.outbox.send(turn.record.machine, turn.key(), *ops, request, {false, stage_.facts.spans.call_batch, 0});
}

void VendorDispute::book_verdicts(Turn& turn) {
  const auto* answer = turn.get<SettleWithHostResponse>();
  const auto asked = case_of(turn);
  if (!answer || !answer->body.verdicts || !asked) return;
  if (answer->body.approval) {
    ledger::Record kept{std::string(kApprovalMachine), turn.key(), "KEPT", {}, {}};
    keep(kept, "Approval", msg::kApprovalType, *answer->body.approval);
    stage_.store.put(kept);
  }
  const auto& verdicts = answer->body.verdicts->verdict;
  for (std::size_t i = 0; i < verdicts.size(); ++i) {
    const std::string key = order_key(asked->item[i].order_ref);
    const auto claim = stage_.store.find(claims_.table().id, key);
    if (!claim || field(*claim, "dispute") != turn.key()) continue;  // it went on by another way
    const VendorClaim::News news{verdicts[i].code, {}, turn.key()};
    switch (verdicts[i].decision) {
      case msg::Ruling::approve: claims_.tell(key, "approved", news); break;
      case msg::Ruling::reject: claims_.tell(key, "rejected", news); break;
      case msg::Ruling::refused: claims_.tell(key, "turned-down", news); break;
      case msg::Ruling::pending: break;
    }
  }
}

/// DecideBy is the Host's time: the Vendor only takes from it how long it is to wait (QP-ADD-27).
void VendorDispute::start_decide_by(Turn& turn) {
  const auto* answer = turn.get<SettleWithHostResponse>();
  const auto sent = answer ? parse_time(answer->head.sent_at.value_or("")) : std::nullopt;
  std::int64_t wait = 0;
  for (const msg::Verdict& one : answer && answer->body.verdicts ? answer->body.verdicts->verdict : std::vector<msg::Verdict>{}) {
    const auto by = parse_time(one.decide_by.value_or(""));
    if (by && sent) wait = std::max(wait, *by - *sent);
  }
  stage_.start(turn, "DecideBy", after_deadline(stage_.facts.now_ms + wait));
}

void VendorDispute::return_claims(Turn& turn) {
  const auto asked = case_of(turn);
  if (!asked) return;
  for (const msg::CaseItem& item : asked->item) {
    const std::string key = order_key(item.order_ref);
    const auto claim = stage_.store.find(claims_.table().id, key);
    if (claim && field(*claim, "dispute") == turn.key()) claims_.tell(key, "returned");
  }
}

}  // namespace quickpay::roles
