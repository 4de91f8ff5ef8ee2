// The words of settlement with a Vendor under test: it sells, is told to settle, and hears what Brokers and the Host say.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "conformance/suites/buyer.hpp"
#include "conformance/suites/define.hpp"

namespace quickpay::conformance {

class Merchant {
 public:
  explicit Merchant(Session& session) : session_(session), world_(session.world()) {}

  World& world() { return world_; }
  Peer* broker() { return world_.peer(world_.cast().broker); }
  Peer* host() { return world_.peer(world_.cast().host); }

  /// The Vendor sells and delivers; the OrderRef. `broker` empty: the first one pays.
  std::optional<Element> sells(std::size_t item = 0, const std::string& broker = {});
  /// One run of its batch job.
  IutResult<Outcome> settle();
  bool settled_something() { return accepted(settle()); }
  /// There was nothing to settle: it says so.
  bool nothing_to_settle();
  /// Sells, waits until a batch may begin, and settles.
  bool sells_and_settles();

  /// Waits for the n-th request (0 the first) with that message from `from` on, moving the clock where it stands still.
  std::optional<std::size_t> request(std::string_view message, std::size_t n = 0, std::size_t from = 0);
  /// The n-th different Claim or HostCase that it sent.
  std::optional<Element> object(std::string_view message, std::size_t n = 0);
  /// "SETTLED", … of the order; empty: it does not show its claims.
  std::string state_of(const Element& ref);
  bool shows_claims() const;

  // ---- what Brokers and the Host are made to say
  /// The Broker refuses every item with this code, once.
  void broker_refuses(const std::string& code);
  /// The Host says this of every item, once.
  void host_says(const std::string& decision, const std::string& code);
  /// The end of scripts.
  void calm();

 private:
  static bool accepted(const IutResult<Outcome>& outcome) { return outcome && outcome->kind == OutcomeKind::accepted; }
  Session& session_;
  World& world_;
};

/// A Settlement of the Broker that refuses every item of the Claim in `request` with this code, signed.
Element refusing_settlement(const World& world, const Element& request, const std::string& code);
/// Verdicts of the Host on every item of the HostCase in `request`, signed; with an Approval where it approves.
std::vector<Element> verdicts_on(const World& world, const Element& request, const std::string& decision, const std::string& code);
/// A Settlement with totals that are those of its lists, signed by its Broker.
Element summed_up(const World& world, Element settlement);

}  // namespace quickpay::conformance
