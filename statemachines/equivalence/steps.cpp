#include "statemachines/equivalence/steps.hpp"

#include "statemachines/interpreter/explain.hpp"

namespace quickpay::statemachines {
namespace {

std::uint64_t all_bits(std::size_t count) { return count >= kMaxBits ? ~0ULL : (1ULL << count) - 1; }

std::size_t count_bits(std::uint64_t mask) {
  std::size_t count = 0;
  for (; mask != 0; mask &= mask - 1) ++count;
  return count;
}

// Bits that no row of the event reads get a value that changes from one input to the next.
std::uint64_t scramble(std::uint64_t counter) {
  std::uint64_t value = (counter + 1) * 0x9E3779B97F4A7C15ULL;
  value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9ULL;
  return value ^ (value >> 27);
}

std::uint64_t bits_read(const MachineModel& model, EventId event) {
  std::uint64_t mask = 0;
  for (const ModelRow& row : model.rows)
    if (row.event == event) mask |= row.mask;
  return mask & all_bits(model.predicates.size());
}

// The next subset of `mask` in counting order; 0 after the last.
std::uint64_t next_valuation(std::uint64_t mask, std::uint64_t valuation) { return (valuation - mask) & mask; }

// Counts through the values of all variables; false after the last.
bool next_variables(const MachineModel& model, Snapshot& snapshot) {
  for (std::size_t i = 0; i < model.variables.size() && i < kMaxVariables; ++i) {
    if (++snapshot.variables[i] < model.variables[i].values.size()) return true;
    snapshot.variables[i] = 0;
  }
  return false;
}

class Comparer {
 public:
  Comparer(const Engine& engine, const InterpreterEngine& expected, const MachineModel* other)
      : engine_(engine), expected_(expected), other_(other) {}

  StepComparison run() {
    const MachineModel& model = expected_.model();
    for (std::size_t event = 0; event <= model.events.size() && going(); ++event) {
      const std::uint64_t mask = enumerated(static_cast<EventId>(event));
      if (count_bits(mask) > kMaxEnumeratedBits) found_.complete = false;
      for (std::size_t state = 0; state <= model.states.size() && going(); ++state)
        all_variables(static_cast<StateId>(state), static_cast<EventId>(event), mask);
    }
    return found_;
  }

 private:
  bool going() const { return found_.same(); }

  std::uint64_t enumerated(EventId event) const {
    const MachineModel& model = expected_.model();
    if (other_ == nullptr && model.predicates.size() <= kMaxCompletePredicates)
      return all_bits(model.predicates.size());
    return bits_read(model, event) | (other_ != nullptr ? bits_read(*other_, event) : 0);
  }

  void all_variables(StateId state, EventId event, std::uint64_t mask) {
    Snapshot snapshot;
    snapshot.state = state;
    do {
      all_valuations(snapshot, event, mask);
    } while (going() && next_variables(expected_.model(), snapshot));
  }

  void all_valuations(const Snapshot& snapshot, EventId event, std::uint64_t mask) {
    std::uint64_t valuation = 0;
    do {
      one(snapshot, event, valuation | (scramble(found_.combinations) & ~mask));
      valuation = next_valuation(mask, valuation);
    } while (valuation != 0 && going());
  }

  void one(const Snapshot& before, EventId event, PredicateBits bits) {
    ++found_.combinations;
    Snapshot expected_after = before;
    Snapshot got_after = before;
    const StepResult expected = expected_.step(expected_after, event, bits);
    const StepResult got = engine_.step(got_after, event, bits);
    if (expected == got && expected_after == got_after) return;
    found_.difference = StepDifference{before, event, bits, expected_after, got_after, expected, got};
  }

  const Engine& engine_;
  const InterpreterEngine& expected_;
  const MachineModel* other_;
  StepComparison found_;
};

std::string_view name_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::taken:
      return "taken";
    case Outcome::rejected:
      return "rejected";
    case Outcome::unexpected:
      return "unexpected";
  }
  return "invalid";
}

std::string quoted(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    result += c;
  }
  return result + '"';
}

std::string side(const MachineModel& model, const Snapshot& after, const StepResult& result) {
  const std::vector<EffectId> effects(result.effect_list().begin(), result.effect_list().end());
  return "{\"outcome\":" + quoted(name_of(result.outcome)) + ",\"row\":" + quoted(row_name(model, result.row)) +
         ",\"to\":" + quoted(describe(model, after)) + ",\"effects\":" + quoted(describe_effects(model, effects)) + "}";
}

std::string requirements_of(const MachineModel& model, RowId row) {
  std::string text;
  for (const ModelRow& candidate : model.rows) {
    if (candidate.number != row) continue;
    for (const std::string& requirement : candidate.requirements) text += (text.empty() ? "" : ",") + quoted(requirement);
  }
  return "[" + text + "]";
}

}  // namespace

StepComparison compare_steps(const Engine& engine, const InterpreterEngine& expected, const MachineModel* other_rows) {
  return Comparer(engine, expected, other_rows).run();
}

std::string report(const MachineModel& model, const StepDifference& difference) {
  const std::string event = difference.event < model.events.size() ? model.events[difference.event].id
                                                                   : "event " + std::to_string(difference.event);
  const std::uint64_t mask = all_bits(model.predicates.size());
  return "{\"level\":\"L2\",\"machine\":" + quoted(model.id) +
         ",\"requirements\":" + requirements_of(model, difference.expected.row) +
         ",\"from\":" + quoted(describe(model, difference.before)) + ",\"event\":" + quoted(event) +
         ",\"bits\":" + std::to_string(difference.bits & mask) +
         ",\"holds\":" + quoted(describe_bits(model, mask, difference.bits)) +
         ",\"expected\":" + side(model, difference.expected_after, difference.expected) +
         ",\"got\":" + side(model, difference.got_after, difference.got) + "}";
}

}  // namespace quickpay::statemachines
