// The Vendor's part of settlement: claims, the batches that carry them to Brokers, and cases before the Host.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reference/roles/parts.hpp"
#include "reference/roles/signatures.hpp"

namespace quickpay::roles {

inline constexpr std::string_view kClaimableMachine = "claimable";  ///< claims that wait, key Broker/Currency/OrderId
inline constexpr std::string_view kLastBatchMachine = "batch.last";  ///< when the last batch began, key Broker/Currency
inline constexpr std::string_view kApprovalMachine = "approval";    ///< of the Host, key BatchId of the case
inline constexpr std::string_view kIncomeMachine = "income";        ///< what Brokers signed, key Broker/Currency
inline constexpr std::size_t kMaxBatchItems = 10000;   ///< as the message admits
inline constexpr std::size_t kMaxApprovals = 8;        ///< in one claim, as the message admits
inline constexpr std::size_t kMaxApproved = 10000;     ///< in the approvals of one claim together, so that it fits
inline constexpr std::size_t kMaxCaseItems = 5000;     ///< in one case, so that it fits beside a whole settlement
inline constexpr std::size_t kMaxProvenItems = 3000;   ///< with a Commitment in one claim: so many fit under the largest keys
inline constexpr std::size_t kMaxProvenCaseItems = 2000;  ///< and in one case
inline constexpr int kMaxBatchGroups = 1000;           ///< Brokers and currencies that one run looks at

class VendorDispute;

/// The machine vendor.claim.
class VendorClaim : public Actor {
 public:
  using Actor::Actor;

  bool holds(std::uint8_t predicate, const Turn& turn) override;
  void apply(statemachines::EffectId effect, Turn& turn) override;
  void fill(const ledger::Record&, const AnyDocument*, AnyDocument&) override {}

  /// What an event brings along.
  struct News {
    std::string_view code;      ///< of a refusal
    std::string_view batch;     ///< that took it along
    std::string_view approval;  ///< BatchId of the case whose Approval names it
  };
  /// An event of the claim. Says whether it goes before the Host because of it.
  bool tell(std::string_view key, std::string_view event, const News& news = {});
  tl::expected<void, Refusal> withdraw(std::string_view key);
  /// The Vendor did not revoke the order: the Host is told so in a case of its own.
  tl::expected<void, Refusal> contest(std::string_view key);
  void set_disputes(VendorDispute& disputes) { disputes_ = &disputes; }

 private:
  tl::expected<void, Refusal> act(std::string_view key, std::string_view event);
  std::string waits_under(const ledger::Record& record) const;
  void take_over(Turn& turn);
  void start_settle_by(Turn& turn);

  VendorDispute* disputes_ = nullptr;
  News news_;
  bool joins_ = false;  ///< the claim that was told goes before the Host
  bool contested_ = false;  ///< and so does the one that was acted on
};

/// What goes before the Host in one case.
struct Grievance {
  std::string broker;
  std::vector<std::string> claims;  ///< keys, by OrderId
  std::optional<msg::Settlement> settlement;
  std::optional<msg::Unreachable> unreachable;
  bool withdrawn = false;
};

/// The machine vendor.dispute.
class VendorDispute : public Actor {
 public:
  /// `revokes` outlives the object.
  VendorDispute(Machine machine, Stage& stage, VendorClaim& claims, VendorRevokes& revokes)
      : Actor(std::move(machine), stage), claims_(claims), revokes_(revokes), signatures_(stage.facts) {}

  bool holds(std::uint8_t predicate, const Turn& turn) override;
  void apply(statemachines::EffectId effect, Turn& turn) override;
  void fill(const ledger::Record&, const AnyDocument*, AnyDocument&) override {}

  /// Brings the claims before the Host, in as many cases as it takes.
  void open(const Grievance& grievance);

 private:
  std::optional<msg::HostCase> case_of(const Turn& turn) const;
  bool verdicts_right(const Turn& turn) const;
  bool approval_right(const msg::HostCase& asked, const msg::Verdicts& verdicts, const msg::Approval* approval) const;
  msg::CaseItem item_of(const ledger::Record& claim, bool withdrawn) const;
  void make_case(Turn& turn);
  void send(Turn& turn);
  void book_verdicts(Turn& turn);
  void start_decide_by(Turn& turn);
  void return_claims(Turn& turn);

  VendorClaim& claims_;
  VendorRevokes& revokes_;
  Signatures signatures_;
  const Grievance* grievance_ = nullptr;
};

/// The machine vendor.batch.
class VendorBatch : public Actor {
 public:
  VendorBatch(Machine machine, Stage& stage, VendorClaim& claims, VendorDispute& disputes)
      : Actor(std::move(machine), stage), claims_(claims), disputes_(disputes), signatures_(stage.facts) {}

  bool holds(std::uint8_t predicate, const Turn& turn) override;
  void apply(statemachines::EffectId effect, Turn& turn) override;
  void fill(const ledger::Record&, const AnyDocument*, AnyDocument&) override {}
  /// Nothing is taken in that may have to go before the Host in a case which cannot be signed now: the claim goes out again.
  bool trusts(const ledger::Record&, const ledger::Call&, const AnyDocument&) override { return can_sign(); }

  /// Makes a batch of what waits for a Broker in a currency ("B7/USD/"). False: none is due.
  bool run_group(const std::string& group);
  bool can_sign() const { return signatures_.can_sign(); }

 private:
  std::optional<msg::Claim> claim_of(const Turn& turn) const;
  bool batch_due(const Turn& turn) const;
  bool settlement_right(const Turn& turn) const;
  bool broker_unreachable(const Turn& turn) const;
  void make_batch(Turn& turn);
  bool bring_approval(const ledger::Record& claim, msg::Claim& batch) const;
  void send(Turn& turn);
  void book_settlement(Turn& turn);
  void enter(const msg::Settlement& settlement);
  void go_to_host(Turn& turn);
  void return_claims(Turn& turn);

  VendorClaim& claims_;
  VendorDispute& disputes_;
  Signatures signatures_;
  std::optional<msg::Claim> made_;  ///< between the effects of one step
};

/// The three machines together.
class VendorSettlement : public VendorClaims {
 public:
  VendorSettlement(Stage& stage, VendorRevokes& revokes);
  tl::expected<std::size_t, Refusal> run() override;
  tl::expected<void, Refusal> withdraw(std::string_view key) override { return claims_.withdraw(key); }
  tl::expected<void, Refusal> contest(std::string_view key) override { return claims_.contest(key); }

 private:
  Stage& stage_;
  VendorClaim claims_;
  VendorDispute disputes_;
  VendorBatch batches_;
};

}  // namespace quickpay::roles
