#include "tools/speccompiler/lint/coverage.hpp"

#include <map>

#include "tools/speccompiler/lint/references.hpp"

namespace quickpay::spec {

std::vector<RequirementCoverage> requirement_coverage(const Spec& spec) {
  std::vector<RequirementCoverage> coverage;
  std::map<std::string, std::size_t> index;
  for (const Requirement& requirement : spec.requirements) {
    index.emplace(requirement.id, coverage.size());
    coverage.push_back({.id = requirement.id, .level = requirement.level});
  }
  for (const Reference& reference : requirement_references(spec)) {
    const auto found = index.find(reference.requirement);
    if (found == index.end()) continue;
    ++(reference.counts ? coverage[found->second].references : coverage[found->second].decisions);
  }
  for (const Exclusion& exclusion : spec.exclusions) {
    for (const std::string& id : exclusion.requirements) {
      const auto found = index.find(id);
      if (found == index.end()) continue;
      coverage[found->second].excluded_until = exclusion.until;
      coverage[found->second].excluded_because = exclusion.reason;
    }
  }
  return coverage;
}

}  // namespace quickpay::spec
