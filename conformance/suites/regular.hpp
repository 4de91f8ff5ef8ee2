// The words of regular payment, whoever is under test: orders, commitments and receipts that the suite makes and signs.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "conformance/suites/buyer.hpp"
#include "conformance/suites/claimant.hpp"
#include "conformance/suites/define.hpp"
#include "conformance/suites/payer.hpp"
#include "reference/codec/generated/protocol.hpp"

namespace quickpay::conformance {

/// A regular order with what its Broker promised; the receipt has no name where there is none.
struct Promised {
  Element ref;
  Element commitment;
  Element receipt;
  std::string commit_id;  ///< also where the Commitment was taken away
};

class RegularTrade {
 public:
  explicit RegularTrade(Session& session) : session_(session), world_(session.world()) {}

  World& world() { return world_; }
  /// The last refusal, for reports.
  const std::string& refusal() const { return refusal_; }

  // ---- what the suite makes itself
  /// An OrderRef of the first Vendor.
  Element order(std::int64_t amount = 125);
  /// A Commitment of that Broker (empty: the first) to the order, not signed, to be claimed `claim_by` seconds from now.
  Element commitment(const Element& ref, const std::string& broker = {}, std::int64_t claim_by = protocol::T_claim_default);
  /// Signs what the Broker of the Commitment, or the Vendor of the Receipt, has said.
  Element by_broker(Element commitment);
  Element by_vendor(Element receipt);
  /// The Vendor's Receipt for the order on that Commitment, not signed.
  Element receipt(const Element& commitment);
  /// A request of regular payment.
  Sending request(const std::string& from, std::string_view message, std::vector<Element> body);

  // ---- the Vendor is under test
  Sending get_order(std::size_t item = 0, std::string* secret = nullptr, std::int64_t quantity = 1);
  std::optional<Offer> offer(std::size_t item = 0, std::int64_t quantity = 1);
  /// A right request for the receipt of that offer on this Commitment.
  Sending delivery(const Offer& offer, const Element& commitment);
  /// An offer with a Commitment of that Broker (empty: the first).
  struct Ready {
    Offer offer;
    Element commitment;
  };
  std::optional<Ready> ready(std::size_t item = 0, const std::string& broker = {});
  /// A whole purchase; the reply is that to RequestOrderDelivery.
  Reply buy(std::size_t item = 0);
  bool buys() { return buy().ok(); }

  // ---- the Broker is under test
  Sending inquiry(const Element& ref, const PaycardPlan* card = nullptr);
  /// A new order that the Broker committed to.
  std::optional<Promised> committed(std::int64_t amount = 125);
  bool pays() { return committed().has_value(); }
  /// An order that the Broker never saw, with a Commitment that it might have signed before it lost its records; nothing:
  /// the suite does not have its key.
  std::optional<Promised> forgotten(std::int64_t amount = 125);
  /// A signed Claim of these orders with their Commitments.
  Element claim(const std::vector<Promised>& orders, std::vector<Element> approvals = {});
  Reply settle(const std::vector<Promised>& orders);

  // ---- the Host is under test
  /// An order that was committed and accepted, signed by both.
  Promised paid(std::int64_t amount = 125);
  /// `wallet` empty: the first one registers.
  Sending notice(const Promised& paid, bool with_receipt = true, const std::string& wallet = {});
  bool registers() { return world_.send(notice(paid())).ok(); }
  /// A HostCase of the first Vendor about the order, which the Broker refused with this code, not signed.
  Element host_case(const Promised& paid, const std::string& code);

 private:
  /// A new order with a Commitment that the suite signs for its Broker.
  Promised promised(std::int64_t amount);

  Session& session_;
  World& world_;
  std::string refusal_;
};

/// Regular orders are settled by the protocol settlement. True: the scenario about it ends here, since the implementation does not
/// claim that protocol (`instead` gives the judges something to judge), or the fixture has no keys.
bool not_settled_here(Session& session, const std::string& check, const std::function<void()>& instead);

/// What the settlement of the order is called in claims.
Claimable claimable(const Promised& order);

}  // namespace quickpay::conformance
