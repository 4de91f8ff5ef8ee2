// The keys of a Broker, a Vendor and a Wallet: what they publish and withdraw, before a Host that the test plays.
#include "reference/roles/keys_player.hpp"

#include <gtest/gtest.h>

#include "reference/roles/tests/adding.hpp"
#include "reference/roles/tests/holding.hpp"

namespace quickpay::roles {
namespace {

struct Keys : testing::TestWithParam<const char*> {
  Played player{config_of(GetParam())};
};
struct KeysInH : testing::TestWithParam<const char*> {
  Played player{in_h(config_of(GetParam()))};
};
const auto kPlayers = testing::Values("broker", "vendor", "wallet");
INSTANTIATE_TEST_SUITE_P(Of, Keys, kPlayers);
INSTANTIATE_TEST_SUITE_P(Of, KeysInH, kPlayers);

// ---- publish

// QP-ADD-18 QP-ADM-013: on its own proof, in the word of the key that is there.
TEST_P(Keys, ANextKeyIsPublishedByTheOneThatIsThere) {
  ASSERT_EQ(player.publish(next_key()), "");
  const msg::KeyChange change = player.publication();
  crypto::CryptoCounters counters;
  EXPECT_EQ(published_key_fault(change.key, kNoon, counters), "");
  EXPECT_EQ(change.key.player, player.id);
  EXPECT_EQ(change.key.usage, msg::KeyUse::sign);
  EXPECT_EQ(change.key.not_before, format_time(kNoon + 2 * kDayMs));
  EXPECT_EQ(change.key.not_after, format_time(kNoon + 800 * kDayMs));
  EXPECT_EQ(change.key.sig.key_id, id_of(next_key()));
  ASSERT_TRUE(change.sig);
  EXPECT_EQ(change.sig->key_id, id_of(key_of(GetParam())));
  EXPECT_TRUE(crypto::verify_object(key_of(GetParam()).public_key(), "key-rollover", "KeyChange", msg::kKeyChangeType,
                                    &change, change.sig->value, counters));
  EXPECT_EQ(player.state(), "PUBLISHING");
  player.published();
  EXPECT_EQ(player.told(), "published");
  EXPECT_EQ(player.state(), "IDLE");
}

TEST_P(Keys, AKeyToSealToMayBeUsedAtOnce) {  // QP-ADD-18
  ASSERT_EQ(player.publish(sealing_key()), "");
  const msg::KeyChange change = player.publication();
  crypto::CryptoCounters counters;
  EXPECT_EQ(published_key_fault(change.key, kNoon, counters), "");
  EXPECT_EQ(change.key.usage, msg::KeyUse::seal);
  EXPECT_EQ(change.sig->key_id, id_of(key_of(GetParam())));
}

TEST_P(Keys, WhatTheHostSaysOfAPublishedKeyIsTold) {  // QP-ADD-18
  ASSERT_EQ(player.publish(next_key()), "");
  player.publication();
  player.published(refusal(protocol::QP_E_EXISTS, msg::Retry::no));
  EXPECT_EQ(player.told(), "listed");
  ASSERT_EQ(player.publish(next_key()), "");
  player.publication();
  player.published(never());
  EXPECT_EQ(player.told(), "refused");
  EXPECT_EQ(player.state(), "IDLE");
}

TEST_P(Keys, WhatIsUnsureIsAskedAgain) {  // QP-ADD-01
  ASSERT_EQ(player.publish(next_key()), "");
  player.publication();
  const std::string body = player.call.body;
  EXPECT_EQ(player.publish(sealing_key()), "out-of-state") << "one at a time";
  player.published(later());
  EXPECT_EQ(player.state(), "PUBLISHING");
  player.pass(5000);
  player.publication();
  EXPECT_EQ(player.call.body, body);
  player.give(player.call, {});
  player.begin_anew();
  player.publication();
  EXPECT_EQ(player.call.body, body) << "after a restart, too";
  player.published();
  EXPECT_EQ(player.told(), "published");
}

// QP-ADD-18 QP-ROLE-010: whoever has an entry of the player has one with that key before it is used, and one that the Host does
// not list is not used at all.
TEST_P(Keys, AKeyIsUsedOnceEverybodyCanKnowIt) {
  const auto signer = [&] {
    EXPECT_EQ(player.publish(sealing_key()), "");
    const std::string by = player.publication().sig->key_id;
    player.published(never());  // so that it can be asked for again
    return by;
  };
  player.clock.now = kNoon + 2 * kDayMs - kDirectoryMs / 2;
  ASSERT_EQ(player.publish(next_key()), "");
  player.publication();
  player.published(never());
  player.clock.now += kDirectoryMs;
  EXPECT_EQ(signer(), id_of(key_of(GetParam()))) << "it was refused";
  ASSERT_EQ(player.publish(next_key()), "");
  player.publication();
  player.published();
  player.clock.now += kDirectoryMs - 1;
  for (int life = 0; life < 2; ++life, player.restart()) EXPECT_EQ(signer(), id_of(key_of(GetParam())));
  player.clock.now += 1;
  for (int life = 0; life < 2; ++life, player.restart()) EXPECT_EQ(signer(), id_of(next_key()));
}

TEST_P(Keys, AKeyThatIsListedAlreadyIsKnownADayLater) {  // QP-ADD-18
  ASSERT_EQ(player.publish(next_key()), "");
  player.publication();
  player.published(refusal(protocol::QP_E_EXISTS, msg::Retry::no));
  player.clock.now = kNoon + 2 * kDayMs;
  ASSERT_EQ(player.publish(sealing_key()), "");
  EXPECT_EQ(player.publication().sig->key_id, id_of(next_key()));
}

TEST_P(Keys, AKeyThatCannotBePublishedIsNot) {  // QP-ADD-18 QP-ADM-004
  EXPECT_EQ(player.publish(key_of(GetParam() == std::string("broker") ? "vendor" : "broker")), "no-such-key");
  EXPECT_EQ(player.node->publish_key("no key").error().reason, "no-such-key");
  Played alone{without(config_of(GetParam()), 1)};
  EXPECT_EQ(alone.publish(key_of(GetParam())), "no-signing-key") << "nothing but itself can say so";
  NodeConfig config = config_of(GetParam());
  config.protocols = {"micropayment"};
  Played other{config};
  EXPECT_EQ(other.publish(next_key()), "not-served");
  EXPECT_EQ(other.withdraw(next_key()), "not-served");
  EXPECT_EQ(other.renew(), "not-served");
  config = config_of(GetParam());
  config.id.clear();
  EXPECT_EQ(Played{config}.publish(next_key()), "out-of-state") << "the Host knows nobody without a name";
}

// QP-ADD-18: a change may be without a signature only where no key to sign was ever listed.
TEST_P(KeysInH, WhoHadAKeyPublishesNoFirstOne) {
  ASSERT_EQ(player.withdraw(key_of(GetParam())), "");
  player.withdrawal();
  player.withdrawn();
  EXPECT_EQ(player.publish(next_key()), "no-signing-key");
}

// QP-ADD-18: who has its keys from a registration of profile H can have a first one to sign listed.
TEST_P(KeysInH, TheFirstKeyToSignNeedsNoOther) {
  Played alone{in_h(without(config_of(GetParam()), 1))};
  ASSERT_EQ(alone.publish(key_of(GetParam())), "");
  const msg::KeyChange change = alone.publication();
  EXPECT_FALSE(change.sig);
  crypto::CryptoCounters counters;
  EXPECT_EQ(published_key_fault(change.key, kNoon, counters), "");
  alone.published();
  EXPECT_EQ(alone.told(), "published");
  NodeConfig none = in_h(config_of(GetParam()));
  none.signing_keys.clear();
  EXPECT_EQ(Played{none}.publish(sealing_key()), "no-signing-key") << "it is not to sign";
  ASSERT_EQ(player.publish(next_key()), "");
  EXPECT_TRUE(player.publication().sig) << "where there is another one, it has to speak";
}

// ---- withdraw

TEST_P(Keys, AWithdrawnKeySignsNothing) {  // QP-ADD-18
  player.clock.now = kNoon + 3 * kDayMs;   // both are good, and the next one signs
  ASSERT_EQ(player.publish(sealing_key()), "");
  EXPECT_EQ(player.publication().sig->key_id, id_of(next_key()));
  player.published();
  ASSERT_EQ(player.withdraw(next_key()), "");
  const msg::Withdrawal said = player.withdrawal();
  EXPECT_EQ(said.player, player.id);
  EXPECT_EQ(said.key_id, id_of(next_key()));
  EXPECT_EQ(said.reason, msg::WithdrawalReason::leaked);
  EXPECT_EQ(said.from, format_time(player.clock.now));
  EXPECT_EQ(said.sig.key_id, id_of(next_key())) << "by itself, the last time";
  crypto::CryptoCounters counters;
  EXPECT_TRUE(crypto::verify_object(next_key().public_key(), "key-withdrawal", "Withdrawal", msg::kWithdrawalType,
                                    &said, said.sig.value, counters));
  EXPECT_EQ(player.state(), "WITHDRAWING");
  const std::string body = player.call.body;
  player.begin_anew();
  player.withdrawal();
  EXPECT_EQ(player.call.body, body) << "the same word after a restart";
  player.withdrawn(later());
  EXPECT_EQ(player.state(), "WITHDRAWING");
  player.pass(5000);
  player.withdrawal();
  player.withdrawn();
  EXPECT_EQ(player.told(), "withdrawn");
  for (int life = 0; life < 2; ++life, player.restart()) {
    ASSERT_EQ(player.publish(sealing_key()), "");
    EXPECT_EQ(player.publication().sig->key_id, id_of(key_of(GetParam())));
    player.published();
    EXPECT_EQ(player.publish(next_key()), "no-such-key");
  }
}

// QP-ADD-18: a key that has leaked is not used until some other answer has come.
TEST_P(Keys, AWithdrawalGivesUpAPublication) {
  ASSERT_EQ(player.publish(next_key()), "");
  player.publication();
  const OutgoingCall given_up = player.call;
  ASSERT_EQ(player.withdraw(key_of(GetParam())), "");
  EXPECT_EQ(player.withdrawal().key_id, id_of(key_of(GetParam())));
  const OutgoingCall withdrawal = player.call;
  EXPECT_EQ(player.ledger->calls_of(player.machine, "H1")->size(), 1u);
  player.call = given_up;
  player.published();  // comes late, and nobody waits for it
  EXPECT_EQ(player.state(), "WITHDRAWING");
  player.call = withdrawal;
  player.withdrawn();
  EXPECT_EQ(player.told(), "withdrawn");
}

TEST_P(KeysInH, AWithdrawalGivesUpAQuestion) {  // QP-ADD-18 QP-ADD-21
  ASSERT_EQ(player.renew(), "");
  const auto question = player.question();
  const OutgoingCall given_up = player.call;
  ASSERT_EQ(player.withdraw(key_of(GetParam())), "");
  player.withdrawal();
  const OutgoingCall withdrawal = player.call;
  EXPECT_EQ(player.ledger->calls_of(player.machine, "H1")->size(), 1u);
  EXPECT_FALSE(has_field(**player.ledger->find(player.machine, "H1"), "reply_key"));
  player.call = given_up;
  player.give_key(question, shared_key(2));
  EXPECT_EQ(player.state(), "WITHDRAWING");
  EXPECT_EQ(player.epochs(), (std::vector<std::int64_t>{1}));
  player.call = withdrawal;
  player.withdrawn();
  ASSERT_EQ(player.renew(), "") << "it can be asked again";
  player.give_key(player.question(), shared_key(2));
  EXPECT_EQ(player.epochs(), (std::vector<std::int64_t>{1, 2}));
}

TEST_P(Keys, ARefusedWithdrawalLeavesTheKeyUnused) {  // QP-ADD-18
  ASSERT_EQ(player.withdraw(key_of(GetParam())), "");
  player.withdrawal();
  player.withdrawn(never());
  EXPECT_EQ(player.told(), "refused");
  EXPECT_EQ(player.state(), "IDLE");
  for (int life = 0; life < 2; ++life, player.restart()) {
    EXPECT_EQ(player.publish(next_key()), "no-signing-key");
    ASSERT_EQ(player.withdraw(key_of(GetParam())), "") << "but it can be said again";
    EXPECT_EQ(player.withdrawal().sig.key_id, id_of(key_of(GetParam())));
    player.withdrawn(never());
    EXPECT_EQ(player.withdraw(sealing_key()), "") << "a key to seal to has a private part, too";
    EXPECT_EQ(player.withdrawal().sig.key_id, id_of(sealing_key()));
    player.withdrawn();
  }
}

TEST_P(Keys, AKeyTakesItselfBack) {  // QP-ADD-18: whichever signs otherwise
  player.clock.now = kNoon + 3 * kDayMs;
  ASSERT_EQ(player.withdraw(key_of(GetParam())), "");
  EXPECT_EQ(player.withdrawal().sig.key_id, id_of(key_of(GetParam())));
}

TEST_P(Keys, WhoHasLostAKeyWithdrawsItByAnother) {  // QP-ADD-18
  const std::string lost(64, '7');
  ASSERT_EQ(player.withdraw(lost, "lost"), "");
  EXPECT_EQ(player.withdrawal().sig.key_id, id_of(key_of(GetParam())));
  player.withdrawn();
  EXPECT_EQ(player.publish(sealing_key()), "") << "which goes on";
  player.publication();
  player.published();
  ASSERT_EQ(player.withdraw(lost), "");
  player.withdrawal();
  EXPECT_EQ(player.withdraw(lost), "out-of-state") << "one after the other";
  player.withdrawn();
  EXPECT_EQ(player.withdraw(lost, "bored"), "unknown-reason");
  EXPECT_EQ(player.withdraw("77"), "no-such-key");
  player.clock.now = kNoon + 900 * kDayMs;
  EXPECT_EQ(player.withdraw(lost), "no-signing-key");
}

TEST(KeysOfAVendor, WithdrawnSettleNothing) {  // QP-ADD-18
  Played vendor{without(config_of("vendor"), 1)};
  ASSERT_TRUE(vendor.node->settle()) << "nothing is due";
  ASSERT_EQ(vendor.withdraw(key_of("vendor")), "");
  vendor.withdrawal();
  vendor.withdrawn(never());
  for (int life = 0; life < 2; ++life, vendor.restart()) {
    EXPECT_EQ(vendor.node->settle().error().reason, "no-signing-key");
    vendor.flush();
  }
}

// QP-ADD-18: what was sealed to it by those that did not know yet is not lost.
TEST(KeysOfABroker, WithdrawnOpenWhatComes) {
  Played broker{signing(issuing())};
  ASSERT_EQ(broker.withdraw(key_of("broker")), "");
  broker.withdrawal();
  broker.withdrawn();
  broker.restart();
  Adder wallet{broker};
  EXPECT_EQ(wallet.confirm(), "QP-OK");
}

TEST(KeysOfAHost, AreItsOwners) {  // QP-ADM-004
  Single host{signing(host_config())};
  EXPECT_EQ(host.node->publish_key(std::string(64, '7')).error().reason, "wrong-role");
  EXPECT_EQ(host.node->withdraw_key(std::string(64, '7'), "lost", kNoon).error().reason, "wrong-role");
  EXPECT_EQ(host.node->renew_key().error().reason, "wrong-role");
}

}  // namespace
}  // namespace quickpay::roles
