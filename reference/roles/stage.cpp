#include "reference/roles/stage.hpp"

#include <algorithm>
#include <utility>

#include "reference/codec/generated/protocol.hpp"
#include "reference/roles/fields.hpp"

namespace quickpay::roles {
namespace {

using namespace statemachines;

constexpr std::string_view kDue = "due.";  // fields that mirror the ledger's timers of a record

std::string due_field(std::string_view timer) { return std::string(kDue).append(timer); }

bool contains(std::span<const std::string_view> list, std::string_view value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

const EventInfo* find_event(const MachineTable& table, std::string_view id) {
  const auto at = std::find_if(table.events.begin(), table.events.end(), [&](const auto& e) { return e.id == id; });
  return at == table.events.end() ? nullptr : &*at;
}

/// The event that an answer is: codes win over classes.
const EventInfo* event_of_answer(const MachineTable& table, std::string_view message, const Judged& judged) {
  const EventInfo* by_class = nullptr;
  for (const EventInfo& event : table.events) {
    if (event.kind != EventKind::response || event.message != message) continue;
    if (!judged.code.empty() && contains(event.codes, judged.code)) return &event;
    if (!by_class && contains(event.classes, judged.klass)) by_class = &event;
  }
  return by_class;
}

const EventInfo* event_of_fetch(const MachineTable& table, bool ok) {
  for (const EventInfo& event : table.events) {
    if (event.kind == EventKind::fetch && contains(event.classes, ok ? "ok" : "fail")) return &event;
  }
  return nullptr;
}

const EventInfo* event_of_timer(const MachineTable& table, std::string_view timer) {
  for (const EventInfo& event : table.events) {
    if (event.kind == EventKind::timer && event.timer == timer) return &event;
  }
  return nullptr;
}

std::vector<std::string> spell_variables(const MachineTable& table, const Snapshot& snapshot) {
  std::vector<std::string> spelled;
  for (std::size_t i = 0; i < table.variables.size(); ++i) {
    const VariableInfo& variable = table.variables[i];
    spelled.push_back(std::string(variable.id).append("=").append(variable.values[snapshot.variables[i]]));
  }
  return spelled;
}

/// The first due timer of a record, by the time at which it became due.
std::optional<std::string> due_timer(const ledger::Record& record, std::int64_t now_ms) {
  std::optional<std::string> first;
  std::int64_t least = now_ms;
  for (const auto& [name, value] : record.fields) {
    if (!name.starts_with(kDue)) continue;
    const auto due = number(record, name);
    if (!due || *due > least || (first && *due == least)) continue;
    least = *due;
    first = name.substr(kDue.size());
  }
  return first;
}

}  // namespace

Machine machine_for(const NodeConfig& config, const MachineTable& table, std::unique_ptr<Engine> compiled) {
  if (config.engine_factory) return config.engine_factory(table);
  return {&table, std::move(compiled)};
}

Actor* Stage::actor_of(std::string_view machine) const {
  for (Actor* actor : actors_) {
    if (actor->table().id == machine) return actor;
  }
  return nullptr;
}

Turn Stage::open(Actor& actor, std::string_view key) {
  Turn turn;
  turn.actor = &actor;
  for (int fired = 0;; ++fired) {
    auto record = store.find(actor.table().id, key);
    turn.existed = record.has_value();
    if (!record) break;
    turn.record = std::move(*record);
    const auto timer = due_timer(turn.record, facts.now_ms);
    if (!timer || fired == kMaxTimersBefore) break;
    fire(actor, turn.record.key, *timer);
  }
  if (!turn.existed) {
    turn.record = {std::string(actor.table().id), std::string(key), {}, {}, {}};
    const Snapshot blank = initial_snapshot(actor.table());
    turn.record.state = std::string(actor.table().states[blank.state].id);
    turn.record.variables = spell_variables(actor.table(), blank);
  }
  turn.original = turn.record;
  return turn;
}

void Stage::fire(Actor& actor, const std::string& key, const std::string& timer) {
  store.erase_timer(actor.table().id, key, timer);
  auto record = store.find(actor.table().id, key);
  if (!record) return;
  Turn turn;
  turn.actor = &actor;
  turn.existed = true;
  turn.original = *record;
  turn.record = std::move(*record);
  turn.record.fields.erase(due_field(timer));
  const EventInfo* event = event_of_timer(actor.table(), timer);
  if (event) run(turn, event->id);
}

void Stage::fire_due() {
  for (const ledger::Timer& timer : store.due_timers(facts.now_ms, kMaxDueTimers)) {
    Actor* actor = actor_of(timer.machine);
    const auto record = store.find(timer.machine, timer.key);
    const auto due = record ? number(*record, due_field(timer.name)) : std::nullopt;
    if (actor && due && *due <= facts.now_ms) {
      fire(*actor, timer.key, timer.name);
    } else {
      store.erase_timer(timer.machine, timer.key, timer.name);
    }
  }
}

void Stage::fire(std::string_view machine, const std::string& key, const std::string& timer) {
  if (Actor* actor = actor_of(machine)) fire(*actor, key, timer);
}

bool Stage::run(Turn& turn, std::string_view id) {
  const EventInfo* event = find_event(turn.actor->table(), id);
  if (!event) return false;
  turn.event = static_cast<EventId>(event - turn.actor->table().events.data());
  step(turn);
  for (const Turn::FollowUp& next : turn.follow_ups) {
    Actor* actor = actor_of(next.machine);
    if (!actor || turn.depth + 1 > kMaxFollowUps) continue;
    Turn follow = open(*actor, next.key);
    follow.depth = turn.depth + 1;
    follow.request = turn.request;
    follow.message = turn.message;
    if (next.from_port) follow.origin = &turn.record;
    run(follow, next.event);
  }
  return true;
}

void Stage::connect(std::string port, std::string machine, std::string event) {
  connections_.push_back({std::move(port), std::move(machine), std::move(event)});
}

const Stage::Connection* Stage::connection(std::string_view port) const {
  const auto at = std::find_if(connections_.begin(), connections_.end(), [&](const auto& c) { return c.port == port; });
  return at == connections_.end() ? nullptr : &*at;
}

void Stage::take_over() {
  for (const Connection& each : connections_) {
    Actor* actor = actor_of(each.machine);
    if (!actor) continue;
    for (const ledger::Record& left : store.list("port." + each.port, "", kMaxLeftAtPort)) {
      Turn turn = open(*actor, left.key);
      turn.origin = &left;
      run(turn, each.event);
      store.erase(left.machine, left.key);
    }
  }
}

void Stage::serve(Turn& turn, Request& request) {
  turn.request = &request;
  turn.message = request.document.get();
  run(turn, request.ops->type->id);
}

void Stage::serve(Actor& actor, std::string_view key, Request& request) {
  Turn turn = open(actor, key);
  serve(turn, request);
}

void Stage::answered(const ledger::Call& call, const Judged& judged) {
  Actor* actor = actor_of(call.machine);
  if (!actor) return store.erase_call(call.msg_id);
  Turn turn = open(*actor, call.key);
  if (!store.find_call(call.msg_id)) return;  // a timer that was due has given it up
  if (judged.code == protocol::QP_E_STALE && outbox.renew(call, judged.after_s)) return;  // no event of the machine
  store.erase_call(call.msg_id);
  turn.call = &call;
  const bool trusted = !judged.response || actor->trusts(turn.record, call, *judged.response);
  const Judged nothing;
  const Judged& counts = trusted ? judged : nothing;
  turn.message = counts.response.get();
  turn.after_s = counts.after_s;
  if (const EventInfo* event = event_of_answer(actor->table(), call.message, counts)) run(turn, event->id);
}

void Stage::fetched(const ledger::Call& call, bool ok, const std::string& body) {
  Actor* actor = actor_of(call.machine);
  if (!actor) return store.erase_call(call.msg_id);
  Turn turn = open(*actor, call.key);
  if (!store.find_call(call.msg_id)) return;
  store.erase_call(call.msg_id);
  turn.call = &call;
  if (ok) turn.fetched = &body;
  if (const EventInfo* event = event_of_fetch(actor->table(), ok)) run(turn, event->id);
}

PredicateBits Stage::evaluate(Turn& turn) const {
  const MachineTable& table = turn.actor->table();
  Deviation* deviation = facts.config.deviation;
  PredicateBits bits = 0;
  for (std::size_t i = 0; i < table.predicates.size(); ++i) {
    bool value = turn.actor->holds(static_cast<std::uint8_t>(i), turn);
    if (deviation) value = deviation->override_predicate(table.id, table.predicates[i].id, value);
    if (value) bits |= PredicateBits{1} << i;
  }
  return bits;
}

bool Stage::restore(const Turn& turn, Snapshot& snapshot) {
  const MachineTable& table = turn.actor->table();
  snapshot = initial_snapshot(table);
  std::size_t found = 0;
  for (std::size_t i = 0; i < table.states.size(); ++i) {
    if (table.states[i].id == turn.record.state) snapshot.state = static_cast<StateId>(i), ++found;
  }
  for (const std::string& entry : turn.record.variables) {
    const std::size_t cut = entry.find('=');
    for (std::size_t i = 0; i < table.variables.size(); ++i) {
      const VariableInfo& variable = table.variables[i];
      if (cut == std::string::npos || variable.id != std::string_view(entry).substr(0, cut)) continue;
      const auto at = std::find(variable.values.begin(), variable.values.end(), std::string_view(entry).substr(cut + 1));
      if (at != variable.values.end()) {
        snapshot.variables[i] = static_cast<std::uint8_t>(at - variable.values.begin()), ++found;
      }
    }
  }
  return found == 1 + turn.record.variables.size();
}

void Stage::step(Turn& turn) {
  const MachineTable& table = turn.actor->table();
  Snapshot snapshot;
  if (!restore(turn, snapshot)) return store.corrupt("record " + turn.key() + " is in no state of " + std::string(table.id));
  const StateId before = snapshot.state;
  const PredicateBits bits = evaluate(turn);
  const StepResult result = turn.actor->engine().step(snapshot, turn.event, bits);
  std::vector<EffectId> effects(result.effect_list().begin(), result.effect_list().end());
  if (facts.config.deviation) {
    const bool is_row = result.row < table.rows.size();
    facts.config.deviation->override_effects(table, is_row ? table.rows[result.row].id : std::string_view{}, effects);
  }
  turn.record.state = std::string(table.states[snapshot.state].id);
  turn.record.variables = spell_variables(table, snapshot);
  for (const EffectId effect : effects) turn.actor->apply(effect, turn);
  const bool blank = !turn.existed && turn.record.state == turn.original.state;
  const bool changed = !blank && turn.record != turn.original;
  if (changed) store.put(turn.record);
  if (watcher_) {
    const bool is_row = result.row < table.rows.size();
    watcher_->stepped(turn, table.events[turn.event].id, is_row ? table.rows[result.row].id : std::string_view{}, changed);
  }
  if (facts.config.trace) note(turn, bits, result, effects);
  if (before != snapshot.state && table.states[snapshot.state].terminal && table.role == "wallet") {
    event(turn, "done", turn.record.state);
  }
}

void Stage::note(const Turn& turn, PredicateBits bits, const StepResult& result,
                 const std::vector<EffectId>& effects) {
  const MachineTable& table = turn.actor->table();
  TraceLine line;
  line.at_ms = facts.now_ms;
  line.player = facts.config.id;
  line.machine = std::string(table.id);
  line.key = turn.key();
  line.event = std::string(table.events[turn.event].id);
  for (std::size_t i = 0; i < table.predicates.size(); ++i) {
    if (bits >> i & 1) line.holds.emplace_back(table.predicates[i].id);
  }
  switch (result.outcome) {
    case Outcome::taken: line.outcome = "taken"; break;
    case Outcome::rejected: line.outcome = "rejected"; break;
    case Outcome::unexpected: line.outcome = "unexpected"; break;
  }
  if (result.row < table.rows.size()) {
    line.row = std::string(table.rows[result.row].id);
  } else if (result.row - table.rows.size() < table.defaults.size()) {
    line.row = std::string(table.defaults[result.row - table.rows.size()].id);
  }
  line.before = turn.original.state;
  line.after = turn.record.state;
  line.variables_before = turn.original.variables;
  line.variables_after = turn.record.variables;
  for (const EffectId effect : effects) line.effects.emplace_back(table.effects[effect].id);
  output.trace.push_back(std::move(line));
}

}  // namespace quickpay::roles
