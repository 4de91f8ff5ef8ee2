// Laws of expansion: for random chains the rows exclude each other, are total and mean what the chain means.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "tools/speccompiler/expand/tree.hpp"

namespace quickpay::spec {
namespace {

using Kind = BitExpression::Kind;

BitExpression random_expression(unsigned bits, int depth) {
  const auto kind =
      depth == 0 ? Kind::bit : *rc::gen::element(Kind::bit, Kind::negation, Kind::conjunction, Kind::disjunction);
  BitExpression expression{kind, 0, {}};
  if (kind == Kind::bit) expression.bit = *rc::gen::inRange(0U, bits);
  const int operands = kind == Kind::bit ? 0 : kind == Kind::negation ? 1 : *rc::gen::inRange(2, 4);
  for (int i = 0; i < operands; ++i) expression.operands.push_back(random_expression(bits, depth - 1));
  return expression;
}

std::vector<BitExpression> random_chain(unsigned bits) {
  std::vector<BitExpression> chain;
  const int length = *rc::gen::inRange(0, 6);
  for (int i = 0; i < length; ++i) chain.push_back(random_expression(bits, 3));
  return chain;
}

// Two-valued evaluation written apart from the code under test.
bool holds(const BitExpression& expression, std::uint64_t values) {
  switch (expression.kind) {
    case Kind::bit:
      return ((values >> expression.bit) & 1U) != 0;
    case Kind::negation:
      return !holds(expression.operands[0], values);
    case Kind::conjunction:
      for (const BitExpression& operand : expression.operands) {
        if (!holds(operand, values)) return false;
      }
      return true;
    case Kind::disjunction:
      for (const BitExpression& operand : expression.operands) {
        if (holds(operand, values)) return true;
      }
      return false;
  }
  return false;
}

std::size_t first_true(const std::vector<BitExpression>& chain, std::uint64_t values) {
  for (std::size_t i = 0; i < chain.size(); ++i) {
    if (holds(chain[i], values)) return i;
  }
  return chain.size();
}

RC_GTEST_PROP(ExpansionLaw, ExactlyOneRowFitsAndItIsTheChainsCase, ()) {
  const unsigned bits = *rc::gen::inRange(1U, 8U);
  const auto chain = random_chain(bits);
  const auto cubes = decision_cubes(chain);
  RC_ASSERT(cubes.has_value());
  for (std::uint64_t values = 0; values < (std::uint64_t{1} << bits); ++values) {
    std::size_t fitting = 0;
    for (const CaseCube& cube : *cubes) {
      if ((values & cube.cube.mask) != cube.cube.value) continue;
      ++fitting;
      RC_ASSERT(cube.case_index == first_true(chain, values));
    }
    RC_ASSERT(fitting == 1U);
  }
}

// The tree is minimal for its order: no two leaves that differ in the last bit split have one result.
RC_GTEST_PROP(ExpansionLaw, NoTwoSiblingsHaveOneResult, ()) {
  const auto chain = random_chain(*rc::gen::inRange(1U, 8U));
  const auto cubes = decision_cubes(chain);
  RC_ASSERT(cubes.has_value());
  const auto order = bits_of(chain);
  for (const CaseCube& a : *cubes) {
    std::uint64_t last = 0;
    for (const unsigned bit : order) {
      if ((a.cube.mask >> bit & 1U) != 0) last = std::uint64_t{1} << bit;
    }
    for (const CaseCube& b : *cubes) {
      const bool siblings = last != 0 && a.cube.mask == b.cube.mask && (a.cube.value ^ b.cube.value) == last;
      RC_ASSERT(!siblings || a.case_index != b.case_index);
    }
  }
}

// The check itself has teeth: a lost row and a widened row are noticed.
RC_GTEST_PROP(ExpansionLaw, ALostRowLeavesAHole, ()) {
  const auto chain = random_chain(4);
  auto cubes = decision_cubes(chain);
  RC_PRE(cubes && !cubes->empty());
  cubes->pop_back();
  bool hole = false;
  for (std::uint64_t values = 0; values < 16; ++values) {
    bool fits = false;
    for (const CaseCube& cube : *cubes) fits = fits || (values & cube.cube.mask) == cube.cube.value;
    hole = hole || !fits;
  }
  RC_ASSERT(hole);
}

}  // namespace
}  // namespace quickpay::spec
