#include "statemachines/composition/layout.hpp"

#include <algorithm>

namespace quickpay::statemachines {
namespace {

std::string_view class_of(const CompositionTable& table, std::string_view code) {
  for (const CodeClass& known : table.codes)
    if (known.code == code) return known.klass;
  return "no";
}

bool has(std::span<const std::string_view> list, std::string_view item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

// The event that an answer is: codes win over classes.
int event_of_code(const MachineTable& machine, std::string_view message, std::string_view code,
                  std::string_view klass) {
  int found = -1;
  for (std::size_t i = 0; i < machine.events.size(); ++i) {
    const EventInfo& event = machine.events[i];
    if (event.kind != EventKind::response || event.message != message) continue;
    if (has(event.codes, code)) return static_cast<int>(i);
    if (event.codes.empty() && has(event.classes, klass)) found = static_cast<int>(i);
  }
  return found;
}

int event_of_request(const MachineTable& machine, std::string_view message) {
  for (std::size_t i = 0; i < machine.events.size(); ++i)
    if (machine.events[i].kind == EventKind::request && machine.events[i].message == message)
      return static_cast<int>(i);
  return -1;
}

std::vector<std::string_view> timers_of(const MachineTable& machine) {
  std::vector<std::string_view> names;
  for (const EventInfo& event : machine.events)
    if (event.kind == EventKind::timer && !has(names, event.timer)) names.push_back(event.timer);
  return names;
}

}  // namespace

std::size_t player_of(std::span<const std::string_view> players, std::string_view role, std::size_t order) {
  for (const std::string_view text : players)
    if (text.starts_with(role) && text.substr(role.size(), 1) == ":") return static_cast<std::size_t>(text[role.size() + 1 + order] - '1');
  return 0;
}

bool has_option(const ConfigurationInfo& configuration, std::string_view option, std::size_t order) {
  return std::any_of(configuration.options.begin(), configuration.options.end(), [&](std::string_view text) {
    const std::size_t colon = text.find(':');
    if (text.substr(0, colon) != option) return false;
    return colon == std::string_view::npos || text.find(static_cast<char>('1' + order), colon) != std::string_view::npos;
  });
}

bool takes_part(const InstanceInfo& instance, const ConfigurationInfo& configuration, std::size_t order) {
  if (!instance.option.empty() && !has_option(configuration, instance.option, order)) return false;
  return instance.without.empty() || !has_option(configuration, instance.without, order);
}

bool takes_part(const InstanceInfo& instance, const ConfigurationInfo& configuration) {
  for (std::size_t order = 0; order < configuration.orders; ++order)
    if (takes_part(instance, configuration, order)) return true;
  return false;
}

std::vector<std::uint64_t> predicates_read(const MachineTable& table) {
  const std::size_t predicates = table.predicates.size();
  const std::uint64_t own = predicates >= kMaxBits ? ~0ULL : (1ULL << predicates) - 1;
  std::vector<std::uint64_t> read(table.states.size() * table.events.size());
  for (const RowInfo& row : table.rows) read[row.state * table.events.size() + row.event] |= row.mask & own;
  return read;
}

Layout::Layout(const CompositionTable& table, std::vector<Player> players, const ConfigurationInfo& configuration)
    : table_(&table), players_(std::move(players)), who_(configuration.players), orders_(configuration.orders) {
  for (const Player& player : players_) {
    timers_.push_back(timers_of(*player.table));
    if (timers_.back().size() > kMaxTimers) problem_ = "too many timers in " + std::string(player.table->id);
  }
  for (std::size_t i = 0; i < players_.size(); ++i) add_letters(i);
  place(configuration);
  if (bytes_ > kMaxStateBytes) problem_ = "the composition needs " + std::to_string(bytes_) + " bytes a state";
}

// What never moves in a configuration and is zero in the beginning lies in the same few bytes, which stay zero.
void Layout::place(const ConfigurationInfo& configuration) {
  const auto still = [&](std::size_t i) {
    const Snapshot& start = players_[i].initial;
    const auto& values = start.variables;
    const bool zero = start.state == 0 && std::all_of(values.begin(), values.end(), [](auto value) { return value == 0; });
    return zero && !takes_part(table_->instances[i], configuration);
  };
  std::size_t at = 0;
  for (std::size_t i = 0; i < players_.size(); ++i)
    if (still(i)) at = std::max({at, 2 + players_[i].table->variables.size(), kLetterBytes});
  for (std::size_t i = 0; i < players_.size(); ++i) {
    machines_.push_back(still(i) ? 0 : at);
    if (!still(i)) at += 2 + players_[i].table->variables.size();
  }
  for (const Letter& letter : letters_) {
    const bool none = still(static_cast<std::size_t>(letter.from));
    letters_at_.push_back(none ? 0 : at);
    if (!none) at += kLetterBytes;
  }
  order_bytes_ = at;
  place_ghosts(configuration, orders_ * order_bytes_);
  bytes_ = budgets_at_ + kBudgetBytes;
}

// A ghost that is shared lies where it lies for the first order of the same players; those that nobody here changes lie in one byte.
void Layout::place_ghosts(const ConfigurationInfo& configuration, std::size_t at) {
  const auto changes = [&](std::size_t ghost) {
    return std::any_of(table_->observations.begin(), table_->observations.end(), [&](const ObservationInfo& item) {
      return item.ghost == ghost && takes_part(table_->instances[item.instance], configuration);
    });
  };
  const std::size_t zero = at++;
  for (std::size_t order = 0; order < orders_; ++order)
    for (std::size_t i = 0; i < table_->ghosts.size(); ++i) {
      if (!changes(i)) {
        ghosts_.push_back(zero);
        continue;
      }
      const auto& roles = table_->ghosts[i].shared;
      std::size_t first = roles.empty() ? order : 0;
      const auto same = [&](std::string_view role) { return player_of(who_, role, first) == player_of(who_, role, order); };
      while (!std::all_of(roles.begin(), roles.end(), same)) ++first;
      ghosts_.push_back(first == order ? at++ : ghost_at(first, i));
    }
  budgets_at_ = at;
}

void Layout::add_letters(std::size_t instance) {
  for (const EffectInfo& effect : players_[instance].table->effects)
    if (effect.verb == Verb::send || effect.verb == Verb::outbox) add_letter(instance, effect.first, effect.second);
}

void Layout::add_letter(std::size_t instance, std::string_view message, std::string_view variant) {
  if (letter(instance, message, variant) >= 0) return;
  Letter made;
  made.from = static_cast<int>(instance);
  made.message = message;
  made.variant = variant;
  made.to = receiver(instance, message);
  if (made.to >= 0)
    made.arrival = static_cast<EventId>(event_of_request(*players_[static_cast<std::size_t>(made.to)].table, message));
  add_answers(made);
  letters_.push_back(std::move(made));
}

// The instance that the sender names, if it receives the message, or the first that does; -1: nobody. Messages of other protocols
// are others, whatever they are called.
int Layout::receiver(std::size_t sender, std::string_view message) const {
  const int named = table_->instances[sender].to;
  if (named >= 0 && event_of_request(*players_[static_cast<std::size_t>(named)].table, message) >= 0) return named;
  for (std::size_t i = 0; i < players_.size(); ++i) {
    if (players_[i].table->protocol != players_[sender].table->protocol) continue;
    if (event_of_request(*players_[i].table, message) >= 0 && !is_port_target(i, message)) return static_cast<int>(i);
  }
  return -1;
}

void Layout::add_answers(Letter& letter) {
  const MachineTable& sender = *players_[static_cast<std::size_t>(letter.from)].table;
  letter.failure = event_of_code(sender, letter.message, "", "fail");
  if (letter.to < 0) return;
  const MachineTable& receiver = *players_[static_cast<std::size_t>(letter.to)].table;
  add_codes_of(receiver, letter);
  for (const PortInfo& port : receiver.ports)
    if (const int target = instance_of(port.machine); target >= 0)
      add_codes_of(*players_[static_cast<std::size_t>(target)].table, letter);
  if (letter.codes.size() > kMaxLetterCodes) problem_ = "too many answers to " + std::string(letter.message);
}

void Layout::add_codes_of(const MachineTable& machine, Letter& letter) {
  const MachineTable& sender = *players_[static_cast<std::size_t>(letter.from)].table;
  for (const EffectInfo& effect : machine.effects) {
    if (effect.verb != Verb::reply && effect.verb != Verb::answer_parked) continue;
    const std::string_view klass = class_of(*table_, effect.first);
    const int event = event_of_code(sender, letter.message, effect.first, klass);
    if (event < 0 || has(letter.codes, effect.first)) continue;
    letter.codes.push_back(effect.first);
    letter.outcomes.push_back(static_cast<EventId>(event));
    letter.final.push_back(klass != "same");
  }
}

bool Layout::is_port_target(std::size_t instance, std::string_view event) const {
  for (const Player& player : players_)
    for (const PortInfo& port : player.table->ports)
      if (port.machine == players_[instance].table->id && port.event == event) return true;
  return false;
}

int Layout::timer(std::size_t instance, std::string_view name) const {
  const auto& names = timers_[instance];
  const auto found = std::find(names.begin(), names.end(), name);
  return found == names.end() ? -1 : static_cast<int>(found - names.begin());
}

int Layout::letter(std::size_t instance, std::string_view message, std::string_view variant) const {
  for (std::size_t i = 0; i < letters_.size(); ++i) {
    const Letter& known = letters_[i];
    if (known.from == static_cast<int>(instance) && known.message == message && known.variant == variant)
      return static_cast<int>(i);
  }
  return -1;
}

bool Layout::from_outside(std::size_t instance, EventId event) const {
  const EventInfo& info = players_[instance].table->events[event];
  if (info.kind != EventKind::request || is_port_target(instance, info.id)) return false;
  return std::none_of(letters_.begin(), letters_.end(), [&](const Letter& letter) {
    return letter.to == static_cast<int>(instance) && letter.arrival == event;
  });
}

int Layout::instance_of(std::string_view machine) const {
  for (std::size_t i = 0; i < players_.size(); ++i)
    if (players_[i].table->id == machine) return static_cast<int>(i);
  return -1;
}

}  // namespace quickpay::statemachines
