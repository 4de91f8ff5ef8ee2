// Patterns against the regular expressions of the C++ library, which read our subset alike.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <regex>
#include <string>

#include "tools/speccompiler/regex/regex.hpp"

namespace quickpay::spec {
namespace {

std::string random_pattern(int depth) {
  const int form = depth == 0 ? *rc::gen::inRange(0, 2) : *rc::gen::inRange(0, 6);
  switch (form) {
    case 0:
      return std::string(1, *rc::gen::element('a', 'b', 'c'));
    case 1:
      return *rc::gen::element(std::string("[ab]"), std::string("[a-c]"), std::string("[c-]"));
    case 2:
      return random_pattern(depth - 1) + random_pattern(depth - 1);
    case 3:
      return "(" + random_pattern(depth - 1) + "|" + random_pattern(depth - 1) + ")";
    case 4:
      return "(" + random_pattern(depth - 1) + ")" +
             *rc::gen::element(std::string("*"), std::string("+"), std::string("?"));
    default:
      return "(" + random_pattern(depth - 1) + "){1,2}";
  }
}

RC_GTEST_PROP(PatternLaw, AgreesWithTheLibrary, ()) {
  const std::string pattern = random_pattern(3);
  const auto value = *rc::gen::container<std::string>(rc::gen::element('a', 'b', 'c', '-'));
  RC_PRE(value.size() < 12U);
  const auto node = parse_pattern(pattern);
  RC_ASSERT(node.has_value());
  RC_ASSERT(matches(*node, value) == std::regex_match(value, std::regex(pattern)));
}

RC_GTEST_PROP(PatternLaw, NoMatchIsLongerThanTheLongest, ()) {
  const std::string pattern = random_pattern(3);
  const auto value = *rc::gen::container<std::string>(rc::gen::element('a', 'b', 'c', '-'));
  const auto node = parse_pattern(pattern);
  RC_ASSERT(node.has_value());
  RC_ASSERT(!matches(*node, value) || value.size() <= longest_match(*node));
}

// Whatever the bytes, the parser answers.
RC_GTEST_PROP(PatternLaw, AnyBytesAreAPatternOrNot, (const std::string& bytes)) {
  const auto node = parse_pattern(bytes);
  RC_ASSERT(node.has_value() || node.error().offset <= bytes.size());
}

}  // namespace
}  // namespace quickpay::spec
