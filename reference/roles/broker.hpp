// The Broker: holds funds for an order, commits to pay it, tells the Host.
#pragma once

#include <memory>
#include <string_view>

#include "reference/roles/inquiries.hpp"
#include "reference/roles/keys_player.hpp"
#include "reference/roles/paycard_broker.hpp"
#include "reference/roles/registration_player.hpp"
#include "reference/roles/regular_broker.hpp"
#include "reference/roles/revoke_broker.hpp"
#include "reference/roles/role.hpp"
#include "reference/roles/settlement_broker.hpp"

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
  explicit BrokerRole(Stage& stage);
  void on_request(Request& request) override;
  void block(std::string_view paycard, bool blocked);
  Suspensions& suspensions() { return suspensions_; }
  PlayerKeys* keys() override { return keys_.get(); }
  PlayerRegistration* own_registration() override { return registration_.get(); }

 private:
  Stage& stage_;
  Suspensions suspensions_;
  BrokerOrder orders_;
  BrokerCommitment commitments_;
  BrokerSettlement settlement_;
  BrokerRevoke revokes_;
  BrokerPaycards paycards_;
  std::unique_ptr<PlayerKeys> keys_;
  std::unique_ptr<PlayerRegistration> registration_;
};

}  // namespace quickpay::roles
