// Runs a plan against one implementation.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <string>

#include "conformance/model/result.hpp"
#include "conformance/run/plan.hpp"

namespace quickpay::conformance {

inline constexpr std::chrono::seconds kScenarioLimit{30};   ///< of one scenario
inline constexpr std::chrono::seconds kHangLimit{30};       ///< beyond kScenarioLimit: the suite itself hangs
inline constexpr std::size_t kMaxSetupFailures = 3;         ///< in a row in one worker: it stops asking
inline constexpr std::chrono::seconds kStallLimit{5};       ///< a scenario that takes longer and passes nothing stalls
inline constexpr std::size_t kMaxStalls = 5;                ///< in a row in one worker: it stops asking
inline constexpr std::size_t kMaxJobs = 64;

/// The implementation under test: a command line for `sh -c`, or an endpoint with its fixture (level E).
struct Target {
  std::string adapter;
  Address endpoint;
  Json fixture;
  bool level_e = false;
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
  std::chrono::milliseconds stall_limit = kStallLimit;
  const std::atomic<bool>* stop = nullptr;  ///< set: finish what runs and return
  /// After each scenario, from any worker but never two at a time.
  std::function<void(const ScenarioResult&, std::size_t done, std::size_t total)> on_done;
};

/// What the implementation says about itself, or why it cannot be reached.
IutResult<Hello> probe(const Target& target);

/// Runs the plan and returns what was found; twins are applied, a baseline is not. Scenarios that did not run are in
/// the result with inconclusive checks. If RunResult::defects is not empty because a scenario hangs, its thread
/// still runs: the process must end without joining it (std::_Exit).
/// `hello` is what probe said; after an error nothing runs.
RunResult run(const Plan& plan, const WorldFactory& worlds, const RunSettings& settings, const IutResult<Hello>& hello);

}  // namespace quickpay::conformance
