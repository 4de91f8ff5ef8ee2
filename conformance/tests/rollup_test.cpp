// Verdicts: the lattice, declared against emitted, twins, baselines, exit codes.
#include "conformance/run/rollup.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "conformance/tests/fakes.hpp"

namespace quickpay::conformance {
namespace {

using fakes::check;
using fakes::judged;
using fakes::run_of;
using fakes::scenario;

Finding finding(const std::string& id, Verdict verdict, Reason reason = Reason::none) {
  return {id, verdict, {reason, {}, {}, {}, {}}, false};
}

TEST(Lattice, WorstVerdictCounts) {
  const std::vector<Verdict> order = {Verdict::none, Verdict::not_applicable, Verdict::pass, Verdict::warn,
                                      Verdict::inconclusive, Verdict::fail, Verdict::error};
  EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
  EXPECT_EQ(worse(Verdict::pass, Verdict::warn), Verdict::warn);
  EXPECT_EQ(worse(Verdict::error, Verdict::fail), Verdict::error);
}

RC_GTEST_PROP(Lattice, RollUpDoesNotDependOnOrder, (std::vector<std::uint8_t> raw)) {
  RC_PRE(!raw.empty());
  std::vector<Finding> findings;
  Verdict worst = Verdict::none;
  for (const std::uint8_t value : raw) {
    const auto verdict = static_cast<Verdict>(1 + value % 6);
    worst = worse(worst, verdict);
    findings.push_back(finding("vendor.a", verdict));
  }
  const ScenarioInfo info = scenario("vendor.s", {check("vendor.a")});
  RC_ASSERT(settle(info, findings).front().verdict == worst);
  std::reverse(findings.begin(), findings.end());
  RC_ASSERT(settle(info, findings).front().verdict == worst);
}

TEST(Settle, ReasonOfTheFirstWorstFindingIsKept) {
  const ScenarioInfo info = scenario("vendor.s", {check("vendor.a")});
  const auto results = settle(info, {finding("vendor.a", Verdict::pass), finding("vendor.a", Verdict::fail, Reason::crash),
                                     finding("vendor.a", Verdict::fail, Reason::accepted)});
  EXPECT_EQ(results.front().evidence.reason, Reason::crash);
}

TEST(Settle, DeclaredCheckThatIsNotEmittedIsAnError) {
  const auto results = settle(scenario("vendor.s", {check("vendor.a"), check("vendor.b")}),
                              {finding("vendor.a", Verdict::pass)});
  ASSERT_EQ(results.size(), 2U);
  EXPECT_EQ(results[1].verdict, Verdict::error);
  EXPECT_EQ(results[1].evidence.reason, Reason::not_emitted);
  EXPECT_FALSE(results[1].emitted);
}

TEST(Settle, WhatAFailureCutsOffIsInconclusive) {
  const auto results = settle(scenario("vendor.s", {check("vendor.a"), check("vendor.b")}),
                              {finding("vendor.a", Verdict::fail, Reason::refused)});
  EXPECT_EQ(results[1].verdict, Verdict::inconclusive);
  EXPECT_EQ(results[1].evidence.reason, Reason::precondition_unmet);
}

TEST(Settle, UndeclaredFindingIsADefectOfTheSuite) {
  boost::asio::io_context io;
  fakes::ScriptedIut iut;
  const ScenarioInfo info = scenario("vendor.s", {check("vendor.a")});
  Session session(info, fakes::setting(), io, iut);
  session.pass("vendor.a");
  session.pass("vendor.stranger");
  const auto results = settle(info, session.findings());
  ASSERT_EQ(results.size(), 2U);
  EXPECT_EQ(results[1].verdict, Verdict::error);
  EXPECT_EQ(results[1].evidence.reason, Reason::suite_defect);
}

TEST(Session, FailedShouldIsAWarning) {
  boost::asio::io_context io;
  fakes::ScriptedIut iut;
  const ScenarioInfo info = scenario("vendor.s", {check("vendor.a", Level::should)});
  Session session(info, fakes::setting(), io, iut);
  session.fail("vendor.a", Reason::wrong_message, "x", "y");
  EXPECT_EQ(session.findings().front().verdict, Verdict::warn);
}

TEST(Session, StopGivesOnlyTheRemainingChecksAVerdict) {
  boost::asio::io_context io;
  fakes::ScriptedIut iut;
  const ScenarioInfo info = scenario("vendor.s", {check("vendor.a"), check("vendor.b")});
  Session session(info, fakes::setting(), io, iut);
  session.pass("vendor.a");
  session.stop(IutError{IutFault::crashed, "signal 11"});
  const auto results = settle(info, session.findings());
  EXPECT_EQ(results[0].verdict, Verdict::pass);
  EXPECT_EQ(results[1].verdict, Verdict::fail);
  EXPECT_EQ(results[1].evidence.reason, Reason::crash);
}

TEST(Session, SilenceFailsWhereSomethingRightWasAskedFor) {
  boost::asio::io_context io;
  fakes::ScriptedIut iut;
  const ScenarioInfo right = scenario("vendor.s", {check("vendor.a")});
  const ScenarioInfo wrong = scenario("vendor.t", {check("vendor.a")}, "vendor.s");
  std::atomic<bool> stop{true};
  SessionSetting interrupted = fakes::setting();
  interrupted.stop = &stop;
  Session asks(right, fakes::setting(), io, iut), provokes(wrong, fakes::setting(), io, iut), ends(right, interrupted, io, iut);
  for (Session* session : {&asks, &provokes, &ends}) {
    session->silent("vendor.a", "no answer");
  }
  EXPECT_EQ(asks.findings().front().verdict, Verdict::fail);
  EXPECT_EQ(provokes.findings().front().verdict, Verdict::inconclusive);
  EXPECT_EQ(ends.findings().front().verdict, Verdict::inconclusive);
}

// ---------------------------------------------------------------- twins
TEST(Ambient, IsEarnedOnlyWithAnOwnCheck) {
  for (const Verdict own : {Verdict::pass, Verdict::warn, Verdict::inconclusive, Verdict::fail}) {
    std::vector<ScenarioResult> scenarios = {judged("vendor.s", own)};
    CheckResult ambient = judged("vendor.s", Verdict::pass).checks.front();
    ambient.info.ambient = true;
    scenarios.front().checks.push_back(ambient);
    bind_verdicts(scenarios);
    const bool earned = own == Verdict::pass || own == Verdict::warn;
    EXPECT_EQ(scenarios.front().checks.back().verdict, earned ? Verdict::pass : Verdict::inconclusive);
    EXPECT_EQ(scenarios.front().checks.front().verdict, own);
  }
}

std::vector<ScenarioResult> pair_of(Verdict twin, Verdict negative, bool bound) {
  ScenarioResult positive = judged("vendor.good", twin);
  ScenarioResult broken = judged("vendor.bad", negative);
  broken.info.twin = "vendor.good";
  broken.checks.front().twin_bound = bound;
  return {broken, positive};
}

TEST(Twins, RefusalDoesNotCountIfTheTwinFailed) {
  auto scenarios = pair_of(Verdict::fail, Verdict::pass, true);
  bind_verdicts(scenarios);
  EXPECT_EQ(scenarios[0].checks.front().verdict, Verdict::inconclusive);
  EXPECT_EQ(scenarios[0].checks.front().evidence.reason, Reason::twin_failed);
}

TEST(Twins, RefusalCountsIfTheTwinPassed) {
  auto scenarios = pair_of(Verdict::pass, Verdict::pass, true);
  bind_verdicts(scenarios);
  EXPECT_EQ(scenarios[0].checks.front().verdict, Verdict::pass);
}

TEST(Twins, ForbiddenMessageCountsWhateverTheTwinDid) {
  auto scenarios = pair_of(Verdict::fail, Verdict::fail, false);
  bind_verdicts(scenarios);
  EXPECT_EQ(scenarios[0].checks.front().verdict, Verdict::fail);
}

TEST(Twins, TwinThatDidNotRunIsNoTwin) {
  auto scenarios = pair_of(Verdict::pass, Verdict::pass, true);
  scenarios[1].ran = false;
  bind_verdicts(scenarios);
  EXPECT_EQ(scenarios[0].checks.front().verdict, Verdict::inconclusive);
  scenarios = pair_of(Verdict::pass, Verdict::pass, true);
  scenarios.pop_back();
  bind_verdicts(scenarios);
  EXPECT_EQ(scenarios[0].checks.front().verdict, Verdict::inconclusive);
}

TEST(Twins, AmbientChecksDoNotDecideWhetherTheTwinPassed) {
  auto scenarios = pair_of(Verdict::fail, Verdict::pass, true);
  scenarios[1].checks.front().info.ambient = true;
  bind_verdicts(scenarios);
  EXPECT_EQ(scenarios[0].checks.front().verdict, Verdict::pass);
}

// Without an adapter some checks of a twin cannot be earned; the one that the refusal rests on has to be.
TEST(Twins, ChecksKeptApartDoNotDecideButTheMainOneDoes) {
  auto scenarios = pair_of(Verdict::pass, Verdict::pass, true);
  scenarios[1].checks.push_back(scenarios[1].checks.front());
  scenarios[1].checks.back().verdict = Verdict::inconclusive;
  scenarios[1].checks.back().apart = true;
  bind_verdicts(scenarios);
  EXPECT_EQ(scenarios[0].checks.front().verdict, Verdict::pass);
  std::swap(scenarios[1].checks.front(), scenarios[1].checks.back());
  bind_verdicts(scenarios);
  EXPECT_EQ(scenarios[0].checks.front().verdict, Verdict::inconclusive);
}

// What does not apply beside the main check takes nothing from the twin; a main check that does not apply is none.
TEST(Twins, WhatDoesNotApplyBesideTheMainCheckDoesNotDecide) {
  auto scenarios = pair_of(Verdict::pass, Verdict::pass, true);
  scenarios[1].checks.push_back(scenarios[1].checks.front());
  scenarios[1].checks.back().verdict = Verdict::not_applicable;
  bind_verdicts(scenarios);
  EXPECT_EQ(scenarios[0].checks.front().verdict, Verdict::pass);
  std::swap(scenarios[1].checks.front(), scenarios[1].checks.back());
  bind_verdicts(scenarios);
  EXPECT_EQ(scenarios[0].checks.front().verdict, Verdict::inconclusive);
}

// ---------------------------------------------------------------- baseline
TEST(Baseline, ExcusesAFailureAndTurnsRedWhenItIsGone) {
  std::vector<ScenarioResult> scenarios = {judged("vendor.s", Verdict::fail)};
  EXPECT_TRUE(apply_baseline(scenarios, {{"vendor.s.check", "", "known"}}).empty());
  RunResult result = run_of(scenarios);
  result.baseline = true;
  EXPECT_EQ(exit_code(result), ExitCode::as_expected);
  EXPECT_FALSE(certifiable(result));

  scenarios = {judged("vendor.s", Verdict::pass)};
  result = run_of(scenarios);
  result.stale = apply_baseline(result.scenarios, {{"vendor.s.check", "", "known"}});
  ASSERT_EQ(result.stale.size(), 1U);
  EXPECT_EQ(exit_code(result), ExitCode::failed);
}

TEST(Baseline, CannotExcuseInconclusiveOrError) {
  for (const auto& [verdict, code] : {std::pair{Verdict::inconclusive, ExitCode::inconclusive},
                                      std::pair{Verdict::error, ExitCode::suite_broke}}) {
    std::vector<ScenarioResult> scenarios = {judged("vendor.s", verdict)};
    EXPECT_TRUE(apply_baseline(scenarios, {{"vendor.s.check", "", "known"}}).empty());
    EXPECT_EQ(exit_code(run_of(scenarios)), code);
  }
}

TEST(Baseline, EntryOfOneScenarioExcusesNoOther) {
  std::vector<ScenarioResult> scenarios = {judged("vendor.s", Verdict::fail), judged("vendor.t", Verdict::fail)};
  scenarios[1].checks.front().info.id = "vendor.s.check";
  (void)apply_baseline(scenarios, {{"vendor.s.check", "vendor.s", "known"}});
  EXPECT_TRUE(scenarios[0].checks.front().excused);
  EXPECT_FALSE(scenarios[1].checks.front().excused);
}

// ---------------------------------------------------------------- exit codes
TEST(ExitCodes, FollowTheWorstThatCounts) {
  EXPECT_EQ(exit_code(run_of({judged("vendor.s", Verdict::pass)})), ExitCode::as_expected);
  EXPECT_EQ(exit_code(run_of({judged("vendor.s", Verdict::warn)})), ExitCode::as_expected);
  EXPECT_EQ(exit_code(run_of({judged("vendor.s", Verdict::fail)})), ExitCode::failed);
  EXPECT_EQ(exit_code(run_of({judged("vendor.s", Verdict::inconclusive)})), ExitCode::inconclusive);
  EXPECT_EQ(exit_code(run_of({judged("vendor.s", Verdict::inconclusive, Level::should)})), ExitCode::as_expected);
  EXPECT_EQ(exit_code(run_of({judged("vendor.s", Verdict::fail), judged("vendor.t", Verdict::error)})),
            ExitCode::suite_broke);
}

TEST(ExitCodes, NothingRanAndNobodyThereAreNeverGreen) {
  EXPECT_EQ(exit_code(run_of({})), ExitCode::nothing_ran);
  RunResult result = run_of({judged("vendor.s", Verdict::inconclusive)});
  result.reached = false;
  EXPECT_EQ(exit_code(result), ExitCode::unreachable);
}

TEST(ExitCodes, WhatNeedsAnAdapterDoesNotCountAtLevelE) {
  RunResult result = run_of({judged("vendor.s", Verdict::pass), judged("vendor.t", Verdict::inconclusive)});
  result.level = "E";
  result.scenarios[1].checks.front().apart = true;
  EXPECT_EQ(exit_code(result), ExitCode::as_expected);
  EXPECT_FALSE(certifiable(result));
  EXPECT_EQ(declared(result), 1U);
  EXPECT_EQ(judged(result), 1U);
}

TEST(Certifiable, OnlyACompleteCleanRunWithAnAdapter) {
  EXPECT_TRUE(certifiable(run_of({judged("vendor.s", Verdict::pass), judged("vendor.t", Verdict::warn, Level::should)})));
  RunResult part = run_of({judged("vendor.s", Verdict::pass)});
  part.complete = false;
  EXPECT_FALSE(certifiable(part));
  EXPECT_FALSE(certifiable(run_of({judged("vendor.s", Verdict::fail)})));
}

}  // namespace
}  // namespace quickpay::conformance
