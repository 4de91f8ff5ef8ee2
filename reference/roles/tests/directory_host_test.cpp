// The Host's directory as others see it: entries that the Host signs, and Wallets that are found by their ticket alone.
#include <gtest/gtest.h>

#include "reference/crypto/encoding.hpp"
#include "reference/roles/addresses.hpp"
#include "reference/roles/listed_keys.hpp"
#include "reference/roles/tests/signed_single.hpp"

namespace quickpay::roles {
namespace {

namespace admin = msg::admin;
const std::string kTicket = "0123456789abcdef0123456789abcdef";
const std::string kNoTicket = "fedcba9876543210fedcba9876543210";
const Endpoint kShop{"127.0.3.1", 8103};

/// A Host that signs, with two tickets, a Vendor that listens and one that was removed.
struct Listed {
  explicit Listed(NodeConfig config = signing(host_config())) : host(std::move(config)) {
    publish_keys(host);
    change(kWallet, [](Player& player) { player.ticket = kTicket; });
    change("V1001", [](Player& player) { player.endpoints = {kShop}, player.name = "The Daily Example"; });
    change("V1002", [](Player& player) { player.endpoints = {kShop}, player.removed = true; });
  }
  template <class Change>
  void change(const std::string& id, Change&& how) {
    Player player = *host.directory.find(id).player;
    how(player);
    host.directory.put(std::move(player));
  }
  admin::LookupPlayer about(msg::PlayerRole role, const std::string& id) {
    admin::LookupPlayer asked;
    asked.head = host.head("B7", "H1");
    asked.body.role = role;
    asked.body.id = id;
    return asked;
  }
  admin::LookupPlayer about_wallet(const std::string& id, const std::string& ticket) {
    admin::LookupPlayer asked = about(msg::PlayerRole::wallet, id);
    asked.body.ticket = ticket;
    return asked;
  }
  admin::LookupPlayer about_place(msg::PlayerRole role, const Endpoint& at) {
    admin::LookupPlayer asked = about(role, "");
    asked.body.id.reset();
    asked.body.endpoint = {at.address, at.port};
    return asked;
  }
  admin::LookupPlayerResponse ask(const admin::LookupPlayer& asked, const std::string& from = kBrokerAddress) {
    return host.ask<admin::LookupPlayerResponse>(asked, admin::kLookupPlayerMessage, from)
        .value_or(admin::LookupPlayerResponse{});
  }
  std::string code(const admin::LookupPlayer& asked) { return ask(asked).body.status.code; }
  Single host;
};

bool signed_by(const crypto::RsaPrivateKey& key, const msg::Entry& entry) {
  crypto::CryptoCounters counters;
  return crypto::verify_object(key.public_key(), "directory", "Entry", msg::kEntryType, &entry, entry.sig.value, counters);
}

TEST(DirectoryHost, GivesTheSignedEntryOfAPlayer) {  // QP-ROLE-009 QP-ADD-18
  Listed listed;
  const auto answer = listed.ask(listed.about(msg::PlayerRole::vendor, "V1001"));
  ASSERT_EQ(answer.body.status.code, "QP-OK");
  const msg::Entry& entry = *answer.body.entry;
  EXPECT_EQ(entry.role, msg::PlayerRole::vendor);
  EXPECT_EQ(entry.id, "V1001");
  EXPECT_EQ(entry.state, msg::PlayerState::live);
  EXPECT_EQ(entry.name, "The Daily Example");
  ASSERT_EQ(entry.endpoint.size(), 1U);
  EXPECT_EQ(entry.endpoint[0].addr, kShop.address);
  EXPECT_EQ(entry.endpoint[0].port, kShop.port);
  ASSERT_EQ(entry.key.size(), 1U);
  EXPECT_EQ(entry.key[0].key_id, key_of("vendor").public_key().key_id());
  EXPECT_EQ(*crypto::base64_decode(entry.key[0].pub_key), key_of("vendor").public_key().spki_der());
  EXPECT_EQ(entry.issued_at, "2026-11-22T12:00:00Z");
  EXPECT_EQ(entry.valid_to, "2026-11-30T12:00:00Z");  // a day and a week
  EXPECT_TRUE(signed_by(key_of("host"), entry));
  EXPECT_FALSE(signed_by(stranger_key(), entry));
  msg::Entry other = entry;
  other.endpoint[0].port += 1;
  EXPECT_FALSE(signed_by(key_of("host"), other)) << "the signature covers where the player listens";
}

TEST(DirectoryHost, FindsAVendorByItsPlace) {  // QP-ROLE-009
  Listed listed;
  const auto answer = listed.ask(listed.about_place(msg::PlayerRole::vendor, kShop));
  ASSERT_TRUE(answer.body.entry) << answer.body.status.code;
  EXPECT_EQ(answer.body.entry->id, "V1001") << "a removed Vendor listens nowhere";
  EXPECT_EQ(listed.code(listed.about_place(msg::PlayerRole::vendor, {"127.0.3.1", 8104})), "QP-E-VENDOR");
  EXPECT_EQ(listed.code(listed.about_place(msg::PlayerRole::broker, kShop)), "QP-E-BROKER");
  EXPECT_EQ(listed.code(listed.about_place(msg::PlayerRole::host, kShop)), "QP-E-FORBIDDEN");
}

TEST(DirectoryHost, SaysThatAPlayerWasRemoved) {  // QP-ADD-23
  Listed listed;
  const auto answer = listed.ask(listed.about(msg::PlayerRole::vendor, "V1002"));
  ASSERT_TRUE(answer.body.entry);
  EXPECT_EQ(answer.body.entry->state, msg::PlayerState::removed);
}

TEST(DirectoryHost, SaysThatABrokerIsSuspended) {  // QP-ROLE-009
  Listed listed;
  Player broker = *listed.host.directory.find("B7").player;
  broker.suspended = true;
  broker.source_addresses = {"127.0.6.8"};
  broker.contract_bp = 50;
  broker.commissions = {{kNoon - 2, 100}, {kNoon - 1, 200}};
  broker.oldest_paycards.assign(17, {"card", "1"});
  listed.host.directory.put(broker);
  const auto answer = listed.ask(listed.about(msg::PlayerRole::broker, "B7"));
  ASSERT_TRUE(answer.body.entry);
  EXPECT_EQ(answer.body.entry->state, msg::PlayerState::suspended);
  EXPECT_EQ(answer.body.entry->source_addr, broker.source_addresses);
  EXPECT_EQ(answer.body.entry->commission_bp, 200) << "what it told last, and not its contract";
  EXPECT_EQ(answer.body.entry->min_paycard.size(), 16u) << "for which an entry has room";
  EXPECT_TRUE(signed_by(key_of("host"), *answer.body.entry));
}

TEST(DirectoryHost, KnowsNobodyElse) {  // QP-ROLE-009
  Listed listed;
  EXPECT_EQ(listed.code(listed.about(msg::PlayerRole::vendor, "V999")), "QP-E-VENDOR");
  EXPECT_EQ(listed.code(listed.about(msg::PlayerRole::broker, "B99")), "QP-E-BROKER");
  EXPECT_EQ(listed.code(listed.about(msg::PlayerRole::vendor, "B7")), "QP-E-VENDOR") << "the role has to be right";
  EXPECT_EQ(listed.code(listed.about(msg::PlayerRole::broker, "V1001")), "QP-E-BROKER");
  EXPECT_EQ(listed.code(listed.about(msg::PlayerRole::host, "H2")), "QP-E-FORBIDDEN");
}

TEST(DirectoryHost, FindsAWalletByItsTicketAlone) {  // QP-ANON-012 QP-ANON-011
  Listed listed;
  const auto answer = listed.ask(listed.about_wallet(kWallet, kTicket));
  ASSERT_TRUE(answer.body.entry) << answer.body.status.code;
  const msg::Entry& entry = *answer.body.entry;
  ASSERT_EQ(entry.net.size(), 1U);
  EXPECT_EQ(entry.net[0].addr, kWalletAddress);
  EXPECT_EQ(entry.net[0].prefix, 32);
  EXPECT_FALSE(entry.name) << "nothing but State, keys and addresses";
  EXPECT_TRUE(entry.endpoint.empty());
  for (const auto& asked : {listed.about_wallet(kWallet, kNoTicket), listed.about_wallet(kOtherWallet, kTicket),
                            listed.about_wallet("W" + std::string(32, '0'), kTicket)}) {
    const auto refused = listed.ask(asked);
    EXPECT_EQ(refused.body.status.code, "QP-E-FORBIDDEN") << *asked.body.id;
    EXPECT_FALSE(refused.body.status.note) << "an unknown Wallet and a wrong ticket look the same";
  }
}

TEST(DirectoryHost, AWalletWithoutATicketIsFoundByNobody) {  // QP-ANON-012
  Listed listed;
  listed.change(kWallet, [](Player& player) { player.ticket.clear(); });
  EXPECT_EQ(listed.code(listed.about_wallet(kWallet, kTicket)), "QP-E-FORBIDDEN");
}

TEST(DirectoryHost, AnswersWhoDoesNotSayWhoAsks) {  // QP-ROLE-009 QP-ROLE-010
  Listed listed;
  admin::LookupPlayer asked = listed.about(msg::PlayerRole::broker, "B7");
  asked.head.sender.reset();
  EXPECT_TRUE(listed.ask(asked, "127.0.9.9").body.entry);
  asked = listed.about(msg::PlayerRole::broker, "B7");
  EXPECT_EQ(listed.ask(asked, "127.0.9.9").body.status.code, "QP-E-FORBIDDEN") << "who gives a name has to be there";
}

TEST(DirectoryHost, DescribesItself) {  // QP-ROLE-009
  NodeConfig config = signing(host_config());
  config.protocols = {"micropayment", "administration"};
  Listed listed(config);
  const auto answer = listed.ask(listed.about(msg::PlayerRole::host, "H1"));
  ASSERT_TRUE(answer.body.entry) << answer.body.status.code;
  const msg::Entry& entry = *answer.body.entry;
  EXPECT_EQ(entry.profile, std::vector{msg::Profile::F});
  EXPECT_EQ(entry.protocol, (std::vector{msg::ServedFamily::micro, msg::ServedFamily::admin}));
  ASSERT_EQ(entry.currency.size(), config.currencies.size());
  EXPECT_EQ(entry.currency[0].code, config.currencies[0]);
}

TEST(DirectoryHost, SaysNoMoreThanAnEntryCanHold) {  // QP-ADD-20
  Listed listed;
  listed.change("V1001", [](Player& player) {
    player.endpoints.assign(entry_room("Endpoint") + 1, kShop);
    player.keys.assign(entry_room("Key") + 1, player.keys.front());
  });
  listed.change(kWallet, [](Player& player) { player.bound_addresses.assign(entry_room("Net") + 1, kWalletAddress); });
  const auto answer = listed.ask(listed.about(msg::PlayerRole::vendor, "V1001"));
  ASSERT_TRUE(answer.body.entry);
  EXPECT_EQ(answer.body.entry->endpoint.size(), entry_room("Endpoint"));
  EXPECT_EQ(answer.body.entry->key.size(), entry_room("Key"));
  EXPECT_EQ(entry_room("Endpoint"), 8U);  // as the specification has it
  const auto wallet = listed.ask(listed.about_wallet(kWallet, kTicket));
  ASSERT_TRUE(wallet.body.entry);
  EXPECT_EQ(wallet.body.entry->net.size(), entry_room("Net"));
}

TEST(DirectoryHost, LeavesOutWhatNoEntryCanCarry) {  // QP-ADD-20
  Listed listed;
  listed.change("V1001", [](Player& player) {
    player.name.assign(129, 'x');
    player.keys.push_back(player.keys.front());
    player.keys.front().spki.assign(4000, 'x');
    player.endpoints = {{"the shop", 8103}, {"2001:DB8::1", 8103}, {"::ffff:127.0.3.1", 8103}};
  });
  listed.change(kWallet, [](Player& player) { player.bound_addresses = {"somewhere", kWalletAddress}; });
  const auto answer = listed.ask(listed.about(msg::PlayerRole::vendor, "V1001"));
  ASSERT_TRUE(answer.body.entry);
  EXPECT_FALSE(answer.body.entry->name);
  EXPECT_EQ(answer.body.entry->key.size(), 1U);
  ASSERT_EQ(answer.body.entry->endpoint.size(), 1U) << "what is no address as messages have it";
  EXPECT_EQ(answer.body.entry->endpoint[0].addr, "127.0.3.1");
  EXPECT_TRUE(listed.ask(listed.about_place(msg::PlayerRole::vendor, {"127.0.3.1", 8103})).body.entry) << "as the entry says it";
  const auto wallet = listed.ask(listed.about_wallet(kWallet, kTicket));
  ASSERT_TRUE(wallet.body.entry);
  EXPECT_EQ(wallet.body.entry->net.size(), 1U);
}

TEST(DirectoryHost, ALookUpChangesNothingAndIsInNoLog) {  // QP-ROLE-009
  Listed listed;
  ASSERT_TRUE(listed.ask(listed.about(msg::PlayerRole::vendor, "V1001")).body.entry);
  for (const char* machine : {"host.case", "host.log", "host.log.end", "counter"}) {
    const auto kept = listed.host.ledger->list(machine, "", 10);
    ASSERT_TRUE(kept);
    EXPECT_TRUE(kept->empty()) << machine;
  }
}

TEST(DirectoryHost, AHostWithoutAKeyGivesNoEntry) {  // QP-ADD-18
  Listed listed(host_config());
  EXPECT_EQ(listed.code(listed.about(msg::PlayerRole::vendor, "V1001")), "QP-E-INTERNAL");
  EXPECT_EQ(listed.code(listed.about(msg::PlayerRole::vendor, "V999")), "QP-E-VENDOR") << "a refusal needs no key";
}

TEST(DirectoryHost, SaysNothingOfItselfWhereItIsNotListed) {  // QP-ROLE-009
  Listed listed;
  listed.host.directory.remove("H1");
  EXPECT_EQ(listed.code(listed.about(msg::PlayerRole::host, "H1")), "QP-E-FORBIDDEN");
}

TEST(DirectoryHost, CountsOneSignatureALookUp) {  // QP-MP-018
  Listed listed;
  const auto before = listed.host.node->crypto_counters().rsa_signatures;
  ASSERT_TRUE(listed.ask(listed.about(msg::PlayerRole::vendor, "V1001")).body.entry);
  EXPECT_EQ(listed.host.node->crypto_counters().rsa_signatures, before + 1);
}

TEST(DirectoryHost, NamesTheNetworkOfAnAddress) {  // QP-REL-006
  EXPECT_EQ(net_of("10.0.0.1")->prefix, 32);
  EXPECT_EQ(net_of("2001:db8::1")->prefix, 128);
  EXPECT_EQ(net_of("::ffff:10.0.0.1")->addr, "10.0.0.1");
  EXPECT_FALSE(net_of(""));
}

}  // namespace
}  // namespace quickpay::roles
