// Who lives in a world.
#include <algorithm>
#include <utility>

#include "reference/crypto/hash.hpp"
#include "reference/sim/keys.hpp"
#include "reference/sim/world.hpp"

namespace quickpay::sim {
namespace {

constexpr std::int64_t kPrice = 125;

std::string wallet_id(int i) { return "W" + std::string(30, 'a') + (i < 9 ? "0" : "1") + std::to_string((i + 1) % 10); }
std::string broker_id(int i) { return "B" + std::to_string(7 + i); }
std::string vendor_id(int i) { return "V" + std::to_string(1001 + i); }
std::string paycard_id(int wallet, int broker) {
  return std::string(kPaycardCanary) + std::to_string(wallet) + "x" + std::to_string(broker);
}
std::string account_id(int wallet, int broker) {
  return "account" + std::to_string(wallet) + "x" + std::to_string(broker);
}
std::string secret(int wallet, int broker) {
  return std::string(31, 's') + static_cast<char>('A' + wallet * 8 + broker);
}
std::string address(int network, int i) { return "127.0." + std::to_string(network) + "." + std::to_string(i + 1); }

bool signs(const WorldOptions& options, std::string_view role) { return options.sign && role != "wallet"; }

roles::PlayerKey listed_key(std::string_view what, roles::KeyUsage usage) {
  const auto key = world_key(what).public_key();
  return {key.key_id(), key.spki_der(), usage, kStartMs, kStartMs + kKeyLifeMs, {}};
}

std::vector<roles::PlayerKey> listed_keys(const WorldOptions& options, std::string_view role) {
  std::vector<roles::PlayerKey> all;
  if (signs(options, role)) all.push_back(listed_key(role, roles::KeyUsage::sign));
  if (options.newcomers && role == "host") all.push_back(listed_key("seal", roles::KeyUsage::seal));
  return all;
}

roles::NodeConfig base(const WorldOptions& options, std::string role, std::string id) {
  roles::NodeConfig config;
  config.role = std::move(role);
  config.id = std::move(id);
  config.host = kHost;
  config.currencies = {kCurrency};
  config.trace = options.trace;
  if (signs(options, config.role)) {
    config.signing_keys = {{world_key(config.role).pkcs8_der(), kStartMs, kStartMs + kKeyLifeMs}};
  }
  return config;
}

roles::NodeConfig host_config(const WorldOptions& options) {
  roles::NodeConfig config = base(options, "host", kHost);
  if (!options.newcomers) return config;
  config.sealing_keys = {{world_key("seal").pkcs8_der(), kStartMs, kStartMs + kKeyLifeMs}};
  config.broker_codes.assign(std::begin(kCodes), std::end(kCodes));
  config.probes_locally = true;  // all addresses of a world are of one machine
  return config;
}

/// The Host with everybody, Vendors with Brokers.
bool share_a_key(std::string_view one, std::string_view other) {
  const bool host = one == "host" || other == "host";
  const bool pay = (one == "vendor" && other == "broker") || (one == "broker" && other == "vendor");
  return one != other && (host || pay);
}

}  // namespace

void World::populate() {
  add_site(host_config(options_), address(1, 0));
  for (int b = 0; b < options_.brokers; ++b) {
    auto config = base(options_, "broker", broker_id(b));
    for (int w = 0; w < options_.wallets; ++w) {
      config.accounts.push_back({account_id(w, b), options_.limit, 0, kCurrency});
      config.bindings.push_back({wallet_id(w), paycard_id(w, b), account_id(w, b), secret(w, b)});
    }
    add_site(std::move(config), address(2, b));
  }
  for (int v = 0; v < options_.vendors; ++v) {
    auto config = base(options_, "vendor", vendor_id(v));
    const std::string url = "http://" + address(3, v) + ":" + std::to_string(kPort) + "/goods";
    config.items.push_back({"item-1", "Article 4711 <canary-item>", kPrice, kCurrency, "text/plain", "the goods", true, {}});
    config.items.push_back({"item-2", "Article 4712 <canary-item>", 40, kCurrency, "text/plain", "other goods", false, {}});
    config.items.push_back({"item-far", "A <canary-item> fetched", 75, kCurrency, "text/plain", "far goods", true, url});
    add_site(std::move(config), address(3, v));
  }
  for (int w = 0; w < options_.wallets; ++w) {
    auto config = base(options_, "wallet", wallet_id(w));
    for (int b = 0; b < options_.brokers; ++b) {
      const bool active = b == w % options_.brokers;
      config.paycards.push_back({broker_id(b), paycard_id(w, b), secret(w, b), active});
    }
    add_site(std::move(config), address(4, w));
  }
  if (options_.newcomers) add_newcomers();
  for (auto& [id, at] : sites_) {
    acquaint(at);
    start(at);
  }
}

void World::acquaint(Site& at) {
  const std::string& id = at.config.id;
  if (options_.authenticate) at.config.profile = "H";
  for (const auto& [other_id, other] : sites_) {
    if (other.newcomer) continue;
    if (options_.authenticate && !at.newcomer && share_a_key(at.config.role, other.config.role))
      at.config.shared_keys.push_back({other_id, 1, crypto::sha256(std::min(id, other_id) + "/" + std::max(id, other_id)), {}});
    const std::string& role = other.config.role;
    roles::Player player{other_id, role, role == "vendor" ? "Shop " + other_id : "", {}, {}, true};
    player.keys = listed_keys(options_, role);
    if (role == "wallet") {
      player.bound_addresses = {other.address};
    } else {
      player.endpoints = {{other.address, kPort}};
    }
    if (role != "wallet" || at.config.role != "vendor") at.directory.put(std::move(player));
  }
}

Site& World::add_site(roles::NodeConfig config, std::string at) {
  if (options_.configure) options_.configure(config);
  Site& made = sites_[config.id];
  made.random = std::make_unique<crypto::SeededRandom>(std::to_string(seed_) + "/" + config.id);
  made.clock = std::make_unique<SiteClock>(clock, options_.skew_ms ? options_.skew_ms(config) : 0);
  made.address = std::move(at);
  made.config = std::move(config);
  return made;
}

std::unique_ptr<World> make_world(std::uint64_t seed, WorldOptions options) {
  return std::make_unique<World>(seed, std::move(options));
}

std::unique_ptr<World> make_world(std::uint64_t seed) {
  crypto::SeededRandom random(seed);
  const std::string choice = crypto::random_bytes(random, 3);
  WorldOptions options;
  options.brokers = 1 + (choice[0] & 1);
  options.vendors = 1 + (choice[1] & 1);
  options.wallets = 1 + (choice[2] & 1);
  return make_world(seed, std::move(options));
}

}  // namespace quickpay::sim
