#include "reference/roles/host.hpp"

#include <algorithm>

#include "reference/codec/canonical.hpp"
#include "reference/crypto/hash.hpp"
#include "reference/roles/fields.hpp"
#include "reference/roles/times.hpp"
#include "statemachines/micropayment/generated/host_case.hpp"
#include "statemachines/micropayment/generated/host_statement.hpp"

namespace quickpay::roles {
namespace {

namespace cases = statemachines::host_case;
namespace statements = statemachines::host_statement;
using msg::micro::RegisterCommit;
using msg::micro::RegisterDelivery;
using msg::micro::RegisterOrder;

std::string group_key(const msg::OrderRef& ref, std::string_view broker) {
  return ref.vendor + "/" + ref.order_id + "/" + std::string(broker);
}

struct Registration {
  const msg::OrderRef* ref = nullptr;
  std::string broker;
};

Registration registration(const AnyDocument* message) {
  if (const auto* m = as<RegisterCommit>(message)) return {&m->body.order_ref, m->head.sender.value_or("")};
  if (const auto* m = as<RegisterDelivery>(message)) return {&m->body.order_ref, m->body.broker};
  if (const auto* m = as<RegisterOrder>(message)) return {&m->body.order_ref, m->body.broker};
  return {};
}

bool says_received(const RegisterOrder& order) {
  return order.body.outcome.value_or(msg::Outcome::received) == msg::Outcome::received;
}

template <class Response>
void answer(const ledger::Record& record, std::string_view case_no, const std::string& what, Response& response) {
  response.body.case_no = std::string(case_no);
  response.body.registered_at = std::string(field(record, what + ".registered_at"));
}

}  // namespace

std::string case_key(const msg::OrderRef& ref, std::string_view broker) {
  const std::string whole = crypto::sha256_hex(codec::canonical("OrderRef", msg::kOrderRefType, &ref));
  return group_key(ref, broker) + "/" + whole.substr(0, 32);
}

bool issued(const Directory& directory, std::string_view id, std::string_view role) {
  const Lookup entry = directory.find(id);
  return entry.found == Found::known && entry.player->role == role;
}

std::int64_t next_case_no(Store& store) {
  ledger::Record counter{std::string(kCounterMachine), "case", "COUNTING", {}, {}};
  if (auto found = store.find(kCounterMachine, "case")) counter = std::move(*found);
  const std::int64_t case_no = number(counter, "last").value_or(0) + 1;
  set_number(counter, "last", case_no);
  store.put(counter);
  return case_no;
}

bool HostCase::in_time(const ledger::Record& record) {
  const auto first = number(record, "first_ms");
  if (!first) return false;
  const std::int64_t passed = stage_.facts.now_ms - *first - suspensions_.between(*first, stage_.facts.now_ms);
  return passed <= stage_.facts.spans.in_time * 1000;
}

bool HostCase::holds(std::uint8_t predicate, const Turn& turn) {
  const Registration registered = registration(turn.message);
  const auto* delivery = turn.get<RegisterDelivery>();
  const Directory& directory = stage_.facts.directory;
  switch (static_cast<cases::Predicate>(predicate)) {
    case cases::Predicate::vendor_issued: return registered.ref && issued(directory, registered.ref->vendor, "vendor");
    case cases::Predicate::broker_issued: return registered.ref && issued(directory, registered.broker, "broker");
    case cases::Predicate::sender_is_vendor: return delivery && delivery->head.sender == delivery->body.order_ref.vendor;
    case cases::Predicate::in_time: return in_time(turn.record);
  }
  return false;
}

void HostCase::apply(statemachines::EffectId effect, Turn& turn) {
  switch (static_cast<cases::Effect>(effect)) {
    case cases::Effect::perform_open_case: return open_case(turn);
    case cases::Effect::perform_register_commit: return register_commit(turn);
    case cases::Effect::perform_register_delivery: return register_delivery(turn);
    case cases::Effect::reply_QP_OK:
    case cases::Effect::reply_QP_E_VENDOR:
    case cases::Effect::reply_QP_E_BROKER:
    case cases::Effect::reply_QP_E_FORBIDDEN:
    case cases::Effect::set_c_in_time:
    case cases::Effect::set_c_late:
    case cases::Effect::set_d_in_time:
    case cases::Effect::set_d_late:
    case cases::Effect::hand_over_statement: return stage_.common(effect, turn);
  }
}

void HostCase::open_case(Turn& turn) {
  const Registration registered = registration(turn.message);
  if (!registered.ref) return;
  set_number(turn.record, "case_no", next_case_no(stage_.store));
  set_number(turn.record, "first_ms", stage_.facts.now_ms);
  keep(turn.record, "OrderRef", msg::kOrderRefType, *registered.ref);
  turn.record.fields["broker"] = registered.broker;
  const std::string group = group_key(*registered.ref, registered.broker);
  if (stage_.store.find(kGroupMachine, group)) {
    stage_.event(turn, "alarm", "order-refs-differ");
  } else {
    stage_.store.put({std::string(kGroupMachine), group, "SEEN", {}, {{"case", turn.key()}}});
  }
}

void HostCase::register_commit(Turn& turn) {
  const auto* notice = turn.get<RegisterCommit>();
  if (!notice) return;
  auto& fields = turn.record.fields;
  fields["commit.wallet"] = notice->body.wallet;
  fields["commit.commit_id"] = notice->body.commit_id;
  fields["commit.committed_at"] = notice->body.committed_at;
  fields["commit.settle_by"] = notice->body.settle_by;
  fields["commit.registered_at"] = format_time(stage_.facts.now_ms);
  const std::int64_t committed_ms = parse_time(notice->body.committed_at).value_or(0);
  fees_.charge(turn.key(), notice->body.order_ref, notice->head.sender.value_or(""), committed_ms, turn.record);
}

void HostCase::register_delivery(Turn& turn) {
  const auto* notice = turn.get<RegisterDelivery>();
  if (!notice) return;
  auto& fields = turn.record.fields;
  fields["delivery.commit_id"] = notice->body.commit_id;
  fields["delivery.delivery_id"] = notice->body.delivery_id;
  fields["delivery.delivered_at"] = notice->body.delivered_at;
  fields["delivery.registered_at"] = format_time(stage_.facts.now_ms);
}

void HostCase::fill(const ledger::Record& record, const AnyDocument*, AnyDocument& response) {
  const std::string_view case_no = field(record, "case_no");
  if (auto* r = as<msg::micro::RegisterCommitResponse>(&response)) {
    answer(record, case_no, "commit", *r);
    r->body.host_receipt = receipt(record);
  }
  if (auto* r = as<msg::micro::RegisterDeliveryResponse>(&response)) answer(record, case_no, "delivery", *r);
}

/// For the Vendor, if it shares a key with this Host (QP-ADD-22).
std::optional<msg::HostReceipt> HostCase::receipt(const ledger::Record& record) const {
  const Facts& facts = stage_.facts;
  const auto ref = recall<msg::OrderRef>(record, "OrderRef", msg::kOrderRefType);
  if (facts.profile() != msg::Profile::H || !ref) return std::nullopt;
  const auto key = SharedKeys(facts.config).current(ref->vendor, facts.now_ms);
  if (!key) return std::nullopt;
  msg::HostReceipt receipt;
  receipt.host = facts.config.id;
  receipt.vendor = ref->vendor;
  receipt.broker = field(record, "broker");
  receipt.order_id = ref->order_id;
  receipt.digest = ref->digest;
  receipt.commit_id = field(record, "commit.commit_id");
  receipt.settle_by = field(record, "commit.settle_by");
  receipt.registered_at = field(record, "commit.registered_at");
  receipt.mac = receipt_mac(receipt, *key);
  return receipt;
}

std::string HostCase::port_key(std::string_view, const Turn& turn) {
  const auto* order = turn.get<RegisterOrder>();
  return turn.key() + "/" + (order ? order->head.sender.value_or("") : "");
}

std::optional<ledger::Record> HostStatement::case_of(const std::string& key) {
  return stage_.store.find(cases_.table().id, key.substr(0, key.rfind('/')));
}

bool HostStatement::holds(std::uint8_t predicate, const Turn& turn) {
  const auto* order = turn.get<RegisterOrder>();
  switch (static_cast<statements::Predicate>(predicate)) {
    case statements::Predicate::says_received: return order && says_received(*order);
    case statements::Predicate::in_time: {
      const auto record = case_of(turn.key());
      return record && cases_.in_time(*record);
    }
  }
  return false;
}

void HostStatement::apply(statemachines::EffectId effect, Turn& turn) {
  switch (static_cast<statements::Effect>(effect)) {
    case statements::Effect::perform_register_received: return store(turn, "received");
    case statements::Effect::perform_register_not_received: return store(turn, "not_received");
    case statements::Effect::set_o_in_time:
    case statements::Effect::set_o_late:
    case statements::Effect::set_w_no:
    case statements::Effect::reply_QP_OK: return stage_.common(effect, turn);
  }
}

void HostStatement::store(Turn& turn, const std::string& what) {
  const auto* order = turn.get<RegisterOrder>();
  if (!order) return;
  auto& fields = turn.record.fields;
  fields[what + ".endorsement_id"] = order->body.endorsement_id;
  fields[what + ".delivery_id"] = order->body.delivery_id.value_or("");
  fields[what + ".stated_at"] = order->body.received_at;
  fields[what + ".registered_at"] = format_time(stage_.facts.now_ms);
}

void HostStatement::fill(const ledger::Record& record, const AnyDocument* request, AnyDocument& response) {
  const auto* order = as<RegisterOrder>(request);
  auto* reply = as<msg::micro::RegisterOrderResponse>(&response);
  const auto known = case_of(record.key);
  if (!order || !reply || !known) return;
  answer(record, field(*known, "case_no"), says_received(*order) ? "received" : "not_received", *reply);
}

HostRole::HostRole(Stage& stage, const Parts& parts)
    : stage_(stage),
      log_(stage.facts, stage.store),
      suspensions_(stage.facts, stage.store),
      members_(stage),
      mail_(parts.host_mail(stage)),
      revokes_(parts.host_revokes(stage, *mail_)),
      fees_(stage, *revokes_),
      cases_(machine_for(stage.facts.config, cases::table(), cases::make_msm()), stage, fees_),
      statements_(machine_for(stage.facts.config, statements::table(), statements::make_msm()), stage, cases_),
      purchases_(parts.host_purchases(stage, fees_)),
      entries_(parts.host_entries(stage)),
      registrar_(parts.host_registrar(stage, members_)),
      keys_(parts.host_keys(stage, members_)),
      hearings_(parts.host_hearings(stage, *revokes_, *purchases_)) {
  stage.add(cases_);
  stage.add(statements_);
  stage.watch(log_);
}

void HostRole::suspend() {
  if (suspended()) return;
  log_.switched("suspend");
  suspensions_.begin();
}

void HostRole::resume() {
  if (!suspended()) return;
  log_.switched("resume");
  suspensions_.end();
}

void HostRole::on_request(Request& request) {
  const bool apart =
      mail_->serve(request) || entries_->serve(request) || registrar_->serve(request) || keys_->serve(request);
  if (apart) return;  // no case rests on these
  log_.took(request);
  if (hearings_->serve(request) || purchases_->serve(request) || revokes_->serve(request)) return;
  const Registration registered = registration(request.document.get());
  if (!registered.ref) return;
  const std::string key = case_key(*registered.ref, registered.broker);
  stage_.serve(cases_, key, request);
  hearings_->registered(key);
}

std::unique_ptr<HostRole> make_host(Stage& stage, const Parts& parts) {
  return std::make_unique<HostRole>(stage, parts);
}

}  // namespace quickpay::roles
