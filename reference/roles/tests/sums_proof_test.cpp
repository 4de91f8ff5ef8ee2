// Basis points, sums and what is carried over are right for all values that a message can spell: the product's own formulas over symbols, shown by
// z3 and again by cvc5, and no longer shown when any one of their comparisons is dropped.
#include "reference/roles/sums.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "reference/roles/tests/proving.hpp"

namespace quickpay::roles::money {
namespace {

/// The numbers that every claim is about: a sum and a rate, and two more sums.
struct Sums {
  z3::context context = {};
  Symbol amount{context.int_const("amount")};
  Symbol rate{context.int_const("rate")};
  Symbol a{context.int_const("a")};
  Symbol b{context.int_const("b")};
  Symbol c{context.int_const("c")};

  z3::expr whole(const Symbol& number, std::int64_t most) { return number.term >= 0 && number.term <= context.int_val(most); }
  z3::expr sum(const Symbol& number) { return whole(number, kMaxSum); }
  std::vector<Symbol> symbols() const { return {amount, rate, a, b, c}; }
  z3::expr given() { return sum(amount) && whole(rate, kBasisPoints) && in_range(a) && in_range(b) && in_range(c); }
};

/// What share() makes of the amount.
struct Part {
  z3::expr term;
  z3::expr off;  ///< ten thousand times that, less amount * rate: what rounding did
};

// amount = 10000 q + r, so that amount * rate is 10000 (q * rate) + r * rate: the two products that share() has.
Part part_of(Sums& n) {
  const z3::expr term = share(n.amount, n.rate).term, scale = n.context.int_val(kBasisPoints);
  EXPECT_EQ(noted.products.size(), 2U);
  return {term, scale * term - scale * noted.products[0].term - noted.products[1].term};
}

std::vector<Claim<Sums>> claims() {
  return {
      {"QP-ADD-24: no step of a share overflows",
       [](Sums& n) {
         static_cast<void>(share(n.amount, n.rate));
         return all(noted.exact, n.context);
       }},
      {"QP-ADD-24: a share is the nearest whole number",
       [](Sums& n) {
         const z3::expr off = part_of(n).off;
         return 2 * off <= n.context.int_val(kBasisPoints) && 2 * off >= n.context.int_val(-kBasisPoints);
       }},
      {"QP-ADD-24: of two that are as near a share is the even one",
       [](Sums& n) {
         const Part part = part_of(n);
         const z3::expr tie = 2 * part.off == n.context.int_val(kBasisPoints) || 2 * part.off == n.context.int_val(-kBasisPoints);
         return z3::implies(tie, z3::mod(part.term, 2) == 0);
       }},
      {"QP-ADD-24: a share is between nothing and the whole",
       [](Sums& n) {
         const z3::expr part = share(n.amount, n.rate).term;
         return part >= 0 && part <= n.amount.term;
       }},
      {"QP-ADD-24: what two sums come to is exact, and a sum",
       [](Sums& n) {
         const auto total = add_sums(n.a, n.b);
         return z3::implies(total.right, n.sum(n.a) && n.sum(n.b) && total.value.term == n.a.term + n.b.term && n.sum(total.value));
       }},
      {"nothing but its size is a reason to refuse a sum",
       [](Sums& n) {
         return z3::implies(n.sum(n.a) && n.sum(n.b) && n.a.term + n.b.term <= n.context.int_val(kMaxSum), add_sums(n.a, n.b).right);
       }},
      {"QP-ADD-24: item by item, no more commission is taken in all than was accepted",
       [](Sums& n) {
         const auto accepted = add_sums(n.a, n.amount), commission = add_sums(n.b, n.c);
         return z3::implies(accepted.right && commission.right && n.b.term <= n.a.term && n.c.term <= n.amount.term,
                            commission.value.term <= accepted.value.term);
       }},
      {"QP-RV-003: what is paid less what is carried over is what is due, of which one is nothing, and both are sums",
       [](Sums& n) {
         const Balance<Symbol> made = balance(n.a, n.b, n.c);
         const z3::expr right = made.net.term - made.carried.term == n.a.term - n.b.term - n.c.term &&
                                (made.net.term == 0 || made.carried.term == 0) && n.sum(made.net) && n.sum(made.carried) && all(noted.exact, n.context);
         return z3::implies(n.sum(n.a) && n.sum(n.b) && n.sum(n.c) && n.b.term <= n.a.term, right);
       }},
      {"QP-ROLE-019: no step of a fee overflows, and it is between nothing and the commission",
       [](Sums& n) {
         const Charge<Symbol> made = charge(n.amount, n.rate, n.b);
         const z3::expr right = made.fee.term >= 0 && made.fee.term <= made.commission.term && all(noted.exact, n.context);
         return z3::implies(n.whole(n.b, kBasisPoints), right);
       }},
  };
}

TEST(SumsProof, HoldsForAllValues) { expect_proved(claims()); }

TEST(SumsProof, ASecondSolverAgrees) { expect_second_solver_agrees(claims(), 4); }

// Twins: each comparison of each formula is needed; without it a claim has a counter-example.
TEST(SumsProofTwin, ADroppedCheckHasACounterExample) {
  expect_each_check_needed({{"share", 3, {1, 2}}, {"add_sums", 3, {4}}, {"balance", 1, {7}}}, claims());
}

// The symbols mean what the integers do.
TEST(SumsProof, IntegersAreWhatTheSymbolsStandFor) {
  for (const std::int64_t amount : {std::int64_t{0}, std::int64_t{1}, std::int64_t{49}, std::int64_t{150}, std::int64_t{9'999}, std::int64_t{10'001}, kMaxSum - 1, kMaxSum}) {
    for (const std::int64_t rate : {std::int64_t{0}, std::int64_t{1}, std::int64_t{100}, std::int64_t{5'000}, std::int64_t{9'999}, kBasisPoints}) {
      Sums n;
      const auto symbol = [&](std::int64_t value) { return Symbol{n.context.int_val(value)}; };
      const auto same = [&](const Symbol& s, std::int64_t value) { return (s.term == n.context.int_val(value)).simplify().is_true(); };
      EXPECT_TRUE(same(share(symbol(amount), symbol(rate)), share(amount, rate))) << amount << " " << rate;
      EXPECT_TRUE(same(balance(symbol(amount), symbol(rate), symbol(5'000)).net, balance(amount, rate, std::int64_t{5'000}).net));
      EXPECT_TRUE(same(balance(symbol(amount), symbol(rate), symbol(5'000)).carried, balance(amount, rate, std::int64_t{5'000}).carried));
      EXPECT_EQ(add_sums(symbol(amount), symbol(rate)).right.simplify().is_true(), add_sums(amount, rate).right);
      noted.clear();
    }
  }
}

}  // namespace
}  // namespace quickpay::roles::money
