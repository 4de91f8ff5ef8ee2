// Laws over whole runs: what holds for one step holds for any sequence of events.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cstdlib>
#include <string>

#include "statemachines/interpreter/interpreter.hpp"
#include "statemachines/tests/subjects.hpp"

namespace quickpay::statemachines::tests {
namespace {

struct Stimulus {
  EventId event;
  PredicateBits bits;
};

rc::Gen<std::vector<Stimulus>> runs(const MachineTable& table) {
  const auto events = static_cast<EventId>(table.events.size());
  return rc::gen::container<std::vector<Stimulus>>(rc::gen::map(
      rc::gen::pair(rc::gen::inRange<EventId>(0, events), rc::gen::arbitrary<PredicateBits>()),
      [](const std::pair<EventId, PredicateBits>& drawn) { return Stimulus{drawn.first, drawn.second}; }));
}

bool in_range(const MachineTable& table, const Snapshot& snapshot) {
  if (snapshot.state >= table.states.size()) return false;
  for (std::size_t i = 0; i < table.variables.size(); ++i)
    if (snapshot.variables[i] >= table.variables[i].values.size()) return false;
  return true;
}

void both_engines_agree(const Subject& subject) {
  const auto msm = subject.make_msm();
  const InterpreterEngine interpreter(model_of(subject.table()));
  Snapshot compiled = initial_snapshot(subject.table());
  Snapshot interpreted = compiled;
  for (const Stimulus& stimulus : *runs(subject.table())) {
    const Snapshot before = compiled;
    const StepResult got = msm->step(compiled, stimulus.event, stimulus.bits);
    RC_ASSERT(got == interpreter.step(interpreted, stimulus.event, stimulus.bits));
    RC_ASSERT(compiled == interpreted);
    RC_ASSERT(in_range(subject.table(), compiled));
    RC_ASSERT(got.outcome == Outcome::taken || compiled.state == before.state);
  }
}

// RapidCheck reads its parameters once, before its first property.
void seed_rapidcheck() {
  const std::string parameters = "max_success=500 seed=" + std::to_string(test_seed());
  setenv("RC_PARAMS", parameters.c_str(), 0);
}

TEST(Runs, BothEnginesAgreeOverWholeRuns) {
  seed_rapidcheck();
  for (const Subject& subject : subjects()) EXPECT_TRUE(rc::check(subject.id(), [&] { both_engines_agree(subject); }));
}

}  // namespace
}  // namespace quickpay::statemachines::tests
