#include "reference/roles/settlement_host.hpp"

#include <algorithm>

#include "reference/codec/generated/protocol.hpp"
#include "reference/crypto/hash.hpp"
#include "reference/roles/fields.hpp"
#include "reference/roles/times.hpp"
#include "statemachines/settlement/generated/host_hearing.hpp"
#include "statemachines/settlement/generated/host_verdict.hpp"

namespace quickpay::roles {
namespace {

namespace hearings = statemachines::host_hearing;
namespace verdicts = statemachines::host_verdict;
using msg::batch::SettleWithHost;

std::string case_digest(const msg::HostCase& brought) {
  return crypto::digest("host-case", "HostCase", msg::kHostCaseType, &brought, "Sig");
}

}  // namespace

bool HostHearing::holds(std::uint8_t predicate, const Turn& turn) {
  const auto* request = turn.get<SettleWithHost>();
  if (!request) return false;
  const msg::HostCase& brought = request->body.host_case;
  const NodeConfig& config = stage_.facts.config;
  const auto all_items = [&](const auto& test) { return std::all_of(brought.item.begin(), brought.item.end(), test); };
  switch (static_cast<hearings::Predicate>(predicate)) {
    case hearings::Predicate::vendor_is_sender:
      return request->head.sender == brought.vendor &&
             all_items([&](const auto& item) { return item.order_ref.vendor == brought.vendor; });
    case hearings::Predicate::host_is_receiver: return brought.host == config.id;
    case hearings::Predicate::keys_right: return fault_ != protocol::QP_E_KEY;
    case hearings::Predicate::signatures_right: return fault_.empty();
    case hearings::Predicate::settlements_fit:
      return std::all_of(brought.settlement.begin(), brought.settlement.end(), [&](const msg::Settlement& each) {
        return each.broker == brought.broker && each.vendor == brought.vendor;
      });
    case hearings::Predicate::items_in_order:
      return std::adjacent_find(brought.item.begin(), brought.item.end(), [](const auto& a, const auto& b) {
               return a.order_ref.order_id >= b.order_ref.order_id;
             }) == brought.item.end();
    case hearings::Predicate::too_many: return static_cast<std::int64_t>(brought.item.size()) > config.max_batch;
    case hearings::Predicate::broker_issued: {
      const Lookup broker = stage_.facts.directory.find(brought.broker);
      return broker.found == Found::known && broker.player->role == "broker";
    }
    case hearings::Predicate::same_case: return field(turn.record, "case") == case_digest(brought);
  }
  return false;
}

/// The case's signature first, then those of its settlements; a bad key of any of them wins over a bad signature.
std::string_view HostHearing::fault_of(const msg::HostCase& brought) const {
  std::string_view worst = signatures_.fault({"vendor", brought.vendor, "host-case", stage_.facts.now_ms, {}}, "HostCase",
                                             msg::kHostCaseType, brought);
  for (const msg::Settlement& settlement : brought.settlement) {
    const std::int64_t made = parse_time(settlement.settled_at).value_or(0);
    const std::string_view found = signatures_.fault({"broker", brought.broker, "batch-settlement", made, {}}, "Settlement",
                                                     msg::kSettlementType, settlement);
    if (found == protocol::QP_E_BUSY || worst == protocol::QP_E_BUSY) return protocol::QP_E_BUSY;
    if (worst.empty() || found == protocol::QP_E_KEY) worst = found;
  }
  const bool proofs = std::any_of(brought.item.begin(), brought.item.end(), [](const auto& item) { return item.commitment.has_value(); });
  const bool broker_at_hand = stage_.facts.directory.find(brought.broker).found != Found::unavailable;
  return proofs && !broker_at_hand ? protocol::QP_E_BUSY : worst;
}

void HostHearing::serve(const msg::HostCase& brought, Request& request) {
  fault_ = fault_of(brought);
  if (fault_ == protocol::QP_E_BUSY) return stage_.answers.give(request, protocol::QP_E_BUSY, {});
  if (!signatures_.can_sign()) return;  // and the node says that something is wrong here
  stage_.serve(*this, brought.vendor + "/" + brought.batch_id, request);
}

void HostHearing::apply(statemachines::EffectId effect, Turn& turn) {
  switch (static_cast<hearings::Effect>(effect)) {
    case hearings::Effect::perform_hear: return hear(turn);
    case hearings::Effect::reply_QP_OK:
    case hearings::Effect::reply_QP_E_FORBIDDEN:
    case hearings::Effect::reply_QP_E_RECEIVER:
    case hearings::Effect::reply_QP_E_KEY:
    case hearings::Effect::reply_QP_E_SIGNATURE:
    case hearings::Effect::reply_QP_E_MISMATCH:
    case hearings::Effect::reply_QP_E_TOTAL:
    case hearings::Effect::reply_QP_E_TOO_MANY:
    case hearings::Effect::reply_QP_E_BROKER:
    case hearings::Effect::reply_QP_E_CONFLICT: return stage_.common(effect, turn);
  }
}

/// What was said before is said again to the letter where nothing has changed.
void HostHearing::hear(Turn& turn) {
  const auto* request = turn.get<SettleWithHost>();
  if (!request) return;
  const msg::HostCase& brought = request->body.host_case;
  msg::Verdicts said;
  said.host = stage_.facts.config.id;
  said.vendor = brought.vendor;
  said.broker = brought.broker;
  said.batch_id = brought.batch_id;
  for (const msg::CaseItem& item : brought.item) said.verdict.push_back(verdicts_.judge(brought, item));
  turn.record.fields["case"] = case_digest(brought);
  const auto before = recall<msg::Verdicts>(turn.record, "Verdicts", msg::kVerdictsType);
  if (before && before->verdict == said.verdict) return;
  const bool signed_all = signatures_.sign("host-verdicts", "Verdicts", msg::kVerdictsType, said) &&
                          approve(brought, said, turn.record);
  if (!signed_all) return stage_.store.corrupt("verdicts " + turn.key() + " cannot be signed");
  keep(turn.record, "Verdicts", msg::kVerdictsType, said);
}

bool HostHearing::approve(const msg::HostCase& brought, const msg::Verdicts& said, ledger::Record& record) {
  msg::Approval approval{said.host, said.vendor, said.broker, said.batch_id, {}, format_time(stage_.facts.now_ms), {}};
  for (std::size_t i = 0; i < brought.item.size(); ++i) {
    if (said.verdict[i].decision != msg::Ruling::approve) continue;
    const msg::OrderRef& ref = brought.item[i].order_ref;
    approval.approved.push_back({ref.order_id, ref.digest, ref.amount});
  }
  const auto before = recall<msg::Approval>(record, "Approval", msg::kApprovalType);
  const bool same = before ? before->approved == approval.approved : approval.approved.empty();
  if (same) return true;
  if (!signatures_.sign("host-approval", "Approval", msg::kApprovalType, approval)) return false;
  keep(record, "Approval", msg::kApprovalType, approval);
  return true;
}

void HostHearing::fill(const ledger::Record& record, const AnyDocument*, AnyDocument& response) {
  auto* answer = as<msg::batch::SettleWithHostResponse>(&response);
  if (!answer) return;
  answer->body.verdicts = recall<msg::Verdicts>(record, "Verdicts", msg::kVerdictsType);
  answer->body.approval = recall<msg::Approval>(record, "Approval", msg::kApprovalType);
}

// ---------------------------------------------------------------- both
HostSettlement::HostSettlement(Stage& stage, HostRevokes& revokes, HostPurchases& purchases)
    : verdicts_(machine_for(stage.facts.config, verdicts::table(), verdicts::make_msm()), stage, revokes, purchases),
      hearings_(machine_for(stage.facts.config, hearings::table(), hearings::make_msm()), stage, verdicts_) {
  stage.add(verdicts_);
  stage.add(hearings_);
}

bool HostSettlement::serve(Request& request) {
  const auto* brought = as<SettleWithHost>(request.document.get());
  if (brought) hearings_.serve(brought->body.host_case, request);
  return brought != nullptr;
}

}  // namespace quickpay::roles
