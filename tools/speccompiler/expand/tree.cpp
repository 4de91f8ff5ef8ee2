#include "tools/speccompiler/expand/tree.hpp"

#include <algorithm>

namespace quickpay::spec {
namespace {

using Kind = BitExpression::Kind;

// Kleene's three-valued logic: one operand with the absorbing value decides.
std::optional<bool> joined(const BitExpression& expression, const Cube& known, bool absorbing) {
  bool unknown = false;
  for (const BitExpression& operand : expression.operands) {
    const auto result = evaluate(operand, known);
    if (result == absorbing) return absorbing;
    unknown = unknown || !result;
  }
  return unknown ? std::nullopt : std::optional<bool>(!absorbing);
}

void collect(const BitExpression& expression, std::vector<unsigned>& bits) {
  if (expression.kind == Kind::bit) {
    if (std::find(bits.begin(), bits.end(), expression.bit) == bits.end()) bits.push_back(expression.bit);
  }
  for (const BitExpression& operand : expression.operands) collect(operand, bits);
}

class Tree {
 public:
  explicit Tree(const std::vector<BitExpression>& chain) : chain_(chain), order_(bits_of(chain)) {}

  // The case that all completions take, if it is one; else the leaves below have been added.
  std::optional<std::size_t> grow(std::size_t depth, const Cube& known) {
    if (++visited_ > kMaxTreeNodes) return std::nullopt;
    if (const auto decided = evaluate_chain(chain_, known)) return decided;
    const std::uint64_t bit = std::uint64_t{1} << order_[depth];
    const Cube zero{known.mask | bit, known.value};
    const Cube one{known.mask | bit, known.value | bit};
    const auto if_zero = grow(depth + 1, zero);
    if (if_zero) leaves_.push_back({*if_zero, zero});
    const auto if_one = grow(depth + 1, one);
    if (if_one && if_one == if_zero) {  // both halves are leaves, and the first is the last one added
      leaves_.pop_back();
      return if_one;
    }
    if (if_one) leaves_.push_back({*if_one, one});
    return std::nullopt;
  }

  std::optional<std::vector<CaseCube>> leaves() {
    const auto whole = grow(0, {});
    if (visited_ > kMaxTreeNodes) return std::nullopt;
    if (whole) leaves_.push_back({*whole, {}});
    return std::move(leaves_);
  }

 private:
  const std::vector<BitExpression>& chain_;
  std::vector<unsigned> order_;
  std::vector<CaseCube> leaves_;
  std::size_t visited_ = 0;
};

}  // namespace

std::optional<bool> evaluate(const BitExpression& expression, const Cube& known) {
  switch (expression.kind) {
    case Kind::bit: {
      const std::uint64_t bit = std::uint64_t{1} << expression.bit;
      if ((known.mask & bit) == 0) return std::nullopt;
      return (known.value & bit) != 0;
    }
    case Kind::negation: {
      const auto inner = evaluate(expression.operands.front(), known);
      return inner ? std::optional<bool>(!*inner) : std::nullopt;
    }
    case Kind::conjunction:
      return joined(expression, known, false);
    case Kind::disjunction:
      return joined(expression, known, true);
  }
  return std::nullopt;
}

std::optional<std::size_t> evaluate_chain(const std::vector<BitExpression>& chain, const Cube& known) {
  for (std::size_t i = 0; i < chain.size(); ++i) {
    const auto taken = evaluate(chain[i], known);
    if (!taken) return std::nullopt;
    if (*taken) return i;
  }
  return chain.size();
}

std::vector<unsigned> bits_of(const std::vector<BitExpression>& chain) {
  std::vector<unsigned> bits;
  for (const BitExpression& condition : chain) collect(condition, bits);
  return bits;
}

std::optional<std::vector<CaseCube>> decision_cubes(const std::vector<BitExpression>& chain) {
  return Tree(chain).leaves();
}

}  // namespace quickpay::spec
