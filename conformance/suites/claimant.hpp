// The words of settlement: Claims and HostCases as a Vendor of the suite writes and signs them, and what Brokers and the
// Host sign for it.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "conformance/suites/define.hpp"
#include "conformance/suites/registrar.hpp"

namespace quickpay::conformance {

/// An order with the id of its commitment.
struct Claimable {
  Element ref;
  std::string commit_id;
};

/// What the Broker says of one order in a Settlement that the suite writes.
struct Denial {
  Element ref;
  std::string code;
};

class Claimant {
 public:
  explicit Claimant(Session& session) : session_(session), world_(session.world()) {}

  World& world() { return world_; }

  // ---- a Broker is under test
  /// An order that the Broker under test has endorsed and committed. Nothing: refusal() says why.
  std::optional<Claimable> committed(std::int64_t amount = 125);
  /// An order that it has endorsed only, with a CommitId that nobody gave.
  std::optional<Claimable> endorsed(std::int64_t amount = 125);
  /// An order that nobody has heard of.
  Claimable invented(std::int64_t amount = 125);
  const std::string& refusal() const { return refusal_; }

  /// The Claim of the first Vendor for these items, sorted, with its totals, not signed.
  Element claim(std::vector<Claimable> items, std::vector<Element> approvals = {});
  /// The Host's signed word that these orders are payable.
  Element approval(const std::vector<Claimable>& items);
  Sending claiming(Element signed_claim);
  /// Signs the Claim for its Vendor and sends it.
  Reply settle(const Element& claim);
  /// A committed order, claimed alone; true: it was accepted.
  bool settles();
  /// A committed order after its SettleBy.
  std::optional<Claimable> expired();

  // ---- the Host is under test
  /// The HostCase of the first Vendor for these orders, sorted, without what shows that the Broker came first.
  Element host_case(const std::vector<PaidOrder>& orders);
  /// A signed Settlement of the order's Broker that refuses these orders.
  Element settlement(const PaidOrder& of, const std::vector<Denial>& refused);
  /// The Vendor's word that it tried often and long enough until now.
  Element unreachable();
  /// What a HostReceipt of the order says, without its Mac.
  Element receipt(const PaidOrder& of);
  /// Ends a HostReceipt with the Mac of Host and Vendor, over what it says now.
  void seal(Element& receipt, const PaidOrder& of);
  /// Puts an object into a HostCase where it belongs.
  static void add(Element& host_case, Element object);
  Sending bringing(Element signed_case);
  /// Signs the case for its Vendor and sends it.
  Reply bring(const Element& host_case);
  /// An order that all three registered and the Broker refuses to know: the Host approves it. True: it did.
  bool wins();

  /// Signs a Claim or HostCase for the Vendor that it names.
  Element signed_by_vendor(Element object);

 private:
  Session& session_;
  World& world_;
  std::string refusal_;
};

/// The entry of a Settlement for an order, "accepted" or the code of its refusal; "" if there is none.
std::string word_on(const Reply& reply, const Claimable& item);
/// What that entry is to who claims the order: accepted, or refused with its code.
Reaction reaction_on(Session& session, const Reply& reply, const Claimable& item);
/// The first Verdict of an answer, "approve QP-OK"; "" if there is none.
std::string verdict_of(const Reply& reply, std::size_t position = 0);
/// The player under test is suspended for so many seconds. False: it, or the clock, cannot do that.
bool suspended_for(Session& session, std::int64_t seconds);
/// The requests of a role about settlement need keys; without them nothing is reached.
bool lacks_keys(Session& session);

}  // namespace quickpay::conformance
