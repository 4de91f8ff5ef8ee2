// The arithmetic of settlements, written once over any kind of number, as money.hpp is: the product uses it with 64-bit integers, the proof in
// tests/sums_proof_test.cpp with symbols.
#pragma once

#include <cstdint>

#include "reference/roles/money.hpp"

namespace quickpay::roles::money {

inline constexpr std::int64_t kBasisPoints = 10'000;              ///< of a whole
inline constexpr std::int64_t kMaxSum = 999'999'999'999'999'999;  ///< the greatest Sum that a message can spell

/// A number that was computed. Only if `right` holds it means anything.
template <class N>
struct Computed {
  N value;
  Truth<N> right;
};

/// `rate_bp` basis points of `amount`, rounded half to even. 0 <= amount <= kMaxSum, 0 <= rate_bp <= kBasisPoints (QP-ADD-24).
template <class N>
N share(const N& amount, const N& rate_bp) {
  using A = Arithmetic<N>;
  // amount * rate_bp would not fit: take whole ten-thousandths first
  const N whole = A::product(A::quotient(amount, kBasisPoints), rate_bp);
  const N rest = A::product(A::remainder(amount, kBasisPoints), rate_bp);
  const N down = A::sum(whole, A::quotient(rest, kBasisPoints));
  const N twice = A::product(A::remainder(rest, kBasisPoints), A::number(amount, 2));
  const N one = A::number(amount, kBasisPoints);
  const auto up = !A::at_most(twice, one) || (A::at_most(one, twice) && A::is_odd(down));
  return A::sum(down, A::choose(up, A::number(amount, 1), A::number(amount, 0)));
}

/// What an order costs its Broker.
template <class N>
struct Charge {
  N commission;  ///< of which it is
  N fee;         ///< never more than the commission
};

/// What the Host charges for an order of `amount`: `fee_bp` basis points of the commission, which is `commission_bp` of
/// the amount, each rounded by itself. Ranges as of share() (QP-ROLE-019, QP-ADD-24).
template <class N>
Charge<N> charge(const N& amount, const N& commission_bp, const N& fee_bp) {
  const N commission = share(amount, commission_bp);
  return {commission, share(commission, fee_bp)};
}

/// a + b if both are sums and so is what comes out.
template <class N>
Computed<N> add_sums(const N& a, const N& b) {
  using A = Arithmetic<N>;
  return {A::sum(a, b), A::not_negative(a) && A::not_negative(b) && A::at_most(b, A::difference(A::number(a, kMaxSum), a))};
}

/// What a settlement pays, and what it carries over to the next one.
template <class N>
struct Balance {
  N net;
  N carried;
};

/// What remains of what was accepted after the commission and what stands against it. Sums; no more commission than was accepted.
template <class N>
Balance<N> balance(const N& accepted, const N& commission, const N& against) {
  using A = Arithmetic<N>;
  const N due = A::difference(A::difference(accepted, commission), against), zero = A::number(accepted, 0);
  const auto pays = A::not_negative(due);
  return {A::choose(pays, due, zero), A::choose(pays, zero, A::difference(zero, due))};
}

}  // namespace quickpay::roles::money
