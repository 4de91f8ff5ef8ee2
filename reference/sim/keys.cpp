#include "reference/sim/keys.hpp"

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

}  // namespace

const crypto::RsaPrivateKey& world_key(std::string_view what) {
  if (what == "host") return made<21>();
  if (what == "broker") return made<22>();
  if (what == "seal") return made<24>();
  if (what == "broker-seal") return made<25>();
  if (what == "wallet") return made<26>();
  if (what == "newcomer") return made<27>();
  if (what == "next") return made<28>();
  return made<23>();
}

}  // namespace quickpay::sim
