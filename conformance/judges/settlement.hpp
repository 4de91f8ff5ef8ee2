// Judge of the protocol settlement: whatever an implementation claims, signs and decides in a session follows from its
// machines, adds up, and pays no order twice.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "conformance/judges/exchanges.hpp"
#include "conformance/judges/judge.hpp"
#include "conformance/judges/machine_monitor.hpp"

namespace quickpay::conformance {

/// Hands what concerns settlement, and what else rests on keys, to the books of one role.
class SettlementJudge : public Judge {
 public:
  explicit SettlementJudge(std::shared_ptr<const Exchanges> exchanges, std::string name = "settlement");
  void on_entry(World& world, std::size_t entry) final;

 protected:
  struct Seen {
    World& world;
    std::size_t index;
    const Entry& entry;
    const Facts& facts;
    const Element& document;
    const Element& asked;  ///< answers: the request
    std::string code;      ///< answers
  };
  virtual void iut_asks(const Seen&) {}         ///< a valid request of the implementation, first time or retry
  virtual void iut_answers(const Seen&) {}      ///< a valid answer of it to a request that passed the common steps
  virtual void iut_is_answered(const Seen&) {}  ///< an answer that counts arrives at it, or nothing: then `code` is empty
  virtual void iut_is_asked(const Seen&) {}     ///< a request that passes the common steps arrives at it
  void wrong(const Seen& seen, std::string expected, std::string got, Reason reason = Reason::wrong_message);
  const Exchanges& exchanges() const { return *exchanges_; }

 private:
  std::shared_ptr<const Exchanges> exchanges_;
};

/// The books of the Broker, the Vendor or the Host; of a Wallet, which takes no part, nothing is judged.
std::shared_ptr<SettlementJudge> make_settlement_judge(std::shared_ptr<const Exchanges> exchanges, std::string_view role);

/// Follows the machine that answers batches or cases: which of its codes are right for a request follows from the wire.
class BatchMonitor {
 public:
  /// `machine`: "broker.batch" or "host.hearing".
  explicit BatchMonitor(std::string_view machine);
  /// The request `document` arrived in that exchange.
  void asked(const World& world, std::uint64_t exchange, const Element& document);
  /// What is wrong with the answer `code`: what was allowed instead; empty: nothing.
  std::string answered(std::uint64_t exchange, const std::string& code, bool stored);

 private:
  struct Batch {
    std::unique_ptr<MachineMonitor> monitor;
    std::set<std::string> known;  ///< canonical bytes that were answered with QP-OK
  };
  struct Open {
    std::string key;
    std::string canonical;
    InputId input = 0;
  };
  KnownBits bits(const World& world, const Element& document, const Batch& batch) const;

  std::unique_ptr<MonitoredMachine> machine_;
  std::map<std::string, Batch> batches_;
  std::map<std::uint64_t, Open> open_;
};

}  // namespace quickpay::conformance
