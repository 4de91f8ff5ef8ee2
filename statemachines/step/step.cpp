#include "statemachines/step/step.hpp"

#include <algorithm>

#include "statemachines/step/apply.hpp"

namespace quickpay::statemachines {
namespace {

std::uint64_t low_bits(std::size_t count) { return count >= kMaxBits ? ~0ULL : (1ULL << count) - 1; }

void append_effects(const MachineTable& table, std::span<const EffectId> effects, StepResult& result,
                    Snapshot& snapshot) {
  for (const EffectId effect : effects.first(std::min(effects.size(), kMaxEffects))) {
    result.effects[result.effect_count++] = effect;
    if (effect < table.effects.size()) apply_set(table.effects[effect], snapshot);
  }
}

}  // namespace

Snapshot initial_snapshot(const MachineTable& table) {
  Snapshot snapshot;
  snapshot.state = table.initial;
  const std::size_t count = std::min(table.variables.size(), kMaxVariables);
  for (std::size_t i = 0; i < count; ++i) snapshot.variables[i] = table.variables[i].initial;
  return snapshot;
}

std::uint64_t with_atoms(const MachineTable& table, const Snapshot& snapshot, PredicateBits bits) {
  const std::size_t predicates = table.predicates.size();
  std::uint64_t all = bits & low_bits(predicates);
  for (std::size_t i = 0; i < table.atoms.size() && predicates + i < kMaxBits; ++i) {
    const AtomInfo& atom = table.atoms[i];
    const bool equal = snapshot.variables[atom.variable] == atom.value;
    if (equal != atom.negated) all |= 1ULL << (predicates + i);
  }
  return all;
}

void apply_set(const EffectInfo& effect, Snapshot& snapshot) noexcept {
  if (effect.verb == Verb::set && effect.variable < kMaxVariables) snapshot.variables[effect.variable] = effect.value;
}

StepResult taken(const MachineTable& table, Snapshot& snapshot, RowId row) noexcept {
  StepResult result;
  result.outcome = Outcome::taken;
  if (row >= table.rows.size()) return result;
  result.row = row;
  append_effects(table, table.rows[row].effects, result, snapshot);
  return result;
}

StepResult unexpected(const MachineTable& table, Snapshot& snapshot, EventId event) noexcept {
  StepResult result;
  if (event >= table.events.size() || table.events[event].default_index < 0) return result;
  const auto index = static_cast<std::size_t>(table.events[event].default_index);
  if (index >= table.defaults.size()) return result;
  result.row = static_cast<RowId>(table.rows.size() + index);
  append_effects(table, table.defaults[index].effects, result, snapshot);
  return result;
}

}  // namespace quickpay::statemachines
