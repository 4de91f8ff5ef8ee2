#include "tools/killtables/live_table.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "tools/speccompiler/emit/model.hpp"
#include "tools/speccompiler/emit/text.hpp"

namespace quickpay::killtables {
namespace {

using namespace statemachines;

template <class T>
std::size_t index_of(const std::vector<T>& items, const std::string& id) {
  const auto found = std::find_if(items.begin(), items.end(), [&](const T& item) { return item.id == id; });
  return static_cast<std::size_t>(found - items.begin());
}

std::size_t value_of(const spec::Variable& variable, const std::string& value) {
  return static_cast<std::size_t>(std::find(variable.values.begin(), variable.values.end(), value) - variable.values.begin());
}

Verb verb_of(std::string_view name) {
  static constexpr std::array<std::pair<std::string_view, Verb>, 18> kVerbs = {{
      {"reply", Verb::reply}, {"answer-parked", Verb::answer_parked}, {"park", Verb::park}, {"send", Verb::send},
      {"retry", Verb::retry}, {"hurry", Verb::hurry}, {"drop", Verb::drop}, {"outbox", Verb::outbox},
      {"start", Verb::start}, {"stop", Verb::stop}, {"set", Verb::set}, {"perform", Verb::perform},
      {"tell", Verb::tell}, {"alarm", Verb::alarm}, {"hand-over", Verb::hand_over}, {"fetch", Verb::fetch},
      {"ignore", Verb::ignore}, {"refuse", Verb::refuse}}};
  for (const auto& [word, verb] : kVerbs)
    if (word == name) return verb;
  return Verb::ignore;
}

EventKind kind_of(spec::EventKind kind) {
  switch (kind) {
    case spec::EventKind::request: return EventKind::request;
    case spec::EventKind::response: return EventKind::response;
    case spec::EventKind::timer: return EventKind::timer;
    case spec::EventKind::action: return EventKind::action;
    case spec::EventKind::fetch: return EventKind::fetch;
  }
  return EventKind::request;
}

}  // namespace

LiveTable::LiveTable(spec::Machine machine, const LiveTable* like) : machine_(std::move(machine)) {
  if (like != nullptr) known_effects_ = like->known_effects_;
  for (const spec::Effect& effect : spec::effects_of(machine_))
    if (std::find(known_effects_.begin(), known_effects_.end(), effect) == known_effects_.end()) known_effects_.push_back(effect);
  add_declarations();
  add_events();
  add_effects();
  add_rows();
  table_ = {machine_.id, machine_.role, machine_.protocol, states_,  variables_, events_, predicates_, atoms_,
            implications_, effects_,    ports_,            rows_,    defaults_,  static_cast<StateId>(index_of(machine_.states, machine_.initial))};
}

std::span<const std::string_view> LiveTable::words(const std::vector<std::string>& list) {
  words_.emplace_back(list.begin(), list.end());
  return words_.back();
}

std::span<const EffectId> LiveTable::effects(const std::vector<spec::Effect>& list) {
  effect_lists_.emplace_back();
  for (const spec::Effect& effect : list)
    effect_lists_.back().push_back(static_cast<EffectId>(std::find(known_effects_.begin(), known_effects_.end(), effect) - known_effects_.begin()));
  return effect_lists_.back();
}

void LiveTable::add_declarations() {
  for (const spec::State& state : machine_.states) states_.push_back({state.id, state.terminal});
  for (const spec::Variable& one : machine_.variables)
    variables_.push_back({one.id, words(one.values), static_cast<std::uint8_t>(value_of(one, one.initial))});
  for (const spec::Predicate& one : machine_.predicates)
    predicates_.push_back({one.id, one.text, one.over, one.observable == "wire"});
  for (const spec::Atom& atom : machine_.atoms) {
    const std::size_t variable = index_of(machine_.variables, atom.variable);
    atoms_.push_back({static_cast<std::uint8_t>(variable),
                      static_cast<std::uint8_t>(value_of(machine_.variables[variable], atom.value)), atom.negated});
  }
  for (const spec::Implication& one : machine_.implications)
    implications_.push_back({static_cast<std::uint8_t>(index_of(machine_.predicates, one.if_predicate)),
                             static_cast<std::uint8_t>(index_of(machine_.predicates, one.then_predicate))});
  for (const spec::Port& port : machine_.ports) ports_.push_back({port.id, port.protocol, port.machine, port.event});
}

void LiveTable::add_events() {
  for (std::size_t i = 0; i < machine_.events.size(); ++i) {
    const spec::Event& event = machine_.events[i];
    const int fallback = i < machine_.default_of_event.size() ? machine_.default_of_event[i] : -1;
    events_.push_back({event.id, kind_of(event.kind), event.message, event.timer, words(event.codes), words(event.classes), fallback});
  }
}

void LiveTable::add_effects() {
  for (const spec::Effect& effect : known_effects_) {
    EffectInfo info{texts_.emplace_back(spec::effect_id(effect)), verb_of(effect.verb), {}, {}, 0, 0};
    if (!effect.arguments.empty()) info.first = effect.arguments[0];
    if (effect.arguments.size() > 1) info.second = effect.arguments[1];
    if (info.verb == Verb::set) {
      const std::size_t variable = index_of(machine_.variables, effect.arguments[0]);
      info.variable = static_cast<std::uint8_t>(variable);
      info.value = static_cast<std::uint8_t>(value_of(machine_.variables[variable], effect.arguments[1]));
    }
    effects_.push_back(info);
  }
}

void LiveTable::add_rows() {
  for (const spec::Row& row : machine_.rows)
    rows_.push_back({row.id, static_cast<StateId>(index_of(machine_.states, row.state)),
                     static_cast<EventId>(index_of(machine_.events, row.event)),
                     static_cast<StateId>(index_of(machine_.states, row.to)), row.mask, row.value, effects(row.effects),
                     words(row.requirements)});
  for (std::size_t i = 0; i < machine_.defaults.size(); ++i) {
    const spec::Default& one = machine_.defaults[i];
    const std::string& id = texts_.emplace_back(one.id.empty() ? "default-" + std::to_string(i + 1) : one.id);
    defaults_.push_back({id, effects(one.effects), words(one.requirements)});
  }
}

namespace {

using Words = std::span<const std::string_view>;

bool same(Words one, Words other) { return std::equal(one.begin(), one.end(), other.begin(), other.end()); }
bool same(const StateInfo& a, const StateInfo& b) { return a.id == b.id && a.terminal == b.terminal; }
bool same(const VariableInfo& a, const VariableInfo& b) { return a.id == b.id && a.initial == b.initial && same(a.values, b.values); }
bool same(const EventInfo& a, const EventInfo& b) {
  return a.id == b.id && a.kind == b.kind && a.message == b.message && a.timer == b.timer && same(a.codes, b.codes) &&
         same(a.classes, b.classes) && a.default_index == b.default_index;
}
bool same(const PredicateInfo& a, const PredicateInfo& b) {
  return a.id == b.id && a.text == b.text && a.over == b.over && a.on_wire == b.on_wire;
}
bool same(const AtomInfo& a, const AtomInfo& b) { return a.variable == b.variable && a.value == b.value && a.negated == b.negated; }
bool same(const ImplicationInfo& a, const ImplicationInfo& b) {
  return a.if_predicate == b.if_predicate && a.then_predicate == b.then_predicate;
}
bool same(const EffectInfo& a, const EffectInfo& b) {
  return a.id == b.id && a.verb == b.verb && a.first == b.first && a.second == b.second && a.variable == b.variable && a.value == b.value;
}
bool same(const PortInfo& a, const PortInfo& b) {
  return a.id == b.id && a.protocol == b.protocol && a.machine == b.machine && a.event == b.event;
}
bool same_effects(std::span<const EffectId> a, std::span<const EffectId> b) { return std::equal(a.begin(), a.end(), b.begin(), b.end()); }
bool same(const RowInfo& a, const RowInfo& b) {
  return a.id == b.id && a.state == b.state && a.event == b.event && a.to == b.to && a.mask == b.mask && a.value == b.value &&
         same_effects(a.effects, b.effects) && same(a.requirements, b.requirements);
}
bool same(const DefaultInfo& a, const DefaultInfo& b) {
  return a.id == b.id && same_effects(a.effects, b.effects) && same(a.requirements, b.requirements);
}

template <class T>
std::string in_list(const char* what, std::span<const T> one, std::span<const T> other) {
  if (one.size() != other.size()) return std::string("another number of ") + what;
  for (std::size_t i = 0; i < one.size(); ++i)
    if (!same(one[i], other[i])) return std::string(what) + " " + std::to_string(i) + " differ";
  return {};
}

}  // namespace

std::string difference(const MachineTable& one, const MachineTable& other) {
  if (one.id != other.id || one.role != other.role || one.protocol != other.protocol) return "another machine";
  if (one.initial != other.initial) return "another initial state";
  const std::array<std::string, 10> found = {
      in_list("states", one.states, other.states),          in_list("variables", one.variables, other.variables),
      in_list("events", one.events, other.events),          in_list("predicates", one.predicates, other.predicates),
      in_list("atoms", one.atoms, other.atoms),             in_list("implications", one.implications, other.implications),
      in_list("effects", one.effects, other.effects),       in_list("ports", one.ports, other.ports),
      in_list("rows", one.rows, other.rows),                in_list("defaults", one.defaults, other.defaults)};
  for (const std::string& each : found)
    if (!each.empty()) return each;
  return {};
}

}  // namespace quickpay::killtables
