// The arithmetic of money holds for all 64-bit values: the product's own formulas over symbols, shown by z3 and again by
// cvc5, and no longer shown when any one of their checks is dropped.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "reference/roles/tests/symbols.hpp"

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
  z3::expr all_64_bits = in_range(held) && in_range(owed) && in_range(amount) && in_range(limit);
};

z3::expr total(const Purse<Symbol>& purse) { return purse.held.term + purse.owed.term; }

/// What holds of an account at every moment (QP-SAFE-009).
z3::expr in_order(const Numbers& n, const Purse<Symbol>& purse) {
  return purse.held.term >= 0 && purse.owed.term >= 0 && total(purse) <= n.limit.term;
}

struct Claim {
  const char* name;
  std::function<z3::expr(Numbers&)> formula;
};

std::vector<Claim> claims() {
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

/// The negation of a claim, as a question to a solver; counts its checks.
z3::solver question(Numbers& numbers, const Claim& claim, int drop) {
  checks_met = 0;
  dropped_check = drop;
  z3::solver solver(numbers.context);
  solver.add(numbers.all_64_bits && !claim.formula(numbers));
  dropped_check = kNone;
  noted.clear();
  return solver;
}

/// "held = …, owed = …" for which the claim is false; nothing if there are no such numbers.
std::optional<std::string> counter_example(const Claim& claim, int drop = kNone) {
  Numbers numbers;
  z3::solver solver = question(numbers, claim, drop);
  const z3::check_result result = solver.check();
  if (result == z3::unsat) return std::nullopt;
  if (result == z3::unknown) return "unknown";
  std::string text;
  for (const auto& [name, symbol] : {std::pair<const char*, Symbol>{"held", numbers.held},
                                     {"owed", numbers.owed},
                                     {"amount", numbers.amount},
                                     {"limit", numbers.limit}}) {
    const z3::expr value = solver.get_model().eval(symbol.term, true);
    text += std::string(name) + " = " + value.to_string() + " ";
  }
  return text;
}

TEST(MoneyProof, HoldsForAllValues) {
  for (const Claim& claim : claims()) {
    const auto counter = counter_example(claim);
    EXPECT_FALSE(counter) << claim.name << ": not for " << *counter;
  }
}

// The same questions to a solver with other code and other authors.
TEST(MoneyProof, ASecondSolverAgrees) {
  for (const Claim& claim : claims()) {
    Numbers numbers;
    EXPECT_EQ(second_opinion(question(numbers, claim, kNone).to_smt2()), "unsat") << claim.name;
  }
  Numbers numbers;
  EXPECT_EQ(second_opinion(question(numbers, claims()[0], 0).to_smt2()), "sat") << "it says unsat to everything";
}

// Twins: each check of each formula is needed; without it the proof ends in a counter-example.
TEST(MoneyProofTwin, ADroppedCheckHasACounterExample) {
  struct Formula {
    const char* name;
    int checks;
    std::size_t claim;
  };
  for (const Formula& formula :
       {Formula{"suffices", 3, 0}, Formula{"hold", 2, 2}, Formula{"release", 2, 4}, Formula{"commit", 4, 6},
        Formula{"forgive", 2, 8}, Formula{"owe", 2, 9}, Formula{"fall_due", 2, 10}}) {
    const Claim claim = claims()[formula.claim];
    Numbers numbers;
    question(numbers, claim, kNone);
    ASSERT_EQ(checks_met, formula.checks) << formula.name << " has other checks than this test knows";
    for (int drop = 0; drop < formula.checks; ++drop) {
      const auto counter = counter_example(claim, drop);
      EXPECT_TRUE(counter && *counter != "unknown") << formula.name << " does not need its check " << drop;
      std::cout << formula.name << " without check " << drop << ": " << counter.value_or("none") << "\n";
    }
  }
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
