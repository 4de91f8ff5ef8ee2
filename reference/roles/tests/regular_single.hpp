// Objects of regular payment, signed by whoever a test wants.
#pragma once

#include "reference/roles/tests/signed_single.hpp"

namespace quickpay::roles {

namespace regular = msg::regular;

inline void sign(msg::SignedOffer& offer) {
  sign_with(key_of("vendor"), "vendor-order", "Offer", msg::kSignedOfferType, offer);
}
inline void sign(msg::Commitment& commitment) {
  sign_with(key_of("broker"), "commitment", "Commitment", msg::kCommitmentType, commitment);
}
inline void sign(msg::Receipt& receipt) {
  sign_with(key_of("vendor"), "vendor-receipt", "Receipt", msg::kReceiptType, receipt);
}

/// A regular order of V1001.
inline msg::OrderRef regular_ref(const std::string& order_id = "regular-1", std::int64_t amount = 125) {
  msg::OrderRef ref = some_ref(order_id, amount);
  ref.kind = msg::Kind::regular;
  return ref;
}

/// The commitment of B7 to the order, made at noon.
inline msg::Commitment commitment_to(const msg::OrderRef& ref) {
  msg::Commitment made{"B7", std::string(32, 'c'), ref, "2026-11-22T12:00:00Z", "2026-12-22T12:00:00Z", {}};
  sign(made);
  return made;
}

/// The receipt of V1001 for that commitment.
inline msg::Receipt receipt_for(const msg::Commitment& commitment) {
  msg::Receipt made{"V1001", commitment.broker, commitment.order_ref.order_id, commitment.order_ref.digest,
                    commitment.commit_id, "2026-11-22T12:00:01Z", {}};
  sign(made);
  return made;
}

template <class T>
bool signed_by(const std::string& role, std::string_view purpose, std::string_view element, const codec::StructType& type,
               const T& object) {
  crypto::CryptoCounters counters;
  const auto key = key_of(role).public_key();
  return object.sig.key_id == key.key_id() &&
         crypto::verify_object(key, purpose, element, type, &object, object.sig.value, counters);
}

}  // namespace quickpay::roles
