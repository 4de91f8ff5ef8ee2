// Judge of the protocol regular: whatever an implementation offers, promises, accepts and registers of regular orders
// follows from its machines, rests on right signatures, and happens once.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "conformance/judges/exchanges.hpp"
#include "conformance/judges/judge.hpp"
#include "conformance/judges/machine_monitor.hpp"
#include "conformance/judges/order_facts.hpp"

namespace quickpay::conformance {

/// What is wrong with a Commitment as the one of `broker` to the order: one English phrase; nothing if all is right.
std::optional<std::string> fault_of_commitment(const WorldPlan& plan, std::string_view broker, const Element& ref,
                                               const Element& commitment);
/// What is wrong with a Receipt as the Vendor's word that it accepted the order on that Commitment.
std::optional<std::string> fault_of_receipt(const WorldPlan& plan, const Element& commitment, const Element& receipt);

class RegularJudge final : public Judge {
 public:
  RegularJudge(std::shared_ptr<const Exchanges> exchanges, std::string_view role);
  void on_entry(World& world, std::size_t entry) override;

 private:
  /// What is known of one order, or, at a Host, of one Wallet's case.
  struct Order {
    std::unique_ptr<MachineMonitor> monitor;
    OrderFactsSeen seen;    ///< of it: the order as it was offered, and the inquiries
    Element commitment;     ///< the only one there may be
    Element receipt;        ///< likewise
    std::string case_no;
  };
  struct Open {
    std::string key;
    InputId input = 0;
  };
  /// One message with what it answers.
  struct Seen {
    World& world;
    std::size_t index;
    const Entry& entry;
    const Facts& facts;
    const Facts& asked;  ///< answers: of the request; else `facts`
    std::string message;  ///< "GetOrder"
    std::string code;     ///< answers
  };

  void begin(World& world) override;
  std::string key_of(const Element& request) const;
  Order& order_of(const std::string& key);
  KnownBits bits_of(const Seen& seen, const Element& request, const Order& order) const;
  KnownBits bits_of_answer(const Seen& seen, const std::string& key) const;
  void iut_is_asked(const Seen& seen);
  void iut_answers(const Seen& seen);
  void iut_asks(const Seen& seen);
  void iut_is_answered(const Seen& seen);
  void offered(const Seen& seen);
  void promised(const Seen& seen, Order& order);
  void accepted(const Seen& seen, Order& order);
  void registered(const Seen& seen, Order& order);
  void only_one(const Seen& seen, const char* what, Element& kept, const Element& now);
  void complain(const Seen& seen, Order& order, const std::string& got, Reason reason);
  void wrong(const Seen& seen, std::string expected, std::string got, Reason reason = Reason::wrong_message);

  std::shared_ptr<const Exchanges> exchanges_;
  std::string role_;
  std::unique_ptr<MonitoredMachine> machine_;
  World* world_ = nullptr;
  std::map<std::string, Order> orders_;
  std::map<std::uint64_t, Open> open_;
  std::map<std::string, std::string> calls_;  ///< MsgId of a request of the implementation → order
};

}  // namespace quickpay::conformance
