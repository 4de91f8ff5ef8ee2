#include "statemachines/mutation/mutation.hpp"

namespace quickpay::statemachines {
namespace {

class Collector {
 public:
  explicit Collector(const MachineModel& model) : model_(model) {}

  std::vector<Mutation> run() {
    for (std::size_t row = 0; row < model_.rows.size(); ++row) of_row(row);
    for (std::size_t i = 0; i < model_.defaults.size(); ++i)
      of_effects(model_.defaults[i].effects, default_name(i), true, i);
    for (std::size_t event = 0; event < model_.events.size(); ++event) of_event(event);
    of_start();
    return std::move(found_);
  }

 private:
  void add(MutationOperator op, const std::string& name, Mutation mutation) {
    mutation.op = op;
    mutation.id = model_.id + ":" + std::string(operator_name(op)) + ":" + name;
    found_.push_back(std::move(mutation));
  }

  std::string default_name(std::size_t index) const {
    const std::string& id = model_.defaults[index].id;
    return id.empty() ? "default-" + std::to_string(index + 1) : id;
  }

  std::string bit_name(std::size_t bit) const {
    if (bit < model_.predicates.size()) return model_.predicates[bit].id;
    const AtomInfo& atom = model_.atoms[bit - model_.predicates.size()];
    const ModelVariable& variable = model_.variables[atom.variable];
    return variable.id + (atom.negated ? "!=" : "==") + variable.values[atom.value];
  }

  void of_row(std::size_t index) {
    const ModelRow& row = model_.rows[index];
    add(MutationOperator::drop_row, row.id, {.place = index});
    for (std::size_t to = 0; to < model_.states.size(); ++to)
      if (to != row.to)
        add(MutationOperator::wrong_target, row.id + ":" + model_.states[to],
            {.place = index, .value = static_cast<StateId>(to)});
    for (std::size_t bit = 0; bit < model_.predicates.size() + model_.atoms.size(); ++bit) {
      if (((row.mask >> bit) & 1U) == 0) continue;
      const std::string name = row.id + ":" + bit_name(bit);
      add(MutationOperator::drop_literal, name, {.place = index, .position = bit});
      add(MutationOperator::negate_literal, name, {.place = index, .position = bit});
    }
    of_effects(row.effects, row.id, false, index);
  }

  void of_effects(const std::vector<EffectId>& effects, const std::string& name, bool in_default, std::size_t place) {
    for (std::size_t i = 0; i < effects.size(); ++i) {
      const Mutation at{.in_default = in_default, .place = place, .position = i};
      const std::string numbered = name + ":" + std::to_string(i + 1);
      add(MutationOperator::drop_effect, numbered, at);
      if (i + 1 < effects.size() && effects[i] != effects[i + 1]) add(MutationOperator::swap_effects, numbered, at);
      if (effects.size() < kMaxEffects) add(MutationOperator::repeat_effect, numbered, at);
      of_set(model_.effects[effects[i]], numbered, at);
    }
  }

  void of_set(const ModelEffect& effect, const std::string& name, const Mutation& at) {
    if (effect.verb != Verb::set) return;
    const std::vector<std::string>& values = model_.variables[effect.variable].values;
    for (std::size_t value = 0; value < values.size(); ++value) {
      if (value == effect.value) continue;
      Mutation mutation = at;
      mutation.value = static_cast<std::uint16_t>(value);
      add(MutationOperator::wrong_set, name + ":" + values[value], mutation);
    }
  }

  void of_event(std::size_t event) {
    const ModelEvent& given = model_.events[event];
    for (std::size_t i = 0; i < model_.defaults.size(); ++i)
      if (static_cast<int>(i) != given.default_index)
        add(MutationOperator::change_default, given.id + ":" + default_name(i),
            {.place = event, .value = static_cast<std::uint16_t>(i)});
    if (given.default_index >= 0) add(MutationOperator::drop_default, given.id, {.place = event});
  }

  void of_start() {
    for (std::size_t state = 0; state < model_.states.size(); ++state)
      if (state != model_.initial)
        add(MutationOperator::initial_state, model_.states[state], {.value = static_cast<StateId>(state)});
    for (std::size_t i = 0; i < model_.variables.size(); ++i)
      for (std::size_t value = 0; value < model_.variables[i].values.size(); ++value)
        if (value != model_.variables[i].initial)
          add(MutationOperator::initial_value, model_.variables[i].id + ":" + model_.variables[i].values[value],
              {.place = i, .value = static_cast<std::uint16_t>(value)});
  }

  const MachineModel& model_;
  std::vector<Mutation> found_;
};

}  // namespace

std::vector<Mutation> all_mutations(const MachineModel& model) { return Collector(model).run(); }

std::string_view operator_name(MutationOperator op) {
  switch (op) {
    case MutationOperator::drop_row:
      return "drop-row";
    case MutationOperator::wrong_target:
      return "wrong-target";
    case MutationOperator::drop_literal:
      return "drop-literal";
    case MutationOperator::negate_literal:
      return "negate-literal";
    case MutationOperator::drop_effect:
      return "drop-effect";
    case MutationOperator::swap_effects:
      return "swap-effects";
    case MutationOperator::repeat_effect:
      return "repeat-effect";
    case MutationOperator::wrong_set:
      return "wrong-set";
    case MutationOperator::change_default:
      return "change-default";
    case MutationOperator::drop_default:
      return "drop-default";
    case MutationOperator::initial_state:
      return "initial-state";
    case MutationOperator::initial_value:
      return "initial-value";
  }
  return "invalid";
}

}  // namespace quickpay::statemachines
