// RSA keys and terms of Brokers as entries list them, and what role cores make of them.
#include "reference/roles/listed_keys.hpp"

#include <gtest/gtest.h>

#include "reference/crypto/encoding.hpp"
#include "reference/roles/directory_asker.hpp"
#include "reference/roles/seals.hpp"
#include "reference/roles/signatures.hpp"

namespace quickpay::roles {
namespace {

constexpr std::int64_t kNotBefore = 1'767'225'600'000;  // 2026-01-01T00:00:00Z
constexpr std::int64_t kNotAfter = 1'798'761'599'000;   // 2026-12-31T23:59:59Z
constexpr std::int64_t kSecond = 1000;

msg::ListedKey a_key() {
  return {std::string(64, 'a'), crypto::base64_encode("key"), msg::KeyUse::seal, "2026-01-01T00:00:00Z", "2026-12-31T23:59:59Z", {}};
}

bool good_at(std::int64_t moment_ms) { return key_in_time(unlisted(a_key()), moment_ms, moment_ms, 0); }

TEST(ListedKeys, AreGoodFromTheirFirstSecondToTheEndOfTheLast) {  // QP-ADD-18
  EXPECT_FALSE(good_at(kNotBefore - 1));
  EXPECT_TRUE(good_at(kNotBefore));
  EXPECT_TRUE(good_at(kNotAfter + kSecond - 1)) << "within the second that NotAfter names";
  EXPECT_FALSE(good_at(kNotAfter + kSecond));
}

/// Whether a player that lists this key is sealed to with it.
bool sealed_to(const msg::ListedKey& key, std::int64_t moment_ms) {
  Player player;
  player.keys = {unlisted(key)};
  return sealing_key(player, moment_ms) == &player.keys.front();
}

// QP-ADD-21: by the own clock alone, without T_skew.
TEST(ListedKeys, AreSealedToInTheirTimeOnly) {
  const auto at = [](std::int64_t moment_ms) { return sealed_to(a_key(), moment_ms); };
  EXPECT_TRUE(at(kNotBefore));
  EXPECT_FALSE(at(kNotBefore - kSecond));
  EXPECT_TRUE(at(kNotAfter)) << "in its last second";
  EXPECT_TRUE(at(kNotAfter + kSecond - 1)) << "to the end of it";
  EXPECT_FALSE(at(kNotAfter + kSecond)) << "over by one second";
  msg::ListedKey other = a_key();
  other.usage = msg::KeyUse::sign;
  EXPECT_FALSE(sealed_to(other, kNotBefore)) << "to sign with";
  other = a_key();
  other.withdrawn_from = "2026-06-01T00:00:00Z";
  EXPECT_TRUE(sealed_to(other, kNotBefore));
  EXPECT_FALSE(sealed_to(other, kNotAfter)) << "withdrawn";
}

TEST(ListedKeys, AreSealedToByTheOneThatTakesOver) {  // QP-ADD-21
  Player player;
  player.keys = {unlisted(a_key()), unlisted(a_key()), unlisted(a_key())};
  player.keys[1].not_before_ms = kNotBefore + kSecond;
  EXPECT_EQ(sealing_key(player, kNotBefore), &player.keys[0]);
  EXPECT_EQ(sealing_key(player, kNotBefore + kSecond), &player.keys[1]);
  player.keys.clear();
  EXPECT_EQ(sealing_key(player, kNotBefore), nullptr);
}

TEST(ListedKeys, ComeBackAsTheyWere) {  // QP-ADD-18
  msg::ListedKey withdrawn = a_key();
  withdrawn.withdrawn_from = "2026-06-01T00:00:00Z";
  for (const msg::ListedKey& key : {a_key(), withdrawn}) {
    const msg::ListedKey again = listed(unlisted(key));
    EXPECT_EQ(again.key_id, key.key_id);
    EXPECT_EQ(again.pub_key, key.pub_key);
    EXPECT_EQ(again.usage, key.usage);
    EXPECT_EQ(again.not_before, key.not_before);
    EXPECT_EQ(again.not_after, key.not_after);
    EXPECT_EQ(again.withdrawn_from, key.withdrawn_from);
  }
}

TEST(ListedKeys, OfWhichNothingCanBeReadAreGoodForNothing) {  // QP-ADD-18
  msg::ListedKey key = a_key();
  key.pub_key = "not base64!";
  EXPECT_TRUE(unlisted(key).spki.empty());
  key.not_after = "some day";
  EXPECT_FALSE(key_in_time(unlisted(key), kNotBefore, kNotBefore, 0));
}

// AMB-57: what a Broker endorsed counts though it was removed since; with a Vendor that was removed nobody deals.
TEST(ListedTerms, WhoIsRemovedIsNotSuspended) {
  msg::Entry entry;
  entry.state = msg::PlayerState::removed;
  entry.role = msg::PlayerRole::broker;
  EXPECT_TRUE(player_of(entry).removed);
  EXPECT_TRUE(player_of(entry).accepted);
  entry.role = msg::PlayerRole::vendor;
  EXPECT_FALSE(player_of(entry).accepted);
}

TEST(ListedTerms, OfABrokerAreTaken) {  // QP-ROLE-009 QP-ADM-006 QP-ROLE-019
  msg::Entry entry;
  entry.role = msg::PlayerRole::broker;
  entry.id = "B7";
  entry.state = msg::PlayerState::suspended;
  entry.source_addr = {"127.0.6.8"};
  entry.currency = {{"USD", {}, msg::YesNo::yes}, {"EUR", {}, msg::YesNo::no}};
  entry.commission_bp = 120;
  entry.min_paycard = {{"card", "1.2"}};
  const Player player = player_of(entry);
  EXPECT_TRUE(player.suspended);
  EXPECT_FALSE(player.accepted);
  EXPECT_FALSE(player.removed);
  EXPECT_EQ(player.source_addresses, entry.source_addr);
  EXPECT_EQ(player.currencies, std::vector<std::string>{"USD"});
  EXPECT_EQ(commission_at(player, kNotBefore), 120);
  EXPECT_EQ(player.oldest_paycards, (std::vector<OldestPaycard>{{"card", "1.2"}}));
}

}  // namespace
}  // namespace quickpay::roles
