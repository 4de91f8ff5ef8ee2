// Keys at the Host: what a player publishes and withdraws, and which key it gets next (protocol keys).
#pragma once

#include <optional>
#include <string_view>

#include "reference/roles/members.hpp"
#include "reference/roles/parts.hpp"
#include "reference/roles/seals.hpp"
#include "reference/roles/signatures.hpp"

namespace quickpay::roles {

/// The machine host.keys.
class HostKeys : public Actor, public Part {
 public:
  HostKeys(Stage& stage, Members& members);

  bool holds(std::uint8_t predicate, const Turn& turn) override;
  void apply(statemachines::EffectId effect, Turn& turn) override;
  void fill(const ledger::Record&, const AnyDocument*, AnyDocument&) override {}

  bool serve(Request& request) override;

 private:
  const Player* sender(const Turn& turn) const;
  bool own_key(const Turn& turn) const;
  bool key_listed(const Turn& turn) const;
  bool room(const Turn& turn) const;
  bool entitled(const Turn& turn) const;
  std::string_view proof_fault(const Turn& turn) const;
  bool signer_good(const Turn& turn) const;
  bool change_signed(const Turn& turn) const;
  bool withdrawer_good(const Turn& turn) const;
  bool withdrawal_signed(const Turn& turn) const;
  bool shares_key(const Turn& turn) const;
  std::optional<SharedKeyConfig> of_peer(const Turn& turn) const;
  bool next_due(const Turn& turn) const;

  void list_key(Turn& turn);
  void withdraw_key(Turn& turn);
  void next_key(Turn& turn);
  void answer(Turn& turn);

  Members& members_;
  Seals seals_;
  Signatures signatures_;
};

}  // namespace quickpay::roles
