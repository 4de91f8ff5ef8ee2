// The pattern language: what is accepted, what is refused and where, what a pattern admits.
#include "tools/speccompiler/regex/regex.hpp"

#include <gtest/gtest.h>

namespace quickpay::spec {
namespace {

using Kind = RegexNode::Kind;

TEST(Pattern, IsParsedIntoSetsSequencesAlternativesAndRepetitions) {
  const auto node = parse_pattern("a[0-9]{2,3}|b*");
  ASSERT_TRUE(node);
  ASSERT_EQ(node->kind, Kind::alternate);
  ASSERT_EQ(node->children.size(), 2U);
  const RegexNode& sequence = node->children[0];
  ASSERT_EQ(sequence.kind, Kind::concat);
  EXPECT_EQ(sequence.children[0].set.count(), 1U);
  const RegexNode& digits = sequence.children[1];
  EXPECT_EQ(digits.kind, Kind::repeat);
  EXPECT_EQ(digits.min, 2U);
  EXPECT_EQ(digits.max, 3U);
  EXPECT_EQ(digits.children[0].set.count(), 10U);
  EXPECT_EQ(node->children[1].max, RegexNode::kUnbounded);
}

TEST(Pattern, MatchesTheWholeValue) {
  EXPECT_TRUE(matches("a(b|cd){1,2}", "abcd"));
  EXPECT_FALSE(matches("a(b|cd){1,2}", "abcdb"));
  EXPECT_FALSE(matches("[a-c]", "ab"));
  EXPECT_TRUE(matches("x?", ""));
  EXPECT_TRUE(matches("(a*)*b", "aaaab"));
  EXPECT_TRUE(matches("[+-]", "-"));
  EXPECT_TRUE(matches("\\[\\.\\]", "[.]"));
}

TEST(Pattern, SaysHowLongAValueCanBe) {
  EXPECT_EQ(longest_match(*parse_pattern("ab{2,5}(c|de)")), 8U);
  EXPECT_EQ(longest_match(*parse_pattern("a+")), RegexNode::kUnbounded);
  EXPECT_EQ(longest_match(*parse_pattern("(a{65536}){65536}")), RegexNode::kUnbounded);
}

struct Refused {
  const char* pattern;
  std::size_t offset;
  const char* why;
};

class RefusedPattern : public ::testing::TestWithParam<Refused> {};

TEST_P(RefusedPattern, IsNamedWithItsPlace) {
  const auto node = parse_pattern(GetParam().pattern);
  ASSERT_FALSE(node) << GetParam().pattern;
  EXPECT_EQ(node.error().offset, GetParam().offset) << node.error().message;
  EXPECT_NE(node.error().message.find(GetParam().why), std::string::npos) << node.error().message;
}

INSTANTIATE_TEST_SUITE_P(All, RefusedPattern,
                         ::testing::Values(Refused{"", 0, "empty alternative"}, Refused{"a|", 2, "empty alternative"},
                                           Refused{"a.b", 1, "must be escaped"}, Refused{"^a", 0, "must be escaped"},
                                           Refused{"a$", 1, "must be escaped"}, Refused{"*a", 0, "must be escaped"},
                                           Refused{"(a", 2, "')' expected"}, Refused{"a)", 1, "')' without '('"},
                                           Refused{"(?:a)", 1, "special groups"}, Refused{"[^a]", 1, "negated set"},
                                           Refused{"[]", 2, "empty set"}, Refused{"[a", 2, "']' expected"},
                                           Refused{"[z-a]", 4, "upside down"}, Refused{"[a[b]", 2, "must be escaped"},
                                           Refused{"[a-c-e]", 5, "'-' must be"},
                                           Refused{"\\d", 1, "must be followed by"},
                                           Refused{"a{3,2}", 6, "admit nothing"}, Refused{"a{0}", 4, "admit nothing"},
                                           Refused{"a{x}", 2, "a number expected"}, Refused{"a{1", 3, "'}' expected"},
                                           Refused{"a{70000}", 7, "repetitions"}, Refused{"a**", 2, "must be escaped"},
                                           Refused{"\xC3\xA4", 0, "printable ASCII"}));

TEST(Pattern, IsBoundedInLengthAndNesting) {
  EXPECT_FALSE(parse_pattern(std::string(kMaxPatternBytes + 1, 'a')));
  EXPECT_TRUE(parse_pattern(std::string(kMaxPatternBytes, 'a')));
  const auto nested = [](std::size_t depth) { return std::string(depth, '(') + "a" + std::string(depth, ')'); };
  EXPECT_TRUE(parse_pattern(nested(kMaxPatternDepth)));
  EXPECT_FALSE(parse_pattern(nested(kMaxPatternDepth + 1)));
}

TEST(Pattern, CheckGivesOneLine) {
  EXPECT_TRUE(check_pattern("[a-z]+"));
  EXPECT_EQ(check_pattern("a(").error(), "empty alternative at character 3");
}

}  // namespace
}  // namespace quickpay::spec
