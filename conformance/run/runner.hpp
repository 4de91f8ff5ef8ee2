// Runs a plan against one implementation.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <string>
#include <string_view>

#include "conformance/model/result.hpp"
#include "conformance/run/plan.hpp"

namespace quickpay::conformance {

inline constexpr std::chrono::seconds kScenarioLimit{30};   ///< of one scenario
inline constexpr std::chrono::seconds kHangLimit{30};       ///< beyond kScenarioLimit: the suite itself hangs
inline constexpr std::size_t kMaxSetupFailures = 3;         ///< in a row in one worker: it stops asking
inline constexpr std::size_t kBarrenScenarios = 5;          ///< in a row in one worker, or more, pass nothing …
inline constexpr std::chrono::seconds kBarrenLimit{25};     ///< … and take so long together: it stops asking
inline constexpr std::size_t kMaxJobs = 64;

/// The implementation under test: a command line for `sh -c`, an endpoint with its fixture (level E), or a person.
struct Target {
  std::string adapter;
  Address endpoint;
  Json fixture;
  bool level_e = false;
  bool by_hand = false;  ///< a person does what an adapter would do (hand_iut.hpp)
};

/// How the runner talks to a person while a run goes on.
struct Person {
  int input = 0;                               ///< file descriptor of a terminal or a pipe
  std::function<void(std::string_view)> say;
};

struct RunSettings {
  Target target;
  std::string role;
  std::string profile = "F";
  std::uint64_t seed = 1;
  std::uint64_t salt = 0;                   ///< level E: drawn, so that an endpoint sees no id of an earlier run again
  std::size_t jobs = 1;                     ///< workers, each with an adapter process of its own; level E: always 1
  std::chrono::milliseconds scenario_limit = kScenarioLimit;
  std::chrono::milliseconds hang_limit = kHangLimit;
  std::chrono::milliseconds barren_limit = kBarrenLimit;
  int patience = 1;                         ///< all limits but the size of things are so many times as long
  Person person;                            ///< with Target::by_hand
  const std::atomic<bool>* stop = nullptr;  ///< set: finish what runs and return
  /// Before a scenario is played, with the process of the adapter (0: there is none). It may take its time.
  std::function<void(const ScenarioInfo&, int pid)> before;
  std::vector<std::string> first;           ///< patterns of scenarios that are played before all others
  bool until_failure = false;               ///< end at the first failure that nothing can take back (fail_fast.hpp); no such run is complete
  /// After each scenario, from any worker but never two at a time.
  std::function<void(const ScenarioResult&, std::size_t done, std::size_t total)> on_done;
};

/// What the implementation says about itself, or why it cannot be reached.
IutResult<Hello> probe(const Target& target);
/// The most that one scenario may take in this run.
std::chrono::milliseconds limit_of(const RunSettings& settings);

/// Runs the plan and returns what was found; twins are applied, a baseline is not. Scenarios that did not run are in
/// the result with inconclusive checks. If RunResult::defects is not empty because a scenario hangs, its thread
/// still runs: the process must end without joining it (std::_Exit).
/// `hello` is what probe said; after an error nothing runs.
RunResult run(const Plan& plan, const WorldFactory& worlds, const RunSettings& settings, const IutResult<Hello>& hello);

}  // namespace quickpay::conformance
