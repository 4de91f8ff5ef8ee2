#include "tools/speccompiler/regex/regex.hpp"

#include <fmt/format.h>

#include <optional>
#include <utility>

namespace quickpay::spec {
namespace {

using Node = tl::expected<RegexNode, PatternError>;
using Kind = RegexNode::Kind;

constexpr std::string_view kEscapable = "\\|.?*+(){}[]-^";  // exactly what XSD 1.0 lets stand after a backslash
constexpr std::string_view kSpecial = ".^$?*+(){}[]|\\";

RegexNode set_of(unsigned char byte) {
  RegexNode node{Kind::set, {}, {}, 1, 1};
  node.set.set(byte);
  return node;
}

// A group of one part is that part.
RegexNode joined(Kind kind, std::vector<RegexNode> parts) {
  if (parts.size() == 1) return std::move(parts.front());
  return {kind, {}, std::move(parts), 1, 1};
}

class Parser {
 public:
  explicit Parser(std::string_view pattern) : pattern_(pattern) {}

  Node parse() {
    if (pattern_.size() > kMaxPatternBytes) return fail("the pattern is too long");
    Node root = alternatives(0);
    if (root && !done()) return fail("')' without '('");
    return root;
  }

 private:
  bool done() const { return at_ == pattern_.size(); }
  bool next_is(char c) const { return !done() && pattern_[at_] == c; }
  bool take(char c) {
    if (!next_is(c)) return false;
    ++at_;
    return true;
  }
  tl::unexpected<PatternError> fail(std::string message) const {
    return tl::make_unexpected(PatternError{at_, std::move(message)});
  }

  Node alternatives(int depth) {
    if (depth > kMaxPatternDepth) return fail("groups are nested too deeply");
    std::vector<RegexNode> parts;
    do {
      Node part = sequence(depth);
      if (!part) return part;
      parts.push_back(std::move(*part));
    } while (take('|'));
    return joined(Kind::alternate, std::move(parts));
  }

  Node sequence(int depth) {
    std::vector<RegexNode> parts;
    while (!done() && !next_is('|') && !next_is(')')) {
      Node part = repeated(depth);
      if (!part) return part;
      parts.push_back(std::move(*part));
    }
    if (parts.empty()) return fail("empty alternative");
    return joined(Kind::concat, std::move(parts));
  }

  Node repeated(int depth) {
    Node inner = atom(depth);
    if (!inner || done()) return inner;
    auto bounds = quantifier();
    if (!bounds) return tl::make_unexpected(bounds.error());
    if (!bounds->has_value()) return inner;
    RegexNode node{Kind::repeat, {}, {}, (*bounds)->first, (*bounds)->second};
    node.children.push_back(std::move(*inner));
    return node;
  }

  using Bounds = std::pair<std::uint32_t, std::uint32_t>;
  tl::expected<std::optional<Bounds>, PatternError> quantifier() {
    if (take('?')) return Bounds{0, 1};
    if (take('*')) return Bounds{0, RegexNode::kUnbounded};
    if (take('+')) return Bounds{1, RegexNode::kUnbounded};
    if (!take('{')) return std::nullopt;
    return braces();
  }

  tl::expected<std::optional<Bounds>, PatternError> braces() {
    auto min = number();
    if (!min) return tl::make_unexpected(min.error());
    Bounds bounds{*min, *min};
    if (take(',')) {
      bounds.second = RegexNode::kUnbounded;
      if (!next_is('}')) {
        auto max = number();
        if (!max) return tl::make_unexpected(max.error());
        bounds.second = *max;
      }
    }
    if (!take('}')) return fail("'}' expected");
    if (bounds.first > bounds.second || bounds.second == 0) return fail("the repetition's bounds admit nothing");
    return bounds;
  }

  tl::expected<std::uint32_t, PatternError> number() {
    std::uint32_t value = 0;
    const std::size_t first = at_;
    while (!done() && pattern_[at_] >= '0' && pattern_[at_] <= '9') {
      value = value * 10 + static_cast<std::uint32_t>(pattern_[at_++] - '0');
      if (value > kMaxRepeat) return fail(fmt::format("more than {} repetitions", kMaxRepeat));
    }
    if (first == at_) return fail("a number expected");
    return value;
  }

  Node atom(int depth) {
    if (take('(')) return group(depth);
    if (take('[')) return set();
    if (take('\\')) return escaped().map(set_of);
    const char c = pattern_[at_];
    if (kSpecial.find(c) != std::string_view::npos) return fail(fmt::format("'{}' must be escaped here", c));
    return literal().map(set_of);
  }

  Node group(int depth) {
    if (next_is('?')) return fail("special groups are not part of the pattern language");
    Node inner = alternatives(depth + 1);
    if (inner && !take(')')) return fail("')' expected");
    return inner;
  }

  tl::expected<unsigned char, PatternError> escaped() {
    if (done() || kEscapable.find(pattern_[at_]) == std::string_view::npos) {
      return fail(fmt::format("'\\' must be followed by one of {}", kEscapable));
    }
    return static_cast<unsigned char>(pattern_[at_++]);
  }

  tl::expected<unsigned char, PatternError> literal() {
    const auto byte = static_cast<unsigned char>(pattern_[at_]);
    if (byte < 0x20 || byte > 0x7E) return fail("only printable ASCII characters may stand in a pattern");
    ++at_;
    return byte;
  }

  Node set() {
    if (next_is('^')) return fail("a negated set is not part of the pattern language");
    RegexNode node{Kind::set, {}, {}, 1, 1};
    const std::size_t first = at_;
    while (!next_is(']')) {
      if (done()) return fail("']' expected");
      if (auto added = set_item(node.set, at_ == first); !added) return tl::make_unexpected(added.error());
    }
    ++at_;
    if (node.set.none()) return fail("empty set");
    return node;
  }

  tl::expected<unsigned char, PatternError> set_member() {
    if (take('\\')) return escaped();
    if (next_is('[')) return fail("'[' must be escaped in a set");
    return literal();
  }

  // One character or one range; a bare '-' may only be the first or the last character, as in XSD.
  tl::expected<void, PatternError> set_item(std::bitset<256>& set, bool first) {
    const bool bare_hyphen = next_is('-');
    auto low = set_member();
    if (!low) return tl::make_unexpected(low.error());
    if (bare_hyphen && !first && !next_is(']')) return fail("'-' must be first, last or escaped in a set");
    auto high = low;
    const bool range = next_is('-') && at_ + 1 < pattern_.size() && pattern_[at_ + 1] != ']';
    if (range) {
      ++at_;
      high = set_member();
      if (!high) return tl::make_unexpected(high.error());
    }
    if (*high < *low) return fail("the range is upside down");
    for (unsigned byte = *low; byte <= *high; ++byte) set.set(byte);
    return {};
  }

  std::string_view pattern_;
  std::size_t at_ = 0;
};

}  // namespace

tl::expected<RegexNode, PatternError> parse_pattern(std::string_view pattern) { return Parser(pattern).parse(); }

tl::expected<void, std::string> check_pattern(std::string_view pattern) {
  auto parsed = parse_pattern(pattern);
  if (parsed) return {};
  return tl::make_unexpected(fmt::format("{} at character {}", parsed.error().message, parsed.error().offset + 1));
}

}  // namespace quickpay::spec
