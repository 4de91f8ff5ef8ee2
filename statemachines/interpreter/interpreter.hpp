// The second engine: it runs a model row by row. It is the executable meaning of a machine, so it is kept plain and
// shares no code with the compiled engine; whatever the two do differently is a fault in one of them.
#pragma once

#include "statemachines/interpreter/model.hpp"

namespace quickpay::statemachines {

/// Runs a model, also one that was mutated.
///
/// A step looks at the rows of (state, event):
///  - none there: `unexpected`; the effects of the event's default are reported, the state stays;
///  - exactly one fits the bits: `taken`; its effects in order, variables set, the state is the row's target;
///  - none fits, or more than one: `rejected`; nothing happens. Rows that contradict each other give no answer: MSM
///    would take the last of them, so that the comparison of the engines also shows that rows exclude each other.
class InterpreterEngine final : public Engine {
 public:
  explicit InterpreterEngine(MachineModel model);
  StepResult step(Snapshot& snapshot, EventId event, PredicateBits bits) const noexcept override;
  const MachineModel& model() const noexcept { return model_; }

 private:
  StepResult step_default(Snapshot& snapshot, EventId event) const noexcept;
  void perform(const std::vector<EffectId>& effects, Snapshot& snapshot, StepResult& result) const noexcept;

  MachineModel model_;
  std::vector<std::vector<std::size_t>> rows_of_;  ///< state * events + event → indices of rows
};

/// Value of bit `bit` of a row's mask: a predicate's bit as given, an atom as the snapshot says.
bool bit_holds(const MachineModel& model, const Snapshot& snapshot, PredicateBits bits, std::size_t bit) noexcept;

}  // namespace quickpay::statemachines
