// The Host's verdict on one order.
#include <algorithm>

#include "reference/codec/generated/protocol.hpp"
#include "reference/crypto/encoding.hpp"
#include "reference/roles/fields.hpp"
#include "reference/roles/host.hpp"
#include "reference/roles/settlement_host.hpp"
#include "reference/roles/shared_keys.hpp"
#include "reference/roles/times.hpp"
#include "statemachines/micropayment/generated/host_case.hpp"
#include "statemachines/micropayment/generated/host_statement.hpp"
#include "statemachines/settlement/generated/host_verdict.hpp"

namespace quickpay::roles {
namespace {

using statemachines::host_verdict::Effect;
using statemachines::host_verdict::Predicate;

constexpr std::size_t kMaxWordsOfAnybody = 64;  // Wallets whose word the literal rule looks at

/// What a refusal says about the commitment: some codes admit it, some deny it, some do neither (QP-ADD-08).
Stand stand_of(std::string_view code) {
  for (const std::string_view admits : {protocol::QP_E_SETTLE_EXPIRED, protocol::QP_E_REVOKED, protocol::QP_E_PENDING}) {
    if (code == admits) return Stand::yes;
  }
  for (const std::string_view denies : {protocol::QP_E_UNKNOWN_ORDER, protocol::QP_E_MISMATCH, protocol::QP_E_NO_COMMIT}) {
    if (code == denies) return Stand::no;
  }
  return Stand::silent;
}

bool has_variable(const ledger::Record& record, const char* spelled) {
  return std::find(record.variables.begin(), record.variables.end(), spelled) != record.variables.end();
}

/// What was said against the own interest stands, whatever else was said.
void take_stand(Stand& stand, Stand said) {
  if (said == Stand::yes || stand == Stand::silent) stand = said;
}

/// A receipt is judged by the key that was good when it was made: a claim may come long after the next epoch has begun.
std::int64_t made_ms(const msg::HostReceipt& receipt, const Facts& facts) {
  return parse_time(receipt.registered_at).value_or(facts.now_ms);
}

}  // namespace

bool HostVerdict::holds(std::uint8_t predicate, const Turn& turn) {
  switch (static_cast<Predicate>(predicate)) {
    case Predicate::withdrawn: return dealing_ && dealing_->item.withdrawn;
    case Predicate::receipt_key_right: return dealing_ && receipt_key_right();
    case Predicate::receipt_mac_right: return dealing_ && receipt_mac_right();
    case Predicate::receipt_recorded: return dealing_ && receipt_recorded(turn.key());
    case Predicate::receipt_fits: return dealing_ && receipt_fits();
    case Predicate::commitment_key_right: return dealing_ && dealing_->fault != protocol::QP_E_KEY;
    case Predicate::commitment_right: return dealing_ && dealing_->fault.empty();
    case Predicate::commitment_fits: return dealing_ && commitment_fits();
    case Predicate::broker_came_first: return dealing_ && broker_came_first();
    case Predicate::settled_already: return dealing_ && refused_with(protocol::QP_E_ALREADY_SETTLED);
    case Predicate::currency_refused: return dealing_ && refused_with(protocol::QP_E_CURRENCY);
    case Predicate::too_late: return dealing_ && too_late(turn);
    case Predicate::votes_approve: return count(turn).ruling == Ruling::approve;
    case Predicate::votes_reject: return count(turn).ruling == Ruling::reject;
    case Predicate::contests: return dealing_ && dealing_->contests();
    case Predicate::revoked: return dealing_ && dealing_->revoke != RevokeRecord::none && !dealing_->contests();
    case Predicate::put_off: return decide_by_ms(turn.record) > number(turn.record, "decide_by").value_or(0);
  }
  return false;
}

/// A commitment that a Wallet registered is as old as its registration.
std::string_view HostVerdict::fault_of(const msg::HostCase& brought, const msg::Commitment& commitment) const {
  const std::int64_t made = parse_time(commitment.committed_at).value_or(0);
  const Signer signer{"broker", brought.broker, "commitment", made, purchases_.registered_ms(commitment)};
  return signatures_.fault(signer, "Commitment", msg::kCommitmentType, commitment);
}

bool HostVerdict::commitment_fits() const {
  const msg::CaseItem& item = dealing_->item;
  if (item.order_ref.kind != msg::Kind::regular || !item.commitment) return item.order_ref.kind == msg::Kind::micro && !item.commitment;
  return item.commitment->broker == dealing_->brought.broker && item.commitment->order_ref == item.order_ref &&
         item.commitment->commit_id == item.commit_id;
}

bool HostVerdict::receipt_key_right() const {
  const auto& receipt = dealing_->item.host_receipt;
  const Facts& facts = stage_.facts;
  return !receipt || SharedKeys(facts.config).find(dealing_->brought.vendor, receipt->mac.key_ref, made_ms(*receipt, facts));
}

bool HostVerdict::receipt_mac_right() const {
  const auto& receipt = dealing_->item.host_receipt;
  const Facts& facts = stage_.facts;
  if (!receipt) return true;
  const std::int64_t epoch = receipt->mac.key_ref;
  const auto key = SharedKeys(facts.config).find(dealing_->brought.vendor, epoch, made_ms(*receipt, facts));
  return key && crypto::equal_constant_time(receipt_mac(*receipt, {epoch, *key}).value, receipt->mac.value);
}

/// The Vendor has the key of its receipts, too, and could make one for what nobody committed.
bool HostVerdict::receipt_recorded(const std::string& key) const {
  const auto& receipt = dealing_->item.host_receipt;
  if (!receipt) return true;
  const auto known = stage_.store.find(statemachines::host_case::table().id, key);
  return known && field(*known, "commit.commit_id") == receipt->commit_id &&
         field(*known, "commit.settle_by") == receipt->settle_by;
}

bool HostVerdict::receipt_fits() const {
  const auto& receipt = dealing_->item.host_receipt;
  const msg::OrderRef& ref = dealing_->item.order_ref;
  return !receipt || (receipt->host == stage_.facts.config.id && receipt->vendor == ref.vendor &&
                      receipt->broker == dealing_->brought.broker && receipt->order_id == ref.order_id &&
                      receipt->digest == ref.digest);
}

/// A refusal names the Digest: that of another copy of the order says nothing about this one.
const msg::Refused* HostVerdict::refusal(const msg::Settlement& settlement) const {
  const msg::OrderRef& ref = dealing_->item.order_ref;
  const auto& all = settlement.refused;
  const auto at = std::lower_bound(all.begin(), all.end(), ref.order_id,
                                   [](const msg::Refused& one, const std::string& id) { return one.order_id < id; });
  return at != all.end() && at->order_id == ref.order_id && at->digest == ref.digest ? &*at : nullptr;
}

bool HostVerdict::refused_with(std::string_view code) const {
  const auto& all = dealing_->brought.settlement;
  return std::any_of(all.begin(), all.end(), [&](const msg::Settlement& settlement) {
    const msg::Refused* found = refusal(settlement);
    return found && found->code == code;
  });
}

bool HostVerdict::broker_came_first() const {
  const auto& all = dealing_->brought.settlement;
  if (dealing_->contests()) return true;  // who did not revoke an order need not wait for its Broker to say so
  if (std::any_of(all.begin(), all.end(), [&](const auto& settlement) { return refusal(settlement) != nullptr; })) return true;
  const auto& tried = dealing_->brought.unreachable;
  const auto first = tried ? parse_time(tried->first_try) : std::nullopt;
  const auto last = tried ? parse_time(tried->last_try) : std::nullopt;
  const Spans& spans = stage_.facts.spans;
  return first && last && tried->tries >= spans.broker_tries && *last - *first >= spans.broker * 1000;
}

/// As the Broker registered it; ClaimBy of a regular order.
std::optional<std::int64_t> HostVerdict::settle_by_ms(const Turn& turn) const {
  if (dealing_ && dealing_->item.commitment) return parse_time(dealing_->item.commitment->claim_by);
  const auto known = stage_.store.find(statemachines::host_case::table().id, turn.key());
  if (known && has_field(*known, "commit.settle_by")) return parse_time(field(*known, "commit.settle_by"));
  return std::nullopt;
}

bool HostVerdict::too_late(const Turn& turn) {
  const auto settle_by = settle_by_ms(turn);
  if (!settle_by || dealing_->contests()) return false;  // nothing could have run out, or the revoke held the claim up
  std::optional<std::int64_t> first;
  if (dealing_->brought.unreachable) first = parse_time(dealing_->brought.unreachable->first_try);
  for (const msg::Settlement& settlement : dealing_->brought.settlement) {
    const auto at = refusal(settlement) ? parse_time(settlement.settled_at) : std::nullopt;
    if (at && (!first || *at < *first)) first = at;
  }
  const Facts& facts = stage_.facts;
  const auto& proof = dealing_->item.commitment;
  const std::int64_t committed = proof ? parse_time(proof->committed_at).value_or(*settle_by)
                                       : *settle_by - facts.spans.settle * 1000;
  const std::int64_t span = facts.spans.arb * 1000 + suspensions_.between(committed, facts.now_ms);
  return (first && *first > *settle_by) || facts.now_ms >= after_deadline(*settle_by + span);
}

Evidence HostVerdict::evidence(const Turn& turn) {
  Evidence all{};
  all.vendor = Stand::yes;  // who claims says yes
  const auto ref = dealing_ ? std::optional(dealing_->item.order_ref)
                            : recall<msg::OrderRef>(turn.record, "OrderRef", msg::kOrderRefType);
  const auto expires = ref ? parse_time(ref->expires) : std::nullopt;
  if (expires) {
    all.suspended = suspensions_.between(*expires - kOrderLifeMs, *expires + stage_.facts.spans.in_time * 1000) > 0;
  }
  if (has_field(turn.record, "broker_says")) {
    all.broker = field(turn.record, "broker_says") == "yes" ? Stand::yes : Stand::no;
  }
  all.proof = has_field(turn.record, "proof");
  if (dealing_) {
    all.proof = all.proof || dealing_->item.commitment.has_value();
    for (const msg::Settlement& settlement : dealing_->brought.settlement) {
      if (const msg::Refused* said = refusal(settlement)) take_stand(all.broker, stand_of(said->code));
    }
  }
  weigh_registrations(turn.key(), all);
  return all;
}

/// The Wallet whose word counts is the one that the commitment names. Where there is no commitment the literal rule, which is kept for its
/// counter-example alone, takes the word of any.
void HostVerdict::weigh_registrations(const std::string& key, Evidence& all) {
  const auto known = stage_.store.find(statemachines::host_case::table().id, key);
  if (!known) return;
  all.commit = has_variable(*known, "c=in-time");
  all.delivery = has_variable(*known, "d=in-time");
  if (has_variable(*known, "c=late")) all.broker = Stand::yes;
  const std::string wallet(field(*known, "commit.wallet")), statements = key + "/";
  if (wallet.empty() && counts_literally()) {
    const auto some = stage_.store.list(statemachines::host_statement::table().id, statements, kMaxWordsOfAnybody);
    all.order = std::any_of(some.begin(), some.end(), [&](const ledger::Record& each) {
      return each.key.starts_with(statements) && (has_variable(each, "o=in-time") || has_variable(each, "o=late"));
    });
  }
  const auto stated = stage_.store.find(statemachines::host_statement::table().id, statements + wallet);
  if (wallet.empty() || !stated) return;
  all.order = has_variable(*stated, "o=in-time");
  if (has_variable(*stated, "w=no")) all.wallet = Stand::no;
  if (has_variable(*stated, "o=late")) all.wallet = Stand::yes;
}

/// Of a regular order nobody registers a delivery: a proven commitment and the claim decide.
Vote HostVerdict::count(const Turn& turn) {
  const Evidence all = evidence(turn);
  const auto ref = dealing_ ? std::optional(dealing_->item.order_ref)
                            : recall<msg::OrderRef>(turn.record, "OrderRef", msg::kOrderRefType);
  if (ref && ref->kind == msg::Kind::regular && all.proof) return {Ruling::approve, protocol::QP_OK};
  return vote(all, counts_literally() ? Policy::literal : Policy::anchored);
}

bool HostVerdict::counts_literally() const { return stage_.facts.config.vote_policy == "literal"; }

std::int64_t HostVerdict::decide_by_ms(const ledger::Record& record) {
  const std::int64_t opened = number(record, "opened").value_or(stage_.facts.now_ms);
  return opened + stage_.facts.spans.stmt * 1000 + suspensions_.between(opened, stage_.facts.now_ms);
}

void HostVerdict::apply(statemachines::EffectId effect, Turn& turn) {
  switch (static_cast<Effect>(effect)) {
    case Effect::perform_keep_evidence: return keep_evidence(turn);
    case Effect::perform_approve: return decide(turn, "approve", protocol::QP_OK);
    case Effect::perform_reject: return decide(turn, "reject", closed(count(turn)).code);
    case Effect::perform_reject_withdrawn: return decide(turn, "reject", given_up_code());
    case Effect::perform_reject_revoked: return decide(turn, "reject", protocol::QP_E_REVOKED);
    case Effect::perform_contest_revoke: return revokes_.contest(turn.key());
    case Effect::perform_reject_late: return decide(turn, "reject", protocol::QP_E_SETTLE_EXPIRED);
    case Effect::perform_refuse_key: refused_ = protocol::QP_E_KEY; return;
    case Effect::perform_refuse_signature: refused_ = protocol::QP_E_SIGNATURE; return;
    case Effect::perform_refuse_mismatch: refused_ = protocol::QP_E_MISMATCH; return;
    case Effect::perform_refuse_broker_first: refused_ = protocol::QP_E_BROKER_FIRST; return;
    case Effect::perform_refuse_settled: refused_ = protocol::QP_E_ALREADY_SETTLED; return;
    case Effect::perform_refuse_currency: refused_ = protocol::QP_E_CURRENCY; return;
    case Effect::start_DecideBy: {
      if (!has_field(turn.record, "opened")) set_number(turn.record, "opened", stage_.facts.now_ms);
      const std::int64_t by = decide_by_ms(turn.record);
      set_number(turn.record, "decide_by", by);
      return stage_.start(turn, "DecideBy", after_deadline(by));
    }
    case Effect::stop_DecideBy:
    case Effect::ignore: return stage_.common(effect, turn);
  }
}

void HostVerdict::keep_evidence(Turn& turn) {
  if (!dealing_) return;
  const Evidence all = evidence(turn);
  keep(turn.record, "OrderRef", msg::kOrderRefType, dealing_->item.order_ref);
  if (dealing_->item.commitment) keep(turn.record, "Commitment", msg::kCommitmentType, *dealing_->item.commitment);
  if (dealing_->item.host_receipt) keep(turn.record, "HostReceipt", msg::kHostReceiptType, *dealing_->item.host_receipt);
  if (all.proof) turn.record.fields["proof"] = "yes";
  if (all.broker != Stand::silent) turn.record.fields["broker_says"] = all.broker == Stand::yes ? "yes" : "no";
  if (dealing_->contests()) revokes_.contest(turn.key());
}

void HostVerdict::decide(Turn& turn, std::string_view decision, std::string_view code) {
  turn.record.fields["decision"] = decision;
  turn.record.fields["code"] = code;
  turn.record.fields["decided_at"] = format_time(stage_.facts.now_ms);
}

/// Of an item that its Vendor withdraws.
std::string_view HostVerdict::given_up_code() const {
  const bool revoked = dealing_ && dealing_->revoke != RevokeRecord::none;
  return revoked ? protocol::QP_E_REVOKED : protocol::QP_E_NOT_CLAIMED;
}

msg::Verdict HostVerdict::judge(const msg::HostCase& brought, const msg::CaseItem& item) {
  Dealing dealing{brought, item};
  if (item.commitment) dealing.fault = fault_of(brought, *item.commitment);
  const std::string key = case_key(item.order_ref, brought.broker);
  dealing.revoke = revokes_.record_of(key);
  Turn turn = stage_.open(*this, key);
  dealing_ = &dealing;
  refused_ = {};
  stage_.run(turn, "item");
  dealing_ = nullptr;
  msg::Verdict said{item.order_ref.order_id, item.order_ref.digest, msg::Ruling::pending, std::string(protocol::QP_E_PENDING), {}};
  if (has_field(turn.record, "decision")) {
    said.decision = field(turn.record, "decision") == "approve" ? msg::Ruling::approve : msg::Ruling::reject;
    said.code = field(turn.record, "code");
  } else if (!refused_.empty()) {
    said.decision = msg::Ruling::refused;
    said.code = refused_;
  } else {
    said.decide_by = format_time(number(turn.record, "decide_by").value_or(stage_.facts.now_ms));
  }
  return said;
}

void HostVerdict::registered(const std::string& key) {
  if (!stage_.store.find(table().id, key)) return;  // nobody has asked
  Turn turn = stage_.open(*this, key);
  stage_.run(turn, "registered");
}

}  // namespace quickpay::roles
