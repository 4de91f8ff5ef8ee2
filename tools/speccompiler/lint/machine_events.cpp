// Events, and the calls and timers that they answer.
#include <fmt/format.h>

#include <map>
#include <set>

#include "tools/speccompiler/lint/effects.hpp"
#include "tools/speccompiler/lint/machines.hpp"

namespace quickpay::spec {
namespace {

const std::vector<std::string> kResponseClasses{"ok", "no", "new", "same", "fail"};
const std::vector<std::string> kFetchClasses{"ok", "fail"};

class EventLint {
 public:
  EventLint(LintContext& context, const Machine& machine, const Event& event)
      : context_(context), machine_(machine), event_(event) {}

  void run() {
    const EventKind kind = event_.kind;
    const bool of_message = kind == EventKind::request || kind == EventKind::response;
    attribute("message", of_message, !event_.message.empty());
    attribute("timer", kind == EventKind::timer, !event_.timer.empty());
    const bool classed = kind == EventKind::response || kind == EventKind::fetch;
    attribute("classes", classed, !event_.classes.empty() || (kind == EventKind::response && !event_.codes.empty()));
    if (kind != EventKind::response && !event_.codes.empty()) add("only a response may list 'codes'");
    const auto& classes = kind == EventKind::fetch ? kFetchClasses : kResponseClasses;
    for (const std::string& name : event_.classes) context_.known(event_.at, "class", name, classes);
    for (const std::string& code : event_.codes) {
      context_.known(event_.at, "error code", code, ids_of(context_.spec.errors));
    }
    if (!event_.message.empty()) message();
    if (!event_.timer.empty()) {
      context_.known(event_.at, "timer", event_.timer, timer_names(context_.spec, machine_.protocol));
    }
  }

 private:
  void add(const std::string& message) { context_.add(event_.at, fmt::format("event '{}': {}", event_.id, message)); }

  void attribute(std::string_view name, bool wanted, bool given) {
    if (wanted && !given) add(fmt::format("its kind needs '{}'", name));
    if (!wanted && given) add(fmt::format("its kind has no '{}'", name));
  }

  void message() {
    std::vector<std::string> known;
    for (const Message& message : context_.spec.messages) {
      if (message.protocol == machine_.protocol && !message.local) known.push_back(message.id);
    }
    if (!context_.known(event_.at, "message", event_.message, known)) return;
    const Message& message = *find_message(context_.spec, machine_.protocol, event_.message);
    const bool request = event_.kind == EventKind::request;
    if (request ? message.to != machine_.role : !contains(message.from, machine_.role)) {
      add(fmt::format("role '{}' does not {} message '{}'", machine_.role, request ? "receive" : "send", message.id));
    }
    for (const std::string& code : event_.codes) {
      if (find_id(context_.spec.errors, code) == nullptr || may_answer(context_.spec, message, code)) continue;
      context_.add(event_.at, fmt::format("message '{}' is never answered with '{}'", message.id, code),
                   did_you_mean(code, message.errors));
    }
  }

  LintContext& context_;
  const Machine& machine_;
  const Event& event_;
};

class CallLint {
 public:
  CallLint(LintContext& context, const Machine& machine) : context_(context), machine_(machine) {
    for (const Effect& effect : all_effects(machine)) {
      const std::string first = effect.arguments.empty() ? std::string() : effect.arguments[0];
      auto& arguments = by_verb_[effect.verb];
      if (!first.empty()) arguments.insert(first);
    }
  }

  void run() {
    std::map<std::string, std::vector<const Event*>> responses;
    for (const Event& event : machine_.events) {
      if (event.kind == EventKind::response) responses[event.message].push_back(&event);
      const bool sound = contains(timer_names(context_.spec, machine_.protocol), event.timer);
      if (event.kind == EventKind::timer && sound && !has("start", event.timer)) {
        add(event.at, fmt::format("timer '{}' of event '{}' is never started", event.timer, event.id));
      }
      if (event.kind == EventKind::fetch && by_verb_.count("fetch") == 0) {
        add(event.at, fmt::format("nothing is fetched before event '{}'", event.id));
      }
    }
    for (const auto& [message, events] : responses) outcomes(message, events, kResponseClasses);
    sent(responses);
    timers();
    fetches();
    parked();
  }

 private:
  bool has(const std::string& verb, const std::string& argument) const {
    const auto found = by_verb_.find(verb);
    return found != by_verb_.end() && found->second.count(argument) != 0;
  }
  bool sends(const std::string& message) const { return has("send", message) || has("outbox", message); }
  void add(const Location& at, const std::string& message) {
    context_.add(at, fmt::format("{}: {}", machine_.id, message));
  }

  // Every outcome belongs to exactly one event; codes win over classes.
  void outcomes(const std::string& what, const std::vector<const Event*>& events,
                const std::vector<std::string>& classes) {
    std::set<std::string> seen;
    for (const Event* event : events) {
      if (event->kind == EventKind::response && !sends(what)) {
        add(event->at, fmt::format("message '{}' of event '{}' is never sent", what, event->id));
      }
      for (const std::string& name : event->classes) claim(*event, "class", name, seen);
      for (const std::string& code : event->codes) claim(*event, "error code", code, seen);
    }
    for (const std::string& name : classes) {
      if (seen.count(name) == 0)
        add(events.front()->at, fmt::format("no event of '{}' covers the class '{}'", what, name));
    }
  }

  void claim(const Event& event, const std::string& what, const std::string& name, std::set<std::string>& seen) {
    if (!seen.insert(name).second)
      add(event.at, fmt::format("two events of '{}' cover the {} '{}'", event.message, what, name));
  }

  void sent(const std::map<std::string, std::vector<const Event*>>& responses) {
    for (const std::string verb : {"send", "outbox", "hurry", "drop"}) {
      for (const std::string& message : by_verb_[verb]) {
        if (!sends(message))
          add(machine_.at, fmt::format("message '{}' is never sent, so '{}' has no call", message, verb));
        if (sends(message) && responses.count(message) == 0) {
          add(machine_.at, fmt::format("message '{}' is sent, but no event takes its response", message));
        }
      }
    }
  }

  void timers() {
    std::set<std::string> heard;
    for (const Event& event : machine_.events) heard.insert(event.timer);
    for (const std::string& timer : by_verb_["start"]) {
      if (heard.count(timer) == 0) add(machine_.at, fmt::format("timer '{}' is started, but no event takes it", timer));
    }
    for (const std::string& timer : by_verb_["stop"]) {
      if (!has("start", timer)) add(machine_.at, fmt::format("timer '{}' is stopped, but never started", timer));
    }
  }

  void fetches() {
    std::vector<const Event*> events;
    for (const Event& event : machine_.events) {
      if (event.kind == EventKind::fetch) events.push_back(&event);
    }
    if (!events.empty()) return outcomes("fetch", events, kFetchClasses);
    if (by_verb_.count("fetch") != 0) add(machine_.at, "something is fetched, but no event takes it");
  }

  // A parked request may be of any message that is parked somewhere, so the code has to suit all of them.
  void parked() {
    std::set<std::string> messages;
    for (const Block& block : machine_.blocks) {
      for (const Case& written : block.cases) {
        const auto parks = [](const Effect& effect) { return effect.verb == "park"; };
        const Event* event = find_id(machine_.events, block.event);
        const bool any = std::any_of(written.effects.begin(), written.effects.end(), parks);
        if (any && event != nullptr) messages.insert(event->message);
      }
    }
    if (messages.empty() != (by_verb_.count("answer-parked") == 0)) {
      add(machine_.at, messages.empty() ? "a parked request is answered, but none is parked"
                                        : "a request is parked, but never answered");
    }
    for (const Block& block : machine_.blocks) {
      for (const Case& written : block.cases) parked_codes(written, messages);
    }
  }

  void parked_codes(const Case& written, const std::set<std::string>& messages) {
    for (const Effect& effect : written.effects) {
      if (effect.verb != "answer-parked" || effect.arguments.empty()) continue;
      for (const std::string& id : messages) {
        const Message* message = find_message(context_.spec, machine_.protocol, id);
        const std::string& code = effect.arguments[0];
        if (message == nullptr || find_id(context_.spec.errors, code) == nullptr) continue;
        if (may_answer(context_.spec, *message, code)) continue;
        context_.add(written.at, fmt::format("message '{}' does not list error code '{}'", id, code),
                     did_you_mean(code, message->errors));
      }
    }
  }

  LintContext& context_;
  const Machine& machine_;
  std::map<std::string, std::set<std::string>> by_verb_;
};

}  // namespace

void lint_event(LintContext& context, const Machine& machine, const Event& event) {
  EventLint(context, machine, event).run();
}

void lint_calls(LintContext& context, const Machine& machine) { CallLint(context, machine).run(); }

}  // namespace quickpay::spec
