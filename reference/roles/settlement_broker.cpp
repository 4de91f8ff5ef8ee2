#include "reference/roles/settlement_broker.hpp"

#include <algorithm>

#include "reference/codec/generated/protocol.hpp"
#include "reference/crypto/hash.hpp"
#include "reference/roles/deviation.hpp"
#include "reference/roles/fields.hpp"
#include "reference/roles/role.hpp"
#include "reference/roles/settlement_money.hpp"
#include "reference/roles/times.hpp"
#include "statemachines/micropayment/generated/broker_order.hpp"
#include "statemachines/settlement/generated/broker_batch.hpp"
#include "statemachines/settlement/generated/broker_debt.hpp"

namespace quickpay::roles {
namespace {

namespace debts = statemachines::broker_debt;
namespace batches = statemachines::broker_batch;
using msg::batch::SettleWithBroker;

constexpr std::string_view kServedProtocol = "settlement";
const std::string kRate = "commission_bp";  // field of a debt: what the Broker kept when it committed

std::string claim_digest(const msg::Claim& claim) {
  return crypto::digest("batch-claim", "Claim", msg::kClaimType, &claim, "Sig");
}

/// The record with its number `name` grown by `by`; what does not fit spoils the ledger rather than an account.
void grow(Store& store, ledger::Record& record, const std::string& name, std::int64_t by) {
  const auto sum = add(number(record, name).value_or(0), by);
  if (!sum || *sum < 0) return store.corrupt("book " + record.key + " cannot take " + name);
  set_number(record, name, *sum);
}

ledger::Record book_of(Store& store, std::string_view machine, const std::string& key) {
  if (auto found = store.find(machine, key)) return std::move(*found);
  return {std::string(machine), key, "OPEN", {}, {}};
}

std::string vendor_book_key(const msg::Settlement& s) { return s.vendor + "/" + s.currency; }

}  // namespace

std::string debt_key(msg::Kind kind, std::string_view vendor, std::string_view order_id) {
  msg::OrderRef ref;
  ref.kind = kind;
  ref.vendor = vendor;
  ref.order_id = order_id;
  return order_key(ref);
}

bool balances(const ledger::Record& book) {
  const auto of = [&](const char* name) { return number(book, name).value_or(0); };
  const auto in = add(of("debited"), -of("refunded"));
  const auto vendors = add(of("payable"), -of("deducted"));
  const auto kept = add(of("commission"), -of("reversed"));
  const auto out = vendors && kept ? add(*vendors, *kept) : std::nullopt;
  return in && out && *in == *out;
}

// ---------------------------------------------------------------- one order
bool BrokerDebt::holds(std::uint8_t predicate, const Turn& turn) {
  switch (static_cast<debts::Predicate>(predicate)) {
    case debts::Predicate::currency_fits:
      return dealing_ && dealing_->item.order_ref.currency == dealing_->claim.currency;
    case debts::Predicate::approved: return approved();
    case debts::Predicate::order_known: return order_of(turn.key()).has_value();
    case debts::Predicate::proof_missing:
      return dealing_ && dealing_->item.order_ref.kind == msg::Kind::regular && !dealing_->item.commitment;
    case debts::Predicate::proof_key_right: return dealing_ && dealing_->fault != protocol::QP_E_KEY;
    case debts::Predicate::proof_right: return dealing_ && dealing_->fault.empty();
    case debts::Predicate::proven: return proven();
    case debts::Predicate::proof_over: return proof_over();
    case debts::Predicate::terms_equal: return terms_equal(turn);
    case debts::Predicate::outages_left:
      return settle_due_ms(turn.record) > number(turn.record, "settle_due").value_or(0);
    case debts::Predicate::revoke_held: return revokes_.held(turn.key());
  }
  return false;
}

bool BrokerDebt::approved() const {
  if (!dealing_) return false;
  const msg::OrderRef& ref = dealing_->item.order_ref;
  return std::any_of(dealing_->claim.approval.begin(), dealing_->claim.approval.end(), [&](const msg::Approval& approval) {
    const auto& sorted = approval.approved;
    const auto at = std::lower_bound(sorted.begin(), sorted.end(), ref.order_id,
                                     [](const msg::Approved& one, const std::string& id) { return one.order_id < id; });
    return at != sorted.end() && at->order_id == ref.order_id && at->digest == ref.digest && at->amount == ref.amount;
  });
}

std::optional<ledger::Record> BrokerDebt::order_of(std::string_view key) {
  if (auto committed = regular_.order_of(key)) return committed;
  return stage_.store.find(statemachines::broker_order::table().id, key);
}

bool BrokerDebt::proven() const {
  return dealing_ && dealing_->item.order_ref.kind == msg::Kind::regular && dealing_->item.commitment &&
         dealing_->fault.empty();
}

/// ClaimBy of an own Commitment moves by the outages since, as that of a debt on record does.
bool BrokerDebt::proof_over() {
  if (!dealing_ || !dealing_->item.commitment) return false;
  const auto committed_at = parse_time(dealing_->item.commitment->committed_at);
  const auto claim_by = parse_time(dealing_->item.commitment->claim_by);
  const std::int64_t now = stage_.facts.now_ms;
  return !committed_at || !claim_by || now >= after_deadline(*claim_by + outages_.between(*committed_at, now));
}

/// An own signature is as old as the record of the debt that was made with it.
std::string_view BrokerDebt::fault_of(const ledger::Record& record, const msg::Commitment& commitment) const {
  const std::int64_t made = parse_time(commitment.committed_at).value_or(0);
  const Signer signer{"broker", stage_.facts.config.id, "commitment", made, number(record, "committed_ms")};
  return signatures_.fault(signer, "Commitment", msg::kCommitmentType, commitment);
}

/// With the debt, once there is one; before, with the order as it was endorsed; and with the Broker's own Commitment.
bool BrokerDebt::terms_equal(const Turn& turn) {
  if (!dealing_) return false;
  const msg::ClaimItem& item = dealing_->item;
  const auto& proof = item.commitment;
  if (proof && (proof->broker != stage_.facts.config.id || proof->order_ref != item.order_ref || proof->commit_id != item.commit_id)) {
    return false;
  }
  const bool owed = has_field(turn.record, "OrderRef");
  const auto source = owed ? std::optional(turn.record) : order_of(turn.key());
  const auto ref = source ? recall<msg::OrderRef>(*source, "OrderRef", msg::kOrderRefType) : std::nullopt;
  const bool same_commit = !source || !has_field(*source, "commit_id") ||
                           field(*source, "commit_id") == item.commit_id;
  return source ? ref && *ref == item.order_ref && same_commit : proven();
}

std::int64_t BrokerDebt::settle_due_ms(const ledger::Record& record) {
  const std::int64_t from = number(record, "committed_ms").value_or(stage_.facts.now_ms);
  const std::int64_t settle_by = parse_time(field(record, "settle_by")).value_or(stage_.facts.now_ms);
  return settle_by + outages_.between(from, stage_.facts.now_ms) + revokes_.held_ms(record.key);
}

void BrokerDebt::apply(statemachines::EffectId effect, Turn& turn) {
  switch (static_cast<debts::Effect>(effect)) {
    case debts::Effect::perform_take_over: return take_over(turn);
    case debts::Effect::perform_book: return book(turn, true);
    case debts::Effect::perform_book_approved: return book(turn, false);
    case debts::Effect::perform_release: return fall_back(turn.record);
    case debts::Effect::perform_undo_commitment: return fall_back(turn.origin ? *turn.origin : turn.record);
    case debts::Effect::perform_refuse_currency: return refuse(protocol::QP_E_CURRENCY);
    case debts::Effect::perform_refuse_unknown: return refuse(protocol::QP_E_UNKNOWN_ORDER);
    case debts::Effect::perform_refuse_mismatch: return refuse(protocol::QP_E_MISMATCH);
    case debts::Effect::perform_refuse_uncommitted: return refuse(protocol::QP_E_NO_COMMIT);
    case debts::Effect::perform_refuse_expired: return refuse(protocol::QP_E_SETTLE_EXPIRED);
    case debts::Effect::perform_refuse_key: return refuse(protocol::QP_E_KEY);
    case debts::Effect::perform_refuse_signature: return refuse(protocol::QP_E_SIGNATURE);
    case debts::Effect::perform_refuse_pending: return refuse(protocol::QP_E_PENDING);
    case debts::Effect::perform_refuse_revoked: return refuse(protocol::QP_E_REVOKED);
    case debts::Effect::perform_refund: return refund(turn);
    case debts::Effect::perform_refuse_settled:
      return refuse(protocol::QP_E_ALREADY_SETTLED, std::string(field(turn.record, "batch_id")));
    case debts::Effect::start_SettleBy: {
      const std::int64_t due = settle_due_ms(turn.record);
      set_number(turn.record, "settle_due", due);
      return stage_.start(turn, "SettleBy", after_deadline(due));
    }
    case debts::Effect::stop_SettleBy:
    case debts::Effect::ignore: return stage_.common(effect, turn);
  }
}

void BrokerDebt::take_over(Turn& turn) {
  if (!turn.origin) return;
  for (const char* name : {"OrderRef", "commit_id", "settle_by", "account"}) {
    if (has_field(*turn.origin, name)) turn.record.fields[name] = field(*turn.origin, name);
  }
  const auto committed = parse_time(field(*turn.origin, "committed_at"));
  set_number(turn.record, "committed_ms", committed.value_or(stage_.facts.now_ms));
  set_number(turn.record, kRate, stage_.facts.config.commission_bp);  // what is agreed later counts for later orders
}

void BrokerDebt::book(Turn& turn, bool committed) {
  if (!dealing_) return;
  const msg::OrderRef& ref = dealing_->item.order_ref;
  const std::int64_t rate_bp = number(turn.record, kRate).value_or(stage_.facts.config.commission_bp);
  const std::int64_t commission = share(ref.amount, rate_bp);
  debit(turn, committed);
  keep(turn.record, "OrderRef", msg::kOrderRefType, ref);
  turn.record.fields["batch_id"] = dealing_->claim.batch_id;
  set_number(turn.record, "commission", commission);
  dealing_->settlement.accepted.push_back({ref.order_id, ref.amount, commission});
}

/// Whose money it is: the account's, if the Broker knows it and it can bear it, otherwise the Broker's own.
void BrokerDebt::debit(Turn& turn, bool committed) {
  const std::int64_t amount = dealing_->item.order_ref.amount;
  const std::string committed_by(field(turn.record, "account"));
  if (committed) return accounts_.debit(committed_by, amount);
  const auto order = order_of(turn.key());
  const std::string id(order ? field(*order, "account") : std::string_view{});
  const auto account = accounts_.find(id);
  const bool bears = account && account->currency == dealing_->claim.currency && accounts_.suffices(*account, amount);
  turn.record.fields["account"] = bears ? id : "";
  if (bears) accounts_.debit_uncommitted(id, amount);
}

/// What the order had committed goes back to its account.
void BrokerDebt::fall_back(const ledger::Record& from) {
  const auto ref = recall<msg::OrderRef>(from, "OrderRef", msg::kOrderRefType);
  if (ref) accounts_.uncommit(field(from, "account"), ref->amount);
}

/// A deliberately broken implementation keeps the commission of what was taken back.
bool BrokerDebt::gives_up_commission() const {
  Deviation* deviation = stage_.facts.config.deviation;
  return !deviation || deviation->override_predicate(table().id, "gives_up_commission", true);
}

/// The customer has the money back at once; the Vendor gives it with its next settlement, less the commission, which
/// nobody keeps (QP-RV-008, QP-RV-013). Orders are deducted one by one, whatever RevokeId they were revoked under.
void BrokerDebt::refund(Turn& turn) {
  const auto ref = recall<msg::OrderRef>(turn.record, "OrderRef", msg::kOrderRefType);
  if (!ref) return;
  const std::int64_t reversed = gives_up_commission() ? number(turn.record, "commission").value_or(0) : 0;
  accounts_.refund(field(turn.record, "account"), ref->amount);
  ledger::Record left{std::string(kDeductionMachine), ref->vendor + "/" + ref->currency + "/" + ref->order_id, "OPEN", {}, {}};
  left.fields["revoke_id"] = turn.origin ? field(*turn.origin, "revoke_id") : "";
  left.fields["order_id"] = ref->order_id;
  set_number(left, "amount", ref->amount);
  set_number(left, "reversed", reversed);
  stage_.store.put(left);
  ledger::Record book = book_of(stage_.store, kBookMachine, ref->currency);
  grow(stage_.store, book, "refunded", ref->amount);
  grow(stage_.store, book, "deducted", ref->amount - reversed);
  grow(stage_.store, book, "reversed", reversed);
  if (!balances(book)) return stage_.store.corrupt("book " + ref->currency + " does not balance");
  stage_.store.put(book);
}

void BrokerDebt::refuse(std::string_view code, std::string first_batch) {
  if (!dealing_) return;
  const msg::OrderRef& ref = dealing_->item.order_ref;
  msg::Refused refused{ref.order_id, ref.digest, std::string(code), std::nullopt};
  if (!first_batch.empty()) refused.first_batch = std::move(first_batch);
  dealing_->settlement.refused.push_back(std::move(refused));
}

void BrokerDebt::settle(const msg::Claim& claim, const msg::ClaimItem& item, msg::Settlement& settlement) {
  Turn turn = stage_.open(*this, order_key(item.order_ref));
  Dealing dealing{claim, item, settlement};
  if (item.commitment) dealing.fault = fault_of(turn.record, *item.commitment);
  dealing_ = &dealing;
  stage_.run(turn, "item");
  dealing_ = nullptr;
}

/// A Settlement does not say of which Kind an order is; the debt that its batch settled is the one.
void BrokerDebt::paid(const msg::Settlement& settlement, const std::string& order_id) {
  for (const msg::Kind kind : {msg::Kind::micro, msg::Kind::regular}) {
    Turn turn = stage_.open(*this, debt_key(kind, settlement.vendor, order_id));
    if (turn.existed && field(turn.record, "batch_id") == settlement.batch_id) stage_.run(turn, "paid");
  }
}

// ---------------------------------------------------------------- one batch
bool BrokerBatch::holds(std::uint8_t predicate, const Turn& turn) {
  const auto* request = turn.get<SettleWithBroker>();
  if (!request) return false;
  const msg::Claim& claim = request->body.claim;
  const NodeConfig& config = stage_.facts.config;
  switch (static_cast<batches::Predicate>(predicate)) {
    case batches::Predicate::vendor_is_sender: {
      const std::string sender = request->head.sender.value_or("");
      return claim.vendor == sender && std::all_of(claim.item.begin(), claim.item.end(), [&](const auto& item) {
               return item.order_ref.vendor == sender;
             });
    }
    case batches::Predicate::broker_is_receiver: return claim.broker == config.id;
    case batches::Predicate::keys_right: return fault_ != protocol::QP_E_KEY;
    case batches::Predicate::signatures_right: return fault_.empty();
    case batches::Predicate::approvals_fit:
      return std::all_of(claim.approval.begin(), claim.approval.end(), [&](const msg::Approval& approval) {
        return approval.host == config.host && approval.vendor == claim.vendor && approval.broker == config.id;
      });
    case batches::Predicate::totals_right: return adds_up(claim);
    case batches::Predicate::too_many: return static_cast<std::int64_t>(claim.item.size()) > config.max_batch;
    case batches::Predicate::currency_active: return stage_.facts.currency_active(claim.currency);
    case batches::Predicate::same_claim: return field(turn.record, "claim") == claim_digest(claim);
  }
  return false;
}

/// The claim's signature first, then those of its approvals; a bad key of any of them wins over a bad signature.
std::string_view BrokerBatch::fault_of(const msg::Claim& claim) const {
  std::string_view worst = signatures_.fault({"vendor", claim.vendor, "batch-claim", stage_.facts.now_ms, {}}, "Claim",
                                             msg::kClaimType, claim);
  for (const msg::Approval& approval : claim.approval) {
    const std::int64_t made = parse_time(approval.approved_at).value_or(0);
    const std::string_view found = signatures_.fault({"host", stage_.facts.config.host, "host-approval", made, {}},
                                                     "Approval", msg::kApprovalType, approval);
    if (found == protocol::QP_E_BUSY || worst == protocol::QP_E_BUSY) return protocol::QP_E_BUSY;
    if (worst.empty() || found == protocol::QP_E_KEY) worst = found;
  }
  const bool proofs = std::any_of(claim.item.begin(), claim.item.end(), [](const auto& item) { return item.commitment.has_value(); });
  const bool own_keys_known = stage_.facts.directory.find(stage_.facts.config.id).found != Found::unavailable;
  return proofs && !own_keys_known ? protocol::QP_E_BUSY : worst;
}

void BrokerBatch::serve(const msg::Claim& claim, Request& request) {
  fault_ = fault_of(claim);
  if (fault_ == protocol::QP_E_BUSY) return stage_.answers.give(request, protocol::QP_E_BUSY, {});
  if (!signatures_.can_sign()) return;  // and the node says that something is wrong here
  stage_.serve(*this, claim.vendor + "/" + claim.batch_id, request);
}

void BrokerBatch::apply(statemachines::EffectId effect, Turn& turn) {
  switch (static_cast<batches::Effect>(effect)) {
    case batches::Effect::perform_settle: return settle(turn);
    case batches::Effect::perform_pay_out: return pay_out(turn);
    case batches::Effect::start_ValueDate: {
      const std::int64_t span = stage_.facts.config.value_after_s * 1000;
      return stage_.start(turn, "ValueDate", after_deadline(stage_.facts.now_ms / 1000 * 1000 + span));
    }
    case batches::Effect::reply_QP_OK:
    case batches::Effect::reply_QP_E_FORBIDDEN:
    case batches::Effect::reply_QP_E_RECEIVER:
    case batches::Effect::reply_QP_E_KEY:
    case batches::Effect::reply_QP_E_SIGNATURE:
    case batches::Effect::reply_QP_E_MISMATCH:
    case batches::Effect::reply_QP_E_TOTAL:
    case batches::Effect::reply_QP_E_TOO_MANY:
    case batches::Effect::reply_QP_E_CURRENCY:
    case batches::Effect::reply_QP_E_CONFLICT:
    case batches::Effect::ignore: return stage_.common(effect, turn);
  }
}

/// The signature is made in the unit of the entries, and nothing of it leaves before that unit is durable: the first
/// settlement that is durable is the only one that is ever given.
void BrokerBatch::settle(Turn& turn) {
  const auto* request = turn.get<SettleWithBroker>();
  if (!request) return;
  const msg::Claim& claim = request->body.claim;
  msg::Settlement settlement;
  settlement.broker = stage_.facts.config.id;
  settlement.vendor = claim.vendor;
  settlement.batch_id = claim.batch_id;
  settlement.batch_digest = claim_digest(claim);
  settlement.currency = claim.currency;
  for (const msg::ClaimItem& item : claim.item) debts_.settle(claim, item, settlement);
  deduct(settlement);
  settlement.value_date = format_time(stage_.facts.now_ms + stage_.facts.config.value_after_s * 1000);
  settlement.settled_at = format_time(stage_.facts.now_ms);
  const bool whole = sum_up(settlement) && signatures_.sign("batch-settlement", "Settlement", msg::kSettlementType, settlement);
  if (!whole) return stage_.store.corrupt("settlement " + turn.key() + " cannot be made");
  enter(settlement);
  turn.record.fields["claim"] = settlement.batch_digest;
  keep(turn.record, "Settlement", msg::kSettlementType, settlement);
}

/// What is carried, and what was revoked since; what does not fit into the sums waits for the next settlement.
void BrokerBatch::deduct(msg::Settlement& settlement) {
  const std::string key = vendor_book_key(settlement);
  settlement.prior_debit = number(book_of(stage_.store, kVendorBookMachine, key), "carried").value_or(0);
  std::optional<std::int64_t> sum = settlement.prior_debit;
  for (const ledger::Record& left : stage_.store.list(kDeductionMachine, key + "/", kMaxDeductions)) {
    if (!left.key.starts_with(key + "/")) break;
    const std::int64_t amount = number(left, "amount").value_or(0), reversed = number(left, "reversed").value_or(0);
    sum = add_sums(*sum, amount - reversed);
    if (!sum) break;
    settlement.deduction.push_back(
        {std::string(field(left, "revoke_id")), std::string(field(left, "order_id")), amount, reversed});
    stage_.store.erase(left.machine, left.key);
  }
}

void BrokerBatch::enter(const msg::Settlement& settlement) {
  Store& store = stage_.store;
  ledger::Record book = book_of(store, kBookMachine, settlement.currency);
  grow(store, book, "debited", settlement.accepted_total);
  grow(store, book, "payable", settlement.accepted_total - settlement.commission_total);
  grow(store, book, "commission", settlement.commission_total);
  if (!balances(book)) return store.corrupt("book " + settlement.currency + " does not balance");
  store.put(book);
  ledger::Record vendor = book_of(store, kVendorBookMachine, vendor_book_key(settlement));
  grow(store, vendor, "payable", settlement.accepted_total - settlement.commission_total);
  grow(store, vendor, "deducted", settlement.deduction_total);
  grow(store, vendor, "net", settlement.net_total);
  set_number(vendor, "carried", settlement.carried_debit);
  store.put(vendor);
}

void BrokerBatch::pay_out(Turn& turn) {
  const auto settlement = recall<msg::Settlement>(turn.record, "Settlement", msg::kSettlementType);
  if (!settlement) return;
  ledger::Record payout{std::string(kPayoutMachine), turn.key(), "SENT", {}, {}};
  payout.fields["currency"] = settlement->currency;
  set_number(payout, "net", settlement->net_total);
  stage_.store.put(payout);
  for (const msg::Accepted& one : settlement->accepted) debts_.paid(*settlement, one.order_id);
}

void BrokerBatch::fill(const ledger::Record& record, const AnyDocument*, AnyDocument& response) {
  auto* answer = as<msg::batch::SettleWithBrokerResponse>(&response);
  if (answer) answer->body.settlement = recall<msg::Settlement>(record, "Settlement", msg::kSettlementType);
}

// ---------------------------------------------------------------- both
BrokerSettlement::BrokerSettlement(Stage& stage, BrokerCommitments& regular, BrokerRevokes& revokes)
    : debts_(machine_for(stage.facts.config, debts::table(), debts::make_msm()), stage, regular, revokes),
      batches_(machine_for(stage.facts.config, batches::table(), batches::make_msm()), stage, debts_) {
  stage.add(debts_);
  stage.add(batches_);
  if (!serves(stage.facts.config, kServedProtocol)) return;
  stage.connect("debt", std::string(debts_.table().id), "committed");
  stage.connect("cancel", std::string(debts_.table().id), "revoked");
}

bool BrokerSettlement::serve(Request& request) {
  const auto* claim = as<SettleWithBroker>(request.document.get());
  if (claim) batches_.serve(claim->body.claim, request);
  return claim != nullptr;
}

}  // namespace quickpay::roles
