// The keys that a Broker, a Vendor and a Wallet share: how they are renewed, before a Host that the test plays.
#include <gtest/gtest.h>

#include <algorithm>

#include "reference/roles/keys_player.hpp"
#include "reference/roles/tests/adding.hpp"
#include "reference/roles/tests/holding.hpp"

namespace quickpay::roles {
namespace {

struct SharedKeysInH : testing::TestWithParam<const char*> {
  Played player{in_h(config_of(GetParam()))};
};
INSTANTIATE_TEST_SUITE_P(Of, SharedKeysInH, testing::Values("broker", "vendor", "wallet"));

// QP-ADD-21 QP-ADM-013: the next key counts at once, the one before to its end, in the next life, too.
TEST_P(SharedKeysInH, TheNextSharedKeyCountsBesidesTheOneThatIsThere) {
  ASSERT_EQ(player.renew(), "");
  const auto question = player.question();
  EXPECT_EQ(question.want, msg::KeyWanted::own);
  EXPECT_FALSE(question.peer);
  EXPECT_EQ(player.asked.auth->mac.key_ref, 1);
  player.give_key(question, shared_key(2));
  EXPECT_EQ(player.told(), "renewed");
  EXPECT_EQ(player.state(), "IDLE");
  for (int life = 0; life < 2; ++life, player.restart()) {
    EXPECT_EQ(player.epochs(), (std::vector<std::int64_t>{1, 2}));
    ASSERT_EQ(player.renew(), "");
    const auto again = player.question();
    EXPECT_EQ(player.asked.auth->mac.key_ref, 2) << "the last epoch makes the code";
    EXPECT_NE(again.nonce, question.nonce);
    EXPECT_NE(again.reply_key, question.reply_key);
    player.renewed(never());  // proven by the earliest epoch
    EXPECT_EQ(player.told(), "refused");
  }
  const SharedKeyConfig kept = player.node->config().shared_keys.back();
  EXPECT_EQ(kept.key, kNextShared);
  EXPECT_EQ(kept.valid_to_ms, kNoon + 180 * kDayMs + 999);
}

TEST_P(SharedKeysInH, AnEpochHasOneKeyAndWhatIsOverGoes) {  // QP-ADD-21
  const auto renew = [&](const msg::SharedKey& shared) {
    ASSERT_EQ(player.renew(), "");
    player.give_key(player.question(), shared);
  };
  renew(shared_key(2));
  renew(shared_key(2, std::string(32, 'm')));
  for (int life = 0; life < 2; ++life, player.restart()) {
    EXPECT_EQ(player.epochs(), (std::vector<std::int64_t>{1, 2}));
    EXPECT_EQ(player.node->config().shared_keys.back().key, std::string(32, 'm'));
  }
  player.clock.now = kNoon + 90 * kDayMs + 1;
  player.restart();
  EXPECT_EQ(player.epochs(), (std::vector<std::int64_t>{2}));
}

TEST_P(SharedKeysInH, AHostThatGivesEverMoreEpochsFillsNothing) {  // QP-ADD-21
  for (const std::int64_t epoch : {9, 2, 10, 11}) {  // after that nothing of the first epoch is believed
    ASSERT_EQ(player.renew(), "");
    player.give_key(player.question(), shared_key(epoch));
  }
  for (int life = 0; life < 2; ++life, player.restart()) {
    auto kept = player.epochs();
    std::sort(kept.begin(), kept.end());
    EXPECT_EQ(kept, (std::vector<std::int64_t>{2, 9, 10, 11})) << life;
  }
}

TEST_P(SharedKeysInH, ReplyKeysAreForgotten) {  // QP-ADD-21
  const auto remembers = [&] {
    const auto record = *player.ledger->find(player.machine, "H1");
    return has_field(*record, "reply_key") || has_field(*record, "nonce") || has_field(*record, "peer");
  };
  ASSERT_EQ(player.renew(), "");
  EXPECT_TRUE(remembers());
  player.give_key(player.question(), shared_key(2));
  EXPECT_FALSE(remembers());
  ASSERT_EQ(player.renew(), "");
  player.question();
  player.renewed(never());
  EXPECT_FALSE(remembers());
}

TEST_P(SharedKeysInH, AKeyForAnotherQuestionIsNotTaken) {  // QP-ADD-21
  ASSERT_EQ(player.renew(), "");
  const auto question = player.question();
  const std::string body = player.call.body;
  const auto wrong = [&](auto change) {
    auto other = question;
    change(other);
    player.give_key(other, shared_key(2));
    EXPECT_EQ(player.state(), "RENEWING");
    EXPECT_EQ(player.epochs(), (std::vector<std::int64_t>{1}));
    player.pass(600'000);
    player.question();
    EXPECT_EQ(player.call.body, body);
  };
  wrong([](auto& other) { other.nonce = std::string(32, '0'); });
  wrong([](auto& other) { other.reply_key = std::string(64, '0'); });
  player.renewed(success());  // and no box at all
  EXPECT_EQ(player.state(), "RENEWING");
  player.begin_anew();
  player.question();
  player.give_key(question, shared_key(2));
  EXPECT_EQ(player.told(), "renewed") << "after a restart, too";
}

TEST_P(SharedKeysInH, WhatIsSealedIsNotMadeAnewWhenItIsStale) {  // QP-ADD-21
  ASSERT_EQ(player.renew(), "");
  player.question();
  player.pass(400'000);
  player.question();
  player.renewed(refusal(protocol::QP_E_STALE, msg::Retry::new_));
  EXPECT_TRUE(player.last.calls.empty());
  EXPECT_EQ(player.told(), "refused");
  ASSERT_EQ(player.renew(), "");
  EXPECT_EQ(player.question().want, msg::KeyWanted::own) << "it opens";
}

TEST_P(SharedKeysInH, WhoCannotRenewIsTold) {  // QP-ADD-21
  EXPECT_EQ(Played{config_of(GetParam())}.renew(), "no-shared-key") << "profile F";
  EXPECT_EQ(player.renew("V1001"), "not-served");
  EXPECT_EQ(player.renew("H1"), "not-served");
  player.directory.put({"H1", "host", {}, {{"127.0.1.1", 8080}}, {}, true});
  EXPECT_EQ(player.renew(), "no-seal-key");
  player.clock.now = kNoon + 91 * kDayMs;
  EXPECT_EQ(player.renew(), "no-seal-key");
  player.clock.now += protocol::T_retain_default * 1000;
  EXPECT_EQ(player.renew(), "no-shared-key") << "it has slept too long";
  if (GetParam() == std::string("vendor")) EXPECT_EQ(player.renew("B7"), "no-shared-key");
}

// QP-ADD-21: who slept through the end of its key asks with it for the next one, and for nothing else.
TEST_P(SharedKeysInH, WhoSleptAsksWithTheKeyThatIsOver) {
  player.pass(91 * kDayMs);
  const auto question = player.question();
  ASSERT_TRUE(player.asked.auth);
  EXPECT_EQ(player.asked.auth->mac.key_ref, 1);
  player.give_key(question, shared_key(2));
  EXPECT_EQ(player.told(), "renewed");
  EXPECT_EQ(player.epochs(), (std::vector<std::int64_t>{2}));
}

TEST_P(SharedKeysInH, OnlyAVendorSharesOneWithABroker) {  // QP-ADD-21
  if (GetParam() != std::string("vendor")) {
    EXPECT_EQ(player.renew("B7"), "not-served");
    return;
  }
  ASSERT_EQ(player.renew("B7"), "");
  const auto question = player.question();
  EXPECT_EQ(question.want, msg::KeyWanted::pair);
  EXPECT_EQ(question.peer, "B7");
  player.give_key(question, shared_key(4));
  for (int life = 0; life < 2; ++life, player.restart()) {
    EXPECT_EQ(player.epochs("B7"), (std::vector<std::int64_t>{4}));
    EXPECT_EQ(player.epochs(), (std::vector<std::int64_t>{1}));
  }
}

// ---- by itself

TEST_P(SharedKeysInH, AKeyThatEndsSoonIsRenewedByItself) {  // QP-ADD-21
  const std::int64_t due = kNoon + 90 * kDayMs - kDirectoryMs;
  player.clock.now = due - 1;
  player.pass(0);
  EXPECT_TRUE(player.last.calls.empty());
  player.pass(1);
  player.question();
  player.renewed(never());
  EXPECT_TRUE(player.last.calls.empty());
  player.pass(kDirectoryMs / kAsksInTime - 1);
  EXPECT_TRUE(player.last.calls.empty()) << "not with every input";
  player.pass(1);
  player.give_key(player.question(), shared_key(2));
  player.pass(kDirectoryMs / kAsksInTime);
  EXPECT_TRUE(player.last.calls.empty()) << "the next one lasts";
}

TEST_P(SharedKeysInH, AKeyWithoutAnEndIsNotRenewedByItself) {  // QP-ADD-21
  Played lasting{in_h(config_of(GetParam()), std::nullopt)};
  lasting.pass(400 * kDayMs);
  EXPECT_TRUE(lasting.last.calls.empty());
}

TEST(KeysOfAVendor, StandBesidesTheOneOfItsRegistration) {  // QP-ADD-21
  Played vendor{in_h(config_of("vendor"))};
  const ledger::Record registered{"vendor.registration",
                                  "H1",
                                  "REGISTERED",
                                  {},
                                  {{"vendor", "V1001"}, {"key", crypto::to_hex(kFirstShared)}, {"epoch", "1"}}};
  ASSERT_TRUE(vendor.ledger->begin_unit() && vendor.ledger->put(registered) && vendor.ledger->end_unit());
  vendor.restart();
  ASSERT_EQ(vendor.renew(), "");
  vendor.give_key(vendor.question(), shared_key(2));
  vendor.restart();
  EXPECT_EQ(vendor.epochs(), (std::vector<std::int64_t>{1, 2}));
}

TEST(KeysOfAVendor, ShareTheOneWithABrokerInTime) {  // QP-ADD-21
  NodeConfig config = in_h(config_of("vendor"));
  config.shared_keys.push_back({"B7", 3, std::string(32, 'b'), kNoon + kDirectoryMs + 1});
  Played vendor{config};
  vendor.pass(0);
  EXPECT_TRUE(vendor.last.calls.empty()) << "not yet";
  vendor.pass(1);
  const auto question = vendor.question();
  EXPECT_EQ(question.peer, "B7");
  vendor.give_key(question, shared_key(4));
  vendor.pass(kDirectoryMs / kAsksInTime);
  EXPECT_TRUE(vendor.last.calls.empty());
}

}  // namespace
}  // namespace quickpay::roles
