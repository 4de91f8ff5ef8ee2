// A Host alone, with the notices that it gets about one order.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "reference/roles/tests/single.hpp"

namespace quickpay::roles {

inline constexpr std::int64_t kRegisterMs = protocol::T_register_default * 1000;

/// A Host, and what Broker, Vendor and Wallets register at it.
struct World {
  explicit World(NodeConfig config = host_config()) : host(std::move(config)) {}

  Single host;

  micro::RegisterCommit commit(const msg::OrderRef& ref = some_ref()) {
    micro::RegisterCommit notice;
    notice.head = host.head("B7", "H1");
    notice.body = {ref, kWallet, std::string(32, 'c'), "2026-11-22T12:00:01Z", "2026-12-22T12:00:01Z", {}};
    return notice;
  }
  micro::RegisterDelivery delivery(const msg::OrderRef& ref = some_ref()) {
    micro::RegisterDelivery notice;
    notice.head = host.head("V1001", "H1");
    notice.body = {ref, "B7", std::string(32, 'c'), std::string(32, 'd'), "2026-11-22T12:00:02Z", {}};
    return notice;
  }
  micro::RegisterOrder order(std::optional<msg::Outcome> outcome = {}, const std::string& wallet = kWallet) {
    micro::RegisterOrder notice;
    notice.head = host.head(wallet, "H1");
    notice.body = {some_ref(), "B7", std::string(32, 'e'), std::string(32, 'd'), "2026-11-22T12:00:03Z", outcome, {}};
    return notice;
  }
  auto ask(const micro::RegisterCommit& notice) {
    return *host.ask<micro::RegisterCommitResponse>(notice, micro::kRegisterCommitMessage, kBrokerAddress);
  }
  auto ask(const micro::RegisterDelivery& notice, const std::string& address = kVendorAddress) {
    return *host.ask<micro::RegisterDeliveryResponse>(notice, micro::kRegisterDeliveryMessage, address);
  }
  auto ask(const micro::RegisterOrder& notice, const std::string& address = kWalletAddress) {
    return *host.ask<micro::RegisterOrderResponse>(notice, micro::kRegisterOrderMessage, address);
  }
  std::vector<std::string> variables(std::string_view machine) {
    std::vector<std::string> all;
    const auto records = *host.node->records(machine);
    for (const auto& record : records) all.insert(all.end(), record.variables.begin(), record.variables.end());
    return all;
  }
};

}  // namespace quickpay::roles
