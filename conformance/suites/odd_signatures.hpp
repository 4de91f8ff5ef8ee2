// Keys and encodings with which nothing is signed, whatever is signed and whoever has to: what the suites of all roles try on
// requests, on answers and on objects inside of them.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "conformance/suites/define.hpp"

namespace quickpay::conformance {

/// How an object gets its Sig.
using Signer = std::function<Element(World&, Element)>;

/// A key or an encoding with which nothing is signed: an exponent of 3, DER that is none, and the like.
struct OddSignature {
  std::string id;
  const char* title;
  const char* code;  ///< QP-E-KEY or QP-E-SIGNATURE
  Signer sign;
  Arrange arrange;  ///< lists the key
  bool of_key() const { return std::string_view(code) == "QP-E-KEY"; }
};

/// Keys that the directory lists for that player and that are good for nothing now: withdrawn, over, early, or to seal.
std::vector<OddSignature> odd_keys(Who who);
/// Keys that break the key policy, of which the directory lists one for that player.
std::vector<OddSignature> weak_signatures(Who who);
/// What is signed with the right key of that player, and is no signature of PKCS #1 v1.5 with SHA-256.
std::vector<OddSignature> odd_encodings(Who who);
/// The same with the test key of that name, for proofs that somebody has a key.
std::vector<OddSignature> odd_encodings_of(std::string name);
/// Weak keys and odd encodings.
std::vector<OddSignature> odd_signatures(Who who);
/// All keys and encodings for that player.
std::vector<OddSignature> all_odd_signatures(Who who);

/// Signs with the key of that player, or with the test key of that name.
Signer with_key(std::string name);

}  // namespace quickpay::conformance
