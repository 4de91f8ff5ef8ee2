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

/// B7's notice of a revoke of `ref` to the Host, with what the Vendor signed, if anything.
inline revoke::RegisterRevoke revoke_notice(Single& host, const msg::OrderRef& ref, const std::string& commit_id, std::optional<msg::Revoke> embedded = {}) {
  revoke::RegisterRevoke made;
  made.head = host.head("B7", "H1");
  made.body.order_ref = ref;
  made.body.commit_id = commit_id;
  made.body.revoke_id = std::string(32, 'b');
  made.body.revoke = std::move(embedded);
  made.body.revoked_at = format_time(kNoon);
  return made;
}

}  // namespace quickpay::roles
