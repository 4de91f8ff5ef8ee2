#include "fuzz/core/mirror.hpp"

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <set>
#include <tuple>

#include "statemachines/interpreter/explain.hpp"
#include "statemachines/all/generated/all.hpp"

namespace quickpay::fuzz {
namespace {

using namespace statemachines;

struct Known {
  const MachineTable* table;
  InterpreterEngine engine;
};

/// Made once: a model owns a copy of every table.
const Known& machine_of(std::string_view id) {
  static const std::map<std::string, Known, std::less<>> all = [] {
    std::map<std::string, Known, std::less<>> made;
    for (const auto& entry : all::machines()) {
      made.emplace(entry.table().id, Known{&entry.table(), InterpreterEngine(model_of(entry.table()))});
    }
    return made;
  }();
  const auto found = all.find(id);
  if (found == all.end()) std::abort();  // a machine the specification lost: no oracle without it
  return found->second;
}

EventId event_number(const MachineTable& table, std::string_view id) {
  const auto at = std::find_if(table.events.begin(), table.events.end(), [&](const auto& e) { return e.id == id; });
  return static_cast<EventId>(at - table.events.begin());
}

std::string_view outcome_name(Outcome outcome) {
  switch (outcome) {
    case Outcome::taken:
      return "taken";
    case Outcome::rejected:
      return "rejected";
    case Outcome::unexpected:
      return "unexpected";
  }
  return {};
}

std::string_view row_of(const MachineTable& table, RowId row) {
  if (row < table.rows.size()) return table.rows[row].id;
  const std::size_t number = row - table.rows.size();
  return number < table.defaults.size() ? table.defaults[number].id : std::string_view{};
}

}  // namespace

Mirror::Mirror(std::string_view machine) : table_(machine_of(machine).table), engine_(&machine_of(machine).engine) {}

Step Mirror::step(const std::string& key, std::string_view event, PredicateBits bits) {
  const auto known = snapshots_.find(key);
  Step step{key, event_number(*table_, event), initial_snapshot(*table_), {}, {}};
  if (known != snapshots_.end()) step.before = known->second;
  step.after = step.before;
  step.result = engine_->step(step.after, step.event, bits);
  if (known != snapshots_.end() || step.after.state != table_->initial) snapshots_[key] = step.after;
  steps_.push_back(step);
  return step;
}

void Mirror::start(const std::string& key, std::string_view timer, std::int64_t due_ms) {
  timers_[key][std::string(timer)] = due_ms;
}

void Mirror::stop(const std::string& key, std::string_view timer) {
  if (const auto at = timers_.find(key); at != timers_.end()) at->second.erase(std::string(timer));
}

std::optional<std::string> Mirror::due(const std::string& key, std::int64_t now_ms) const {
  const auto at = timers_.find(key);
  std::optional<Due> first;
  if (at == timers_.end()) return std::nullopt;
  for (const auto& [name, when] : at->second) {
    if (when <= now_ms && (!first || Due{when, name} < *first)) first = Due{when, name};
  }
  return first ? std::optional(first->second) : std::nullopt;
}

std::vector<std::pair<std::string, std::string>> Mirror::due(std::int64_t now_ms) const {
  std::set<std::tuple<std::int64_t, std::string, std::string>> sorted;
  for (const auto& [key, named] : timers_) {
    for (const auto& [name, when] : named) {
      if (when <= now_ms) sorted.emplace(when, key, name);
    }
  }
  std::vector<std::pair<std::string, std::string>> all;
  for (const auto& [when, key, name] : sorted) all.emplace_back(key, name);
  return all;
}

std::optional<std::int64_t> Mirror::next_due() const {
  std::optional<std::int64_t> first;
  for (const auto& [key, named] : timers_) {
    for (const auto& [name, when] : named) first = std::min(first.value_or(when), when);
  }
  return first;
}

std::vector<std::string> Mirror::spell_variables(const Snapshot& snapshot) const {
  std::vector<std::string> spelled;
  for (std::size_t i = 0; i < table_->variables.size(); ++i) {
    const VariableInfo& variable = table_->variables[i];
    spelled.push_back(std::string(variable.id).append("=").append(variable.values[snapshot.variables[i]]));
  }
  return spelled;
}

void Mirror::rename(const std::string& to) {
  const std::string from(kNewRecord);
  if (auto moved = snapshots_.extract(from)) moved.key() = to, snapshots_.insert(std::move(moved));
  if (auto moved = timers_.extract(from)) moved.key() = to, timers_.insert(std::move(moved));
}

std::string Mirror::check_step(const Step& step, const roles::TraceLine& line) const {
  const std::string what = line.machine + " " + line.row + " for " + line.event + " in " + line.before + ": ";
  const auto& effects = step.result.effect_list();
  if (step.result.outcome == Outcome::rejected) return what + "the specification gives no answer";
  if (line.event != table_->events[step.event].id)
    return what + "the event is " + std::string(table_->events[step.event].id);
  if (line.before != table_->states[step.before.state].id)
    return what + "the state is " + std::string(table_->states[step.before.state].id);
  if (line.variables_before != spell_variables(step.before)) return what + "the variables before it differ";
  if (line.row != row_of(*table_, step.result.row))
    return what + "the row is " + std::string(row_of(*table_, step.result.row));
  if (line.outcome != outcome_name(step.result.outcome)) return what + "it is not " + line.outcome;
  if (line.after != table_->states[step.after.state].id)
    return what + "it leads to " + std::string(table_->states[step.after.state].id);
  if (line.variables_after != spell_variables(step.after)) return what + "the variables after it differ";
  const bool same = std::equal(effects.begin(), effects.end(), line.effects.begin(), line.effects.end(),
                               [&](EffectId id, const std::string& name) { return table_->effects[id].id == name; });
  return same ? std::string{} : what + "its effects differ";
}

std::string Mirror::check_steps(const std::vector<roles::TraceLine>& lines, std::string& born) {
  for (const roles::TraceLine& line : lines) {
    const bool is_new = !snapshots_.contains(line.key);
    const auto at = std::find_if(steps_.begin(), steps_.end(), [&](const Step& step) {
      return step.key == line.key || (is_new && step.key == kNewRecord);
    });
    if (at == steps_.end()) return line.machine + " " + line.row + ": a step that nothing asked for";
    if (std::string wrong = check_step(*at, line); !wrong.empty()) return wrong;
    if (at->key == kNewRecord) rename(born = line.key);
    steps_.erase(at);
  }
  if (steps_.empty()) return {};
  return std::string(table_->id) + ": no step for " + std::string(table_->events[steps_.front().event].id) + " at " +
         steps_.front().key;
}

std::string Mirror::check_ledger(ledger::Ledger& ledger) const {
  const auto kept = ledger.list(table_->id, "", ledger::kMaxListed);
  if (!kept) return "the records cannot be listed";
  for (const ledger::Record& record : *kept) {
    const auto at = snapshots_.find(record.key);
    if (at == snapshots_.end()) return "a record that should not be: " + record.key;
    if (record.state != table_->states[at->second.state].id) return record.key + " is kept as " + record.state;
    if (record.variables != spell_variables(at->second)) return record.key + " is kept with other variables";
  }
  if (kept->size() != snapshots_.size()) return "a record is not kept";
  return check_timers(ledger);
}

std::string Mirror::check_timers(ledger::Ledger& ledger) const {
  std::set<std::tuple<std::string, std::string, std::int64_t>> wanted;
  for (const auto& [key, named] : timers_) {
    for (const auto& [name, when] : named) wanted.emplace(key, name, when);
  }
  const auto kept = ledger.due_timers(std::numeric_limits<std::int64_t>::max(), ledger::kMaxListed);
  if (!kept) return "the timers cannot be listed";
  for (const ledger::Timer& timer : *kept) {
    if (wanted.erase({timer.key, timer.name, timer.due_ms}) == 0)
      return timer.name + " of " + timer.key + " is kept wrongly";
  }
  return wanted.empty() ? std::string{}
                        : std::get<1>(*wanted.begin()) + " of " + std::get<0>(*wanted.begin()) + " is not kept";
}

}  // namespace quickpay::fuzz
