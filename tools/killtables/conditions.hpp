// Every single slip in a written condition of a case.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace quickpay::killtables {

/// A condition with one slip. `name` says which: "negate:3", "drop:1", "or:2"; the numbers are words, from 1.
struct ChangedCondition {
  std::string name;
  std::string text;
};

/// One operand negated, one operand of a conjunction forgotten, one `and` read as `or` or the other way round. Conditions
/// are words separated by blanks; parentheses may hug words.
std::vector<ChangedCondition> changed_conditions(std::string_view condition);

}  // namespace quickpay::killtables
