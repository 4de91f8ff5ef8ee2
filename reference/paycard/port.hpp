// The port through which a Wallet uses its Paycards: bytes in, bytes and changes of the Paycard's store out.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "reference/paycard/generated/plugin.hpp"

namespace quickpay::paycard {

inline constexpr std::size_t kMaxEntries = 32;            ///< that one Paycard may store
inline constexpr std::size_t kMaxStateBytes = 64 * 1024;  ///< of all keys and values together

/// Everything that one Paycard has stored: raw bytes under keys that it chose. The Wallet keeps it, the Paycard
/// nothing.
using State = std::map<std::string, std::string>;

/// Whether a state keeps the limits of the store.
bool within_limits(const State& state);

/// `state` after `changed`: values replaced, those with an empty value removed.
State merged(State state, const State& changed);

/// What a call came to. `out` is raw bytes, empty where the call gives nothing; `changed` is what the Paycard stored,
/// an empty value for what it removed. Both count only if the result is done.
struct Reply {
  Result result = Result::failed;
  std::string out;
  State changed;
  bool operator==(const Reply&) const = default;
};

/// Why a Paycard could not be asked. What stands before `cannot_start` was found before anything was loaded.
enum class Trouble : std::uint8_t {
  unknown_card,         ///< no file belongs to the Paycard
  file_unreadable,      ///< the shared object cannot be read, or is too large
  manifest_unreadable,  ///< there is no manifest, or it is not one
  other_broker,         ///< the manifest is of another Broker
  other_paycard,        ///< the file is for another Paycard
  other_abi,            ///< made for another version of the interface
  too_old,              ///< older than its own MinVersion
  unknown_key,          ///< signed with a key that is no good signing key of the Broker now
  wrong_signature,      ///< the Broker did not sign this
  other_file,           ///< the shared object is not the one that was signed
  cannot_start,         ///< the container did not start
  not_loadable,         ///< no shared object, or functions are missing
  describes_otherwise,  ///< it says of itself what its manifest does not say
  died,                 ///< the process ended or closed its side
  out_of_time,          ///< no answer within the deadline
  broke_rules,          ///< it answered too much, or what is no answer
  given_up,             ///< too many troubles in a row
};

/// A trouble in English, for logs.
std::string_view text_of(Trouble trouble);

/// Under which name a port knows the file of this product of this Broker; no PaycardId looks so.
std::string name_of_product(std::string_view broker, std::string_view product);

/// Runs the Paycards of one Wallet. A call is over when it returns; between calls a Paycard remembers what is in its
/// state and nothing else, so that a call that is not made durable never happened.
class Port {
 public:
  virtual ~Port() = default;
  /// Makes `call` with the inputs that CallInfo lists. `paycard` is the PaycardId, or name_of_product() where the file is for
  /// whatever Paycard the user adds. Fails closed: whatever a Paycard does, the call ends within a bounded time, and the caller
  /// is as it was.
  virtual tl::expected<Reply, Trouble> call(std::string_view paycard, Call call, const std::vector<std::string>& in,
                                            const State& state) = 0;

  /// What vouches for the file of the Paycard, after it was checked and the Paycard has said that it is that.
  virtual tl::expected<msg::Manifest, Trouble> start(std::string_view paycard) {
    static_cast<void>(paycard);
    return tl::unexpected(Trouble::unknown_card);
  }
};

}  // namespace quickpay::paycard
