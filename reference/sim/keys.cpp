#include "reference/sim/keys.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "reference/crypto/encoding.hpp"

namespace quickpay::sim {
namespace {

/// Never destroyed: at exit the pool of the library, from which the numbers of a key are, may be gone before it.
template <std::uint64_t kSeed>
const crypto::RsaPrivateKey& made() {
  static const auto& key = *[] {
    crypto::SeededRandom random(kSeed);
    crypto::CryptoCounters counters;
    return new crypto::RsaPrivateKey(*crypto::RsaPrivateKey::generate(crypto::kMinKeyBits, random, counters));
  }();
  return key;
}

struct NamedKey {
  std::string_view what;
  const crypto::RsaPrivateKey& (*key)();
};
constexpr std::array<NamedKey, 7> kKeys = {{{"vendor", made<23>},
                                            {"host", made<21>},
                                            {"broker", made<22>},
                                            {"seal", made<24>},
                                            {"broker-seal", made<25>},
                                            {"wallet", made<26>},
                                            {"newcomer", made<27>}}};

}  // namespace

const crypto::RsaPrivateKey& world_key(std::string_view what) {
  const auto at = std::find_if(kKeys.begin(), kKeys.end(), [&](const NamedKey& key) { return key.what == what; });
  return (at == kKeys.end() ? kKeys.front() : *at).key();
}

bool is_world_key(const std::string& pub_key) {
  static const std::set<std::string> all = [] {
    std::set<std::string> keys;
    for (const NamedKey& key : kKeys) keys.insert(crypto::base64_encode(key.key().public_key().spki_der()));
    return keys;
  }();
  return all.contains(pub_key);
}

}  // namespace quickpay::sim
