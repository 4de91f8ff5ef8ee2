// What a Wallet has its Paycards do: prove an inquiry, and judge the Broker's proof.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "reference/paycard/port.hpp"
#include "reference/roles/stage.hpp"

namespace quickpay::roles {

/// Records of what plug-ins have stored, one a Paycard, under its PaycardId.
inline constexpr std::string_view kPaycardStateMachine = "paycard.state";

/// The proof of one inquiry.
struct Proof {
  std::string msg_id;
  std::string token;
  std::optional<ledger::Record> state;  ///< what a plug-in has stored meanwhile; kept with the request or not at all
};

/// A Paycard is built in, and its secret is in the configuration, or it is a plug-in, which is asked through the port.
/// What a plug-in remembers is in the ledger and nowhere else.
class WalletPaycards {
 public:
  /// `stage` outlives the object.
  explicit WalletPaycards(Stage& stage) : stage_(stage) {}

  /// A proof for an inquiry about `ref` with a new MsgId; nothing if the Paycard makes none.
  std::optional<Proof> prove(const PaycardConfig& card, const msg::OrderRef& ref);
  /// Whether `tag` proves to the Paycard that its Broker gave `answer`.
  bool believes(const PaycardConfig& card, const msg::Answer& answer, const std::string& tag);
  /// Keeps what a plug-in stored.
  void keep(const Proof& proof);

 private:
  ledger::Record state_of(const PaycardConfig& card) const;
  /// The entries that the configuration gives; they are not kept.
  paycard::State configured(const PaycardConfig& card) const;
  std::optional<std::string> plug_in_token(const PaycardConfig& card, const msg::OrderRef& ref, Proof& proof);
  tl::expected<paycard::Reply, paycard::Trouble> ask(const PaycardConfig& card, ledger::Record& record,
                                                     paycard::Call call, const std::vector<std::string>& in);

  Stage& stage_;
};

}  // namespace quickpay::roles
