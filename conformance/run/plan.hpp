// Which scenarios run, and in which order.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "conformance/model/iut.hpp"
#include "conformance/model/scenario.hpp"
#include "conformance/run/rollup.hpp"

namespace quickpay::conformance {

/// True iff `text` fits `pattern`; `*` stands for any characters, `?` for one.
bool glob_matches(std::string_view pattern, std::string_view text);

/// A pattern of its own: the scenarios that show within seconds whether a whole run is worth while.
inline constexpr std::string_view kSmoke = "smoke";
inline constexpr std::size_t kSmokeTwins = 3;  ///< right requests that it takes of each protocol, each with a refusal

/// The patterns of a --select value: a comma list, of which an element @FILE stands for the lines of that file
/// (blank lines and what follows # do not count). The error names the file that cannot be read.
tl::expected<std::vector<std::string>, std::string> patterns_of(const std::string& select);

struct Selection {
  std::string role;
  std::vector<std::string> protocols;  ///< empty: all
  std::string profile = "F";
  std::vector<std::string> patterns;   ///< of scenario ids, or kSmoke; empty: all
};

struct Planned {
  const Scenario* scenario = nullptr;
  bool support = false;  ///< not selected itself; the twin of one that is
};

struct Plan {
  std::vector<Planned> scenarios;            ///< sorted by id
  std::vector<std::string> unused_patterns;  ///< match nothing
  bool complete = false;                     ///< nothing of role, protocols and profile was left out
};

/// Chooses from a suite, which must outlive the plan. Twins of selected scenarios are added.
Plan make_plan(const std::vector<Scenario>& suite, const Selection& selection);

/// Takes out what belongs to a protocol that the implementation does not claim, and the denials of those that it claims;
/// the names of the plan's protocols that it does not claim, sorted. The denials of these stay: they show that the claim is true.
std::vector<std::string> leave_out_unclaimed(Plan& plan, const std::vector<std::string>& claimed);
/// The protocols of a plan's scenarios, sorted, without those that are only denied.
std::vector<std::string> protocols_of(const Plan& plan);

/// The positions of a plan in the order in which they run: shuffled by the seed.
std::vector<std::size_t> order_of(const Plan& plan, std::uint64_t seed);

/// Reads a baseline: a JSON list of {"check", "reason", "scenario"?, "issue"?}. Each check must be declared by the suite.
tl::expected<std::vector<BaselineEntry>, std::string> read_baseline(const std::string& json,
                                                                    const std::vector<Scenario>& suite);

/// A check of the suite's role that an implementation disputes and that is not in the suite, or one of a role that it
/// does not claim: what is wrong with its disputes, or nothing.
std::optional<std::string> disputes_fault(const Hello& hello, const std::vector<Scenario>& suite, std::string_view role);

/// What is wrong with a suite as data: ids that are not slugs, not unique or of another role, a negative scenario
/// without twin, a twin that is not there or not positive, no checks, one check id with two meanings.
std::vector<std::string> suite_faults(const std::vector<Scenario>& suite, std::string_view role);

}  // namespace quickpay::conformance
