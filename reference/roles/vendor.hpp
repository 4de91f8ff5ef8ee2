// The Vendor: offers, asks the Broker, delivers, tells the Host.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "reference/roles/parts.hpp"
#include "reference/roles/role.hpp"
#include "reference/roles/shop.hpp"

namespace quickpay::roles {

inline constexpr std::string_view kTicketMachine = "ticket";      ///< records that lead from a ticket to an order
inline constexpr std::size_t kMaxInlineGoods = 36 * 1024;  ///< bytes of goods that fit into an answer
inline constexpr int kMaxIdTries = 8;                      ///< tries for an OrderId that was never used

/// The machine vendor.order.
class VendorOrder : public Actor {
 public:
  VendorOrder(Machine machine, Stage& stage) : Actor(std::move(machine), stage), shop_(stage.facts, stage.store) {}

  bool holds(std::uint8_t predicate, const Turn& turn) override;
  void apply(statemachines::EffectId effect, Turn& turn) override;
  void fill(const ledger::Record& record, const AnyDocument* request, AnyDocument& response) override;

 private:
  using GetOrder = msg::micro::GetOrder;
  using Delivery = msg::micro::RequestOrderDelivery;

  bool order_matches(const Turn& turn) const;
  bool same_endorsement(const Turn& turn) const;
  bool key_at_hand(std::string_view broker) const;
  bool receipt_wanted(const ledger::Record& record) const;
  bool receipt_missing(const Turn& turn) const;
  std::optional<msg::HostReceipt> right_receipt(const Turn& turn) const;
  bool redeliver_over(const Turn& turn) const;

  void create_offer(Turn& turn);
  void store_endorsement(Turn& turn);
  void drop_endorsement(Turn& turn);
  void store_commit(Turn& turn);
  void mark_delivered(Turn& turn);
  void send_check_commit(Turn& turn);
  void send_register_delivery(Turn& turn);
  void start_expires(Turn& turn);
  void start_redeliver(Turn& turn);

  void fill_offer(const ledger::Record& record, msg::micro::GetOrderResponse& response) const;
  void fill_goods(const ledger::Record& record, msg::micro::RequestOrderDeliveryResponse& response) const;

  Shop shop_;
};

class VendorRole : public Role {
 public:
  VendorRole(Stage& stage, const Parts& parts);
  void on_request(Request& request) override;
  /// The goods behind a ticket, while they are delivered.
  std::optional<Goods> redeem(std::string_view ticket) const;
  VendorClaims& claims() { return *claims_; }
  VendorRevokes& revokes() { return *revokes_; }
  OwnKeys* keys() override { return keys_.get(); }
  OwnRegistration* own_registration() override { return registration_.get(); }

 private:
  Stage& stage_;
  VendorOrder orders_;
  std::unique_ptr<Part> sales_;
  std::unique_ptr<VendorRevokes> revokes_;
  std::unique_ptr<VendorClaims> claims_;
  std::unique_ptr<OwnKeys> keys_;
  std::unique_ptr<OwnRegistration> registration_;
};

/// Serves a GetOrder at a blank record of `actor` under a new OrderId: 128 random bits, so that orders of another Kind
/// have other ones (QP-ADD-23).
void serve_new_order(Stage& stage, Actor& actor, msg::Kind kind, Request& request);

}  // namespace quickpay::roles
