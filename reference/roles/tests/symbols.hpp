// Symbols that stand for all 64-bit integers, for proofs of what reference/roles/money.hpp and sums.hpp compute; and what solvers say of a claim.
#pragma once

#include <stdlib.h>
#include <unistd.h>
#include <z3++.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "reference/roles/sums.hpp"

namespace quickpay::roles::money {

inline constexpr int kNone = -1;
inline int checks_met = 0;         ///< checks in the formulas of the claim that is being written down
inline int dropped_check = kNone;  ///< the one that always says yes

/// An integer; claims are about those of 64 bits.
struct Symbol {
  z3::expr term;
};

/// What was computed so far for a claim. To be emptied before the context of its symbols goes.
struct Noted {
  std::vector<z3::expr> exact;    ///< that a sum, difference or product fits into 64 bits
  std::vector<Symbol> products;   ///< of two unknowns
  std::vector<z3::expr> facts;    ///< all that is known of these
  void clear() { *this = {}; }
};
inline Noted noted;

inline z3::expr checked(const z3::expr& check) { return checks_met++ == dropped_check ? check.ctx().bool_val(true) : check; }

inline z3::expr power(const Symbol& like, const char* decimal) { return like.term.ctx().int_val(decimal); }
inline z3::expr least(const Symbol& like) { return power(like, "-9223372036854775808"); }
inline z3::expr most(const Symbol& like) { return power(like, "9223372036854775807"); }
inline z3::expr in_range(const Symbol& a) { return a.term >= least(a) && a.term <= most(a); }

/// Two's complement: what 64 bits keep of a sum or difference of two.
inline Symbol wrapped(const Symbol& a) {
  const z3::expr round = power(a, "18446744073709551616");
  return {z3::ite(a.term > most(a), a.term - round, z3::ite(a.term < least(a), a.term + round, a.term))};
}

template <>
struct Arithmetic<Symbol> {
  using Truth = z3::expr;
  static Symbol sum(const Symbol& a, const Symbol& b) { return wrapped(fits({a.term + b.term})); }
  static Symbol difference(const Symbol& a, const Symbol& b) { return wrapped(fits({a.term - b.term})); }
  static Truth sum_fits(const Symbol& a, const Symbol& b) { return checked(in_range({a.term + b.term})); }
  static Truth difference_fits(const Symbol& a, const Symbol& b) { return checked(in_range({a.term - b.term})); }
  static Truth at_most(const Symbol& a, const Symbol& b) { return checked(a.term <= b.term); }
  static Truth not_negative(const Symbol& a) { return checked(a.term >= 0); }
  static Truth is_odd(const Symbol& a) { return checked(z3::mod(a.term, 2) != 0); }
  // Of two unknowns a number of which no more is known than how great it can be: what holds of all such numbers holds of the product, and remains linear.
  static Symbol product(const Symbol& a, const Symbol& b) {
    if (a.term.is_numeral() || b.term.is_numeral()) return fits({a.term * b.term});
    z3::context& context = a.term.ctx();
    const Symbol made{context.int_const(("product" + std::to_string(noted.products.size())).c_str())};
    const z3::expr most = context.int_val(kBasisPoints);
    noted.products.push_back(made);
    noted.facts.push_back(z3::implies(a.term >= 0 && b.term >= 0 && b.term <= most, made.term >= 0 && made.term <= most * a.term));
    return fits(made);
  }
  static Symbol quotient(const Symbol& a, std::int64_t by) { return {a.term / a.term.ctx().int_val(by)}; }
  static Symbol remainder(const Symbol& a, std::int64_t by) { return {z3::mod(a.term, a.term.ctx().int_val(by))}; }
  static Symbol number(const Symbol& like, std::int64_t value) { return {like.term.ctx().int_val(value)}; }
  static Symbol choose(const Truth& which, const Symbol& yes, const Symbol& no) { return {z3::ite(which, yes.term, no.term)}; }

 private:
  static Symbol fits(const Symbol& a) {
    noted.exact.push_back(in_range(a));
    return a;
  }
};

/// What cvc5 says to the question.
inline std::string second_opinion(const std::string& smt2) {
  std::string path = ::testing::TempDir() + "money-XXXXXX";
  const int fd = mkstemp(path.data());
  if (fd < 0) return "no file";
  close(fd);
  std::ofstream(path) << "(set-logic QF_LIA)\n" << smt2;
  std::FILE* answer = popen(("cvc5 --lang smt2 " + path + " 2>&1").c_str(), "r");
  std::array<char, 200> line{};
  const std::string said = answer != nullptr && std::fgets(line.data(), line.size(), answer) != nullptr ? line.data() : "";
  if (answer != nullptr) pclose(answer);
  std::remove(path.c_str());
  return said.substr(0, said.find('\n'));
}

}  // namespace quickpay::roles::money
