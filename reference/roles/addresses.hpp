// Internet addresses: as messages name them and as role cores know them, which a Host sends something to because somebody
// asked for it, and to which a Wallet is bound.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reference/codec/generated/messages.hpp"
#include "reference/roles/directory.hpp"

namespace quickpay::roles {

inline constexpr std::uint16_t kFirstHighPort = 1024;  ///< below it only those of the Web are for everybody

enum class Reach : std::uint8_t {
  machine,   ///< of one machine, anywhere
  loopback,  ///< of this machine
  none       ///< of none, of several or of whoever is on the same cable, or no address as messages spell it
};

/// What an address is of. IPv6 counts in the form of RFC 5952 only, so that one place has one spelling.
Reach reach_of(std::string_view address);

/// Whether a Probe may go there; `locally`: also to this machine and to any port.
bool probe_allowed(const Endpoint& at, bool locally);

/// The place that an Endpoint of a message names, and back.
Endpoint place_of(const msg::Endpoint& endpoint);
std::vector<Endpoint> places_of(const std::vector<msg::Endpoint>& endpoints);
msg::Endpoint endpoint_of(const Endpoint& place);
std::vector<msg::Endpoint> endpoints_of(const std::vector<Endpoint>& places);

/// Whether both are the same place.
bool same_place(const Endpoint& one, const Endpoint& other);

/// Whether an address is one of those that `bound` stands for: an address, or "address/bits" for all that begin so.
bool covers(std::string_view bound, std::string_view address);

/// Whether a Wallet can be bound to the network: an address in its one spelling, and as many bits as the specification admits.
bool may_bind(const msg::Net& net);
/// The network as `covers` takes it, and back; nothing if it is none.
std::string bound_of(const msg::Net& net);
std::optional<msg::Net> net_of(std::string_view bound);

}  // namespace quickpay::roles
