// Every duty is put into effect somewhere, or excluded with a reason; never both.
#include <fmt/format.h>

#include <map>
#include <set>

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

constexpr const char* kOfModel = "MC";  // how a requirement is marked that the model has to show

// Which requirements a property or an aim of any set names.
std::set<std::string> shown_by_model(const Spec& spec) {
  std::set<std::string> shown;
  for (const PropertySet& set : spec.property_sets) {
    for (const Property& item : set.properties) shown.insert(item.requirements.begin(), item.requirements.end());
    for (const Aim& item : set.aims) shown.insert(item.requirements.begin(), item.requirements.end());
  }
  return shown;
}

// What is marked for the model is shown by it, or it is said why not; never both.
void lint_model(LintContext& context, const std::vector<std::string>& known, const std::map<std::string, Location>& out) {
  const std::set<std::string> shown = shown_by_model(context.spec);
  std::set<std::string> unseen;
  for (const PropertySet& set : context.spec.property_sets)
    for (const Unseen& item : set.unseen)
      for (const std::string& id : item.requirements) {
        context.known(item.at, "requirement", id, known);
        if (!unseen.insert(id).second || shown.contains(id) || out.contains(id))
          context.add(item.at, fmt::format("requirement '{}' is unseen, but a property, an aim, an exclusion or another reason has it", id));
      }
  for (const Requirement& item : context.spec.requirements) {
    const bool marked = contains(item.tests, kOfModel);
    if (marked && !shown.contains(item.id) && !unseen.contains(item.id) && !out.contains(item.id))
      context.add(item.at, fmt::format("requirement '{}' is marked for the model: no property and no aim has it, and no reason is given", item.id));
    if (!marked && unseen.contains(item.id)) context.add(item.at, fmt::format("requirement '{}' is unseen, but not marked for the model", item.id));
  }
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
  lint_model(context, known, out);
}

}  // namespace quickpay::spec
