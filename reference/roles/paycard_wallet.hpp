// Add Paycard at a Wallet: carries what a Paycard seals and what its Broker boxes, and speaks with the user (protocol paycard).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "reference/roles/parts.hpp"
#include "reference/roles/wallet_paycards.hpp"

namespace quickpay::roles {

/// What a Paycard came to that was asked while an event was judged. The effects of that event use it; otherwise it never
/// was.
struct Consulted {
  std::string about;                        ///< MsgId of the call that was answered; empty: an action of the user
  std::optional<paycard::Result> result;    ///< nothing: it made trouble
  std::string out;                          ///< raw bytes that the Paycard gave
  paycard::State stored;                    ///< everything that is in its store afterwards
  msg::Head head;                           ///< of the request that it sealed
};

/// The machine wallet.paycard. What the user answered goes to the Paycard and is kept nowhere; what is in the boxes the
/// Wallet never sees, but for the questions.
class WalletPaycard : public Actor, public WalletAdditions {
 public:
  explicit WalletPaycard(Stage& stage);

  bool holds(std::uint8_t predicate, const Turn& turn) override;
  void apply(statemachines::EffectId effect, Turn& turn) override;
  void fill(const ledger::Record&, const AnyDocument*, AnyDocument&) override {}
  /// QP-OK counts only with a box that the Paycard opens, and that repeats its nonce.
  bool trusts(const ledger::Record& record, const ledger::Call& call, const AnyDocument& response) override;

  tl::expected<std::string, Refusal> add(const UserInput& input) override;
  tl::expected<void, Refusal> remove(std::string_view paycard) override;
  Actor* machine() override { return this; }
  void show(Turn& turn) override;

 private:
  // predicates
  bool certified(const Turn& turn);
  bool goes_on(const Turn& turn) const;
  bool answers_complete(const Turn& turn);
  bool token_made(const Turn& turn);

  // the Paycard
  paycard::State given(const ledger::Record& record) const;
  Consulted consult(const ledger::Record& record, paycard::Call call, const std::vector<std::string>& in);
  Consulted take(const ledger::Record& record, paycard::Call call, std::string_view root, const msg::Head& head,
                 const msg::Boxed& boxed);
  Consulted ask_for_questions(const ledger::Record& record, const std::string& answer_aad, const std::string& boxed);
  msg::Head head_for(const codec::MessageType& message, const ledger::Record& record) const;

  // effects
  void begin(Turn& turn);
  void send_confirm(Turn& turn);
  void send_take(Turn& turn);
  void send_answers(Turn& turn);
  void send_removal(Turn& turn);
  void show_questions(Turn& turn);
  void keep_paycard(Turn& turn);
  void forget(Turn& turn);
  void retire(Turn& turn);

  WalletPaycards paycards_;
  std::optional<Consulted> consulted_;
  std::optional<Proof> removal_;
};

}  // namespace quickpay::roles
