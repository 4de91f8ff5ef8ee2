// Revokes of regular orders, signed by whoever a test wants, or by nobody.
#pragma once

#include "reference/roles/tests/regular_single.hpp"

namespace quickpay::roles {

namespace revoke = msg::revoke;

inline void sign(msg::Revoke& made) { sign_with(key_of("vendor"), "revoke", "Revoke", msg::kRevokeType, made); }

inline msg::Revoke bare_revoke(const msg::OrderRef& ref, const std::string& commit_id, std::int64_t at_ms = kNoon) {
  return {std::string(32, 'b'), ref, commit_id, msg::RevokeReason::out_of_stock, format_time(at_ms), {}};
}
inline msg::Revoke signed_revoke(const msg::OrderRef& ref, const std::string& commit_id, std::int64_t at_ms = kNoon) {
  msg::Revoke made = bare_revoke(ref, commit_id, at_ms);
  sign(made);
  return made;
}

}  // namespace quickpay::roles
