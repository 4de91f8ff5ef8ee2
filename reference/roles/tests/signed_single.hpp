// A node alone among players that sign: keys for all, and objects signed by whoever a test wants.
#pragma once

#include "reference/crypto/rsa.hpp"
#include "reference/crypto/signed_object.hpp"
#include "reference/roles/tests/single.hpp"

namespace quickpay::roles {

namespace batch = msg::batch;

inline constexpr std::int64_t kHourMs = 3'600'000;
inline constexpr std::int64_t kDayMs = 24 * kHourMs;

/// The signing key of a role, the same in all tests: making one takes as long as hundreds of signatures.
const crypto::RsaPrivateKey& key_of(std::string_view role);
/// The key with which no player signs.
const crypto::RsaPrivateKey& stranger_key();

/// The configuration with the role's key to sign with.
NodeConfig signing(NodeConfig config);
/// Puts the keys of Host, Brokers and Vendors into the directory.
void publish_keys(Single& single);

template <class T>
void sign_with(const crypto::RsaPrivateKey& key, std::string_view purpose, std::string_view element,
               const codec::StructType& type, T& object) {
  crypto::SeededRandom random(std::uint64_t{3});
  crypto::CryptoCounters counters;
  const auto made = crypto::sign_object(key, purpose, element, type, &object, random, counters);
  object.sig = msg::Sig{made->key_id, made->value};
}

inline void sign(msg::Claim& claim) { sign_with(key_of("vendor"), "batch-claim", "Claim", msg::kClaimType, claim); }
inline void sign(msg::Settlement& settlement) {
  sign_with(key_of("broker"), "batch-settlement", "Settlement", msg::kSettlementType, settlement);
}
inline void sign(msg::HostCase& brought) {
  sign_with(key_of("vendor"), "host-case", "HostCase", msg::kHostCaseType, brought);
}
inline void sign(msg::Verdicts& verdicts) {
  sign_with(key_of("host"), "host-verdicts", "Verdicts", msg::kVerdictsType, verdicts);
}
inline void sign(msg::Approval& approval) {
  sign_with(key_of("host"), "host-approval", "Approval", msg::kApprovalType, approval);
}

/// The approval of one order for V1001 at B7.
msg::Approval approval_of(const msg::OrderRef& ref, const std::string& batch_id = std::string(32, '9'));

/// The state of a record, NONE if there is none.
std::string state_of(Single& single, std::string_view machine, std::string_view key);

}  // namespace quickpay::roles
