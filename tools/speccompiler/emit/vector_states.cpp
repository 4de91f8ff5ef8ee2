// state-<machine>.json: one step of a machine in each vector, so that a test in any language needs no network.
#include <functional>
#include <set>
#include <tuple>

#include <fmt/format.h>

#include "tools/speccompiler/emit/files.hpp"
#include "tools/speccompiler/emit/text.hpp"
#include "tools/speccompiler/emit/vector_json.hpp"
#include "tools/speccompiler/emit/vector_steps.hpp"

namespace quickpay::spec {
namespace {

constexpr std::size_t kMaxValuations = 4096;  // values of all variables of a machine together that are tried

/// Every value that the variables can have together.
std::vector<Situation> situations_in(const Machine& machine, const std::string& state) {
  std::vector<Situation> out{{state, {}}};
  for (const Variable& variable : machine.variables) {
    std::vector<Situation> longer;
    for (const Situation& before : out) {
      for (const std::string& value : variable.values) {
        if (longer.size() >= kMaxValuations) break;
        longer.push_back(before);
        longer.back().variables[variable.id] = value;
      }
    }
    out = std::move(longer);
  }
  return out;
}

class Maker {
 public:
  Maker(const Spec& spec, const Machine& machine) : spec_(spec), machine_(machine), prefix_("state." + slug(machine.id)) {}

  std::vector<StateVector> run() {
    for (const Row& row : machine_.rows) valid_of(row);
    const std::size_t valid = made_.size();
    for (std::size_t i = 0; i < valid; ++i) flipped(i);
    for (const Row& row : machine_.rows) elsewhere(row);
    for (const State& state : machine_.states) {
      for (const Event& event : machine_.events) out_of_state(state, event);
    }
    return std::move(made_);
  }

 private:
  using Input = std::tuple<std::string, std::map<std::string, std::string>, std::string, std::uint64_t>;

  std::string place(const std::string& state, const std::string& event) const {
    return fmt::format("{}.{}.{}", prefix_, slug(state), slug(event));
  }

  /// The vector of a step; whether it is refused is seen from what happens.
  bool add(std::string id, const Situation& given, const std::string& event, std::uint64_t bits,
           const std::string& base = {}, const std::string& mutation = {}) {
    if (!inputs_.insert(Input{given.state, given.variables, event, bits}).second) return false;
    made_.push_back({std::move(id), step_of(spec_, machine_, given, event, bits), base, mutation});
    return true;
  }

  /// A row that is no refusal: once with as few predicates as it needs, once with as many as it bears.
  void valid_of(const Row& row) {
    const std::uint64_t all = (std::uint64_t{1} << machine_.predicates.size()) - 1;
    for (const auto& [word, wish] : {std::pair{"least", std::uint64_t{0}}, std::pair{"most", all}}) {
      const auto found = input_of(row, wish);
      if (found && step_of(spec_, machine_, found->first, row.event, found->second).refusal.empty())
        add(fmt::format("{}.{}.{}", place(row.state, row.event), slug(row.id), word), found->first, row.event,
            found->second);
    }
  }

  /// Variables and predicates that lead to the row; predicates that it does not read are as wished, if they can be.
  std::optional<std::pair<Situation, std::uint64_t>> input_of(const Row& row, std::uint64_t wish) const {
    const std::uint64_t all = (std::uint64_t{1} << machine_.predicates.size()) - 1;
    const std::uint64_t open = all & ~row.mask;
    std::vector<std::uint64_t> tries{(row.value & all) | (wish & open)};
    for (std::uint64_t choice = open, n = 0; n < kMaxValuations; choice = (choice - 1) & open, ++n) {
      tries.push_back((row.value & all) | (wish == 0 ? open & ~choice : choice));
      if (choice == 0) break;
    }
    for (const std::uint64_t bits : tries) {
      if (!possible(machine_, bits)) continue;
      for (const Situation& each : situations_in(machine_, row.state)) {
        if (row_for(machine_, each, row.event, bits) == &row) return std::pair{each, bits};
      }
    }
    return std::nullopt;
  }

  /// One predicate of a valid vector the other way round, and with it what implications force.
  void flipped(std::size_t index) {
    for (std::size_t i = 0; i < machine_.predicates.size(); ++i) {
      const StateVector base = made_[index];
      if (!read(base, i)) continue;
      const std::uint64_t bits = flip(machine_, base.step.bits, i);
      const std::string& predicate = machine_.predicates[i].id;
      const bool holds = (bits >> i & 1) != 0;
      const Step step = step_of(spec_, machine_, base.step.given, base.step.event, bits);
      if (step.refusal.empty()) continue;
      add(fmt::format("{}.{}{}", base.id, holds ? "" : "not-", slug(predicate)), base.step.given, base.step.event, bits,
          base.id, fmt::format("{{\"predicate\": {}, \"holds\": {}}}", json_string(predicate), holds));
    }
  }

  /// Whether a row of the vector's event in its state reads the predicate.
  bool read(const StateVector& vector, std::size_t predicate) const {
    return std::any_of(machine_.rows.begin(), machine_.rows.end(), [&](const Row& row) {
      return row.state == vector.step.given.state && row.event == vector.step.event && (row.mask >> predicate & 1) != 0;
    });
  }

  /// A refusal that no flipped predicate leads to: a valid step in another state, with another variable or event.
  void elsewhere(const Row& row) {
    const auto reached = [&](const StateVector& each) { return each.step.row == &row; };
    if (std::any_of(made_.begin(), made_.end(), reached)) return;
    const std::string id = fmt::format("{}.{}.instead", place(row.state, row.event), slug(row.id));
    based(id, row.event, [&](const StateVector& base) {
      const bool wanted = base.step.event == row.event && base.step.given.state != row.state;
      return wanted ? std::optional(in_state(base.step.given, row.state)) : std::nullopt;
    }, &row) || based(id, row.event, [&](const StateVector& base) {
      const bool wanted = base.step.event != row.event && base.step.given.state == row.state;
      return wanted ? std::optional(base.step.given) : std::nullopt;
    }, &row) || based(id, row.event, [&](const StateVector& base) {
      return base.step.after.state == row.state ? std::optional(base.step.after) : std::nullopt;
    }, &row) || afterwards(id, row);
  }

  /// The last resort: the event of the row behind a valid step that leads to where it starts, with predicates of its own.
  bool afterwards(const std::string& id, const Row& row) {
    const auto input = input_of(row, 0);
    if (!input) return false;
    for (std::size_t i = 0; i < made_.size(); ++i) {
      const StateVector base = made_[i];
      if (!base.step.refusal.empty() || base.step.after != input->first) continue;
      const std::string mutation = fmt::format("{{\"then\": {}}}", json_string(row.event));
      if (add(id, input->first, row.event, input->second, base.id, mutation)) return true;
    }
    return false;
  }

  /// An event for which the state has no row: the default of the event.
  void out_of_state(const State& state, const Event& event) {
    const auto has_row = [&](const Row& row) { return row.state == state.id && row.event == event.id; };
    if (std::any_of(machine_.rows.begin(), machine_.rows.end(), has_row)) return;
    const std::string id = place(state.id, event.id) + ".unexpected";
    based(id, event.id, [&](const StateVector& base) {
      return base.step.event == event.id ? std::optional(in_state(base.step.given, state.id)) : std::nullopt;
    }, nullptr) || based(id, event.id, [&](const StateVector& base) {
      return base.step.given.state == state.id ? std::optional(base.step.given) : std::nullopt;
    }, nullptr) || based(id, event.id, [&](const StateVector& base) {
      return base.step.after.state == state.id ? std::optional(base.step.after) : std::nullopt;
    }, nullptr);
  }

  static Situation in_state(Situation given, const std::string& state) {
    given.state = state;
    return given;
  }

  /// Makes a vector out of the first valid one that `changed` turns into a step of the row (null: of the default).
  bool based(const std::string& id, const std::string& event,
             const std::function<std::optional<Situation>(const StateVector&)>& changed, const Row* row) {
    for (std::size_t i = 0; i < made_.size(); ++i) {
      const StateVector base = made_[i];
      const auto given = base.step.refusal.empty() ? changed(base) : std::nullopt;
      if (!given || row_for(machine_, *given, event, base.step.bits) != row) continue;
      if (add(id, *given, event, base.step.bits, base.id, mutation_from(base.step, *given, event))) return true;
    }
    return false;
  }

  static std::string mutation_from(const Step& base, const Situation& given, const std::string& event) {
    if (base.event == event) return fmt::format("{{\"state\": {}}}", json_string(given.state));
    return fmt::format("{{\"{}\": {}}}", base.given == given ? "event" : "then", json_string(event));
  }

  const Spec& spec_;
  const Machine& machine_;
  std::string prefix_;
  std::set<Input> inputs_;
  std::vector<StateVector> made_;
};

std::string json_vector(const Machine& machine, const StateVector& vector) {
  const Step& step = vector.step;
  std::string out = fmt::format("    {{ \"id\": {}, \"flags\": {}, \"requirements\": {},\n      \"result\": \"{}\"",
                                json_string(vector.id), json_list({step.refusal.empty() ? "step" : step.refusal}),
                                json_list(step.requirements), step.refusal.empty() ? "valid" : "invalid");
  if (!step.code.empty()) out += fmt::format(", \"code\": {}", json_string(step.code));
  if (!vector.base.empty())
    out += fmt::format(", \"base\": {}, \"mutation\": {}", json_string(vector.base), vector.mutation);
  return out + fmt::format(",\n      {} }}", json_step(machine, step));
}

}  // namespace

std::vector<StateVector> state_vectors_of(const Spec& spec, const Machine& machine) { return Maker(spec, machine).run(); }

std::string state_vectors(const Spec& spec, const std::string& mark) {
  const Machine& machine = spec.machines.front();
  std::vector<std::string> entries, states, predicates;
  for (const StateVector& vector : state_vectors_of(spec, machine)) entries.push_back(json_vector(machine, vector));
  for (const State& state : machine.states) states.push_back(state.id);
  for (const Predicate& predicate : machine.predicates) {
    predicates.push_back(fmt::format("    {}: {}", json_string(predicate.id), json_string(predicate.text)));
  }
  return fmt::format(
      "{{ \"generated\": {},\n  \"kind\": \"state\",\n  \"protocol\": {},\n  \"machine\": {},\n  \"role\": {},\n  \"initial\": {},\n"
      "  \"states\": {},\n  \"predicates\": {{\n{}\n  }},\n  \"count\": {},\n  \"vectors\": [\n{}\n  ]\n}}\n",
      json_string(mark), json_string(machine.protocol), json_string(machine.id), json_string(machine.role),
      json_string(machine.initial), json_list(states), join(predicates, ",\n"), entries.size(), join(entries, ",\n"));
}

}  // namespace quickpay::spec
