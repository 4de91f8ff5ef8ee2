// The ledger as role cores use it: the first error sticks, so that a core reads and writes without asking each time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reference/ledger/ledger.hpp"

namespace quickpay::roles {

/// A view of a ledger that keeps the first error. After it every read finds nothing and every write is dropped; the
/// node's flush reports the error, and because nothing leaves without a flush nobody sees what was computed on it.
class Store {
 public:
  explicit Store(ledger::Ledger& ledger) : ledger_(ledger) {}

  const std::optional<ledger::Error>& error() const { return error_; }
  /// Reports that the ledger holds something that cannot be understood.
  void corrupt(std::string what);

  void begin();
  void end();
  void flush();

  std::optional<ledger::Record> find(std::string_view machine, std::string_view key);
  void put(const ledger::Record& record);
  void erase(std::string_view machine, std::string_view key);
  std::vector<ledger::Record> list(std::string_view machine, std::string_view after_key, std::size_t limit);

  std::optional<ledger::StoredAnswer> find_answer(std::string_view path, std::string_view sender,
                                                  std::string_view msg_id);
  void put_answer(std::string_view path, std::string_view sender, std::string_view msg_id,
                  const ledger::StoredAnswer& answer);
  void purge_answers(std::int64_t now_ms);

  void put_call(const ledger::Call& call);
  std::optional<ledger::Call> find_call(std::string_view msg_id);
  void erase_call(std::string_view msg_id);
  std::vector<ledger::Call> calls_of(std::string_view machine, std::string_view key);
  std::vector<ledger::Call> due_calls(std::int64_t now_ms, std::size_t limit);
  std::optional<std::int64_t> next_call_ms();

  void put_parked(const ledger::Parked& parked);
  std::vector<ledger::Parked> parked_of(std::string_view machine, std::string_view key);
  void erase_parked(std::string_view machine, std::string_view key);

  void put_timer(const ledger::Timer& timer);
  void erase_timer(std::string_view machine, std::string_view key, std::string_view name);
  std::vector<ledger::Timer> due_timers(std::int64_t now_ms, std::size_t limit);
  std::optional<std::int64_t> next_timer_ms();

 private:
  template <class Call>
  auto ask(Call&& call);
  template <class Call>
  void tell(Call&& call);

  ledger::Ledger& ledger_;
  std::optional<ledger::Error> error_;
};

}  // namespace quickpay::roles
