#include "statemachines/interpreter/interpreter.hpp"

namespace quickpay::statemachines {
namespace {

bool row_fits(const MachineModel& model, const ModelRow& row, const Snapshot& snapshot, PredicateBits bits) noexcept {
  for (std::size_t bit = 0; bit < kMaxBits; ++bit) {
    const std::uint64_t one = 1ULL << bit;
    if ((row.mask & one) == 0) continue;
    if (bit_holds(model, snapshot, bits, bit) != ((row.value & one) != 0)) return false;
  }
  return true;
}

}  // namespace

bool bit_holds(const MachineModel& model, const Snapshot& snapshot, PredicateBits bits, std::size_t bit) noexcept {
  const std::size_t predicates = model.predicates.size();
  if (bit < predicates) return ((bits >> bit) & 1U) != 0;
  if (bit - predicates >= model.atoms.size()) return false;
  const AtomInfo& atom = model.atoms[bit - predicates];
  const bool equal = snapshot.variables[atom.variable] == atom.value;
  return atom.negated ? !equal : equal;
}

InterpreterEngine::InterpreterEngine(MachineModel model) : model_(std::move(model)) {
  rows_of_.resize(model_.states.size() * model_.events.size());
  for (std::size_t i = 0; i < model_.rows.size(); ++i) {
    const ModelRow& row = model_.rows[i];
    if (row.state < model_.states.size() && row.event < model_.events.size())
      rows_of_[row.state * model_.events.size() + row.event].push_back(i);
  }
}

StepResult InterpreterEngine::step(Snapshot& snapshot, EventId event, PredicateBits bits) const noexcept {
  if (event >= model_.events.size() || snapshot.state >= model_.states.size()) return step_default(snapshot, event);
  const std::vector<std::size_t>& candidates = rows_of_[snapshot.state * model_.events.size() + event];
  if (candidates.empty()) return step_default(snapshot, event);

  StepResult result;
  result.outcome = Outcome::rejected;
  const ModelRow* chosen = nullptr;
  for (const std::size_t index : candidates) {
    if (!row_fits(model_, model_.rows[index], snapshot, bits)) continue;
    if (chosen != nullptr) return result;
    chosen = &model_.rows[index];
  }
  if (chosen == nullptr) return result;

  result.outcome = Outcome::taken;
  result.row = chosen->number;
  snapshot.state = chosen->to;
  perform(chosen->effects, snapshot, result);
  return result;
}

StepResult InterpreterEngine::step_default(Snapshot& snapshot, EventId event) const noexcept {
  StepResult result;
  if (event >= model_.events.size()) return result;
  const int index = model_.events[event].default_index;
  if (index < 0 || static_cast<std::size_t>(index) >= model_.defaults.size()) return result;
  const ModelDefault& chosen = model_.defaults[static_cast<std::size_t>(index)];
  result.row = chosen.number;
  perform(chosen.effects, snapshot, result);
  return result;
}

void InterpreterEngine::perform(const std::vector<EffectId>& effects, Snapshot& snapshot,
                                StepResult& result) const noexcept {
  for (const EffectId id : effects) {
    if (result.effect_count == kMaxEffects) return;
    result.effects[result.effect_count++] = id;
    if (id >= model_.effects.size()) continue;
    const ModelEffect& effect = model_.effects[id];
    if (effect.verb == Verb::set && effect.variable < kMaxVariables) snapshot.variables[effect.variable] = effect.value;
  }
}

}  // namespace quickpay::statemachines
