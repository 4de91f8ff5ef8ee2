// A Wallet that registers itself at the Host when it was installed, changes and leaves (protocol registration).
#pragma once

#include <optional>
#include <string_view>

#include "reference/roles/registration_player.hpp"

namespace quickpay::roles {

/// The machine wallet.registration. Its record has the ticket by which the Wallet is found, too.
class WalletRegistration : public PlayerRegistration {
 public:
  explicit WalletRegistration(Stage& stage);

  void apply(statemachines::EffectId effect, Turn& turn) override;
  /// What is not in a box that opens is no answer.
  bool trusts(const ledger::Record& record, const ledger::Call& call, const AnyDocument& response) override;

 private:
  std::optional<Refusal> unfit(std::string_view event, const Wanted& wanted) const override;
  void send_register(Turn& turn);
  void send_change(Turn& turn);
  void keep_answer(Turn& turn);
  void keep_ticket(Turn& turn);
};

}  // namespace quickpay::roles
