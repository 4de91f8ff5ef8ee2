// The patterns of leaf types: a regular language over ASCII bytes that means the same in XSD 1.0 and in our readers.
#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

namespace quickpay::spec {

inline constexpr std::size_t kMaxPatternBytes = 2048;  ///< bytes a pattern may have
inline constexpr int kMaxPatternDepth = 16;            ///< groups that may be nested
inline constexpr std::uint32_t kMaxRepeat = 65536;     ///< largest number in {n,m}

/// One node of a parsed pattern; the whole value has to match the root.
struct RegexNode {
  enum class Kind : std::uint8_t { set, concat, alternate, repeat };
  static constexpr std::uint32_t kUnbounded = std::numeric_limits<std::uint32_t>::max();

  Kind kind = Kind::concat;
  std::bitset<256> set;             ///< set: the bytes of which one is taken (all below 128)
  std::vector<RegexNode> children;  ///< concat, alternate: two or more; repeat: exactly one
  std::uint32_t min = 1;            ///< repeat
  std::uint32_t max = 1;            ///< repeat; kUnbounded: no limit

  bool operator==(const RegexNode&) const = default;
};

/// Why a pattern is not one, and at which byte of it.
struct PatternError {
  std::size_t offset = 0;
  std::string message;
};

/// Parses a pattern: printable ASCII characters, [sets] of characters and ranges, (groups), |, ?, *, +, {n}, {n,},
/// {n,m} and \ before one of \|.?*+(){}[]-^. What other dialects read differently is refused: an unescaped `.`, `^` or
/// `$` outside a set, a negated set, an empty alternative, shorthands such as \d.
tl::expected<RegexNode, PatternError> parse_pattern(std::string_view pattern);

/// Whether the whole value matches. Time grows with the length of the value times the size of the pattern.
bool matches(const RegexNode& pattern, std::string_view value);

/// The same for a pattern given as text; false if it is none.
bool matches(std::string_view pattern, std::string_view value);

/// The length in bytes of the longest match; RegexNode::kUnbounded if there is none.
std::uint32_t longest_match(const RegexNode& pattern);

/// Says in one line why the text is not a pattern.
tl::expected<void, std::string> check_pattern(std::string_view pattern);

}  // namespace quickpay::spec
