// How much of the machines L6 compares: every predicate and effect of the specification, and why some are not (docs/check.md).
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "reference/sim/campaign/abstraction.hpp"

namespace quickpay::sim {

/// Why a predicate is not compared.
struct Unseen {
  std::string_view what;  ///< "broker.debt.outages_left", or a machine: all of its predicates that nothing is said of
  std::string_view why;
};
std::span<const Unseen> unseen();
/// The reason for this predicate, by its own name or its machine's; empty: there is none.
std::string_view why_not(std::string_view machine, std::string_view predicate);

/// Whether there is something to compare it with: a rule of the Onlooker, or an assumption of properties.xml.
bool may_be_compared(std::string_view machine, std::string_view predicate);

/// Of the predicates or effects of all machines.
struct Counts {
  std::size_t all = 0, compared = 0, both = 0;  ///< both: seen true and false
  std::size_t recomputed = 0;                   ///< of the compared ones, by the Onlooker
};
Counts count_predicates(const Abstracted& seen);
/// `both` and `recomputed` stay 0.
Counts count_effects(const Abstracted& seen);

/// A line each predicate of every machine, as the specification has them: how often it did not hold and did, and how it was compared, or why not.
std::string table_of_predicates(const Abstracted& seen);

}  // namespace quickpay::sim
