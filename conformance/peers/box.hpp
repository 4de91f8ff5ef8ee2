// Sealed requests and boxed answers from the outside, over trees of elements (docs/protocol.md, section 14); only RSA and
// AES themselves are shared with the reference.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "conformance/peers/element.hpp"
#include "conformance/peers/plan.hpp"

namespace quickpay::conformance {

/// The key of `player` to which others seal; null: none.
const SigningKeyPlan* sealing_key(const WorldPlan& plan, std::string_view player);

/// The request with `inner`, sealed to the key, at the end of its Body. `seed` decides the content key and both nonces.
Element sealed_to(const crypto::RsaPrivateKey& key, Element request, std::string_view inner, std::string_view seed);

/// What a sealed request holds, as its receiver reads it; nothing if it does not open.
std::optional<std::string> unsealed(const crypto::RsaPrivateKey& key, const Element& request);

/// The same with the key of the request's receiver; nothing, too, if nobody here has that.
std::optional<std::string> unsealed(const WorldPlan& plan, const Element& request);
/// The document inside a sealed request; an element without a name if it does not open or is none.
Element inside(const WorldPlan& plan, const Element& request);

/// What the Boxed of an answer holds under the key (raw bytes); nothing if it does not open.
std::optional<std::string> unboxed(std::string_view key, const Element& answer);

/// The answer with a Boxed that holds `inner` under the key (raw bytes). `seed` decides the nonce.
Element boxed_under(std::string_view key, Element answer, std::string_view inner, std::string_view seed);

/// The code of what is wrong with the document that travels inside a request, or an answer, of the message; empty if
/// nothing is.
std::string inner_fault(std::string_view message, bool response, std::string_view bytes);

}  // namespace quickpay::conformance
