// INTERNAL: what the rows that a trail takes say.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/trails/trail.hpp"
#include "statemachines/step/step.hpp"

namespace quickpay::conformance {

/// The effects of the rows and defaults that machines of the role take in a step.
std::vector<statemachines::EffectInfo> effects_of(const TrailStep& step, std::string_view role);

/// Whether one of these effects has this verb.
bool does(const TrailStep& step, std::string_view role, statemachines::Verb verb);

/// Whether one of these effects tells the user or owner this.
bool tells(const TrailStep& step, std::string_view role, std::string_view what);

/// The event of a row that a machine of the role takes in the step, such as UpdateVendor.gone; null: none does, or a default.
const statemachines::EventInfo* event_of(const TrailStep& step, std::string_view role);

/// Whether a machine of the role takes one of the rows, in whatever state and whichever way it is split: "Q18" is Q18@LIVE, too, and "D20" D20.4.
bool takes_one_of(const TrailStep& step, std::string_view role, std::initializer_list<std::string_view> rows);

/// Whether a machine of the role takes a row that is none of these; where its default applies, it takes none.
bool takes_another(const TrailStep& step, std::string_view role, std::span<const std::string_view> rows);

/// Whether a machine takes one of the rows "X9" in the step.
bool takes(const TrailStep& step, std::string_view machine, std::initializer_list<std::string_view> rows);

/// The state in which the machine is after the trail, or after all of it before `before`; empty: it has taken no step.
std::string_view state_of(const Trail& trail, std::string_view machine, const TrailStep* before = nullptr);

/// "approve ", "reject " or "pending ": what the model's Host says of the case in this step.
std::string_view decision_of(const TrailStep& step);

/// What the Broker says of the claimed order in this step: "accepted", or the code of its refusal; empty: it judges no item.
std::string word_of(const TrailStep& step);

}  // namespace quickpay::conformance
