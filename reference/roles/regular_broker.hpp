// The Broker's part of regular payment: takes the money and signs the commitment in one step.
#pragma once

#include "reference/roles/inquiries.hpp"
#include "reference/roles/parts.hpp"
#include "reference/roles/signatures.hpp"

namespace quickpay::roles {

/// The machine broker.commitment.
class BrokerCommitment : public Actor, public BrokerCommitments {
 public:
  explicit BrokerCommitment(Stage& stage);

  bool holds(std::uint8_t predicate, const Turn& turn) override;
  void apply(statemachines::EffectId effect, Turn& turn) override;
  void fill(const ledger::Record& record, const AnyDocument* request, AnyDocument& response) override;

  /// Answers a request of the protocol; false: it is of another one. Without a signing key the node says that something
  /// is wrong here (QP-E-INTERNAL).
  bool serve(Request& request) override;
  std::optional<ledger::Record> order_of(std::string_view key) override { return stage_.store.find(table().id, key); }

 private:
  void commit(Turn& turn);

  Inquiries inquiries_;
  Signatures signatures_;
};

}  // namespace quickpay::roles
