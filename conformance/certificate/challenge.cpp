#include "conformance/certificate/challenge.hpp"

#include <fmt/format.h>

#include "reference/crypto/encoding.hpp"
#include "reference/crypto/hash.hpp"

namespace quickpay::conformance {

namespace {

constexpr std::size_t kNonceBytes = 32;
constexpr unsigned kSeedBits = 53;  // readers of JSON that know only floating point keep it

/// The seed of a challenge: nobody knows it before `beacon` is drawn, and whoever drew that had the commitment.
std::uint64_t seed_of(const std::string& commitment_digest, const std::string& beacon) {
  const std::string digest = crypto::sha256(fmt::format("{} {} {}", kChallengeFormat, commitment_digest, beacon));
  std::uint64_t seed = 0;
  for (std::size_t i = 0; i < sizeof seed; ++i) {
    seed = (seed << 8U) | static_cast<unsigned char>(digest[i]);
  }
  return seed >> (64U - kSeedBits);
}

std::string text_at(const Json& object, const char* name) {
  return object.is_object() && object.contains(name) && object[name].is_string() ? object[name].get<std::string>()
                                                                                 : std::string();
}

std::string fresh_hex() {
  crypto::BotanRandom random;
  return crypto::random_hex(random, kNonceBytes);
}

}  // namespace

std::string commitment_text(const Artefact& artefact, const std::string& now) {
  const Json commitment = {
      {"format", kCommitmentFormat}, {"artefact", artefact_json(artefact)}, {"made", now}, {"nonce", fresh_hex()}};
  return commitment.dump(1) + "\n";
}

tl::expected<std::string, std::string> make_challenge(std::string_view commitment, const std::string& now,
                                                      const crypto::RsaPrivateKey& key) {
  const Json read = Json::parse(commitment, nullptr, false);
  const std::string artefact = read.is_object() && read.contains("artefact") ? text_at(read["artefact"], "digest") : "";
  if (text_at(read, "format") != kCommitmentFormat || artefact.empty()) {
    return tl::unexpected(std::string("not a commitment"));
  }
  const std::string digest = crypto::sha256_hex(commitment);
  const std::string beacon = fresh_hex();
  return sign_payload(kChallengeType,
                      {{"format", kChallengeFormat},
                       {"commitment", digest},
                       {"artefact", artefact},
                       {"beacon", beacon},
                       {"issued", now},
                       {"seed", seed_of(digest, beacon)}},
                      key);
}

tl::expected<Challenge, std::string> open_challenge(const std::string& text) {
  const auto opened = open_envelope(kChallengeType, text);
  if (!opened) {
    return tl::unexpected("the challenge: " + opened.error());
  }
  const Json& said = opened->payload;
  const std::uint64_t seed = seed_of(text_at(said, "commitment"), text_at(said, "beacon"));
  if (text_at(said, "format") != kChallengeFormat || said.value("seed", Json()) != seed) {
    return tl::unexpected(std::string("the challenge: its seed does not follow from commitment and beacon"));
  }
  return Challenge{text, text_at(said, "artefact"), seed, text_at(said, "issued"), opened->key_id};
}

}  // namespace quickpay::conformance
