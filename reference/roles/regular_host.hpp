// The Host's part of regular payment: keeps what each Wallet registered.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "reference/roles/parts.hpp"

namespace quickpay::roles {

inline constexpr std::size_t kMaxRegistrations = 16;  ///< of one order that are looked through; more are not counted

/// When the Host first took exactly this commitment, UTC ms; nothing if no Wallet registered it.
std::optional<std::int64_t> registered_ms(Store& store, const msg::Commitment& commitment);

/// The machine host.purchase.
class HostPurchase : public Actor, public HostPurchases {
 public:
  /// `fees` outlives the object: commitments are charged for there.
  HostPurchase(Stage& stage, Fees& fees);

  bool holds(std::uint8_t predicate, const Turn& turn) override;
  void apply(statemachines::EffectId effect, Turn& turn) override;
  void fill(const ledger::Record& record, const AnyDocument* request, AnyDocument& response) override;

  bool serve(Request& request) override;
  std::optional<std::int64_t> registered_ms(const msg::Commitment& commitment) override {
    return roles::registered_ms(stage_.store, commitment);
  }

 private:
  void open_case(Turn& turn);

  Fees& fees_;
};

}  // namespace quickpay::roles
