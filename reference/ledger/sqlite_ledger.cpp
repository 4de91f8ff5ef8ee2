#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <exception>
#include <initializer_list>

#include "reference/ledger/ledger.hpp"
#include "reference/ledger/record_codec.hpp"
#include "reference/ledger/sqlite_options.hpp"
#include "reference/ledger/sqlite_store.hpp"

namespace quickpay::ledger {
namespace {

// Nobody else makes these: an answer of SQLite that cannot be right.
class Damaged : public std::exception {
 public:
  const char* what() const noexcept override { return "a stored record cannot be read: the ledger is damaged"; }
};

std::int64_t capped(std::size_t limit) { return static_cast<std::int64_t>(std::min(limit, kMaxListed)); }

tl::unexpected<Error> refused(std::string why) { return tl::make_unexpected(Error{std::move(why), true}); }

Call call_at(Query& query) {
  Call call;
  call.msg_id = query.string_at(0);
  call.machine = query.string_at(1);
  call.key = query.string_at(2);
  call.message = query.string_at(3);
  call.receiver = query.string_at(4);
  call.path = query.string_at(5);
  call.body = query.string_at(6);
  call.notice = query.number_at(7) != 0;
  call.attempts = query.number_at(8);
  call.next_ms = query.number_at(9);
  call.give_up_ms = query.number_at(10);
  call.timeout_ms = query.number_at(11);
  return call;
}

std::vector<Call> calls_at(Query& query) {
  std::vector<Call> calls;
  while (query.step()) calls.push_back(call_at(query));
  return calls;
}

std::optional<std::int64_t> least_at(Query& query) {
  if (!query.step() || query.null_at(0)) return std::nullopt;
  return query.number_at(0);
}

class SqliteLedger final : public Ledger {
 public:
  explicit SqliteLedger(const SqliteOptions& options) : store_(options) {}

  Result<void> begin_unit() override;
  Result<void> end_unit() override;
  Result<void> undo_unit() override;
  Result<void> flush() override;

  Result<std::optional<Record>> find(std::string_view machine, std::string_view key) override;
  Result<void> put(const Record& record) override;
  Result<void> erase(std::string_view machine, std::string_view key) override;
  Result<std::vector<Record>> list(std::string_view machine, std::string_view after_key, std::size_t limit) override;

  Result<std::optional<StoredAnswer>> find_answer(std::string_view path, std::string_view sender,
                                                  std::string_view msg_id) override;
  Result<void> put_answer(std::string_view path, std::string_view sender, std::string_view msg_id,
                          const StoredAnswer& answer) override;
  Result<void> purge_answers(std::int64_t now_ms) override;

  Result<void> put_call(const Call& call) override;
  Result<std::optional<Call>> find_call(std::string_view msg_id) override;
  Result<void> erase_call(std::string_view msg_id) override;
  Result<std::vector<Call>> calls_of(std::string_view machine, std::string_view key) override;
  Result<std::vector<Call>> due_calls(std::int64_t now_ms, std::size_t limit) override;
  Result<std::optional<std::int64_t>> next_call_ms() override;

  Result<void> put_parked(const Parked& parked) override;
  Result<std::vector<Parked>> parked_of(std::string_view machine, std::string_view key) override;
  Result<void> erase_parked(std::string_view machine, std::string_view key) override;

  Result<void> put_timer(const Timer& timer) override;
  Result<void> erase_timer(std::string_view machine, std::string_view key, std::string_view name) override;
  Result<std::vector<Timer>> due_timers(std::int64_t now_ms, std::size_t limit) override;
  Result<std::optional<std::int64_t>> next_timer_ms() override;

 private:
  // Runs what may throw. Whatever fails there leaves the ledger unusable: SQLite may have rolled back more than the
  // caller can know.
  template <class F>
  auto guarded(const char* what, F&& work) -> Result<decltype(work())> {
    if (!broken_.empty()) return tl::make_unexpected(Error{broken_, false});
    try {
      if constexpr (std::is_void_v<decltype(work())>) {
        work();
        return {};
      } else {
        return work();
      }
    } catch (const std::exception& error) {
      broken_ = fmt::format("the ledger failed in {}: {}", what, error.what());
    }
    return tl::make_unexpected(Error{broken_, false});
  }

  template <class F>
  Result<void> write(const char* what, std::initializer_list<std::string_view> names, std::size_t bytes,
                     std::size_t limit, F&& work) {
    if (!unit_open_ && broken_.empty()) return refused(fmt::format("{} outside a unit", what));
    for (const auto name : names) {
      if (name.size() > kMaxNameBytes)
        return refused(fmt::format("{}: a name has more than {} bytes", what, kMaxNameBytes));
    }
    if (bytes > limit) return refused(fmt::format("{}: {} bytes, allowed are {}", what, bytes, limit));
    return guarded(what, work);
  }

  Store store_;
  bool unit_open_ = false;
  bool transaction_open_ = false;
  std::string broken_;  // why nothing works any more; empty while all is well
};

Result<void> SqliteLedger::begin_unit() {
  if (unit_open_) return refused("begin_unit inside a unit");
  return guarded("begin_unit", [&] {
    if (!transaction_open_) Query(store_, Sql::begin).run();
    transaction_open_ = true;
    Query(store_, Sql::savepoint).run();
    unit_open_ = true;
  });
}

Result<void> SqliteLedger::end_unit() {
  if (!unit_open_) return refused("end_unit without a unit");
  return guarded("end_unit", [&] {
    Query(store_, Sql::release).run();
    unit_open_ = false;
  });
}

Result<void> SqliteLedger::undo_unit() {
  if (!unit_open_) return refused("undo_unit without a unit");
  return guarded("undo_unit", [&] {
    Query(store_, Sql::rollback_to).run();
    Query(store_, Sql::release).run();
    unit_open_ = false;
  });
}

Result<void> SqliteLedger::flush() {
  if (unit_open_) return refused("flush inside a unit");
  return guarded("flush", [&] {
    if (transaction_open_) Query(store_, Sql::commit).run();
    transaction_open_ = false;
  });
}

Result<std::optional<Record>> SqliteLedger::find(std::string_view machine, std::string_view key) {
  return guarded("find", [&]() -> std::optional<Record> {
    Query query(store_, Sql::find_record);
    if (!query.text(machine).text(key).step()) return std::nullopt;
    Record record{std::string(machine), std::string(key), query.string_at(0), {}, {}};
    if (!decode_contents(query.string_at(1), record)) throw Damaged();
    return record;
  });
}

Result<void> SqliteLedger::put(const Record& record) {
  const std::string contents = encode_contents(record);
  return write("put", {record.machine, record.key, record.state}, contents.size(), kMaxRecordBytes, [&] {
    Query(store_, Sql::put_record).text(record.machine).text(record.key).text(record.state).blob(contents).run();
  });
}

Result<void> SqliteLedger::erase(std::string_view machine, std::string_view key) {
  return write("erase", {}, 0, 0, [&] { Query(store_, Sql::erase_record).text(machine).text(key).run(); });
}

Result<std::vector<Record>> SqliteLedger::list(std::string_view machine, std::string_view after_key,
                                               std::size_t limit) {
  return guarded("list", [&] {
    std::vector<Record> records;
    Query query(store_, Sql::list_records);
    query.text(machine).text(after_key).number(capped(limit));
    while (query.step()) {
      Record record{std::string(machine), query.string_at(0), query.string_at(1), {}, {}};
      if (!decode_contents(query.string_at(2), record)) throw Damaged();
      records.push_back(std::move(record));
    }
    return records;
  });
}

Result<std::optional<StoredAnswer>> SqliteLedger::find_answer(std::string_view path, std::string_view sender,
                                                              std::string_view msg_id) {
  return guarded("find_answer", [&]() -> std::optional<StoredAnswer> {
    Query query(store_, Sql::find_answer);
    if (!query.text(path).text(sender).text(msg_id).step()) return std::nullopt;
    return StoredAnswer{query.string_at(0), query.string_at(1), query.number_at(2) != 0, query.number_at(3)};
  });
}

Result<void> SqliteLedger::put_answer(std::string_view path, std::string_view sender, std::string_view msg_id,
                                      const StoredAnswer& answer) {
  return write("put_answer", {path, sender, msg_id, answer.digest}, answer.body.size(), kMaxBodyBytes, [&] {
    Query query(store_, Sql::put_answer);
    query.text(path).text(sender).text(msg_id).blob(answer.digest).blob(answer.body);
    query.number(answer.final ? 1 : 0).number(answer.expires_ms).run();
  });
}

Result<void> SqliteLedger::purge_answers(std::int64_t now_ms) {
  return write("purge_answers", {}, 0, 0, [&] { Query(store_, Sql::purge_answers).number(now_ms).run(); });
}

Result<void> SqliteLedger::put_call(const Call& call) {
  const std::initializer_list<std::string_view> names = {call.msg_id,  call.machine,  call.key,
                                                         call.message, call.receiver, call.path};
  return write("put_call", names, call.body.size(), kMaxBodyBytes, [&] {
    Query query(store_, Sql::put_call);
    for (const auto name : names) query.text(name);
    query.blob(call.body).number(call.notice ? 1 : 0).number(call.attempts);
    query.number(call.next_ms).number(call.give_up_ms).number(call.timeout_ms).run();
  });
}

Result<std::optional<Call>> SqliteLedger::find_call(std::string_view msg_id) {
  return guarded("find_call", [&]() -> std::optional<Call> {
    Query query(store_, Sql::find_call);
    if (!query.text(msg_id).step()) return std::nullopt;
    return call_at(query);
  });
}

Result<void> SqliteLedger::erase_call(std::string_view msg_id) {
  return write("erase_call", {}, 0, 0, [&] { Query(store_, Sql::erase_call).text(msg_id).run(); });
}

Result<std::vector<Call>> SqliteLedger::calls_of(std::string_view machine, std::string_view key) {
  return guarded("calls_of", [&] {
    Query query(store_, Sql::calls_of);
    return calls_at(query.text(machine).text(key).number(capped(kMaxListed)));
  });
}

Result<std::vector<Call>> SqliteLedger::due_calls(std::int64_t now_ms, std::size_t limit) {
  return guarded("due_calls", [&] {
    Query query(store_, Sql::due_calls);
    return calls_at(query.number(now_ms).number(capped(limit)));
  });
}

Result<std::optional<std::int64_t>> SqliteLedger::next_call_ms() {
  return guarded("next_call_ms", [&] {
    Query query(store_, Sql::next_call);
    return least_at(query);
  });
}

Result<void> SqliteLedger::put_parked(const Parked& parked) {
  const std::initializer_list<std::string_view> names = {parked.machine, parked.key, parked.path, parked.sender,
                                                         parked.msg_id};
  return write("put_parked", names, parked.digest.size(), kMaxNameBytes, [&] {
    Query query(store_, Sql::put_parked);
    for (const auto name : names) query.text(name);
    query.blob(parked.digest).number(parked.epoch).run();
  });
}

Result<std::vector<Parked>> SqliteLedger::parked_of(std::string_view machine, std::string_view key) {
  return guarded("parked_of", [&] {
    std::vector<Parked> all;
    Query query(store_, Sql::parked_of);
    query.text(machine).text(key).number(capped(kMaxListed));
    while (query.step()) {
      all.push_back({std::string(machine), std::string(key), query.string_at(0), query.string_at(1), query.string_at(2),
                     query.string_at(3), query.number_at(4)});
    }
    return all;
  });
}

Result<void> SqliteLedger::erase_parked(std::string_view machine, std::string_view key) {
  return write("erase_parked", {}, 0, 0, [&] { Query(store_, Sql::erase_parked).text(machine).text(key).run(); });
}

Result<void> SqliteLedger::put_timer(const Timer& timer) {
  return write("put_timer", {timer.machine, timer.key, timer.name}, 0, 0, [&] {
    Query(store_, Sql::put_timer).text(timer.machine).text(timer.key).text(timer.name).number(timer.due_ms).run();
  });
}

Result<void> SqliteLedger::erase_timer(std::string_view machine, std::string_view key, std::string_view name) {
  return write("erase_timer", {}, 0, 0,
               [&] { Query(store_, Sql::erase_timer).text(machine).text(key).text(name).run(); });
}

Result<std::vector<Timer>> SqliteLedger::due_timers(std::int64_t now_ms, std::size_t limit) {
  return guarded("due_timers", [&] {
    std::vector<Timer> timers;
    Query query(store_, Sql::due_timers);
    query.number(now_ms).number(capped(limit));
    while (query.step()) {
      timers.push_back({query.string_at(0), query.string_at(1), query.string_at(2), query.number_at(3)});
    }
    return timers;
  });
}

Result<std::optional<std::int64_t>> SqliteLedger::next_timer_ms() {
  return guarded("next_timer_ms", [&] {
    Query query(store_, Sql::next_timer);
    return least_at(query);
  });
}

std::string explained(const SQLite::Exception& error, const std::string& path) {
  if (error.getErrorCode() == SQLITE_BUSY) return fmt::format("{} is in use by another process", path);
  return fmt::format("cannot open the ledger {}: {}", path, error.what());
}

}  // namespace

Result<std::unique_ptr<Ledger>> open_sqlite_with(const SqliteOptions& options) {
  try {
    return std::make_unique<SqliteLedger>(options);
  } catch (const SQLite::Exception& error) {
    return tl::make_unexpected(Error{explained(error, options.path), false});
  } catch (const std::exception& error) {
    return tl::make_unexpected(Error{fmt::format("cannot open the ledger {}: {}", options.path, error.what()), false});
  }
}

Result<std::unique_ptr<Ledger>> open_sqlite(const std::string& path, const std::string& vfs) {
  SqliteOptions options;
  options.path = path;
  options.vfs = vfs;
  return open_sqlite_with(options);
}

}  // namespace quickpay::ledger
