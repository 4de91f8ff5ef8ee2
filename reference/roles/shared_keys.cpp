#include "reference/roles/shared_keys.hpp"

#include <algorithm>

#include "reference/codec/generated/protocol.hpp"
#include "reference/crypto/encoding.hpp"
#include "reference/crypto/hash.hpp"

namespace quickpay::roles {
namespace {

constexpr std::int64_t kMsOfSecond = 1000;

std::string auth_value(const codec::DocumentType& type, const AnyDocument& document, std::string_view key) {
  return crypto::mac(key, "msg", type.root, *type.type, document.object(), "Auth");
}

}  // namespace

bool over(const SharedKeyConfig& shared, std::int64_t now_ms) {
  return shared.valid_to_ms && now_ms > *shared.valid_to_ms;
}

std::int64_t counts_from(const codec::MessageType& type, std::int64_t now_ms) {
  const bool forgiving = &type == &msg::admin::kGetPairKeyMessage;
  return forgiving ? now_ms - protocol::T_retain_default * kMsOfSecond : now_ms;
}

std::string pair_key(std::string_view broker_key, const std::string& vendor, const std::string& broker,
                     std::int64_t epoch) {
  const msg::Pair pair{vendor, broker, epoch};
  return crypto::from_hex(crypto::mac(broker_key, "pair-key", "Pair", msg::kPairType, &pair)).value_or("");
}

/// A key that was given counts first; without one a Broker derives those for Vendors from its own.
std::string_view SharedKeys::owner_for(std::string_view peer) const {
  const auto& given = config_.shared_keys;
  const bool has = std::any_of(given.begin(), given.end(), [&](const SharedKeyConfig& k) { return k.peer == peer; });
  return !has && config_.role == "broker" && peer.starts_with('V') ? std::string_view(config_.host) : peer;
}

std::string SharedKeys::key_for(std::string_view peer, const SharedKeyConfig& shared) const {
  if (shared.peer == peer) return shared.key;
  return pair_key(shared.key, std::string(peer), config_.id, shared.epoch);
}

std::optional<std::string> SharedKeys::find(std::string_view peer, std::int64_t epoch, std::int64_t now_ms) const {
  const std::string_view owner = owner_for(peer);
  for (const SharedKeyConfig& shared : config_.shared_keys) {
    if (shared.peer == owner && shared.epoch == epoch && !over(shared, now_ms)) return key_for(peer, shared);
  }
  return std::nullopt;
}

std::optional<EpochKey> SharedKeys::current(std::string_view peer, std::int64_t now_ms) const {
  const std::string_view owner = owner_for(peer);
  const SharedKeyConfig* best = nullptr;
  for (const SharedKeyConfig& shared : config_.shared_keys) {
    if (shared.peer != owner || over(shared, now_ms)) continue;
    const bool better = best && (config_.role == "host" ? shared.epoch < best->epoch : shared.epoch > best->epoch);
    if (!best || better) best = &shared;
  }
  if (!best) return std::nullopt;
  return EpochKey{best->epoch, key_for(peer, *best)};
}

void authenticate(const codec::DocumentType& type, AnyDocument& document, const EpochKey& key) {
  document.set_auth({{key.epoch, auth_value(type, document, key.key)}});
}

bool authentic(const codec::DocumentType& type, AnyDocument& document, std::string_view key) {
  const msg::Auth* auth = document.auth();
  return auth && crypto::equal_constant_time(auth->mac.value, auth_value(type, document, key));
}

msg::Mac receipt_mac(const msg::HostReceipt& receipt, const EpochKey& key) {
  return {key.epoch,
          crypto::mac(key.key, "host-receipt", "HostReceipt", msg::kHostReceiptType, &receipt, "Mac")};
}

}  // namespace quickpay::roles
