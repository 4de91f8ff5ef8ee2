// Keys at the Host: what is listed, what is withdrawn, and which key a player gets next.
#include "reference/roles/keys_host.hpp"

#include <gtest/gtest.h>

#include "reference/roles/listed_keys.hpp"
#include "reference/roles/tests/keeping.hpp"

namespace quickpay::roles {
namespace {

const std::string kOldKey(32, 'k');

/// A Host that its owner told of V1001 and its key, in both profiles.
struct Keys {
  explicit Keys(NodeConfig config = admitting()) : host(std::move(config)), shop(host, kVendorAddress) {
    publish_keys(host);
    host.restart();
    shop.id = kVendor;
    if (host.node->config().profile == "H") {
      shop.profile = msg::Profile::H;
      shop.key = EpochKey{1, kOldKey};
    }
  }
  std::vector<msg::ListedKey> listed() {
    const auto entry = entry_of(host, msg::PlayerRole::vendor, kVendor);
    return entry ? entry->key : std::vector<msg::ListedKey>();
  }
  const msg::ListedKey* listed(const crypto::RsaPrivateKey& key) {
    last = listed();
    for (const msg::ListedKey& each : last) {
      if (each.key_id == key.public_key().key_id()) return &each;
    }
    return nullptr;
  }
  Single host;
  Entering shop;
  std::vector<msg::ListedKey> last;
};

NodeConfig sharing() {
  NodeConfig config = in_h(admitting());
  config.shared_keys = {{kVendor, 1, kOldKey, {}}, {"B7", 1, std::string(32, 'b'), {}}};
  return config;
}

// QP-ADD-18: a successor is listed beside the key that speaks for it, also after a restart.
TEST(HostKeys, ListsASuccessor) {
  Keys keys;
  ASSERT_EQ(keys.shop.publish(change({})), "QP-OK");
  for (int life = 0; life < 2; ++life, keys.host.restart()) {
    ASSERT_EQ(keys.listed().size(), 2u);
    const auto* added = keys.listed(stranger_key());
    ASSERT_TRUE(added);
    EXPECT_EQ(added->usage, msg::KeyUse::sign);
    EXPECT_EQ(added->not_before, format_time(kNoon));
    EXPECT_EQ(added->not_after, format_time(kNoon + kYearMs));
    EXPECT_FALSE(added->withdrawn_from);
  }
  ASSERT_EQ(keys.shop.publish(change({.key = &key_of("host"), .proof = &key_of("host"), .signer = &stranger_key()})), "QP-OK")
      << "the successor speaks for the next one";
  EXPECT_EQ(keys.listed().size(), 3u);
}

// QP-ADD-18: what a request lacks is told in the order of the rows, and nothing is listed.
TEST(HostKeys, ListsNothingElse) {
  Keys keys;
  const auto& host_key = key_of("host");
  EXPECT_EQ(keys.shop.publish(change({.player = "V1002"})), "QP-E-FORBIDDEN");
  EXPECT_EQ(keys.shop.publish(change({.key = &key_of("vendor"), .proof = &key_of("vendor")})), "QP-E-EXISTS");
  EXPECT_EQ(keys.shop.publish(change({.from_ms = kNoon + kDayMs, .to_ms = kNoon})), "QP-E-KEY") << "ends before it begins";
  EXPECT_EQ(keys.shop.publish(change({.from_ms = kNoon - kYearMs, .to_ms = kNoon - kDayMs})), "QP-E-KEY") << "over";
  EXPECT_EQ(keys.shop.publish(change({.signer = &stranger_key()})), "QP-E-KEY") << "speaks for itself";
  EXPECT_EQ(keys.shop.publish(change({.signer = &host_key})), "QP-E-KEY") << "another player's";
  EXPECT_EQ(keys.shop.publish(change({.proof = &key_of("vendor")})), "QP-E-SIGNATURE") << "not its own proof";
  auto wrong = change({});
  wrong.key.not_after = format_time(kNoon + 2 * kYearMs);
  EXPECT_EQ(keys.shop.publish(wrong), "QP-E-SIGNATURE") << "the proof is of other times";
  wrong = change({});
  wrong.sig->value = change({.to_ms = kNoon + 2 * kYearMs}).sig->value;
  EXPECT_EQ(keys.shop.publish(wrong), "QP-E-SIGNATURE") << "signed another change";
  EXPECT_EQ(keys.listed().size(), 1u);
}

// QP-ADD-18: in profile F nobody begins without a signature.
TEST(HostKeys, NeedsASignatureInProfileF) {
  Keys keys;
  EXPECT_EQ(keys.shop.publish(change({.signer = nullptr})), "QP-E-PROFILE");
}

// QP-ADD-18: in profile H the code stands for the signature once, for a key to sign.
TEST(HostKeys, ListsAFirstKeyOnACode) {
  Keys keys(sharing());
  Player bare = *keys.host.directory.find(kVendor).player;
  bare.keys.clear();
  keys.host.directory.put(bare);
  const Saying first{.signer = nullptr};
  EXPECT_EQ(keys.shop.publish(change({.signer = nullptr, .usage = msg::KeyUse::seal})), "QP-E-SIGNATURE");
  ASSERT_EQ(keys.shop.publish(change(first)), "QP-OK");
  EXPECT_TRUE(keys.listed(stranger_key()));
  const Saying second{.key = &key_of("vendor"), .proof = &key_of("vendor"), .signer = nullptr};
  EXPECT_EQ(keys.shop.publish(change(second)), "QP-E-SIGNATURE") << "it has one";
  ASSERT_EQ(keys.shop.withdraw(withdrawal(stranger_key(), stranger_key(), kNoon - kDayMs)), "QP-OK");
  EXPECT_EQ(keys.shop.publish(change(second)), "QP-E-SIGNATURE") << "and had one";
}

// QP-ADD-20: an entry has room for sixteen keys, and what was withdrawn takes part of it.
TEST(HostKeys, KeepsToTheRoomOfAnEntry) {
  Keys keys;
  Player full = *keys.host.directory.find(kVendor).player;
  while (full.keys.size() < entry_room("Key")) {
    full.keys.push_back(full.keys.front());
    full.keys.back().key_id = std::string(62, '0') + std::to_string(10 + full.keys.size());
  }
  keys.host.directory.put(full);
  EXPECT_EQ(keys.shop.publish(change({})), "QP-E-TOO-MANY");
  full.keys.pop_back();
  keys.host.directory.put(full);
  EXPECT_EQ(keys.shop.publish(change({})), "QP-OK");
  EXPECT_EQ(keys.shop.publish(change({.key = &key_of("host"), .proof = &key_of("host")})), "QP-E-TOO-MANY");
}

// QP-ADD-23
TEST(HostKeys, ListsNothingForWhoWasRemoved) {
  Keys keys;
  Player gone = *keys.host.directory.find(kVendor).player;
  gone.removed = true;
  keys.host.directory.put(gone);
  EXPECT_EQ(keys.shop.publish(change({})), "QP-E-GONE");
  EXPECT_EQ(keys.shop.withdraw(withdrawal(key_of("vendor"), key_of("vendor"), kNoon)), "QP-OK") << "taking back is never too late";
}

// QP-ADD-18: a withdrawn key is shown with the earliest date, and speaks for nothing but its own withdrawal.
TEST(HostKeys, WithdrawsForGood) {
  Keys keys;
  ASSERT_EQ(keys.shop.publish(change({})), "QP-OK");
  ASSERT_EQ(keys.shop.withdraw(withdrawal(key_of("vendor"), stranger_key(), kNoon)), "QP-OK");
  for (int life = 0; life < 2; ++life, keys.host.restart()) {
    ASSERT_TRUE(keys.listed(key_of("vendor")));
    EXPECT_EQ(keys.listed(key_of("vendor"))->withdrawn_from, format_time(kNoon));
    EXPECT_FALSE(keys.listed(stranger_key())->withdrawn_from);
  }
  const auto& found = key_of("vendor");
  EXPECT_EQ(keys.shop.publish(change({.key = &key_of("host"), .proof = &key_of("host"), .signer = &found})), "QP-E-KEY");
  EXPECT_EQ(keys.shop.withdraw(withdrawal(stranger_key(), found, kNoon)), "QP-E-KEY") << "its finder takes nothing away";
  ASSERT_EQ(keys.shop.withdraw(withdrawal(found, found, kNoon + kDayMs)), "QP-OK");
  EXPECT_EQ(keys.listed(found)->withdrawn_from, format_time(kNoon)) << "a later date makes nothing good again";
  ASSERT_EQ(keys.shop.withdraw(withdrawal(found, found, kNoon - kDayMs)), "QP-OK");
  EXPECT_EQ(keys.listed(found)->withdrawn_from, format_time(kNoon - kDayMs));
}

// QP-ADD-18
TEST(HostKeys, WithdrawsNothingElse) {
  Keys keys;
  EXPECT_EQ(keys.shop.withdraw(withdrawal(key_of("vendor"), key_of("vendor"), kNoon, "V1002")), "QP-E-FORBIDDEN");
  EXPECT_EQ(keys.shop.withdraw(withdrawal(stranger_key(), key_of("vendor"), kNoon)), "QP-E-KEY") << "not listed";
  EXPECT_EQ(keys.shop.withdraw(withdrawal(key_of("vendor"), stranger_key(), kNoon)), "QP-E-KEY") << "a stranger's word";
  auto wrong = withdrawal(key_of("vendor"), key_of("vendor"), kNoon);
  wrong.from = format_time(kNoon - kDayMs);
  EXPECT_EQ(keys.shop.withdraw(wrong), "QP-E-SIGNATURE");
  EXPECT_FALSE(keys.listed(key_of("vendor"))->withdrawn_from);
}

// QP-ADD-18: a key to seal speaks for nobody, and is withdrawn by one to sign.
TEST(HostKeys, LetsNoSealingKeySpeak) {
  Keys keys;
  ASSERT_EQ(keys.shop.publish(change({.usage = msg::KeyUse::seal})), "QP-OK");
  EXPECT_EQ(keys.shop.withdraw(withdrawal(stranger_key(), stranger_key(), kNoon)), "QP-E-KEY");
  EXPECT_EQ(keys.shop.publish(change({.key = &key_of("host"), .proof = &key_of("host"), .signer = &stranger_key()})), "QP-E-KEY");
  EXPECT_EQ(keys.shop.withdraw(withdrawal(stranger_key(), key_of("vendor"), kNoon)), "QP-OK");
}

// QP-ADD-21: in profile F nobody shares a key.
TEST(HostKeys, GivesNothingInProfileF) {
  Keys keys;
  EXPECT_EQ(keys.shop.renew(), "QP-E-KEY");
  EXPECT_FALSE(keys.shop.given);
}

// QP-ADD-21: the next epoch comes once the last one ends within T_dir; both count until then, and the Host speaks in the earlier.
TEST(HostKeys, GivesTheNextEpoch) {
  NodeConfig config = sharing();
  const std::int64_t end = kNoon + 10 * kDayMs - 1;
  config.shared_keys[0].valid_to_ms = end;
  Keys keys(config);
  ASSERT_EQ(keys.shop.renew(), "QP-OK");
  ASSERT_TRUE(keys.shop.given);
  EXPECT_EQ(keys.shop.given->epoch, 1);
  EXPECT_EQ(keys.shop.given->key, crypto::to_hex(kOldKey));
  EXPECT_EQ(keys.shop.given->valid_to, format_time(end));

  keys.host.clock.now = end - kDayMs;  // T_dir
  ASSERT_EQ(keys.shop.renew(), "QP-OK");
  const auto next = *keys.shop.given;
  EXPECT_EQ(next.epoch, 2);
  EXPECT_NE(next.key, crypto::to_hex(kOldKey));
  EXPECT_EQ(parse_time(next.valid_to), keys.host.clock.now / 1000 * 1000 + 90 * kDayMs);
  for (int life = 0; life < 2; ++life, keys.host.restart()) {
    ASSERT_EQ(keys.shop.renew(), "QP-OK") << "by the old one";
    EXPECT_EQ(keys.shop.given->key, next.key) << "no third one";
    EXPECT_EQ(SharedKeys(keys.host.node->config()).current(kVendor, keys.host.clock.now)->epoch, 1);
    EXPECT_EQ(SharedKeys(keys.host.node->config()).current(kVendor, end + 1)->epoch, 2);
  }
  keys.shop.use_given();
  ASSERT_EQ(keys.shop.renew(), "QP-OK") << "by the new one";
  EXPECT_EQ(keys.shop.given->epoch, 2);
}

// QP-ADD-21: who slept through the end of its key gets the next one, and nothing else.
TEST(HostKeys, WakesWhoSlept) {
  NodeConfig config = sharing();
  config.shared_keys[0].valid_to_ms = kNoon - 1;
  Keys keys(config);
  EXPECT_EQ(keys.shop.publish(change({})), "QP-E-FORBIDDEN");
  EXPECT_EQ(keys.shop.renew("B7"), "QP-E-KEY");
  ASSERT_EQ(keys.shop.renew(), "QP-OK");
  EXPECT_EQ(keys.shop.given->epoch, 2);
  keys.shop.use_given();
  EXPECT_EQ(keys.shop.publish(change({})), "QP-OK");
}

// QP-ADD-21: the longest sleep is T_retain.
TEST(HostKeys, LetsWhoSleptTooLongAskItsOwner) {
  NodeConfig config = sharing();
  config.shared_keys[0].valid_to_ms = kNoon - 1 - protocol::T_retain_default * 1000;
  Keys keys(config);
  EXPECT_EQ(keys.shop.renew(), "QP-E-FORBIDDEN");
}

// QP-ADD-21: a key of the owner without an end is followed by one that has one, and ends T_dir later itself.
TEST(HostKeys, LetsAKeyWithoutEndEnd) {
  Keys keys(sharing());
  ASSERT_EQ(keys.shop.renew(), "QP-OK");
  EXPECT_EQ(keys.shop.given->epoch, 2);
  keys.host.clock.now += kDayMs + 1000;
  keys.host.restart();
  EXPECT_EQ(keys.shop.publish(change({})), "QP-E-FORBIDDEN") << "the old one is over";
  keys.shop.use_given();
  EXPECT_EQ(keys.shop.publish(change({})), "QP-OK");
}

// QP-ADD-21: only a Vendor, and only of a Broker that shares a key.
TEST(HostKeys, GivesAVendorTheKeyOfItsBroker) {
  Keys keys(sharing());
  ASSERT_EQ(keys.shop.renew("B7"), "QP-OK");
  EXPECT_EQ(keys.shop.given->key, crypto::to_hex(pair_key(std::string(32, 'b'), kVendor, "B7", 1)));
  EXPECT_EQ(keys.shop.given->epoch, 1);
  EXPECT_EQ(keys.shop.given->valid_to, format_time(kNoon + protocol::T_dir_default * 1000)) << "the Broker's has no end, and may get one";
  EXPECT_EQ(keys.shop.renew("B8"), "QP-E-BROKER") << "shares none";
  EXPECT_EQ(keys.shop.renew("B99"), "QP-E-BROKER");
  Entering bank(keys.host, kBrokerAddress, msg::Profile::H);
  bank.id = "B7";
  bank.key = EpochKey{1, std::string(32, 'b')};
  EXPECT_EQ(bank.renew("B7"), "QP-E-FORBIDDEN");
  ASSERT_EQ(bank.renew(), "QP-OK");
  EXPECT_EQ(bank.given->epoch, 2);
  ASSERT_EQ(keys.shop.renew("B7"), "QP-OK");
  EXPECT_EQ(keys.shop.given->epoch, 2) << "of the Broker's last epoch";
  Player gone = *keys.host.directory.find("B7").player;
  gone.removed = true;
  keys.host.directory.put(gone);
  EXPECT_EQ(keys.shop.renew("B7"), "QP-E-BROKER");
  EXPECT_EQ(bank.renew(), "QP-E-GONE");
}

// QP-ADD-18 QP-ADD-21: who registered by messages has keys that follow, too, and a change of its entry takes none away.
TEST(HostKeys, FollowThoseOfARegistration) {
  Single host(in_h(admitting()));
  Entering wallet(host, "127.0.7.1", msg::Profile::H);
  ASSERT_EQ(wallet.enter(), "QP-OK");
  ASSERT_EQ(wallet.publish(change({.player = wallet.id, .signer = nullptr})), "QP-OK");
  host.clock.now += 90 * kDayMs - 1000;
  ASSERT_EQ(wallet.renew(), "QP-OK");
  EXPECT_EQ(wallet.given->epoch, 2);
  wallet.use_given();
  ASSERT_EQ(wallet.update(wallet.moving({{"127.0.7.0", 24}})), "QP-E-ADDRESS");
  ASSERT_EQ(wallet.update(wallet.moving({{"127.0.7.1", 32}})), "QP-OK");
  for (int life = 0; life < 2; ++life, host.restart()) {
    ASSERT_EQ(wallet.renew(), "QP-OK");
    EXPECT_EQ(wallet.given->epoch, 2);
    const auto entry = entry_of(host, msg::PlayerRole::wallet, wallet.id, wallet.ticket);
    ASSERT_TRUE(entry);
    EXPECT_EQ(entry->key.size(), 1u);
  }
}

}  // namespace
}  // namespace quickpay::roles
