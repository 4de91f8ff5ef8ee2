// The durable memory of a role: records, stored answers, outgoing calls, parked requests and timers, changed in units
// that happen completely or not at all. It knows no protocol: every name in it is data.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

namespace quickpay::ledger {

inline constexpr std::size_t kMaxNameBytes = 256;            ///< a machine, key, path, sender, message id or timer name
inline constexpr std::size_t kMaxRecordBytes = 16 * 1024 * 1024;  ///< variables and fields of one record together
inline constexpr std::size_t kMaxBodyBytes = 16 * 1024 * 1024;  ///< the body of one stored answer or call
inline constexpr std::size_t kMaxListed = 10000;                ///< entries that one query returns at most
inline constexpr int kSchemaVersion = 2;                        ///< layout of the tables; another one is refused

/// Why a call on the ledger failed, as one line for a log. After an error the ledger refuses everything; only the
/// refusal of an argument (too long, unit missing) leaves it usable, and says so in `usable`.
struct Error {
  std::string what;
  bool usable = false;
};

template <class T>
using Result = tl::expected<T, Error>;

/// The durable state of one machine instance, found by (machine, key).
struct Record {
  std::string machine;
  std::string key;
  std::string state;                          ///< name of the machine's state
  std::vector<std::string> variables;         ///< "name=value", in the machine's order
  std::map<std::string, std::string> fields;  ///< whatever the role keeps; values may be any bytes
  friend bool operator==(const Record&, const Record&) = default;
};

/// What was answered to a request, found by (path, sender, message id).
struct StoredAnswer {
  std::string digest;           ///< of the request
  std::string body;             ///< the answer's bytes; empty while none was given
  bool final = false;           ///< a repeated request gets exactly this body
  std::int64_t expires_ms = 0;  ///< UTC ms; purge_answers removes it once now is later
  friend bool operator==(const StoredAnswer&, const StoredAnswer&) = default;
};

/// A request that this role sends and repeats until it is answered or given up; found by its message id.
struct Call {
  std::string msg_id;
  std::string machine;  ///< with `key`: the record that it belongs to
  std::string key;
  std::string message;
  std::string receiver;
  std::string path;
  std::string body;
  bool notice = false;          ///< an answer is wanted only to stop repeating
  std::int64_t attempts = 0;    ///< made so far
  std::int64_t next_ms = 0;     ///< UTC ms of the next attempt
  std::int64_t give_up_ms = 0;  ///< UTC ms after which no attempt starts; 0: never
  std::int64_t timeout_ms = 0;  ///< for one attempt
  friend bool operator==(const Call&, const Call&) = default;
};

/// A request whose answer waits for something else that its record does.
struct Parked {
  std::string machine;
  std::string key;
  std::string path;
  std::string sender;
  std::string msg_id;
  std::string digest;
  std::int64_t epoch = 0;  ///< of the key that authenticates the answer; 0: none does
  friend bool operator==(const Parked&, const Parked&) = default;
};

/// A timer of a record that fires once, when now >= due_ms.
struct Timer {
  std::string machine;
  std::string key;
  std::string name;
  std::int64_t due_ms = 0;  ///< UTC ms
  friend bool operator==(const Timer&, const Timer&) = default;
};

/// The memory of one role, used by one thread. A unit is one durable step: everything between begin_unit and end_unit
/// happens or does not. Writes need an open unit; reads see every write made so far, flushed or not. Erasing what is
/// not there succeeds. Lists are ordered as said and have at most min(limit, kMaxListed) entries.
class Ledger {
 public:
  virtual ~Ledger() = default;

  /// Opens a unit. Units do not nest.
  virtual Result<void> begin_unit() = 0;
  /// Closes the unit; its writes become durable with the next flush.
  virtual Result<void> end_unit() = 0;
  /// Closes the unit and takes its writes back; earlier units stay.
  virtual Result<void> undo_unit() = 0;
  /// Makes all ended units durable with one commit; what depends on them may leave only after success. After a failure
  /// the state of the disk is unknown: every further call fails, and the process must stop. No unit may be open.
  virtual Result<void> flush() = 0;

  virtual Result<std::optional<Record>> find(std::string_view machine, std::string_view key) = 0;
  /// Inserts or replaces by (machine, key).
  virtual Result<void> put(const Record& record) = 0;
  virtual Result<void> erase(std::string_view machine, std::string_view key) = 0;
  /// Records of a machine with key > after_key ("" from the start), by key.
  virtual Result<std::vector<Record>> list(std::string_view machine, std::string_view after_key, std::size_t limit) = 0;

  virtual Result<std::optional<StoredAnswer>> find_answer(std::string_view path, std::string_view sender,
                                                          std::string_view msg_id) = 0;
  /// Inserts or replaces by (path, sender, msg_id).
  virtual Result<void> put_answer(std::string_view path, std::string_view sender, std::string_view msg_id,
                                  const StoredAnswer& answer) = 0;
  /// Removes every answer with expires_ms < now_ms.
  virtual Result<void> purge_answers(std::int64_t now_ms) = 0;

  /// Inserts or replaces by msg_id.
  virtual Result<void> put_call(const Call& call) = 0;
  virtual Result<std::optional<Call>> find_call(std::string_view msg_id) = 0;
  virtual Result<void> erase_call(std::string_view msg_id) = 0;
  /// Calls of one record, by (next_ms, msg_id).
  virtual Result<std::vector<Call>> calls_of(std::string_view machine, std::string_view key) = 0;
  /// Calls with next_ms <= now_ms, by (next_ms, msg_id).
  virtual Result<std::vector<Call>> due_calls(std::int64_t now_ms, std::size_t limit) = 0;
  /// The least next_ms of all calls.
  virtual Result<std::optional<std::int64_t>> next_call_ms() = 0;

  /// Inserts or replaces by (machine, key, path, sender, msg_id): several requests may wait for one record.
  virtual Result<void> put_parked(const Parked& parked) = 0;
  /// In the order in which they were parked.
  virtual Result<std::vector<Parked>> parked_of(std::string_view machine, std::string_view key) = 0;
  /// Removes all requests parked at the record.
  virtual Result<void> erase_parked(std::string_view machine, std::string_view key) = 0;

  /// Inserts or replaces by (machine, key, name).
  virtual Result<void> put_timer(const Timer& timer) = 0;
  virtual Result<void> erase_timer(std::string_view machine, std::string_view key, std::string_view name) = 0;
  /// Timers with due_ms <= now_ms, by (due_ms, machine, key, name).
  virtual Result<std::vector<Timer>> due_timers(std::int64_t now_ms, std::size_t limit) = 0;
  /// The least due_ms of all timers.
  virtual Result<std::optional<std::int64_t>> next_timer_ms() = 0;
};

/// A ledger in the SQLite database at `path`, created if it is not there; ":memory:" keeps nothing. `vfs` names a
/// registered SQLite file system, "" the default one. A database of another program or schema version is refused.
/// The flushed units survive a loss of power.
Result<std::unique_ptr<Ledger>> open_sqlite(const std::string& path, const std::string& vfs = "");

}  // namespace quickpay::ledger
