#include "tools/killtables/intents.hpp"

#include <algorithm>
#include <memory>
#include <sstream>

#include "statemachines/interpreter/interpreter.hpp"

namespace quickpay::killtables {
namespace {

using namespace statemachines;

constexpr std::string_view kNot = "not ";
constexpr std::string_view kBefore = " before ";

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  std::istringstream stream{std::string(text)};
  for (std::string part; std::getline(stream, part, separator);) {
    const auto first = part.find_first_not_of(' ');
    if (first == std::string::npos) continue;
    parts.push_back(part.substr(first, part.find_last_not_of(' ') - first + 1));
  }
  return parts;
}

bool parse_step(std::string_view line, IntentStep& step) {
  const auto arrow = line.find("=>"), bar = line.rfind('|');
  if (arrow == std::string_view::npos || bar == std::string_view::npos || bar < arrow) return false;
  const auto words = split(line.substr(0, arrow), ' ');
  const auto state = split(line.substr(bar + 1), ' ');
  if (words.size() < 2 || state.size() != 1 || (words.size() > 2 && (words[2] != "with" || words.size() == 3))) return false;
  step.machine = words[0];
  step.event = words[1];
  if (words.size() > 3) step.predicates.assign(words.begin() + 3, words.end());
  step.effects = split(line.substr(arrow + 2, bar - arrow - 2), ';');
  step.state = state[0];
  return true;
}

template <class Items>
std::ptrdiff_t find(const Items& items, std::string_view id) {
  const auto at = std::find_if(items.begin(), items.end(), [&](const auto& item) { return item.id == id; });
  return at == items.end() ? -1 : at - items.begin();
}

// "GetOrder.ok", or "InquiryPayment=QP-E-FUNDS": the event that names this code of an answer.
std::ptrdiff_t event_of(const MachineTable& table, const std::string& name) {
  const auto equals = name.find('=');
  if (equals == std::string::npos) return find(table.events, name);
  const auto at = std::find_if(table.events.begin(), table.events.end(), [&](const EventInfo& event) {
    const bool names = std::find(event.codes.begin(), event.codes.end(), name.substr(equals + 1)) != event.codes.end();
    return event.kind == EventKind::response && event.message == name.substr(0, equals) && names;
  });
  return at == table.events.end() ? -1 : at - table.events.begin();
}

/// Where the machines of one intent stand.
class Stage {
 public:
  explicit Stage(const Machines& machines) : machines_(machines) {}

  std::string take(const IntentStep& step) {
    const auto found = machines_.find(step.machine);
    if (found == machines_.end()) return "there is no machine " + step.machine;
    const MachineTable& table = *found->second;
    const auto event = event_of(table, step.event);
    if (event < 0) return "there is no event " + step.event;
    PredicateBits bits = 0;
    for (const std::string& name : step.predicates) {
      const auto predicate = find(table.predicates, name);
      if (predicate < 0) return "there is no predicate " + name;
      bits |= PredicateBits{1} << predicate;
    }
    Instance& at = instance(step.machine, table);
    const StepResult result = at.engine->step(at.snapshot, static_cast<EventId>(event), bits);
    if (result.outcome == Outcome::rejected) return "no row fits, or several do";
    const std::string wrong = compare(step, table, result);
    if (!wrong.empty()) return wrong;
    const std::string_view state = table.states[at.snapshot.state].id;
    return state == step.state ? "" : "leads to " + std::string(state) + ", must lead to " + step.state;
  }

 private:
  struct Instance {
    std::unique_ptr<InterpreterEngine> engine;
    Snapshot snapshot;
  };

  Instance& instance(const std::string& id, const MachineTable& table) {
    auto [found, fresh] = instances_.try_emplace(id);
    if (fresh) found->second = {std::make_unique<InterpreterEngine>(model_of(table)), initial_snapshot(table)};
    return found->second;
  }

  // "A before B": both are done, and A first.
  static std::string ordered(const std::vector<std::string>& done, const std::string& first, const std::string& then) {
    const auto at = std::find(done.begin(), done.end(), first);
    const bool right = at != done.end() && std::find(at, done.end(), then) != done.end() && std::find(done.begin(), at, then) == at;
    return right ? "" : "does not do '" + first + "' before '" + then + "'";
  }

  static std::string compare(const IntentStep& step, const MachineTable& table, const StepResult& result) {
    std::vector<std::string> done, seen, meant;
    std::map<std::string, int> count;
    for (const EffectId id : result.effect_list()) {
      const EffectInfo& effect = table.effects[id];
      if (visible(effect.verb)) seen.emplace_back(effect.id);
      done.emplace_back(effect.id);
      ++count[done.back()];
    }
    for (const std::string& effect : step.effects) {
      if (effect.starts_with(kNot)) {
        if (count[effect.substr(kNot.size())] != 0) return "does '" + effect.substr(kNot.size()) + "'";
        continue;
      }
      if (const auto before = effect.find(kBefore); before != std::string::npos) {
        const std::string wrong = ordered(done, effect.substr(0, before), effect.substr(before + kBefore.size()));
        if (!wrong.empty()) return wrong;
        continue;
      }
      const auto known = find(table.effects, effect);
      if (known >= 0 && visible(table.effects[static_cast<std::size_t>(known)].verb)) {
        meant.push_back(effect);
      } else if (count[effect] != 1) {
        return "does '" + effect + "' " + std::to_string(count[effect]) + " times";
      }
    }
    return seen == meant ? "" : "does '" + joined(seen) + "', must do '" + joined(meant) + "'";
  }

  static std::string joined(const std::vector<std::string>& parts) {
    std::string text;
    for (const std::string& part : parts) text += (text.empty() ? "" : "; ") + part;
    return text;
  }

  const Machines& machines_;
  std::map<std::string, Instance> instances_;
};

}  // namespace

bool visible(Verb verb) {
  switch (verb) {
    case Verb::reply:
    case Verb::answer_parked:
    case Verb::send:
    case Verb::outbox:
    case Verb::hand_over:
    case Verb::tell:
    case Verb::alarm:
    case Verb::fetch:
    case Verb::retry:
    case Verb::refuse: return true;
    default: return false;
  }
}

tl::expected<std::vector<Intent>, std::string> parse_intents(std::string_view text) {
  if (text.size() > kMaxIntentBytes) return tl::make_unexpected("more than a file of intents may have");
  std::vector<Intent> intents;
  std::istringstream stream{std::string(text)};
  int number = 0;
  for (std::string line; std::getline(stream, line);) {
    ++number;
    const auto fail = [&](const char* what) { return tl::make_unexpected("line " + std::to_string(number) + ": " + what); };
    if (line.empty() || line.front() == '#') continue;
    if (line.starts_with("intent ")) {
      auto words = split(line, ' ');
      if (words.size() < 3) return fail("an intent has an id and a requirement");
      intents.push_back({words[1], {words.begin() + 2, words.end()}, {}, {}});
    } else if (intents.empty()) {
      return fail("stands before the first intent");
    } else if (intents.back().text.empty()) {
      intents.back().text = line;
    } else {
      IntentStep step{number, {}, {}, {}, {}, {}};
      if (!parse_step(line, step)) return fail("is no step");
      intents.back().steps.push_back(std::move(step));
    }
  }
  for (const Intent& intent : intents)
    if (intent.steps.empty()) return tl::make_unexpected(intent.id + " has no steps");
  return intents;
}

std::string play(const Intent& intent, const Machines& machines) {
  Stage stage(machines);
  for (const IntentStep& step : intent.steps) {
    const std::string wrong = stage.take(step);
    if (!wrong.empty())
      return intent.id + ", line " + std::to_string(step.line) + ": " + step.machine + " at " + step.event + " " + wrong;
  }
  return {};
}

}  // namespace quickpay::killtables
