// Roles, parameters, error codes, processing steps, families, protocols.
#include <fmt/format.h>

#include <optional>
#include <set>

#include "tools/speccompiler/lint/context.hpp"
#include "tools/speccompiler/loader/words.hpp"

namespace quickpay::spec {
namespace {

void lint_roles(LintContext& context) {
  std::vector<std::string> players;
  for (const Role& role : context.spec.roles) {
    if (role.of.empty()) players.push_back(role.id);
  }
  for (const Role& role : context.spec.roles) {
    if (!role.of.empty()) context.known(role.at, "role", role.of, players);
    if (!role.id_type.empty()) context.known(role.at, "type", role.id_type, ids_of(context.spec.types));
  }
}

std::optional<long> as_number(const std::string& text) {
  if (text.empty() || text.size() > 15 || text.find_first_not_of("0123456789") != std::string::npos)
    return std::nullopt;
  return std::stol(text);
}

void lint_parameter(LintContext& context, const Parameter& parameter) {
  for (const std::string& owner : split_words(parameter.owner)) {
    context.known(parameter.at, "role", owner, ids_of(context.spec.roles));
  }
  if (parameter.default_value.empty() == parameter.derived.empty()) {
    context.add(parameter.at, fmt::format("parameter '{}' must have either a default or a derivation", parameter.id));
  }
  const auto value = as_number(parameter.default_value);
  if (!parameter.default_value.empty() && !value) {
    context.add(parameter.at, fmt::format("the default of parameter '{}' is no number", parameter.id));
  }
  const auto min = as_number(parameter.min);
  const auto max = as_number(parameter.max);
  if ((value && min && *value < *min) || (value && max && *value > *max) || (min && max && *min > *max)) {
    context.add(parameter.at, fmt::format("the default of parameter '{}' lies outside its bounds", parameter.id));
  }
}

void lint_errors(LintContext& context) {
  std::set<int> numbers;
  for (const ProcessingStep& step : context.spec.processing) {
    if (!numbers.insert(step.number).second) {
      context.add(step.at, fmt::format("processing step {} is declared twice", step.number));
    }
    const bool word = step.outcome.find_first_not_of("abcdefghijklmnopqrstuvwxyz-") == std::string::npos;
    if (!word) context.known(step.at, "error code", step.outcome, ids_of(context.spec.errors));
  }
  for (const ErrorCode& code : context.spec.errors) {
    if (numbers.count(code.step) == 0) {
      context.add(code.at,
                  fmt::format("error code '{}' belongs to step {}, which is not declared", code.id, code.step));
    }
  }
}

}  // namespace

void lint_lists(LintContext& context) {
  lint_roles(context);
  for (const Parameter& parameter : context.spec.parameters) lint_parameter(context, parameter);
  lint_errors(context);
  for (const Protocol& protocol : context.spec.protocols) {
    context.known(protocol.at, "family", protocol.family, ids_of(context.spec.families));
  }
}

}  // namespace quickpay::spec
