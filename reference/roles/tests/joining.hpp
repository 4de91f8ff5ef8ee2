// Players without an identifier that know their Host, and what their owners want.
#pragma once

#include <string>
#include <utility>

#include "reference/roles/tests/entering.hpp"

namespace quickpay::roles {

inline const Wanted kInstalled{.bound = {kNewAddress + "/32"}};
inline const Wanted kRebound{.bound = {kNewAddress + "/32", kMovedPlace.address + "/32"}, .new_ticket = true};
inline const Wanted kContract{.endpoints = {kNewPlace}, .name = "The Bank", .code = kEnrolmentCode};

/// The same player before it has an identifier, with all that it needs to get one.
inline NodeConfig joiner(NodeConfig config) {
  config.id.clear();
  config.software = {"wallet", "1.0", std::string(64, '5')};
  if (config.role == "broker") {
    config.sealing_keys = {{key_of("vendor").pkcs8_der(), kNoon - kDayMs, kNoon + 400 * kDayMs}};
  }
  return config;
}

/// The Host as everybody knows it, with the key to seal to of registering().
template <class Known>
Player sealed_host(const Known& directory) {
  Player host = *directory.find("H1").player;
  const auto key = key_of("broker").public_key();
  host.keys.push_back({key.key_id(), key.spki_der(), KeyUsage::seal, kNoon - kDayMs, kNoon + 400 * kDayMs, {}});
  return host;
}

}  // namespace quickpay::roles
