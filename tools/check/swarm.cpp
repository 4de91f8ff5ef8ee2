#include "tools/check/swarm.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <mutex>
#include <thread>

namespace quickpay::check {
namespace {

using namespace statemachines;
using Clock = std::chrono::steady_clock;

constexpr std::array<std::uint64_t, 4> kBursts = {100, 0, 1'000, 10'000};  ///< pass by pass: defects that one does not find another does
constexpr std::uint64_t kFirstPass = 10;  ///< seconds of a pass if there is no limit; after each round of kBursts passes take twice as long

bool within(std::span<const std::string_view> part, std::span<const std::string_view> whole) {
  return std::all_of(part.begin(), part.end(), [&](std::string_view item) { return std::find(whole.begin(), whole.end(), item) != whole.end(); });
}

bool same(std::span<const std::string_view> left, std::span<const std::string_view> right) { return within(left, right) && within(right, left); }

// With equal budgets.
bool same_world(const ConfigurationInfo& left, const ConfigurationInfo& right) {
  return left.orders == right.orders && left.loss == right.loss && left.duplication == right.duplication && left.crashes == right.crashes &&
         left.forgeries == right.forgeries && left.any_world == right.any_world && left.lazy_timers == right.lazy_timers &&
         left.profile == right.profile && same(left.liars, right.liars) && same(left.suspended, right.suspended) &&
         same(left.options, right.options) && same(left.players, right.players);
}

// Whether what fails in the one can happen in the other, too: who lies there lies here, and whatever takes part there does here.
bool is_part(const CompositionTable& table, const ConfigurationInfo& part, const ConfigurationInfo& whole) {
  const auto has = [&](std::string_view option) {
    const std::string_view id = option.substr(0, option.find(':'));
    for (std::size_t order = 0; order < whole.orders; ++order)
      if (has_option(whole, id, order)) return true;
    return false;
  };
  const bool all = std::all_of(table.instances.begin(), table.instances.end(),
                               [&](const InstanceInfo& one) { return !takes_part(one, part) || takes_part(one, whole); });
  return all && (part.profile == whole.profile || part.liars.empty()) && within(part.liars, whole.liars) &&
         std::all_of(part.options.begin(), part.options.end(), has);
}

std::size_t processors() { return std::max(1U, std::thread::hardware_concurrency()); }

ConfigurationInfo raised(ConfigurationInfo info) {
  for (std::uint8_t* budget : {&info.loss, &info.duplication, &info.crashes}) *budget = std::max(*budget, kSwarmBudget);
  if (!info.liars.empty()) info.forgeries = std::max(info.forgeries, kSwarmBudget);
  return info;
}

// Whether the world is what larger budgets make of this configuration.
bool stands_for(const SearchedWorld& world, std::string_view id) {
  const ConfigurationInfo* configuration = find_configuration(*world.table, id);
  return configuration != nullptr && same_world(raised(*configuration), world.configuration);
}

/// Who searches what next, and what was seen so far; all processors ask it.
class Plan {
 public:
  Plan(const Options& options, const SwarmOptions& swarm, const std::function<void(const std::string&)>& tell, SwarmResult& result)
      : options_(options), swarm_(swarm), tell_(tell), result_(result), start_(Clock::now()) {
    if (swarm.seconds) end_ = start_ + std::chrono::seconds(*swarm.seconds);
  }

  void work() {
    while (const auto job = next()) run(*job);
  }

 private:
  struct Job {
    std::size_t world, pass;
  };

  bool over() const { return (options_.stop != nullptr && *options_.stop) || Clock::now() >= end_; }

  std::optional<Job> next() {
    const std::lock_guard lock(mutex_);
    const auto open = [](const WorldSearch& one) { return !one.through && one.findings.empty(); };
    if (over() || std::none_of(result_.worlds.begin(), result_.worlds.end(), open)) return std::nullopt;
    while (true) {
      if (at_ == result_.worlds.size()) at_ = 0, ++pass_;
      const Job job{at_++, pass_};
      if (open(result_.worlds[job.world])) return job;
    }
  }

  std::uint64_t seconds_of(std::size_t pass) const {
    const std::uint64_t fits = swarm_.seconds.value_or(UINT64_MAX / processors()) * processors() / (kBursts.size() * result_.worlds.size());
    return std::clamp<std::uint64_t>(fits, 1, kFirstPass) << std::min<std::size_t>(pass / kBursts.size(), 20);
  }

  void run(const Job& job) {
    const SearchedWorld& world = result_.worlds[job.world].world;
    const Cast cast = cast_of(*world.table, options_.machines, EngineKind::msm);
    Composition composition(*world.table, cast.players, world.configuration);
    BitLimits limits;
    limits.seed = swarm_.seed + 1000 * job.pass + job.world;
    limits.bytes = std::bit_floor(swarm_.megabytes) << 20U;
    limits.burst = kBursts[job.pass % kBursts.size()];
    limits.until = std::min(end_, Clock::now() + std::chrono::seconds(seconds_of(job.pass)));
    limits.stop = options_.stop;
    limits.until_failed = true;
    std::vector<std::size_t> checked;
    for (std::size_t i = 0; i < world.table->properties.size(); ++i)
      if (world.table->properties[i].within.empty() && !may_fail(world, world.table->properties[i].id)) checked.push_back(i);
    BitSearch found = search_bitstate(composition, checked, limits);
    std::vector<std::string> listed = listed_but_taken(*world.table, cast, found);
    take(job, std::move(found), std::move(listed));
  }

  // Of rows that the specification lists as never taken.
  static std::vector<std::string> listed_but_taken(const CompositionTable& table, const Cast& cast, const BitSearch& found) {
    std::vector<std::string> taken;
    for (const UnreachedInfo& item : table.unreached)
      for (std::size_t i = 0; i < found.rows.size(); ++i) {
        const MachineTable& machine = *cast.players[i].table;
        for (std::size_t k = 0; k < machine.rows.size(); ++k)
          if (machine.id == item.machine && machine.rows[k].id == item.row && found.rows[i][k])
            taken.push_back(fmt::format("{} {} is listed as never taken, but is", item.machine, item.row));
      }
    return taken;
  }

  void take(const Job& job, BitSearch found, std::vector<std::string> findings) {
    const std::lock_guard lock(mutex_);
    WorldSearch& one = result_.worlds[job.world];
    ++one.passes;
    one.states += found.states;
    one.through = one.through || found.through;
    one.findings.insert(one.findings.end(), findings.begin(), findings.end());
    add_findings(found, one);
    if (tell_)
      tell_(fmt::format("{} pass {}: {} states, {} moves, longest run {}, {:.0f} bits a state, {:.2g} states expected to be missed, {}",
                        one.world.configuration.id, job.pass + 1, found.states, found.transitions, found.depth, found.bits_a_state, found.omitted,
                        !one.findings.empty() ? "a finding" : found.through ? "gone through" : "not gone through"));
    if (found.states >= one.best.states) one.best = std::move(found);
  }

  static void add_findings(const BitSearch& found, WorldSearch& one) {
    if (!found.problem.empty()) one.findings.push_back(found.problem);
    for (const BitFailure& failure : found.failed) {
      one.findings.push_back(std::string(one.world.table->properties[failure.property].id) + " does not hold:");
      for (const std::string& line : failure.trail) one.findings.push_back("  " + line);
    }
  }

  const Options& options_;
  const SwarmOptions& swarm_;
  const std::function<void(const std::string&)>& tell_;
  SwarmResult& result_;
  Clock::time_point start_, end_ = Clock::time_point::max();
  std::mutex mutex_;
  std::size_t at_ = 0, pass_ = 0;
};

}  // namespace

bool may_fail(const SearchedWorld& world, std::string_view property) {
  return std::find(world.may_fail.begin(), world.may_fail.end(), property) != world.may_fail.end();
}

bool SwarmResult::found() const {
  return std::any_of(worlds.begin(), worlds.end(), [](const WorldSearch& one) { return !one.findings.empty(); });
}

std::vector<SearchedWorld> searched_worlds(const CompositionTable& table) {
  std::vector<SearchedWorld> worlds;
  for (const ConfigurationInfo& configuration : table.configurations) {
    SearchedWorld world{&table, raised(configuration), {}};
    const auto known = [&](const SearchedWorld& one) { return same_world(one.configuration, world.configuration); };
    if (std::any_of(worlds.begin(), worlds.end(), known)) continue;
    for (const ConfigurationInfo& smaller : table.configurations)
      if (is_part(table, smaller, configuration)) world.may_fail.insert(world.may_fail.end(), smaller.fails.begin(), smaller.fails.end());
    worlds.push_back(std::move(world));
  }
  return worlds;
}

SwarmResult search_swarm(const Options& options, const SwarmOptions& swarm, const std::function<void(const std::string&)>& tell) {
  SwarmResult result;
  result.seed = swarm.seed;
  const Clock::time_point start = Clock::now();
  for (const CompositionTable* table : options.compositions) {
    if (const Cast cast = cast_of(*table, options.machines, EngineKind::msm); !cast.problem.empty()) return result.problem = cast.problem, result;
    for (SearchedWorld& world : searched_worlds(*table))
      if (swarm.configuration.empty() || stands_for(world, swarm.configuration)) result.worlds.emplace_back().world = std::move(world);
  }
  if (result.worlds.empty()) return result.problem = "there is no world to search", result;
  Plan plan(options, swarm, tell, result);
  std::vector<std::thread> workers;
  for (std::size_t i = 0; i < processors(); ++i) workers.emplace_back([&] { plan.work(); });
  for (std::thread& worker : workers) worker.join();
  result.seconds = std::chrono::duration<double>(Clock::now() - start).count();
  return result;
}

std::string coverage(const SwarmResult& result) {
  std::string text;
  std::size_t untouched = 0, through = 0;
  std::uint64_t states = 0;
  for (const WorldSearch& one : result.worlds) {
    states += one.states;
    untouched += one.passes == 0 ? 1 : 0;
    through += one.through ? 1 : 0;
    text += fmt::format("{} ({}): {} passes, {} states in the largest, {} in all; longest run {}, cut {} times; {:.0f} bits a state, {:.2g} states expected to be "
                        "missed and what lies behind them; {}\n",
                        one.world.configuration.id, budgets(one.world.configuration), one.passes, one.best.states, one.states, one.best.depth, one.best.cut,
                        one.best.bits_a_state, one.best.omitted,
                        !one.findings.empty() ? "A FINDING" : one.through ? "gone through" : "not gone through");
    for (const std::string& line : one.findings) text += "      " + line + "\n";
  }
  text += fmt::format("searched {} worlds for {:.0f} s with seed {}: {} states in all passes, {} worlds gone through, {} not begun; {}\n",
                      result.worlds.size() - untouched, result.seconds, result.seed, states, through, untouched,
                      result.found() ? "THERE ARE FINDINGS" : "nothing was found, which does not show that there is nothing");
  return text;
}

}  // namespace quickpay::check
