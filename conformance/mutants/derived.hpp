// Faults that nobody wrote down: made from the tables of the specification, one slip each.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "reference/roles/deviation.hpp"

namespace quickpay::conformance::mutants {

/// Ids of all derived faults of a role, in a fixed order and without repetition:
///   believes:<machine>:<predicate>  a check of a machine that always finds what it hopes for
///   doubts:<machine>:<predicate>    … or never
///   skips-step:<n>                  a step of the processing order that is left out (8 to 15)
///   never-sends:<message>           a request that stays at home
///   adds-one:<document>             the first Amount of a sent document is one minor unit too high
///   other-currency:<document>       … is in another currency
///   accepts:<message>               what is to be refused is answered with QP-OK
///   other-code:<message>            every refusal names another fault than the one found
std::vector<std::string> derived_faults(std::string_view role);

/// The behaviour of a derived fault; null if `id` is none of any role.
std::unique_ptr<roles::Deviation> make_derived(std::string_view id);

/// Steps 13 and 15 are of profile H, so what leaves them out shows there alone.
std::string_view profile_of_derived(std::string_view id);

/// The protocol of the machine, message or document that an id of a derived fault or of a mutation names; empty: it is
/// about all of them.
std::string_view protocol_of(std::string_view id);

}  // namespace quickpay::conformance::mutants
