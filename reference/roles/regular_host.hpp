// The Host's part of regular payment: keeps what each Wallet registered.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "reference/roles/role.hpp"

namespace quickpay::roles {

class Fees;

inline constexpr std::size_t kMaxRegistrations = 16;  ///< of one order that are looked through; more are not counted

/// The machine host.purchase.
class HostPurchase : public Actor {
 public:
  /// `fees` outlives the object: commitments are charged for there.
  HostPurchase(Stage& stage, Fees& fees);

  bool holds(std::uint8_t predicate, const Turn& turn) override;
  void apply(statemachines::EffectId effect, Turn& turn) override;
  void fill(const ledger::Record& record, const AnyDocument* request, AnyDocument& response) override;

  /// Answers a request of the protocol; false: it is of another one.
  bool serve(Request& request);

 private:
  void open_case(Turn& turn);

  Fees& fees_;
};

/// When the Host first took exactly this commitment, UTC ms; nothing if no Wallet registered it.
std::optional<std::int64_t> registered_ms(Store& store, const msg::Commitment& commitment);

}  // namespace quickpay::roles
