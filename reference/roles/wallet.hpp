// The Wallet: shows an order, pays it after the user's decision, gets the goods, tells the Host.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "reference/roles/parts.hpp"
#include "reference/roles/role.hpp"
#include "reference/roles/wallet_links.hpp"
#include "reference/roles/wallet_offers.hpp"

namespace quickpay::roles {

inline constexpr std::size_t kMaxFetchedBytes = 768 * 1024;          ///< goods behind a Location
inline constexpr std::size_t kMaxOffersShown = 1000;

/// The machine wallet.order. Until the offer comes an order has no OrderId, so records are kept under a key of the
/// Wallet's own, which never leaves it.
class WalletOrder : public Actor {
 public:
  WalletOrder(Machine machine, Stage& stage) : Actor(std::move(machine), stage), offers_(stage) {}

  bool holds(std::uint8_t predicate, const Turn& turn) override;
  void apply(statemachines::EffectId effect, Turn& turn) override;
  void fill(const ledger::Record&, const AnyDocument*, AnyDocument&) override {}
  /// In profile H an Endorsement counts only with the PaycardAnswer that the Paycard expects.
  bool trusts(const ledger::Record& record, const ledger::Call& call, const AnyDocument& response) override;

  void show(Turn& turn);

 private:
  // predicates
  bool offer_right(const Turn& turn) const;
  bool endorsement_right(const Turn& turn) const;
  std::optional<std::string> goods_of(const Turn& turn) const;
  bool goods_right(const Turn& turn) const;
  bool location_allowed(const Turn& turn) const;
  bool still_valid(const Turn& turn) const;

  // requests
  void send_get_order(Turn& turn);
  void send_inquiry(Turn& turn);
  void send_delivery_request(Turn& turn);
  void send_register_order(Turn& turn, msg::Outcome outcome);
  void fetch(Turn& turn);

  // records
  void show_offer(Turn& turn);
  void store_endorsement(Turn& turn);
  void store_goods(Turn& turn);
  void keep_evidence(Turn& turn);
  void start_span(Turn& turn, const std::string& timer, std::int64_t seconds);

  WalletOffers offers_;
};

class WalletRole : public Role {
 public:
  WalletRole(Stage& stage, const Parts& parts);
  void on_request(Request&) override {}  // a Wallet receives nothing
  /// Follows the links that waited for the entry of this Vendor.
  void looked_up(std::string_view vendor) override;
  /// After a restart: asks for the entries that links wait for.
  void want_vendors() { links_.want_vendors(); }

  tl::expected<std::string, Refusal> open_link(const UserInput& input);
  /// The link of a regular order. Refused, too: not-served.
  tl::expected<std::string, Refusal> open_regular_link(const UserInput& input);
  /// An action of the user on an order that exists, or on a Paycard that is being added.
  tl::expected<void, Refusal> act(std::string_view order, std::string_view event, const UserInput& input);
  tl::expected<void, Refusal> activate_paycard(std::string_view paycard);
  WalletAdditions& added() { return *added_; }
  /// What waits for the user: offers, questions.
  void show_offers();
  OwnKeys* keys() override { return keys_.get(); }
  OwnRegistration* own_registration() override { return registration_.get(); }

 private:
  tl::expected<std::string, Refusal> open(Actor& machine, const UserInput& input);
  tl::expected<std::string, Refusal> follow(Actor& machine, const std::string& key, const UserInput& input);

  Stage& stage_;
  WalletOffers offers_;
  WalletLinks links_;
  WalletOrder orders_;
  std::unique_ptr<WalletPurchases> purchases_;
  std::unique_ptr<WalletAdditions> added_;
  std::unique_ptr<OwnKeys> keys_;
  std::unique_ptr<OwnRegistration> registration_;
};

}  // namespace quickpay::roles
