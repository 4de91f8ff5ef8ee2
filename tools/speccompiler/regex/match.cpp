// What a pattern admits; for the checks of the compiler, not for readers of messages.
#include <algorithm>
#include <set>

#include "tools/speccompiler/regex/regex.hpp"

namespace quickpay::spec {
namespace {

using Kind = RegexNode::Kind;
using Ends = std::set<std::size_t>;  // offsets at which a match may end

Ends ends_of(const RegexNode& node, std::string_view value, const Ends& starts);

Ends repeated(const RegexNode& node, std::string_view value, const Ends& starts) {
  Ends all = node.min == 0 ? starts : Ends{};
  Ends round = starts;
  // More rounds than bytes add nothing but empty matches.
  const std::uint32_t rounds =
      std::min<std::uint32_t>(node.max, node.min + static_cast<std::uint32_t>(value.size()) + 1);
  for (std::uint32_t n = 1; n <= rounds && !round.empty(); ++n) {
    round = ends_of(node.children.front(), value, round);
    if (n >= node.min) all.insert(round.begin(), round.end());
  }
  return all;
}

Ends ends_of(const RegexNode& node, std::string_view value, const Ends& starts) {
  Ends ends;
  switch (node.kind) {
    case Kind::set:
      for (const std::size_t at : starts) {
        if (at < value.size() && node.set.test(static_cast<unsigned char>(value[at]))) ends.insert(at + 1);
      }
      return ends;
    case Kind::concat:
      ends = starts;
      for (const RegexNode& child : node.children) ends = ends_of(child, value, ends);
      return ends;
    case Kind::alternate:
      for (const RegexNode& child : node.children) ends.merge(ends_of(child, value, starts));
      return ends;
    case Kind::repeat:
      return repeated(node, value, starts);
  }
  return ends;
}

// The arithmetic saturates: unbounded stays unbounded.
std::uint32_t capped(std::uint64_t length) {
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(length, RegexNode::kUnbounded));
}

}  // namespace

bool matches(const RegexNode& pattern, std::string_view value) {
  return ends_of(pattern, value, {0}).count(value.size()) != 0;
}

bool matches(std::string_view pattern, std::string_view value) {
  const auto parsed = parse_pattern(pattern);
  return parsed && matches(*parsed, value);
}

std::uint32_t longest_match(const RegexNode& pattern) {
  std::uint64_t length = 0;
  switch (pattern.kind) {
    case Kind::set:
      return 1;
    case Kind::concat:
      for (const RegexNode& child : pattern.children) length += longest_match(child);
      return capped(length);
    case Kind::alternate:
      for (const RegexNode& child : pattern.children) length = std::max<std::uint64_t>(length, longest_match(child));
      return capped(length);
    case Kind::repeat:
      return capped(std::uint64_t{longest_match(pattern.children.front())} * pattern.max);
  }
  return capped(length);
}

}  // namespace quickpay::spec
