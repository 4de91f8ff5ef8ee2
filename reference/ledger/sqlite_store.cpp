#include "reference/ledger/sqlite_store.hpp"

#include <fmt/format.h>

namespace quickpay::ledger {
namespace {

constexpr std::int64_t kApplicationId = 0x51504C47;  // marks the file as one of ours ("QPLG")
constexpr int kCacheKibibytes = 65536;
constexpr int kLogLimitBytes = 16 * 1024 * 1024;

constexpr const char* kTables = R"(
CREATE TABLE record(machine TEXT, key TEXT, state TEXT, contents BLOB, PRIMARY KEY(machine, key)) WITHOUT ROWID;
CREATE TABLE answer(path TEXT, sender TEXT, msg_id TEXT, digest BLOB, body BLOB, final INTEGER, expires_ms INTEGER,
  PRIMARY KEY(path, sender, msg_id)) WITHOUT ROWID;
CREATE INDEX answer_expires ON answer(expires_ms);
CREATE TABLE call(msg_id TEXT PRIMARY KEY, machine TEXT, key TEXT, message TEXT, receiver TEXT, path TEXT, body BLOB,
  notice INTEGER, attempts INTEGER, next_ms INTEGER, give_up_ms INTEGER, timeout_ms INTEGER) WITHOUT ROWID;
CREATE INDEX call_record ON call(machine, key, next_ms);
CREATE INDEX call_next ON call(next_ms);
CREATE TABLE parked(place INTEGER PRIMARY KEY, machine TEXT, key TEXT, path TEXT, sender TEXT, msg_id TEXT, digest BLOB,
  epoch INTEGER, UNIQUE(machine, key, path, sender, msg_id));
CREATE TABLE timer(machine TEXT, key TEXT, name TEXT, due_ms INTEGER, PRIMARY KEY(machine, key, name)) WITHOUT ROWID;
CREATE INDEX timer_due ON timer(due_ms, machine, key, name);
)";

#define QP_CALL_COLUMNS "msg_id,machine,key,message,receiver,path,body,notice,attempts,next_ms,give_up_ms,timeout_ms"

constexpr std::array<const char*, static_cast<std::size_t>(Sql::count_of_statements)> kTexts = {
    "BEGIN IMMEDIATE",
    "COMMIT",
    "SAVEPOINT unit",
    "RELEASE unit",
    "ROLLBACK TO unit",

    "SELECT state,contents FROM record WHERE machine=? AND key=?",
    "REPLACE INTO record(machine,key,state,contents) VALUES(?,?,?,?)",
    "DELETE FROM record WHERE machine=? AND key=?",
    "SELECT key,state,contents FROM record WHERE machine=? AND key>? ORDER BY key LIMIT ?",

    "SELECT digest,body,final,expires_ms FROM answer WHERE path=? AND sender=? AND msg_id=?",
    "REPLACE INTO answer(path,sender,msg_id,digest,body,final,expires_ms) VALUES(?,?,?,?,?,?,?)",
    "DELETE FROM answer WHERE expires_ms<?",

    "REPLACE INTO call(" QP_CALL_COLUMNS ") VALUES(?,?,?,?,?,?,?,?,?,?,?,?)",
    "SELECT " QP_CALL_COLUMNS " FROM call WHERE msg_id=?",
    "DELETE FROM call WHERE msg_id=?",
    "SELECT " QP_CALL_COLUMNS " FROM call WHERE machine=? AND key=? ORDER BY next_ms,msg_id LIMIT ?",
    "SELECT " QP_CALL_COLUMNS " FROM call WHERE next_ms<=? ORDER BY next_ms,msg_id LIMIT ?",
    "SELECT min(next_ms) FROM call",

    "INSERT INTO parked(machine,key,path,sender,msg_id,digest,epoch) VALUES(?1,?2,?3,?4,?5,?6,?7)"
    " ON CONFLICT(machine,key,path,sender,msg_id) DO UPDATE SET digest=?6,epoch=?7",
    "SELECT path,sender,msg_id,digest,epoch FROM parked WHERE machine=? AND key=? ORDER BY place LIMIT ?",
    "DELETE FROM parked WHERE machine=? AND key=?",

    "REPLACE INTO timer(machine,key,name,due_ms) VALUES(?,?,?,?)",
    "DELETE FROM timer WHERE machine=? AND key=? AND name=?",
    "SELECT machine,key,name,due_ms FROM timer WHERE due_ms<=? ORDER BY due_ms,machine,key,name LIMIT ?",
    "SELECT min(due_ms) FROM timer",
};

#undef QP_CALL_COLUMNS

}  // namespace

// The exclusive lock keeps a second process out and the log's index in memory, where no crash can tear it. It is asked
// for before anything is written, and the owner is checked before the file is changed.
Store::Store(const SqliteOptions& options)
    : db_(options.path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE, 0, options.vfs) {
  db_.exec("PRAGMA locking_mode=EXCLUSIVE");
  const bool is_new = check_owner();
  configure(options);
  if (is_new) create_tables();
}

void Store::configure(const SqliteOptions& options) {
  // EXTRA is FULL, and makes the removal of the rollback journal durable too. The switch to the log is the one commit
  // that uses such a journal; were it to come back after a loss of power, it would roll the whole database back.
  db_.exec(options.sync == Sync::full ? "PRAGMA synchronous=EXTRA" : "PRAGMA synchronous=OFF");
  db_.exec("PRAGMA journal_mode=WAL");
  db_.exec(fmt::format("PRAGMA wal_autocheckpoint={}", options.checkpoint_pages));
  db_.exec(fmt::format("PRAGMA journal_size_limit={}", kLogLimitBytes));
  db_.exec(fmt::format("PRAGMA cache_size=-{}", kCacheKibibytes));
  db_.exec("PRAGMA temp_store=MEMORY");
}

std::int64_t Store::number_of(const char* sql) { return db_.execAndGet(sql).getInt64(); }

bool Store::check_owner() {
  const auto owner = number_of("PRAGMA application_id");
  if (owner == 0 && number_of("SELECT count(*) FROM sqlite_master") == 0) return true;
  if (owner != kApplicationId) throw SQLite::Exception(std::string("it is a database of another program"));
  const auto version = number_of("PRAGMA user_version");
  if (version == kSchemaVersion) return false;
  throw SQLite::Exception(fmt::format("it has schema version {}, this program reads {}", version, kSchemaVersion));
}

void Store::create_tables() {
  db_.exec("BEGIN IMMEDIATE");
  db_.exec(kTables);
  db_.exec(fmt::format("PRAGMA application_id={}", kApplicationId));
  db_.exec(fmt::format("PRAGMA user_version={}", kSchemaVersion));
  db_.exec("COMMIT");
}

SQLite::Statement& Store::statement(Sql id) {
  const auto index = static_cast<std::size_t>(id);
  if (!statements_[index]) statements_[index].emplace(db_, kTexts[index]);
  return *statements_[index];
}

Query& Query::text(std::string_view value) {
  std::string& copy = store_.scratch(bound_);
  copy.assign(value);
  statement_.bindNoCopy(++bound_, copy);
  return *this;
}

// SQLite takes a null pointer for NULL, so that an empty value needs an address.
Query& Query::blob(std::string_view value) {
  statement_.bindNoCopy(++bound_, value.empty() ? "" : value.data(), static_cast<int>(value.size()));
  return *this;
}

Query& Query::number(std::int64_t value) {
  statement_.bind(++bound_, value);
  return *this;
}

}  // namespace quickpay::ledger
