// The automaton of a pattern accepts what the pattern says: compared with std::regex, which knows nothing of it.
#include <cstdlib>
#include <iostream>
#include <random>
#include <regex>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "tools/speccompiler/emit/automaton.hpp"

namespace quickpay::spec {
namespace {

std::uint64_t seed() {
  const char* given = std::getenv("QP_SEED");
  const std::uint64_t value = given == nullptr ? std::random_device{}() : std::strtoull(given, nullptr, 10);
  std::cout << "QP_SEED=" << value << "\n";
  return value;
}

std::string pick(std::mt19937_64& random, const std::vector<std::string>& from) { return from[random() % from.size()]; }

std::string random_pattern(std::mt19937_64& random, int depth) {
  if (depth == 0) return pick(random, {"a", "b", "[ab]", "[a-c]", "\\.", "[b-]"});
  const std::string inner = random_pattern(random, depth - 1);
  switch (random() % 6) {
    case 0:
      return "(" + inner + "|" + random_pattern(random, depth - 1) + ")";
    case 1:
      return inner + random_pattern(random, depth - 1);
    case 2:
      return "(" + inner + ")*";
    case 3:
      return "(" + inner + ")?";
    case 4:
      return "(" + inner + "){1,3}";
    default:
      return inner + random_pattern(random, depth - 1) + random_pattern(random, depth - 1);
  }
}

std::string random_text(std::mt19937_64& random) {
  std::string text;
  for (std::size_t i = random() % 7; i > 0; --i) text += pick(random, {"a", "b", "c", ".", "-"});
  return text;
}

TEST(Automaton, AcceptsTheLanguageOfThePattern) {
  std::mt19937_64 random(seed());
  for (int round = 0; round < 300; ++round) {
    const std::string pattern = random_pattern(random, 3);
    const Dfa dfa = dfa_of(pattern);
    const std::regex oracle(pattern);
    for (int i = 0; i < 40; ++i) {
      const std::string text = random_text(random);
      ASSERT_EQ(dfa.accepts(text), std::regex_match(text, oracle)) << pattern << " on " << text;
    }
  }
}

// Twin: an automaton in which one state accepts wrongly is found out by the same comparison.
TEST(Automaton, WithAWrongStateIsFoundOut) {
  Dfa dfa = dfa_of("(a|b){2,3}");
  for (auto& accepts : dfa.accepting) accepts = accepts == 0 ? 1 : 0;
  EXPECT_TRUE(dfa.accepts("a"));
  EXPECT_FALSE(std::regex_match("a", std::regex("(a|b){2,3}")));
}

TEST(Automaton, IsTheSameForTheSameLanguage) {
  const Dfa one = dfa_of("(ab|ac)*");
  const Dfa other = dfa_of("(a[bc])*");
  EXPECT_EQ(one.transitions, other.transitions);
  EXPECT_EQ(one.accepting, other.accepting);
  EXPECT_EQ(one.classes, other.classes);
}

TEST(Automaton, IsMinimal) {
  EXPECT_EQ(dfa_of("a|b|c").size(), 2U);
  EXPECT_EQ(dfa_of("[0-9]{5}").size(), 6U);
  EXPECT_EQ(dfa_of("(a*)*").size(), 1U);
}

TEST(Automaton, KnowsItsLengths) {
  EXPECT_EQ(shortest_length(dfa_of("a{3,5}")), 3U);
  EXPECT_EQ(longest_length(dfa_of("a{3,5}")), 5U);
  EXPECT_EQ(longest_length(dfa_of("ab*")), std::nullopt);
}

TEST(Automaton, RefusesEverythingIfThePatternIsNone) {
  EXPECT_EQ(dfa_of("[a").size(), 0U);
  EXPECT_FALSE(dfa_of("[a").accepts(""));
}

TEST(Automaton, GivesMembersOfTheLengthAskedFor) {
  rc::check("members are members", [](std::uint64_t seed) {
    const Dfa dfa = dfa_of("([A-Z][0-9]{1,3}-)*[a-z]+");
    for (const std::size_t length : {1, 4, 9, 30}) {
      const auto value = member(dfa, length, seed);
      RC_ASSERT(value.has_value());
      RC_ASSERT(value->size() == length);
      RC_ASSERT(dfa.accepts(*value));
    }
  });
  EXPECT_FALSE(member(dfa_of("(aa)+"), 3, 1).has_value());
}

}  // namespace
}  // namespace quickpay::spec
