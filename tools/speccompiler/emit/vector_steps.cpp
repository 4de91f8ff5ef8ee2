#include "tools/speccompiler/emit/vector_steps.hpp"

#include <set>

#include <fmt/format.h>

#include "tools/speccompiler/emit/model.hpp"
#include "tools/speccompiler/emit/text.hpp"
#include "tools/speccompiler/emit/vector_json.hpp"

namespace quickpay::spec {
namespace {

bool answers(const Effect& effect) { return effect.verb == "reply" || effect.verb == "answer-parked"; }

/// Verbs that put something on the wire.
bool sends(const Effect& effect) {
  static const std::set<std::string> verbs{"reply", "answer-parked", "send", "outbox", "retry", "hurry", "fetch"};
  return verbs.count(effect.verb) != 0;
}

std::string error_in(const Spec& spec, const std::vector<Effect>& effects) {
  for (const Effect& effect : effects) {
    if (answers(effect) && !effect.arguments.empty() && effect.arguments.front() != spec.envelope.ok_value)
      return effect.arguments.front();
  }
  return {};
}

bool has(const std::vector<Effect>& effects, const std::string& verb) {
  return std::any_of(effects.begin(), effects.end(), [&](const Effect& each) { return each.verb == verb; });
}

std::vector<std::string> ids_of(const std::vector<Effect>& effects, bool on_wire_only) {
  std::vector<std::string> out;
  for (const Effect& effect : effects) {
    if (!on_wire_only || sends(effect)) out.push_back(effect_id(effect));
  }
  return out;
}

std::string json_variables(const Situation& situation) {
  std::vector<std::string> parts;
  for (const auto& [name, value] : situation.variables)
    parts.push_back(fmt::format("{}: {}", json_string(name), json_string(value)));
  return "{" + join(parts, ", ") + "}";
}

}  // namespace

std::string refusal(const Spec& spec, EventKind kind, const std::vector<Effect>& effects, bool stays) {
  const bool message = kind != EventKind::timer && kind != EventKind::action;
  if (!error_in(spec, effects).empty()) return "error-answer";
  if (message && has(effects, "alarm")) return "alarm";
  if (has(effects, "refuse")) return "refused-action";
  if (!stays) return {};
  if (effects.empty() || has(effects, "ignore")) return "ignored";
  const bool told = std::all_of(effects.begin(), effects.end(), [](const Effect& each) { return each.verb == "tell"; });
  return told ? "told" : "";
}

Step step_of(const Spec& spec, const Machine& machine, const Situation& given, const std::string& event,
             std::uint64_t bits) {
  Step step{given, event, bits, row_for(machine, given, event, bits), nullptr, given, {}, {}, {}, {}};
  const Event* found = find_id(machine.events, event);
  if (found == nullptr) return step;
  if (step.row != nullptr) {
    apply(*step.row, step.after);
    step.effects = step.row->effects;
    step.requirements = step.row->requirements;
    step.refusal = refusal(spec, found->kind, step.effects, step.after == given);
  } else {
    const auto at = static_cast<std::size_t>(found - machine.events.data());
    const int index = at < machine.default_of_event.size() ? machine.default_of_event[at] : -1;
    if (index >= 0) step.fallback = &machine.defaults[static_cast<std::size_t>(index)];
    if (step.fallback != nullptr) step.effects = step.fallback->effects;
    if (step.fallback != nullptr) step.requirements = step.fallback->requirements;
    const bool acts = std::any_of(step.effects.begin(), step.effects.end(), sends) && error_in(spec, step.effects).empty();
    step.refusal = acts ? "" : "out-of-state";
  }
  step.code = error_in(spec, step.effects);
  return step;
}

std::string json_step(const Machine& machine, const Step& step) {
  const std::string taken = step.row != nullptr        ? fmt::format("\"row\": {}, ", json_string(step.row->id))
                            : step.fallback != nullptr ? fmt::format("\"default\": {}, ", json_string(step.fallback->id))
                                                       : "";
  return fmt::format(
      "\"given\": {{\"state\": {}, \"variables\": {}, \"holds\": {}}}, \"event\": {},\n"
      "      \"expect\": {{{}\"next\": {}, \"variables\": {}, \"effects\": {}, \"sends\": {}}}",
      json_string(step.given.state), json_variables(step.given), json_list(predicates_in(machine, step.bits)),
      json_string(step.event), taken, json_string(step.after.state), json_variables(step.after),
      json_list(ids_of(step.effects, false)), json_list(ids_of(step.effects, true)));
}

}  // namespace quickpay::spec
