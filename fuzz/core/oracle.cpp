#include "fuzz/core/oracle.hpp"

#include <algorithm>

#include "fuzz/core/when.hpp"
#include "reference/codec/generated/protocol.hpp"
#include "reference/codec/reader.hpp"

namespace quickpay::fuzz {
namespace {

using namespace statemachines;

constexpr int kMaxFired = 16;  ///< timers of one record that fire before another event of it

bool contains(std::span<const std::string_view> list, std::string_view value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

}  // namespace

Oracle::Oracle(const roles::NodeConfig& config, std::string_view machine, std::span<const std::string_view> predicates,
               const roles::Directory& directory)
    : config_(config), mirror_(machine), exchanges_(config, directory), calls_(config.id) {
  for (const PredicateInfo& predicate : mirror_.table().predicates) {
    if (!contains(predicates, predicate.id)) cannot("no oracle for the predicate " + std::string(predicate.id));
  }
}

void Oracle::request(std::int64_t now_ms, roles::ConnectionToken connection, std::string_view address,
                     std::string_view path, std::string_view body) {
  now_ms_ = now_ms;
  auto asked = exchanges_.admit(connection, address, path, body, now_ms);
  if (!asked) return;
  Turn turn{key_of(*asked->document), asked->document.get(), &*asked, nullptr, 0};
  fire_due(turn.key);
  run(turn, asked->ops->type->id);
  exchanges_.give(*asked, protocol::QP_E_INTERNAL, turn.key, now_ms);  // nothing, if it was answered or parked
}

void Oracle::call_result(std::int64_t now_ms, std::string_view msg_id, const roles::CallResult& result) {
  now_ms_ = now_ms;
  calls_.landed(msg_id);
  const PendingCall* pending = calls_.find(msg_id);
  if (!pending) return;
  fire_due(std::string(pending->key));
  pending = calls_.find(msg_id);
  if (!pending) return;  // a timer gave it up
  const PendingCall call = *pending;
  const Heard heard = calls_.hear(call, result);
  calls_.forget(msg_id);
  Turn turn{call.key, heard.response.get(), nullptr, &call, heard.after_s};
  if (const auto event = event_of(call.message, heard); !event.empty()) run(turn, event);
}

void Oracle::time(std::int64_t now_ms) {
  now_ms_ = now_ms;
  for (const auto& [key, timer] : mirror_.due(now_ms)) fire(key, timer);
  calls_.pass();
}

void Oracle::restart(std::int64_t now_ms) {
  now_ms_ = now_ms;
  exchanges_.restart();
  calls_.restart(now_ms);
}

void Oracle::fire_due(const std::string& key) {
  for (int fired = 0; fired < kMaxFired; ++fired) {
    const auto timer = mirror_.due(key, now_ms_);
    if (!timer) return;
    fire(key, *timer);
  }
}

void Oracle::fire(const std::string& key, const std::string& timer) {
  mirror_.stop(key, timer);
  Turn turn{key, nullptr, nullptr, nullptr, 0};
  for (const EventInfo& event : mirror_.table().events) {
    if (event.kind == EventKind::timer && event.timer == timer) return run(turn, event.id);
  }
}

/// The event that an answer is: a list of codes is narrower than a class.
std::string_view Oracle::event_of(std::string_view message, const Heard& heard) const {
  std::string_view by_class;
  for (const EventInfo& event : mirror_.table().events) {
    if (event.kind != EventKind::response || event.message != message) continue;
    if (contains(event.codes, heard.code)) return event.id;
    if (contains(event.classes, heard.klass)) by_class = event.id;
  }
  return by_class;
}

void Oracle::run(Turn& turn, std::string_view event) {
  const MachineTable& table = mirror_.table();
  PredicateBits bits = 0;
  for (std::size_t i = 0; i < table.predicates.size(); ++i) {
    if (holds(table.predicates[i].id, turn)) bits |= PredicateBits{1} << i;
  }
  const Step step = mirror_.step(turn.key, event, bits);
  for (const EffectId effect : step.result.effect_list()) {
    if (table.effects[effect].verb == Verb::alarm) alarms_.emplace_back(turn.key, event);
    apply(table.effects[effect], turn);
  }
}

void Oracle::apply(const EffectInfo& effect, Turn& turn) {
  switch (effect.verb) {
    case Verb::reply:
      if (turn.asked) exchanges_.give(*turn.asked, effect.first, turn.key, now_ms_), replied(effect.first, turn);
      return;
    case Verb::park:
      if (turn.asked) exchanges_.park(*turn.asked, turn.key, now_ms_);
      return;
    case Verb::retry:
      if (turn.call) calls_.retry(*turn.call, turn.after_s, now_ms_);
      return;
    case Verb::answer_parked:
      return exchanges_.give_parked(turn.key, effect.first, now_ms_);
    case Verb::hurry:
      return calls_.hurry(turn.key, effect.first);
    case Verb::drop:
      return calls_.drop(turn.key, effect.first);
    case Verb::send:
    case Verb::outbox:
      return calls_.promise(call(effect.first, turn));
    case Verb::start:
      return mirror_.start(turn.key, effect.first, due(effect.first, turn));
    case Verb::stop:
      return mirror_.stop(turn.key, effect.first);
    case Verb::perform:
      return perform(effect.first, turn);
    case Verb::hand_over:
      ports_.emplace(effect.first, turn.key);
      return;
    case Verb::set:  // the mirror has done it
    case Verb::ignore:
    case Verb::alarm:
      return;
    case Verb::tell:
    case Verb::fetch:
    case Verb::refuse:
      return cannot("no oracle for the effect " + std::string(effect.id));
  }
}

std::string Oracle::check(const roles::Output& output, const roles::Node& node, ledger::Ledger& ledger) {
  if (!cannot_.empty()) return cannot_;
  std::string born;
  std::string wrong = mirror_.check_steps(output.trace, born);
  if (!born.empty()) named(born);
  if (wrong.empty()) wrong = mirror_.check_ledger(ledger);
  if (wrong.empty()) wrong = check_calls(output, ledger);
  if (wrong.empty()) wrong = check_answers(output);
  if (wrong.empty()) wrong = check_alarms(output);
  if (wrong.empty()) wrong = check_ports(ledger);
  if (wrong.empty()) wrong = check_kept(node, ledger);
  return wrong;
}

std::string Oracle::check_calls(const roles::Output& output, ledger::Ledger& ledger) {
  if (!output.fetches.empty()) return "a fetch that nothing asked for";
  for (const roles::OutgoingCall& out : output.calls) {
    if (std::string wrong = calls_.check(out, now_ms_); !wrong.empty()) return wrong;
    const roles::MessageOps* ops = roles::ops_of_path(out.path);
    if (!ops || ops->type->id != out.message) return out.message + " goes to another path";
    const auto request = ops->request();
    if (!codec::read_document(out.body, *ops->type->request, request->object())) return out.message + " is not valid";
    const msg::Head& head = request->head();
    const bool right = head.version == "1" && head.host == "H1" && head.sender == config_.id &&
                       head.receiver == out.receiver && head.msg_id == out.msg_id;
    if (!right) return out.message + " has a wrong Head";
    std::string wrong = check_call(calls_.find(out.msg_id)->key, *request);
    if (!wrong.empty()) return out.message + ": " + wrong;
  }
  std::vector<std::string> given_up;
  std::string wrong = calls_.check_rest(ledger, now_ms_, given_up);
  for (std::string& key : given_up) alarms_.emplace_back(std::move(key), "notice-given-up");
  return wrong;
}

std::string Oracle::check_answers(const roles::Output& output) {
  for (const roles::Answer& answer : output.answers) {
    Owed owed;
    std::unique_ptr<roles::AnyDocument> response;
    std::string wrong = exchanges_.check(answer, owed, response);
    if (wrong.empty() && response && owed.code == protocol::QP_OK) wrong = check_ok(owed, *response);
    if (!wrong.empty()) return wrong;
  }
  return exchanges_.check_rest();
}

std::string Oracle::check_alarms(const roles::Output& output) {
  std::vector<std::pair<std::string, std::string>> seen;
  for (const roles::UserEvent& event : output.user) {
    if (event.kind != "alarm") return "the operator is told " + event.kind;
    seen.emplace_back(event.order, event.text);
  }
  std::sort(seen.begin(), seen.end());
  std::sort(alarms_.begin(), alarms_.end());
  const bool same = seen == alarms_;
  alarms_.clear();
  return same ? "" : "the alarms differ";
}

std::string Oracle::check_ports(ledger::Ledger& ledger) const {
  for (const PortInfo& port : mirror_.table().ports) {
    std::set<std::string> wanted, kept;
    for (const auto& [id, key] : ports_) {
      if (id == port.id) wanted.insert(key);
    }
    const auto records = ledger.list("port." + std::string(port.id), "", ledger::kMaxListed);
    if (!records) return "the ports cannot be listed";
    for (const ledger::Record& record : *records) kept.insert(record.key);
    if (kept != wanted) return "what was handed over to " + std::string(port.id) + " differs";
  }
  return {};
}

}  // namespace quickpay::fuzz
