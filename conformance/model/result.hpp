// What a run found. Reports are made from this and nothing else.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "conformance/model/iut.hpp"
#include "conformance/model/session.hpp"

namespace quickpay::conformance {

/// The rolled-up verdict of one declared check in one scenario.
struct CheckResult {
  CheckInfo info;
  Verdict verdict = Verdict::none;
  Evidence evidence;            ///< of the first worst finding
  bool twin_bound = false;
  bool emitted = false;         ///< the scenario judged it itself
  bool apart = false;           ///< not counted: disputed, or at level E not to be earned without an adapter
  std::string disputed;         ///< not empty: why the implementation says that the check is wrong
  bool excused = false;         ///< a failure that the baseline expects
  std::string excuse;           ///< the baseline's reason
};

struct ScenarioResult {
  ScenarioInfo info;
  std::vector<CheckResult> checks;
  bool ran = false;
  bool support = false;         ///< not selected; run because a selected scenario has it as twin
  std::int64_t ms = 0;
  std::vector<Entry> transcript;
  std::size_t dropped = 0;      ///< entries beyond the limit of a transcript
  std::uint64_t number = 0;     ///< of the session in its run
  std::vector<Step> steps;      ///< what the scenario waited for and was told (conformance/model/course.hpp)
};

struct StaleEntry {
  std::string check;
  std::string scenario;
  std::string reason;
};

/// Verdicts counted over the checks that count; indexed by Verdict.
using Counts = std::array<std::size_t, 7>;

struct RunResult {
  std::string role;
  std::string profile;
  std::vector<std::string> protocols;  ///< whose scenarios ran
  std::vector<std::string> unclaimed;  ///< protocols of the suite, those only denied included, that the implementation does not claim
  std::string level;            ///< "E" endpoint only, "A" adapter, "O" adapter that observes
  std::uint64_t seed = 0;
  std::string target;           ///< command-line words that name the implementation, for repeating a failure
  std::string folder;           ///< of the reports; empty: none are written
  std::string started;          ///< UTC
  std::int64_t ms = 0;
  Hello implementation;
  std::vector<ScenarioResult> scenarios;  ///< sorted by id
  std::vector<StaleEntry> stale;
  std::vector<std::string> unused_patterns;  ///< of --select: match nothing
  std::string adapter_errors;   ///< what the adapter wrote to stderr
  std::size_t adapter_starts = 0;
  bool reached = false;         ///< the implementation could be set up at least once
  bool complete = false;        ///< the whole suite of role, protocols and profile was selected
  bool baseline = false;        ///< a baseline was used
  bool interrupted = false;
  std::vector<std::string> defects;  ///< of the suite, beyond single checks
};

}  // namespace quickpay::conformance
