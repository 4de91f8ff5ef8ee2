// What can cause an event, who may forge a letter, who is away: asked of the tables once, for every state asks it again.
#include <algorithm>

#include "statemachines/composition/composition.hpp"
#include "statemachines/composition/scene.hpp"

namespace quickpay::statemachines {
namespace {

std::vector<bool> states_with_rows(const MachineTable& machine, EventId event) {
  std::vector<bool> states(machine.states.size(), false);
  for (const RowInfo& row : machine.rows)
    if (row.event == event) states[row.state] = true;
  return states;
}

}  // namespace

Composition::~Composition() = default;

bool Composition::suspended(int instance) const {
  return instance >= 0 && has(configuration_.suspended, layout_.players()[static_cast<std::size_t>(instance)].table->role);
}

bool Composition::lies(std::string_view who) const { return has(configuration_.liars, who); }

// Who lies writes what is its own to write; the network writes everything that nothing proves.
bool Composition::may_forge(std::string_view message, int writer) const {
  const MachineTable& machine = *layout_.players()[static_cast<std::size_t>(writer)].table;
  if (lies(machine.role)) return true;
  const auto& proven = layout_.table().authentic;
  return lies("network") && std::none_of(proven.begin(), proven.end(), [&](const AuthenticInfo& item) {
           const bool same = item.message == message && (item.protocol.empty() || item.protocol == machine.protocol);
           return same && item.profile == configuration_.profile;
         });
}

// Whether another machine's step causes the event; nobody else does.
bool Composition::driven(std::size_t instance, EventId event) const {
  const auto& follows = layout_.table().follows;
  return std::any_of(follows.begin(), follows.end(),
                     [&](const FollowInfo& item) { return item.to == instance && item.event == event; });
}

void Composition::find_ways() {
  ways_ = std::make_unique<Ways>();
  ways_->players.resize(layout_.players().size());
  for (std::size_t i = 0; i < layout_.players().size(); ++i) {
    for (const ImplicationInfo& item : layout_.players()[i].table->implications)
      ways_->players[i].implied |= (1ULL << item.if_predicate) | (1ULL << item.then_predicate);
    find_own(i);
    find_hand_overs(i);
  }
  for (const Letter& letter : layout_.letters()) {
    ways_->players[static_cast<std::size_t>(letter.from)].letters.push_back(ways_->letters.size());
    ways_->letters.push_back({suspended(letter.to), may_forge(letter.message, letter.from),
                              letter.to >= 0 && may_forge(letter.message, letter.to)});
  }
}

void Composition::find_own(std::size_t instance) {
  const MachineTable& machine = *layout_.players()[instance].table;
  for (std::size_t e = 0; e < machine.events.size(); ++e) {
    const EventInfo& event = machine.events[e];
    Ways::Own own{static_cast<EventId>(e), MoveKind::action, 0, {}, {}};
    if (event.kind == EventKind::action && !driven(instance, own.event)) {
      own.rows = states_with_rows(machine, own.event);
      for (const PermissionInfo& item : layout_.table().permissions)
        if (item.instance == instance && item.event == e) own.permits.push_back(&item);
    } else if (event.kind == EventKind::timer) {
      own.kind = MoveKind::timer;
      own.timer = static_cast<std::uint8_t>(1U << layout_.timer(instance, event.timer));
    } else if (event.kind == EventKind::fetch) {
      own.kind = MoveKind::fetched;
    } else if (event.kind == EventKind::request && layout_.from_outside(instance, own.event)) {
      own.kind = MoveKind::outside;
    } else {
      continue;
    }
    ways_->players[instance].own.push_back(std::move(own));
  }
}

// Where a machine hands an event over to, effect by effect.
void Composition::find_hand_overs(std::size_t instance) {
  const MachineTable& machine = *layout_.players()[instance].table;
  auto& all = ways_->players[instance].handed_over;
  for (const EffectInfo& effect : machine.effects) {
    auto& tasks = all.emplace_back();
    if (effect.verb != Verb::hand_over) continue;
    for (const PortInfo& port : machine.ports) {
      const int to = layout_.instance_of(port.machine);
      if (effect.first != port.id || to < 0) continue;
      const auto& events = layout_.players()[static_cast<std::size_t>(to)].table->events;
      const auto event = std::find_if(events.begin(), events.end(), [&](const EventInfo& e) { return e.id == port.event; });
      tasks.push_back({nullptr, static_cast<std::uint8_t>(to), static_cast<EventId>(event - events.begin()), 0});
    }
  }
}

}  // namespace quickpay::statemachines
