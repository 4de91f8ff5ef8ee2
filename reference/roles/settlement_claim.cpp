// One claim of a Vendor.
#include "reference/codec/generated/protocol.hpp"
#include "reference/roles/fields.hpp"
#include "reference/roles/settlement_vendor.hpp"
#include "reference/roles/times.hpp"
#include "statemachines/settlement/generated/vendor_claim.hpp"

namespace quickpay::roles {
namespace {

using statemachines::vendor_claim::Effect;
using statemachines::vendor_claim::Predicate;

const std::string kGivenUp = "given_up";  // field: where the claim was when its order was taken back
constexpr std::string_view kWaiting = "waiting", kSettled = "settled";

}  // namespace

bool VendorClaim::holds(std::uint8_t predicate, const Turn& turn) {
  switch (static_cast<Predicate>(predicate)) {
    case Predicate::approval_at_hand: return has_field(turn.record, "approval");
    case Predicate::already_settled: return news_.code == protocol::QP_E_ALREADY_SETTLED;
    case Predicate::currency_refused: return news_.code == protocol::QP_E_CURRENCY;
    case Predicate::was_waiting: return field(turn.record, kGivenUp) == kWaiting;
    case Predicate::was_settled: return field(turn.record, kGivenUp) == kSettled;
  }
  return false;
}

void VendorClaim::apply(statemachines::EffectId effect, Turn& turn) {
  switch (static_cast<Effect>(effect)) {
    case Effect::perform_take_over: return take_over(turn);
    case Effect::perform_offer_to_batch:
      turn.record.fields.erase("batch");
      turn.record.fields.erase("dispute");
      return stage_.store.put(
          {std::string(kClaimableMachine), waits_under(turn.record), "WAITING", {}, {{"claim", turn.key()}}});
    case Effect::perform_take_off_list:
      if (!news_.batch.empty()) turn.record.fields["batch"] = news_.batch;
      return stage_.store.erase(kClaimableMachine, waits_under(turn.record));
    case Effect::perform_keep_approval: turn.record.fields["approval"] = news_.approval; return;
    case Effect::perform_join_case: joins_ = true; return;
    case Effect::perform_contest_revoke: contested_ = true; return;
    case Effect::perform_note_waiting: turn.record.fields[kGivenUp] = kWaiting; return;
    case Effect::perform_note_settled: turn.record.fields[kGivenUp] = kSettled; return;
    case Effect::perform_forget_note: turn.record.fields.erase(kGivenUp); return;
    case Effect::perform_give_up:
      turn.record.fields.erase("dispute");  // what the Host says of the old case is of no interest any more
      return disputes_->open({std::string(field(turn.record, "broker")), {turn.key()}, {}, {}, true});
    case Effect::start_SettleBy: return start_settle_by(turn);
    case Effect::stop_SettleBy:
    case Effect::alarm:
    case Effect::refuse:
    case Effect::ignore: return stage_.common(effect, turn);
  }
}

std::string VendorClaim::waits_under(const ledger::Record& record) const {
  const auto ref = recall<msg::OrderRef>(record, "OrderRef", msg::kOrderRefType);
  return ref ? std::string(field(record, "broker")) + "/" + ref->currency + "/" + ref->order_id : record.key;
}

void VendorClaim::take_over(Turn& turn) {
  if (!turn.origin) return;
  for (const char* name : {"OrderRef", "commit_id", "committed_at", "settle_by", "delivery_id", "delivered_at", "HostReceipt",
                           "Commitment", "broker"}) {
    if (has_field(*turn.origin, name)) turn.record.fields[name] = field(*turn.origin, name);
  }
  const auto endorsement = recall<msg::Endorsement>(*turn.origin, "Endorsement", msg::kEndorsementType);
  if (endorsement) turn.record.fields["broker"] = endorsement->broker;
}

/// SettleBy is the Broker's time: the Vendor only takes from it how long the commitment lasts (QP-ADD-27). A claim that
/// is made again after a revoke that failed has the time that it had.
void VendorClaim::start_settle_by(Turn& turn) {
  const auto known = number(turn.record, "settle_due");
  if (known) return stage_.start(turn, "SettleBy", *known);
  const auto from = parse_time(field(turn.record, "committed_at")), to = parse_time(field(turn.record, "settle_by"));
  const std::int64_t standard = stage_.facts.spans.settle * 1000;
  const std::int64_t due = after_deadline(stage_.facts.now_ms + (from && to ? *to - *from : standard));
  set_number(turn.record, "settle_due", due);
  stage_.start(turn, "SettleBy", due);
}

bool VendorClaim::tell(std::string_view key, std::string_view event, const News& news) {
  Turn turn = stage_.open(*this, key);
  news_ = news;
  joins_ = false;
  stage_.run(turn, event);
  news_ = {};
  return joins_;
}

tl::expected<void, Refusal> VendorClaim::act(std::string_view key, std::string_view event) {
  if (!stage_.store.find(table().id, key)) return tl::unexpected(Refusal{"unknown-order"});
  Turn turn = stage_.open(*this, key);
  stage_.run(turn, event);
  if (turn.refused) return tl::unexpected(Refusal{"out-of-state"});
  return {};
}

tl::expected<void, Refusal> VendorClaim::withdraw(std::string_view key) { return act(key, "withdraw"); }

/// The case is opened when the claim is before the Host on record: the case takes it from there.
tl::expected<void, Refusal> VendorClaim::contest(std::string_view key) {
  if (!serves(stage_.facts.config, "revoke")) return not_served();
  contested_ = false;
  const auto done = act(key, "contest");
  const auto claim = stage_.store.find(table().id, key);
  if (contested_ && claim) disputes_->open({std::string(field(*claim, "broker")), {std::string(key)}, {}, {}, false});
  return done;
}

}  // namespace quickpay::roles
