// Symmetric keys of profile H: which key two players share in an epoch, and the codes made with it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "reference/roles/config.hpp"
#include "reference/roles/documents.hpp"

namespace quickpay::roles {

/// A key in its epoch; raw bytes.
struct EpochKey {
  std::int64_t epoch = 0;
  std::string key;
};

/// The keys of one player. A Broker has none for a Vendor: it derives them from its own (QP-ADD-21).
class SharedKeys {
 public:
  /// `config` outlives the object and is not changed.
  explicit SharedKeys(const NodeConfig& config) : config_(config) {}

  /// The key shared with `peer` in `epoch`; nothing if there is none or it was over at `now_ms`.
  std::optional<std::string> find(std::string_view peer, std::int64_t epoch, std::int64_t now_ms) const;
  /// The key to make codes for `peer` with: of those that are good now, that of the last epoch, at a Host that of the
  /// earliest, since the last one may not have arrived (QP-ADD-21).
  std::optional<EpochKey> current(std::string_view peer, std::int64_t now_ms) const;

 private:
  std::string key_for(std::string_view peer, const SharedKeyConfig& shared) const;
  std::string_view owner_for(std::string_view peer) const;

  const NodeConfig& config_;
};

/// Whether the time of the key is over at `now_ms` (UTC ms).
bool over(const SharedKeyConfig& shared, std::int64_t now_ms);

/// Until when a key counts that is used for a message of this type now: the present, and for GetPairKey T_retain ago
/// (UTC ms), so that who slept through the end of its key gets the next one.
std::int64_t counts_from(const codec::MessageType& type, std::int64_t now_ms);

/// The key between a Vendor and a Broker, from the Broker's key of that epoch.
std::string pair_key(std::string_view broker_key, const std::string& vendor, const std::string& broker,
                     std::int64_t epoch);

/// Ends the document with its Auth under `key`.
void authenticate(const codec::DocumentType& type, AnyDocument& document, const EpochKey& key);
/// Whether the document ends with the Auth that `key` makes.
bool authentic(const codec::DocumentType& type, AnyDocument& document, std::string_view key);

/// The Mac of a receipt of the Host for a Vendor.
msg::Mac receipt_mac(const msg::HostReceipt& receipt, const EpochKey& key);

}  // namespace quickpay::roles
