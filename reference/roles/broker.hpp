// The Broker: holds funds for an order, commits to pay it, tells the Host.
#pragma once

#include <memory>
#include <string_view>

#include "reference/roles/inquiries.hpp"
#include "reference/roles/parts.hpp"
#include "reference/roles/role.hpp"
#include "reference/roles/suspensions.hpp"

namespace quickpay::roles {

inline constexpr std::size_t kMaxMsgIds = 64;  ///< inquiries that one order remembers; more are declined (QP-ADD-01)

/// The machine broker.order.
class BrokerOrder : public Actor {
 public:
  BrokerOrder(Machine machine, Stage& stage)
      : Actor(std::move(machine), stage), inquiries_(stage.facts, stage.store) {}

  bool holds(std::uint8_t predicate, const Turn& turn) override;
  void apply(statemachines::EffectId effect, Turn& turn) override;
  void fill(const ledger::Record& record, const AnyDocument* request, AnyDocument& response) override;

 private:
  bool sender_is_vendor(const Turn& turn) const;
  bool terms_equal(const Turn& turn) const;
  bool receipt_awaited(const Turn& turn) const;

  void hold(Turn& turn);
  void endorse(Turn& turn);
  void release_hold(Turn& turn);
  void commit(Turn& turn);
  void store_receipt(Turn& turn);
  void start_check_by(Turn& turn);
  void send_register_commit(Turn& turn);
  void remember_msg_id(Turn& turn);

  Inquiries inquiries_;
};

class BrokerRole : public Role {
 public:
  BrokerRole(Stage& stage, const Parts& parts);
  void on_request(Request& request) override;
  void block(std::string_view paycard, bool blocked);
  Suspensions& suspensions() { return suspensions_; }
  OwnKeys* keys() override { return keys_.get(); }
  OwnRegistration* own_registration() override { return registration_.get(); }

 private:
  Stage& stage_;
  Suspensions suspensions_;
  BrokerOrder orders_;
  std::unique_ptr<BrokerCommitments> commitments_;
  std::unique_ptr<BrokerRevokes> revokes_;
  std::unique_ptr<Part> batches_;
  std::unique_ptr<Part> paycards_;
  std::unique_ptr<OwnKeys> keys_;
  std::unique_ptr<OwnRegistration> registration_;
};

}  // namespace quickpay::roles
