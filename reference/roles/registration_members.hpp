// Registration at the Host: Wallets and Brokers (protocol registration).
#pragma once

#include <string>
#include <string_view>

#include "reference/roles/members.hpp"
#include "reference/roles/role.hpp"
#include "reference/roles/seals.hpp"
#include "reference/roles/signatures.hpp"

namespace quickpay::roles {

inline constexpr std::string_view kUsedCodeMachine =
    "broker.code";  ///< records: used codes; the key is the SHA-256 of one

/// The machine host.wallet.
class HostWallet : public Actor {
 public:
  HostWallet(Stage& stage, Members& members);

  bool holds(std::uint8_t predicate, const Turn& turn) override;
  void apply(statemachines::EffectId effect, Turn& turn) override;
  void fill(const ledger::Record&, const AnyDocument*, AnyDocument&) override {}

  /// Answers a request about Wallets; false: it is of another kind.
  bool serve(Request& request);

 private:
  bool covers_source(const Turn& turn) const;
  std::string_view key_fault(const Turn& turn) const;
  std::string fresh_wallet() const;
  void list(Turn& turn);
  void change(Turn& turn);
  void answer(Turn& turn);

  Members& members_;
  Seals seals_;
};

/// The machine host.broker.
class HostBroker : public Actor {
 public:
  HostBroker(Stage& stage, Members& members);

  bool holds(std::uint8_t predicate, const Turn& turn) override;
  void apply(statemachines::EffectId effect, Turn& turn) override;
  void fill(const ledger::Record&, const AnyDocument*, AnyDocument&) override {}

  /// Answers a request about Brokers; false: it is of another kind.
  bool serve(Request& request);

 private:
  bool code_good(const Turn& turn) const;
  std::string_view keys_fault(const Turn& turn) const;
  bool own_change(const Turn& turn) const;
  bool currencies_active(const Turn& turn) const;
  std::string_view change_fault(const Turn& turn) const;
  void list(Turn& turn);
  void change(Turn& turn);
  void answer(Turn& turn);

  Members& members_;
  Seals seals_;
  Signatures signatures_;
};

}  // namespace quickpay::roles
