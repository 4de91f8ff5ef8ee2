// The audit of a Host's ledger: its log is replayed, and everything that it says became of the cases is computed again.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "reference/ledger/ledger.hpp"
#include "reference/roles/config.hpp"

namespace quickpay::roles {

/// The first thing that does not follow.
struct AuditFinding {
  std::string where;  ///< "entry 17 of the log", or "host.case V1001/…"
  std::string what;   ///< one sentence
};

/// What an audit saw.
struct AuditReport {
  std::int64_t entries = 0;  ///< of the log
  std::int64_t inputs = 0;   ///< replayed
  std::int64_t records = 0;  ///< compared with what the replay came to
  std::string chain;         ///< of the last entry; an operator who keeps it elsewhere knows later that nothing was cut off
  std::optional<AuditFinding> finding;
};

/// Hears now and then how many entries were replayed.
using AuditProgress = std::function<void(std::int64_t entries)>;

/// What an auditor brings along.
struct AuditOptions {
  std::string chain;  ///< of some earlier entry or the last one: it has to occur; empty: none
  std::vector<SharedKeyConfig> shared_keys;  ///< of the Host, to check the receipts that claims carry (profile H)
  AuditProgress progress;
};

/// Audits `ledger`, which is only read. `scratch` is an empty ledger for the replay. First the chain: every entry is
/// there, in its place, and unchanged. Then the decisions: the logged inputs are given to a Host that follows the rules,
/// at the logged times and with what the directory said then, and it has to log the same. Last the records of all cases, which have to be those
/// that the replay came to, but for the Host's own signatures. Inputs themselves are taken as they stand; what the chain
/// proves of them is that nobody changed one without changing all that follow. Error: a ledger failed, or receipts have to
/// be checked and there are no keys.
ledger::Result<AuditReport> audit_host(ledger::Ledger& ledger, ledger::Ledger& scratch, const AuditOptions& options = {});

}  // namespace quickpay::roles
