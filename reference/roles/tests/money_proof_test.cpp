// The arithmetic of money holds for all 64-bit values: the product's own formulas over symbols, shown by z3 and again by
// cvc5, and no longer shown when any one of their checks is dropped.
#include <gtest/gtest.h>

#include <limits>
#include <vector>

#include "reference/roles/tests/proving.hpp"

namespace quickpay::roles::money {
namespace {

/// The numbers that every claim is about.
struct Numbers {
  z3::context context = {};
  Symbol held{context.int_const("held")};
  Symbol owed{context.int_const("owed")};
  Symbol amount{context.int_const("amount")};
  Symbol limit{context.int_const("limit")};
  Purse<Symbol> purse{held, owed};

  z3::expr given() const { return in_range(held) && in_range(owed) && in_range(amount) && in_range(limit); }
  std::vector<Symbol> symbols() const { return {held, owed, amount, limit}; }
};

z3::expr total(const Purse<Symbol>& purse) { return purse.held.term + purse.owed.term; }

/// What holds of an account at every moment (QP-SAFE-009).
z3::expr in_order(const Numbers& n, const Purse<Symbol>& purse) {
  return purse.held.term >= 0 && purse.owed.term >= 0 && total(purse) <= n.limit.term;
}

std::vector<Claim<Numbers>> claims() {
  return {
      {"QP-SAFE-009: what suffices stays within the limit",
       [](Numbers& n) {
         return z3::implies(suffices(n.purse, n.amount, n.limit), total(n.purse) + n.amount.term <= n.limit.term);
       }},
      {"nothing but the limit is a reason to refuse",
       [](Numbers& n) {
         return z3::implies(in_order(n, n.purse) && n.amount.term >= 0 &&
                                total(n.purse) + n.amount.term <= n.limit.term,
                            suffices(n.purse, n.amount, n.limit));
       }},
      {"a hold adds the amount to what is held, exactly",
       [](Numbers& n) {
         const auto moved = hold(n.purse, n.amount);
         return z3::implies(moved.right, moved.purse.held.term == n.held.term + n.amount.term &&
                                             moved.purse.owed.term == n.owed.term && moved.purse.held.term >= 0);
       }},
      {"QP-SAFE-009: a hold of what suffices is possible and keeps the account in order",
       [](Numbers& n) {
         const auto moved = hold(n.purse, n.amount);
         return z3::implies(in_order(n, n.purse) && n.amount.term >= 0 && suffices(n.purse, n.amount, n.limit),
                            moved.right && in_order(n, moved.purse));
       }},
      {"a release takes the amount from what is held, exactly",
       [](Numbers& n) {
         const auto moved = release(n.purse, n.amount);
         return z3::implies(moved.right, moved.purse.held.term == n.held.term - n.amount.term &&
                                             moved.purse.owed.term == n.owed.term && moved.purse.held.term >= 0);
       }},
      {"a release of what is held is possible and keeps the account in order",
       [](Numbers& n) {
         const auto moved = release(n.purse, n.amount);
         return z3::implies(in_order(n, n.purse) && n.amount.term >= 0 && n.amount.term <= n.held.term,
                            moved.right && in_order(n, moved.purse));
       }},
      {"QP-SAFE-003: a commitment conserves the total and moves the amount, exactly",
       [](Numbers& n) {
         const auto moved = commit(n.purse, n.amount);
         return z3::implies(moved.right, total(moved.purse) == total(n.purse) &&
                                             moved.purse.owed.term == n.owed.term + n.amount.term &&
                                             moved.purse.held.term >= 0 && moved.purse.owed.term >= 0);
       }},
      {"a commitment of what is held is possible and keeps the account in order",
       [](Numbers& n) {
         const auto moved = commit(n.purse, n.amount);
         return z3::implies(in_order(n, n.purse) && n.amount.term >= 0 && n.amount.term <= n.held.term,
                            moved.right && in_order(n, moved.purse));
       }},
      {"QP-ADD-05: what is forgiven is taken from what is owed, exactly",
       [](Numbers& n) {
         const auto moved = forgive(n.purse, n.amount);
         return z3::implies(moved.right, moved.purse.owed.term == n.owed.term - n.amount.term &&
                                             moved.purse.held.term == n.held.term && moved.purse.owed.term >= 0);
       }},
      {"QP-BS-004: what is owed without a hold is added to what is owed, exactly",
       [](Numbers& n) {
         const auto moved = owe(n.purse, n.amount);
         return z3::implies(moved.right, moved.purse.owed.term == n.owed.term + n.amount.term &&
                                             moved.purse.held.term == n.held.term && moved.purse.owed.term >= 0);
       }},
      {"QP-ADD-24: no more falls due than is owed, and nothing moves by it",
       [](Numbers& n) {
         const auto moved = fall_due(n.purse, n.amount);
         return z3::implies(moved.right, n.amount.term >= 0 && n.amount.term <= n.owed.term &&
                                             moved.purse.held.term == n.held.term && moved.purse.owed.term == n.owed.term);
       }},
  };
}

TEST(MoneyProof, HoldsForAllValues) { expect_proved(claims()); }

TEST(MoneyProof, ASecondSolverAgrees) { expect_second_solver_agrees(claims(), 0); }

// Twins: each check of each formula is needed; without it the proof ends in a counter-example.
TEST(MoneyProofTwin, ADroppedCheckHasACounterExample) {
  expect_each_check_needed({{"suffices", 3, {0}}, {"hold", 2, {2}}, {"release", 2, {4}}, {"commit", 4, {6}}, {"forgive", 2, {8}}, {"owe", 2, {9}}, {"fall_due", 2, {10}}},
                           claims());
}

// The symbols mean what the integers do: on the edges of the range both kinds of number agree.
TEST(MoneyProof, IntegersAreWhatTheSymbolsStandFor) {
  using A = Arithmetic<std::int64_t>;
  constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min(), kMost = std::numeric_limits<std::int64_t>::max();
  const std::vector<std::int64_t> edges = {kLeast, kLeast + 1, -2, -1, 0, 1, 2, kMost - 1, kMost};
  for (const std::int64_t a : edges) {
    for (const std::int64_t b : edges) {
      Numbers n;
      const auto symbol = [&](std::int64_t value) { return Symbol{n.context.int_val(value)}; };
      const auto same = [&](const Symbol& s, std::int64_t value) {
        return (s.term == n.context.int_val(value)).simplify().is_true();
      };
      using S = Arithmetic<Symbol>;
      EXPECT_TRUE(same(S::sum(symbol(a), symbol(b)), A::sum(a, b)));
      EXPECT_TRUE(same(S::difference(symbol(a), symbol(b)), A::difference(a, b)));
      EXPECT_EQ(S::sum_fits(symbol(a), symbol(b)).simplify().is_true(), A::sum_fits(a, b));
      EXPECT_EQ(S::difference_fits(symbol(a), symbol(b)).simplify().is_true(), A::difference_fits(a, b));
      EXPECT_EQ(S::at_most(symbol(a), symbol(b)).simplify().is_true(), A::at_most(a, b));
      EXPECT_EQ(S::not_negative(symbol(a)).simplify().is_true(), A::not_negative(a));
      noted.clear();
    }
  }
}

}  // namespace
}  // namespace quickpay::roles::money
