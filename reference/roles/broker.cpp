#include "reference/roles/broker.hpp"

#include <algorithm>

#include "reference/paycard/paycard.hpp"
#include "reference/roles/fields.hpp"
#include "reference/roles/times.hpp"
#include "statemachines/micropayment/generated/broker_order.hpp"

namespace quickpay::roles {
namespace {

namespace machine = statemachines::broker_order;
using machine::Effect;
using machine::Predicate;

constexpr auto& kRef = msg::kOrderRefType;
constexpr auto& kEndorsement = msg::kEndorsementType;

constexpr const char* kMsgIds = "msg_ids";  // of the inquiries about the order

std::vector<std::string> msg_ids_in(const ledger::Record& record) { return recall_all<std::string>(record, kMsgIds); }

bool used(const ledger::Record& record, std::string_view msg_id) {
  const auto ids = msg_ids_in(record);
  return std::find(ids.begin(), ids.end(), msg_id) != ids.end();
}

}  // namespace

bool BrokerOrder::holds(std::uint8_t predicate, const Turn& turn) {
  const auto inquiry = Inquiry::of(turn.message);
  switch (static_cast<Predicate>(predicate)) {
    case Predicate::paycard_bound: return inquiry && inquiries_.binding(*inquiry);
    case Predicate::token_right: return inquiry && inquiries_.token_right(*inquiry);
    case Predicate::currency_active: return inquiry && inquiries_.currency_active(*inquiry);
    case Predicate::vendor_entry_at_hand:
      return inquiry && inquiries_.vendor_of(*inquiry).found != Found::unavailable;
    case Predicate::vendor_accepted: return inquiry && inquiries_.vendor_accepted(*inquiry);
    case Predicate::same_content: return inquiry && inquiries_.same_content(*inquiry, turn.record);
    case Predicate::msgid_used: return inquiry && used(turn.record, inquiry->msg_id);
    case Predicate::policy_declines:
      return inquiry && (msg_ids_in(turn.record).size() >= kMaxMsgIds || inquiries_.policy_declines(*inquiry));
    case Predicate::funds_suffice: return inquiry && inquiries_.funds_suffice(*inquiry);
    case Predicate::sender_is_vendor: return sender_is_vendor(turn);
    case Predicate::terms_equal: return terms_equal(turn);
    case Predicate::receipt_awaited: return receipt_awaited(turn);
  }
  return false;
}

bool BrokerOrder::sender_is_vendor(const Turn& turn) const {
  const auto* check = turn.get<msg::micro::CheckCommit>();
  return check && check->head.sender == check->body.order_ref.vendor;
}

bool BrokerOrder::terms_equal(const Turn& turn) const {
  const auto* check = turn.get<msg::micro::CheckCommit>();
  const auto kept = recall<msg::Endorsement>(turn.record, "Endorsement", kEndorsement);
  return check && kept && kept->order_ref == check->body.order_ref &&
         kept->endorsement_id == check->body.endorsement_id;
}

/// Whether CheckCommit has to wait for the Host: the Vendor wants a receipt and the Host has not answered yet.
bool BrokerOrder::receipt_awaited(const Turn& turn) const {
  const auto* check = turn.get<msg::micro::CheckCommit>();
  return check && check->body.want_receipt && stage_.facts.spans.receipt > 0 &&
         !has_field(turn.record, "registered");
}

void BrokerOrder::apply(statemachines::EffectId effect, Turn& turn) {
  switch (static_cast<Effect>(effect)) {
    case Effect::perform_hold: return hold(turn);
    case Effect::perform_endorse: return endorse(turn);
    case Effect::perform_release_hold: return release_hold(turn);
    case Effect::perform_commit: return commit(turn);
    case Effect::perform_store_receipt: return store_receipt(turn);
    case Effect::start_T_receipt:
      return stage_.start(turn, "T_receipt", after_span(stage_.facts.now_ms, stage_.facts.spans.receipt));
    case Effect::start_CheckBy: return start_check_by(turn);
    case Effect::outbox_RegisterCommit: return send_register_commit(turn);
    case Effect::reply_QP_OK: remember_msg_id(turn); [[fallthrough]];
    case Effect::reply_QP_E_PAYCARD:
    case Effect::reply_QP_E_FORBIDDEN:
    case Effect::reply_QP_E_CURRENCY:
    case Effect::reply_QP_E_BUSY:
    case Effect::reply_QP_E_VENDOR:
    case Effect::reply_QP_E_DECLINED:
    case Effect::reply_QP_E_FUNDS:
    case Effect::reply_QP_E_CONFLICT:
    case Effect::reply_QP_E_UNKNOWN_ORDER:
    case Effect::reply_QP_E_MISMATCH:
    case Effect::reply_QP_E_ENDORSEMENT_EXPIRED:
    case Effect::stop_CheckBy:
    case Effect::stop_T_receipt:
    case Effect::park:
    case Effect::answer_parked_QP_OK:
    case Effect::hand_over_debt:
    case Effect::retry:
    case Effect::ignore: return stage_.common(effect, turn);
  }
}

void BrokerOrder::hold(Turn& turn) {
  const auto inquiry = Inquiry::of(turn.message);
  const std::string account = inquiry ? inquiries_.take_over(*inquiry, turn.record) : "";
  if (!account.empty()) inquiries_.accounts().hold(account, inquiry->ref->amount);
}

void BrokerOrder::endorse(Turn& turn) {
  const auto ref = recall<msg::OrderRef>(turn.record, "OrderRef", kRef);
  if (!ref) return;
  const Facts& facts = stage_.facts;
  const msg::Endorsement endorsement{facts.config.id, facts.fresh_id(), *ref, format_time(facts.now_ms),
                                     format_time(facts.now_ms + facts.spans.endorse * 1000)};
  keep(turn.record, "Endorsement", kEndorsement, endorsement);
}

void BrokerOrder::start_check_by(Turn& turn) {
  const auto endorsement = recall<msg::Endorsement>(turn.record, "Endorsement", kEndorsement);
  const auto check_by = endorsement ? parse_time(endorsement->check_by) : std::nullopt;
  stage_.start(turn, "CheckBy", after_deadline(check_by.value_or(stage_.facts.now_ms)));
}

void BrokerOrder::release_hold(Turn& turn) {
  const auto ref = recall<msg::OrderRef>(turn.record, "OrderRef", kRef);
  if (ref) inquiries_.accounts().release(field(turn.record, "account"), ref->amount);
}

void BrokerOrder::commit(Turn& turn) {
  const auto ref = recall<msg::OrderRef>(turn.record, "OrderRef", kRef);
  if (!ref) return;
  const Facts& facts = stage_.facts;
  turn.record.fields["commit_id"] = facts.fresh_id();
  turn.record.fields["committed_at"] = format_time(facts.now_ms);
  turn.record.fields["settle_by"] = format_time(facts.now_ms + facts.spans.settle * 1000);
  inquiries_.accounts().commit(field(turn.record, "account"), ref->amount);
}

void BrokerOrder::store_receipt(Turn& turn) {
  turn.record.fields["registered"] = "yes";
  const auto* answer = turn.get<msg::micro::RegisterCommitResponse>();
  if (answer && answer->body.host_receipt) {
    keep(turn.record, "HostReceipt", msg::kHostReceiptType, *answer->body.host_receipt);
  }
}

void BrokerOrder::send_register_commit(Turn& turn) {
  const auto ref = recall<msg::OrderRef>(turn.record, "OrderRef", kRef);
  const MessageOps* ops = ops_of(msg::micro::kRegisterCommitMessage);
  if (!ref || !ops) return;
  Document<msg::micro::RegisterCommit> notice;
  notice.value.head = stage_.outbox.new_head(*ops, stage_.facts.config.host);
  auto& body = notice.value.body;
  body.order_ref = *ref;
  body.wallet = field(turn.record, "wallet");
  body.commit_id = field(turn.record, "commit_id");
  body.committed_at = field(turn.record, "committed_at");
  body.settle_by = field(turn.record, "settle_by");
  const std::int64_t give_up = parse_time(body.settle_by).value_or(stage_.facts.now_ms);
  stage_.outbox.send(turn.record.machine, turn.key(), *ops, notice, {true, 0, give_up});
}

void BrokerOrder::remember_msg_id(Turn& turn) {
  const auto inquiry = Inquiry::of(turn.message);
  if (!inquiry || used(turn.record, inquiry->msg_id)) return;
  auto ids = msg_ids_in(turn.record);
  if (ids.size() >= kMaxMsgIds) return;
  ids.emplace_back(inquiry->msg_id);
  keep_all(turn.record, kMsgIds, ids);
}

void BrokerOrder::fill(const ledger::Record& record, const AnyDocument* request, AnyDocument& response) {
  if (auto* answer = as<msg::micro::InquiryPaymentResponse>(&response)) {
    answer->body.endorsement = recall<msg::Endorsement>(record, "Endorsement", kEndorsement);
    const auto inquiry = Inquiry::of(request);
    const BindingConfig* bound = inquiry ? inquiries_.binding(*inquiry) : nullptr;
    if (bound && answer->body.endorsement) {
      const msg::Answer proof{std::string(inquiry->msg_id), *answer->body.endorsement};
      answer->body.paycard_answer = paycard::make_answer(bound->secret, proof, bound->scheme);
    }
  }
  if (auto* answer = as<msg::micro::CheckCommitResponse>(&response)) {
    answer->body.commit_id = field(record, "commit_id");
    answer->body.committed_at = field(record, "committed_at");
    answer->body.settle_by = field(record, "settle_by");
    answer->body.host_receipt = recall<msg::HostReceipt>(record, "HostReceipt", msg::kHostReceiptType);
  }
}

BrokerRole::BrokerRole(Stage& stage, const Parts& parts)
    : stage_(stage),
      suspensions_(stage.facts, stage.store),
      orders_(machine_for(stage.facts.config, machine::table(), machine::make_msm()), stage),
      commitments_(parts.broker_commitments(stage)),
      revokes_(parts.broker_revokes(stage)),
      batches_(parts.broker_batches(stage, *commitments_, *revokes_)),
      paycards_(parts.broker_paycards(stage)),
      keys_(parts.own_keys(stage)),
      registration_(parts.own_registration(stage)) {
  stage.add(orders_);
}

void BrokerRole::on_request(Request& request) {
  if (batches_->serve(request) || commitments_->serve(request) || revokes_->serve(request)) return;
  if (paycards_->serve(request)) return;
  if (const auto* inquiry = as<msg::micro::InquiryPayment>(request.document.get())) {
    stage_.serve(orders_, order_key(inquiry->body.order_ref), request);
  } else if (const auto* check = as<msg::micro::CheckCommit>(request.document.get())) {
    stage_.serve(orders_, order_key(check->body.order_ref), request);
  }
}

void BrokerRole::block(std::string_view paycard, bool blocked) {
  const auto known = stage_.store.find(kBlockedMachine, paycard);
  if (known && known->state == kRemovedState) return;  // given up by its Wallet
  if (!blocked) return stage_.store.erase(kBlockedMachine, paycard);
  stage_.store.put({std::string(kBlockedMachine), std::string(paycard), "BLOCKED", {}, {}});
}

std::unique_ptr<BrokerRole> make_broker(Stage& stage, const Parts& parts) {
  return std::make_unique<BrokerRole>(stage, parts);
}

}  // namespace quickpay::roles
