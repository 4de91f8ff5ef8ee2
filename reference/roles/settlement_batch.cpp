// Batches of a Vendor.
#include <algorithm>

#include "reference/codec/reader.hpp"
#include "reference/crypto/hash.hpp"
#include "reference/roles/fields.hpp"
#include "reference/roles/role.hpp"
#include "reference/roles/settlement_money.hpp"
#include "reference/roles/settlement_vendor.hpp"
#include "reference/roles/times.hpp"
#include "statemachines/settlement/generated/vendor_batch.hpp"
#include "statemachines/settlement/generated/vendor_claim.hpp"
#include "statemachines/settlement/generated/vendor_dispute.hpp"

namespace quickpay::roles {
namespace {

namespace claims = statemachines::vendor_claim;
namespace disputes = statemachines::vendor_dispute;
namespace batches = statemachines::vendor_batch;
using msg::batch::SettleWithBroker;
using msg::batch::SettleWithBrokerResponse;

constexpr std::string_view kServedProtocol = "settlement";
constexpr char kBehindGroup = '~';  // greater than every character of an OrderId

/// "B7/USD/" of "B7/USD/order-1"; empty if it is none.
std::string group_of(const std::string& key) {
  const std::size_t first = key.find('/');
  const std::size_t second = first == std::string::npos ? first : key.find('/', first + 1);
  return second == std::string::npos ? std::string{} : key.substr(0, second + 1);
}

std::string group_of(const ledger::Record& batch) {
  return std::string(field(batch, "broker")) + "/" + std::string(field(batch, "currency")) + "/";
}

/// Whether accepted and refused items are together those of the claim, each once, in their order.
bool answers_all(const msg::Claim& claim, const msg::Settlement& settlement) {
  std::size_t accepted = 0, refused = 0;
  for (const msg::ClaimItem& item : claim.item) {
    const msg::OrderRef& ref = item.order_ref;
    const msg::Accepted* yes = accepted < settlement.accepted.size() ? &settlement.accepted[accepted] : nullptr;
    const msg::Refused* no = refused < settlement.refused.size() ? &settlement.refused[refused] : nullptr;
    if (yes && yes->order_id == ref.order_id && yes->amount == ref.amount) {
      ++accepted;
    } else if (no && no->order_id == ref.order_id && no->digest == ref.digest) {
      ++refused;
    } else {
      return false;
    }
  }
  return accepted == settlement.accepted.size() && refused == settlement.refused.size();
}

}  // namespace

bool VendorBatch::holds(std::uint8_t predicate, const Turn& turn) {
  switch (static_cast<batches::Predicate>(predicate)) {
    case batches::Predicate::batch_due: return batch_due(turn);
    case batches::Predicate::settlement_right: return settlement_right(turn);
    // who cannot sign a case has not tried for long enough: it goes on asking until it can
    case batches::Predicate::broker_unreachable: return can_sign() && broker_unreachable(turn);
  }
  return false;
}

bool VendorBatch::batch_due(const Turn& turn) const {
  const std::string group = group_of(turn.record);
  const auto waiting = stage_.store.list(kClaimableMachine, group, 1);
  const auto last = stage_.store.find(kLastBatchMachine, group);
  const std::int64_t pause = stage_.facts.spans.batch_pause * 1000;
  const bool rested = !last || stage_.facts.now_ms - number(*last, "began_ms").value_or(0) >= pause;
  return !waiting.empty() && waiting.front().key.starts_with(group) && rested;
}

/// The claim that the call asked for.
std::optional<msg::Claim> VendorBatch::claim_of(const Turn& turn) const {
  SettleWithBroker request;
  const auto& type = *msg::batch::kSettleWithBrokerMessage.request;
  if (!turn.call || !codec::read_document(turn.call->body, type, &request)) return std::nullopt;
  return std::move(request.body.claim);
}

bool VendorBatch::settlement_right(const Turn& turn) const {
  const auto* answer = turn.get<SettleWithBrokerResponse>();
  const auto claim = answer && answer->body.settlement ? claim_of(turn) : std::nullopt;
  if (!claim) return false;
  const msg::Settlement& given = *answer->body.settlement;
  const bool of_claim = given.broker == claim->broker && given.vendor == claim->vendor &&
                        given.batch_id == claim->batch_id && given.currency == claim->currency &&
                        given.batch_digest == crypto::digest("batch-claim", "Claim", msg::kClaimType, &*claim, "Sig");
  if (!of_claim || !answers_all(*claim, given) || !adds_up(given)) return false;
  const std::int64_t made = parse_time(given.settled_at).value_or(0);
  return signatures_.fault({"broker", claim->broker, "batch-settlement", made, {}}, "Settlement", msg::kSettlementType, given)
      .empty();
}

bool VendorBatch::broker_unreachable(const Turn& turn) const {
  const Spans& spans = stage_.facts.spans;
  const std::int64_t first = number(turn.record, "first_try").value_or(stage_.facts.now_ms);
  return turn.call && turn.call->attempts >= spans.broker_tries && stage_.facts.now_ms - first >= spans.broker * 1000;
}

void VendorBatch::apply(statemachines::EffectId effect, Turn& turn) {
  switch (static_cast<batches::Effect>(effect)) {
    case batches::Effect::perform_make_batch: return make_batch(turn);
    case batches::Effect::send_SettleWithBroker: return send(turn);
    case batches::Effect::perform_book_settlement: return book_settlement(turn);
    case batches::Effect::perform_keep_evidence:
      if (const auto* answer = turn.get<SettleWithBrokerResponse>(); answer && answer->body.settlement) {
        keep(turn.record, "Settlement", msg::kSettlementType, *answer->body.settlement);
      }
      return;
    case batches::Effect::perform_go_to_host: return go_to_host(turn);
    case batches::Effect::perform_return_claims: return return_claims(turn);
    case batches::Effect::refuse:
    case batches::Effect::alarm:
    case batches::Effect::retry:
    case batches::Effect::ignore: return stage_.common(effect, turn);
  }
}

bool VendorBatch::run_group(const std::string& group) {
  Turn turn = stage_.open(*this, stage_.facts.fresh_id());
  turn.record.fields["broker"] = group.substr(0, group.find('/'));
  turn.record.fields["currency"] = group.substr(group.find('/') + 1, group.size() - group.find('/') - 2);
  stage_.run(turn, "run");
  return !turn.refused;
}

/// Whether the batch has, or has room for, the Approval that the claim rests on.
bool VendorBatch::bring_approval(const ledger::Record& claim, msg::Claim& batch) const {
  const std::string id(field(claim, "approval"));
  if (id.empty()) return true;
  std::size_t approved = 0;
  for (const msg::Approval& there : batch.approval) {
    if (there.batch_id == id) return true;
    approved += there.approved.size();
  }
  const auto kept = stage_.store.find(kApprovalMachine, id);
  auto approval = kept ? recall<msg::Approval>(*kept, "Approval", msg::kApprovalType) : std::nullopt;
  if (!approval || batch.approval.size() >= kMaxApprovals || approved + approval->approved.size() > kMaxApproved) return false;
  batch.approval.push_back(std::move(*approval));
  return true;
}

void VendorBatch::make_batch(Turn& turn) {
  const std::string group = group_of(turn.record);
  msg::Claim batch;
  batch.batch_id = turn.key();
  batch.vendor = stage_.facts.config.id;
  batch.broker = field(turn.record, "broker");
  batch.currency = field(turn.record, "currency");
  std::size_t proven = 0;
  for (const ledger::Record& waiting : stage_.store.list(kClaimableMachine, group, kMaxBatchItems)) {
    const auto claim = stage_.store.find(claims_.table().id, field(waiting, "claim"));
    const auto ref = claim ? recall<msg::OrderRef>(*claim, "OrderRef", msg::kOrderRefType) : std::nullopt;
    if (!waiting.key.starts_with(group)) break;
    const auto total = ref ? add_sums(batch.total, ref->amount) : std::nullopt;
    const bool has_room = ref && (ref->kind == msg::Kind::micro || proven < kMaxProvenItems);
    if (!total || !has_room || !bring_approval(*claim, batch)) continue;  // it waits for the next batch
    batch.total = *total;
    proven += ref->kind == msg::Kind::regular ? 1 : 0;
    batch.item.push_back({*ref, std::string(field(*claim, "commit_id")),
                          recall<msg::Commitment>(*claim, "Commitment", msg::kCommitmentType)});
    claims_.tell(claim->key, "batched", {{}, turn.key(), {}});
  }
  batch.count = static_cast<std::int64_t>(batch.item.size());
  ledger::Record last{std::string(kLastBatchMachine), group, "BEGAN", {}, {}};
  set_number(last, "began_ms", stage_.facts.now_ms);
  stage_.store.put(last);
  set_number(turn.record, "first_try", stage_.facts.now_ms);
  made_ = std::move(batch);
}

void VendorBatch::send(Turn& turn) {
  const MessageOps* ops = ops_of(msg::batch::kSettleWithBrokerMessage);
  if (!ops || !made_) return;
  Document<SettleWithBroker> request;
  request.value.head = stage_.outbox.new_head(*ops, made_->broker);
  request.value.body.claim = std::move(*made_);
  made_.reset();
  if (!signatures_.sign("batch-claim", "Claim", msg::kClaimType, request.value.body.claim)) {
    return stage_.store.corrupt("claim " + turn.key() + " cannot be signed");
  }
  stage_.outbox.send(turn.record.machine, turn.key(), *ops, request, {false, stage_.facts.spans.call_batch, 0});
}

void VendorBatch::book_settlement(Turn& turn) {
  const auto* answer = turn.get<SettleWithBrokerResponse>();
  const auto claim = claim_of(turn);
  if (!answer || !answer->body.settlement || !claim) return;
  const msg::Settlement& settlement = *answer->body.settlement;
  Grievance grievance{claim->broker, {}, settlement, {}, false};
  auto refused = settlement.refused.begin();
  for (const msg::ClaimItem& item : claim->item) {
    const std::string key = order_key(item.order_ref);
    const bool is_refused = refused != settlement.refused.end() && refused->order_id == item.order_ref.order_id;
    if (!is_refused) {
      claims_.tell(key, "accepted");
    } else if (claims_.tell(key, "refused", {(refused++)->code, {}, {}})) {
      grievance.claims.push_back(key);
    }
  }
  enter(settlement);
  disputes_.open(grievance);
}

/// What the Broker has signed to pay, for the Vendor's books.
void VendorBatch::enter(const msg::Settlement& settlement) {
  const std::string key = settlement.broker + "/" + settlement.currency;
  ledger::Record income{std::string(kIncomeMachine), key, "OPEN", {}, {}};
  if (auto found = stage_.store.find(kIncomeMachine, key)) income = std::move(*found);
  const auto grow = [&](const char* name, std::int64_t by) {
    const auto sum = add_sums(number(income, name).value_or(0), by);
    if (!sum) return stage_.store.corrupt("income " + key + " does not fit");
    set_number(income, name, *sum);
  };
  grow("accepted", settlement.accepted_total);
  grow("commission", settlement.commission_total);
  grow("deducted", settlement.deduction_total);
  grow("net", settlement.net_total);
  set_number(income, "carried", settlement.carried_debit);
  stage_.store.put(income);
}

void VendorBatch::go_to_host(Turn& turn) {
  const auto claim = claim_of(turn);
  if (!claim) return;
  const std::int64_t first = number(turn.record, "first_try").value_or(stage_.facts.now_ms);
  const msg::Unreachable tried{format_time(first), format_time(stage_.facts.now_ms), turn.call->attempts};
  Grievance grievance{claim->broker, {}, {}, tried, false};
  for (const msg::ClaimItem& item : claim->item) {
    const std::string key = order_key(item.order_ref);
    if (claims_.tell(key, "unanswered")) grievance.claims.push_back(key);
  }
  disputes_.open(grievance);
}

void VendorBatch::return_claims(Turn& turn) {
  const auto claim = claim_of(turn);
  if (!claim) return;
  for (const msg::ClaimItem& item : claim->item) claims_.tell(order_key(item.order_ref), "returned");
}

// ---------------------------------------------------------------- all three
VendorSettlement::VendorSettlement(Stage& stage, VendorRevokes& revokes)
    : stage_(stage),
      claims_(machine_for(stage.facts.config, claims::table(), claims::make_msm()), stage),
      disputes_(machine_for(stage.facts.config, disputes::table(), disputes::make_msm()), stage, claims_, revokes),
      batches_(machine_for(stage.facts.config, batches::table(), batches::make_msm()), stage, claims_, disputes_) {
  claims_.set_disputes(disputes_);
  stage.add(claims_);
  stage.add(disputes_);
  stage.add(batches_);
  if (!serves(stage.facts.config, kServedProtocol)) return;
  for (const auto& [port, event] : {std::pair{"claim", "delivered"}, {"give-up", "given-up"}, {"take-back", "taken-back"}}) {
    stage.connect(port, std::string(claims_.table().id), event);
  }
}

tl::expected<std::size_t, Refusal> VendorSettlement::run() {
  if (!serves(stage_.facts.config, kServedProtocol)) return tl::unexpected(Refusal{"not-served"});
  if (!batches_.can_sign()) return tl::unexpected(Refusal{"no-signing-key"});
  stage_.fire_due();  // claims whose time is over wait no more
  std::size_t made = 0;
  std::string after;
  for (int groups = 0; groups < kMaxBatchGroups; ++groups) {
    const auto next = stage_.store.list(kClaimableMachine, after, 1);
    const std::string group = next.empty() ? "" : group_of(next.front().key);
    if (group.empty()) break;
    made += batches_.run_group(group) ? 1 : 0;
    after = group + kBehindGroup;
  }
  return made;
}

}  // namespace quickpay::roles
