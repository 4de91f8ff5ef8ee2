// Search, as long as it is let, in worlds that are too large to visit; it finds defects and shows nothing else.
#pragma once

#include <chrono>
#include <optional>

#include "statemachines/explorer/bitstate.hpp"
#include "tools/check/check.hpp"

namespace quickpay::check {

inline constexpr std::uint8_t kSwarmBudget = 2;  ///< losses, repeats, crashes and, where somebody lies, forgeries of a searched world

struct SwarmOptions {
  std::uint64_t seed = 1;
  std::optional<std::uint64_t> seconds = {};  ///< empty: until `stop` of the other options
  std::size_t megabytes = 256;            ///< of the table of bits of each processor
  std::string configuration = {};  ///< only the world made of this one; empty: all
};

/// A configuration with larger budgets. `may_fail`: properties of which the specification says that they fail in a smaller world of it.
struct SearchedWorld {
  const statemachines::CompositionTable* table = nullptr;
  statemachines::ConfigurationInfo configuration;
  std::vector<std::string_view> may_fail;
};

/// What all passes over one world saw.
struct WorldSearch {
  SearchedWorld world;
  std::size_t passes = 0;
  statemachines::BitSearch best;      ///< the pass that saw most
  std::uint64_t states = 0;           ///< of all passes; the same state counts in each
  bool through = false;               ///< a pass had nothing left to look behind
  std::vector<std::string> findings;  ///< a sentence, or a line of a trail, each; nothing: none
};

struct SwarmResult {
  std::vector<WorldSearch> worlds;
  double seconds = 0;
  std::uint64_t seed = 0;
  std::string problem;  ///< not empty: nothing was searched, and why
  bool found() const;
};

/// The worlds to search: each configuration of the specification with budgets of at least kSwarmBudget; those that come out equal, once.
std::vector<SearchedWorld> searched_worlds(const statemachines::CompositionTable& table);

/// Whether a failure of this property is no finding in the world.
bool may_fail(const SearchedWorld& world, std::string_view property);

/// Searches all worlds in turn, one a processor, a longer pass each time, until the time is over, everything was gone through, or it is stopped.
/// `tell` gets a line a pass, and never two at once. Which pass sees what is decided by the seed and by how far the pass comes.
SwarmResult search_swarm(const Options& options, const SwarmOptions& swarm, const std::function<void(const std::string&)>& tell);

/// What was covered, a line a world, and what that is worth.
std::string coverage(const SwarmResult& result);

}  // namespace quickpay::check
