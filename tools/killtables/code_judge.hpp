// Who notices that an implementation is wrong: the checks of the kit, run on it.
#pragma once

#include <array>
#include <set>
#include <string>
#include <string_view>

#include "tools/killtables/code_mutants.hpp"
#include "tools/killtables/suite.hpp"

namespace quickpay::killtables {

/// In the order in which they are tried; `none`: it survived.
enum class CodeKiller : std::uint8_t { steps, lives, promises, trace, goals, reach, suite, none };
inline constexpr std::array kCodeKillers = {CodeKiller::steps, CodeKiller::lives, CodeKiller::promises, CodeKiller::trace,
                                            CodeKiller::goals, CodeKiller::reach, CodeKiller::suite,    CodeKiller::none};
std::string_view name_of(CodeKiller killer);
/// What the killer is, in one clause.
std::string_view text_of(CodeKiller killer);

inline constexpr std::size_t kManyWorlds = 100;

struct CodeKill {
  CodeKiller killer = CodeKiller::none;
  std::string what;  ///< the first thing that was wrong
};

struct CodeJudgeOptions {
  std::set<CodeKiller> off = {};     ///< not tried: to see what then survives
  SuitePrograms suite = {};          ///< if they are not there the suite is not tried
  std::size_t worlds = kManyWorlds;  ///< with faults that a mutant is tried in
};

/// Whether only the suites try all that this mutant does wrong: predicates and effects of machines that have no oracle, steps
/// of a Host.
bool needs_suites(const CodeMutant& mutant);

/// Tries the mutant until somebody notices.
CodeKill judge(const CodeMutant& mutant, const CodeJudgeOptions& options = {});

}  // namespace quickpay::killtables
