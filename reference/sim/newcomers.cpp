// Players of a world that have to register at its Host first.
#include "reference/sim/keys.hpp"
#include "reference/sim/world.hpp"

namespace quickpay::sim {
namespace {

constexpr std::uint16_t kOtherPort = 9090;
constexpr std::size_t kHashDigits = 64;

roles::SigningKeyConfig key_config(std::string_view what) { return {world_key(what).pkcs8_der(), kStartMs, kStartMs + kKeyLifeMs}; }

}  // namespace

// Two Vendors on one machine, so that each can name the place of the other; a Wallet and two Brokers.
void World::add_newcomers() {
  struct Newcomer {
    const char *name, *role, *address, *signs;
    std::vector<roles::Endpoint> places;
  };
  const Newcomer all[] = {{"new-vendor", "vendor", "127.0.7.1", "newcomer", {{"127.0.7.1", kPort}, {"127.0.7.2", kPort}, {"127.0.7.3", kPort}, {"127.0.7.1", kSparePort}}},
                          {"new-shop", "vendor", "127.0.7.1", "vendor", {{"127.0.7.1", kOtherPort}, {"127.0.7.4", kPort}}},
                          {"new-wallet", "wallet", "127.0.8.1", "wallet", {}},
                          {"new-broker", "broker", "127.0.9.1", "newcomer", {{"127.0.9.1", kPort}}},
                          {"new-bank", "broker", "127.0.9.2", "broker", {{"127.0.9.2", kPort}}}};
  for (const Newcomer& one : all) {
    roles::NodeConfig config;
    config.role = one.role;
    config.id = one.name;
    config.host = kHost;
    config.currencies = {kCurrency};
    config.trace = options_.trace;
    config.software = {"wallet", "1.0", std::string(kHashDigits, '5')};
    config.signing_keys = {key_config(one.signs)};
    if (config.role == "broker") config.sealing_keys = {key_config("broker-seal")};
    Site& made = add_site(std::move(config), one.address);
    made.newcomer = true;
    made.places = one.places;
  }
}

}  // namespace quickpay::sim
