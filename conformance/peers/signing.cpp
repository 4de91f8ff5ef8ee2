#include "conformance/peers/signing.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "conformance/peers/build.hpp"
#include "conformance/peers/digest.hpp"
#include "conformance/peers/test_keys.hpp"

namespace quickpay::conformance {

namespace {

constexpr std::int64_t kGoodBefore = 30LL * 86400;   ///< seconds before the session
constexpr std::int64_t kGoodAfter = 365LL * 86400;  ///< and behind its beginning

constexpr std::array<std::pair<std::string_view, std::string_view>, 14> kPurposes = {{{"Claim", "batch-claim"},
                                                                                     {"BrokerChange", "broker-change"},
                                                                                     {"Key", "key-proof"},
                                                                                     {"KeyChange", "key-rollover"},
                                                                                     {"Withdrawal", "key-withdrawal"},
                                                                                     {"Entry", "directory"},
                                                                                     {"Offer", "vendor-order"},
                                                                                     {"Commitment", "commitment"},
                                                                                     {"Receipt", "vendor-receipt"},
                                                                                     {"Revoke", "revoke"},
                                                                                     {"Approval", "host-approval"},
                                                                                     {"Settlement", "batch-settlement"},
                                                                                     {"HostCase", "host-case"},
                                                                                     {"Verdicts", "host-verdicts"}}};

Element without_sig(Element object) {
  std::erase_if(object.children, [](const Element& each) { return each.name == "Sig"; });
  return object;
}

void give_key(WorldPlan& plan, const std::string& player) {
  const auto has = [&](const SigningKeyPlan& key) { return key.player == player; };
  const crypto::RsaPrivateKey* key = test_key(player);
  if (key == nullptr || std::any_of(plan.signing_keys.begin(), plan.signing_keys.end(), has)) {
    return;
  }
  plan.signing_keys.push_back(signing_key_plan(plan, player, *key));
}

}  // namespace

std::string_view purpose_of(std::string_view element) {
  const auto found =
      std::find_if(kPurposes.begin(), kPurposes.end(), [&](const auto& each) { return each.first == element; });
  return found == kPurposes.end() ? std::string_view{} : found->second;
}

SigningKeyPlan signing_key_plan(const WorldPlan& plan, std::string player, const crypto::RsaPrivateKey& key) {
  const std::int64_t now_ms = time_of(plan.now);
  SigningKeyPlan made;
  made.player = std::move(player);
  made.key = key;
  made.spki = key.public_key().spki_der();
  made.not_before = time_text(now_ms - kGoodBefore * 1000);
  made.not_after = time_text(now_ms + kGoodAfter * 1000);
  return made;
}

bool signs(std::string_view protocol) { return protocol != "micropayment" && protocol != "communication"; }

void complete_signing_keys(WorldPlan& plan) {
  give_key(plan, plan.iut);
  for (const PlayerPlan& player : plan.players) {
    give_key(plan, player.id);
  }
}

const SigningKeyPlan* signing_key(const WorldPlan& plan, std::string_view player) {
  const auto found = std::find_if(plan.signing_keys.begin(), plan.signing_keys.end(), [&](const SigningKeyPlan& key) {
    return key.player == player && key.held && key.key.has_value() && key.usage == "sign";
  });
  return found == plan.signing_keys.end() ? nullptr : &*found;
}

std::string signed_bytes(std::string_view purpose, const Element& object) {
  return labelled_bytes(purpose, without_sig(object));
}

Element signed_as(std::string_view key_id, Element object, std::string_view signature) {
  object = without_sig(std::move(object));
  object.children.push_back(branch("Sig", {leaf("KeyId", std::string(key_id)), leaf("Value", base64_of(signature))}));
  return object;
}

Element signed_with(const crypto::RsaPrivateKey& key, Element object, std::string_view purpose) {
  crypto::SeededRandom blinding("blinding");  // decides nothing but how long it takes
  crypto::CryptoCounters counters;
  const std::string input = signed_bytes(purpose.empty() ? purpose_of(object.name) : purpose, object);
  const auto signature = key.sign(input, blinding, counters);
  return signed_as(key.public_key().key_id(), std::move(object), signature.value_or(std::string()));
}

Element signed_by(const WorldPlan& plan, std::string_view player, Element object) {
  const SigningKeyPlan* key = signing_key(plan, player);
  return key == nullptr ? without_sig(std::move(object)) : signed_with(*key->key, std::move(object));
}

bool signature_right(const WorldPlan& plan, std::string_view signer, const Element& object) {
  const std::string id = text_at(object, "Sig/KeyId");
  const auto value = bytes_of_base64(text_at(object, "Sig/Value"));
  crypto::CryptoCounters counters;
  return value && std::any_of(plan.signing_keys.begin(), plan.signing_keys.end(), [&](const SigningKeyPlan& listed) {
           if (listed.player != signer || !listed.listed || listed.usage != "sign" || sha256_of(listed.spki) != id) {
             return false;
           }
           const auto key = crypto::RsaPublicKey::load(listed.spki);
           return key && key->verify(signed_bytes(purpose_of(object.name), object), *value, counters);
         });
}

}  // namespace quickpay::conformance
