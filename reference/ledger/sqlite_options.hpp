// The switches of the SQLite ledger that only its own tests and benchmarks turn.
#pragma once

#include <memory>
#include <string>

#include "reference/ledger/ledger.hpp"

namespace quickpay::ledger {

/// How hard a commit tries to reach the disk. `off` loses acknowledged units when the power fails: it exists so that
/// tests can show that they would notice.
enum class Sync : unsigned char { full, off };

inline constexpr int kCheckpointPages = 1000;  ///< pages of log after which SQLite copies them into the database

struct SqliteOptions {
  std::string path;
  std::string vfs;
  Sync sync = Sync::full;
  int checkpoint_pages = kCheckpointPages;
};

/// As open_sqlite(path, vfs), which is this with the other members left alone.
Result<std::unique_ptr<Ledger>> open_sqlite_with(const SqliteOptions& options);

}  // namespace quickpay::ledger
