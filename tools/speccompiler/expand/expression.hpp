// The conditions of cases: predicates and comparisons of variables, joined by and, or, not and parentheses.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

namespace quickpay::spec {

inline constexpr int kMaxExpressionDepth = 32;            ///< parentheses and `not` that may be nested
inline constexpr std::size_t kMaxExpressionBytes = 1024;  ///< bytes a condition may have

/// A parsed condition. `or` binds least, then `and`, then `not`.
struct Expression {
  enum class Kind : std::uint8_t { predicate, equals, differs, negation, conjunction, disjunction };
  Kind kind = Kind::predicate;
  std::string name;                  ///< predicate: its id; equals, differs: the variable
  std::string value;                 ///< equals, differs
  std::vector<Expression> operands;  ///< negation: one; conjunction, disjunction: two or more
};

/// Why a condition is none, and at which byte of it.
struct ExpressionError {
  std::size_t offset = 0;
  std::string message;
};

tl::expected<Expression, ExpressionError> parse_expression(std::string_view text);

}  // namespace quickpay::spec
