#include "conformance/model/iut.hpp"

#include <array>

namespace quickpay::conformance {

namespace {
constexpr std::array<std::string_view, 17> kRejectNames = {
    "bad-signature", "untrusted-key", "malformed",  "unknown-field", "out-of-state", "replay",
    "expired",       "amount-mismatch", "insufficient", "currency",  "not-authorised", "revoked",
    "duplicate",     "limit",         "peer-error", "internal",      "unspecified"};
}  // namespace

std::string_view name_of(RejectReason reason) { return kRejectNames[static_cast<std::size_t>(reason)]; }

std::optional<RejectReason> reject_reason_of(std::string_view name) {
  for (std::size_t i = 0; i < kRejectNames.size(); ++i) {
    if (kRejectNames[i] == name) {
      return static_cast<RejectReason>(i);
    }
  }
  return std::nullopt;
}

}  // namespace quickpay::conformance
