// A Broker, a Vendor or a Wallet publishes a key, takes the old one back and renews the one that it shares, while its power
// is cut at every single write of its ledger.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <tuple>
#include <vector>

#include "reference/roles/tests/holding.hpp"
#include "reference/roles/tests/town.hpp"

namespace quickpay::roles {
namespace {

constexpr std::int64_t kSharedEndMs = kNoon + kDirectoryMs + 3'600'000;  // soon it is time for the next one

TownPlan keeping(const std::string& role, const ledger::Cut& cut, bool authenticated) {
  TownPlan plan{role, cut, {}};
  plan.configs = {{"host", registering()}, {"broker", broker_config()}, {"vendor", vendor_config()}, {"wallet", wallet_config()}};
  plan.configs[role] = config_of(role);
  if (!authenticated) return plan;
  plan.configs[role] = in_h(config_of(role), kSharedEndMs);
  plan.configs["host"].profile = "H";
  plan.configs["host"].shared_keys = {{plan.configs[role].id, 1, kFirstShared, kSharedEndMs}};
  return plan;
}

/// What an owner wants of the keys of one player, until it has come about.
class Kept {
 public:
  Kept(const std::string& role, const ledger::Cut& cut, bool authenticated)
      : role_(role), authenticated_(authenticated), town_(keeping(role, cut, authenticated)), id_(node().config().id) {
    list(town_.single(role), "H1", key_of("broker"), KeyUsage::seal);
    list(town_.single("host"), id_, key_of(role), KeyUsage::sign);
  }

  void run() {
    insist([](Node& node) { return node.publish_key(id_of(next_key())).has_value(); }, [this] { return listed(next_key()) != nullptr; });
    insist([this](Node& node) { return node.withdraw_key(id_of(key_of(role_)), "replaced", kNoon).has_value(); },
           [this] { return listed(key_of(role_)) && listed(key_of(role_))->withdrawn_from_ms; },
           [this] { return node().config().signing_keys.front().withdrawn; });
    if (!authenticated_) return;
    town_.wait(2 * 3'600'000);
    insist([](Node& node) { return node.renew_key({}).has_value(); }, [this] { return shares(2); });
    town_.promise("the next shared key is gone", [this] { return shares(2); });
  }
  const Powered& cutting() const { return town_.cutting(); }

  /// What is wrong in the end, or nothing.
  std::string verdict() {
    if (const std::string broken = town_.broken(); !broken.empty()) return broken;
    if (town_.state(role_, role_ + ".keys", "H1") != "IDLE") return "something still waits";
    if (*town_.single(role_).ledger->next_call_ms()) return "the player still asks";
    if (!listed(next_key()) || !listed(key_of(role_)) || !listed(key_of(role_))->withdrawn_from_ms) return "the Host knows other keys";
    if (!node().config().signing_keys.front().withdrawn) return "the key that was taken back signs";
    for (const char* message : {"PublishKey", "WithdrawKey", "GetPairKey"}) {
      const bool asks = authenticated_ || message != std::string("GetPairKey");
      if (town_.asked[message].size() != (asks ? 1U : 0U)) return "another number of " + std::string(message) + " has left";
    }
    return authenticated_ && !shares(2) ? "the next shared key is missing" : "";
  }

 private:
  Node& node() { return *town_.single(role_).node; }
  static void list(Single& at, const std::string& who, const crypto::RsaPrivateKey& key, KeyUsage usage) {
    Player player = *at.directory.find(who).player;
    player.keys = {{key.public_key().key_id(), key.public_key().spki_der(), usage, kNoon - kDayMs, kNoon + 400 * kDayMs, {}}};
    at.directory.put(player);
  }
  /// As the Host's directory has it.
  const PlayerKey* listed(const crypto::RsaPrivateKey& key) {
    found_ = town_.single("host").node->directory().find(id_);
    if (!found_.player) return nullptr;
    const auto& keys = found_.player->keys;
    const auto at = std::find_if(keys.begin(), keys.end(), [&](const PlayerKey& each) { return each.key_id == id_of(key); });
    return at == keys.end() ? nullptr : &*at;
  }
  /// The player has the key of the epoch, and it is the Host's.
  bool shares(std::int64_t epoch) {
    const std::int64_t now_ms = town_.single(role_).clock.now;
    const auto own = SharedKeys(node().config()).find("H1", epoch, now_ms);
    return own && own == SharedKeys(town_.single("host").node->config()).find(id_, epoch, now_ms);
  }
  /// The owner wants something until it has come about; `kept` holds from the moment that the player took it up.
  void insist(const std::function<bool(Node&)>& action, const std::function<bool()>& came, std::function<bool()> kept = {}) {
    const auto idle = [this] { return town_.state(role_, role_ + ".keys", "H1") == "IDLE"; };
    for (int tries = 0; tries < kMaxTries && !(came() && idle()); ++tries) {
      bool done = false;
      const bool acknowledged = !came() && town_.act(role_, [&](Node& node) { done = action(node); });
      if (done && acknowledged) {
        town_.promise("what was wanted is forgotten", [idle, came] { return !idle() || came(); });
        if (kept) town_.promise("the key that was taken back signs", kept);
      }
      town_.wait(60'000);
    }
  }

  std::string role_;
  bool authenticated_;
  Town town_;
  std::string id_;
  Lookup found_;
};

class PlayerKeysCrash : public testing::TestWithParam<std::tuple<const char*, bool>> {
 protected:
  static ledger::Cuts cut_everywhere(bool lazy, std::uint64_t seed = 0) {
    const auto& [role, authenticated] = GetParam();
    const std::string label =
        fmt::format("{}, keys, profile {}, disk seed {}{}", role, authenticated ? "H" : "F", seed, lazy ? ", lazy" : "");
    return ledger::cut_everywhere(label, [&, who = role, shares = authenticated](int n) {
      return std::make_unique<Kept>(who, ledger::Cut{n, lazy, seed}, shares);
    });
  }
};

// QP-ADD-18 QP-ADD-21 QP-ADD-01: whatever write is the last one before the power fails, the player asks once for each thing,
// never signs with what it took back, and keeps the key that it was given.
TEST_P(PlayerKeysCrash, AtEveryWriteLosesNothing) {
  const bool vendor = std::get<0>(GetParam()) == std::string("vendor");  // the machines differ in their names alone
  for (const std::uint64_t seed : vendor ? std::vector<std::uint64_t>{0, 7} : std::vector<std::uint64_t>{0}) {
    const auto counts = cut_everywhere(false, seed);
    EXPECT_GT(counts.cuts, 10);
    EXPECT_TRUE(counts.wrong.empty()) << testing::PrintToString(counts.wrong);
  }
}

// Twin: a player that lets things out before they are on the disk is found.
TEST_P(PlayerKeysCrash, TwinAskingBeforeTheFlushIsFound) { EXPECT_FALSE(cut_everywhere(true).wrong.empty()); }

INSTANTIATE_TEST_SUITE_P(Roles, PlayerKeysCrash,
                         testing::Combine(testing::Values("broker", "vendor", "wallet"), testing::Bool()), [](const auto& in) {
                           return std::string(std::get<0>(in.param)) + (std::get<1>(in.param) ? "_H" : "_F");
                         });

}  // namespace
}  // namespace quickpay::roles
