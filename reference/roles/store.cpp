#include "reference/roles/store.hpp"

#include <type_traits>
#include <utility>

namespace quickpay::roles {

template <class Call>
auto Store::ask(Call&& call) {
  using Value = typename std::invoke_result_t<Call>::value_type;
  if (error_) return Value{};
  auto result = call();
  if (result) return std::move(*result);
  error_ = result.error();
  return Value{};
}

template <class Call>
void Store::tell(Call&& call) {
  if (error_) return;
  if (auto result = call(); !result) error_ = result.error();
}

void Store::corrupt(std::string what) {
  if (!error_) error_ = ledger::Error{std::move(what)};
}

void Store::begin() {
  tell([&] { return ledger_.begin_unit(); });
}
void Store::end() {
  tell([&] { return ledger_.end_unit(); });
}
void Store::flush() {
  tell([&] { return ledger_.flush(); });
}

std::optional<ledger::Record> Store::find(std::string_view machine, std::string_view key) {
  return ask([&] { return ledger_.find(machine, key); });
}
void Store::put(const ledger::Record& record) {
  tell([&] { return ledger_.put(record); });
}
void Store::erase(std::string_view machine, std::string_view key) {
  tell([&] { return ledger_.erase(machine, key); });
}
std::vector<ledger::Record> Store::list(std::string_view machine, std::string_view after_key, std::size_t limit) {
  return ask([&] { return ledger_.list(machine, after_key, limit); });
}

std::optional<ledger::StoredAnswer> Store::find_answer(std::string_view path, std::string_view sender,
                                                       std::string_view msg_id) {
  return ask([&] { return ledger_.find_answer(path, sender, msg_id); });
}
void Store::put_answer(std::string_view path, std::string_view sender, std::string_view msg_id,
                       const ledger::StoredAnswer& answer) {
  tell([&] { return ledger_.put_answer(path, sender, msg_id, answer); });
}
void Store::purge_answers(std::int64_t now_ms) {
  tell([&] { return ledger_.purge_answers(now_ms); });
}

void Store::put_call(const ledger::Call& call) {
  tell([&] { return ledger_.put_call(call); });
}
std::optional<ledger::Call> Store::find_call(std::string_view msg_id) {
  return ask([&] { return ledger_.find_call(msg_id); });
}
void Store::erase_call(std::string_view msg_id) {
  tell([&] { return ledger_.erase_call(msg_id); });
}
std::vector<ledger::Call> Store::calls_of(std::string_view machine, std::string_view key) {
  return ask([&] { return ledger_.calls_of(machine, key); });
}
std::vector<ledger::Call> Store::due_calls(std::int64_t now_ms, std::size_t limit) {
  return ask([&] { return ledger_.due_calls(now_ms, limit); });
}
std::optional<std::int64_t> Store::next_call_ms() {
  return ask([&] { return ledger_.next_call_ms(); });
}

void Store::put_parked(const ledger::Parked& parked) {
  tell([&] { return ledger_.put_parked(parked); });
}
std::vector<ledger::Parked> Store::parked_of(std::string_view machine, std::string_view key) {
  return ask([&] { return ledger_.parked_of(machine, key); });
}
void Store::erase_parked(std::string_view machine, std::string_view key) {
  tell([&] { return ledger_.erase_parked(machine, key); });
}

void Store::put_timer(const ledger::Timer& timer) {
  tell([&] { return ledger_.put_timer(timer); });
}
void Store::erase_timer(std::string_view machine, std::string_view key, std::string_view name) {
  tell([&] { return ledger_.erase_timer(machine, key, name); });
}
std::vector<ledger::Timer> Store::due_timers(std::int64_t now_ms, std::size_t limit) {
  return ask([&] { return ledger_.due_timers(now_ms, limit); });
}
std::optional<std::int64_t> Store::next_timer_ms() {
  return ask([&] { return ledger_.next_timer_ms(); });
}

}  // namespace quickpay::roles
