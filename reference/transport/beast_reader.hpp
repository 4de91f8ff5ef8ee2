// The second opinion on a head: Boost.Beast reads what the policy let pass.
#pragma once

#include <string_view>

#include "reference/transport/http_policy.hpp"

namespace quickpay::transport {

/// Whether Beast reads the same method, target, framing and version out of a request head that the policy accepted.
/// Two readers that differ are what smuggling lives on, so a difference is a refusal.
bool beast_agrees(std::string_view raw, const RequestHead& head);
/// The same for a response head.
bool beast_agrees(std::string_view raw, const ResponseHead& head);

}  // namespace quickpay::transport
