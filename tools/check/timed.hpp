// INTERNAL: runs the check of one claim and takes its time.
#pragma once

#include <chrono>

#include "tools/check/check.hpp"

namespace quickpay::check {

/// `body` fills states and wrong, and seconds if the work was done elsewhere; the claim stands if nothing is wrong.
template <class Body>
void timed(const Progress& progress, Evidence& evidence, std::string level, std::string what, Body body) {
  Claim claim;
  claim.level = std::move(level);
  claim.what = std::move(what);
  if (progress) progress(claim.what, nullptr);
  const auto start = std::chrono::steady_clock::now();
  body(claim);
  if (claim.seconds == 0) claim.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  claim.stands = claim.wrong.empty();
  if (progress) progress(claim.what, &claim);
  evidence.claims.push_back(std::move(claim));
}

}  // namespace quickpay::check
