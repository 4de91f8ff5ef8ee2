// What the names of vendor.order mean, told from the requests and answers themselves.
#include <algorithm>
#include <map>
#include <set>

#include "fuzz/core/oracle.hpp"
#include "fuzz/core/when.hpp"
#include "reference/codec/generated/protocol.hpp"
#include "reference/crypto/encoding.hpp"
#include "reference/crypto/hash.hpp"
#include "reference/sim/invariants.hpp"

namespace quickpay::fuzz {
namespace {

namespace micro = msg::micro;
using roles::as;

constexpr std::string_view kPredicates[] = {"item_known",      "broker_refused",       "order_matches",
                                            "broker_accepted", "broker_entry_at_hand", "same_endorsement",
                                            "receipt_missing", "redeliver_over"};

/// One order as far as the Vendor must know it.
struct Order {
  roles::ItemConfig item;
  msg::Order terms;  ///< all but what the core chose: OrderId and ItemHash
  msg::OrderRef ref;
  std::int64_t expires_ms = 0;
  std::optional<msg::Endorsement> endorsement;  ///< being checked, or checked
  std::optional<std::int64_t> check_opened_ms;
  std::string commit_id;
  std::string delivery_id, delivered_at;
  std::string ticket, valid_to;
  std::int64_t ticket_over_ms = 0;
};

class VendorOracle : public Oracle {
 public:
  VendorOracle(const roles::NodeConfig& config, const roles::Directory& directory)
      : Oracle(config, "vendor.order", kPredicates, directory), directory_(&directory) {}
  std::unique_ptr<Oracle> clone() const override { return std::make_unique<VendorOracle>(*this); }

 private:
  using GetOrder = micro::GetOrder;
  using Delivery = micro::RequestOrderDelivery;

  std::string key_of(const roles::AnyDocument& request) const override {
    const auto* wanted = as<Delivery>(&request);
    if (!wanted) return std::string(kNewRecord);
    const msg::OrderRef& ref = wanted->body.endorsement.order_ref;
    return "micro/" + ref.vendor + "/" + ref.order_id;
  }

  /// The order of a record; null while there is none or it has expired.
  Order* order(const std::string& key) {
    const auto at = orders_.find(key);
    return at == orders_.end() ? nullptr : &at->second;
  }

  const roles::ItemConfig* item(std::string_view id) const {
    for (const roles::ItemConfig& sold : config_.items) {
      if (sold.item == id) return &sold;
    }
    return nullptr;
  }

  /// What the directory cannot say now is not held against a Broker.
  bool accepts(const std::string& broker) const {
    const auto& chosen = config_.brokers_accepted;
    const roles::Lookup found = directory_->find(broker);
    if (std::find(chosen.begin(), chosen.end(), broker) == chosen.end()) return false;
    if (found.found == roles::Found::known) return found.player->role == "broker" && found.player->accepted;
    return found.found == roles::Found::unavailable;
  }

  bool holds(std::string_view predicate, const Turn& turn) override {
    if (const auto* asked = as<GetOrder>(turn.message)) return of_question(predicate, *asked);
    if (const auto* wanted = as<Delivery>(turn.message)) return of_delivery(predicate, *wanted, order(turn.key));
    if (predicate != "receipt_missing") return false;
    return receipt_missing(order(turn.key));
  }

  bool of_question(std::string_view predicate, const GetOrder& asked) const {
    if (predicate == "item_known") return item(asked.body.item) != nullptr;
    if (predicate == "broker_refused") return asked.body.broker && !accepts(*asked.body.broker);
    return false;
  }

  bool of_delivery(std::string_view predicate, const Delivery& wanted, const Order* order) {
    const msg::Endorsement& brought = wanted.body.endorsement;
    const bool accepted = accepts(brought.broker);
    if (predicate == "broker_accepted") return accepted;
    if (predicate == "broker_entry_at_hand")
      return accepted && directory_->find(brought.broker).found == roles::Found::known;
    if (predicate == "order_matches") return order && order_matches(*order, wanted);
    if (predicate == "same_endorsement") return order && order->endorsement == brought;
    if (predicate == "receipt_missing") return receipt_missing(order);
    if (predicate == "redeliver_over") return order && redeliver_over(*order);
    return false;
  }

  static bool order_matches(const Order& order, const Delivery& wanted) {
    if (order.ref != wanted.body.endorsement.order_ref) return false;
    if (!wanted.body.buyer_secret) return true;
    const msg::Buyer buyer{*wanted.body.buyer_secret};
    return order.terms.buyer_tag == crypto::digest("buyer", "Buyer", msg::kBuyerType, &buyer);
  }
  bool receipt_missing(const Order* order) const { return order && order->ref.amount >= *config_.receipt_from; }
  bool redeliver_over(const Order& order) const {
    return order.check_opened_ms && now_ms_ > *order.check_opened_ms + protocol::T_redeliver_default * kSecond;
  }

  void perform(std::string_view action, const Turn& turn) override {
    if (action == "forget-offer") return static_cast<void>(orders_.erase(turn.key));
    Order& order = orders_[turn.key];
    if (action == "create-offer") return create(order, *as<GetOrder>(turn.message));
    if (action == "store-endorsement") {
      order.endorsement = as<Delivery>(turn.message)->body.endorsement;
    } else if (action == "drop-endorsement") {
      order.endorsement.reset();
      order.check_opened_ms.reset();
      committed_.erase(turn.key);
    } else if (action == "store-commit") {
      order.commit_id = as<micro::CheckCommitResponse>(turn.message)->body.commit_id.value_or("");
      committed_.insert(turn.key);
    } else if (action == "mark-delivered") {
      order.delivered_at = spell(now_ms_);
      order.valid_to = spell(now_ms_ + protocol::T_redeliver_default * kSecond);
      order.ticket_over_ms = over_after(now_ms_ + protocol::T_redeliver_default * kSecond);
    } else {
      cannot("no oracle for " + std::string(action));
    }
  }

  void create(Order& order, const GetOrder& asked) {
    order.item = *item(asked.body.item);
    order.expires_ms = second_of(now_ms_ + protocol::T_order_default * kSecond);
    order.terms.kind = asked.body.kind;
    order.terms.vendor = config_.id;
    order.terms.amount = order.item.amount;
    order.terms.currency = order.item.currency;
    order.terms.created = spell(now_ms_);
    order.terms.expires = spell(order.expires_ms);
    order.terms.buyer_tag = asked.body.buyer_tag;
    if (order.item.content_hash) order.terms.content_hash = crypto::sha256_hex(order.item.data);
  }

  std::int64_t due(std::string_view timer, const Turn& turn) override {
    Order& order = orders_[turn.key];
    if (timer == "Expires") return over_after(order.expires_ms);
    if (timer != "T_redeliver") cannot("no oracle for the timer " + std::string(timer));
    order.check_opened_ms = now_ms_;
    return now_ms_ + protocol::T_redeliver_default * kSecond + 1;  // as soon as more than the span has passed
  }

  NewCall call(std::string_view message, const Turn& turn) override {
    const Order& order = orders_[turn.key];
    const std::string id(message);
    if (id == "CheckCommit") {
      return {turn.key, id, order.endorsement->broker, false, protocol::T_call_check_default * kSecond, 0};
    }
    if (id != "RegisterDelivery") cannot("no oracle for the call " + id);
    return {
        turn.key, id, "H1", true, protocol::T_call_default * kSecond, now_ms_ + protocol::T_settle_default * kSecond};
  }

  void named(const std::string& key) override {
    auto moved = orders_.extract(std::string(kNewRecord));
    if (!moved) return;
    moved.key() = key;
    orders_.insert(std::move(moved));
    born_ = key;
  }

  std::string check_call(const std::string& key, const roles::AnyDocument& request) override {
    Order& order = orders_[key];
    if (!order.endorsement) return "there is no Endorsement";
    if (const auto* check = as<micro::CheckCommit>(&request)) {
      const bool right =
          check->body.order_ref == order.ref && check->body.endorsement_id == order.endorsement->endorsement_id;
      return right ? "" : "it is not about the Vendor's own copy of the order";
    }
    const auto* notice = as<micro::RegisterDelivery>(&request);
    if (!notice) return "another message";
    if (order.delivery_id.empty()) order.delivery_id = notice->body.delivery_id;
    const bool right = notice->body.order_ref == order.ref && notice->body.broker == order.endorsement->broker &&
                       notice->body.commit_id == order.commit_id && notice->body.delivery_id == order.delivery_id &&
                       notice->body.delivered_at == order.delivered_at;
    return right ? "" : "it does not say what was delivered";
  }

  std::string check_ok(const Owed& owed, const roles::AnyDocument& response) override {
    if (const auto* answer = as<micro::GetOrderResponse>(&response)) return check_offer(*answer);
    const auto* answer = as<micro::RequestOrderDeliveryResponse>(&response);
    Order* of = order(owed.key);
    if (!answer || !of) return "goods of no order";
    if (answer->body.delivery_id != of->delivery_id || answer->body.delivered_at != of->delivered_at)
      return "another delivery";
    return of->item.url.empty() ? check_content(*of, *answer) : check_location(*of, *answer);
  }

  std::string check_offer(const micro::GetOrderResponse& answer) {
    Order* of = order(born_);
    if (!of || !answer.body.offer) return "no offer";
    const msg::Offer& offer = *answer.body.offer;
    if ("micro/V1001/" + offer.order.order_id != born_ || !of->ref.order_id.empty())
      return "an OrderId that is not new";
    const msg::Item sold{offer.salt, of->item.text};
    of->terms.order_id = offer.order.order_id;
    of->terms.item_hash = crypto::digest("item", "Item", msg::kItemType, &sold);
    if (offer.order != of->terms || offer.item_text != of->item.text) return "an offer of something else";
    of->ref = {of->terms.kind,
               of->terms.vendor,
               of->terms.order_id,
               of->terms.amount,
               of->terms.currency,
               of->terms.expires,
               crypto::digest("order", "Order", msg::kOrderType, &of->terms)};
    return {};
  }

  static std::string check_content(const Order& order, const micro::RequestOrderDeliveryResponse& answer) {
    const msg::Content goods{order.item.media_type, crypto::base64_encode(order.item.data)};
    return answer.body.content == goods && !answer.body.location ? "" : "other goods";
  }
  static std::string check_location(Order& order, const micro::RequestOrderDeliveryResponse& answer) {
    if (!answer.body.location || answer.body.content) return "no Location";
    if (order.ticket.empty()) order.ticket = answer.body.location->ticket;
    const msg::Location place{order.item.url, order.ticket, order.valid_to};
    return answer.body.location == place ? "" : "another Location";
  }

  /// Tickets lead to the goods as long as they are valid; the rest is what must hold of every Vendor.
  std::string check_kept(const roles::Node& node, ledger::Ledger& ledger) override {
    for (const auto& [key, order] : orders_) {
      if (order.ticket.empty()) continue;
      const auto goods = node.redeem(order.ticket);
      if (goods.has_value() != (now_ms_ < order.ticket_over_ms)) return "a ticket is honoured at the wrong time";
      if (goods && (goods->data != order.item.data || goods->media_type != order.item.media_type))
        return "other goods for a ticket";
    }
    return sim::wrong_delivery(ledger, committed_);
  }

  const roles::Directory* directory_;
  std::map<std::string, Order> orders_;
  std::set<std::string> committed_;
  std::string born_;  ///< the record that got its name last
};

}  // namespace

std::unique_ptr<Oracle> make_vendor_oracle(const roles::NodeConfig& config, const roles::Directory& directory) {
  return std::make_unique<VendorOracle>(config, directory);
}

}  // namespace quickpay::fuzz
