// The words of the Vendor's suite: a buyer with its Broker, step by step.
#pragma once

#include <optional>
#include <string>

#include "conformance/suites/define.hpp"

namespace quickpay::conformance {

/// An offer of the Vendor under test.
struct Offer {
  Reply reply;
  std::string secret;  ///< BuyerSecret
  Element order;
  Element ref;        ///< the OrderRef that follows from the order
  std::string state;  ///< VendorState, if there is one

  /// Takes the answer to GetOrder; whether there is an order in it.
  bool take(Reply answer);
};

/// Buys at the Vendor under test. `item` is the position among its goods.
class Buyer {
 public:
  explicit Buyer(Session& session) : session_(session), world_(session.world()) {}

  World& world() { return world_; }
  const ItemPlan* item(std::size_t position) const;
  /// The request alone; `secret` receives the BuyerSecret.
  Sending get_order(std::size_t item = 0, std::string* secret = nullptr);
  /// Asks for an order. Nothing: it was not offered; refusal() says why.
  std::optional<Offer> offer(std::size_t item = 0);
  /// Has the order endorsed by that Broker (empty: the first), as its player does by itself.
  std::optional<Element> endorse(const Offer& offer, const std::string& broker = {});
  Sending delivery(const Offer& offer, const Element& endorsement);
  /// The whole purchase; the reply is that to RequestOrderDelivery.
  Reply buy(std::size_t item = 0);
  bool buys() { return buy().ok(); }

  /// An offer and its endorsement: where most scenarios begin.
  struct Ready {
    Offer offer;
    Element endorsement;
  };
  std::optional<Ready> ready(std::size_t item = 0, const std::string& broker = {});
  /// Sends the delivery request of `ready`.
  Reply ask(const Ready& ready, const std::string& mutation = {});
  Pending begin(const Ready& ready);
  Peer* broker(const std::string& id = {});
  /// The last refusal, for reports.
  const std::string& refusal() const { return refusal_; }

 private:
  Session& session_;
  World& world_;
  std::string refusal_;
};

/// The goods of an answer; nothing if they are not inline or not base64.
std::optional<std::string> goods_of(const Element& answer);

}  // namespace quickpay::conformance
