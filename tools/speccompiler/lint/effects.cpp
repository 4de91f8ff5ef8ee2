#include "tools/speccompiler/lint/effects.hpp"

#include <fmt/format.h>

#include <set>

#include "tools/speccompiler/ir/event_kind.hpp"

namespace quickpay::spec {
namespace {

const VerbShape* find_verb(std::string_view verb) {
  for (const VerbShape& shape : verb_shapes()) {
    if (shape.verb == verb) return &shape;
  }
  return nullptr;
}

std::vector<std::string> verb_names() {
  std::vector<std::string> names;
  for (const VerbShape& shape : verb_shapes()) names.emplace_back(shape.verb);
  return names;
}

class EffectLint {
 public:
  EffectLint(LintContext& context, const Machine& machine, const Location& at)
      : context_(context), machine_(machine), at_(at) {}

  bool check(const Effect& effect) {
    const VerbShape* shape = find_verb(effect.verb);
    if (shape == nullptr) return context_.known(at_, "effect", effect.verb, verb_names());
    const std::size_t most = shape->second != Argument::none ? 2 : shape->first != Argument::none ? 1 : 0;
    const std::size_t least = shape->second_optional ? 1 : most;
    const std::size_t given = effect.arguments.size();
    if (given < least || given > most) {
      context_.add(at_, fmt::format("effect '{}' with {} arguments, but it takes {}", effect.verb, given,
                                    least == most ? fmt::format("{}", most) : fmt::format("{} or {}", least, most)));
      return false;
    }
    bool good = given < 1 || argument(shape->first, effect.arguments[0], effect);
    return (given < 2 || argument(shape->second, effect.arguments[1], effect)) && good;
  }

 private:
  bool argument(Argument kind, const std::string& text, const Effect& effect) {
    const Spec& spec = context_.spec;
    switch (kind) {
      case Argument::code:
        return context_.known(at_, "error code", text, ids_of(spec.errors));
      case Argument::message:
        return message(text, effect);
      case Argument::timer:
        return context_.known(at_, "timer", text, timer_names(spec, machine_.protocol));
      case Argument::variable:
        return context_.known(at_, "variable", text, ids_of(machine_.variables));
      case Argument::value:
        return value(text, effect);
      case Argument::action:
        return context_.known(at_, "action", text, ids_of(machine_.actions));
      case Argument::port:
        return context_.known(at_, "port", text, ids_of(machine_.ports));
      case Argument::none:
      case Argument::variant:
      case Argument::word:
        return true;
    }
    return true;
  }

  bool message(const std::string& id, const Effect& effect) {
    std::vector<std::string> known;
    for (const Message& message : context_.spec.messages) {
      if (message.protocol == machine_.protocol && !message.local) known.push_back(message.id);
    }
    if (!context_.known(at_, "message", id, known)) return false;
    const Message& message = *find_message(context_.spec, machine_.protocol, id);
    if (!contains(message.from, machine_.role)) {
      context_.add(at_, fmt::format("role '{}' does not send message '{}'", machine_.role, id));
    }
    if (effect.verb == "send" && message.notice) {
      context_.add(at_, fmt::format("message '{}' is a notice", id), "use 'outbox'");
    }
    if (effect.verb == "outbox" && !message.notice) {
      context_.add(at_, fmt::format("message '{}' is no notice", id), "use 'send'");
    }
    return true;
  }

  bool value(const std::string& text, const Effect& effect) {
    const Variable* variable = find_id(machine_.variables, effect.arguments[0]);
    if (variable == nullptr || contains(variable->values, text)) return variable != nullptr;
    context_.add(at_, fmt::format("variable '{}' has no value '{}'", variable->id, text),
                 did_you_mean(text, variable->values));
    return false;
  }

  LintContext& context_;
  const Machine& machine_;
  const Location& at_;
};

int business_step(const Spec& spec) {
  for (const ProcessingStep& step : spec.processing) {
    if (step.outcome == "rules") return step.number;
  }
  return 0;
}

bool leads_to_machine(const Machine& machine, const Effect& effect) {
  const Port* port = effect.arguments.empty() ? nullptr : find_id(machine.ports, effect.arguments[0]);
  return port != nullptr && !port->machine.empty();
}

bool answers(const Machine& machine, const Effect& effect) {
  return effect.verb == "reply" || effect.verb == "park" ||
         (effect.verb == "hand-over" && leads_to_machine(machine, effect));
}

void lint_place(LintContext& context, const Event& event, const Location& at, const Effect& effect) {
  const bool of_request = effect.verb == "reply" || effect.verb == "park";
  const bool wrong = (of_request && event.kind != EventKind::request) ||
                     (effect.verb == "retry" && event.kind != EventKind::response) ||
                     (effect.verb == "refuse" && event.kind != EventKind::action);
  if (!wrong) return;
  context.add(at, fmt::format("effect '{}' makes no sense on event '{}' of kind {}", effect.verb, event.id,
                              word_of(event.kind)));
}

void lint_code(LintContext& context, const Machine& machine, const Event& event, const Location& at,
               const Effect& effect) {
  const Message* message = find_message(context.spec, machine.protocol, event.message);
  const ErrorCode* code = effect.arguments.empty() ? nullptr : find_id(context.spec.errors, effect.arguments[0]);
  if (message == nullptr || code == nullptr || may_answer(context.spec, *message, code->id)) return;
  context.add(at, fmt::format("message '{}' does not list error code '{}'", message->id, code->id),
              did_you_mean(code->id, message->errors));
}

}  // namespace

const std::vector<VerbShape>& verb_shapes() {
  static const std::vector<VerbShape> shapes{
      {"reply", Argument::code},
      {"answer-parked", Argument::code},
      {"park"},
      {"send", Argument::message},
      {"retry"},
      {"hurry", Argument::message},
      {"drop", Argument::message},
      {"outbox", Argument::message, Argument::variant, true},
      {"start", Argument::timer},
      {"stop", Argument::timer},
      {"set", Argument::variable, Argument::value},
      {"perform", Argument::action},
      {"tell", Argument::word},
      {"alarm"},
      {"hand-over", Argument::port},
      {"fetch"},
      {"ignore"},
      {"refuse"},
  };
  return shapes;
}

std::vector<std::string> timer_names(const Spec& spec, const std::string& protocol) {
  std::vector<std::string> names = ids_of(spec.parameters);
  const auto add = [&](const std::vector<Field>& fields) {
    for (const Field& field : fields) {
      if (field.type == "Time") names.push_back(field.id);
    }
  };
  for (const Struct& s : spec.structs) {
    if (s.protocol.empty() || s.protocol == protocol) add(s.fields);
  }
  for (const Message& message : spec.messages) {
    if (message.protocol == protocol) add(message.request.body), add(message.response.body);
  }
  return names;
}

bool lint_effects(LintContext& context, const Machine& machine, const Location& at,
                  const std::vector<Effect>& effects) {
  EffectLint lint(context, machine, at);
  bool good = true;
  for (const Effect& effect : effects) good = lint.check(effect) && good;
  const auto nothing = [](const Effect& effect) { return effect.verb == "ignore" || effect.verb == "refuse"; };
  if (effects.size() > 1 && std::any_of(effects.begin(), effects.end(), nothing)) {
    context.add(at, "'ignore' and 'refuse' stand alone");
  }
  std::set<std::string> set;
  for (const Effect& effect : effects) {
    if (effect.verb != "set" || effect.arguments.empty() || set.insert(effect.arguments[0]).second) continue;
    context.add(at, fmt::format("variable '{}' is set twice", effect.arguments[0]));
  }
  return good;
}

bool may_answer(const Spec& spec, const Message& message, const std::string& code) {
  const ErrorCode* known = find_id(spec.errors, code);
  if (known == nullptr) return false;
  const bool before_rules = known->step < business_step(spec);
  return known->retry == "none" || known->anywhere || before_rules || contains(message.errors, code);
}

void lint_answers(LintContext& context, const Machine& machine, const Event& event, const Location& at,
                  const std::vector<Effect>& effects) {
  std::size_t count = 0;
  for (const Effect& effect : effects) {
    lint_place(context, event, at, effect);
    if (effect.verb == "reply") lint_code(context, machine, event, at, effect);
    if (answers(machine, effect)) ++count;
  }
  if (event.kind != EventKind::request || count == 1) return;
  context.add(at, fmt::format("request '{}' is answered {} times; it must be replied to, parked or handed over once",
                              event.id, count));
}

}  // namespace quickpay::spec
