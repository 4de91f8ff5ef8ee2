// What can happen: moves of users, timers, the network and liars.
#include "statemachines/composition/composition.hpp"

#include <algorithm>

#include "statemachines/composition/scene.hpp"

namespace quickpay::statemachines {
namespace {

using Bits = LetterBits;

constexpr std::uint8_t kFetching = 0x80;  // the highest bit of an instance's timers

std::uint16_t travelling(const CompositionState& state, std::size_t at) {
  return static_cast<std::uint16_t>(state[at + 2] | (state[at + 3] << 8U));
}

void set_travelling(CompositionState& state, std::size_t at, std::uint16_t answers) {
  state[at + 2] = static_cast<std::uint8_t>(answers & 0xFFU);
  state[at + 3] = static_cast<std::uint8_t>(answers >> 8U);
}

}  // namespace

Composition::Composition(const CompositionTable& table, std::vector<Player> players,
                         const ConfigurationInfo& configuration)
    : layout_(table, std::move(players), configuration), configuration_(configuration) {
  for (const Player& player : layout_.players()) {
    assumptions_.emplace_back(player.table->predicates.size(), nullptr);
    watched_.emplace_back(player.table->effects.size());
    follows_.emplace_back(player.table->effects.size());
    pretended_.emplace_back(player.table->predicates.size(), -1);
  }
  for (const AssumptionInfo& item : table.assumptions) assumptions_[item.instance][item.predicate] = &item;
  for (std::size_t order = 0; order < layout_.orders(); ++order)
    for (const InstanceInfo& item : table.instances) present_.push_back(takes_part(item, configuration, order));
  for (const FollowInfo& item : table.follows) {
    const auto& effects = layout_.players()[item.instance].table->effects;
    for (std::size_t i = 0; i < effects.size(); ++i)
      if (effects[i].id == item.effect && takes_part(table.instances[item.to], configuration)) follows_[item.instance][i].push_back(&item);
  }
  for (const ObservationInfo& item : table.observations) {
    const auto& effects = layout_.players()[item.instance].table->effects;
    for (std::size_t i = 0; i < effects.size(); ++i)
      if (effects[i].id == item.effect) watched_[item.instance][i].push_back(&item);
    for (const FormulaOp& op : item.value) tells_terms_apart_ |= op.code == FormulaOp::Code::other;
  }
  known_ = std::make_unique<Known>();
  find_ways();
}

void Composition::pretend(std::size_t instance, std::size_t predicate, bool value) {
  pretended_[instance][predicate] = value ? 1 : 0;
}

CompositionState Composition::initial() const {
  CompositionState state{};
  for (std::size_t order = 0; order < layout_.orders(); ++order) {
    for (std::size_t i = 0; i < layout_.players().size(); ++i) {
      const Snapshot& start = layout_.players()[i].initial;
      const std::size_t at = layout_.machine_at(order, i);
      state[at] = static_cast<std::uint8_t>(start.state);
      for (std::size_t k = 0; k < layout_.players()[i].table->variables.size(); ++k)
        state[at + 1 + k] = start.variables[k];
    }
  }
  budget(state, Budget::kLoss) = configuration_.loss;
  budget(state, Budget::kCopies) = configuration_.duplication;
  budget(state, Budget::kCrashes) = configuration_.crashes;
  budget(state, Budget::kForgeries) = configuration_.forgeries;
  return state;
}

bool Composition::quiet(const CompositionState& state) const {
  for (std::size_t order = 0; order < layout_.orders(); ++order) {
    for (std::size_t i = 0; i < layout_.players().size(); ++i)
      if ((state[layout_.timers_at(order, i)] & kFetching) != 0) return false;
    for (std::size_t i = 0; i < layout_.letters().size(); ++i) {
      const std::size_t at = layout_.letter_at(order, i);
      if (travelling(state, at) != 0) return false;
      if ((state[at] & (Bits::kMoving | Bits::kOld)) != 0 && !ways_->letters[i].receiver_away) return false;
    }
  }
  return true;
}

// A call whose answer is not on its way, nor the request to anybody who is there.
bool Composition::silent(const CompositionState& state, std::size_t order, std::size_t letter) const {
  const Letter& info = layout_.letters()[letter];
  const std::size_t at = layout_.letter_at(order, letter);
  if ((state[at] & Bits::kOpen) == 0 || info.failure < 0 || travelling(state, at) != 0) return false;
  return (state[at] & Bits::kMoving) == 0 || ways_->letters[letter].receiver_away;
}

void Composition::due(const CompositionState& state, const std::function<void(const Move&)>& tell) const {
  if (!configuration_.lazy_timers) return;
  for (std::size_t order = 0; order < layout_.orders(); ++order) {
    Move move;
    move.order = static_cast<std::uint8_t>(order);
    move.kind = MoveKind::timer;
    for (std::size_t i = 0; i < layout_.players().size(); ++i) {
      const auto& events = layout_.players()[i].table->events;
      move.instance = static_cast<std::int16_t>(i);
      for (std::size_t e = 0; e < events.size(); ++e) {
        if (events[e].kind != EventKind::timer) continue;
        move.event = static_cast<std::int16_t>(e);
        if (((state[layout_.timers_at(order, i)] >> layout_.timer(i, events[e].timer)) & 1U) != 0) tell(move);
      }
    }
    move.kind = MoveKind::no_answer;
    move.instance = move.event = -1;
    for (std::size_t i = 0; i < layout_.letters().size(); ++i) {
      move.letter = static_cast<std::int16_t>(i);
      if (silent(state, order, i)) tell(move);
    }
  }
}

void Composition::successors(const CompositionState& state, const Visit& visit) const {
  const bool passes = time_passes(state);
  for (std::size_t order = 0; order < layout_.orders(); ++order) {
    for (std::size_t i = 0; i < layout_.players().size(); ++i)
      if (present(order, static_cast<int>(i))) own_moves(state, order, i, passes, visit);
    for (std::size_t i = 0; i < layout_.letters().size(); ++i) letter_moves(state, order, i, passes, visit);
  }
  crashes(state, visit);
}

// Users, timers, fetches, and requests of players that the model does not have.
void Composition::own_moves(const CompositionState& state, std::size_t order, std::size_t instance, bool passes,
                            const Visit& visit) const {
  const std::size_t timers = layout_.timers_at(order, instance);
  const StateId now = state[layout_.machine_at(order, instance)];
  for (const Ways::Own& own : ways_->players[instance].own) {
    if (own.kind == MoveKind::action && !own.rows[now]) continue;
    const std::uint8_t used = own.kind == MoveKind::fetched ? kFetching : own.timer;
    if (used != 0 && (state[timers] & used) == 0) continue;
    if (own.kind == MoveKind::timer && !passes) continue;
    Scene scene(order, instance);
    scene.move.kind = own.kind;
    scene.move.instance = static_cast<std::int16_t>(instance);
    scene.move.event = static_cast<std::int16_t>(own.event);
    const bool permitted = std::all_of(own.permits.begin(), own.permits.end(),
                                       [&](const PermissionInfo* item) { return evaluate(item->when, state, scene) != 0; });
    if (!permitted) continue;
    CompositionState next = state;
    next[timers] &= static_cast<std::uint8_t>(~used);
    step(next, scene, own.event, visit);
  }
}

void Composition::letter_moves(const CompositionState& state, std::size_t order, std::size_t letter, bool passes,
                               const Visit& visit) const {
  const std::size_t at = layout_.letter_at(order, letter);
  if (state[at] != 0 || travelling(state, at) != 0) {
    deliver(state, order, letter, visit);
    answers(state, order, letter, visit);
    no_answer(state, order, letter, passes, visit);
    losses(state, order, letter, visit);
  }
  if (state[layout_.budget_at(Budget::kForgeries)] == 0) return;
  forge_requests(state, order, letter, visit);
  forge_answers(state, order, letter, visit);
}

void Composition::deliver(const CompositionState& state, std::size_t order, std::size_t letter,
                          const Visit& visit) const {
  const Letter& info = layout_.letters()[letter];
  const std::size_t at = layout_.letter_at(order, letter);
  if (ways_->letters[letter].receiver_away) return;
  if ((state[at] & Bits::kMoving) != 0) {
    arrive(state, order, letter, false, visit);
    if (state[layout_.budget_at(Budget::kCopies)] > 0 && info.to >= 0) arrive(state, order, letter, true, visit);
  }
  if ((state[at] & Bits::kOld) == 0) return;
  CompositionState next = state;
  next[at] &= static_cast<std::uint8_t>(~Bits::kOld);
  Scene scene(order, static_cast<std::size_t>(std::max(info.to, 0)));
  scene.move.kind = MoveKind::earlier_request;
  scene.move.letter = static_cast<std::int16_t>(letter);
  if (info.to < 0) return visit(scene.move, next);
  scene.variant = info.variant;
  scene.other = evaluate(layout_.table().instances[static_cast<std::size_t>(info.from)].content, state, scene) != 0;
  step(next, scene, info.arrival, visit);
}

// A request whose final answer is kept gets it again; any other is an event of its receiver.
void Composition::arrive(CompositionState state, std::size_t order, std::size_t letter, bool kept,
                         const Visit& visit) const {
  const Letter& info = layout_.letters()[letter];
  const std::size_t at = layout_.letter_at(order, letter);
  if (kept) --budget(state, Budget::kCopies);
  if (!kept) state[at] &= static_cast<std::uint8_t>(~Bits::kMoving);
  Scene scene(order, static_cast<std::size_t>(std::max(info.to, 0)));
  scene.letter = static_cast<int>(letter);
  scene.move.kind = MoveKind::request;
  scene.move.letter = static_cast<std::int16_t>(letter);
  scene.move.kept = kept;
  if (info.to < 0) {  // the surroundings answer as they like
    scene.instance = static_cast<std::size_t>(info.from);
    scene.answered = static_cast<int>(letter);
    const auto& events = layout_.players()[scene.instance].table->events;
    for (std::size_t e = 0; e < events.size(); ++e)
      if (events[e].kind == EventKind::response && events[e].message == info.message)
        outcome(state, scene, static_cast<EventId>(e), visit);
    return;
  }
  if (state[at + 1] != 0) {
    set_travelling(state, at, static_cast<std::uint16_t>(travelling(state, at) | (1U << (state[at + 1] - 1U))));
    return visit(scene.move, state);
  }
  scene.variant = info.variant;
  scene.other = evaluate(layout_.table().instances[static_cast<std::size_t>(info.from)].content, state, scene) != 0;
  step(state, scene, info.arrival, visit);
}

// The call is over unless the step repeats it.
void Composition::outcome(CompositionState state, const Scene& scene, EventId event, const Visit& visit) const {
  state[layout_.letter_at(scene.order, static_cast<std::size_t>(scene.answered))] &=
      static_cast<std::uint8_t>(~Bits::kOpen);
  step(state, scene, event, visit);
}

void Composition::answers(const CompositionState& state, std::size_t order, std::size_t letter,
                          const Visit& visit) const {
  const Letter& info = layout_.letters()[letter];
  const std::size_t at = layout_.letter_at(order, letter);
  const std::uint16_t moving = travelling(state, at);
  if (moving == 0 || (state[at] & Bits::kOpen) == 0) return;
  for (std::size_t code = 0; code < info.codes.size(); ++code) {
    if (((moving >> code) & 1U) == 0) continue;
    Scene scene(order, static_cast<std::size_t>(info.from));
    scene.answered = static_cast<int>(letter);
    scene.move.kind = MoveKind::answer;
    scene.move.letter = static_cast<std::int16_t>(letter);
    scene.move.code = static_cast<std::int16_t>(code);
    CompositionState next = state;
    if (state[layout_.budget_at(Budget::kCopies)] > 0) {
      scene.move.kept = true;
      --budget(next, Budget::kCopies);
      outcome(next, scene, info.outcomes[code], visit);
      next = state;
      scene.move.kept = false;
    }
    set_travelling(next, at, static_cast<std::uint16_t>(moving & ~(1U << code)));
    outcome(next, scene, info.outcomes[code], visit);
  }
}

void Composition::no_answer(const CompositionState& state, std::size_t order, std::size_t letter, bool passes,
                            const Visit& visit) const {
  const Letter& info = layout_.letters()[letter];
  const std::size_t at = layout_.letter_at(order, letter);
  if ((state[at] & Bits::kOpen) == 0 || info.failure < 0) return;
  if (!passes) return;
  Scene scene(order, static_cast<std::size_t>(info.from));
  scene.answered = static_cast<int>(letter);
  scene.move.kind = MoveKind::no_answer;
  scene.move.letter = static_cast<std::int16_t>(letter);
  outcome(state, scene, static_cast<EventId>(info.failure), visit);
}

void Composition::losses(const CompositionState& state, std::size_t order, std::size_t letter,
                         const Visit& visit) const {
  if (state[layout_.budget_at(Budget::kLoss)] == 0) return;
  const std::size_t at = layout_.letter_at(order, letter);
  Move move;
  move.order = static_cast<std::uint8_t>(order);
  move.letter = static_cast<std::int16_t>(letter);
  if ((state[at] & Bits::kMoving) != 0) {
    CompositionState next = state;
    --budget(next, Budget::kLoss);
    next[at] &= static_cast<std::uint8_t>(~Bits::kMoving);
    move.kind = MoveKind::lose_request;
    visit(move, next);
  }
  const std::uint16_t moving = travelling(state, at);
  for (std::size_t code = 0; code < layout_.letters()[letter].codes.size(); ++code) {
    if (((moving >> code) & 1U) == 0) continue;
    CompositionState next = state;
    --budget(next, Budget::kLoss);
    set_travelling(next, at, static_cast<std::uint16_t>(moving & ~(1U << code)));
    move.kind = MoveKind::lose_answer;
    move.code = static_cast<std::int16_t>(code);
    visit(move, next);
  }
}

// Records, calls, timers and kept answers are durable; connections are not, nor is what travels on them.
void Composition::crash(CompositionState state, std::size_t instance, std::size_t first, const Visit& visit) const {
  const std::string_view role = layout_.players()[instance].table->role;
  const auto player = [&](std::size_t order) { return player_of(configuration_.players, role, order); };
  const auto touches = [&](int who) { return who >= 0 && layout_.players()[static_cast<std::size_t>(who)].table->role == role; };
  --budget(state, Budget::kCrashes);
  for (std::size_t order = first; order < layout_.orders(); ++order) {
    if (player(order) != player(first)) continue;
    for (std::size_t k = 0; k < layout_.letters().size(); ++k) {
      if (!touches(layout_.letters()[k].from) && !touches(layout_.letters()[k].to)) continue;
      const std::size_t at = layout_.letter_at(order, k);
      state[at] &= static_cast<std::uint8_t>(~(Bits::kMoving | Bits::kOld));
      if ((state[at] & Bits::kParked) != 0) state[at] |= Bits::kDeaf;
      set_travelling(state, at, 0);
    }
  }
  Move move;
  move.kind = MoveKind::crash;
  move.order = static_cast<std::uint8_t>(first);
  move.instance = static_cast<std::int16_t>(instance);
  visit(move, state);
}

// Each player once.
void Composition::crashes(const CompositionState& state, const Visit& visit) const {
  if (state[layout_.budget_at(Budget::kCrashes)] == 0) return;
  std::vector<std::string_view> done;
  for (std::size_t i = 0; i < layout_.players().size(); ++i) {
    const std::string_view role = layout_.players()[i].table->role;
    if (has(done, role)) continue;
    done.push_back(role);
    std::size_t next_player = 0;  // players are counted in the order of their first orders
    for (std::size_t order = 0; order < layout_.orders(); ++order)
      if (player_of(configuration_.players, role, order) == next_player) crash(state, i, order, visit), ++next_player;
  }
}

void Composition::forge_requests(const CompositionState& state, std::size_t order, std::size_t letter,
                                 const Visit& visit) const {
  const Letter& info = layout_.letters()[letter];
  const Ways::Letter& may = ways_->letters[letter];
  if (!present(order, info.from) || !present(order, info.to) || may.receiver_away || !may.request_forged) return;
  for (int other = 0; other <= (tells_terms_apart_ ? 1 : 0); ++other) {
    CompositionState next = state;
    --budget(next, Budget::kForgeries);
    Scene scene(order, static_cast<std::size_t>(info.to));
    scene.forged = true;
    scene.other = other != 0;
    scene.move.kind = MoveKind::forged_request;
    scene.move.letter = static_cast<std::int16_t>(letter);
    scene.move.other = other != 0;
    scene.variant = info.variant;
    step(next, scene, info.arrival, visit);
  }
}

void Composition::forge_answers(const CompositionState& state, std::size_t order, std::size_t letter,
                                const Visit& visit) const {
  const Letter& info = layout_.letters()[letter];
  const std::size_t at = layout_.letter_at(order, letter);
  if ((state[at] & Bits::kOpen) == 0 || !ways_->letters[letter].answer_forged) return;
  const auto& events = layout_.players()[static_cast<std::size_t>(info.from)].table->events;
  for (std::size_t e = 0; e < events.size(); ++e) {
    if (events[e].kind != EventKind::response || events[e].message != info.message) continue;
    if (static_cast<int>(e) == info.failure) continue;  // silence needs no forgery
    for (int other = 0; other <= (tells_terms_apart_ ? 1 : 0); ++other) {
      CompositionState next = state;
      --budget(next, Budget::kForgeries);
      Scene scene(order, static_cast<std::size_t>(info.from));
      scene.answered = static_cast<int>(letter);
      scene.forged = true;
      scene.other = other != 0;
      scene.move.kind = MoveKind::forged_answer;
      scene.move.letter = static_cast<std::int16_t>(letter);
      scene.move.event = static_cast<std::int16_t>(e);
      scene.move.other = other != 0;
      outcome(next, scene, static_cast<EventId>(e), visit);
    }
  }
}

}  // namespace quickpay::statemachines
