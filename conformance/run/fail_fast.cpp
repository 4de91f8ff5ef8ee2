#include "conformance/run/fail_fast.hpp"

#include <algorithm>

#include "conformance/run/plan.hpp"
#include "conformance/run/rollup.hpp"

namespace quickpay::conformance {

bool FirstFailure::sees(const ScenarioResult& result, const std::map<std::string, std::string>& disputes) {
  passed_[result.info.id] = twin_passed(result);
  bool decided = false;
  for (const CheckResult& check : result.checks) {
    if (check.apart || check.verdict != Verdict::fail || is_disputed(check, disputes)) {
      continue;
    }
    if (check.twin_bound && !result.info.twin.empty()) {
      grounds_.insert(result.info.twin);
    } else {
      decided = true;
    }
  }
  return decided || std::any_of(grounds_.begin(), grounds_.end(), [&](const std::string& twin) {
           const auto seen = passed_.find(twin);
           return seen != passed_.end() && seen->second;
         });
}

std::string FirstFailure::awaited() const {
  const auto open = std::find_if(grounds_.begin(), grounds_.end(),
                                 [&](const std::string& twin) { return passed_.count(twin) == 0; });
  return open == grounds_.end() ? std::string() : *open;
}

std::vector<std::size_t> with_first(std::vector<std::size_t> order, const std::vector<std::string>& ids,
                                    const std::vector<std::string>& first) {
  auto front = order.begin();
  for (const std::string& pattern : first) {
    front = std::stable_partition(front, order.end(),
                                  [&](std::size_t position) { return glob_matches(pattern, ids[position]); });
  }
  return order;
}

}  // namespace quickpay::conformance
