// L3 and L4: the machines together.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "statemachines/explorer/reduction.hpp"
#include "tools/check/in_order.hpp"
#include "tools/check/timed.hpp"
#include "tools/speccompiler/lint/lint.hpp"

namespace quickpay::check {
namespace {

using namespace statemachines;

constexpr std::uint64_t kMaxTwice = 150'000;       ///< states up to which the interpreter explores a configuration, too
constexpr std::uint64_t kMaxCompared = 20'000;     ///< states up to which both ways of keeping states are compared …
constexpr std::uint64_t kMaxComparedDeep = 2'000'000;  ///< … and with --deep

/// Whether these are all states, up to the limit.
bool has_every(const Exploration& found) { return found.keep == Keep::every; }

Limits limits_of(const Options& options) {
  Limits limits;
  limits.stop = options.stop;
  return limits;
}

// Worlds of --deep are large: where no property looks beyond single states the largest states are explored alone, and only if these are few
// every state, too.
ConfigurationResult explore_wanted(const CompositionTable& table, const Cast& cast, const ConfigurationInfo& configuration, const Options& options) {
  if (configuration.deep && largest_suffice(table, claimed_in(table, configuration.id))) {
    Limits limits = limits_of(options);
    limits.keep = Keep::largest;
    limits.states = kMaxLargestStates;
    ConfigurationResult result = explore(table, cast, configuration, limits);
    if (!result.found.complete || result.found.states > kMaxTwice) return result;
  }
  return explore(table, cast, configuration, limits_of(options));
}

std::string bounds(const ConfigurationInfo& configuration) {
  std::string text(configuration.id);
  for (const std::string_view liar : configuration.liars) text += (liar == configuration.liars.front() ? ": " : "+") + std::string(liar);
  return text;
}

// Which failures a configuration must have is part of its claim; the trail of any other is told.
void judge(const Explored& one, Claim& claim) {
  claim.states = one.result.found.states;
  claim.wrong = one.result.wrong;
  claim.what += how_kept(one);
  for (const Failure& failure : one.result.failures) {
    const std::string_view id = one.table->properties[failure.property].id;
    const auto& must = one.configuration->fails;
    if (std::find(must.begin(), must.end(), id) != must.end()) continue;
    for (const std::string& line : failure.trail) claim.wrong.push_back("  " + line);
  }
}

void explore_all(const CompositionTable& table, const Options& options, const Progress& progress,
                 Evidence& evidence) {
  const Cast cast = cast_of(table, options.machines, EngineKind::msm);
  std::vector<const ConfigurationInfo*> wanted;
  for (const ConfigurationInfo& configuration : table.configurations)
    if ((!configuration.deep || options.deep) && cast.problem.empty()) wanted.push_back(&configuration);
  if (!cast.problem.empty()) timed(progress, evidence, "L4", "the machines are there", [&](Claim& claim) { claim.wrong.push_back(cast.problem); });
  in_order<ConfigurationResult>(wanted.size(), [&](std::size_t i) { return explore_wanted(table, cast, *wanted[i], options); },
                                [&](std::size_t i, const auto& wait) {
    timed(progress, evidence, "L4", "the properties hold, and fail where they must, in " + bounds(*wanted[i]), [&](Claim& claim) {
      Done<ConfigurationResult> done = wait();
      claim.seconds = done.seconds;
      Explored one{&table, wanted[i], std::move(done.result)};
      judge(one, claim);
      evidence.explored.push_back(std::move(one));
    });
  });
}

void explore_interpreted(const CompositionTable& table, const Options& options, const Progress& progress,
                         Evidence& evidence) {
  timed(progress, evidence, "L3", "interpreted machines visit exactly as many states and moves as compiled ones", [&](Claim& claim) {
    const Cast cast = cast_of(table, options.machines, EngineKind::interpreter);
    if (!cast.problem.empty()) return claim.wrong.push_back(cast.problem);
    std::vector<const Explored*> wanted;
    for (const Explored& known : evidence.explored)
      if (known.table == &table && has_every(known.result.found) && known.result.found.states <= kMaxTwice) wanted.push_back(&known);
    const auto job = [&](std::size_t i) { return explore(table, cast, *wanted[i]->configuration, limits_of(options)).found; };
    in_order<Exploration>(wanted.size(), job, [&](std::size_t i, const auto& wait) {
      const Exploration again = wait().result, &known = wanted[i]->result.found;
      claim.states += again.states;
      if (again.states == known.states && again.transitions == known.transitions) return;
      claim.wrong.push_back(fmt::format("{}: {} states and {} moves interpreted, {} and {} compiled", wanted[i]->configuration->id, again.states,
                                        again.transitions, known.states, known.transitions));
    });
    if (claim.states == 0) claim.wrong.emplace_back("nothing was compared");
  });
}

void check_reached(const CompositionTable& table, const Options& options, const Progress& progress,
                   Evidence& evidence) {
  timed(progress, evidence, "L4", "every state and row is reached, or listed with a reason", [&](Claim& claim) {
    const Cast cast = cast_of(table, options.machines, EngineKind::msm);
    if (!cast.problem.empty()) return claim.wrong.push_back(cast.problem);
    std::vector<Exploration> all;
    for (const Explored& known : evidence.explored)
      if (known.table == &table && !known.configuration->deep) all.push_back(known.result.found);
    claim.wrong = unreached(table, cast, all);
    for (const Player& player : cast.players) claim.states += player.table->rows.size();
  });
}

void check_twins(const CompositionTable& table, const Options& options, const Progress& progress,
                 Evidence& evidence) {
  const auto job = [&](std::size_t i) { return check_twin(table, options.machines, table.properties[i], limits_of(options)); };
  in_order<std::string>(table.properties.size(), job, [&](std::size_t i, const auto& wait) {
    timed(progress, evidence, "L4", "a seeded defect breaks " + std::string(table.properties[i].id) + " and nothing else", [&](Claim& claim) {
      const Done<std::string> done = wait();
      claim.seconds = done.seconds;
      if (!done.result.empty()) claim.wrong.push_back(done.result);
    });
  });
}

/// The messages that a machine hears, says or takes answers to, each once.
std::set<std::string_view> messages_of(const MachineTable& machine) {
  std::set<std::string_view> names;
  for (const EventInfo& event : machine.events) names.insert(event.message);
  for (const EffectInfo& effect : machine.effects)
    if (effect.verb == Verb::send || effect.verb == Verb::outbox) names.insert(effect.first);
  names.erase("");
  return names;
}

}  // namespace

// What is explored by its largest states alone rests on this.
void check_kept(const CompositionTable& table, const Options& options, const Progress& progress, Evidence& evidence) {
  timed(progress, evidence, "L4", "the largest states alone show what all states do", [&](Claim& claim) {
    const Cast cast = cast_of(table, options.machines, EngineKind::msm);
    if (!cast.problem.empty()) return claim.wrong.push_back(cast.problem);
    std::vector<const ConfigurationInfo*> wanted;
    Limits limits = limits_of(options);
    limits.states = options.deep ? kMaxComparedDeep : kMaxCompared;
    for (const Explored& known : evidence.explored)
      if (known.table == &table && (!has_every(known.result.found) || known.result.found.states <= limits.states)) wanted.push_back(known.configuration);
    const Keep other = options.keeps_some ? Keep::some : Keep::largest;
    bool fewer = false;
    in_order<Twice>(wanted.size(), [&](std::size_t i) { return explore_twice(table, cast, *wanted[i], limits, other); },
                    [&](std::size_t i, const auto& wait) {
      const Twice twice = wait().result;
      if (twice.whole.states >= limits.states) return;  // explored by its largest states alone, and larger than what is compared
      claim.states += twice.whole.states;
      fewer = fewer || twice.other.states < twice.whole.states;
      for (const std::string& line : twice.wrong) claim.wrong.push_back(std::string(wanted[i]->id) + ": " + line);
    });
    if (!fewer) claim.wrong.emplace_back("no world was compared that has fewer of the largest states");
  });
}

// Machines of different protocols share no message and no port to a machine: only what a property set says `follow`s joins
// them. Names recur in other protocols; what a machine names has to be a message of its own.
void check_independent(const Options& options, const Progress& progress, Evidence& evidence) {
  const auto spec = spec::compile_spec(options.root / options.spec);
  timed(progress, evidence, "L4", "no machine hears or says a message of another protocol", [&](Claim& claim) {
    if (!spec) return claim.wrong.emplace_back("the specification cannot be read"), void();
    for (const MachineEntry& one : options.machines) {
      const MachineTable& table = one.table();
      for (const std::string_view message : messages_of(table)) {
        ++claim.states;
        if (spec::find_message(*spec, std::string(table.protocol), std::string(message)) == nullptr)
          claim.wrong.push_back(fmt::format("{} names {}, which is no message of {}", table.id, message, table.protocol));
      }
      for (const PortInfo& port : table.ports)
        for (const MachineEntry& other : options.machines)
          if (port.machine == other.table().id && other.table().protocol != table.protocol)
            claim.wrong.push_back(fmt::format("{} hands over to {}", table.id, port.machine));
    }
  });
}

std::vector<std::string> machines_apart(const Options& options) {
  std::vector<std::string> apart;
  for (const MachineEntry& one : options.machines) {
    const auto plays = [&](const CompositionTable* table) {
      return std::any_of(table->instances.begin(), table->instances.end(), [&](const InstanceInfo& item) { return item.machine == one.table().id; });
    };
    if (std::none_of(options.compositions.begin(), options.compositions.end(), plays)) apart.emplace_back(one.table().id);
  }
  return apart;
}

void check_compositions(const Options& options, const Progress& progress, Evidence& evidence) {
  evidence.apart = machines_apart(options);
  for (const CompositionTable* table : options.compositions) {
    explore_all(*table, options, progress, evidence);
    explore_interpreted(*table, options, progress, evidence);
    check_kept(*table, options, progress, evidence);
    check_reached(*table, options, progress, evidence);
    check_twins(*table, options, progress, evidence);
  }
  check_independent(options, progress, evidence);
}

Explored explore_one(const Options& options, std::string_view configuration) {
  for (const CompositionTable* table : options.compositions) {
    const ConfigurationInfo* found = find_configuration(*table, configuration);
    if (found == nullptr) continue;
    const Cast cast = cast_of(*table, options.machines, EngineKind::msm);
    Explored one{table, found, {}};
    one.result.found.problem = cast.problem;
    if (cast.problem.empty()) one.result = explore_wanted(*table, cast, *found, options);
    return one;
  }
  return {};
}

std::string_view how_kept(const Explored& one) { return has_every(one.result.found) ? std::string_view{} : kLargestAlone; }

bool Evidence::stands() const {
  return !claims.empty() && std::all_of(claims.begin(), claims.end(), [](const Claim& claim) { return claim.stands; });
}

Evidence run(const Options& options, const Progress& progress) {
  Evidence evidence;
  check_generated(options, progress, evidence);
  check_machines(options, progress, evidence);
  if (options.level < 3) return evidence;
  check_compositions(options, progress, evidence);
  check_votes(options, progress, evidence);
  check_report(options, progress, evidence);
  check_spin(options, progress, evidence);
  check_live(options, progress, evidence);
  return evidence;
}

}  // namespace quickpay::check
