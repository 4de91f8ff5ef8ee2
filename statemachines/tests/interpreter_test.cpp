// What the interpreter makes of tables that contradict themselves, and what it says about machines.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "statemachines/interpreter/explain.hpp"
#include "statemachines/interpreter/interpreter.hpp"
#include "statemachines/tests/door.hpp"

namespace quickpay::statemachines {
namespace {

using testing::ElementsAre;

TEST(Interpreter, ContradictingRowsGiveNoAnswer) {
  MachineModel model = model_of(door::table());
  model.rows[2].mask = 0b100;  // D3 no longer asks for the key: with a key, D2 and D3 both fit
  Snapshot snapshot = initial_snapshot(model);
  EXPECT_EQ(InterpreterEngine(model).step(snapshot, 0, 1).outcome, Outcome::rejected);
  EXPECT_EQ(snapshot, initial_snapshot(model));
  EXPECT_EQ(InterpreterEngine(model).step(snapshot, 0, 0).outcome, Outcome::taken);
}

TEST(Interpreter, TooManyEffectsAreCut) {
  MachineModel model = model_of(door::table());
  model.rows[3].effects.assign(kMaxEffects + 5, 0);
  Snapshot snapshot{1, {}};
  EXPECT_EQ(InterpreterEngine(model).step(snapshot, 1, 0).effect_count, kMaxEffects);
}

TEST(Interpreter, UnknownTargetsAndEffectsDoNoHarm) {
  MachineModel model = model_of(door::table());
  model.rows[3].to = 500;
  model.rows[3].effects = {400};
  const InterpreterEngine engine(model);
  Snapshot snapshot{1, {}};
  EXPECT_EQ(engine.step(snapshot, 1, 0).effect_list()[0], 400);
  EXPECT_EQ(engine.step(snapshot, 1, 0).outcome, Outcome::unexpected);
}

TEST(Explain, RowsThatTheVariablesExcludeAreNotNamed) {
  const MachineModel model = model_of(door::table());
  EXPECT_THAT(explain(model, initial_snapshot(model), 0),
              ElementsAre("D2: if the key is at hand (has_key), and locked is not no: to OPEN, "
                          "set locked no; perform swing",
                          "D3: if it is not so that the key is at hand (has_key), and locked is not no: to SHUT, "
                          "tell locked"));
}

TEST(Explain, DefaultsNothingAndNonsenseAreSaid) {
  const MachineModel model = model_of(door::table());
  EXPECT_THAT(explain(model, Snapshot{1, {}}, 1), ElementsAre("D4: always: to SHUT, perform swing; set locked yes"));
  EXPECT_THAT(explain(model, Snapshot{2, {}}, 2), ElementsAre("no row for kick in BROKEN: default-1, ignore"));
  EXPECT_THAT(explain(model, Snapshot{2, {}}, 1), ElementsAre("no row for pull in BROKEN: nothing happens"));
  EXPECT_THAT(explain(model, Snapshot{9, {}}, 1), ElementsAre("door.door has no state number 9"));
  EXPECT_THAT(explain(model, Snapshot{0, {}}, 9), ElementsAre("door.door has no event number 9"));
}

TEST(Explain, AllowedEventsAreThoseWithARow) {
  const MachineModel model = model_of(door::table());
  EXPECT_THAT(allowed_events(model, Snapshot{0, {}}), ElementsAre("push", "kick"));
  EXPECT_THAT(allowed_events(model, Snapshot{1, {}}), ElementsAre("pull", "kick"));
  EXPECT_THAT(allowed_events(model, Snapshot{2, {}}), ElementsAre());
}

TEST(Explain, NamesOfSnapshotsBitsAndRows) {
  const MachineModel model = model_of(door::table());
  EXPECT_EQ(describe(model, initial_snapshot(model)), "SHUT (locked = yes)");
  EXPECT_EQ(describe_bits(model, 0b111, 0b101), "has_key, not strong, locked is no");
  EXPECT_EQ(describe_bits(model, 0, 0), "nothing");
  EXPECT_EQ(row_name(model, 5), "D5@OPEN");
  EXPECT_EQ(row_name(model, 6), "default-1");
  EXPECT_EQ(row_name(model, kNoRow), "none");
}

}  // namespace
}  // namespace quickpay::statemachines
