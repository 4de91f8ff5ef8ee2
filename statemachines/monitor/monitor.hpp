// L5: judges what a deployed player did, step by step, by the interpreter of the specification's tables.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "statemachines/interpreter/interpreter.hpp"
#include "statemachines/monitor/trace_line.hpp"
#include "statemachines/step/step.hpp"

namespace quickpay::statemachines::monitor {

inline constexpr std::size_t kMaxRecords = 1'000'000;  ///< records that one trace may follow

/// What is wrong with a line. `evidence`: it cannot be judged at all, so that the trace shows nothing about the player.
/// `conduct`: the player did what the specification does not allow.
enum class Blame : std::uint8_t { evidence, conduct };
struct Finding {
  Blame blame = Blame::evidence;
  std::string what;                    ///< one sentence
  std::string row = {};                ///< the row or default that the specification takes there, if it takes one
  std::vector<std::string> details = {};  ///< what was allowed, for a person
};

/// What a trace covered.
struct Coverage {
  std::uint64_t lives = 0;
  std::uint64_t steps = 0;
  std::uint64_t unproven = 0;  ///< steps whose state before could not be compared with what was seen earlier
  std::set<std::pair<std::string, std::string>> rows = {};  ///< machine and row or default
};

/// Follows the records of one player through its lives. Deterministic: with the state and the predicates of a step, at
/// most one row is possible.
///
/// A record must go on where its last step left it. Two things are let through and counted as unproven: the first step
/// of a record in a trace that begins with a ledger that is not fresh, and the first step of a record after a life
/// without an end line, because a process that is killed can have made durable what it no longer wrote.
class Monitor {
 public:
  /// `tables` must outlive it; `spec_id` is the specification that they come from.
  Monitor(std::span<const MachineTable* const> tables, std::string spec_id);

  /// Judges the next line. After a finding nothing more is judged.
  std::optional<Finding> take(const TraceLine& line);
  /// The trace is over: an empty one is a finding.
  std::optional<Finding> finish() const;
  const Coverage& coverage() const { return coverage_; }

 private:
  struct Subject {
    const MachineTable* table;
    InterpreterEngine engine;
  };
  struct Known {
    Snapshot snapshot;
    std::uint64_t since = 0;  ///< doubts when it was seen
  };
  /// A step in numbers.
  struct Reading {
    Snapshot before, after;
    EventId event = 0;
    PredicateBits bits = 0;
  };

  std::optional<Finding> begin(const BeginLine& line);
  std::optional<Finding> end();
  std::optional<Finding> step(const StepLine& line);
  std::optional<Finding> place(const Subject& subject, const StepLine& line, const Reading& reading);
  std::optional<Finding> compare(const Subject& subject, const StepLine& line, const Reading& reading);
  const Subject* find(std::string_view machine) const;

  std::deque<Subject> subjects_;
  std::string spec_id_;
  std::optional<BeginLine> life_;  ///< the one that goes on
  std::uint64_t doubts_ = 0;       ///< times since the last fresh ledger that steps may be missing
  std::map<std::pair<std::string, std::string>, Known> records_;
  Coverage coverage_;
};

}  // namespace quickpay::statemachines::monitor
