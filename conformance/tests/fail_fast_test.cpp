// The first failure that counts ends a run that looks for one; what a twin may take back does not.
#include "conformance/run/fail_fast.hpp"

#include <gtest/gtest.h>

#include "conformance/run/plan.hpp"
#include "conformance/run/rollup.hpp"
#include "conformance/run/runner.hpp"
#include "conformance/tests/toy_suite.hpp"

namespace quickpay::conformance {
namespace {

ScenarioResult twin_bound(const std::string& id, const std::string& twin, Verdict verdict) {
  ScenarioResult result = fakes::judged(id, verdict);
  result.info.twin = twin;
  result.checks.front().twin_bound = true;
  return result;
}

TEST(FirstFailure, FailedMustDecidesAtOnce) {
  FirstFailure failure;
  EXPECT_FALSE(failure.sees(fakes::judged("vendor.good", Verdict::pass)));
  EXPECT_FALSE(failure.sees(fakes::judged("vendor.polite", Verdict::warn, Level::should)));
  EXPECT_FALSE(failure.sees(fakes::judged("vendor.unclear", Verdict::inconclusive)));
  EXPECT_TRUE(failure.sees(fakes::judged("vendor.bad", Verdict::fail)));
}

TEST(FirstFailure, WhatIsBoundToATwinWaitsForIt) {
  FirstFailure failure;
  EXPECT_FALSE(failure.sees(twin_bound("vendor.refuses", "vendor.pays", Verdict::fail)));
  EXPECT_EQ(failure.awaited(), "vendor.pays");
  EXPECT_TRUE(failure.sees(fakes::judged("vendor.pays", Verdict::pass)));
  EXPECT_EQ(failure.awaited(), "");
}

TEST(FirstFailure, ATwinThatDidNotPassTakesTheFailureBack) {
  FirstFailure failure;
  EXPECT_FALSE(failure.sees(fakes::judged("vendor.pays", Verdict::inconclusive)));
  EXPECT_FALSE(failure.sees(twin_bound("vendor.refuses", "vendor.pays", Verdict::fail)));
  EXPECT_EQ(failure.awaited(), "") << "it was played";
  EXPECT_FALSE(failure.sees(twin_bound("vendor.other", "vendor.pays", Verdict::fail)));
}

TEST(FirstFailure, WhatIsKeptApartDecidesNothing) {
  FirstFailure failure;
  ScenarioResult apart = fakes::judged("vendor.apart", Verdict::fail);
  apart.checks.front().apart = true;
  EXPECT_FALSE(failure.sees(apart));
}

TEST(FirstFailure, WhatIsDisputedDecidesNothing) {
  FirstFailure failure;
  const std::map<std::string, std::string> disputes = {{"vendor.bad.check", "it is allowed"}};
  EXPECT_FALSE(failure.sees(fakes::judged("vendor.bad", Verdict::fail), disputes));
  EXPECT_TRUE(failure.sees(fakes::judged("vendor.worse", Verdict::fail), disputes)) << "but for what nobody disputes";
  ScenarioResult crash = fakes::judged("vendor.bad", Verdict::fail);
  crash.checks.front().evidence.reason = Reason::crash;
  EXPECT_TRUE(FirstFailure().sees(crash, disputes)) << "a crash is nobody's opinion";
}

TEST(WithFirst, PutsTheNamedOnesInFrontAndLosesNone) {
  const std::vector<std::string> ids = {"a", "b", "c", "d"};
  EXPECT_EQ(with_first({3, 1, 0, 2}, ids, {"c", "no-such", "b"}), (std::vector<std::size_t>{2, 1, 3, 0}));
  EXPECT_EQ(with_first({3, 1, 0, 2}, {"a.x", "b", "a.y", "d"}, {"a.*"}), (std::vector<std::size_t>{0, 2, 3, 1}));
  EXPECT_EQ(with_first({3, 1, 0, 2}, ids, {}), (std::vector<std::size_t>{3, 1, 0, 2}));
}

/// A run of the toy suite with one worker: how many scenarios were played, and its exit code.
std::pair<std::size_t, ExitCode> toy_run(const std::string& mode, bool until_failure) {
  const auto suite = fakes::toy_suite("vendor");
  RunSettings settings;
  settings.role = "vendor";
  settings.target.adapter = "exec python3 conformance/tests/adapters/toy.py " + mode;
  settings.first = {"vendor.pay.other-amount"};
  settings.until_failure = until_failure;
  const RunResult result =
      run(make_plan(suite, {"vendor", {}, "F", {}}), fakes::toy_worlds(), settings, probe(settings.target));
  std::size_t played = 0;
  for (const ScenarioResult& scenario : result.scenarios) {
    played += scenario.ran ? 1 : 0;
  }
  return {played, exit_code(result)};
}

TEST(UntilFailure, EndsWithTheFailureAndItsTwinAndKeepsTheVerdict) {
  const auto [whole, code] = toy_run("accepts-everything", false);
  EXPECT_EQ(code, ExitCode::failed);
  const auto [played, same] = toy_run("accepts-everything", true);
  EXPECT_EQ(same, ExitCode::failed);
  EXPECT_EQ(played, 2U) << "the negative scenario first, then its twin";
  EXPECT_GT(whole, played);
}

TEST(UntilFailure, WithoutAFailureEverythingIsPlayed) {
  EXPECT_EQ(toy_run("good", true), toy_run("good", false));
  EXPECT_EQ(toy_run("good", true).second, ExitCode::as_expected);
}

}  // namespace
}  // namespace quickpay::conformance
