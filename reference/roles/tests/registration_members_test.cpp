// Registration of Wallets and Brokers at the Host: who gets an identifier, who does not, and what is kept of whom.
#include "reference/roles/registration_members.hpp"

#include <gtest/gtest.h>

#include <set>

#include "reference/roles/addresses.hpp"
#include "reference/roles/tests/entering.hpp"

namespace quickpay::roles {
namespace {

std::size_t kept(Single& host, std::string_view machine) { return host.ledger->list(machine, "", 100)->size(); }

// ---- Wallets

struct WalletEnters : testing::Test {
  Single host{admitting()};
  Entering wallet{host, "127.0.7.1"};

  std::optional<msg::Entry> entry() { return entry_of(host, msg::PlayerRole::wallet, wallet.id, wallet.ticket); }
};

// QP-WAL-005 QP-WAL-006 QP-WAL-007 QP-ANON-012
TEST_F(WalletEnters, GetsAnIdentifierAndATicket) {
  ASSERT_EQ(wallet.enter(), "QP-OK");
  EXPECT_EQ(wallet.id.size(), 33u);
  EXPECT_EQ(wallet.id[0], 'W');
  EXPECT_FALSE(wallet.key) << "profile F has no keys";
  for (int life = 0; life < 2; ++life, host.restart()) {
    const auto listed = entry();
    ASSERT_TRUE(listed);
    ASSERT_EQ(listed->net.size(), 1u);
    EXPECT_EQ(listed->net[0].addr, "127.0.7.1");
    EXPECT_FALSE(entry_of(host, msg::PlayerRole::wallet, wallet.id, std::string(32, '0')));
  }
  const auto record = host.ledger->find("host.wallet", wallet.id);
  EXPECT_EQ(recall<msg::WalletSoftware>(**record, "Software", msg::kWalletSoftwareType), wallet.wallet().software);
}

// QP-ANON-006 QP-ANON-007: there is no room for a person.
TEST_F(WalletEnters, SaysNothingOfItsUser) {
  admin::RegisterWallet request;
  request.head = host.anonymous("H1");
  const auto code = [&](const std::string& more) {
    const auto inner = wallet.wallet();
    const auto& type = admin::kRegisterWalletMessage;
    std::string plain = codec::write_document(*type.request_inner, &inner);
    plain.insert(plain.find("<Net>"), more);
    request.head.msg_id = host.fresh_id();
    crypto::CryptoCounters counters;
    const auto made =
        crypto::seal(key_of("broker").public_key(), plain,
                     crypto::box_context(type.request->root, msg::kHeadType, &request.head), host.ids, counters);
    request.body.sealed = {made->key_id, made->wrapped_key, made->boxed.nonce, made->boxed.box};
    return host.ask<admin::RegisterWalletResponse>(request, type, wallet.address)->body.status.code;
  };
  for (const char* more :
       {"<Name>John</Name>", "<Email>j</Email>", "<Ext><Name>x-name</Name><Value>John</Value></Ext>"}) {
    EXPECT_EQ(code(more), "QP-E-SCHEMA") << more;
  }
  EXPECT_EQ(kept(host, "member"), 0u);
  EXPECT_EQ(code(""), "QP-OK");
}

TEST_F(WalletEnters, IsBoundToWhereItIs) {  // QP-REL-006 QP-WAL-013 QP-ROLE-022
  const auto code = [&](std::vector<msg::Net> nets) {
    auto inner = wallet.wallet();
    inner.net = std::move(nets);
    return wallet.enter(inner);
  };
  EXPECT_EQ(code({{"127.0.7.2", 32}}), "QP-E-ADDRESS");
  EXPECT_EQ(code({{"127.0.7.1", 24}}), "QP-E-ADDRESS");
  EXPECT_EQ(code({{"127.0.7.1", 32}, {"2001:db8::", 48}}), "QP-E-ADDRESS") << "every one of them";
  EXPECT_EQ(code({{"127.0.7.1", 32}, {"2001:DB8::", 64}}), "QP-E-SCHEMA");
  EXPECT_EQ(kept(host, "member"), 0u);
  EXPECT_EQ(code({{"127.0.7.1", 32}, {"2001:db8::", 64}}), "QP-OK");
  const std::string first = wallet.id;
  const auto listed = entry();
  ASSERT_EQ(listed->net.size(), 2u);
  EXPECT_EQ(listed->net[1].prefix, 64);
  wallet.address = "2001:db8::42";
  EXPECT_EQ(wallet.update(wallet.moving({})), "QP-OK") << "it may speak from anywhere in its network";
  wallet.address = "2001:db8:0:1::42";
  EXPECT_EQ(wallet.update(wallet.moving({})), "QP-E-FORBIDDEN");
}

TEST_F(WalletEnters, BringsAKeyWithItsProof) {  // QP-ADD-18
  const auto code = [&](auto&& harm) {
    auto inner = wallet.wallet();
    inner.key = member_key(stranger_key(), msg::KeyUse::sign, inner.nonce);
    harm(*inner.key);
    return wallet.enter(inner);
  };
  const std::string other = crypto::base64_encode(key_of("vendor").public_key().spki_der());
  EXPECT_EQ(code([&](auto& key) { key.pub_key = other; }), "QP-E-SIGNATURE");
  EXPECT_EQ(code([&](auto& key) { key = member_key(stranger_key(), msg::KeyUse::sign, host.fresh_id()); }),
            "QP-E-SIGNATURE");
  EXPECT_EQ(code([&](auto& key) { key.not_after = format_time(kNoon + 900 * kDayMs); }), "QP-E-SIGNATURE");
  EXPECT_EQ(code([&](auto& key) { key.pub_key = "AAAA"; }), "QP-E-KEY");
  EXPECT_EQ(code([&](auto& key) { key = member_key(stranger_key(), msg::KeyUse::seal, key.nonce); }), "QP-E-SCHEMA");
  EXPECT_EQ(kept(host, "member") + kept(host, "host.wallet"), 0u);
  EXPECT_EQ(code([](auto&) {}), "QP-OK");
  ASSERT_EQ(entry()->key.size(), 1u);
  EXPECT_EQ(entry()->key[0].key_id, stranger_key().public_key().key_id());
}

TEST_F(WalletEnters, RefusesInOrder) {  // QP-WAL-013 QP-ADD-18
  auto inner = wallet.wallet();
  inner.net = {{"127.0.7.2", 32}};
  inner.key = member_key(stranger_key(), msg::KeyUse::sign, host.fresh_id());
  inner.key->pub_key = "AAAA";
  EXPECT_EQ(wallet.enter(inner), "QP-E-ADDRESS");
  inner.net = {{"127.0.7.1", 32}};
  EXPECT_EQ(wallet.enter(inner), "QP-E-KEY");
}

TEST_F(WalletEnters, MovesAndTakesAnotherTicket) {  // QP-ADM-013 QP-ANON-012
  ASSERT_EQ(wallet.enter(), "QP-OK");
  EXPECT_EQ(wallet.update(wallet.moving({{"127.0.7.2", 32}})), "QP-E-ADDRESS") << "not where it is";
  EXPECT_EQ(wallet.update(wallet.moving({{"127.0.7.1", 32}, {"127.0.7.2", 32}})), "QP-OK");
  wallet.address = "127.0.7.2";
  EXPECT_EQ(wallet.update(wallet.moving({{"127.0.7.2", 32}})), "QP-OK");
  EXPECT_EQ(entry()->net.size(), 1u);
  const std::string old = wallet.ticket;
  auto renewing = wallet.moving({});
  renewing.new_ticket = msg::Yes::yes;
  renewing.software = msg::WalletSoftware{"wallet", "1.1", std::string(64, '6')};
  EXPECT_EQ(wallet.update(renewing), "QP-OK");
  EXPECT_NE(wallet.ticket, old);
  EXPECT_TRUE(entry());
  EXPECT_FALSE(entry_of(host, msg::PlayerRole::wallet, wallet.id, old));
  const auto record = host.ledger->find("host.wallet", wallet.id);
  EXPECT_EQ(recall<msg::WalletSoftware>(**record, "Software", msg::kWalletSoftwareType)->version, "1.1");
}

TEST_F(WalletEnters, LeavesForEver) {  // QP-ADD-23 QP-WAL-008
  ASSERT_EQ(wallet.enter(), "QP-OK");
  ASSERT_EQ(wallet.leave(), "QP-OK");
  for (int life = 0; life < 2; ++life, host.restart()) {
    EXPECT_EQ(wallet.leave(), "QP-E-GONE");
    EXPECT_EQ(wallet.update(wallet.moving({})), "QP-E-GONE");
    EXPECT_EQ(entry()->state, msg::PlayerState::removed);
  }
  EXPECT_FALSE(has_field(**host.ledger->find("host.wallet", wallet.id), "Software"));
}

TEST_F(WalletEnters, WhoTheOwnerListedMovesAndWhoItRemovedIsGone) {  // QP-ADM-013 QP-ADD-23
  wallet.id = kWallet;
  wallet.address = kWalletAddress;
  EXPECT_EQ(wallet.update(wallet.moving({{kWalletAddress, 32}, {"127.0.7.9", 32}})), "QP-OK");
  wallet.address = "127.0.7.9";
  EXPECT_EQ(wallet.leave(), "QP-OK");
  Player removed = *host.directory.find(kOtherWallet).player;
  removed.removed = true;
  host.directory.put(removed);
  wallet.id = kOtherWallet;
  wallet.address = "127.0.4.2";
  EXPECT_EQ(wallet.leave(), "QP-E-GONE");
  EXPECT_EQ(wallet.update(wallet.moving({})), "QP-E-GONE");
}

TEST_F(WalletEnters, IsNeverCalledLikeAnother) {  // QP-WAL-005 QP-ADD-23
  std::set<std::string> ids, tickets;
  for (int i = 0; i < 20; ++i) {
    ASSERT_EQ(wallet.enter(), "QP-OK");
    EXPECT_TRUE(ids.insert(wallet.id).second);
    EXPECT_TRUE(tickets.insert(wallet.ticket).second);
    if (i % 2 == 0) wallet.leave();
  }
}

TEST_F(WalletEnters, ARepetitionGetsTheSameAnswer) {  // QP-ADD-01
  ASSERT_EQ(wallet.enter(), "QP-OK");
  const std::string first = wallet.answer;
  EXPECT_EQ(host.raw(wallet.path, wallet.body, wallet.address), first);
  EXPECT_EQ(kept(host, "member"), 1u);
}

// QP-ADD-21 QP-ADD-01: in profile H the key stands for the address when the address is what changes, and outlives the
// Wallet, which could not trust the answer otherwise.
TEST(WalletEntersInH, MovesByItsKeyAndLearnsThatItIsGone) {
  Single host{in_h(admitting())};
  Entering wallet{host, "127.0.7.1", msg::Profile::H};
  ASSERT_EQ(wallet.enter(), "QP-OK");
  ASSERT_TRUE(wallet.key);
  wallet.address = "127.0.7.2";
  EXPECT_EQ(wallet.leave(), "QP-E-FORBIDDEN") << "elsewhere the address is checked";
  EXPECT_EQ(wallet.update(wallet.moving({{"127.0.7.2", 32}})), "QP-OK");
  host.restart();
  Entering thief = wallet;
  thief.key = EpochKey{1, std::string(32, 'x')};
  thief.address = "127.0.7.3";
  EXPECT_EQ(thief.update(thief.moving({{"127.0.7.3", 32}})), "QP-E-FORBIDDEN");
  thief.key.reset();
  EXPECT_EQ(thief.update(thief.moving({{"127.0.7.3", 32}})), "QP-E-PROFILE");
  EXPECT_EQ(wallet.leave(), "QP-OK");
  host.restart();
  EXPECT_EQ(host.raw(wallet.path, wallet.body, wallet.address), wallet.answer) << "the answer may have been lost";
  EXPECT_EQ(wallet.leave(), "QP-E-GONE") << "and it can be told so";
}

TEST(Bound, CoversWhatBeginsSo) {  // QP-REL-006
  EXPECT_TRUE(covers("10.0.0.1", "::ffff:10.0.0.1"));
  EXPECT_FALSE(covers("10.0.0.1", "10.0.0.2"));
  EXPECT_TRUE(covers("2001:db8::/64", "2001:db8::ffff:1"));
  EXPECT_FALSE(covers("2001:db8::/64", "2001:db8:0:1::1"));
  EXPECT_TRUE(covers("2001:db8::8/125", "2001:db8::f"));
  EXPECT_FALSE(covers("2001:db8::8/125", "2001:db8::10"));
  EXPECT_FALSE(covers("2001:db8::/64", "10.0.0.1"));
  EXPECT_FALSE(covers("2001:db8::/129", "2001:db8::"));
  EXPECT_FALSE(covers("here/64", "2001:db8::"));
  EXPECT_EQ(net_of("2001:db8::/64")->prefix, 64);
}

// ---- Brokers

struct BrokerEnters : testing::Test {
  Single host{admitting()};
  Entering bank{host, kNewBrokerAddress};

  std::optional<msg::Entry> entry() { return entry_of(host, msg::PlayerRole::broker, bank.id); }
};

// QP-ROLE-025 QP-ROLE-007: a code of the owner, once.
TEST_F(BrokerEnters, OneCodeLeadsToOneBroker) {
  EXPECT_EQ(bank.enter(bank.broker("ENROL-0000")), "QP-E-FORBIDDEN");
  EXPECT_EQ(kept(host, "member") + kept(host, "counter.id"), 0u);
  ASSERT_EQ(bank.enter(bank.broker()), "QP-OK");
  EXPECT_EQ(bank.id, "B1");
  for (int life = 0; life < 2; ++life, host.restart()) {
    const auto listed = entry();
    ASSERT_TRUE(listed);
    EXPECT_EQ(listed->name, "The Bank");
    EXPECT_EQ(listed->endpoint.at(0).addr, kNewBrokerAddress);
    ASSERT_EQ(listed->key.size(), 2u);
    EXPECT_EQ(listed->key[1].usage, msg::KeyUse::seal);
    Entering second{host, "127.0.6.2"};
    EXPECT_EQ(second.enter(second.broker()), "QP-E-FORBIDDEN") << "it is used up";
  }
  Entering second{host, "127.0.6.2"};
  EXPECT_EQ(second.enter(second.broker(kSecondCode)), "QP-OK");
  EXPECT_EQ(second.id, "B2");
}

TEST_F(BrokerEnters, TellsItsCommissionAndIsToldTheFee) {  // QP-ROLE-019
  ASSERT_EQ(bank.enter(bank.broker()), "QP-OK");
  EXPECT_FALSE(bank.fee_bp) << "this Host charges nothing";
  NodeConfig config = admitting();
  config.fee_bp = 5000;
  Single charging{config};
  Entering told{charging, kNewBrokerAddress};
  auto inner = told.broker();
  inner.commission_bp = 1000;
  ASSERT_EQ(told.enter(inner), "QP-OK");
  EXPECT_EQ(told.fee_bp, 5000);
  charging.restart();
  for (int life = 0; life < 2; ++life, charging.restart()) {
    const Player& player = *charging.node->directory().find(told.id).player;
    EXPECT_EQ(commission_at(player, kNoon), 1000);
    EXPECT_EQ(commission_at(player, kNoon - 1), std::nullopt) << "it had told nothing";
  }
}

TEST_F(BrokerEnters, TellsOnWhichTermsItPays) {  // QP-ROLE-009 QP-ADM-006 QP-ROLE-019
  auto inner = bank.broker();
  inner.source_addr = {"127.0.6.8", "2001:db8::1"};
  inner.currency = {"USD"};
  inner.commission_bp = 120;
  inner.min_paycard = {{"card", "1.2"}};
  ASSERT_EQ(bank.enter(inner), "QP-OK");
  for (int life = 0; life < 2; ++life, host.restart()) {
    const auto listed = entry();
    ASSERT_TRUE(listed);
    EXPECT_EQ(listed->source_addr, inner.source_addr);
    ASSERT_EQ(listed->currency.size(), 1u);
    EXPECT_EQ(listed->currency[0].code, "USD");
    EXPECT_EQ(listed->currency[0].active, msg::YesNo::yes);
    EXPECT_EQ(listed->commission_bp, 120);
    EXPECT_EQ(listed->min_paycard, inner.min_paycard);
  }
}

TEST_F(BrokerEnters, ChangesItsTerms) {  // QP-ADM-013 QP-ROLE-009 QP-ROLE-019
  auto inner = bank.broker();
  inner.source_addr = {"127.0.6.8"};
  inner.min_paycard = {{"card", "1.2"}};
  ASSERT_EQ(bank.enter(inner), "QP-OK");
  EXPECT_FALSE(entry()->commission_bp) << "it told none";
  const auto changed = [&](std::int64_t at_ms, auto&& what) {
    auto change = bank.change({}, at_ms);
    what(change);
    sign_with(stranger_key(), "broker-change", "BrokerChange", msg::kBrokerChangeType, change);
    return bank.update(change);
  };
  EXPECT_EQ(changed(kNoon, [](auto& c) { c.source_addr = {"127.0.6.9"}, c.commission_bp = 300; }), "QP-OK");
  EXPECT_EQ(changed(kNoon + 1000, [](auto& c) { c.min_paycard = {{"card", "2"}, {"key", "1"}}, c.currency = {"USD"}; }), "QP-OK");
  bank.address = "127.0.6.9";  // what it sends from from now on
  EXPECT_EQ(changed(kNoon + 2000, [](auto& c) { c.commission_bp = 0; }), "QP-OK");
  bank.address = "127.0.6.8";
  EXPECT_EQ(changed(kNoon + 3000, [](auto&) {}), "QP-E-FORBIDDEN") << "the list was replaced";
  for (int life = 0; life < 2; ++life, host.restart()) {
    EXPECT_EQ(entry()->source_addr, std::vector<std::string>{"127.0.6.9"});
    EXPECT_EQ(entry()->commission_bp, 0);
    EXPECT_EQ(entry()->min_paycard.size(), 2u);
    ASSERT_EQ(entry()->currency.size(), 1u);
    EXPECT_EQ(entry()->currency[0].code, "USD");
  }
}

TEST_F(BrokerEnters, TakesNoCurrencyThatTheHostHasNot) {  // QP-ROLE-009
  auto inner = bank.broker();
  inner.currency = {"USD", "XXX"};
  EXPECT_EQ(bank.enter(inner), "QP-E-CURRENCY");
  inner.key[0].sig.value = "AAAA";
  EXPECT_EQ(bank.enter(inner), "QP-E-SIGNATURE") << "which comes before it";
  EXPECT_EQ(kept(host, "member") + kept(host, "broker.code") + kept(host, "counter.id"), 0u);
  ASSERT_EQ(bank.enter(bank.broker()), "QP-OK");
  auto change = bank.change({}, kNoon);
  change.name = "Nobody's";
  change.currency = {"XXX"};
  sign_with(stranger_key(), "broker-change", "BrokerChange", msg::kBrokerChangeType, change);
  EXPECT_EQ(bank.update(change), "QP-E-CURRENCY");
  EXPECT_EQ(entry()->name, "The Bank");
  EXPECT_TRUE(entry()->currency.empty());
}

TEST_F(BrokerEnters, KeepsNoMoreRatesThanItMust) {  // QP-ROLE-019
  ASSERT_EQ(bank.enter(bank.broker()), "QP-OK");
  constexpr std::int64_t kChanges = static_cast<std::int64_t>(kMaxRates) + 3;
  EXPECT_EQ(commission_at(*host.node->directory().find(bank.id).player, 0), std::nullopt);
  for (std::int64_t n = 1; n <= kChanges; ++n) {
    host.pass(1000);
    auto change = bank.change({}, host.clock.now);
    change.commission_bp = n;
    sign_with(stranger_key(), "broker-change", "BrokerChange", msg::kBrokerChangeType, change);
    ASSERT_EQ(bank.update(change), "QP-OK") << n;
  }
  const Player broker = *host.node->directory().find(bank.id).player;
  EXPECT_EQ(broker.commissions.size(), kMaxRates);
  EXPECT_EQ(commission_at(broker, host.clock.now), kChanges);
  EXPECT_EQ(commission_at(broker, host.clock.now - 1), kChanges - 1);
  EXPECT_EQ(commission_at(broker, 0), broker.commissions.front().bp) << "the earliest that is known";
}

TEST_F(BrokerEnters, WhatItsOwnerSaysStaysTheOwners) {  // QP-ADM-013
  publish_keys(host);
  Player owners = *host.directory.find("B7").player;
  owners.source_addresses = {"127.0.6.8"};
  owners.oldest_paycards = {{"card", "1"}};
  owners.contract_bp = 100;
  host.directory.put(owners);
  bank.id = "B7";
  bank.address = "127.0.6.8";
  auto change = bank.change({}, kNoon);
  change.name = "Renamed";
  sign_with(key_of("broker"), "broker-change", "BrokerChange", msg::kBrokerChangeType, change);
  ASSERT_EQ(bank.update(change), "QP-OK");
  owners.source_addresses.clear();
  owners.oldest_paycards.clear();
  owners.contract_bp.reset();
  host.directory.put(owners);
  EXPECT_EQ(entry()->name, "Renamed");
  EXPECT_TRUE(entry()->source_addr.empty()) << "no message named it";
  EXPECT_TRUE(entry()->min_paycard.empty());
  EXPECT_FALSE(entry()->commission_bp);
  EXPECT_EQ(commission_at(*host.node->directory().find("B7").player, kNoon), std::nullopt);
  owners.contract_bp = 100;
  host.directory.put(owners);
  change.changed_at = format_time(kNoon + 1000);
  sign_with(key_of("broker"), "broker-change", "BrokerChange", msg::kBrokerChangeType, change);
  bank.address = kBrokerAddress;
  ASSERT_EQ(bank.update(change), "QP-OK");
  host.directory.remove("B7");
  const Lookup left = host.node->directory().find("B7");
  ASSERT_EQ(left.found, Found::known);
  EXPECT_EQ(commission_at(*left.player, kNoon), std::nullopt) << "with its line the contract goes, too";
}

TEST_F(BrokerEnters, ChangesNothingWhileItIsSuspended) {  // QP-ADM-013 QP-ROLE-009
  ASSERT_EQ(bank.enter(bank.broker()), "QP-OK");
  Player owners{bank.id, "broker", {}, {}, {}, true};
  owners.suspended = true;
  host.directory.put(owners);
  EXPECT_EQ(bank.update(bank.change({{"127.0.6.3", 8081}}, kNoon)), "QP-E-FORBIDDEN");
  EXPECT_EQ(entry()->state, msg::PlayerState::suspended);
  EXPECT_EQ(entry()->endpoint.at(0).port, 8080);
  EXPECT_EQ(entry()->key.size(), 2u) << "what it signed before is judged by its own keys";
  owners.suspended = false;
  host.directory.put(owners);
  EXPECT_EQ(entry()->state, msg::PlayerState::live);
  EXPECT_EQ(bank.update(bank.change({{"127.0.6.3", 8081}}, kNoon)), "QP-OK");
}

TEST_F(BrokerEnters, AHostWithoutCodesAdmitsNobody) {  // QP-ROLE-025
  Single closed{registering()};
  Entering someone{closed, kNewBrokerAddress};
  EXPECT_EQ(someone.enter(someone.broker()), "QP-E-FORBIDDEN");
}

TEST_F(BrokerEnters, SkipsIdentifiersThatTheOwnerGave) {  // QP-ADD-23
  Player gone{"B1", "broker", {}, {}, {}, true};
  gone.removed = true;
  host.directory.put(gone);
  ASSERT_EQ(bank.enter(bank.broker()), "QP-OK");
  EXPECT_EQ(bank.id, "B2");
}

TEST_F(BrokerEnters, EveryKeyNeedsItsProof) {  // QP-ADD-18
  const auto code = [&](auto&& harm) {
    auto inner = bank.broker();
    harm(inner);
    return bank.enter(inner);
  };
  const std::string other = crypto::base64_encode(key_of("host").public_key().spki_der());
  EXPECT_EQ(code([&](auto& inner) { inner.key[1].pub_key = other; }), "QP-E-SIGNATURE");
  EXPECT_EQ(code([&](auto& inner) { inner.key[0] = member_key(stranger_key(), msg::KeyUse::sign, host.fresh_id()); }),
            "QP-E-SIGNATURE");
  EXPECT_EQ(code([&](auto& inner) { inner.key[0].usage = msg::KeyUse::seal; }), "QP-E-KEY") << "none to sign";
  EXPECT_EQ(code([&](auto& inner) { inner.key[1].usage = msg::KeyUse::sign; }), "QP-E-KEY") << "none to seal";
  EXPECT_EQ(code([&](auto& inner) { inner.key.push_back(inner.key[0]); }), "QP-E-KEY") << "the same one twice";
  EXPECT_EQ(code([&](auto& inner) { inner.key[0].sig.value = "AAAA", inner.key[1].pub_key = "AAAA"; }), "QP-E-KEY")
      << "the key comes first";
  EXPECT_EQ(code([&](auto& inner) { inner.enrolment_code = "x", inner.key[1].pub_key = "AAAA"; }), "QP-E-FORBIDDEN")
      << "and the code before it";
  EXPECT_EQ(kept(host, "member") + kept(host, "broker.code") + kept(host, "counter.id"), 0u);
  EXPECT_EQ(code([](auto&) {}), "QP-OK") << "and the code is still good";
}

TEST_F(BrokerEnters, ChangesByItsOwnWord) {  // QP-ADM-013 QP-ADD-18
  ASSERT_EQ(bank.enter(bank.broker()), "QP-OK");
  const auto change = bank.change({{"127.0.6.3", 8081}}, kNoon);
  auto stolen = change;
  stolen.endpoint[0].port = 1;
  EXPECT_EQ(bank.update(stolen), "QP-E-SIGNATURE");
  auto strange = change;
  sign_with(key_of("broker"), "broker-change", "BrokerChange", msg::kBrokerChangeType, strange);
  EXPECT_EQ(bank.update(strange), "QP-E-KEY") << "no key of this Broker";
  auto sealed = change;
  sign_with(key_of("vendor"), "broker-change", "BrokerChange", msg::kBrokerChangeType, sealed);
  EXPECT_EQ(bank.update(sealed), "QP-E-KEY") << "its key to seal";
  auto others = change;
  others.broker = "B7";
  sign_with(stranger_key(), "broker-change", "BrokerChange", msg::kBrokerChangeType, others);
  EXPECT_EQ(bank.update(others), "QP-E-FORBIDDEN");
  EXPECT_EQ(entry()->endpoint[0].port, 8080);
  ASSERT_EQ(bank.update(change), "QP-OK");
  EXPECT_EQ(entry()->endpoint[0].port, 8081);
  EXPECT_EQ(entry()->name, "The Bank");
  bank.address = "127.0.6.3";
  EXPECT_EQ(bank.update(bank.change({{"127.0.6.3", 8082}}, kNoon + 1000)), "QP-OK");
  EXPECT_EQ(bank.update(change), "QP-E-CONFLICT") << "an old change is of no use again";
  auto renamed = bank.change({}, kNoon + 2000);
  renamed.name = "The Other Bank";
  sign_with(stranger_key(), "broker-change", "BrokerChange", msg::kBrokerChangeType, renamed);
  EXPECT_EQ(bank.update(renamed), "QP-OK");
  EXPECT_EQ(entry()->name, "The Other Bank");
  EXPECT_EQ(entry()->endpoint[0].port, 8082);
}

TEST_F(BrokerEnters, AKeyThatIsOverChangesNothing) {  // QP-ADD-18
  ASSERT_EQ(bank.enter(bank.broker()), "QP-OK");
  host.clock.now = kNoon + 401 * kDayMs;
  EXPECT_EQ(bank.update(bank.change({{"127.0.6.3", 8081}}, kNoon)), "QP-E-KEY") << "whatever date it bears";
}

TEST_F(BrokerEnters, WhoTheOwnerRemovedChangesNothing) {  // QP-ADD-23
  publish_keys(host);
  bank.id = "B7";
  bank.address = kBrokerAddress;
  auto change = bank.change({{kBrokerAddress, 8081}}, kNoon);
  sign_with(key_of("broker"), "broker-change", "BrokerChange", msg::kBrokerChangeType, change);
  EXPECT_EQ(bank.update(change), "QP-OK") << "who was listed by the owner is a Broker like any other";
  Player removed = *host.directory.find("B7").player;
  removed.removed = true;
  host.directory.put(removed);
  change.changed_at = format_time(kNoon + 1000);
  sign_with(key_of("broker"), "broker-change", "BrokerChange", msg::kBrokerChangeType, change);
  EXPECT_EQ(bank.update(change), "QP-E-FORBIDDEN");
}

// QP-ADD-21: the Broker's key counts, and so does what a Vendor shares with it by that.
TEST(BrokerEntersInH, SharesAKeyWithTheHost) {
  Single host{in_h(admitting())};
  Entering bank{host, kNewBrokerAddress, msg::Profile::H};
  ASSERT_EQ(bank.enter(bank.broker()), "QP-OK");
  ASSERT_TRUE(bank.key);
  bank.address = "127.0.9.9";
  EXPECT_EQ(bank.update(bank.change({{"127.0.6.3", 8081}}, kNoon)), "QP-OK");
  host.restart();
  EXPECT_EQ(bank.update(bank.change({{"127.0.6.3", 8081}}, kNoon + 1000)), "QP-OK");
  bank.key = EpochKey{1, std::string(32, 'x')};
  EXPECT_EQ(bank.update(bank.change({{"127.0.6.3", 8081}}, kNoon + 2000)), "QP-E-FORBIDDEN");
}

}  // namespace
}  // namespace quickpay::roles
