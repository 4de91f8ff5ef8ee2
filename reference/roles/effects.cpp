// Effects whose meaning is the same in every role.
#include "reference/roles/fields.hpp"
#include "reference/roles/stage.hpp"

namespace quickpay::roles {

using namespace statemachines;

void Stage::start(Turn& turn, const std::string& timer, std::int64_t due_ms) {
  set_number(turn.record, "due." + timer, due_ms);
  store.put_timer({turn.record.machine, turn.key(), timer, due_ms});
}

void Stage::stop(Turn& turn, const std::string& timer) {
  if (turn.record.fields.erase("due." + timer) == 0) return;
  store.erase_timer(turn.record.machine, turn.key(), timer);
}

void Stage::event(Turn& turn, std::string kind, std::string text, std::map<std::string, std::string> details) {
  output.user.push_back({std::move(kind), turn.key(), std::move(text), std::move(details)});
}

void Stage::hand_over(Turn& turn, std::string_view id) {
  for (const PortInfo& port : turn.actor->table().ports) {
    if (port.id != id) continue;
    const std::string key = turn.actor->port_key(id, turn);
    if (const Connection* to = port.machine.empty() ? connection(id) : nullptr) {
      turn.follow_ups.push_back({to->machine, key, to->event, true});
    } else if (port.machine.empty()) {  // the other protocol picks it up from here, as soon as it is served
      store.put({"port." + std::string(id), key, "HANDED-OVER", {}, turn.record.fields});
    } else {
      turn.follow_ups.push_back({std::string(port.machine), key, std::string(port.event)});
    }
  }
}

void Stage::common(EffectId id, Turn& turn) {
  const EffectInfo& effect = turn.actor->table().effects[id];
  const AnyDocument* request = turn.request ? turn.request->document.get() : nullptr;
  const Fill fill = [&](AnyDocument& response) { turn.actor->fill(turn.record, request, response); };
  switch (effect.verb) {
    case Verb::reply:
      if (turn.request) answers.give(*turn.request, effect.first, fill);
      break;
    case Verb::answer_parked:
      answers.give_parked(turn.record.machine, turn.key(), effect.first,
                          [&](AnyDocument& response) { turn.actor->fill(turn.record, nullptr, response); });
      break;
    case Verb::park:
      if (turn.request) answers.park(*turn.request, turn.record.machine, turn.key());
      break;
    case Verb::retry:
      if (turn.call) outbox.retry(*turn.call, turn.after_s);
      break;
    case Verb::hurry: outbox.hurry(turn.record.machine, turn.key(), effect.first); break;
    case Verb::drop: outbox.drop(turn.record.machine, turn.key(), effect.first); break;
    case Verb::stop: stop(turn, std::string(effect.first)); break;
    case Verb::tell:
      turn.told = std::string(effect.first);
      event(turn, "tell", std::string(effect.first));
      break;
    case Verb::alarm: event(turn, "alarm", std::string(turn.actor->table().events[turn.event].id)); break;
    case Verb::hand_over: hand_over(turn, effect.first); break;
    case Verb::refuse: turn.refused = true; break;
    case Verb::set:      // the engine has done it
    case Verb::ignore:
    case Verb::send:     // the rest is the role's
    case Verb::outbox:
    case Verb::start:
    case Verb::perform:
    case Verb::fetch: break;
  }
}

}  // namespace quickpay::roles
