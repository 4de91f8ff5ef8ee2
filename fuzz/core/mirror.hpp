// The machines of a core as the specification moves them: a snapshot and the timers of every record, kept apart from
// the core and compared with it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "reference/ledger/ledger.hpp"
#include "reference/roles/trace.hpp"
#include "statemachines/interpreter/interpreter.hpp"

namespace quickpay::fuzz {

/// The key of a record of which only the core knows the name until it shows it.
inline constexpr std::string_view kNewRecord = "?";

/// One step that the specification demands.
struct Step {
  std::string key;
  statemachines::EventId event = 0;
  statemachines::Snapshot before, after;
  statemachines::StepResult result;
};

class Mirror {
 public:
  /// The machine with this id, which the specification must have.
  explicit Mirror(std::string_view machine);

  const statemachines::MachineTable& table() const { return *table_; }

  /// One event at a record, by the interpreter. The snapshot it starts from is the mirror's own.
  Step step(const std::string& key, std::string_view event, statemachines::PredicateBits bits);

  void start(const std::string& key, std::string_view timer, std::int64_t due_ms);
  void stop(const std::string& key, std::string_view timer);
  /// The timer of the record that was due first, if one is due.
  std::optional<std::string> due(const std::string& key, std::int64_t now_ms) const;
  /// Records and timers that are due, the earliest first.
  std::vector<std::pair<std::string, std::string>> due(std::int64_t now_ms) const;
  /// When the next timer is due.
  std::optional<std::int64_t> next_due() const;

  /// Compares the steps since the last call with those of the core; what is wrong, or nothing. `born` becomes the key
  /// that the core gave to the new record, if there was one.
  std::string check_steps(const std::vector<roles::TraceLine>& lines, std::string& born);
  /// Compares states, variables and timers with what the core keeps.
  std::string check_ledger(ledger::Ledger& ledger) const;

 private:
  using Due = std::pair<std::int64_t, std::string>;  ///< when, name of the timer

  std::string check_step(const Step& step, const roles::TraceLine& line) const;
  std::vector<std::string> spell_variables(const statemachines::Snapshot& snapshot) const;
  void rename(const std::string& to);
  std::string check_timers(ledger::Ledger& ledger) const;

  const statemachines::MachineTable* table_;
  const statemachines::InterpreterEngine* engine_;
  std::map<std::string, statemachines::Snapshot> snapshots_;
  std::map<std::string, std::map<std::string, std::int64_t>> timers_;  ///< by record and name
  std::vector<Step> steps_;
};

}  // namespace quickpay::fuzz
