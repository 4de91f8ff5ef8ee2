// Who notices that a specification is wrong: the checks of the kit, played on the machines of the wrong specification.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "statemachines/explorer/claims.hpp"
#include "tools/killtables/intents.hpp"
#include "tools/killtables/live_table.hpp"
#include "tools/killtables/spec_mutants.hpp"

namespace quickpay::killtables {

/// In the order in which they are tried. `lint`: the compiler of the specification refuses it, so that there is nothing
/// that could agree with the mistake; `same`: it is written otherwise and means the same; `none`: it survived.
enum class SpecKiller : std::uint8_t { lint, same, scenario, sim, property, reach, golden, none };
inline constexpr std::array kSpecKillers = {SpecKiller::lint,     SpecKiller::same,  SpecKiller::scenario, SpecKiller::sim,
                                            SpecKiller::property, SpecKiller::reach, SpecKiller::golden,   SpecKiller::none};
std::string_view name_of(SpecKiller killer);
/// What the killer is, in one clause.
std::string_view text_of(SpecKiller killer);

struct SpecKill {
  SpecKiller killer = SpecKiller::none;
  std::string what;  ///< the first thing that was wrong
};

struct SpecJudgeOptions {
  std::set<SpecKiller> off;                 ///< not tried: to see what then survives
  bool quick = false;                       ///< only worlds of at most kQuickStates states
  const std::atomic<bool>* stop = nullptr;  ///< ends an exploration early
};

inline constexpr std::uint64_t kQuickStates = 15'000;    ///< of worlds that every mutant is explored in
inline constexpr std::uint64_t kPatientStates = 100'000;  ///< of worlds for mutants that no scenario and no quick property kills

class SpecJudge {
 public:
  /// `spec` is loaded, not expanded; everything outlives this. The right machines are explored once to count their states.
  SpecJudge(const spec::Spec& spec, std::span<const statemachines::CompositionTable* const> compositions,
            const std::vector<Intent>& intents, SpecJudgeOptions options);

  /// What is wrong with the right specification: then nothing that is said of a wrong one means anything. Empty: nothing.
  const std::string& problem() const { return problem_; }
  /// May be called by several threads at once.
  SpecKill judge(const SpecMutant& mutant) const;

 private:
  /// A right world and its numbers.
  struct World {
    const statemachines::CompositionTable* table;
    const statemachines::ConfigurationInfo* configuration;
    std::uint64_t states, transitions;
  };
  /// What exploring a mutant has shown so far.
  struct Shown {
    SpecKill kill;
    std::string golden;
    std::vector<statemachines::Exploration> explored;
    bool all = true;  ///< every world that reachability counts was explored
  };
  using Tables = std::map<std::string, std::shared_ptr<const LiveTable>, std::less<>>;

  void count_worlds(std::span<const statemachines::CompositionTable* const> compositions);
  bool on(SpecKiller killer) const { return !options_.off.contains(killer); }
  SpecKill by_lint(const SpecMutant& mutant, Tables& tables) const;
  SpecKill by_scenarios(const Tables& tables) const;
  SpecKill by_simulation(const std::string& machine, const Tables& tables) const;
  SpecKill by_worlds(const std::string& machine, const Tables& tables) const;
  void explore(const World& world, const Tables& tables, Shown& shown) const;
  statemachines::Cast cast_of(const statemachines::CompositionTable& table, const Tables& tables) const;

  const spec::Spec& spec_;
  const std::vector<Intent>& intents_;
  SpecJudgeOptions options_;
  Tables right_;
  std::vector<World> worlds_;  ///< the smallest first
  std::string problem_;
};

}  // namespace quickpay::killtables
