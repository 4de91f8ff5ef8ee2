// Level L2 of the evidence: one step of an engine is one step of the model, for every input.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "statemachines/interpreter/interpreter.hpp"

namespace quickpay::statemachines {

/// Up to this many predicates all valuations are tried.
inline constexpr std::size_t kMaxCompletePredicates = 17;
/// More bits than this in the rows of one event are refused: 2^20 valuations a state.
inline constexpr std::size_t kMaxEnumeratedBits = 20;

/// An input on which two engines differ.
struct StepDifference {
  Snapshot before;
  EventId event = 0;
  PredicateBits bits = 0;
  Snapshot expected_after, got_after;
  StepResult expected, got;
};

struct StepComparison {
  std::uint64_t combinations = 0;  ///< inputs tried
  bool complete = true;            ///< false: an event has too many bits, the comparison says nothing
  std::optional<StepDifference> difference;
  bool same() const noexcept { return complete && !difference.has_value(); }
};

/// Compares `engine` with the interpretation of a model: next snapshot, row, effects in order and outcome, for every
/// state × event × valuation of the variables × valuation of the predicates; stops at the first difference. One state
/// and one event out of range are tried, too.
///
/// It is complete: with at most kMaxCompletePredicates predicates every valuation is tried. With more, or if
/// `other_rows` is given, every valuation of the bits that any row of the event reads (in either model), while the
/// others get changing values. That is complete as well, because a row reads nothing but the bits of its mask: the
/// interpreter's by its definition, the compiled machine's by L1.
StepComparison compare_steps(const Engine& engine, const InterpreterEngine& expected,
                             const MachineModel* other_rows = nullptr);

/// The difference as one line of JSON, with what is needed to replay it.
std::string report(const MachineModel& model, const StepDifference& difference);

}  // namespace quickpay::statemachines
