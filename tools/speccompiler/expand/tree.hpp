// The decision tree over a priority chain.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace quickpay::spec {

inline constexpr std::size_t kMaxTreeNodes = 1U << 20U;  ///< nodes a tree may visit before expansion gives up

/// A condition over numbered bits.
struct BitExpression {
  enum class Kind : std::uint8_t { bit, negation, conjunction, disjunction };
  Kind kind = Kind::bit;
  unsigned bit = 0;
  std::vector<BitExpression> operands;
};

/// Bits whose value is known: bit i of `value` counts where bit i of `mask` is set.
struct Cube {
  std::uint64_t mask = 0;
  std::uint64_t value = 0;
  bool operator==(const Cube&) const = default;
};

/// A cube and the case (index into the chain) that all its completions take.
struct CaseCube {
  std::size_t case_index = 0;
  Cube cube;
};

/// True, false or, where unknown bits may matter, nothing.
std::optional<bool> evaluate(const BitExpression& expression, const Cube& known);

/// The case of the chain that is taken: the first true condition, or chain.size() if all are false. Nothing if unknown
/// bits may matter.
std::optional<std::size_t> evaluate_chain(const std::vector<BitExpression>& chain, const Cube& known);

/// The bits in order of first appearance.
std::vector<unsigned> bits_of(const std::vector<BitExpression>& chain);

/// The decision tree's leaves: exclusive, total, in tree order (a bit's zero before its one). A subtree with one result
/// is one leaf. Nothing if the tree gets too large.
std::optional<std::vector<CaseCube>> decision_cubes(const std::vector<BitExpression>& chain);

}  // namespace quickpay::spec
