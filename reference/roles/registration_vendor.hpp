// A Vendor that registers itself at the Host, moves and leaves (protocol registration).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "reference/roles/registration_player.hpp"

namespace quickpay::roles {

/// The machine vendor.registration.
class VendorRegistration : public PlayerRegistration {
 public:
  explicit VendorRegistration(Stage& stage);

  bool holds(std::uint8_t predicate, const Turn& turn) override;
  void apply(statemachines::EffectId effect, Turn& turn) override;
  void fill(const ledger::Record& record, const AnyDocument* request, AnyDocument& response) override;
  bool trusts(const ledger::Record& record, const ledger::Call& call, const AnyDocument& response) override;
  /// Answers Probe.
  bool serve(Request& request) override;

 private:
  std::optional<Refusal> unfit(std::string_view event, const Wanted& wanted) const override;
  void choose_secret(Turn& turn);
  void send_register(Turn& turn);
  void send_change(Turn& turn);
  void keep_answer(Turn& turn);
  std::string probe_tag(const ledger::Record& record) const;
};

}  // namespace quickpay::roles
