// What a core must do, computed from what was done to it and never from what the core says: which event a request, an
// answer or the clock is, which predicates hold, what the specification then demands, and what has to come out.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fuzz/core/calls.hpp"
#include "fuzz/core/exchanges.hpp"
#include "fuzz/core/mirror.hpp"
#include "reference/ledger/ledger.hpp"
#include "reference/roles/node.hpp"

namespace quickpay::fuzz {

/// One event at one record.
struct Turn {
  std::string key;
  const roles::AnyDocument* message = nullptr;  ///< the request or response that came
  Asked* asked = nullptr;                       ///< the request to be answered
  const PendingCall* call = nullptr;            ///< the call that was answered
  std::int64_t after_s = 0;
};

/// The oracle of one core. Tell it each input before the core gets it, then ask what is wrong with what came out.
class Oracle {
 public:
  /// `directory` is the core's own, and must outlive this object and its copies. `predicates` are those that holds()
  /// knows; one more in the machine is a finding.
  Oracle(const roles::NodeConfig& config, std::string_view machine, std::span<const std::string_view> predicates,
         const roles::Directory& directory);
  virtual ~Oracle() = default;
  virtual std::unique_ptr<Oracle> clone() const = 0;

  void request(std::int64_t now_ms, roles::ConnectionToken connection, std::string_view address, std::string_view path,
               std::string_view body);
  void call_result(std::int64_t now_ms, std::string_view msg_id, const roles::CallResult& result);
  void time(std::int64_t now_ms);
  void disconnect(roles::ConnectionToken connection) { exchanges_.disconnect(connection); }
  /// The core was lost with all that is not durable, and made anew.
  void restart(std::int64_t now_ms);
  /// A Broker's operator blocks a Paycard.
  virtual void block(std::string_view paycard, bool blocked) { static_cast<void>(paycard), static_cast<void>(blocked); }

  /// Compares everything that came out since the last time, and all that is kept; the first thing that is wrong.
  std::string check(const roles::Output& output, const roles::Node& node, ledger::Ledger& ledger);

  std::vector<roles::ConnectionToken> waiting() const { return exchanges_.waiting(); }
  std::optional<std::int64_t> next_due() const { return mirror_.next_due(); }

 protected:
  Oracle(const Oracle&) = default;

  // What the specification's names mean. Each says so if it does not know one.
  virtual std::string key_of(const roles::AnyDocument& request) const = 0;
  virtual bool holds(std::string_view predicate, const Turn& turn) = 0;
  virtual void perform(std::string_view action, const Turn& turn) = 0;
  virtual std::int64_t due(std::string_view timer, const Turn& turn) = 0;
  virtual NewCall call(std::string_view message, const Turn& turn) = 0;
  virtual void replied(std::string_view code, const Turn& turn) { static_cast<void>(code), static_cast<void>(turn); }

  // What only the core could choose is learned the first time it is seen, and must stay what it is.
  virtual void named(const std::string& key) { static_cast<void>(key); }
  virtual std::string check_call(const std::string& key, const roles::AnyDocument& request) = 0;
  virtual std::string check_ok(const Owed& owed, const roles::AnyDocument& response) = 0;
  virtual std::string check_kept(const roles::Node& node, ledger::Ledger& ledger) = 0;

  /// Something the oracle itself cannot do; a finding as well.
  void cannot(std::string what) { cannot_ = std::move(what); }

  const roles::NodeConfig config_;
  std::int64_t now_ms_ = 0;

 private:
  void fire_due(const std::string& key);
  void fire(const std::string& key, const std::string& timer);
  void run(Turn& turn, std::string_view event);
  void apply(const statemachines::EffectInfo& effect, Turn& turn);
  std::string_view event_of(std::string_view message, const Heard& heard) const;
  std::string check_calls(const roles::Output& output, ledger::Ledger& ledger);
  std::string check_answers(const roles::Output& output);
  std::string check_alarms(const roles::Output& output);
  std::string check_ports(ledger::Ledger& ledger) const;

  Mirror mirror_;
  Exchanges exchanges_;
  Calls calls_;
  std::vector<std::pair<std::string, std::string>> alarms_;  ///< record and event
  std::set<std::pair<std::string, std::string>> ports_;      ///< what was handed over, and the record
  std::string cannot_;
};

std::unique_ptr<Oracle> make_broker_oracle(const roles::NodeConfig& config, const roles::Directory& directory);
std::unique_ptr<Oracle> make_vendor_oracle(const roles::NodeConfig& config, const roles::Directory& directory);

}  // namespace quickpay::fuzz
