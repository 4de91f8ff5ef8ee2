#include "reference/sim/memory_ledger.hpp"

#include <algorithm>

namespace quickpay::sim {
namespace {

using ledger::Result;

/// Ordered by (when, what is to be ordered next).
template <class T, class When>
std::vector<T> earliest(std::vector<T> all, std::size_t limit, When when) {
  std::stable_sort(all.begin(), all.end(), [&](const T& a, const T& b) { return when(a) < when(b); });
  if (all.size() > limit) all.resize(limit);
  return all;
}

}  // namespace

template <class Map>
void MemoryLedger::set(Map& map, const typename Map::key_type& key, std::optional<typename Map::mapped_type> value) {
  std::optional<typename Map::mapped_type> before;
  if (const auto at = map.find(key); at != map.end()) before = at->second;
  journal_.push_back([&map, key, before] {
    map.erase(key);
    if (before) map.emplace(key, *before);
  });
  map.erase(key);
  if (value) map.emplace(key, std::move(*value));
}

void MemoryLedger::take_back(std::size_t to) {
  while (journal_.size() > to) {
    journal_.back()();
    journal_.pop_back();
  }
}

void MemoryLedger::crash() {
  take_back(0);
  in_unit_ = false;
}

std::string MemoryLedger::dump() const {
  std::string text;
  const auto line = [&](std::initializer_list<std::string_view> parts) {
    for (const std::string_view part : parts) text.append(part).append("|");
    text.append("\n");
  };
  for (const auto& [at, record] : records_) {
    line({record.machine, record.key, record.state});
    for (const auto& [name, value] : record.fields) line({"", name, value});
  }
  for (const auto& [at, answer] : answers_) {
    line({std::get<0>(at), std::get<1>(at), std::get<2>(at), answer.digest, answer.body});
  }
  for (const auto& [id, call] : calls_) line({id, call.machine, call.key, call.receiver, call.path, call.body});
  for (const auto& [at, waiting] : parked_) {
    for (const auto& one : waiting) line({at.first, at.second, one.path, one.sender, one.msg_id, one.digest});
  }
  for (const auto& [at, timer] : timers_) line({timer.machine, timer.key, timer.name});
  return text;
}

Result<void> MemoryLedger::begin_unit() {
  if (in_unit_) return tl::unexpected(ledger::Error{"a unit is open"});
  in_unit_ = true;
  unit_at_ = journal_.size();
  return {};
}
Result<void> MemoryLedger::end_unit() {
  in_unit_ = false;
  return {};
}
Result<void> MemoryLedger::undo_unit() {
  take_back(unit_at_);
  in_unit_ = false;
  return {};
}
Result<void> MemoryLedger::flush() {
  if (in_unit_) return tl::unexpected(ledger::Error{"a unit is open"});
  journal_.clear();
  ++flushes_;
  return {};
}

Result<std::optional<ledger::Record>> MemoryLedger::find(std::string_view machine, std::string_view key) {
  const auto at = records_.find({std::string(machine), std::string(key)});
  if (at == records_.end()) return std::nullopt;
  return at->second;
}
Result<void> MemoryLedger::put(const ledger::Record& record) {
  set(records_, {record.machine, record.key}, record);
  return {};
}
Result<void> MemoryLedger::erase(std::string_view machine, std::string_view key) {
  set(records_, {std::string(machine), std::string(key)}, std::nullopt);
  return {};
}
Result<std::vector<ledger::Record>> MemoryLedger::list(std::string_view machine, std::string_view after_key,
                                                       std::size_t limit) {
  std::vector<ledger::Record> found;
  auto at = records_.upper_bound({std::string(machine), std::string(after_key)});
  for (; at != records_.end() && at->first.first == machine && found.size() < limit; ++at) found.push_back(at->second);
  return found;
}

Result<std::optional<ledger::StoredAnswer>> MemoryLedger::find_answer(std::string_view path, std::string_view sender,
                                                                      std::string_view msg_id) {
  const auto at = answers_.find({std::string(path), std::string(sender), std::string(msg_id)});
  if (at == answers_.end()) return std::nullopt;
  return at->second;
}
Result<void> MemoryLedger::put_answer(std::string_view path, std::string_view sender, std::string_view msg_id,
                                      const ledger::StoredAnswer& answer) {
  set(answers_, {std::string(path), std::string(sender), std::string(msg_id)}, answer);
  return {};
}
Result<void> MemoryLedger::purge_answers(std::int64_t now_ms) {
  std::vector<Triple> old;
  for (const auto& [at, answer] : answers_) {
    if (answer.expires_ms < now_ms) old.push_back(at);
  }
  for (const Triple& at : old) set(answers_, at, std::nullopt);
  return {};
}

Result<void> MemoryLedger::put_call(const ledger::Call& call) {
  set(calls_, call.msg_id, call);
  return {};
}
Result<std::optional<ledger::Call>> MemoryLedger::find_call(std::string_view msg_id) {
  const auto at = calls_.find(std::string(msg_id));
  if (at == calls_.end()) return std::nullopt;
  return at->second;
}
Result<void> MemoryLedger::erase_call(std::string_view msg_id) {
  set(calls_, std::string(msg_id), std::nullopt);
  return {};
}
Result<std::vector<ledger::Call>> MemoryLedger::calls_of(std::string_view machine, std::string_view key) {
  std::vector<ledger::Call> found;
  for (const auto& [id, call] : calls_) {
    if (call.machine == machine && call.key == key) found.push_back(call);
  }
  return earliest(std::move(found), ledger::kMaxListed, [](const ledger::Call& c) { return c.next_ms; });
}
Result<std::vector<ledger::Call>> MemoryLedger::due_calls(std::int64_t now_ms, std::size_t limit) {
  std::vector<ledger::Call> found;
  for (const auto& [id, call] : calls_) {
    if (call.next_ms <= now_ms) found.push_back(call);
  }
  return earliest(std::move(found), limit, [](const ledger::Call& c) { return c.next_ms; });
}
Result<std::optional<std::int64_t>> MemoryLedger::next_call_ms() {
  std::optional<std::int64_t> least;
  for (const auto& [id, call] : calls_) least = std::min(least.value_or(call.next_ms), call.next_ms);
  return least;
}

Result<void> MemoryLedger::put_parked(const ledger::Parked& parked) {
  const Pair at{parked.machine, parked.key};
  auto waiting = parked_[at];
  const auto same = [&](const ledger::Parked& p) {
    return p.path == parked.path && p.sender == parked.sender && p.msg_id == parked.msg_id;
  };
  const auto old = std::find_if(waiting.begin(), waiting.end(), same);
  if (old == waiting.end()) {
    waiting.push_back(parked);
  } else {
    *old = parked;
  }
  set(parked_, at, waiting);
  return {};
}
Result<std::vector<ledger::Parked>> MemoryLedger::parked_of(std::string_view machine, std::string_view key) {
  const auto at = parked_.find({std::string(machine), std::string(key)});
  if (at == parked_.end()) return std::vector<ledger::Parked>{};
  return at->second;
}
Result<void> MemoryLedger::erase_parked(std::string_view machine, std::string_view key) {
  set(parked_, {std::string(machine), std::string(key)}, std::nullopt);
  return {};
}

Result<void> MemoryLedger::put_timer(const ledger::Timer& timer) {
  set(timers_, {timer.machine, timer.key, timer.name}, timer);
  return {};
}
Result<void> MemoryLedger::erase_timer(std::string_view machine, std::string_view key, std::string_view name) {
  set(timers_, {std::string(machine), std::string(key), std::string(name)}, std::nullopt);
  return {};
}
Result<std::vector<ledger::Timer>> MemoryLedger::due_timers(std::int64_t now_ms, std::size_t limit) {
  std::vector<ledger::Timer> found;
  for (const auto& [at, timer] : timers_) {
    if (timer.due_ms <= now_ms) found.push_back(timer);
  }
  return earliest(std::move(found), limit, [](const ledger::Timer& t) { return t.due_ms; });
}
Result<std::optional<std::int64_t>> MemoryLedger::next_timer_ms() {
  std::optional<std::int64_t> least;
  for (const auto& [at, timer] : timers_) least = std::min(least.value_or(timer.due_ms), timer.due_ms);
  return least;
}

}  // namespace quickpay::sim
