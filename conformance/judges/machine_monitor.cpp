#include "conformance/judges/machine_monitor.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <deque>

#include "statemachines/interpreter/explain.hpp"

namespace quickpay::conformance {

using statemachines::EffectId;
using statemachines::EventId;
using statemachines::EventKind;
using statemachines::RowId;
using statemachines::Verb;

namespace {

bool contains(std::span<const std::string_view> list, std::string_view text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

/// "no", "new", "same" or "ok" of an answer.
std::string_view class_of(std::string_view code, std::string_view retry) { return code == "QP-OK" ? "ok" : retry; }

template <class T>
void insert_sorted(std::vector<T>& list, T value) {
  const auto place = std::lower_bound(list.begin(), list.end(), value);
  if (place == list.end() || *place != value) {
    list.insert(place, value);
  }
}

template <class T>
bool remove_value(std::vector<T>& list, const T& value) {
  const auto place = std::find(list.begin(), list.end(), value);
  if (place == list.end()) {
    return false;
  }
  list.erase(place);
  return true;
}

}  // namespace

void KnownBits::set(const statemachines::MachineTable& table, std::string_view id, bool holds) {
  for (std::size_t i = 0; i < table.predicates.size(); ++i) {
    if (table.predicates[i].id == id) {
      mask |= std::uint64_t{1} << i;
      value = holds ? value | std::uint64_t{1} << i : value & ~(std::uint64_t{1} << i);
    }
  }
}

MachineMonitor::MachineMonitor(const MonitoredMachine& machine, Hidden hidden)
    : machine_(machine), hidden_(std::move(hidden)) {
  for (const statemachines::EffectInfo& effect : machine_.table.effects) {
    if ((effect.verb == Verb::send || effect.verb == Verb::outbox) && !contains(messages_, effect.first)) {
      messages_.push_back(effect.first);
    }
  }
  Configuration first;
  const statemachines::Snapshot initial = statemachines::initial_snapshot(machine_.table);
  first.state = initial.state;
  first.variables = initial.variables;
  first.sends.assign(messages_.size(), 0);
  now_.insert(std::move(first));
}

std::size_t MachineMonitor::message_index(std::string_view message) const {
  return static_cast<std::size_t>(std::find(messages_.begin(), messages_.end(), message) - messages_.begin());
}

void MachineMonitor::keep(Configurations next) {
  if (next.size() > kMaxConfigurations) {
    gave_up_ = true;
  }
  now_ = std::move(next);
}

void MachineMonitor::add_input(Input input) {
  const auto id = static_cast<InputId>(inputs_.size());
  inputs_.push_back(std::move(input));
  Configurations next;
  for (Configuration configuration : now_) {
    configuration.inbox.push_back(id);
    next.insert(std::move(configuration));
  }
  keep(std::move(next));
}

InputId MachineMonitor::request(std::string_view event, KnownBits known) {
  Input input;
  input.request = true;
  input.known = known;
  for (EventId i = 0; i < machine_.table.events.size(); ++i) {
    if (machine_.table.events[i].kind == EventKind::request && machine_.table.events[i].id == event) {
      input.events.push_back(i);
    }
  }
  add_input(std::move(input));
  return static_cast<InputId>(inputs_.size() - 1);
}

void MachineMonitor::response(std::string_view message, std::string_view code, std::string_view retry, bool valid,
                              KnownBits known) {
  Input input;
  input.known = known;
  bool listed = false;
  for (const bool by_code : {true, false}) {
    for (EventId i = 0; i < machine_.table.events.size(); ++i) {
      const statemachines::EventInfo& event = machine_.table.events[i];
      if (event.kind != EventKind::response || event.message != message) {
        continue;
      }
      const bool exact = by_code && contains(event.codes, code);
      const bool by_class = !by_code && !listed && contains(event.classes, class_of(code, retry));
      const bool lost = !by_code && contains(event.classes, "fail");
      if ((valid && (exact || by_class)) || lost) {
        input.events.push_back(i);
      }
      listed = listed || exact;
    }
  }
  std::sort(input.events.begin(), input.events.end());
  input.events.erase(std::unique(input.events.begin(), input.events.end()), input.events.end());
  if (!input.events.empty()) {
    add_input(std::move(input));
  }
}

void MachineMonitor::moves(const Configuration& from, Configurations& out) const {
  for (const InputId input : from.inbox) {
    for (const EventId event : inputs_[input].events) {
      process(from, input, event, inputs_[input].known, out);
    }
  }
  for (EventId event = 0; event < machine_.table.events.size(); ++event) {
    const statemachines::EventInfo& info = machine_.table.events[event];
    const bool inner = info.kind == EventKind::timer || info.kind == EventKind::action || info.kind == EventKind::fetch;
    if (inner && hidden_(info)) {
      process(from, std::nullopt, event, {}, out);
    }
    // A request that was due but never seen: the connection may have failed, and nobody but the sender knows.
    if (info.kind == EventKind::response && contains(info.classes, "fail") && from.sends[message_index(info.message)] > 0) {
      process(from, std::nullopt, event, {}, out);
    }
  }
}

void MachineMonitor::process(const Configuration& from, std::optional<InputId> input, EventId event,
                             const KnownBits& known, Configurations& out) const {
  Configuration next = from;
  if (input) {
    remove_value(next.inbox, *input);
  }
  const std::uint64_t predicates = (std::uint64_t{1} << machine_.table.predicates.size()) - 1;
  const std::uint64_t atoms = statemachines::with_atoms(machine_.table, from.snapshot(), 0) & ~predicates;
  bool any_row = false;
  bool fits_any = false;
  for (const statemachines::RowInfo& row : machine_.table.rows) {
    if (row.state != from.state || row.event != event) {
      continue;
    }
    any_row = true;
    const std::uint64_t sure = (known.mask & predicates) | ~predicates;
    const std::uint64_t value = (known.value & predicates) | atoms;
    if (((row.value ^ value) & row.mask & sure) == 0) {
      fits_any = true;
      take(next, event, (row.value & row.mask & predicates) | (known.value & known.mask & ~row.mask), input, out);
    }
  }
  if (!any_row) {
    take(next, event, known.value & known.mask, input, out);  // the default
  } else if (!fits_any && known.mask != 0) {
    process(from, input, event, {}, out);  // what was computed cannot be; do not insist
  }
}

void MachineMonitor::take(Configuration next, EventId event, std::uint64_t bits, std::optional<InputId> input,
                          Configurations& out) const {
  statemachines::Snapshot snapshot = next.snapshot();
  const statemachines::StepResult result = machine_.engine.step(snapshot, event, bits);
  if (result.outcome == statemachines::Outcome::rejected) {
    return;
  }
  next.state = snapshot.state;
  next.variables = snapshot.variables;
  apply(next, result.effect_list(), result.row, input);
  out.insert(std::move(next));
}

void MachineMonitor::apply(Configuration& next, std::span<const EffectId> effects, RowId row,
                           std::optional<InputId> input) const {
  for (const EffectId id : effects) {
    const statemachines::EffectInfo& effect = machine_.table.effects[id];
    switch (effect.verb) {
      case Verb::reply:
      case Verb::hand_over:  // another machine answers; every one of its rows may
        if (input && inputs_[*input].request) {
          insert_sorted(next.replies, Permit{*input, id, row});
        }
        break;
      case Verb::answer_parked:
        for (const InputId parked : next.parked) {
          insert_sorted(next.replies, Permit{parked, id, row});
        }
        next.parked.clear();
        break;
      case Verb::park:
        if (input) {
          insert_sorted(next.parked, *input);
        }
        break;
      case Verb::send:
      case Verb::outbox: {
        std::uint8_t& permits = next.sends[message_index(effect.first)];
        permits = std::min<std::uint8_t>(kMaxPermits, static_cast<std::uint8_t>(permits + 1));
        break;
      }
      case Verb::retry:
      case Verb::hurry:
      case Verb::drop:
      case Verb::start:
      case Verb::stop:
      case Verb::set:
      case Verb::perform:
      case Verb::tell:
      case Verb::alarm:
      case Verb::fetch:
      case Verb::ignore:
      case Verb::refuse:
        break;
    }
  }
}

MachineMonitor::Configurations MachineMonitor::closure() {
  Configurations all = now_;
  std::deque<Configuration> open(now_.begin(), now_.end());
  while (!open.empty()) {
    Configurations next;
    moves(open.front(), next);
    open.pop_front();
    for (const Configuration& configuration : next) {
      if (all.insert(configuration).second) {
        open.push_back(configuration);
      }
    }
    if (all.size() > kMaxConfigurations) {
      gave_up_ = true;
      break;
    }
  }
  return all;
}

bool MachineMonitor::replied(InputId input, std::string_view code) {
  if (gave_up_) {
    return true;
  }
  Configurations left;
  for (Configuration configuration : closure()) {
    const auto permit = std::find_if(configuration.replies.begin(), configuration.replies.end(), [&](const Permit& p) {
      const statemachines::EffectInfo& effect = machine_.table.effects[p.effect];
      return p.input == input && (effect.first == code || (effect.verb == Verb::hand_over && code == "QP-OK"));
    });
    if (permit != configuration.replies.end()) {
      configuration.replies.erase(permit);
      std::erase_if(configuration.replies, [&](const Permit& p) { return p.input == input; });
      left.insert(std::move(configuration));
    }
  }
  if (left.empty()) {
    return gave_up_;
  }
  keep(std::move(left));
  return true;
}

void MachineMonitor::answered_outside(InputId input) {
  Configurations next;
  for (Configuration configuration : now_) {
    // Where it was processed already the answer has come another way; keep that possibility, too.
    remove_value(configuration.inbox, input);
    remove_value(configuration.parked, input);
    next.insert(std::move(configuration));
  }
  keep(std::move(next));
}

bool MachineMonitor::sent(std::string_view message) {
  if (gave_up_) {
    return true;
  }
  const std::size_t index = message_index(message);
  Configurations left;
  for (Configuration configuration : closure()) {
    if (index < configuration.sends.size() && configuration.sends[index] > 0) {
      --configuration.sends[index];
      left.insert(std::move(configuration));
    }
  }
  if (left.empty()) {
    return gave_up_;
  }
  keep(std::move(left));
  return true;
}

std::vector<std::string> MachineMonitor::states() {
  std::set<std::string> names;
  for (const Configuration& configuration : now_) {
    names.insert(statemachines::describe(machine_.engine.model(), configuration.snapshot()));
  }
  return {names.begin(), names.end()};
}

std::vector<std::string> MachineMonitor::allowed() {
  std::set<std::string> names;
  for (const Configuration& configuration : closure()) {
    for (std::size_t i = 0; i < messages_.size(); ++i) {
      if (configuration.sends[i] > 0) {
        names.emplace(messages_[i]);
      }
    }
    for (const Permit& permit : configuration.replies) {
      names.insert(fmt::format("{} [{}]", machine_.table.effects[permit.effect].id,
                               statemachines::row_name(machine_.engine.model(), permit.row)));
    }
  }
  return {names.begin(), names.end()};
}

}  // namespace quickpay::conformance
