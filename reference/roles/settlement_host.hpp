// The Host's part of settlement: hearings, and the one verdict on each order.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "reference/roles/parts.hpp"
#include "reference/roles/signatures.hpp"
#include "reference/roles/suspensions.hpp"
#include "reference/roles/vote.hpp"

namespace quickpay::roles {

inline constexpr std::int64_t kOrderLifeMs = 86'400'000;  ///< the longest that an order can be valid: 24 h before Expires

/// The machine host.verdict.
class HostVerdict : public Actor {
 public:
  /// `revokes` and `purchases` outlive the object.
  HostVerdict(Machine machine, Stage& stage, HostRevokes& revokes, HostPurchases& purchases)
      : Actor(std::move(machine), stage),
        revokes_(revokes),
        purchases_(purchases),
        suspensions_(stage.facts, stage.store),
        signatures_(stage.facts) {}

  bool holds(std::uint8_t predicate, const Turn& turn) override;
  void apply(statemachines::EffectId effect, Turn& turn) override;
  void fill(const ledger::Record&, const AnyDocument*, AnyDocument&) override {}

  /// Judges one item of a case; says what there is to say of it now.
  msg::Verdict judge(const msg::HostCase& brought, const msg::CaseItem& item);
  /// Something about the order was registered; the key is that of its host.case.
  void registered(const std::string& key);

 private:
  /// The item that is being judged.
  struct Dealing {
    const msg::HostCase& brought;
    const msg::CaseItem& item;
    std::string_view fault = {};  ///< of the item's Commitment
    RevokeRecord revoke = RevokeRecord::none;
    bool contests() const { return item.contest && !item.withdrawn && revoke == RevokeRecord::open; }
  };

  std::string_view fault_of(const msg::HostCase& brought, const msg::Commitment& commitment) const;
  bool commitment_fits() const;
  bool receipt_key_right() const;
  bool receipt_mac_right() const;
  bool receipt_recorded(const std::string& key) const;
  bool receipt_fits() const;
  const msg::Refused* refusal(const msg::Settlement& settlement) const;
  bool refused_with(std::string_view code) const;
  bool broker_came_first() const;
  bool too_late(const Turn& turn);
  std::optional<std::int64_t> settle_by_ms(const Turn& turn) const;
  Evidence evidence(const Turn& turn);
  void weigh_registrations(const std::string& key, Evidence& evidence);
  Vote count(const Turn& turn);
  std::int64_t decide_by_ms(const ledger::Record& record);
  void keep_evidence(Turn& turn);
  void decide(Turn& turn, std::string_view decision, std::string_view code);
  std::string_view given_up_code() const;
  bool counts_literally() const;

  HostRevokes& revokes_;
  HostPurchases& purchases_;
  Suspensions suspensions_;
  Signatures signatures_;
  const Dealing* dealing_ = nullptr;
  std::string_view refused_;  ///< why the item that is being judged was not admitted
};

/// The machine host.hearing.
class HostHearing : public Actor {
 public:
  HostHearing(Machine machine, Stage& stage, HostVerdict& verdicts)
      : Actor(std::move(machine), stage), verdicts_(verdicts), signatures_(stage.facts) {}

  bool holds(std::uint8_t predicate, const Turn& turn) override;
  void apply(statemachines::EffectId effect, Turn& turn) override;
  void fill(const ledger::Record& record, const AnyDocument* request, AnyDocument& response) override;

  void serve(const msg::HostCase& brought, Request& request);

 private:
  std::string_view fault_of(const msg::HostCase& brought) const;
  void hear(Turn& turn);
  bool approve(const msg::HostCase& brought, const msg::Verdicts& verdicts, ledger::Record& record);

  HostVerdict& verdicts_;
  Signatures signatures_;
  std::string_view fault_;  ///< of the signatures in the case that is being served
};

/// Both machines together.
class HostSettlement : public HostHearings {
 public:
  HostSettlement(Stage& stage, HostRevokes& revokes, HostPurchases& purchases);
  bool serve(Request& request) override;
  void registered(const std::string& case_key) override { verdicts_.registered(case_key); }

 private:
  HostVerdict verdicts_;
  HostHearing hearings_;
};

}  // namespace quickpay::roles
