#include "statemachines/monitor/monitor.hpp"

#include <algorithm>

#include "statemachines/interpreter/explain.hpp"

namespace quickpay::statemachines::monitor {
namespace {

template <class Infos>
std::optional<std::size_t> index_of(const Infos& infos, std::string_view id) {
  const auto at = std::find_if(infos.begin(), infos.end(), [&](const auto& info) { return info.id == id; });
  if (at == infos.end()) return std::nullopt;
  return static_cast<std::size_t>(at - infos.begin());
}

Finding unknown(const char* kind, std::string_view name, const MachineTable& table) {
  return {Blame::evidence, std::string(table.id) + " has no " + kind + " \"" + std::string(name) + "\""};
}

/// "name=value" of every variable, in the order of the machine.
std::vector<std::string> spell(const MachineTable& table, const Snapshot& snapshot) {
  std::vector<std::string> spelled;
  for (std::size_t i = 0; i < table.variables.size(); ++i) {
    const VariableInfo& variable = table.variables[i];
    spelled.push_back(std::string(variable.id).append("=").append(variable.values[snapshot.variables[i]]));
  }
  return spelled;
}

/// One variable from "name=value".
bool read_variable(const VariableInfo& variable, std::string_view text, std::uint8_t& value) {
  const std::size_t cut = text.find('=');
  if (cut == std::string_view::npos || text.substr(0, cut) != variable.id) return false;
  const auto at = std::find(variable.values.begin(), variable.values.end(), text.substr(cut + 1));
  value = static_cast<std::uint8_t>(at - variable.values.begin());
  return at != variable.values.end();
}

std::optional<Finding> read_snapshot(const MachineTable& table, std::string_view state,
                                     const std::vector<std::string>& variables, Snapshot& out) {
  const auto number = index_of(table.states, state);
  if (!number) return unknown("state", state, table);
  out.state = static_cast<StateId>(*number);
  if (variables.size() != table.variables.size())
    return Finding{Blame::evidence, std::string(table.id) + " has other variables"};
  for (std::size_t i = 0; i < variables.size(); ++i) {
    if (!read_variable(table.variables[i], variables[i], out.variables[i]))
      return unknown("variable and value", variables[i], table);
  }
  return std::nullopt;
}

std::optional<Finding> read_bits(const MachineTable& table, const std::vector<std::string>& holds, PredicateBits& bits) {
  for (const std::string& id : holds) {
    const auto number = index_of(table.predicates, id);
    if (!number) return unknown("predicate", id, table);
    if ((bits >> *number & 1) != 0) return Finding{Blame::evidence, "the predicate " + id + " is listed twice"};
    bits |= PredicateBits{1} << *number;
  }
  for (const ImplicationInfo& one : table.implications) {
    if ((bits >> one.if_predicate & 1) == 0 || (bits >> one.then_predicate & 1) != 0) continue;
    return Finding{Blame::conduct, std::string(table.predicates[one.if_predicate].id) + " held without " +
                                       std::string(table.predicates[one.then_predicate].id) +
                                       ", which the specification excludes"};
  }
  return std::nullopt;
}

const char* word(Outcome outcome) {
  return outcome == Outcome::taken ? "taken" : outcome == Outcome::rejected ? "rejected" : "unexpected";
}

std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : "; ") + part;
  return text.empty() ? "nothing" : text;
}

/// The first respect in which a line differs from the step that the specification takes; empty if in none.
std::string difference(const StepLine& line, const StepLine& right) {
  const auto told = [](const char* what, const std::string& got, const std::string& want) {
    return std::string(what) + " is " + (got.empty() ? "none" : got) + ", must be " + (want.empty() ? "none" : want);
  };
  if (line.outcome != right.outcome) return told("the outcome", line.outcome, right.outcome);
  if (line.row != right.row) return told("the row", line.row, right.row);
  if (line.after != right.after) return told("the state after it", line.after, right.after);
  if (line.variables_after != right.variables_after)
    return told("what the variables are after it", joined(line.variables_after), joined(right.variables_after));
  if (line.effects != right.effects) return told("the list of effects", joined(line.effects), joined(right.effects));
  return {};
}

}  // namespace

Monitor::Monitor(std::span<const MachineTable* const> tables, std::string spec_id) : spec_id_(std::move(spec_id)) {
  for (const MachineTable* table : tables) subjects_.push_back({table, InterpreterEngine(model_of(*table))});
}

const Monitor::Subject* Monitor::find(std::string_view machine) const {
  const auto at = std::find_if(subjects_.begin(), subjects_.end(), [&](const auto& s) { return s.table->id == machine; });
  return at == subjects_.end() ? nullptr : &*at;
}

std::optional<Finding> Monitor::take(const TraceLine& line) {
  if (const auto* one = std::get_if<BeginLine>(&line)) return begin(*one);
  if (!life_) return Finding{Blame::evidence, "no life has begun: a begin line must come first"};
  if (const auto* one = std::get_if<StepLine>(&line)) return step(*one);
  return end();
}

std::optional<Finding> Monitor::finish() const {
  if (coverage_.lives == 0) return Finding{Blame::evidence, "the trace is empty"};
  if (coverage_.steps == 0) return Finding{Blame::evidence, "the trace has no step: it shows nothing"};
  return std::nullopt;
}

std::optional<Finding> Monitor::begin(const BeginLine& line) {
  if (line.spec != spec_id_)
    return Finding{Blame::evidence, "it was written under the specification " + line.spec + ", this is " + spec_id_};
  const bool first = coverage_.lives++ == 0;
  const bool killed = life_.has_value();
  if (line.fresh) records_.clear(), doubts_ = 0;
  if (!line.fresh && (first || killed)) ++doubts_;
  life_ = line;
  return std::nullopt;
}

std::optional<Finding> Monitor::end() {
  life_.reset();
  return std::nullopt;
}

std::optional<Finding> Monitor::step(const StepLine& line) {
  const Subject* subject = find(line.machine);
  if (subject == nullptr)
    return Finding{Blame::evidence, "the specification has no machine \"" + line.machine + "\""};
  const MachineTable& table = *subject->table;
  if (life_->player.empty()) life_->player = line.player;  // who had no id when the life began gets one, once
  if (line.player != life_->player)
    return Finding{Blame::evidence, "a step of " + line.player + " in a life of " + life_->player};
  if (table.role != life_->role)
    return Finding{Blame::conduct, "a " + life_->role + " runs " + line.machine + ", a machine of a " + std::string(table.role)};
  const auto event = index_of(table.events, line.event);
  if (!event) return unknown("event", line.event, table);
  Reading reading;
  reading.event = static_cast<EventId>(*event);
  if (auto bad = read_snapshot(table, line.before, line.variables_before, reading.before)) return bad;
  if (auto bad = read_snapshot(table, line.after, line.variables_after, reading.after)) return bad;
  for (const std::string& id : line.effects)
    if (!index_of(table.effects, id)) return unknown("effect", id, table);
  if (auto bad = read_bits(table, line.holds, reading.bits)) return bad;
  if (auto bad = place(*subject, line, reading)) return bad;
  ++coverage_.steps;
  return compare(*subject, line, reading);
}

/// The record goes on where it was left.
std::optional<Finding> Monitor::place(const Subject& subject, const StepLine& line, const Reading& reading) {
  if (records_.size() >= kMaxRecords) return Finding{Blame::evidence, "more records than one trace may follow"};
  const auto [at, is_new] = records_.try_emplace({line.machine, line.key}, Known{initial_snapshot(*subject.table), 0});
  const bool doubtful = at->second.since < doubts_;
  const Snapshot left = at->second.snapshot;
  at->second = {reading.after, doubts_};
  if (left == reading.before) return std::nullopt;
  if (doubtful) return ++coverage_.unproven, std::nullopt;
  const MachineModel& model = subject.engine.model();
  return Finding{Blame::conduct, "a gap: the record was left in " + describe(model, left) + " and goes on in " +
                                     describe(model, reading.before) + (is_new ? ", although it is new" : "")};
}

/// The step is the one that the specification takes.
std::optional<Finding> Monitor::compare(const Subject& subject, const StepLine& line, const Reading& reading) {
  const MachineModel& model = subject.engine.model();
  Snapshot after = reading.before;
  const StepResult result = subject.engine.step(after, reading.event, reading.bits);
  StepLine right = line;
  right.outcome = word(result.outcome);
  right.row = result.row == kNoRow ? "" : row_name(model, result.row);
  right.after = model.states[after.state];
  right.variables_after = spell(*subject.table, after);
  right.effects.clear();
  for (const EffectId effect : result.effect_list()) right.effects.push_back(model.effects[effect].id);
  coverage_.rows.insert({line.machine, right.row});
  const std::string what = difference(line, right);
  if (what.empty()) return std::nullopt;
  Finding finding{Blame::conduct, what, right.row};
  const std::uint64_t all = ~0ULL >> (kMaxBits - subject.table->predicates.size());
  finding.details.push_back("in " + describe(model, reading.before) + ", at " + line.event + ", with " +
                            (subject.table->predicates.empty() ? "no predicate" : describe_bits(model, all, reading.bits)));
  for (const std::string& sentence : explain(model, reading.before, reading.event)) finding.details.push_back(sentence);
  return finding;
}

}  // namespace quickpay::statemachines::monitor
