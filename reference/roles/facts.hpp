// What everything inside a node knows: its configuration, the present moment, randomness and the directory.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "reference/codec/generated/messages.hpp"
#include "reference/crypto/counters.hpp"
#include "reference/crypto/random.hpp"
#include "reference/roles/config.hpp"
#include "reference/roles/directory.hpp"

namespace quickpay::roles {

inline constexpr std::string_view kServedVersion = "1";  ///< Version of every Head
std::string served_version();

/// Parameters in force, times in seconds.
struct Spans {
  std::int64_t order, endorse, redeliver, in_time, settle, claim, answer, call, call_check, ask, mail, mails_kept, skew, receipt;
  std::int64_t arb, broker, broker_tries, batch_pause, stmt, call_batch, hold, directory, directory_stale;
  std::int64_t session, lock, tries;
};

/// The parameters of a node where it sets them, else the defaults of the specification.
Spans spans_of(const Parameters& parameters);

struct Facts {
  NodeConfig config;
  Spans spans;
  crypto::Random& random;
  const Directory& directory;
  std::int64_t now_ms = 0;  ///< the same during one input
  crypto::CryptoCounters crypto = {};  ///< RSA operations of this player

  /// 32 random hexadecimal digits: a MsgId, EndorsementId, …
  std::string fresh_id() const { return crypto::random_hex(random, 16); }
  /// A number in [0, bound), bound > 0.
  std::uint64_t below(std::uint64_t bound) const;
  bool currency_active(std::string_view code) const;
  /// The profile of every document that this node sends, and the only one it takes.
  msg::Profile profile() const { return config.profile == "H" ? msg::Profile::H : msg::Profile::F; }
};

/// The address as it is compared: an IPv4-mapped IPv6 address counts as IPv4.
std::string_view plain_address(std::string_view address);

/// Whether an address is bound by this: another spelling of itself, or a network such as "2001:db8::/64" that it is in.
bool bound_by(std::string_view bound, std::string_view address);

}  // namespace quickpay::roles
