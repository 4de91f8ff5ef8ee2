// Snapshots, atoms and the facts about Boost.MSM that the compiled engine relies on.
#include <gtest/gtest.h>

#include "statemachines/interpreter/interpreter.hpp"
#include "statemachines/step/apply.hpp"
#include "statemachines/tests/door.hpp"

namespace quickpay::statemachines {
namespace {

constexpr auto kPush = static_cast<EventId>(door::Event::push);
constexpr auto kPull = static_cast<EventId>(door::Event::pull);
constexpr auto kKick = static_cast<EventId>(door::Event::kick);
constexpr auto kWind = static_cast<EventId>(door::Event::wind);
constexpr auto kShut = static_cast<StateId>(door::State::SHUT);
constexpr auto kOpen = static_cast<StateId>(door::State::OPEN);
constexpr auto kBroken = static_cast<StateId>(door::State::BROKEN);
constexpr PredicateBits kKey = 1;
constexpr PredicateBits kStrong = 2;

Snapshot at(StateId state, std::uint8_t locked) {
  Snapshot snapshot;
  snapshot.state = state;
  snapshot.variables[0] = locked;
  return snapshot;
}

TEST(Snapshot, InitialHasInitialStateAndValues) {
  EXPECT_EQ(initial_snapshot(door::table()), at(kShut, 1));
  EXPECT_EQ(initial_snapshot(model_of(door::table())), at(kShut, 1));
}

TEST(Snapshot, AtomsFollowTheVariablesAndForeignBitsAreIgnored) {
  EXPECT_EQ(with_atoms(door::table(), at(kShut, 1), 0), 0U);
  EXPECT_EQ(with_atoms(door::table(), at(kShut, 0), 0), 4U);
  EXPECT_EQ(with_atoms(door::table(), at(kShut, 1), ~0ULL), 3U);
  EXPECT_EQ(with_atoms(door::table(), at(kShut, 0), ~0ULL), 7U);
}

TEST(Snapshot, NegatedAtomIsTrueWhereTheValueDiffers) {
  MachineTable table = door::table();
  const AtomInfo negated[] = {{0, 0, true}};
  table.atoms = negated;
  EXPECT_EQ(with_atoms(table, at(kShut, 1), 0), 4U);
  EXPECT_EQ(with_atoms(table, at(kShut, 0), 0), 0U);
}

TEST(Snapshot, ResultsOfRowsAndEventsThatDoNotExistAreEmpty) {
  Snapshot snapshot = at(kShut, 1);
  EXPECT_EQ(taken(door::table(), snapshot, 99), (StepResult{Outcome::taken, kNoRow, 0, {}}));
  EXPECT_EQ(unexpected(door::table(), snapshot, 99), (StepResult{Outcome::unexpected, kNoRow, 0, {}}));
  EXPECT_EQ(snapshot, at(kShut, 1));
}

// Both engines pass the same probes: they pin what MSM's return values mean.
class Probe : public testing::TestWithParam<bool> {
 protected:
  std::unique_ptr<Engine> engine() const {
    if (GetParam()) return door::make_msm();
    return std::make_unique<InterpreterEngine>(model_of(door::table()));
  }
};

TEST_P(Probe, TakenRowMovesSetsAndReportsEffectsInOrder) {
  Snapshot snapshot = at(kShut, 1);
  const StepResult result = engine()->step(snapshot, kPush, kKey);
  EXPECT_EQ(result, (StepResult{Outcome::taken, 1, 2, {2, 3}}));
  EXPECT_EQ(snapshot, at(kOpen, 0));
}

TEST_P(Probe, RowToItsOwnStateIsTaken) {
  Snapshot snapshot = at(kShut, 1);
  EXPECT_EQ(engine()->step(snapshot, kPush, 0), (StepResult{Outcome::taken, 2, 1, {0}}));
  EXPECT_EQ(snapshot, at(kShut, 1));
}

TEST_P(Probe, RejectedGuardIsNoDefault) {
  Snapshot snapshot = at(kShut, 1);
  EXPECT_EQ(engine()->step(snapshot, kKick, kKey), (StepResult{Outcome::rejected, kNoRow, 0, {}}));
  EXPECT_EQ(snapshot, at(kShut, 1));
  EXPECT_EQ(engine()->step(snapshot, kKick, kStrong).outcome, Outcome::taken);
  EXPECT_EQ(snapshot, at(kBroken, 1));
}

TEST_P(Probe, NoRowInThisStateGivesTheDefault) {
  Snapshot snapshot = at(kBroken, 0);
  EXPECT_EQ(engine()->step(snapshot, kKick, kStrong), (StepResult{Outcome::unexpected, 6, 1, {5}}));
  EXPECT_EQ(engine()->step(snapshot, kPull, 0), (StepResult{Outcome::unexpected, kNoRow, 0, {}}));
  EXPECT_EQ(snapshot, at(kBroken, 0));
}

TEST_P(Probe, EventWithoutAnyRowGivesTheDefault) {
  Snapshot snapshot = at(kOpen, 0);
  EXPECT_EQ(engine()->step(snapshot, kWind, 0), (StepResult{Outcome::unexpected, 6, 1, {5}}));
}

TEST_P(Probe, NumbersOutOfRangeChangeNothing) {
  Snapshot snapshot = at(77, 0);
  const auto machine = engine();
  EXPECT_EQ(machine->step(snapshot, 1000, ~0ULL), (StepResult{Outcome::unexpected, kNoRow, 0, {}}));
  EXPECT_EQ(machine->step(snapshot, kPush, ~0ULL), (StepResult{Outcome::unexpected, kNoRow, 0, {}}));
  EXPECT_EQ(machine->step(snapshot, kWind, 0), (StepResult{Outcome::unexpected, 6, 1, {5}}));
  EXPECT_EQ(snapshot, at(77, 0));
}

INSTANTIATE_TEST_SUITE_P(Engines, Probe, testing::Bool(),
                         [](const auto& engine) { return engine.param ? "Msm" : "Interpreter"; });

}  // namespace
}  // namespace quickpay::statemachines
