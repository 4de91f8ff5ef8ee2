// A Vendor and a Broker change their keys, while the Host's power is cut at every single write of its ledger.
#include <gtest/gtest.h>

#include <vector>

#include "reference/roles/tests/keeping.hpp"
#include "reference/roles/tests/power.hpp"

namespace quickpay::roles {
namespace {

NodeConfig keeping(msg::Profile profile) {
  NodeConfig config = admitting();
  if (profile == msg::Profile::F) return config;
  config.shared_keys = {{kVendor, 1, std::string(32, 'k'), {}}, {"B7", 1, std::string(32, 'b'), {}}};
  return in_h(config);
}

/// V1001 publishes a successor, takes the old key back, and publishes a third one in its word; a stranger gets nothing. In
/// profile H it gets its next epoch and the key that it shares with B7, before and after B7 got its own next one.
class Changes {
 public:
  Changes(msg::Profile profile, const ledger::Cut& cut) : host_(keeping(profile), cut), profile_(profile) {
    publish_keys(host_.single);
    host_.reopen();
    for (Entering* one : {&shop_, &bank_}) {
      one->profile = profile;
      one->carry = [this](std::string_view path, const std::string& body, const std::string& address) {
        return host_.ask_and_keep(path, body, address);
      };
    }
    shop_.id = kVendor;
    bank_.id = "B7";
    if (profile == msg::Profile::F) return;
    shop_.key = EpochKey{1, std::string(32, 'k')};
    bank_.key = EpochKey{1, std::string(32, 'b')};
  }

  void run() {
    said_.push_back(shop_.publish(change({})));
    said_.push_back(shop_.withdraw(withdrawal(key_of("vendor"), stranger_key(), kNoon)));
    said_.push_back(shop_.publish(change({.key = &key_of("host"), .proof = &key_of("host")})));
    said_.push_back(shop_.publish(change({.key = &key_of("host"), .proof = &key_of("host"), .signer = &stranger_key()})));
    if (profile_ == msg::Profile::H) run_shared();
  }

  const Powered& cutting() const { return host_; }

  /// What is wrong after one more loss of power, or nothing.
  std::string verdict() {
    std::vector<std::string> expected = {"QP-OK", "QP-OK", "QP-E-KEY", "QP-OK"};
    if (profile_ == msg::Profile::H) expected.insert(expected.end(), 4, "QP-OK");
    if (said_ != expected) return testing::PrintToString(said_);
    host_.recover();
    if (const std::string found = host_.not_kept(); !found.empty()) return found;
    const auto entry = entry_of(host_.single, msg::PlayerRole::vendor, kVendor);
    if (!entry || entry->key.size() != 3) return "a key is lost, or listed twice";
    if (entry->key[0].withdrawn_from != format_time(kNoon)) return "the withdrawal is lost";
    return profile_ == msg::Profile::H ? verdict_on_shared() : "";
  }

 private:
  void run_shared() {
    said_.push_back(shop_.renew());
    own_ = shop_.given;
    said_.push_back(shop_.renew("B7"));
    before_ = shop_.given;
    said_.push_back(bank_.renew());
    said_.push_back(shop_.renew("B7"));
    after_ = shop_.given;
  }

  std::string verdict_on_shared() {
    const auto raw = [](const std::optional<msg::SharedKey>& key) { return *crypto::from_hex(key->key); };
    if (!own_ || !before_ || !after_ || !bank_.given) return "a key did not come";
    if (raw(before_) != pair_key(std::string(32, 'b'), kVendor, "B7", 1)) return "another key of the first epoch";
    if (raw(after_) != pair_key(raw(bank_.given), kVendor, "B7", 2)) return "another key of the second epoch";
    const SharedKeys kept(host_.single.node->config());
    if (kept.find(kVendor, 2, host_.single.clock.now) != raw(own_)) return "the key that was given is another";
    return kept.find(kVendor, 1, host_.single.clock.now) ? "" : "the key before it is lost";
  }

  Powered host_;
  msg::Profile profile_;
  Entering shop_{host_.single, kVendorAddress};
  Entering bank_{host_.single, kBrokerAddress};
  std::optional<msg::SharedKey> own_, before_, after_;
  std::vector<std::string> said_;
};

ledger::Cuts cut_everywhere(msg::Profile profile, bool lazy) {
  const std::string label = std::string("keys, profile ") + std::string(msg::to_string(profile)) + (lazy ? ", lazy" : "");
  return ledger::cut_everywhere(label, [&](int n) { return std::make_unique<Changes>(profile, ledger::Cut{n, lazy}); });
}

// QP-ADD-18 QP-ADD-21 QP-ADD-01: whatever write is the last one before the power fails, what was listed is listed once, what
// was withdrawn stays so, and a key that was given is the one that counts.
TEST(KeysCrash, AtEveryWriteLosesNothing) {
  for (const msg::Profile profile : {msg::Profile::F, msg::Profile::H}) {
    const ledger::Cuts counts = cut_everywhere(profile, false);
    EXPECT_GT(counts.cuts, 20);
    EXPECT_TRUE(counts.wrong.empty()) << testing::PrintToString(counts.wrong);
  }
}

// Twin: a Host that answers before it has flushed is found.
TEST(KeysCrash, TwinAnsweringBeforeTheFlushIsFound) {
  for (const msg::Profile profile : {msg::Profile::F, msg::Profile::H}) {
    EXPECT_FALSE(cut_everywhere(profile, true).wrong.empty());
  }
}

}  // namespace
}  // namespace quickpay::roles
