// When the runner stops asking whoever passes nothing.
#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "conformance/run/runner.hpp"
#include "conformance/tests/toy_suite.hpp"

namespace quickpay::conformance {
namespace {

/// Ten scenarios, in each of which nothing reacts for 20 ms; `passes`: every third one that is played passes all the same.
std::vector<Scenario> mute_suite(bool passes) {
  const auto played = std::make_shared<int>(0);
  std::vector<Scenario> suite;
  for (int i = 0; i < 10; ++i) {
    const std::string check = "vendor.mute.reacts." + std::to_string(i);
    const auto body = [check, passes, played](Session& session) {
      const auto silence = session.iut().act("pay", Json::object(), 20);
      passes && ++*played % 3 == 0 ? session.pass(check) : session.stop(silence.error());
    };
    suite.push_back({fakes::scenario("vendor.mute." + std::to_string(i), {fakes::check(check)}), body, {}});
  }
  return suite;
}

/// How many of them passed, failed, and were not played, with that limit.
std::map<Verdict, int> mute(std::chrono::milliseconds barren_limit, bool passes = false) {
  const std::vector<Scenario> suite = mute_suite(passes);
  RunSettings settings;
  settings.role = "vendor";
  settings.target.adapter = "exec python3 conformance/tests/adapters/toy.py mute";
  settings.barren_limit = barren_limit;
  const RunResult result = conformance::run(make_plan(suite, {"vendor", {}, "F", {}}), fakes::toy_worlds(), settings, probe(settings.target));
  std::map<Verdict, int> count;
  for (const ScenarioResult& scenario : result.scenarios) {
    const Verdict verdict = scenario.checks.front().verdict;
    EXPECT_EQ(scenario.ran, verdict != Verdict::inconclusive) << scenario.info.id;
    ++count[verdict];
  }
  return count;
}

TEST(Barren, WhoNeverReactsIsNotAskedForEver) {
  auto count = mute(std::chrono::milliseconds(20));
  EXPECT_EQ(count[Verdict::fail], static_cast<int>(kBarrenScenarios));
  EXPECT_EQ(count[Verdict::inconclusive], 10 - static_cast<int>(kBarrenScenarios));
}

// However little time each of them takes, all of them together do not take more.
TEST(Barren, WhoPassesNothingIsNotAskedForEver) {
  auto count = mute(std::chrono::milliseconds(160));
  EXPECT_GE(count[Verdict::fail], static_cast<int>(kBarrenScenarios));
  EXPECT_GT(count[Verdict::inconclusive], 0);
}

// Twins: who passes something now and then is asked for all of it, and so is who has time left.
TEST(Barren, WhoPassesSomethingIsAskedForEverything) {
  auto passing = mute(std::chrono::milliseconds(1), true), in_time = mute(std::chrono::minutes(1));
  EXPECT_EQ(passing[Verdict::pass], 3);
  EXPECT_EQ(passing[Verdict::fail], 7);
  EXPECT_EQ(in_time[Verdict::fail], 10);
}

}  // namespace
}  // namespace quickpay::conformance
