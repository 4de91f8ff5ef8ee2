#include "conformance/suites/odd_signatures.hpp"

#include <optional>
#include <utility>

#include "conformance/peers/build.hpp"
#include "conformance/peers/digest.hpp"
#include "conformance/peers/signing.hpp"
#include "conformance/peers/test_keys.hpp"

namespace quickpay::conformance {

Signer with_key(std::string name) {
  return [name = std::move(name)](World& world, Element object) {
    const SigningKeyPlan* held = signing_key(world.plan(), name);
    const crypto::RsaPrivateKey* key = held != nullptr ? &*held->key : test_key(name);
    return key == nullptr ? std::move(object) : signed_with(*key, std::move(object));
  };
}

namespace {

/// A key of a player beside its good one, which is not fit for what it is used for.
struct OddKey {
  const char* id;
  const char* title;
  std::function<void(const WorldPlan&, SigningKeyPlan&)> change;
  std::optional<WeakKey> weak = std::nullopt;
  bool forged = false;  ///< without the private key
};

constexpr std::int64_t kDayMs = 86400LL * 1000;

std::string moment(const WorldPlan& plan, std::int64_t offset_ms) { return time_text(time_of(plan.now) + offset_ms); }

const std::vector<OddKey>& unfit_keys() {
  static const std::vector<OddKey> all = {
      {"withdrawn-key", "A key that was withdrawn signs nothing any more.",
       [](const WorldPlan& plan, SigningKeyPlan& key) { key.withdrawn_from = moment(plan, -kDayMs); }},
      {"expired-key", "A key whose time is over signs nothing any more.",
       [](const WorldPlan& plan, SigningKeyPlan& key) { key.not_after = moment(plan, -kDayMs); }},
      {"early-key", "A key whose time has not come signs nothing yet.",
       [](const WorldPlan& plan, SigningKeyPlan& key) { key.not_before = moment(plan, kDayMs); }},
      {"sealing-key", "A key that is for sealing signs nothing.",
       [](const WorldPlan&, SigningKeyPlan& key) { key.usage = "seal"; }}};
  return all;
}

const std::vector<OddKey>& weak_keys() {
  static const std::vector<OddKey> all = {
      {"exponent-three", "A key with the exponent 3 is no key, whatever the signature.", {}, WeakKey::exponent_three},
      {"exponent-three-forged", "With the exponent 3 a cube that begins rightly is no signature.", {}, WeakKey::exponent_three, true},
      {"short-key", "A key of 1024 bits is no key, whatever the signature.", {}, WeakKey::short_modulus},
      {"curve-key", "A key of another algorithm is no key, whatever the signature.", {}, WeakKey::curve}};
  return all;
}

/// Lists the odd key for the player, behind its good one.
void list_odd_key(WorldPlan& plan, const std::string& player, const OddKey& odd) {
  SigningKeyPlan key = signing_key_plan(plan, player, *test_key("second"));
  key.held = false;
  if (odd.weak) {
    key.key.reset();
    key.spki = weak_key(*odd.weak);
  } else {
    odd.change(plan, key);
  }
  plan.signing_keys.push_back(std::move(key));
}

// ---------------------------------------------------------------- encodings of a signature
constexpr std::size_t kModulusBytes = 256;
const std::string kHashInfo = bytes_of_hex("3031300d060960864801650304020105000420");
const std::string kHashInfoWithoutNull = bytes_of_hex("302f300b0609608648016503040201" "0420");
const std::string kHashInfoLongLength = bytes_of_hex("308131300d060960864801650304020105000420");
const std::string kOldHashInfo = bytes_of_hex("3021300906052b0e03021a05000414");

/// 00 type FF … 00 tail, as long as the modulus.
std::string padded(char type, const std::string& tail, const std::string& behind = {}, std::size_t modulus = kModulusBytes) {
  const std::size_t used = tail.size() + behind.size() + 3;
  return std::string(1, '\0') + type + std::string(modulus - used, '\xff') + std::string(1, '\0') + tail + behind;
}
/// The padding is as short as it can be, and room is left.
std::string short_padded(const std::string& hash) {
  return std::string("\0\1", 2) + std::string(8, '\xff') + std::string(1, '\0') + kHashInfo + hash;
}

std::string hash_of(const Element& object) { return bytes_of_hex(sha256_of(signed_bytes(purpose_of(object.name), object))); }

/// All is right but the key. Of a curve nobody has the private half: any value is as good as another.
Signer with_weak_key(WeakKey weak) {
  return [weak](World&, Element object) {
    const std::string hash = hash_of(object);
    const std::size_t modulus = weak == WeakKey::short_modulus ? kModulusBytes / 2 : kModulusBytes;
    const std::string value = raw_signature(weak, padded('\1', kHashInfo + hash, {}, modulus));
    return signed_as(sha256_of(weak_key(weak)), std::move(object), value.empty() ? hash + hash : value);
  };
}
/// Where the exponent is 3 anybody finds a number whose cube begins as a signature does.
Element forged(World&, Element object) {
  const std::string value = cube_root_of(short_padded(hash_of(object)), kModulusBytes);
  return signed_as(sha256_of(weak_key(WeakKey::exponent_three)), std::move(object), value);
}

std::vector<OddSignature> signatures_of(const std::vector<OddKey>& keys, Who who) {
  std::vector<OddSignature> all;
  for (const OddKey& odd : keys) {
    Signer sign = odd.forged ? Signer(forged) : odd.weak ? with_weak_key(*odd.weak) : with_key("second");
    all.push_back({odd.id, odd.title, "QP-E-KEY", std::move(sign),
                   [odd, who](WorldPlan& plan) { list_odd_key(plan, plan.cast.*who, odd); }});
  }
  return all;
}

struct Encoding {
  const char* id;
  const char* title;
  std::function<std::string(const std::string& hash)> encode;
};

const std::vector<Encoding>& encodings() {
  static const std::vector<Encoding> all = {
      {"without-null", "A DigestInfo without its NULL is none.",
       [](const std::string& hash) { return padded('\1', kHashInfoWithoutNull + hash); }},
      {"long-length", "A length in BER's long form is none.",
       [](const std::string& hash) { return padded('\1', kHashInfoLongLength + hash); }},
      {"garbage-behind", "Nothing may follow the hash.",
       [](const std::string& hash) { return padded('\1', kHashInfo + hash, std::string(40, '\x5a')); }},
      {"short-padding", "The padding fills the modulus.",
       [](const std::string& hash) {
         const std::string head = short_padded(hash);
         return head + std::string(kModulusBytes - head.size(), '\x5a');
       }},
      {"encryption-padding", "The padding of an encryption is none of a signature.",
       [](const std::string& hash) { return padded('\2', kHashInfo + hash); }},
      {"old-hash", "Another hash than SHA-256 is none.",
       [](const std::string& hash) { return padded('\1', kOldHashInfo + hash.substr(0, 20)); }},
      {"bare-hash", "A hash without DigestInfo is none.", [](const std::string& hash) { return padded('\1', hash); }}};
  return all;
}

/// `name`: of the test key. Only the keys of the standard cast can be used so.
std::vector<OddSignature> encoded_by(const std::function<std::string(const Cast&)>& name) {
  std::vector<OddSignature> all;
  for (const Encoding& encoding : encodings()) {
    const Signer sign = [encode = encoding.encode, name](World& world, Element object) {
      const std::string key = name(world.cast());
      const std::string value = raw_signature(key, encode(hash_of(object)));
      return signed_as(test_key(key)->public_key().key_id(), std::move(object), value);
    };
    all.push_back({encoding.id, encoding.title, "QP-E-SIGNATURE", sign, [](WorldPlan&) {}});
  }
  return all;
}

std::vector<OddSignature> joined(std::vector<OddSignature> first, const std::vector<OddSignature>& then) {
  first.insert(first.end(), then.begin(), then.end());
  return first;
}

}  // namespace

std::vector<OddSignature> odd_keys(Who who) { return signatures_of(unfit_keys(), who); }

std::vector<OddSignature> weak_signatures(Who who) { return signatures_of(weak_keys(), who); }

std::vector<OddSignature> odd_encodings(Who who) {
  return encoded_by([who](const Cast& cast) { return cast.*who; });
}

std::vector<OddSignature> odd_encodings_of(std::string name) {
  return encoded_by([name = std::move(name)](const Cast&) { return name; });
}

std::vector<OddSignature> odd_signatures(Who who) { return joined(weak_signatures(who), odd_encodings(who)); }

std::vector<OddSignature> all_odd_signatures(Who who) { return joined(odd_keys(who), odd_signatures(who)); }

}  // namespace quickpay::conformance
