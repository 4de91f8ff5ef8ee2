#include "reference/roles/tests/signed_single.hpp"

#include <array>

namespace quickpay::roles {
namespace {

crypto::RsaPrivateKey made_key(std::uint64_t seed) {
  crypto::SeededRandom random(seed);
  crypto::CryptoCounters counters;
  return *crypto::RsaPrivateKey::generate(2048, random, counters);
}

}  // namespace

const crypto::RsaPrivateKey& key_of(std::string_view role) {
  // never destroyed: at exit the pool of the library, from which the numbers of a key are, may be gone before them
  static const auto& keys = *new std::array<crypto::RsaPrivateKey, 3>{made_key(11), made_key(12), made_key(13)};
  return keys[role == "host" ? 0 : role == "broker" ? 1 : 2];
}

const crypto::RsaPrivateKey& stranger_key() {
  static const auto& key = *new crypto::RsaPrivateKey(made_key(14));
  return key;
}

NodeConfig signing(NodeConfig config) {
  config.signing_keys = {{key_of(config.role).pkcs8_der(), kNoon - kDayMs, kNoon + 400 * kDayMs}};
  return config;
}

void publish_keys(Single& single) {
  for (const char* id : {"H1", "B7", "B8", "V1001", "V1002"}) {
    Player player = *single.directory.find(id).player;
    const auto key = key_of(player.role).public_key();
    player.keys = {{key.key_id(), key.spki_der(), KeyUsage::sign, kNoon - kDayMs, kNoon + 400 * kDayMs, {}}};
    single.directory.put(std::move(player));
  }
}

msg::Approval approval_of(const msg::OrderRef& ref, const std::string& batch_id) {
  msg::Approval approval{"H1", "V1001", "B7", batch_id, {{ref.order_id, ref.digest, ref.amount}}, "2026-11-22T12:00:00Z", {}};
  sign(approval);
  return approval;
}

std::string state_of(Single& single, std::string_view machine, std::string_view key) {
  const auto record = single.ledger->find(machine, key);
  return record && *record ? (*record)->state : "NONE";
}

}  // namespace quickpay::roles
