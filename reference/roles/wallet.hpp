// The Wallet: shows an order, pays it after the user's decision, gets the goods, tells the Host.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "reference/roles/role.hpp"
#include "reference/roles/wallet_paycards.hpp"

namespace quickpay::roles {

inline constexpr std::string_view kSeenMachine = "order.seen";       ///< OrderIds that a Vendor has used
inline constexpr std::string_view kPaycardMachine = "paycard.active";  ///< record "choice": the user's choice
inline constexpr std::int64_t kMaxValidSeconds = 24 * 3600;          ///< longest validity of an offer (QP-SAFE-002)
inline constexpr std::size_t kMaxFetchedBytes = 768 * 1024;          ///< goods behind a Location
inline constexpr std::size_t kMaxOffersShown = 1000;

/// The machine wallet.order. Until the offer comes an order has no OrderId, so records are kept under a key of the
/// Wallet's own, which never leaves it.
class WalletOrder : public Actor {
 public:
  WalletOrder(Machine machine, Stage& stage) : Actor(std::move(machine), stage), paycards_(stage) {}

  bool holds(std::uint8_t predicate, const Turn& turn) override;
  void apply(statemachines::EffectId effect, Turn& turn) override;
  void fill(const ledger::Record&, const AnyDocument*, AnyDocument&) override {}
  /// In profile H an Endorsement counts only with the PaycardAnswer that the Paycard expects.
  bool trusts(const ledger::Record& record, const ledger::Call& call, const AnyDocument& response) override;

  void show(Turn& turn);
  void choose_paycard(std::string_view paycard);
  /// Whether an order in this state waits for the user's decision.
  bool waits_for_user(std::string_view state) const;

 private:
  // predicates
  bool offer_right(const Turn& turn) const;
  bool hashes_right(const msg::Offer& offer, const ledger::Record& record) const;
  const PaycardConfig* active_paycard() const;
  const PaycardConfig* paycard_for(const Turn& turn) const;
  bool paycard_authorizes(const Turn& turn);
  bool asks_for_proof(const Turn& turn) const;
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
  void record_confirmation(Turn& turn);
  void store_endorsement(Turn& turn);
  void store_goods(Turn& turn);
  void keep_evidence(Turn& turn);
  void start_span(Turn& turn, const std::string& timer, std::int64_t seconds);

  WalletPaycards paycards_;
  std::optional<Proof> proof_;  ///< made while the event that needs it was judged, used by its effects
};

class WalletRole : public Role {
 public:
  explicit WalletRole(Stage& stage);
  void on_request(Request&) override {}  // a Wallet receives nothing

  tl::expected<std::string, Refusal> open_link(const UserInput& input);
  /// An action of the user on an order that exists.
  tl::expected<void, Refusal> act(std::string_view order, std::string_view event, const UserInput& input);
  tl::expected<void, Refusal> activate_paycard(std::string_view paycard);
  void show_offers();

 private:
  Stage& stage_;
  WalletOrder orders_;
};

}  // namespace quickpay::roles
