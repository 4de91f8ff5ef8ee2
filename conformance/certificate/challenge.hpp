// Challenge mode: the implementer commits to an artefact, then somebody else draws the seed of its certification.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "conformance/certificate/artefact.hpp"
#include "conformance/certificate/envelope.hpp"

namespace quickpay::conformance {

inline constexpr std::string_view kCommitmentFormat = "quickpay-commitment-1";
inline constexpr std::string_view kChallengeFormat = "quickpay-challenge-1";

struct Challenge {
  std::string text;      ///< the signed statement
  std::string artefact;  ///< digest that was committed to
  std::uint64_t seed = 0;
  std::string issued;  ///< UTC
  std::string key_id;  ///< of who drew it
};

/// The text of a commitment file: the artefact's digests and the time, and a nonce that makes it unlike any other.
std::string commitment_text(const Artefact& artefact, const std::string& now);

/// Answers a commitment with a fresh random value, which only now gives the seed: SHA-256 of both, 53 bits of it.
/// Signed with `key`. The error is a sentence.
tl::expected<std::string, std::string> make_challenge(std::string_view commitment, const std::string& now,
                                                      const crypto::RsaPrivateKey& key);

/// Opens a challenge and derives its seed again. The error is a sentence.
tl::expected<Challenge, std::string> open_challenge(const std::string& text);

}  // namespace quickpay::conformance
