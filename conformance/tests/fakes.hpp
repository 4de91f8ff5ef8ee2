// Stand-ins for the tests of the runner: an implementation made of functions, and a suite with nothing of QuickPay.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "conformance/model/negative.hpp"
#include "conformance/model/result.hpp"
#include "conformance/model/session.hpp"

namespace quickpay::conformance::fakes {

/// An implementation whose operations are one function; `dead` makes it crash.
class ScriptedIut final : public Iut {
 public:
  std::function<IutResult<Outcome>(const std::string& op, const Json& args)> on_act;
  bool dead = false;
  std::size_t fences = 0;

  const Hello& hello() const override { return hello_; }
  bool alive() const override { return !dead; }
  bool has_adapter() const override { return true; }
  IutResult<Ready> setup(const Setup&) override { return Ready{}; }
  IutResult<void> directory(const Json&) override { return {}; }
  IutResult<Outcome> act(const std::string& op, const Json& args, std::int64_t) override { return on_act(op, args); }
  IutResult<CallId> begin(const std::string&, const Json&, std::int64_t) override { return CallId{1}; }
  IutResult<Outcome> finish(CallId) override { return Outcome{}; }
  IutResult<Outcome> await(const std::string&, std::int64_t) override { return Outcome{}; }
  IutResult<Observation> observe(const std::string&) override { return Observation{}; }
  IutResult<void> fence() override {
    ++fences;
    return {};
  }
  IutResult<ClockState> clock(std::int64_t) override { return ClockState{}; }
  IutResult<Ready> restart(bool) override { return Ready{}; }
  IutResult<void> teardown() override { return {}; }

 private:
  Hello hello_;
};

inline CheckInfo check(std::string id, Level level = Level::must) {
  CheckInfo info;
  info.id = std::move(id);
  info.requirements = {"QP-T-001"};
  info.level = level;
  info.title = "What must hold";
  return info;
}

inline ScenarioInfo scenario(std::string id, std::vector<CheckInfo> checks, std::string twin = {}) {
  ScenarioInfo info;
  info.id = std::move(id);
  info.role = "vendor";
  info.negative = !twin.empty();
  info.twin = std::move(twin);
  info.checks = std::move(checks);
  return info;
}

/// A session with an hour of time.
inline SessionSetting setting() {
  SessionSetting fixed;
  fixed.seed = 7;
  fixed.number = 1;
  fixed.deadline = std::chrono::steady_clock::now() + std::chrono::hours(1);
  return fixed;
}

inline Outcome accepted() {
  Outcome outcome;
  outcome.kind = OutcomeKind::accepted;
  return outcome;
}
inline Outcome rejected(RejectReason reason = RejectReason::unspecified) {
  Outcome outcome;
  outcome.kind = OutcomeKind::rejected;
  outcome.reason = reason;
  return outcome;
}

/// A message of the implementation.
inline Entry sent(std::string message) {
  Entry entry;
  entry.kind = EntryKind::request;
  entry.by_iut = true;
  entry.from = "W1";
  entry.to = "V1";
  entry.summary = message;
  entry.message = std::move(message);
  return entry;
}

/// A scenario that ran and judged one check.
inline ScenarioResult judged(const std::string& id, Verdict verdict, Level level = Level::must) {
  ScenarioResult result;
  result.info = scenario(id, {check(id + ".check", level)});
  result.ran = true;
  CheckResult outcome;
  outcome.info = result.info.checks.front();
  outcome.verdict = verdict;
  outcome.emitted = true;
  result.checks = {outcome};
  return result;
}

inline RunResult run_of(std::vector<ScenarioResult> scenarios) {
  RunResult result;
  result.role = "vendor";
  result.profile = "F";
  result.level = "A";
  result.reached = true;
  result.complete = true;
  result.started = "2026-11-22T12:00:00Z";
  result.protocols = {"micropayment"};
  result.target = "--reference";
  result.scenarios = std::move(scenarios);
  return result;
}

}  // namespace quickpay::conformance::fakes
