// The words of the Broker's suite: a Wallet that inquires and a Vendor that checks.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "conformance/suites/define.hpp"

namespace quickpay::conformance {

inline constexpr std::int64_t kOrderLife = 900;  ///< seconds: T_order

/// Pays at the Broker under test for orders that are made up: a Broker sees nothing of an order but its OrderRef.
class Payer {
 public:
  explicit Payer(Session& session) : session_(session), world_(session.world()) {}

  World& world() { return world_; }
  /// A new order of the first Vendor, which expires `life` seconds from now.
  Element order(std::int64_t amount = 125, std::int64_t life = kOrderLife);
  /// The Paycard of the first Wallet at this Broker; null if the fixture has none.
  const PaycardPlan* card() const;
  const PaycardPlan* other_card() const;  ///< of the second Wallet

  /// What of the first Wallet's account is held and owed; nothing if the Broker does not show that.
  std::optional<std::pair<std::int64_t, std::int64_t>> account() const;

  /// A right inquiry. `card` null: that of the first Wallet.
  Sending inquiry(const Element& ref, const PaycardPlan* card = nullptr);
  Reply inquire(const Element& ref, const PaycardPlan* card = nullptr) { return world_.send(inquiry(ref, card)); }
  /// A right check. `vendor` empty: the first one.
  Sending check(const Element& ref, const std::string& endorsement_id, const std::string& vendor = {});
  Reply commit(const Element& ref, const std::string& endorsement_id) {
    return world_.send(check(ref, endorsement_id));
  }

  /// An order and its endorsement.
  struct Endorsed {
    Element ref;
    Element endorsement;
    Sending inquiry;
    Reply reply;
    std::string id() const { return text_at(endorsement, "EndorsementId"); }
    std::int64_t check_by_ms() const { return time_of(text_at(endorsement, "CheckBy")); }
  };
  std::optional<Endorsed> endorsed(std::int64_t amount = 125, const PaycardPlan* card = nullptr);
  /// The whole payment; the reply is that to CheckCommit.
  Reply pay(std::int64_t amount = 125);
  bool pays() { return pay().ok(); }
  const std::string& refusal() const { return refusal_; }

 private:
  Session& session_;
  World& world_;
  std::string refusal_;
};

/// No notice of a commitment.
bool is_commit_notice(const Entry& entry);

}  // namespace quickpay::conformance
