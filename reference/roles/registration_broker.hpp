// A Broker that registers itself at the Host with the code of its contract, and changes (protocol registration).
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "reference/roles/registration_player.hpp"

namespace quickpay::roles {

inline constexpr std::size_t kMaxOwnKeys = 4;  ///< that a Broker brings along; RegisterBrokerInner has room for no more

/// The machine broker.registration. Its record has when the last change was made, and what the Host charges, too.
class BrokerRegistration : public PlayerRegistration {
 public:
  explicit BrokerRegistration(Stage& stage);

  void apply(statemachines::EffectId effect, Turn& turn) override;
  /// What is not in a box that opens is no answer.
  bool trusts(const ledger::Record& record, const ledger::Call& call, const AnyDocument& response) override;

 private:
  std::optional<Refusal> unfit(std::string_view event, const Wanted& wanted) const override;
  void send_register(Turn& turn);
  void send_change(Turn& turn);
  void keep_answer(Turn& turn);
  /// What a Broker says of itself besides its name, places and keys: `Told` is RegisterBrokerInner or BrokerChange.
  template <class Told>
  void tell_terms(Told& told) const;

  bool names_currencies_;  ///< its owner does; otherwise it takes all of the Host's, which its configuration has by now
};

}  // namespace quickpay::roles
