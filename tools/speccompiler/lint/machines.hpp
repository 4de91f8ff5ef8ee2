// The parts into which the check of machines is split.
#pragma once

#include "tools/speccompiler/lint/context.hpp"

namespace quickpay::spec {

/// One event: what its kind needs, and that the names it uses exist.
void lint_event(LintContext& context, const Machine& machine, const Event& event);

/// Calls and timers: who sends has an event for every outcome, who waits has sent; likewise for timers and parked
/// requests.
void lint_calls(LintContext& context, const Machine& machine);

/// Everything declared is used.
void lint_use(LintContext& context, const Machine& machine);

/// Every case can be taken and every state be reached, as far as the declared impossibilities tell.
void lint_reach(LintContext& context, const Machine& machine);

/// Whether every block got its rows. If not, there is a finding already, and what is derived from rows means nothing.
bool expanded(const Machine& machine);

/// All effects of cases and defaults.
std::vector<Effect> all_effects(const Machine& machine);

}  // namespace quickpay::spec
