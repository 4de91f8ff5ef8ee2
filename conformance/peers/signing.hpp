// Signatures over trees of elements, made and judged apart from the typed objects of the reference: only RSA itself is
// shared (docs/protocol.md, section 4).
#pragma once

#include <string>
#include <string_view>

#include "conformance/peers/element.hpp"
#include "conformance/peers/plan.hpp"

namespace quickpay::conformance {

/// "Claim" → "batch-claim"; empty for an element that nobody signs.
std::string_view purpose_of(std::string_view element);

/// Whether sessions of the protocol are about signed objects, so that players need keys.
bool signs(std::string_view protocol);

/// Gives every Host, Broker and Vendor of the plan a key to sign with, listed in the directory, unless it has one.
void complete_signing_keys(WorldPlan& plan);

/// The key of `player` that is held; null: none.
const SigningKeyPlan* signing_key(const WorldPlan& plan, std::string_view player);

/// `object` with a Sig at its end under that key, in place of one that it has. `purpose` empty: its own.
Element signed_with(const crypto::RsaPrivateKey& key, Element object, std::string_view purpose = {});
/// The same with the key of `player`; without a Sig if that has none.
Element signed_by(const WorldPlan& plan, std::string_view player, Element object);
/// The same with these bytes as the signature.
Element signed_as(std::string_view key_id, Element object, std::string_view signature);

/// Whether the Sig of `object` is right under a key that the directory lists for `signer`, for signing.
bool signature_right(const WorldPlan& plan, std::string_view signer, const Element& object);

/// What is signed: the bytes that a signature of `object` for `purpose` covers.
std::string signed_bytes(std::string_view purpose, const Element& object);

}  // namespace quickpay::conformance
