// What makes a published key, and a signature by one, right: what the judges of Hosts and of players share (QP-ADD-18).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "conformance/peers/element.hpp"
#include "conformance/peers/plan.hpp"

namespace quickpay::conformance {

/// The key with that KeyId that the directory lists of the player, whatever became of it; null: none.
const SigningKeyPlan* listed_key(const WorldPlan& plan, std::string_view player, std::string_view key_id);
/// It is to sign, not withdrawn, and good at that moment, give or take T_skew.
bool good_now(const SigningKeyPlan& key, std::int64_t now_ms);
/// The Sig of `object` is right under the key with these bytes (SubjectPublicKeyInfo, DER).
bool right_under(const std::string& spki, const Element& object);
/// Why a PublishedKey may not be listed, whoever asks; empty: it may.
std::string key_fault(const Element& key, std::int64_t now_ms);

}  // namespace quickpay::conformance
