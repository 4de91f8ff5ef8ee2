#include "reference/roles/wallet_offers.hpp"

#include <algorithm>
#include <utility>

#include "reference/crypto/hash.hpp"
#include "reference/roles/fields.hpp"
#include "reference/roles/times.hpp"

namespace quickpay::roles {
namespace {

std::string seen_key(const msg::Order& order) { return order.vendor + "/" + order.order_id; }

/// How long the order is valid in seconds; nothing if a time cannot be read.
std::optional<std::int64_t> validity(const msg::Order& order) {
  const auto begin = parse_time(order.created), end = parse_time(order.expires);
  if (!begin || !end) return std::nullopt;
  return (*end - *begin) / 1000;
}

msg::OrderRef ref_of(const msg::Order& order) {
  return {order.kind,     order.vendor,  order.order_id, order.amount,
          order.currency, order.expires, crypto::digest("order", "Order", msg::kOrderType, &order)};
}

}  // namespace

bool WalletOffers::vendor_known(const ledger::Record& record) const {
  return stage_.facts.directory.living("vendor", field(record, "vendor")) != nullptr;
}

std::optional<PaycardConfig> WalletOffers::active_paycard() const {
  if (const auto choice = stage_.store.find(kPaycardMachine, "choice")) return paycards_.in_use(field(*choice, "paycard"));
  std::optional<PaycardConfig> active;
  for (const PaycardConfig& card : stage_.facts.config.paycards) {
    if (card.active && active) return std::nullopt;  // exactly one, or none (QP-WAL-010)
    if (card.active) active = card;
  }
  return active;
}

std::optional<PaycardConfig> WalletOffers::paycard_for(const Turn& turn) const {
  auto card = active_paycard();
  if (!card || (card->secret.empty() && card->shared_object.empty() && card->product.empty())) return std::nullopt;
  const bool other = has_field(turn.record, "paycard") && field(turn.record, "paycard") != card->paycard;
  if (!turn.user) return other ? std::nullopt : card;
  const Lookup broker = stage_.facts.directory.find(card->broker);
  const bool refused = broker.found == Found::known && (!broker.player->accepted || broker.player->removed);
  return refused ? std::nullopt : card;
}

void WalletOffers::choose_paycard(std::string_view paycard) {
  stage_.store.put({std::string(kPaycardMachine), "choice", "CHOSEN", {}, {{"paycard", std::string(paycard)}}});
}

void WalletOffers::make_buyer(ledger::Record& record) const {
  const msg::Buyer buyer{stage_.facts.fresh_id()};
  record.fields["buyer_secret"] = buyer.buyer_secret;
  record.fields["buyer_tag"] = crypto::digest("buyer", "Buyer", msg::kBuyerType, &buyer);
}

bool WalletOffers::order_right(const Shown& offer, msg::Kind kind, const ledger::Record& record) const {
  const msg::Order& order = offer.order;
  const msg::Item item{offer.salt, offer.item_text};
  const auto valid = validity(order);
  return order.kind == kind && order.vendor == field(record, "vendor") && valid && *valid > 0 &&
         *valid <= kMaxValidSeconds && stage_.facts.currency_active(order.currency) &&
         crypto::digest("item", "Item", msg::kItemType, &item) == order.item_hash &&
         order.buyer_tag == field(record, "buyer_tag") && !stage_.store.find(kSeenMachine, seen_key(order));
}

void WalletOffers::keep_order(Turn& turn, const Shown& offer) {
  const msg::Order& order = offer.order;
  const Facts& facts = stage_.facts;
  auto& fields = turn.record.fields;
  const msg::OrderRef ref = ref_of(order);
  keep(turn.record, "OrderRef", msg::kOrderRefType, ref);
  fields["digest"] = ref.digest;
  if (offer.vendor_state) fields["vendor_state"] = *offer.vendor_state;
  const Lookup vendor = facts.directory.find(order.vendor);
  const bool named = vendor.found == Found::known && !vendor.player->name.empty();
  fields["vendor_name"] = named ? vendor.player->name : offer.vendor_name.value_or("");
  const std::int64_t valid_s = validity(order).value_or(0);
  set_number(turn.record, "valid_s", valid_s);
  set_number(turn.record, "valid_until_ms", facts.now_ms + valid_s * 1000);
  stage_.store.put({std::string(kSeenMachine), seen_key(order), "SEEN", {}, {}});
}

void WalletOffers::show(Turn& turn, const msg::Order& order, const std::string& item_text) {
  const auto card = active_paycard();
  stage_.event(turn, "offer", item_text,
               {{"digest", std::string(field(turn.record, "digest"))},
                {"amount", std::to_string(order.amount)},
                {"currency", order.currency},
                {"vendor", order.vendor},
                {"vendor_name", std::string(field(turn.record, "vendor_name"))},
                {"item_text", item_text},
                {"paycard", card ? card->paycard : ""},
                {"broker", card ? card->broker : ""},
                {"shown_at", format_time(stage_.facts.now_ms)}});
}

void WalletOffers::record_confirmation(Turn& turn) {
  const auto card = paycard_for(turn);
  if (!card || !turn.user) return;
  turn.record.fields["confirmed"] = turn.user->digest;
  turn.record.fields["paycard"] = card->paycard;
  turn.record.fields["broker"] = card->broker;
}

bool WalletOffers::authorizes(const statemachines::MachineTable& table, std::uint8_t predicate, const Turn& turn) {
  proof_.reset();
  const auto card = paycard_for(turn);
  if (!card || !depends_on(table, predicate, turn)) return card.has_value();
  const auto ref = recall<msg::OrderRef>(turn.record, "OrderRef", msg::kOrderRefType);
  if (ref) proof_ = paycards_.prove(*card, *ref);
  return proof_.has_value();
}

std::optional<Proof> WalletOffers::proof(const PaycardConfig& card, const msg::OrderRef& ref) {
  auto proof = std::exchange(proof_, std::nullopt);
  return proof ? proof : paycards_.prove(card, ref);
}

bool depends_on(const statemachines::MachineTable& table, std::uint8_t predicate, const Turn& turn) {
  const auto bit = std::uint64_t{1} << predicate;
  return std::any_of(table.rows.begin(), table.rows.end(), [&](const statemachines::RowInfo& row) {
    return row.event == turn.event && (row.mask & bit) != 0 && table.states[row.state].id == turn.record.state;
  });
}

bool waits_for_user(const statemachines::MachineTable& table, std::string_view state) {
  return std::any_of(table.rows.begin(), table.rows.end(), [&](const statemachines::RowInfo& row) {
    return table.states[row.state].id == state && (table.events[row.event].id == "confirm" || table.events[row.event].id == "answer");
  });
}

std::optional<std::string> optional_field(const ledger::Record& record, const std::string& name) {
  if (!has_field(record, name)) return std::nullopt;
  return std::string(field(record, name));
}

}  // namespace quickpay::roles
