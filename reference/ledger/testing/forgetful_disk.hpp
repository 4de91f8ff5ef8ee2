// A disk for SQLite that keeps in memory what was written, forgets what was not synced when its power is cut, and lets
// a test choose the operation at which that happens.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace quickpay::ledger {

/// A file system for SQLite with the contents of all its files inside; registered under its own name while it lives,
/// so that several may exist. One thread. Every write, truncation, deletion and sync is one counted operation. When the
/// power is cut, the operation that was under way and every later one fail, until power_on. What was synced survives;
/// what was not is lost (seed 0) or survives as an arbitrary subset of 512-byte sectors, some of them torn (any other
/// seed; the same seed and operations give the same subset).
class ForgetfulDisk {
 public:
  explicit ForgetfulDisk(std::uint64_t seed = 0);
  ~ForgetfulDisk();
  ForgetfulDisk(const ForgetfulDisk&) = delete;
  ForgetfulDisk& operator=(const ForgetfulDisk&) = delete;

  /// Cuts the power at the n-th operation, counted from 1 at construction; an n that has passed cuts at the next
  /// operation, -1 never.
  void cut_at(int n);
  /// Operations so far, that at which the power was cut included.
  int writes() const;
  /// Syncs that succeeded so far.
  int syncs() const;
  bool power_is_cut() const;
  /// Settles what survived and lets new files be opened; files opened before stay dead. Without a cut before it, this
  /// is a cut between two operations. No further cut is planned afterwards.
  void power_on();
  /// What to give to open_sqlite as `vfs`.
  std::string vfs_name() const;

  struct Impl;

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace quickpay::ledger
