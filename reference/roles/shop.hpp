// What a Vendor of either scenario knows: what it sells, at which price, and with which Brokers it deals.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "reference/roles/facts.hpp"
#include "reference/roles/store.hpp"

namespace quickpay::roles {

inline constexpr std::string_view kStockMachine = "stock";  ///< pieces set apart for regular orders; key: the item
inline constexpr std::int64_t kMaxAmount = 999'999'999'999'999;  ///< the greatest Amount that a message can spell
inline constexpr std::size_t kMaxItemText = 1024;                ///< bytes, as the message admits

/// An order as it is offered.
struct Made {
  msg::Order order;
  msg::OrderRef ref;
  msg::Item item;
};

/// A Vendor's shop. Owns nothing.
class Shop {
 public:
  Shop(Facts& facts, Store& store) : facts_(facts), store_(store) {}

  const ItemConfig* item(std::string_view id) const;
  /// Whether the Vendor sells so many pieces: it has the item, and price and text can be spelled.
  bool sells(std::string_view id, std::int64_t quantity) const;
  /// Whether this Vendor deals with the Broker; what the directory cannot say now is not held against it.
  bool accepts(std::string_view broker) const;
  /// Whether this Vendor makes an offer to whom that Broker pays for: removal is no reason to refuse what was offered, and one not to offer (AMB-57).
  bool offers_to(std::string_view broker) const { return accepts(broker) && !facts_.directory.removed(broker); }
  /// The order of `quantity` pieces under `order_id`, valid for T_order from now. Asked of what the Vendor sells only.
  Made make_order(msg::Kind kind, const ItemConfig& sold, std::int64_t quantity, std::string_view order_id,
                  std::string_view buyer_tag) const;
  /// Whether there are so many pieces that are not set apart.
  bool in_stock(std::string_view id, std::int64_t quantity);
  void set_apart(std::string_view id, std::int64_t quantity);

 private:
  std::int64_t apart(std::string_view id);

  Facts& facts_;
  Store& store_;
};

/// Whether `secret` is what the BuyerTag of the order kept in the record was made from (QP-ADD-12).
bool buyer_known(const ledger::Record& record, std::string_view secret);

}  // namespace quickpay::roles
