// All four roles as daemons in one io_context, on loopback addresses of their own.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "reference/daemon/daemon.hpp"

namespace quickpay::daemon::tests {

inline constexpr const char* kWallet = "W0123456789abcdef0123456789abcdef";
inline constexpr std::int64_t kNow = 1795348800000;  ///< 2026-11-22T12:00:00Z

/// One player with what it stands on; its ledger outlives its daemon.
struct Place {
  DaemonConfig config;
  std::string address;
  std::unique_ptr<ledger::Ledger> ledger;
  std::unique_ptr<crypto::SeededRandom> random;
  std::unique_ptr<Daemon> daemon;
  std::vector<roles::UserEvent> events;
  std::vector<roles::TraceLine> trace;
  bool trace_fails = false;
  std::vector<LogLine> log;
  std::string failure;
};

/// W, V1001, B7 and H1 with one item and one paycard, ready to trade.
class World {
 public:
  /// `change` may change the configuration of each player, by role, before anybody starts.
  explicit World(const std::function<void(const std::string& role, DaemonConfig&)>& change = {});
  ~World();

  Place& at(const std::string& role) { return places_.at(role); }
  /// Starts or restarts one player on its ledger.
  void start(const std::string& role);
  void stop(const std::string& role) { at(role).daemon.reset(); }
  /// Runs until the condition holds; false after a generous while.
  bool until(const std::function<bool()>& condition);
  /// Runs until nobody is busy.
  bool settle();
  /// Moves the clock of everybody, and lets happen what is due.
  void advance(std::int64_t ms);
  /// Moves the clock in steps until the Wallet's order is in this state; false if it does not get there.
  bool advance_until(const std::string& wallet_state);
  /// The order of a purchase that is confirmed as offered; empty if no offer came.
  std::string buy();
  /// State of the first record of a machine, empty if there is none.
  std::string state_of(const std::string& role, const std::string& machine);

  boost::asio::io_context io;
  ManualClock clock{kNow};
  roles::TableDirectory directory;

 private:
  std::map<std::string, Place> places_;
};

}  // namespace quickpay::daemon::tests
