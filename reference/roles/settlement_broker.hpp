// The Broker's part of settlement: batches, and the one debt of each order.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "reference/roles/accounts.hpp"
#include "reference/roles/parts.hpp"
#include "reference/roles/signatures.hpp"
#include "reference/roles/suspensions.hpp"

namespace quickpay::roles {

inline constexpr std::string_view kBookMachine = "book";            ///< what moved in each currency, key Currency
inline constexpr std::string_view kVendorBookMachine = "book.vendor";  ///< and for each Vendor, key Vendor/Currency
inline constexpr std::string_view kDeductionMachine = "deduction";  ///< what revokes left, key Vendor/Currency/OrderId
inline constexpr std::string_view kPayoutMachine = "payout";        ///< what was sent, key Vendor/BatchId
inline constexpr std::size_t kMaxDeductions = 10000;                ///< in one settlement, as the message admits

/// The machine broker.debt.
class BrokerDebt : public Actor {
 public:
  /// `regular` and `revokes` outlive the object.
  BrokerDebt(Machine machine, Stage& stage, BrokerCommitments& regular, BrokerRevokes& revokes)
      : Actor(std::move(machine), stage),
        regular_(regular),
        revokes_(revokes),
        accounts_(stage.facts, stage.store),
        outages_(stage.facts, stage.store),
        signatures_(stage.facts) {}

  bool holds(std::uint8_t predicate, const Turn& turn) override;
  void apply(statemachines::EffectId effect, Turn& turn) override;
  void fill(const ledger::Record&, const AnyDocument*, AnyDocument&) override {}

  /// Settles one item of a claim: it is put into the lists of `settlement`.
  void settle(const msg::Claim& claim, const msg::ClaimItem& item, msg::Settlement& settlement);
  /// The NetTotal of the order's batch has left.
  void paid(const msg::Settlement& settlement, const std::string& order_id);

 private:
  /// The item that is being settled.
  struct Dealing {
    const msg::Claim& claim;
    const msg::ClaimItem& item;
    msg::Settlement& settlement;
    std::string_view fault = {};  ///< of the item's Commitment
  };

  bool approved() const;
  bool proven() const;
  bool proof_over();
  std::string_view fault_of(const ledger::Record& record, const msg::Commitment& commitment) const;
  bool terms_equal(const Turn& turn);
  std::optional<ledger::Record> order_of(std::string_view key);
  std::int64_t settle_due_ms(const ledger::Record& record);
  void take_over(Turn& turn);
  void book(Turn& turn, bool committed);
  void debit(Turn& turn, bool committed);
  void fall_back(const ledger::Record& from);
  void refund(Turn& turn);
  bool gives_up_commission() const;
  void refuse(std::string_view code, std::string first_batch = {});

  BrokerCommitments& regular_;
  BrokerRevokes& revokes_;
  Accounts accounts_;
  Suspensions outages_;
  Signatures signatures_;
  const Dealing* dealing_ = nullptr;
};

/// The machine broker.batch.
class BrokerBatch : public Actor {
 public:
  BrokerBatch(Machine machine, Stage& stage, BrokerDebt& debts)
      : Actor(std::move(machine), stage), debts_(debts), signatures_(stage.facts) {}

  bool holds(std::uint8_t predicate, const Turn& turn) override;
  void apply(statemachines::EffectId effect, Turn& turn) override;
  void fill(const ledger::Record& record, const AnyDocument* request, AnyDocument& response) override;

  void serve(const msg::Claim& claim, Request& request);

 private:
  std::string_view fault_of(const msg::Claim& claim) const;
  void settle(Turn& turn);
  void deduct(msg::Settlement& settlement);
  void enter(const msg::Settlement& settlement);
  void pay_out(Turn& turn);

  BrokerDebt& debts_;
  Signatures signatures_;
  std::string_view fault_;  ///< of the signatures in the claim that is being served
};

/// Both machines together.
class BrokerSettlement : public Part {
 public:
  BrokerSettlement(Stage& stage, BrokerCommitments& regular, BrokerRevokes& revokes);
  bool serve(Request& request) override;

 private:
  BrokerDebt debts_;
  BrokerBatch batches_;
};

/// The key of an order's debt or claim: the same as that of the order.
std::string debt_key(msg::Kind kind, std::string_view vendor, std::string_view order_id);

/// Whether a record of kBookMachine balances: what was debited, less what was refunded, is what Vendors got and what the
/// Broker kept, each less what was taken back or will be with the Vendor's next settlement (QP-ADD-24).
bool balances(const ledger::Record& book);

}  // namespace quickpay::roles
