// A ledger in memory whose power can be cut: what was not flushed is gone. For simulations and fuzzing.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "reference/ledger/ledger.hpp"

namespace quickpay::sim {

/// Keeps every promise of Ledger but durability beyond the process. Limits of sizes are not enforced.
class MemoryLedger : public ledger::Ledger {
 public:
  /// Takes back everything since the last flush.
  void crash();
  /// Calls of flush so far.
  int flushes() const { return flushes_; }
  /// Writes since the last flush.
  std::size_t unflushed() const { return journal_.size(); }
  /// Everything that is kept, as text; for searches.
  std::string dump() const;

  ledger::Result<void> begin_unit() override;
  ledger::Result<void> end_unit() override;
  ledger::Result<void> undo_unit() override;
  ledger::Result<void> flush() override;

  ledger::Result<std::optional<ledger::Record>> find(std::string_view machine, std::string_view key) override;
  ledger::Result<void> put(const ledger::Record& record) override;
  ledger::Result<void> erase(std::string_view machine, std::string_view key) override;
  ledger::Result<std::vector<ledger::Record>> list(std::string_view machine, std::string_view after_key,
                                                   std::size_t limit) override;

  ledger::Result<std::optional<ledger::StoredAnswer>> find_answer(std::string_view path, std::string_view sender,
                                                                  std::string_view msg_id) override;
  ledger::Result<void> put_answer(std::string_view path, std::string_view sender, std::string_view msg_id,
                                  const ledger::StoredAnswer& answer) override;
  ledger::Result<void> purge_answers(std::int64_t now_ms) override;

  ledger::Result<void> put_call(const ledger::Call& call) override;
  ledger::Result<std::optional<ledger::Call>> find_call(std::string_view msg_id) override;
  ledger::Result<void> erase_call(std::string_view msg_id) override;
  ledger::Result<std::vector<ledger::Call>> calls_of(std::string_view machine, std::string_view key) override;
  ledger::Result<std::vector<ledger::Call>> due_calls(std::int64_t now_ms, std::size_t limit) override;
  ledger::Result<std::optional<std::int64_t>> next_call_ms() override;

  ledger::Result<void> put_parked(const ledger::Parked& parked) override;
  ledger::Result<std::vector<ledger::Parked>> parked_of(std::string_view machine, std::string_view key) override;
  ledger::Result<void> erase_parked(std::string_view machine, std::string_view key) override;

  ledger::Result<void> put_timer(const ledger::Timer& timer) override;
  ledger::Result<void> erase_timer(std::string_view machine, std::string_view key, std::string_view name) override;
  ledger::Result<std::vector<ledger::Timer>> due_timers(std::int64_t now_ms, std::size_t limit) override;
  ledger::Result<std::optional<std::int64_t>> next_timer_ms() override;

 private:
  using Pair = std::pair<std::string, std::string>;
  using Triple = std::tuple<std::string, std::string, std::string>;

  template <class Map>
  void set(Map& map, const typename Map::key_type& key, std::optional<typename Map::mapped_type> value);
  void take_back(std::size_t to);

  std::map<Pair, ledger::Record> records_;
  std::map<Triple, ledger::StoredAnswer> answers_;
  std::map<std::string, ledger::Call> calls_;
  std::map<Pair, std::vector<ledger::Parked>> parked_;
  std::map<Triple, ledger::Timer> timers_;
  std::vector<std::function<void()>> journal_;  ///< how to take back each write since the last flush
  std::size_t unit_at_ = 0;
  bool in_unit_ = false;
  int flushes_ = 0;
};

}  // namespace quickpay::sim
