// Claims about formulas over symbols, put to two solvers, and the twin: a claim falls when a check of its formula is dropped.
//
// `Numbers` has the z3 context, `given()`: what every claim may rely on, and `symbols()`: what a counter-example names.
#pragma once

#include <functional>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

#include "reference/roles/tests/symbols.hpp"

namespace quickpay::roles::money {

inline constexpr unsigned kSolverMs = 60'000;

template <class Numbers>
struct Claim {
  const char* name;
  std::function<z3::expr(Numbers&)> formula;
};

/// A formula of the product, how many checks it has, and claims of which one falls without any of these.
struct Formula {
  const char* name;
  int checks;
  std::vector<std::size_t> claims;
};

inline z3::expr all(const std::vector<z3::expr>& of, z3::context& context) {
  z3::expr both = context.bool_val(true);
  for (const z3::expr& one : of) both = both && one;
  return both;
}

/// The negation of a claim, as a question to a solver; counts its checks.
template <class Numbers>
z3::solver question(Numbers& numbers, const Claim<Numbers>& claim, int drop = kNone) {
  checks_met = 0;
  dropped_check = drop;
  z3::solver solver(numbers.context);
  z3::params limits(numbers.context);
  limits.set("timeout", kSolverMs);
  solver.set(limits);
  const z3::expr formula = claim.formula(numbers);
  solver.add(numbers.given() && all(noted.facts, numbers.context) && !formula);
  dropped_check = kNone;
  noted.clear();
  return solver;
}

/// "held = …, owed = …" for which the claim is false; nothing if there are no such numbers.
template <class Numbers>
std::optional<std::string> counter_example(const Claim<Numbers>& claim, int drop = kNone) {
  Numbers numbers;
  z3::solver solver = question(numbers, claim, drop);
  const z3::check_result result = solver.check();
  if (result == z3::unsat) return std::nullopt;
  if (result == z3::unknown) return "unknown";
  std::string text;
  for (const Symbol& symbol : numbers.symbols())
    text += symbol.term.to_string() + " = " + solver.get_model().eval(symbol.term, true).to_string() + " ";
  return text;
}

template <class Numbers>
void expect_proved(const std::vector<Claim<Numbers>>& claims) {
  for (const Claim<Numbers>& claim : claims) {
    const auto counter = counter_example(claim);
    EXPECT_FALSE(counter) << claim.name << ": not for " << *counter;
  }
}

/// The same questions to a solver with other code and other authors. `falls` is a claim that does not hold without its first check.
template <class Numbers>
void expect_second_solver_agrees(const std::vector<Claim<Numbers>>& claims, std::size_t falls) {
  for (const Claim<Numbers>& claim : claims) {
    Numbers numbers;
    EXPECT_EQ(second_opinion(question(numbers, claim).to_smt2()), "unsat") << claim.name;
  }
  Numbers numbers;
  EXPECT_EQ(second_opinion(question(numbers, claims[falls], 0).to_smt2()), "sat") << "it says unsat to everything";
}

template <class Numbers>
void expect_each_check_needed(const std::vector<Formula>& formulas, const std::vector<Claim<Numbers>>& claims) {
  for (const Formula& formula : formulas)
    for (int drop = 0; drop < formula.checks; ++drop) {
      std::string found;
      for (const std::size_t at : formula.claims) {
        Numbers numbers;
        question(numbers, claims[at]);
        ASSERT_EQ(checks_met, formula.checks) << formula.name << " has other checks than this test knows";
        const auto counter = counter_example(claims[at], drop);
        if (counter && *counter != "unknown") found = *counter;
      }
      EXPECT_NE(found, "") << formula.name << " does not need its check " << drop;
      std::cout << formula.name << " without check " << drop << ": " << found << "\n";
    }
}

}  // namespace quickpay::roles::money
