// A program without the protocols that QP_LEFT_OUT names: what it answers, what it refuses its owner, and that it pays.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <sstream>

#include "reference/codec/generated/messages.hpp"
#include "reference/codec/generated/protocol.hpp"
#include "reference/codec/protocols.hpp"
#include "reference/roles/parts.hpp"
#include "reference/sim/tests/support.hpp"

namespace quickpay::sim {
namespace {

using Names = std::vector<std::string>;

const std::string kCode = "<Code>";

Names left_out() {
  const char* given = std::getenv("QP_LEFT_OUT");
  std::istringstream text(given ? given : "");
  return {std::istream_iterator<std::string>(text), {}};
}

bool is_in(const Names& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string code_in(const std::string& body) {
  const std::size_t at = body.find(kCode);
  return at == std::string::npos ? "" : body.substr(at + kCode.size(), body.find('<', at + 1) - at - kCode.size());
}

/// What came of an owner's wish.
template <class Result>
std::string told(const Result& result) {
  return result ? "done" : result.error().reason;
}

/// Profile H and keys for all, so that nothing but the protocol is missing.
WorldOptions with_keys() {
  WorldOptions options;
  options.authenticate = true;
  options.sign = true;
  return options;
}

TEST(LeftOut, IsNotAmongTheProtocolsOfTheProgram) {
  Names expected;
  for (const std::string& name : codec::protocol_names()) {
    if (!is_in(left_out(), name)) expected.push_back(name);
  }
  EXPECT_EQ(roles::linked_protocols(), expected);
  EXPECT_EQ(roles::missing_protocol(expected), "");
  EXPECT_EQ(roles::missing_protocol({}).empty(), left_out().empty());
  for (const roles::MachineLeftOut& each : roles::linked_parts().left_out) {
    EXPECT_TRUE(is_in(left_out(), each.protocol)) << each.machine;
  }
}

// QP-TECH-007: a message of a protocol that is left out is refused as such, and none of another one is.
TEST(LeftOut, MessagesAreUnsupportedAndThoseOfOthersAreNot) {
  Shop shop;
  for (const codec::MessageType* message : msg::messages()) {
    const std::string to = shop.world->ids(message->to).at(0);
    std::string code = "nothing";
    shop.world->ask(shop.wallet, to, std::string(message->path), "<no message",
                    [&](const roles::CallResult& result) { code = code_in(result.body); });
    shop.world->run_for(kMinute);
    const auto expected = is_in(left_out(), message->protocol) ? protocol::QP_E_UNSUPPORTED : protocol::QP_E_XML;
    EXPECT_EQ(code, expected) << message->path << " is answered " << code;
  }
}

// QP-APP-001: the goods come, are paid for and registered, whatever else is left out.
TEST(LeftOut, AMicropaymentGoesThrough) {
  for (const bool authenticate : {false, true}) {
    WorldOptions options = with_keys();
    options.authenticate = authenticate;
    Shop shop(options);
    const std::string order = shop.world->buy(shop.wallet, shop.vendor);
    ASSERT_TRUE(shop.reaches(order, "DONE", kMinute));
    shop.world->run_for(kMinute);
    EXPECT_EQ(shop.only(shop.vendor, "vendor.order").state, "DELIVERED");
    EXPECT_EQ(shop.only(shop.broker, "broker.order").state, "COMMITTED");
    EXPECT_EQ(shop.only("H1", "host.case").state, "OPEN");
    EXPECT_EQ(shop.account("owed"), 125);
    for (auto& [id, site] : shop.world->sites()) EXPECT_EQ(site.failures, 0) << id;
  }
}

// Those that are left play on: settled where settlement is there, a regular order where regular is.
TEST(LeftOut, OthersPlayOn) {
  Shop shop(with_keys());
  const std::string bought = shop.world->buy(shop.wallet, shop.vendor);
  ASSERT_TRUE(shop.reaches(bought, "DONE", kMinute));
  const std::string regular = shop.world->buy_regular(shop.wallet, shop.vendor);
  EXPECT_EQ(regular.empty(), is_in(left_out(), "regular"));
  shop.world->run_for(kMinute);
  std::string settled;
  shop.world->act(shop.world->site(shop.vendor), [&](roles::Node& node) { settled = told(node.settle()); });
  shop.world->run_for(kMinute);
  const bool settles = !is_in(left_out(), "settlement");
  EXPECT_EQ(settled, settles ? "done" : "not-served");
  const auto batches = all_of(shop.world->site(shop.broker), "broker.batch");
  EXPECT_EQ(batches.empty(), !settles);
  EXPECT_EQ(all_of(shop.world->site(shop.vendor), "port.claim").empty(), settles);  // kept for a build that settles
}

/// What the owner of a player of this role may want of the protocol.
struct Wish {
  const char* protocol;
  const char* role;
  std::function<std::string(roles::Node&)> act;
};

const Wish kWishes[] = {
    {"keys", "wallet", [](roles::Node& node) { return told(node.publish_key("0")); }},
    {"keys", "vendor", [](roles::Node& node) { return told(node.renew_key()); }},
    {"keys", "broker", [](roles::Node& node) { return told(node.withdraw_key("0", "lost", 0)); }},
    {"paycard", "wallet", [](roles::Node& node) { return told(node.add_paycard("card", "0")); }},
    {"paycard", "wallet", [](roles::Node& node) { return told(node.remove_paycard("0")); }},
    {"registration", "vendor", [](roles::Node& node) { return told(node.register_self({{{"127.0.0.1", 1}}})); }},
    {"registration", "vendor", [](roles::Node& node) { return told(node.change_self({{}, "A"})); }},
    {"registration", "vendor", [](roles::Node& node) { return told(node.leave()); }},
    {"registration", "wallet", [](roles::Node& node) { return told(node.register_self({})); }},
    {"registration", "broker", [](roles::Node& node) { return told(node.register_self({})); }},
    {"regular", "wallet", [](roles::Node& node) { return told(node.open_regular_link("V1", "no item")); }},
    {"revoke", "vendor", [](roles::Node& node) { return told(node.revoke("0")); }},
    {"revoke", "vendor", [](roles::Node& node) { return told(node.contest("0")); }},
    {"settlement", "vendor", [](roles::Node& node) { return told(node.settle()); }},
    {"settlement", "vendor", [](roles::Node& node) { return told(node.withdraw("0")); }},
    {"administration", "host", [](roles::Node& node) { return node.host_entry() ? "done" : "not-served"; }},
};

TEST(LeftOut, WhatItsOwnerWantsIsNotServed) {
  Shop shop(with_keys());
  for (const Wish& wish : kWishes) {
    std::string reason;
    shop.world->act(shop.world->site(shop.world->ids(wish.role).at(0)), [&](roles::Node& node) { reason = wish.act(node); });
    EXPECT_EQ(reason == "not-served", is_in(left_out(), wish.protocol)) << wish.protocol << ": " << reason;
  }
}

/// What a node says that is made with these protocols on a ledger with a record of this machine.
std::string fault_with(const Names& protocols, std::string_view machine) {
  MemoryLedger ledger;
  if (!machine.empty()) {
    EXPECT_TRUE(ledger.put({std::string(machine), "a key", "A_STATE", {}, {}}));
    EXPECT_TRUE(ledger.flush());
  }
  VirtualClock clock;
  crypto::SeededRandom random(std::uint64_t{1});
  const roles::TableDirectory directory;
  roles::NodeConfig config;
  config.role = "host";
  config.id = "H1";
  config.protocols = protocols;
  roles::Node node(config, ledger, clock, random, directory);
  const auto out = node.flush();
  return out ? "" : out.error().what;
}

// Where it has left records their timers and calls would be lost; whoever wants it served is told so.
TEST(LeftOut, NothingRunsWhereItIsNeeded) {
  EXPECT_EQ(fault_with({}, ""), "");
  EXPECT_EQ(fault_with({}, "host.case"), "");
  for (const roles::MachineLeftOut& each : roles::linked_parts().left_out) {
    EXPECT_EQ(fault_with({}, each.machine), "the ledger has records of " + std::string(each.machine) +
                                                ", and this build is without the protocol " + std::string(each.protocol));
  }
  for (const std::string& name : left_out()) {
    EXPECT_EQ(fault_with({"micropayment", name}, ""),
              "this build is without the protocol " + name + ", which is to be served");
  }
}

}  // namespace
}  // namespace quickpay::sim
