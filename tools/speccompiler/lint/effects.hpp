// The verbs of effects: what each takes, where it may stand.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tools/speccompiler/lint/context.hpp"

namespace quickpay::spec {

/// What an argument of a verb names.
enum class Argument { none, code, message, variant, timer, variable, value, action, port, word };

/// One verb of the language.
struct VerbShape {
  std::string_view verb;
  Argument first = Argument::none;
  Argument second = Argument::none;
  bool second_optional = false;
};

/// All verbs.
const std::vector<VerbShape>& verb_shapes();

/// The parameters and time fields that a timer may be named after.
std::vector<std::string> timer_names(const Spec& spec, const std::string& protocol);

/// Checks the verbs and arguments of one case or default. Returns false if an effect is not even well-formed.
bool lint_effects(LintContext& context, const Machine& machine, const Location& at, const std::vector<Effect>& effects);

/// Checks what the effects answer to `event`: the codes its message may be answered with, exactly one answer to a
/// request, verbs that need an event of a certain kind.
void lint_answers(LintContext& context, const Machine& machine, const Event& event, const Location& at,
                  const std::vector<Effect>& effects);

/// Whether `code` may answer `message`.
bool may_answer(const Spec& spec, const Message& message, const std::string& code);

}  // namespace quickpay::spec
