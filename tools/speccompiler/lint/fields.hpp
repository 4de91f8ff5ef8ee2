// Fields of structs and messages: checks that both need.
#pragma once

#include <string>
#include <vector>

#include "tools/speccompiler/lint/context.hpp"

namespace quickpay::spec {

/// The fields that a path starts from.
using Fields = std::vector<Field>;

/// The leaf field at the path, or null with a finding.
const Field* find_leaf(LintContext& context, const Location& at, const Fields& fields,
                       const std::vector<std::string>& path);

/// Adds a finding unless the type of the field admits the value.
void lint_value(LintContext& context, const Location& at, const Field& field, const std::string& value);

/// All that concerns one list of fields: names, types, bounds, conditions, choices, profiles, fixed values.
void lint_fields(LintContext& context, const std::string& owner, const Fields& fields);

}  // namespace quickpay::spec
