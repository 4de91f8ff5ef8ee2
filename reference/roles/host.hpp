// The Host: a passive watcher that records what Broker, Vendor and Wallet register.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "reference/roles/fees.hpp"
#include "reference/roles/host_log.hpp"
#include "reference/roles/members.hpp"
#include "reference/roles/parts.hpp"
#include "reference/roles/role.hpp"
#include "reference/roles/suspensions.hpp"

namespace quickpay::roles {

inline constexpr std::string_view kCounterMachine = "counter";        ///< record "case": the last CaseNo
inline constexpr std::string_view kGroupMachine = "case.group";       ///< first OrderRef seen of (Vendor, OrderId, Broker)

/// The machine host.case.
class HostCase : public Actor {
 public:
  /// `fees` outlives the object: commitments are charged for there.
  HostCase(Machine machine, Stage& stage, Fees& fees)
      : Actor(std::move(machine), stage), suspensions_(stage.facts, stage.store), fees_(fees) {}

  bool holds(std::uint8_t predicate, const Turn& turn) override;
  void apply(statemachines::EffectId effect, Turn& turn) override;
  void fill(const ledger::Record& record, const AnyDocument* request, AnyDocument& response) override;
  std::string port_key(std::string_view port, const Turn& turn) override;

  /// Whether T_register of the case is not over; the first registration is in time (QP-ADD-06).
  bool in_time(const ledger::Record& record);

 private:
  void open_case(Turn& turn);
  void register_commit(Turn& turn);
  void register_delivery(Turn& turn);
  std::optional<msg::HostReceipt> receipt(const ledger::Record& record) const;

  Suspensions suspensions_;
  Fees& fees_;
};

/// The machine host.statement.
class HostStatement : public Actor {
 public:
  HostStatement(Machine machine, Stage& stage, HostCase& cases) : Actor(std::move(machine), stage), cases_(cases) {}

  bool holds(std::uint8_t predicate, const Turn& turn) override;
  void apply(statemachines::EffectId effect, Turn& turn) override;
  void fill(const ledger::Record& record, const AnyDocument* request, AnyDocument& response) override;

 private:
  std::optional<ledger::Record> case_of(const std::string& key);
  void store(Turn& turn, const std::string& what);

  HostCase& cases_;
};

class HostRole : public Role {
 public:
  HostRole(Stage& stage, const Parts& parts);
  void on_request(Request& request) override;
  Suspensions& suspensions() { return suspensions_; }
  bool suspended() { return suspensions_.suspended(); }
  void suspend();
  void resume();
  HostLog& log() { return log_; }
  Members& members() { return members_; }
  std::optional<std::string> own_entry() { return entries_->own_entry(); }

 private:
  Stage& stage_;
  HostLog log_;
  Suspensions suspensions_;
  Members members_;
  std::unique_ptr<HostMail> mail_;
  std::unique_ptr<HostRevokes> revokes_;
  Fees fees_;
  HostCase cases_;
  HostStatement statements_;
  std::unique_ptr<HostPurchases> purchases_;
  std::unique_ptr<HostEntries> entries_;
  std::unique_ptr<Part> registrar_;
  std::unique_ptr<Part> keys_;
  std::unique_ptr<HostHearings> hearings_;
};

/// The key of a case: registrations whose OrderRef differs in any field are a case of their own.
std::string case_key(const msg::OrderRef& ref, std::string_view broker);

/// Whether the id was ever issued to a player of this role.
bool issued(const Directory& directory, std::string_view id, std::string_view role);

/// The next CaseNo of this Host.
std::int64_t next_case_no(Store& store);

}  // namespace quickpay::roles
