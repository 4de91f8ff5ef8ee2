// The arithmetic of money, written once over any kind of number: the product uses it with 64-bit integers, the proof in
// tests/money_proof_test.cpp with symbols that stand for all of them.
#pragma once

#include <cstdint>

namespace quickpay::roles::money {

/// What formulas need of a kind of number. `sum` and `difference` may wrap; the `fits` say whether they did not.
template <class N>
struct Arithmetic;

template <>
struct Arithmetic<std::int64_t> {
  using N = std::int64_t;
  using Truth = bool;
  static N sum(N a, N b) { return static_cast<N>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b)); }
  static N difference(N a, N b) { return static_cast<N>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b)); }
  static Truth sum_fits(N a, N b) {
    N ignored = 0;
    return !__builtin_add_overflow(a, b, &ignored);
  }
  static Truth difference_fits(N a, N b) {
    N ignored = 0;
    return !__builtin_sub_overflow(a, b, &ignored);
  }
  static Truth at_most(N a, N b) { return a <= b; }
  static Truth not_negative(N a) { return a >= 0; }
  static Truth is_odd(N a) { return a % 2 != 0; }
  /// Whoever multiplies has made sure that it fits.
  static N product(N a, N b) { return static_cast<N>(static_cast<std::uint64_t>(a) * static_cast<std::uint64_t>(b)); }
  /// Towards zero; of numbers that are not negative, by one that is positive.
  static N quotient(N a, std::int64_t by) { return a / by; }
  static N remainder(N a, std::int64_t by) { return a % by; }
  static N number(N, std::int64_t value) { return value; }
  static N choose(Truth which, N yes, N no) { return which ? yes : no; }
};

template <class N>
using Truth = typename Arithmetic<N>::Truth;

/// What an account has reserved and what it owes, minor units.
template <class N>
struct Purse {
  N held;
  N owed;
};

/// A purse after money moved. Only if `right` holds it means anything.
template <class N>
struct Moved {
  Purse<N> purse;
  Truth<N> right;
};

/// Whether the amount can be held without passing the limit (QP-SAFE-009).
template <class N>
Truth<N> suffices(const Purse<N>& purse, const N& amount, const N& limit) {
  using A = Arithmetic<N>;
  const N used = A::sum(purse.held, purse.owed);
  return A::sum_fits(purse.held, purse.owed) && A::sum_fits(used, amount) && A::at_most(A::sum(used, amount), limit);
}

/// The amount is reserved.
template <class N>
Moved<N> hold(const Purse<N>& purse, const N& amount) {
  using A = Arithmetic<N>;
  const N held = A::sum(purse.held, amount);
  return {{held, purse.owed}, A::sum_fits(purse.held, amount) && A::not_negative(held)};
}

/// The amount is reserved no more.
template <class N>
Moved<N> release(const Purse<N>& purse, const N& amount) {
  using A = Arithmetic<N>;
  const N held = A::difference(purse.held, amount);
  return {{held, purse.owed}, A::difference_fits(purse.held, amount) && A::not_negative(held)};
}

/// What was reserved is owed.
template <class N>
Moved<N> commit(const Purse<N>& purse, const N& amount) {
  using A = Arithmetic<N>;
  const N held = A::difference(purse.held, amount), owed = A::sum(purse.owed, amount);
  return {{held, owed},
          A::difference_fits(purse.held, amount) && A::sum_fits(purse.owed, amount) && A::not_negative(held) &&
              A::not_negative(owed)};
}

/// What is owed is owed no more.
template <class N>
Moved<N> forgive(const Purse<N>& purse, const N& amount) {
  using A = Arithmetic<N>;
  const N owed = A::difference(purse.owed, amount);
  return {{purse.held, owed}, A::difference_fits(purse.owed, amount) && A::not_negative(owed)};
}

/// The amount is owed without having been reserved.
template <class N>
Moved<N> owe(const Purse<N>& purse, const N& amount) {
  using A = Arithmetic<N>;
  const N owed = A::sum(purse.owed, amount);
  return {{purse.held, owed}, A::sum_fits(purse.owed, amount) && A::not_negative(owed)};
}

/// What is owed becomes due; the purse stays as it is.
template <class N>
Moved<N> fall_due(const Purse<N>& purse, const N& amount) {
  using A = Arithmetic<N>;
  return {purse, A::not_negative(amount) && A::at_most(amount, purse.owed)};
}

}  // namespace quickpay::roles::money
