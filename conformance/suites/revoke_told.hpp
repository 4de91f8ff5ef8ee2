// What the parts of the suites on revoke have in common.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "conformance/suites/revoker.hpp"

namespace quickpay::conformance {

/// What a scenario found; nothing: it did not get there.
using Got = std::optional<std::string>;

/// A scenario that finds a text.
struct ToldOfRevoke {
  std::string id;
  const char* title;
  const char* subject;
  std::vector<std::string> requirements;
  const char* expected;
  std::function<Got(Revoker&)> course;
  bool level_e = true;
  const char* profile = "";
  std::vector<Part> parts = {};
};
void add_told(Suite& suite, const std::vector<ToldOfRevoke>& all);

/// "released final" of an answer to RevokeOrder.
std::string effect_of(const Reply& reply);
/// The Deductions of an order in a Settlement: "REVOKE-ID 400 10"; a Settlement that does not add up says why.
std::string deducted(Revoker& revoker, const Batch& batch, const Promised& order);
/// The one that is right.
std::string expected_deduction(const std::string& revoke_id, const Revoker::Settled& settled);

/// Revokes without a signature, and what becomes of them.
void add_held_revokes(Suite& suite);

}  // namespace quickpay::conformance
