#include "tools/killtables/spec_judge.hpp"

#include <algorithm>

#include "statemachines/interpreter/interpreter.hpp"
#include "tools/killtables/simulated.hpp"
#include "tools/speccompiler/emit/model.hpp"
#include "tools/speccompiler/expand/expand.hpp"
#include "tools/speccompiler/lint/lint.hpp"

namespace quickpay::killtables {

using namespace statemachines;

namespace {

constexpr std::size_t kSimulated = 10;  ///< worlds with faults that a mutant is tried in
constexpr std::string_view kMoney = "settlement";  ///< its machines move only where orders become money
constexpr std::size_t kGrowth = 3;  ///< a mutant's world may have this many times the states of the right one

// Whether the machine takes part: of what an option brings nothing moves without it.
bool uses(const CompositionTable& table, const ConfigurationInfo& configuration, std::string_view machine) {
  return std::any_of(table.instances.begin(), table.instances.end(),
                     [&](const InstanceInfo& one) { return one.machine == machine && takes_part(one, configuration); });
}

Machines pointers_to(const std::map<std::string, std::shared_ptr<const LiveTable>, std::less<>>& tables) {
  Machines machines;
  for (const auto& [id, table] : tables) machines[id] = &table->table();
  return machines;
}

bool speaks_of_scenario(const spec::Diagnostic& finding) {
  return finding.message.starts_with("in state '") || finding.message.starts_with("scenario ");
}

bool on_itself_only(const spec::Effect& effect) { return effect.verb == "stop" || effect.verb == "set"; }

bool same_object(const spec::Effect& one, const spec::Effect& other) {
  const bool both = !one.arguments.empty() && !other.arguments.empty();
  return both && one.arguments.front() == other.arguments.front();
}

// All effects of a step are one durable unit, so that the moment in it at which a timer stops or a variable changes cannot be
// told: these go to the front, in a fixed order, once each. They stay where they are beside an effect on the same timer or
// variable. A timer that is started twice runs once; to ignore is to do nothing. All other effects keep their order and number.
std::vector<spec::Effect> in_order(std::vector<spec::Effect> effects) {
  const auto before = [](const spec::Effect& a, const spec::Effect& b) {
    if (same_object(a, b)) return false;
    if (on_itself_only(a) && on_itself_only(b)) return spec::effect_id(a) < spec::effect_id(b);
    return on_itself_only(a) && !on_itself_only(b);
  };
  for (std::size_t i = 1; i < effects.size(); ++i)
    for (std::size_t k = i; k > 0 && before(effects[k], effects[k - 1]); --k) std::swap(effects[k], effects[k - 1]);
  const auto twice = [](const spec::Effect& a, const spec::Effect& b) {
    return a == b && (on_itself_only(a) || a.verb == "start");
  };
  std::erase_if(effects, [](const spec::Effect& effect) { return effect.verb == "ignore"; });
  effects.erase(std::unique(effects.begin(), effects.end(), twice), effects.end());
  return effects;
}

// Whether two tables do the same, whatever they are called and whichever requirements they name.
bool means_the_same(const spec::Machine& one, const spec::Machine& other) {
  if (one.initial != other.initial || one.rows.size() != other.rows.size() || one.default_of_event != other.default_of_event)
    return false;
  for (std::size_t i = 0; i < one.rows.size(); ++i) {
    const spec::Row &a = one.rows[i], &b = other.rows[i];
    if (a.state != b.state || a.event != b.event || a.to != b.to || a.mask != b.mask || a.value != b.value ||
        !(in_order(a.effects) == in_order(b.effects)))
      return false;
  }
  for (std::size_t i = 0; i < one.defaults.size() && i < other.defaults.size(); ++i)
    if (!(in_order(one.defaults[i].effects) == in_order(other.defaults[i].effects))) return false;
  for (std::size_t i = 0; i < one.variables.size(); ++i)
    if (one.variables[i].initial != other.variables[i].initial) return false;
  for (std::size_t i = 0; i < one.events.size(); ++i)
    if (one.events[i].classes != other.events[i].classes || one.events[i].codes != other.events[i].codes) return false;
  return one.defaults.size() == other.defaults.size() && one.implications.size() == other.implications.size();
}

}  // namespace

std::string_view name_of(SpecKiller killer) {
  static constexpr std::array<std::string_view, 8> kNames = {"lint", "same", "scenario", "sim", "property", "reach", "golden", "survived"};
  return kNames[static_cast<std::size_t>(killer)];
}

std::string_view text_of(SpecKiller killer) {
  static constexpr std::array<std::string_view, 8> kTexts = {
      "the compiler of the specification refuses it",
      "it is written otherwise and means the same: rows, defaults and start are equal, but for the moment within a step at which a timer stops or a variable is set",
      "a scenario of the specification or a pinned intent goes otherwise",
      "role cores that run the mutant no longer deliver in a simulated world without faults, or miss a goal in one with faults",
      "a property that is claimed fails, or one that must fail holds, or a machine is not total",
      "a state or a row is never reached and not listed, or listed and reached; asked with `--deep` alone",
      "worlds have other numbers of states or moves than the right ones",
      "nothing notices"};
  return kTexts[static_cast<std::size_t>(killer)];
}

SpecJudge::SpecJudge(const spec::Spec& spec, std::span<const CompositionTable* const> compositions,
                     const std::vector<Intent>& intents, SpecJudgeOptions options)
    : spec_(spec), intents_(intents), options_(std::move(options)) {
  for (const spec::Machine& written : spec.machines) {
    spec::Machine machine = written;
    if (spec::has_errors(spec::expand_machine(spec, machine))) problem_ = machine.id + " cannot be expanded";
    right_[written.id] = std::make_shared<const LiveTable>(std::move(machine));
  }
  if (problem_.empty()) problem_ = by_scenarios(right_).what;
  if (problem_.empty()) count_worlds(compositions);
}

void SpecJudge::count_worlds(std::span<const CompositionTable* const> compositions) {
  for (const CompositionTable* table : compositions) {
    const Cast cast = cast_of(*table, right_);
    for (const ConfigurationInfo& configuration : table->configurations) {
      if (configuration.deep) continue;
      Limits limits;
      limits.stop = options_.stop;
      if (options_.quick) limits.states = kQuickStates;
      const ConfigurationResult right = statemachines::explore(*table, cast, configuration, limits);
      if (options_.quick && !right.found.complete) continue;
      if (!right.wrong.empty()) problem_ = std::string(configuration.id) + ": " + right.wrong.front();
      worlds_.push_back({table, &configuration, right.found.states, right.found.transitions});
    }
  }
  std::sort(worlds_.begin(), worlds_.end(), [](const World& a, const World& b) { return a.states < b.states; });
}

SpecKill SpecJudge::judge(const SpecMutant& mutant) const {
  Tables tables = right_;
  SpecKill kill = by_lint(mutant, tables);
  if (kill.killer == SpecKiller::none && on(SpecKiller::scenario)) kill = by_scenarios(tables);
  if (kill.killer == SpecKiller::none && on(SpecKiller::sim)) kill = by_simulation(spec_.machines[mutant.machine].id, tables);
  if (kill.killer == SpecKiller::none) kill = by_worlds(spec_.machines[mutant.machine].id, tables);
  return kill;
}

SpecKill SpecJudge::by_lint(const SpecMutant& mutant, Tables& tables) const {
  spec::Spec changed = spec_;
  mutant.apply(changed.machines[mutant.machine]);
  spec::Diagnostics findings = spec::expand(changed);
  const spec::Diagnostics more = spec::lint(changed);
  findings.insert(findings.end(), more.begin(), more.end());
  const spec::Diagnostic* scenario = nullptr;
  for (const spec::Diagnostic& finding : findings) {
    if (finding.severity != spec::Severity::error) continue;
    if (!speaks_of_scenario(finding)) return {SpecKiller::lint, finding.message};
    scenario = &finding;
  }
  if (scenario != nullptr && on(SpecKiller::scenario)) return {SpecKiller::scenario, scenario->message};
  const std::string id = changed.machines[mutant.machine].id;
  auto table = std::make_shared<const LiveTable>(std::move(changed.machines[mutant.machine]), right_.at(id).get());
  if (means_the_same(table->machine(), right_.at(id)->machine())) return {SpecKiller::same, "the rows are the same"};
  tables[id] = std::move(table);
  return {};
}

SpecKill SpecJudge::by_scenarios(const Tables& tables) const {
  const Machines machines = pointers_to(tables);
  for (const Intent& intent : intents_) {
    std::string wrong = play(intent, machines);
    if (!wrong.empty()) return {SpecKiller::scenario, std::move(wrong)};
  }
  return {};
}

SpecKill SpecJudge::by_simulation(const std::string& machine, const Tables& tables) const {
  const std::shared_ptr<const LiveTable> changed = tables.at(machine);
  sim::Sown sown;
  sown.role = changed->machine().role;
  sown.traced = false;
  sown.engine_factory = [changed](const MachineTable& asked) {
    const MachineTable& table = asked.id == changed->table().id ? changed->table() : asked;
    return roles::Machine{&table, std::make_unique<InterpreterEngine>(model_of(table))};
  };
  const bool money = changed->machine().protocol == kMoney;
  std::string wrong = what_goes_wrong(sown, kSimulated, money);
  return wrong.empty() ? SpecKill{} : SpecKill{SpecKiller::sim, std::move(wrong)};
}

Cast SpecJudge::cast_of(const CompositionTable& table, const Tables& tables) const {
  Cast cast;
  for (const InstanceInfo& instance : table.instances) {
    const auto found = tables.find(instance.machine);
    if (found == tables.end()) {
      cast.problem = "there is no machine " + std::string(instance.machine);
      return cast;
    }
    const MachineTable& machine = found->second->table();
    cast.engines.push_back(std::make_unique<InterpreterEngine>(model_of(machine)));
    cast.players.push_back({&machine, cast.engines.back().get(), predicates_read(machine), initial_snapshot(machine)});
  }
  return cast;
}

// Every mutant in the quick worlds. Who is not killed by a property there is explored in larger ones, in the largest only if
// the numbers do not give it away.
SpecKill SpecJudge::by_worlds(const std::string& machine, const Tables& tables) const {
  Shown shown;
  for (const World& world : worlds_) {
    if (!uses(*world.table, *world.configuration, machine)) continue;
    if (world.states > kPatientStates && !shown.golden.empty() && on(SpecKiller::golden)) shown.all = false;
    if (!shown.all) break;
    explore(world, tables, shown);
    if (shown.kill.killer == SpecKiller::property && on(SpecKiller::property)) return shown.kill;
  }
  if (shown.all && !options_.quick && on(SpecKiller::reach)) {
    for (const World& world : worlds_) {
      if (!uses(*world.table, *world.configuration, machine)) continue;
      const auto missing = unreached(*world.table, cast_of(*world.table, tables), shown.explored);
      if (!missing.empty()) return {SpecKiller::reach, missing.front()};
      break;
    }
  }
  if (!shown.golden.empty() && on(SpecKiller::golden)) return {SpecKiller::golden, shown.golden};
  return {};
}

void SpecJudge::explore(const World& world, const Tables& tables, Shown& shown) const {
  Limits limits;
  limits.states = kGrowth * world.states + 1000;
  limits.stop = options_.stop;
  ConfigurationResult result = statemachines::explore(*world.table, cast_of(*world.table, tables), *world.configuration, limits);
  const std::string at(world.configuration->id);
  const Exploration& found = result.found;
  if (shown.golden.empty() && (!found.complete || found.states != world.states || found.transitions != world.transitions))
    shown.golden = at + ": " + std::to_string(found.states) + " states, not " + std::to_string(world.states);
  for (const std::string& wrong : result.wrong) {
    if (wrong == "not explored to the end") continue;
    if (shown.kill.killer == SpecKiller::none) shown.kill = {SpecKiller::property, at + ": " + wrong};
  }
  shown.explored.push_back(std::move(result.found));
}

}  // namespace quickpay::killtables
