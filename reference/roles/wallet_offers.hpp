// What a Wallet does with an offer of either scenario: asks with a fresh tag, judges the order, shows it, remembers it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "reference/roles/fields.hpp"
#include "reference/roles/stage.hpp"
#include "reference/roles/wallet_paycards.hpp"

namespace quickpay::roles {

inline constexpr std::string_view kSeenMachine = "order.seen";       ///< OrderIds that a Vendor has used
inline constexpr std::string_view kPaycardMachine = "paycard.active";  ///< record "choice": the user's choice
inline constexpr std::int64_t kMaxValidSeconds = 24 * 3600;          ///< longest validity of an offer (QP-SAFE-002)

/// What the user is shown of an offer.
struct Shown {
  msg::Order order;
  std::string item_text;
  std::string salt;
  std::optional<std::string> vendor_name;   ///< as the Vendor says
  std::optional<std::string> vendor_state;  ///< brought back to the Vendor
};

/// What both machines of a Wallet's orders need. Each has one of its own.
class WalletOffers {
 public:
  /// `stage` and `signer` outlive the object.
  explicit WalletOffers(Stage& stage, OrderSigner* signer = nullptr) : stage_(stage), paycards_(stage, signer) {}

  bool vendor_known(const ledger::Record& record) const;
  /// The one active Paycard, if there is one (QP-WAL-010).
  std::optional<PaycardConfig> active_paycard() const;
  /// The Paycard that pays this order, if any: without a fresh decision of the user only the one that was confirmed.
  std::optional<PaycardConfig> paycard_for(const Turn& turn) const;
  void choose_paycard(std::string_view paycard);
  /// Makes the BuyerSecret and BuyerTag of an order: new ones for every order (QP-ADD-12).
  void make_buyer(ledger::Record& record) const;
  /// The checks of GetOrder but for signatures (QP-SAFE-002, QP-ADD-14).
  bool order_right(const Shown& offer, msg::Kind kind, const ledger::Record& record) const;
  /// Keeps the order and its OrderRef, and that this Vendor has used its OrderId.
  void keep_order(Turn& turn, const Shown& offer);
  /// Shows the order that the record keeps.
  void show(Turn& turn, const msg::Order& order, const std::string& item_text);
  void record_confirmation(Turn& turn);
  /// What `predicate` of the machine with this table says, which asks whether the Paycard authorizes the order that the
  /// record keeps. Only where a row depends on it a proof is made; proof() gives it to the effect that needs it.
  bool authorizes(const statemachines::MachineTable& table, std::uint8_t predicate, const Turn& turn);
  /// The proof that authorizes() made, or else a new one; nothing if the Paycard makes none.
  std::optional<Proof> proof(const PaycardConfig& card, const msg::OrderRef& ref);
  WalletPaycards& paycards() { return paycards_; }

  /// Asks the Vendor of the record for its item, under a fresh BuyerTag. `fill`: what else the Body says.
  template <class Request, class Fill>
  void send_get_order(Turn& turn, const MessageOps* ops, Fill fill);
  /// Asks the Broker of the Paycard that pays to vouch for the order that the record keeps.
  template <class Request>
  void send_inquiry(Turn& turn, const MessageOps* ops);

 private:
  Stage& stage_;
  WalletPaycards paycards_;
  std::optional<Proof> proof_;  ///< made while the event that needs it was judged, used by its effects
};

template <class Request, class Fill>
void WalletOffers::send_get_order(Turn& turn, const MessageOps* ops, Fill fill) {
  if (!ops) return;
  make_buyer(turn.record);
  auto& fields = turn.record.fields;
  Document<Request> request;
  request.value.head = stage_.outbox.new_head(*ops, fields["vendor"]);
  auto& body = request.value.body;
  fill(body);
  body.item = fields["item"];
  if (const auto card = active_paycard()) body.broker = card->broker;
  body.buyer_tag = fields["buyer_tag"];
  stage_.outbox.send(turn.record.machine, turn.key(), *ops, request, {});
}

template <class Request>
void WalletOffers::send_inquiry(Turn& turn, const MessageOps* ops) {
  const auto card = paycard_for(turn);
  const auto ref = recall<msg::OrderRef>(turn.record, "OrderRef", msg::kOrderRefType);
  if (!ops || !card || !ref) return;
  const auto made = proof(*card, *ref);
  if (!made) return;
  Document<Request> request;
  request.value.head = stage_.outbox.new_head(*ops, card->broker, made->msg_id);
  auto& body = request.value.body;
  body.paycard = card->paycard;
  body.order_ref = *ref;
  body.paycard_token = made->token;
  paycards_.keep(*made);
  stage_.outbox.send(turn.record.machine, turn.key(), *ops, request, {});
}

/// Whether a row of the machine for this event in this state depends on the predicate.
bool depends_on(const statemachines::MachineTable& table, std::uint8_t predicate, const Turn& turn);

/// Whether a record in this state of the machine waits for the user's decision or answers.
bool waits_for_user(const statemachines::MachineTable& table, std::string_view state);

/// The field, if there is one.
std::optional<std::string> optional_field(const ledger::Record& record, const std::string& name);

}  // namespace quickpay::roles
