// What a step of one machine does to the whole.
#include <algorithm>

#include "statemachines/composition/composition.hpp"
#include "statemachines/composition/scene.hpp"

namespace quickpay::statemachines {
namespace {

using Bits = LetterBits;

constexpr std::uint8_t kFetching = 0x80;
constexpr std::size_t kMaxFreeBits = 16;  // predicates that one event may leave open: 2^16 valuations

Snapshot read(const Layout& layout, const CompositionState& state, std::size_t order, std::size_t instance) {
  Snapshot snapshot;
  const std::size_t at = layout.machine_at(order, instance);
  snapshot.state = state[at];
  for (std::size_t i = 0; i < layout.players()[instance].table->variables.size(); ++i)
    snapshot.variables[i] = state[at + 1 + i];
  return snapshot;
}

void write(const Layout& layout, CompositionState& state, std::size_t order, std::size_t instance,
           const Snapshot& snapshot) {
  const std::size_t at = layout.machine_at(order, instance);
  state[at] = static_cast<std::uint8_t>(snapshot.state);
  for (std::size_t i = 0; i < layout.players()[instance].table->variables.size(); ++i)
    state[at + 1 + i] = snapshot.variables[i];
}

bool contradicts(const MachineTable& table, PredicateBits bits, PredicateBits known) {
  return std::any_of(table.implications.begin(), table.implications.end(), [&](const ImplicationInfo& item) {
    const bool both = ((known >> item.if_predicate) & 1U) != 0 && ((known >> item.then_predicate) & 1U) != 0;
    return both && ((bits >> item.if_predicate) & 1U) != 0 && ((bits >> item.then_predicate) & 1U) == 0;
  });
}

void clear(CompositionState& state, std::size_t at, std::uint8_t bits) { state[at] &= static_cast<std::uint8_t>(~bits); }

}  // namespace

// Whether the model settles the predicate here; if not, both values are tried.
bool Composition::assumed(const CompositionState& state, const Scene& scene, std::size_t predicate,
                          bool& value) const {
  if (const int pretended = pretended_[scene.instance][predicate]; pretended >= 0) {
    value = pretended != 0;
    return true;
  }
  const AssumptionInfo* item = assumptions_[scene.instance][predicate];
  if (item == nullptr) return false;
  const bool over_message = layout_.players()[scene.instance].table->predicates[predicate].over == "message";
  const bool forged = scene.forged && over_message;
  const bool open = forged && !item->forged_open.empty() && evaluate(item->forged_open, state, scene) != 0;
  if (!item->meaning.empty() && !open) {
    value = evaluate(item->meaning, state, scene) != 0;
    return true;
  }
  if (configuration_.any_world || forged) return false;
  value = item->usual;
  return true;
}

// Every valuation that the model leaves open is possible; equal rows are told once.
void Composition::step(const CompositionState& state, const Scene& scene, EventId event, const Visit& visit) const {
  const Player& player = layout_.players()[scene.instance];
  const Snapshot before = read(layout_, state, scene.order, scene.instance);
  const std::uint64_t looked_at = player.read[before.state * player.table->events.size() + event];
  const std::uint64_t asked = looked_at | ways_->players[scene.instance].implied;  // nothing else can change what follows
  std::uint64_t fixed = 0;
  std::uint64_t known = 0;
  for (std::size_t i = 0; i < player.table->predicates.size(); ++i) {
    bool value = false;
    if (((asked >> i) & 1U) == 0 || !assumed(state, scene, i, value)) continue;
    known |= 1ULL << i;
    if (value) fixed |= 1ULL << i;
  }
  const Situation here{(static_cast<std::uint64_t>(scene.instance) << 32U) | (static_cast<std::uint64_t>(before.state) << 16U) | event,
                       before.variables, fixed & known, known, looked_at & ~known};
  for (const Told& one : outcomes(here, before, event)) take(state, scene, one.after, one.result, visit);
}

// Steps are pure: the engine is asked once in each situation.
const Composition::Outcomes& Composition::outcomes(const Situation& here, const Snapshot& before, EventId event) const {
  const auto [place, is_new] = known_->try_emplace(here);
  if (!is_new) return place->second;
  const Player& player = layout_.players()[here.where >> 32U];
  std::uint64_t choice = 0;
  do {
    const PredicateBits bits = here.fixed | choice;
    choice = (choice - here.open) & here.open;
    if (contradicts(*player.table, bits, here.known | here.open)) continue;
    Snapshot after = before;
    const StepResult result = player.engine->step(after, event, bits);
    const auto row = [](const StepResult& of) { return of.outcome == Outcome::rejected ? kNoRow : of.row; };
    const bool told = std::any_of(place->second.begin(), place->second.end(), [&](const Told& one) { return row(one.result) == row(result); });
    if (!told) place->second.push_back({after, result});
  } while (choice != 0);
  return place->second;
}

void Composition::take(CompositionState state, const Scene& scene, const Snapshot& after, const StepResult& result,
                       const Visit& visit) const {
  Scene now = scene;
  if (now.move.steps == kMaxChain) {  // the linter refuses specifications that chain more
    now.move.stuck = true;
    return visit(now.move, state);
  }
  now.move.rows[now.move.steps] = result.row;
  now.move.movers[now.move.steps++] = static_cast<std::uint8_t>(scene.instance);
  now.move.stuck |= result.outcome == Outcome::rejected;
  const MachineTable& machine = *layout_.players()[scene.instance].table;
  write(layout_, state, scene.order, scene.instance, after);
  for (const EffectId id : result.effect_list()) {
    watch(state, now, id);
    perform(state, now, machine.effects[id]);
  }
  plan(now, scene.instance, result.effect_list());
  go_on(state, std::move(now), visit);
}

// What other machines do because of these effects, in their order.
void Composition::plan(Scene& scene, std::size_t instance, std::span<const EffectId> effects) const {
  const std::uint32_t via = scene.via | (1U << instance);
  const std::size_t first = scene.open;
  const auto add = [&](const Task& task) {
    if (scene.open < scene.tasks.size()) scene.tasks[scene.open++] = task;
    else scene.move.stuck = true;
  };
  for (const EffectId id : effects) {
    for (const Task& task : ways_->players[instance].handed_over[id]) add({nullptr, task.instance, task.event, via});
    for (const FollowInfo* follow : follows_[instance][id])
      if (present(scene.order, follow->to)) add({follow, follow->to, follow->event, via});
  }
  std::reverse(scene.tasks.begin() + static_cast<std::ptrdiff_t>(first), scene.tasks.begin() + static_cast<std::ptrdiff_t>(scene.open));
}

// The next step of the unit, or its end.
void Composition::go_on(CompositionState state, Scene scene, const Visit& visit) const {
  while (scene.open > 0) {
    const Task task = scene.tasks[--scene.open];
    scene.via = task.via;
    if (task.follow != nullptr && !task.follow->when.empty() && evaluate(task.follow->when, state, scene) == 0) continue;
    scene.instance = task.instance;
    return step(state, scene, task.event, visit);
  }
  if (scene.answered >= 0) {
    const auto letter = static_cast<std::size_t>(scene.answered);
    if ((state[layout_.letter_at(scene.order, letter)] & Bits::kOpen) == 0) give_up(state, scene.order, letter);
  }
  visit(scene.move, state);
}

// Does one effect; what other machines do because of it is planned apart.
void Composition::perform(CompositionState& state, const Scene& scene, const EffectInfo& effect) const {
  const std::size_t timers = layout_.timers_at(scene.order, scene.instance);
  switch (effect.verb) {
    case Verb::reply:
      if (scene.letter >= 0) reply(state, scene.order, static_cast<std::size_t>(scene.letter), effect.first);
      break;
    case Verb::park:
      if (scene.letter < 0) break;
      state[layout_.letter_at(scene.order, static_cast<std::size_t>(scene.letter))] |= Bits::kParked;
      clear(state, layout_.letter_at(scene.order, static_cast<std::size_t>(scene.letter)), Bits::kDeaf);
      break;
    case Verb::answer_parked:
      for (std::size_t i = 0; i < layout_.letters().size(); ++i) {
        const std::size_t at = layout_.letter_at(scene.order, i);
        if (layout_.letters()[i].to == static_cast<int>(scene.instance) && (state[at] & Bits::kParked) != 0)
          reply(state, scene.order, i, effect.first);
      }
      break;
    case Verb::send:
    case Verb::outbox:
      begin(state, scene, layout_.letter(scene.instance, effect.first, effect.second), effect.verb == Verb::outbox);
      break;
    case Verb::retry:
      if (scene.answered >= 0)
        state[layout_.letter_at(scene.order, static_cast<std::size_t>(scene.answered))] |= Bits::kOpen | Bits::kMoving;
      break;
    case Verb::hurry:
    case Verb::drop:
      for (std::size_t i = 0; i < layout_.letters().size(); ++i) {
        const Letter& letter = layout_.letters()[i];
        if (letter.from != static_cast<int>(scene.instance) || letter.message != effect.first) continue;
        const std::size_t at = layout_.letter_at(scene.order, i);
        if (effect.verb == Verb::drop) {
          clear(state, at, Bits::kOpen);
          give_up(state, scene.order, i);
        } else if ((state[at] & Bits::kOpen) != 0) {
          state[at] |= Bits::kMoving;
        }
      }
      break;
    case Verb::start:
      state[timers] |= static_cast<std::uint8_t>(1U << layout_.timer(scene.instance, effect.first));
      break;
    case Verb::stop:
      clear(state, timers, static_cast<std::uint8_t>(1U << layout_.timer(scene.instance, effect.first)));
      break;
    case Verb::fetch:
      state[timers] |= kFetching;
      break;
    case Verb::hand_over:
    case Verb::set:
    case Verb::perform:
    case Verb::tell:
    case Verb::alarm:
    case Verb::ignore:
    case Verb::refuse:
      break;
  }
}

void Composition::watch(CompositionState& state, const Scene& scene, EffectId effect) const {
  for (const ObservationInfo* item : watched_[scene.instance][effect]) {
    if (!item->when.empty() && evaluate(item->when, state, scene) == 0) continue;
    const GhostInfo& ghost = layout_.table().ghosts[item->ghost];
    std::uint8_t& value = state[layout_.ghost_at(scene.order, item->ghost)];
    const int amount = evaluate(item->value, state, scene);
    int now = amount;
    if (item->change == GhostChange::add) now = value + amount;
    if (item->change == GhostChange::take) now = value - amount;
    value = static_cast<std::uint8_t>(std::clamp<int>(now, 0, ghost.max));
  }
}

// A call begins with a fresh message id. A notice that its receiver has not answered is not written twice: it brings what there is by then.
void Composition::begin(CompositionState& state, const Scene& scene, int letter, bool notice) const {
  if (letter < 0) return;
  const std::size_t at = layout_.letter_at(scene.order, static_cast<std::size_t>(letter));
  if (notice && (state[at] & Bits::kOpen) != 0 && state[at + 1] == 0) return;
  give_up(state, scene.order, static_cast<std::size_t>(letter));
  state[at] |= Bits::kOpen | Bits::kMoving;
}

// Nobody waits any more. A request that its receiver has not answered for good may still arrive.
void Composition::give_up(CompositionState& state, std::size_t order, std::size_t letter) const {
  const std::size_t at = layout_.letter_at(order, letter);
  if ((state[at] & Bits::kMoving) != 0 && state[at + 1] == 0) state[at] |= Bits::kOld;
  clear(state, at, Bits::kMoving | Bits::kParked | Bits::kDeaf);
  state[at + 1] = state[at + 2] = state[at + 3] = 0;
}

void Composition::reply(CompositionState& state, std::size_t order, std::size_t letter, std::string_view code) const {
  const Letter& info = layout_.letters()[letter];
  const std::size_t at = layout_.letter_at(order, letter);
  const auto found = std::find(info.codes.begin(), info.codes.end(), code);
  if (found == info.codes.end()) return;
  const auto index = static_cast<std::size_t>(found - info.codes.begin());
  const bool heard = (state[at] & Bits::kDeaf) == 0;
  clear(state, at, Bits::kParked | Bits::kDeaf);
  if (info.final[index]) state[at + 1] = static_cast<std::uint8_t>(index + 1);
  if (!heard) return;
  state[at + 2 + index / 8] |= static_cast<std::uint8_t>(1U << (index % 8));
}

bool Composition::holds(FormulaCode formula, const CompositionState& state, std::size_t order) const {
  return evaluate(formula, state, Scene(order, 0)) != 0;
}

int Composition::load(const FormulaOp& op, const CompositionState& state, const Scene& scene) const {
  using Code = FormulaOp::Code;
  const std::size_t at = layout_.machine_at(scene.order, op.instance);
  switch (op.code) {
    case Code::constant: return op.value;
    case Code::state: return state[at];
    case Code::variable: return state[at + 1 + op.index];
    case Code::timer: {
      const int timer = layout_.timer(op.instance, op.name);
      return timer < 0 ? 0 : (state[layout_.timers_at(scene.order, op.instance)] >> timer) & 1;
    }
    case Code::call:
      for (const std::size_t i : ways_->players[op.instance].letters)
        if ((state[layout_.letter_at(scene.order, i)] & Bits::kOpen) != 0 && layout_.letters()[i].message == op.name) return 1;
      return 0;
    case Code::ghost: return state[layout_.ghost_at(scene.order, op.index)];
    case Code::forged: return scene.forged ? 1 : 0;
    case Code::other: return scene.other ? 1 : 0;
    case Code::liar: return lies(op.name) ? 1 : 0;
    case Code::profile: return configuration_.profile == op.name ? 1 : 0;
    case Code::variant: return scene.variant == op.name ? 1 : 0;
    case Code::option: return has_option(configuration_, op.name, scene.order) ? 1 : 0;
    case Code::via: return static_cast<int>((scene.via >> op.instance) & 1U);
    default: return 0;
  }
}

int Composition::evaluate(FormulaCode formula, const CompositionState& state, const Scene& scene) const {
  using Code = FormulaOp::Code;
  std::array<int, kMaxFormulaDepth> stack{};
  std::size_t top = 0;
  for (const FormulaOp& op : formula) {
    if (op.code < Code::negation) {
      if (top == stack.size()) return 0;
      stack[top++] = load(op, state, scene);
      continue;
    }
    if (op.code == Code::negation) {
      stack[top - 1] = stack[top - 1] == 0 ? 1 : 0;
      continue;
    }
    const int right = stack[--top];
    int& left = stack[top - 1];
    switch (op.code) {
      case Code::conjunction: left = left != 0 && right != 0; break;
      case Code::disjunction: left = left != 0 || right != 0; break;
      case Code::implication: left = left == 0 || right != 0; break;
      case Code::sum: left += right; break;
      case Code::equal: left = left == right; break;
      case Code::unequal: left = left != right; break;
      case Code::less: left = left < right; break;
      default: left = left <= right; break;
    }
  }
  return top == 0 ? 0 : stack[0];
}

}  // namespace quickpay::statemachines
