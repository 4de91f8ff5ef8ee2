// The Paycards of a served Wallet: with which keys their manifests may be signed, and that the Wallet serves without
// them.
#include "reference/daemon/paycards.hpp"

#include <gtest/gtest.h>

namespace quickpay::daemon {
namespace {

constexpr std::int64_t kNow = 1'795'348'800'000;
constexpr std::int64_t kSkew = 300'000;
constexpr std::int64_t kDay = 86'400'000;

roles::PlayerKey good_key() { return {"id", "spki", roles::KeyUsage::sign, kNow - kDay, kNow + kDay, {}}; }

std::vector<std::string> keys_with(const std::function<void(roles::Player&)>& change) {
  roles::Player broker{"B7", "broker", {}, {}, {}};
  broker.keys = {good_key()};
  change(broker);
  roles::TableDirectory directory;
  directory.put(broker);
  return good_keys(directory, "B7", kNow, kSkew);
}

// QP-ADM-006: only what its Broker signs with, and may sign with now, certifies a Paycard.
TEST(KeysOfABroker, AreGoodNow) {
  EXPECT_EQ(keys_with([](auto&) {}), std::vector<std::string>{"spki"});
  using Change = std::function<void(roles::Player&)>;
  const std::vector<std::pair<const char*, Change>> changes = {
      {"another role", [](auto& p) { p.role = "vendor"; }},
      {"not accepted", [](auto& p) { p.accepted = false; }},
      {"removed", [](auto& p) { p.removed = true; }},
      {"another usage", [](auto& p) { p.keys[0].usage = roles::KeyUsage::seal; }},
      {"not yet", [](auto& p) { p.keys[0].not_before_ms = kNow + kSkew + 1; }},
      {"no more", [](auto& p) { p.keys[0].not_after_ms = kNow - kSkew - 1; }},
      {"withdrawn", [](auto& p) { p.keys[0].withdrawn_from_ms = kNow; }},
  };
  for (const auto& [what, change] : changes) EXPECT_TRUE(keys_with(change).empty()) << what;
  EXPECT_FALSE(keys_with([](auto& p) { p.keys[0].withdrawn_from_ms = kNow + 1; }).empty());
  EXPECT_FALSE(keys_with([](auto& p) { p.suspended = true, p.accepted = false; }).empty()) << "its Paycards finish what was begun";
  EXPECT_TRUE(good_keys(roles::TableDirectory(), "B7", kNow, kSkew).empty());
}

// QP-ADM-006: which files are too old the Broker's entry says.
TEST(KeysOfABroker, ComeWithItsOldestPaycards) {
  roles::Player broker{"B7", "broker", {}, {}, {}};
  broker.oldest_paycards = {{"card", "1.2"}};
  roles::TableDirectory directory;
  directory.put(broker);
  EXPECT_EQ(oldest_of(directory, "B7"), (std::vector<msg::OldestPaycard>{{"card", "1.2"}}));
  EXPECT_TRUE(oldest_of(directory, "B8").empty());
}

class FixedClock : public roles::Clock {
 public:
  std::int64_t now_ms() const override { return kNow; }
};

TEST(PaycardsOfAWallet, HaveAPortWhereOneIsAPlugIn) {
  const roles::TableDirectory directory;
  const FixedClock clock;
  ServeConfig config;
  config.daemon.node.paycards = {{"B7", "P7", "secret", true}};
  EXPECT_EQ(open_paycards(config, {directory, clock, {}}), nullptr);
  config.daemon.node.paycards.push_back({"B8", "P8", "secret", false, "/nonexistent.so", "/nonexistent.manifest"});
  std::vector<std::string> log;
  const LogSink sink = [&](const LogLine& line) { log.push_back(line.event + " " + line.fields.at(0).second); };
  const auto port = open_paycards(config, {directory, clock, sink});
  ASSERT_NE(port, nullptr);
  start_paycards(*port, config.daemon.node, sink);
  EXPECT_EQ(log, std::vector<std::string>{"paycard trouble P8"});
}

}  // namespace
}  // namespace quickpay::daemon
