// One SQLite connection with its prepared statements; everything here may throw SQLite::Exception, and the ledger
// turns that into an error value.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "reference/ledger/sqlite_options.hpp"

namespace quickpay::ledger {

/// Every statement that runs more than once. The texts stand in the same order in sqlite_store.cpp.
enum class Sql : std::uint8_t {
  begin,
  commit,
  savepoint,
  release,
  rollback_to,
  find_record,
  put_record,
  erase_record,
  list_records,
  find_answer,
  put_answer,
  purge_answers,
  put_call,
  find_call,
  erase_call,
  calls_of,
  due_calls,
  next_call,
  put_parked,
  parked_of,
  erase_parked,
  put_timer,
  erase_timer,
  due_timers,
  next_timer,
  count_of_statements
};

/// The connection: opened, checked, its tables there.
class Store {
 public:
  /// Throws SQLite::Exception on anything but success; its text is fit for an operator.
  explicit Store(const SqliteOptions& options);

  SQLite::Statement& statement(Sql id);
  /// A buffer that lives as long as the statement runs, so that binding text does not allocate.
  std::string& scratch(int index) { return scratch_[static_cast<std::size_t>(index)]; }

 private:
  static constexpr std::size_t kMaxBound = 16;
  void configure(const SqliteOptions& options);
  bool check_owner();  // true: the file is new; throws if it is not ours
  void create_tables();
  std::int64_t number_of(const char* sql);

  SQLite::Database db_;
  std::array<std::optional<SQLite::Statement>, static_cast<std::size_t>(Sql::count_of_statements)> statements_;
  std::array<std::string, kMaxBound> scratch_;
};

/// One run of a statement: bind in order, step, read; it is reset when the query goes out of scope, so that no read is
/// left open when the unit is committed. One query at a time: they share the buffers of the store.
class Query {
 public:
  Query(Store& store, Sql id) : store_(store), statement_(store.statement(id)) {}
  ~Query() { statement_.tryReset(); }
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;

  Query& text(std::string_view value);
  Query& blob(std::string_view value);  ///< the bytes must live until the query is done
  Query& number(std::int64_t value);

  bool step() { return statement_.executeStep(); }
  void run() { statement_.executeStep(); }
  std::string string_at(int column) { return statement_.getColumn(column).getString(); }
  std::int64_t number_at(int column) { return statement_.getColumn(column).getInt64(); }
  bool null_at(int column) { return statement_.getColumn(column).isNull(); }

 private:
  Store& store_;
  SQLite::Statement& statement_;
  int bound_ = 0;
};

}  // namespace quickpay::ledger
