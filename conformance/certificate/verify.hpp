// Is a certificate true? Everything is checked offline.
#pragma once

#include <functional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "conformance/model/scenario.hpp"
#include "conformance/model/session.hpp"
#include "conformance/report/report.hpp"

namespace quickpay::conformance {

struct VerifyOptions {
  std::string certificate;  ///< file
  std::string key;          ///< file; empty: any issuer
  std::string witness;      ///< file; the key that drew the challenge; empty: any
  std::string results;      ///< folder; empty: the results are not looked at
  std::string log;          ///< file; empty: none
  std::string head;         ///< a head of the log that was seen before; empty: none
};

/// One thing that was checked.
struct Ruling {
  bool stands = false;
  std::string text;
};

struct Verification {
  Json certificate;  ///< the payload; null if the signature does not stand
  std::vector<Ruling> rulings;
  bool stands() const;
};

/// What is needed to judge again.
struct Judgement {
  std::function<std::vector<Scenario>(std::string_view role)> suite;
  WorldFactory worlds;
  SpecFacts spec;
};

/// The error is a sentence about a file that cannot be read.
tl::expected<Verification, std::string> verify(const VerifyOptions& options, const Judgement& judgement);

}  // namespace quickpay::conformance
