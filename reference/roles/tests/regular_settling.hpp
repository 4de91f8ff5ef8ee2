// A Broker that commits to regular orders and settles them.
#pragma once

#include <gtest/gtest.h>

#include "reference/roles/accounts.hpp"
#include "reference/roles/settlement_broker.hpp"
#include "reference/roles/tests/regular_single.hpp"

namespace quickpay::roles {

inline NodeConfig settling_broker() {
  NodeConfig config = signing(broker_config());
  config.commission_bp = 150;
  return config;
}

struct RegularSettlement : testing::Test {
  Single broker{settling_broker()};
  RegularSettlement() { publish_keys(broker); }

  msg::ClaimItem commit(const std::string& order_id, std::int64_t amount = 125) {
    regular::InquiryPayment request;
    request.head = broker.head(kWallet, "B7");
    request.body.paycard = "P7";
    request.body.order_ref = regular_ref(order_id, amount);
    request.body.paycard_token = paycard::make_token(kSecret, {kWallet, "P7", request.head.msg_id, request.body.order_ref});
    const auto answer = broker.ask<regular::InquiryPaymentResponse>(request, regular::kInquiryPaymentMessage, kWalletAddress);
    return item_of(answer->body.commitment.value());
  }
  static msg::ClaimItem item_of(const msg::Commitment& commitment) {
    return {commitment.order_ref, commitment.commit_id, commitment};
  }
  msg::Settlement settle(const msg::ClaimItem& item, std::vector<msg::Approval> approvals = {}) {
    batch::SettleWithBroker request;
    request.head = broker.head("V1001", "B7");
    msg::Claim& made = request.body.claim;
    made.batch_id = broker.fresh_id();
    made.vendor = "V1001";
    made.broker = "B7";
    made.currency = "USD";
    made.count = 1;
    made.total = item.order_ref.amount;
    made.approval = std::move(approvals);
    made.item = {item};
    sign(made);
    return broker.ask<batch::SettleWithBrokerResponse>(request, batch::kSettleWithBrokerMessage, kVendorAddress)
        ->body.settlement.value();
  }
  std::string code(const msg::ClaimItem& item, std::vector<msg::Approval> approvals = {}) {
    const msg::Settlement settlement = settle(item, std::move(approvals));
    return settlement.refused.empty() ? "accepted" : settlement.refused.at(0).code;
  }
  std::int64_t value(std::string_view machine, std::string_view key, const std::string& name) {
    const auto record = broker.ledger->find(machine, key);
    return record && *record ? number(**record, name).value_or(0) : 0;
  }
  std::int64_t account(const std::string& name) { return value(kAccountMachine, "acc-1", name); }
  std::int64_t book(const std::string& name) { return value(kBookMachine, "USD", name); }
  std::string debt(const std::string& id) { return state_of(broker, "broker.debt", "regular/V1001/" + id); }
};

}  // namespace quickpay::roles
