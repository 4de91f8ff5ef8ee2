// Verdicts of checks and how they roll up.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace quickpay::conformance {

/// What a check found. The order is the roll-up order: the worst of several verdicts counts.
/// `none` means "not emitted" and becomes `error` where the check was declared.
enum class Verdict : std::uint8_t { none, not_applicable, pass, warn, inconclusive, fail, error };

/// Why a verdict is not `pass`. A closed list: reports and baselines rely on the names (see name_of).
enum class Reason : std::uint8_t {
  none,
  // inconclusive
  precondition_unmet,  ///< the implementation never got to the state in which the check starts
  twin_failed,         ///< the same session without the mutation was not accepted
  timeout,             ///< no answer within the deadline, and no verdict may rest on silence
  adapter_required,    ///< cannot be earned without an adapter (level E), or the adapter does not support the command
  unverifiable,        ///< the adapter says that it cannot observe this
  disputed,            ///< the clause is disputed
  interrupted,         ///< the run was stopped
  // fail, warn
  forbidden_message,   ///< a message that must not be sent was sent
  wrong_message,       ///< a message differs from what is required
  missing_message,     ///< a message that must be sent was not sent
  wrong_refusal,       ///< refused, with a code that is not allowed here
  accepted,            ///< accepted what has to be refused
  refused,             ///< refused what has to be accepted
  self_report,         ///< what the adapter says contradicts the wire
  crash,               ///< the process under test ended
  poisoned,            ///< a benign transaction fails after a refused one
  wrong_state,         ///< an observation differs from what is required
  // error
  not_emitted,         ///< the scenario declared the check and did not judge it
  suite_defect,        ///< the suite or its peers misbehaved
};

/// How binding the rule behind a check is. A failed SHOULD is a warning.
enum class Level : std::uint8_t { must, should };

/// The name used in reports: `pass`, `not_applicable`, …
std::string_view name_of(Verdict verdict);
/// The name used in reports: `twin_failed`, `forbidden_message`, … ; empty for Reason::none.
std::string_view name_of(Reason reason);
std::string_view name_of(Level level);

/// The worse of two verdicts.
constexpr Verdict worse(Verdict a, Verdict b) { return a < b ? b : a; }

/// The verdict that a rule of this level may earn: `fail` of a SHOULD is `warn`, everything else stays.
constexpr Verdict weighed(Verdict verdict, Level level) {
  return verdict == Verdict::fail && level == Level::should ? Verdict::warn : verdict;
}

}  // namespace quickpay::conformance
