#include "reference/daemon/tests/world.hpp"

#include <gtest/gtest.h>

#include <chrono>

#include "reference/crypto/rsa.hpp"

namespace quickpay::daemon::tests {
namespace {

constexpr std::int64_t kStepMs = 10'000;
constexpr int kMaxSteps = 60;
const std::string kSecret(32, 's');

roles::ItemConfig the_item() {
  roles::ItemConfig item;
  item.item = "news-1";
  item.text = "An article";
  item.amount = 125;
  item.currency = "USD";
  item.media_type = "text/plain";
  item.data = "the goods";
  item.content_hash = true;
  return item;
}

roles::NodeConfig node_of(const std::string& role, const std::string& id) {
  roles::NodeConfig node;
  node.role = role;
  node.id = id;
  node.currencies = {"USD"};
  node.trace = true;
  if (role == "wallet") node.paycards = {{"B7", "P7", kSecret, true}};
  if (role == "vendor") {
    node.items = {the_item()};
    node.brokers_accepted = {"B7"};
  }
  if (role == "broker") {
    node.accounts = {{"a", 1000, 0, "USD"}};
    node.bindings = {{kWallet, "P7", "a", kSecret}};
  }
  return node;
}

}  // namespace

World::World(const std::function<void(const std::string&, DaemonConfig&)>& change) {
  const std::map<std::string, std::pair<std::string, std::string>> players = {{"host", {"H1", "127.20.0.1"}},
                                                                              {"broker", {"B7", "127.20.0.2"}},
                                                                              {"vendor", {"V1001", "127.20.0.3"}},
                                                                              {"wallet", {kWallet, "127.20.0.4"}}};
  for (const auto& [role, player] : players) {
    Place& place = places_[role];
    place.address = player.second;
    place.config.node = node_of(role, player.first);
    place.config.follows_clock = false;
    if (role != "wallet") place.config.listen_address = player.second;
    place.config.source_address = player.second;
    place.ledger = ledger::open_sqlite(":memory:").value();
    place.random = std::make_unique<crypto::SeededRandom>(role);
    if (change) change(role, place.config);
  }
  for (const auto& [role, player] : players) start(role);
}

World::~World() {
  for (auto& [role, place] : places_) place.daemon.reset();
}

void World::start(const std::string& role) {
  Place& place = at(role);
  place.daemon.reset();
  Listeners listeners;
  listeners.user = [&place](const roles::UserEvent& event) { place.events.push_back(event); };
  listeners.trace = [&place](const roles::TraceLine& line) {
    if (place.trace_fails) return false;
    place.trace.push_back(line);
    return true;
  };
  listeners.log = [&place](const LogLine& line) { place.log.push_back(line); };
  listeners.failed = [&place](const std::string& why) { place.failure = why; };
  auto started = Daemon::start(place.config, {io, *place.ledger, clock, *place.random, directory}, listeners);
  ASSERT_TRUE(started) << started.error();
  place.daemon = std::move(*started);
  roles::Player entry;
  entry.id = place.config.node.id;
  entry.role = role;
  entry.name = role;
  place.config.listen_port = place.daemon->port();  // after a restart it is found where it was
  if (place.daemon->port() != 0) entry.endpoints = {{place.address, place.daemon->port()}};
  if (role == "wallet") entry.bound_addresses = {place.address};
  const auto publish = [&](const std::vector<roles::SigningKeyConfig>& keys, roles::KeyUsage usage) {
    for (const roles::SigningKeyConfig& key : keys) {
      const auto read = crypto::RsaPrivateKey::load(key.pkcs8)->public_key();
      entry.keys.push_back({read.key_id(), read.spki_der(), usage, key.not_before_ms, key.not_after_ms, {}});
    }
  };
  publish(place.config.node.signing_keys, roles::KeyUsage::sign);
  publish(place.config.node.sealing_keys, roles::KeyUsage::seal);
  directory.put(entry);
}

bool World::until(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    io.restart();
    io.run_one_for(std::chrono::milliseconds(100));
  }
  return true;
}

bool World::settle() {
  return until([this] {
    for (const auto& [role, place] : places_) {
      if (place.daemon && place.daemon->busy()) return false;
    }
    return true;
  });
}

void World::advance(std::int64_t ms) {
  clock.advance(ms);
  for (auto& [role, place] : places_) {
    if (place.daemon) place.daemon->clock_moved();
  }
  settle();
}

bool World::advance_until(const std::string& wallet_state) {
  for (int step = 0; step < kMaxSteps && state_of("wallet", "wallet.order") != wallet_state; ++step) advance(kStepMs);
  return state_of("wallet", "wallet.order") == wallet_state;
}

std::string World::buy() {
  Place& wallet = at("wallet");
  const auto order = wallet.daemon->node().open_link("V1001", "news-1");
  wallet.daemon->touch();
  if (!order || !settle()) return {};
  for (const auto& event : wallet.events) {
    if (event.kind != "offer" || event.order != *order) continue;
    const std::string digest = event.details.at("digest");
    if (!wallet.daemon->node().confirm(*order, digest)) return {};
    wallet.daemon->touch();
    settle();
    return *order;
  }
  return {};
}

std::string World::state_of(const std::string& role, const std::string& machine) {
  const auto records = at(role).daemon->node().records(machine);
  return records && !records->empty() ? records->front().state : "";
}

}  // namespace quickpay::daemon::tests
