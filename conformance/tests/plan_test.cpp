// Selection, order, baselines and suites as data.
#include "conformance/run/plan.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <set>

#include "conformance/tests/toy_suite.hpp"

namespace quickpay::conformance {
namespace {

RC_GTEST_PROP(Glob, AgreesWithRegularExpressions, (std::vector<std::uint8_t> p, std::vector<std::uint8_t> t)) {
  std::string pattern, text, expression;
  for (const std::uint8_t c : p) {
    pattern += "ab*?."[c % 5];
  }
  for (const std::uint8_t c : t) {
    text += "ab."[c % 3];
  }
  for (const char c : pattern) {
    expression += c == '*' ? ".*" : c == '?' ? "." : c == '.' ? "\\." : std::string(1, c);
  }
  RC_ASSERT(glob_matches(pattern, text) == std::regex_match(text, std::regex(expression)));
}

TEST(Select, ListsAndFiles) {
  const auto path = std::filesystem::temp_directory_path() / ("qp-select-" + std::to_string(::getpid()));
  std::ofstream(path) << "# known\nvendor.a*  # tail\n\n vendor.b\n";
  const auto patterns = patterns_of("x, y ,@" + path.string() + ",");
  std::filesystem::remove(path);
  ASSERT_TRUE(patterns);
  EXPECT_EQ(*patterns, (std::vector<std::string>{"x", "y", "vendor.a*", "vendor.b"}));
  EXPECT_FALSE(patterns_of("@/no/such/file"));
}

Selection selection(std::vector<std::string> patterns = {}) { return {"vendor", {}, "F", std::move(patterns)}; }

TEST(Plan, WholeSuiteIsComplete) {
  const auto suite = fakes::toy_suite("vendor");
  const Plan plan = make_plan(suite, selection());
  EXPECT_EQ(plan.scenarios.size(), 4U);
  EXPECT_TRUE(plan.complete);
}

// A protocol that is not claimed is left out and named; what is claimed stays.
TEST(Plan, LeavesOutWhatIsNotClaimed) {
  auto suite = fakes::toy_suite("vendor");
  suite.back().info.protocol = "communication";
  Plan plan = make_plan(suite, selection());
  EXPECT_EQ(protocols_of(plan), (std::vector<std::string>{"communication", "micropayment"}));
  EXPECT_EQ(leave_out_unclaimed(plan, {"micropayment"}), std::vector<std::string>{"communication"});
  EXPECT_EQ(plan.scenarios.size(), 3U);
  EXPECT_EQ(protocols_of(plan), std::vector<std::string>{"micropayment"});
  EXPECT_TRUE(leave_out_unclaimed(plan, {"micropayment", "communication"}).empty());
  EXPECT_EQ(leave_out_unclaimed(plan, {"communication"}), std::vector<std::string>{"micropayment"});
  EXPECT_TRUE(plan.scenarios.empty());
}

// A denial is for those who do not claim the protocol, and for nobody else.
TEST(Plan, AsksForWhatIsNotClaimed) {
  auto suite = fakes::toy_suite("vendor");
  suite.back().info.protocol = "communication";
  suite.back().info.denial = true;
  Plan plan = make_plan(suite, selection());
  EXPECT_EQ(leave_out_unclaimed(plan, {"micropayment"}), std::vector<std::string>{"communication"});
  EXPECT_EQ(plan.scenarios.size(), 4U);
  EXPECT_EQ(protocols_of(plan), std::vector<std::string>{"micropayment"}) << "it is not played, only asked for";
  EXPECT_TRUE(leave_out_unclaimed(plan, {"micropayment", "communication"}).empty());
  EXPECT_EQ(plan.scenarios.size(), 3U);
}

TEST(Plan, TwinComesAlongAsSupport) {
  const auto suite = fakes::toy_suite("vendor");
  const Plan plan = make_plan(suite, selection({"vendor.pay.other-*", "nothing.*"}));
  ASSERT_EQ(plan.scenarios.size(), 2U);
  EXPECT_EQ(plan.scenarios[0].scenario->info.id, "vendor.pay.good");
  EXPECT_TRUE(plan.scenarios[0].support);
  EXPECT_FALSE(plan.scenarios[1].support);
  EXPECT_FALSE(plan.complete);
  EXPECT_EQ(plan.unused_patterns, std::vector<std::string>{"nothing.*"});
}

TEST(Plan, OtherRolesProtocolsAndProfilesAreLeftOut) {
  auto suite = fakes::toy_suite("vendor");
  suite[3].info.profile = "H";
  EXPECT_EQ(make_plan(suite, selection()).scenarios.size(), 3U);
  EXPECT_TRUE(make_plan(suite, selection()).complete);
  EXPECT_EQ(make_plan(suite, {"broker", {}, "F", {}}).scenarios.size(), 0U);
  EXPECT_EQ(make_plan(suite, {"vendor", {"regular"}, "F", {}}).scenarios.size(), 0U);
}

RC_GTEST_PROP(Plan, OrderIsAPermutationAndDependsOnTheSeedAlone, (std::uint64_t seed)) {
  const auto suite = fakes::toy_suite("vendor");
  const Plan plan = make_plan(suite, selection());
  const auto order = order_of(plan, seed);
  RC_ASSERT(std::set<std::size_t>(order.begin(), order.end()).size() == plan.scenarios.size());
  RC_ASSERT(order == order_of(plan, seed));
}

TEST(BaselineFile, IsStrict) {
  const auto suite = fakes::toy_suite("vendor");
  EXPECT_TRUE(read_baseline(R"([{"check":"vendor.pay.refuses","reason":"r","scenario":"vendor.pay.other-amount"}])", suite));
  for (const char* broken : {"{}", "x", "[1]", R"([{"check":"vendor.pay.refuses"}])", R"([{"reason":"r"}])",
                             R"([{"check":"vendor.pay.refuses","reason":1}])", R"([{"check":"vendor.pay.refuses","reason":"r","until":"2030"}])",
                             R"([{"check":"vendor.nope","reason":"r"}])"}) {
    EXPECT_FALSE(read_baseline(broken, suite)) << broken;
  }
}

TEST(Plan, SmokeIsTheFirstRefusalOfEachTwinAndTheTwin) {
  auto suite = fakes::toy_suite("vendor");
  Scenario second = suite[1];
  second.info.id = "vendor.pay.z-other";
  suite.push_back(second);
  const Plan plan = make_plan(suite, {"vendor", {}, "F", {"smoke"}});
  ASSERT_EQ(plan.scenarios.size(), 2U);
  EXPECT_EQ(plan.scenarios[0].scenario->info.id, "vendor.pay.good");
  EXPECT_EQ(plan.scenarios[1].scenario->info.id, "vendor.pay.other-amount");
  EXPECT_FALSE(plan.complete);
  EXPECT_TRUE(plan.unused_patterns.empty());
}

TEST(Plan, SmokeTakesAFewOfEachProtocol) {
  const auto toys = fakes::toy_suite("vendor");
  std::vector<Scenario> suite;
  for (const char* protocol : {"micropayment", "communication"}) {
    for (std::size_t i = 0; i < kSmokeTwins + 2; ++i) {
      Scenario good = toys[0], bad = toys[1];
      good.info.id = protocol + std::to_string(i);
      bad.info.id = good.info.id + "-refused";
      bad.info.twin = good.info.id;
      good.info.negative = false;
      bad.info.negative = true;
      good.info.protocol = bad.info.protocol = protocol;
      suite.insert(suite.end(), {good, bad});
    }
  }
  EXPECT_EQ(make_plan(suite, {"vendor", {}, "F", {"smoke"}}).scenarios.size(), 2 * 2 * kSmokeTwins);
}

TEST(SuiteFaults, GoodSuiteHasNone) { EXPECT_TRUE(suite_faults(fakes::toy_suite("vendor"), "vendor").empty()); }

TEST(SuiteFaults, EachRuleIsSeenToBreak) {
  const auto broken = [](const std::function<void(std::vector<Scenario>&)>& change) {
    auto suite = fakes::toy_suite("vendor");
    change(suite);
    return suite_faults(suite, "vendor").size();
  };
  EXPECT_GT(broken([](auto& s) { s[0].info.id = "Vendor.Pay"; }), 0U);
  EXPECT_GT(broken([](auto& s) { s[3].info.id = s[0].info.id; }), 0U);
  EXPECT_GT(broken([](auto& s) { s[0].info.role = "broker"; }), 0U);
  EXPECT_GT(broken([](auto& s) { s[1].info.twin.clear(); }), 0U);
  EXPECT_GT(broken([](auto& s) { s[1].info.twin = "vendor.none"; }), 0U);
  EXPECT_GT(broken([](auto& s) { s[0].info.negative = true; }), 0U);
  EXPECT_GT(broken([](auto& s) { s[0].info.checks.clear(); }), 0U);
  EXPECT_GT(broken([](auto& s) { s[0].run = {}; }), 0U);
  EXPECT_GT(broken([](auto& s) { s[0].info.checks[0].requirements.clear(); }), 0U);
  EXPECT_GT(broken([](auto& s) { s[3].info.checks[0].id = s[0].info.checks[0].id; }), 0U) << "another level";
  EXPECT_GT(broken([](auto& s) { s[1].info.level_e = true; s[0].info.level_e = false; }), 0U);
}

}  // namespace
}  // namespace quickpay::conformance
