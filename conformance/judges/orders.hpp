// Judge (b), the wire monitor: can the machines of the specification explain what the implementation sends?
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "conformance/judges/exchanges.hpp"
#include "conformance/judges/judge.hpp"
#include "conformance/judges/machine_monitor.hpp"
#include "conformance/judges/order_facts.hpp"

namespace quickpay::conformance {

/// One machine instance for each order of the implementation's role (a Host: for each case).
class OrdersJudge final : public Judge {
 public:
  OrdersJudge(std::shared_ptr<const Exchanges> exchanges, std::string_view role);
  void on_entry(World& world, std::size_t entry) override;

 private:
  void begin(World& world) override;
  struct Order {
    std::unique_ptr<MachineMonitor> monitor;
    OrderFactsSeen seen;
    std::int64_t expires_ms = -1;
  };
  struct Open {  ///< a request to the implementation that a machine may be answering
    std::string key;
    InputId input = 0;
  };

  void to_iut(const Entry& entry, const Facts& facts);
  void answer_of_iut(World& world, std::size_t index, const Entry& entry, const Facts& facts);
  void created_offer(World& world, std::size_t index, const Facts& facts);
  void sent_by_iut(World& world, std::size_t index, const Entry& entry, const Facts& facts);
  void answer_to_iut(World& world, std::size_t index, const Entry& entry, const Facts& facts);
  void note_offer(const std::string& old_key, const Facts& facts, const Facts& asked);
  static void note_endorsement(Order& order, const Facts& facts);
  void complain(World& world, std::size_t index, Order& order, const std::string& got, Reason reason);
  Order& order_of(const std::string& key);
  static bool hidden_possible(const World& world, const Order& order, const statemachines::EventInfo& event);
  std::string key_of(std::string_view message, const Element& document) const;

  std::shared_ptr<const Exchanges> exchanges_;
  std::string role_;
  std::unique_ptr<MonitoredMachine> machine_;
  const World* world_ = nullptr;                ///< of the session that is open
  std::map<std::string, Order> orders_;
  std::map<std::uint64_t, Open> open_;          ///< by exchange
  std::map<std::string, std::string> calls_;    ///< MsgId of the implementation's requests → order
  std::set<std::string> offers_;                ///< Vendor: answers to GetOrder that were seen
  std::map<std::string, std::string> renamed_;  ///< Wallet: MsgId of GetOrder → order
};

/// The machine that a role runs for each order, or null.
const statemachines::MachineTable* machine_of_role(std::string_view role);

}  // namespace quickpay::conformance
