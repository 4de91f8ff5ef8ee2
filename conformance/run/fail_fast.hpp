// Runs whose only question is whether the implementation fails.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "conformance/model/result.hpp"

namespace quickpay::conformance {

/// Sees results one by one and tells when one MUST has failed for good: a failure that counts only if a twin passed
/// (twin-bound) decides nothing before that twin did.
class FirstFailure {
 public:
  /// True as soon as what was seen so far makes a run fail (exit code 1), whatever comes after it. What the implementation
  /// disputes (check, reason) decides nothing.
  bool sees(const ScenarioResult& result, const std::map<std::string, std::string>& disputes = {});
  /// The twin that a failure waits for, if it was not seen yet; empty: none. It is best played next.
  std::string awaited() const;

 private:
  std::map<std::string, bool> passed_;  ///< by scenario: it can be the ground of a verdict
  std::set<std::string> grounds_;       ///< twins of scenarios with a twin-bound failure
};

/// Puts the positions of the scenarios that fit a pattern of `first` before all others of `order`, pattern by pattern.
/// `ids`: by position. A pattern that fits nothing does not matter.
std::vector<std::size_t> with_first(std::vector<std::size_t> order, const std::vector<std::string>& ids,
                                    const std::vector<std::string>& first);

}  // namespace quickpay::conformance
