#include "reference/roles/shop.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "reference/crypto/hash.hpp"
#include "reference/roles/fields.hpp"
#include "reference/roles/times.hpp"

namespace quickpay::roles {
namespace {

std::string text_of(const ItemConfig& sold, std::int64_t quantity) {
  return quantity == 1 ? sold.text : fmt::format("{} × {}", quantity, sold.text);
}

}  // namespace

const ItemConfig* Shop::item(std::string_view id) const {
  const auto& items = facts_.config.items;
  const auto at = std::find_if(items.begin(), items.end(), [&](const ItemConfig& i) { return i.item == id; });
  return at == items.end() ? nullptr : &*at;
}

bool Shop::sells(std::string_view id, std::int64_t quantity) const {
  const ItemConfig* sold = item(id);
  return sold && sold->amount <= kMaxAmount / quantity && text_of(*sold, quantity).size() <= kMaxItemText;
}

bool Shop::accepts(std::string_view broker) const {
  const auto& chosen = facts_.config.brokers_accepted;
  if (!chosen.empty() && std::find(chosen.begin(), chosen.end(), broker) == chosen.end()) return false;
  const Lookup entry = facts_.directory.find(broker);
  switch (entry.found) {
    case Found::known: return entry.player->role == "broker" && entry.player->accepted;
    case Found::unknown: return false;
    case Found::unavailable: return true;
  }
  return false;
}

Made Shop::make_order(msg::Kind kind, const ItemConfig& sold, std::int64_t quantity, std::string_view order_id,
                      std::string_view buyer_tag) const {
  Made made;
  made.item = {facts_.fresh_id(), text_of(sold, quantity)};
  msg::Order& order = made.order;
  order.kind = kind;
  order.vendor = facts_.config.id;
  order.order_id = order_id;
  order.amount = sold.amount * quantity;
  order.currency = sold.currency;
  order.created = format_time(facts_.now_ms);
  order.expires = format_time(facts_.now_ms + facts_.spans.order * 1000);
  order.item_hash = crypto::digest("item", "Item", msg::kItemType, &made.item);
  order.buyer_tag = buyer_tag;
  if (sold.content_hash && kind == msg::Kind::micro) order.content_hash = crypto::sha256_hex(sold.data);
  made.ref = {order.kind,     order.vendor,  order.order_id, order.amount,
              order.currency, order.expires, crypto::digest("order", "Order", msg::kOrderType, &order)};
  return made;
}

std::int64_t Shop::apart(std::string_view id) {
  const auto record = store_.find(kStockMachine, id);
  return record ? number(*record, "apart").value_or(0) : 0;
}

bool Shop::in_stock(std::string_view id, std::int64_t quantity) {
  const ItemConfig* sold = item(id);
  return sold && (!sold->stock || quantity <= *sold->stock - apart(id));
}

void Shop::set_apart(std::string_view id, std::int64_t quantity) {
  ledger::Record record{std::string(kStockMachine), std::string(id), "COUNTED", {}, {}};
  set_number(record, "apart", apart(id) + quantity);
  store_.put(record);
}

bool buyer_known(const ledger::Record& record, std::string_view secret) {
  const msg::Buyer buyer{std::string(secret)};
  const auto order = recall<msg::Order>(record, "Order", msg::kOrderType);
  return order && crypto::digest("buyer", "Buyer", msg::kBuyerType, &buyer) == order->buyer_tag;
}

}  // namespace quickpay::roles
