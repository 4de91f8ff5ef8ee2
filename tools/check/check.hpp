// The ladder of evidence as `quickpay check` runs it: one finding a claim.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "statemachines/explorer/claims.hpp"
#include "statemachines/step/registry.hpp"
#include "tools/check/votes.hpp"
#include "tools/speccompiler/ir/property_set.hpp"

namespace quickpay::check {

/// One claim and what became of it.
struct Claim {
  std::string level;  ///< L0 … L4
  std::string what;   ///< the claim in words
  bool stands = false;
  std::uint64_t states = 0;  ///< states, or inputs compared; 0: nothing is counted
  double seconds = 0;
  std::vector<std::string> wrong;  ///< why it does not stand, a sentence each: machine and row where there is one
};

struct Options {
  std::filesystem::path root = ".";                ///< of the repository: specification and generated files
  std::filesystem::path spec = "spec/quickpay-1.0";  ///< below `root`
  bool deep = false;                               ///< also the configurations marked so
  int level = 4;                                   ///< the last level that is checked
  std::span<const statemachines::MachineEntry> machines;
  std::span<const statemachines::CompositionTable* const> compositions;
  std::string_view built_from;                     ///< id of the specification that the program was built from
  std::filesystem::path machines_in_spin;          ///< the program of statemachines/spin
  bool without_spin = false;                       ///< Spin is not asked, and nothing is claimed of it
  bool unfair = false;                             ///< a defect: Spin is asked about all runs, the unfair ones, too
  bool keeps_some = false;                         ///< a defect: of states that differ in what is left of faults any is kept, not the largest
  const std::atomic<bool>* stop = nullptr;
};

/// What a claim says besides where the largest states were explored alone.
inline constexpr std::string_view kLargestAlone = " (the largest states alone)";

struct Explored;
/// That, or nothing where every state was kept.
std::string_view how_kept(const Explored& one);

/// A configuration with what its exploration found.
struct Explored {
  const statemachines::CompositionTable* table = nullptr;
  const statemachines::ConfigurationInfo* configuration = nullptr;
  statemachines::ConfigurationResult result;
};

/// Everything that a run found.
struct Evidence {
  std::vector<Claim> claims;
  std::vector<Explored> explored;
  VoteMatrix votes;
  std::vector<std::string> apart;  ///< machines of the specification that take part in no world: L0 to L2 alone speak of them
  std::string slice;  ///< hash of the machines and properties that were explored
  bool stands() const;
};

/// Told before a claim is checked (`done` is null) and after.
using Progress = std::function<void(std::string_view what, const Claim* done)>;

/// Runs L0 to L4, or up to the level that is wanted. A specification that cannot be read is a claim of L0 that does not stand.
Evidence run(const Options& options, const Progress& progress);

/// Explores one configuration, without comparing anything with the specification's claims.
Explored explore_one(const Options& options, std::string_view configuration);

/// The document of verified properties: what was claimed, explored and found. Deterministic but for what stands from kTimes on.
std::string document(const Evidence& evidence);
/// Where the document begins to tell how long the run took.
inline constexpr std::string_view kTimes = "\n## How long it took\n";

/// The claim that a document recorded earlier says what this run found.
Claim recorded(const Evidence& evidence, std::string_view text);

/// What a configuration allows, in words: "1 order, 2 lost, lazy time".
std::string budgets(const statemachines::ConfigurationInfo& configuration);

/// Goals against liars, as lines of text, a table a property set: a cell has its verdict and the states in which it was looked for.
std::string matrix(const Evidence& evidence);

/// States of those of the explored configurations in which a property of `goal` says something.
std::uint64_t states_behind(std::span<const Explored* const> explored, std::string_view goal);

/// Whether the property is about machines that the configuration does not have, or about what only they change: it says nothing there.
bool speaks_of_absent(const statemachines::PropertyInfo& property, const Explored& explored);

/// Whether the property holds in the explored world for the sole reason that a state which it is about never came, or that what it watches
/// needs such a state: it says nothing there.
bool is_vacuous(const statemachines::PropertyInfo& property, const Explored& explored);

/// What must be said of a claim that the written protocol makes of itself; empty: its evidence is as declared.
std::vector<std::string> judge_report(const statemachines::ReportClaimInfo& claim, const Evidence& evidence);

/// What is wrong with a test that is named as evidence: "FILE:Suite.Name", a GoogleTest in that file below `root`, or a file that the
/// CMakeLists.txt beside it names. Empty: it is there.
std::string missing_test(const std::filesystem::path& root, std::string_view test);

/// What must be said of the tests that show an aim, a sentence each.
std::vector<std::string> judge_aim(const statemachines::AimInfo& aim, const std::filesystem::path& root);

/// The same of the tests that show what the model does not see.
std::vector<std::string> judge_unseen(const spec::Unseen& item, const std::filesystem::path& root);

/// "holds", "FAILS in 5", "assumed", "holds, in part assumed" or "unknown" for the properties of `goal` in explored configurations; "–" if none
/// is claimed there, or none could be broken there.
std::string cell(std::span<const Explored* const> explored, std::string_view goal);

// One level each; `run` calls them in order.
void check_generated(const Options& options, const Progress& progress, Evidence& evidence);
void check_machines(const Options& options, const Progress& progress, Evidence& evidence);
void check_planted(const Options& options, const Progress& progress, Evidence& evidence);  ///< L1 alone: every change of every row is noticed; no part of `run`
void check_compositions(const Options& options, const Progress& progress, Evidence& evidence);
/// That the largest states alone show what all states do, in those of the explored worlds that are small; part of it, too.
void check_kept(const statemachines::CompositionTable& table, const Options& options, const Progress& progress, Evidence& evidence);
/// The machines that no composition has, in the order of the specification.
std::vector<std::string> machines_apart(const Options& options);
void check_independent(const Options& options, const Progress& progress, Evidence& evidence);  ///< part of the one before
void check_votes(const Options& options, const Progress& progress, Evidence& evidence);
void check_report(const Options& options, const Progress& progress, Evidence& evidence);
void check_spin(const Options& options, const Progress& progress, Evidence& evidence);
/// Spin on what is `inevitable`: its verdicts in the explored worlds that are small, and on the defects of these properties.
void check_live(const Options& options, const Progress& progress, Evidence& evidence);

}  // namespace quickpay::check
