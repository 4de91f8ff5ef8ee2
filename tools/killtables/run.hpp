// The kill tables: tries both populations, or a sample of them, and compares who lives with what is known.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/killtables/code_judge.hpp"
#include "tools/killtables/codec_mutants.hpp"
#include "tools/killtables/kill_table.hpp"
#include "tools/killtables/spec_judge.hpp"

namespace quickpay::killtables {

inline constexpr std::uint64_t kDefaultSeed = 1;

struct RunOptions {
  std::filesystem::path root = ".";
  std::string spec = "spec/quickpay-1.0";
  std::size_t sample = SIZE_MAX;  ///< so many changes of each population; more than there are: all
  std::uint64_t seed = kDefaultSeed;
  std::span<const statemachines::CompositionTable* const> compositions;
  SuitePrograms suite;
  bool try_spec = true, try_code = true;  ///< which populations are tried
  bool deep = false;  ///< also what takes hours: large worlds, and what only the suites try
  const std::atomic<bool>* stop = nullptr;
  std::function<void(std::string_view id, std::string_view killer)> progress = {};  ///< after each change, by one thread at a time
};

/// One population, tried.
struct Population {
  KillTable table;
  std::vector<Survivor> classified;
  std::size_t size = 0;  ///< of the whole population
  bool all = false;      ///< all of it was tried
};

struct Tried {
  std::string problem;  ///< not empty: nothing can be said
  Population spec, code;
  std::size_t unpinned = 0;    ///< changes of machines of protocols for which nothing is pinned; not in the population
  std::size_t for_suites = 0;  ///< code mutants that are tried with --deep only
  bool all = false;          ///< everything that was to be tried, of whole populations
  /// What does not stand, a sentence each; empty: everything does.
  std::vector<std::string> wrong;
};

/// Protocols whose machines are mutated in the specification: those of which intents pin what is meant.
std::vector<std::string> mutated_protocols(const spec::Spec& spec, const std::vector<Intent>& intents);

Tried run(const RunOptions& options);

/// The document of the kill tables. Only of a run over all there is one to publish; of a population that was not tried it keeps what
/// `published` says.
std::string document(const Tried& tried, std::uint64_t seed, const std::string& published);

/// What a published document says otherwise than the populations and classifications of this tree, a sentence each. Cheap: it
/// tries nothing.
std::vector<std::string> outdated(const std::string& published, const Tried& tried);

}  // namespace quickpay::killtables
