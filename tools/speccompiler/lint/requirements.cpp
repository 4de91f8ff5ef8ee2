// Every duty is put into effect somewhere, or excluded with a reason; never both.
#include <fmt/format.h>

#include <map>

#include "tools/speccompiler/lint/context.hpp"
#include "tools/speccompiler/lint/references.hpp"

namespace quickpay::spec {
namespace {

// Where each requirement is excluded.
std::map<std::string, Location> excluded(LintContext& context, const std::vector<std::string>& known) {
  std::map<std::string, Location> out;
  for (const Exclusion& exclusion : context.spec.exclusions) {
    for (const std::string& id : exclusion.requirements) {
      context.known(exclusion.at, "requirement", id, known);
      if (!out.emplace(id, exclusion.at).second) {
        context.add(exclusion.at, fmt::format("requirement '{}' is excluded twice", id));
      }
    }
  }
  return out;
}

void lint_requirement(LintContext& context, const Requirement& requirement, const Reference* reference,
                      const Location* exclusion) {
  for (const std::string& role : requirement.roles) {
    context.known(requirement.at, "role", role, ids_of(context.spec.roles));
  }
  const bool duty = requirement.level == "MUST" || requirement.level == "MUST-NOT";
  if (duty && reference == nullptr && exclusion == nullptr) {
    context.add(requirement.at, fmt::format("requirement '{}' is neither referred to nor excluded", requirement.id));
  }
  if (reference != nullptr && exclusion != nullptr) {
    context.add(*exclusion, fmt::format("requirement '{}' is excluded, but {} '{}' refers to it", requirement.id,
                                        reference->kind, reference->element));
  }
}

}  // namespace

void lint_requirements(LintContext& context) {
  const auto known = ids_of(context.spec.requirements);
  std::map<std::string, Reference> first;
  for (const Reference& reference : requirement_references(context.spec)) {
    context.known(reference.at, "requirement", reference.requirement, known);
    if (reference.counts) first.emplace(reference.requirement, reference);
  }
  const auto out = excluded(context, known);
  for (const Requirement& requirement : context.spec.requirements) {
    const auto reference = first.find(requirement.id);
    const auto exclusion = out.find(requirement.id);
    lint_requirement(context, requirement, reference == first.end() ? nullptr : &reference->second,
                     exclusion == out.end() ? nullptr : &exclusion->second);
  }
}

}  // namespace quickpay::spec
