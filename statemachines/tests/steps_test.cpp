// L2: one step of the compiled machine is one step of the interpreter, for every input.
#include "statemachines/equivalence/steps.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <random>

#include "statemachines/tests/door.hpp"
#include "statemachines/tests/subjects.hpp"

namespace quickpay::statemachines::tests {
namespace {

// One for all inputs out of range that the comparison adds: a state and an event.
std::uint64_t expected_combinations(const MachineTable& table) {
  std::uint64_t count = (table.states.size() + 1) * (table.events.size() + 1);
  for (const VariableInfo& variable : table.variables) count *= variable.values.size();
  return count << table.predicates.size();
}

TEST(Steps, CompiledMachineEqualsInterpreter) {
  std::uint64_t total = 0;
  for (const Subject& subject : subjects()) {
    const InterpreterEngine interpreter(model_of(subject.table()));
    const StepComparison found = compare_steps(*subject.make_msm(), interpreter);
    EXPECT_TRUE(found.same()) << (found.difference ? report(interpreter.model(), *found.difference) : "too many bits");
    EXPECT_EQ(found.combinations, expected_combinations(subject.table())) << subject.id();
    std::cout << subject.id() << ": " << found.combinations << " combinations equal\n";
    total += found.combinations;
  }
  std::cout << "total: " << total << " combinations\n";
}

TEST(Steps, CompiledMachineStartsAsTheInterpreter) {
  for (const Subject& subject : subjects()) {
    EXPECT_EQ(initial_snapshot(subject.table()), initial_snapshot(model_of(subject.table())));
    EXPECT_EQ(subject.compiled_table().initial, subject.table().initial);
  }
}

// The inputs of L2 reach everything: every row is taken by one of them.
TEST(Steps, EveryRowIsTakenBySomeInput) {
  for (const Subject& subject : subjects()) {
    const MachineModel model = model_of(subject.table());
    for (const ModelRow& row : model.rows) {
      MachineModel marked = model;
      marked.rows[row.number].number = kNoRow - 1;
      const StepComparison found = compare_steps(InterpreterEngine(marked), InterpreterEngine(model), &marked);
      ASSERT_TRUE(found.difference.has_value()) << model.id << " " << row.id;
      EXPECT_EQ(found.difference->expected.row, row.number);
    }
  }
}

class Liar final : public Engine {
 public:
  explicit Liar(void (*spoil)(Snapshot&, StepResult&)) : engine_(door::make_msm()), spoil_(spoil) {}
  StepResult step(Snapshot& snapshot, EventId event, PredicateBits bits) const noexcept override {
    StepResult result = engine_->step(snapshot, event, bits);
    if (result.row == 3) spoil_(snapshot, result);
    return result;
  }

 private:
  std::unique_ptr<Engine> engine_;
  void (*spoil_)(Snapshot&, StepResult&);
};

// Twin: an engine that is wrong in one respect, in one row, is told.
TEST(Steps, AWrongStepIsTold) {
  void (*const spoils[])(Snapshot&, StepResult&) = {
      [](Snapshot& snapshot, StepResult&) { snapshot.state = 2; },
      [](Snapshot& snapshot, StepResult&) { snapshot.variables[0] = 0; },
      [](Snapshot& snapshot, StepResult&) { snapshot.variables[7] = 1; },
      [](Snapshot&, StepResult& result) { result.row = 4; },
      [](Snapshot&, StepResult& result) { result.outcome = Outcome::rejected; },
      [](Snapshot&, StepResult& result) { --result.effect_count; },
      [](Snapshot&, StepResult& result) { std::swap(result.effects[0], result.effects[1]); },
  };
  const InterpreterEngine interpreter(model_of(door::table()));
  for (const auto spoil : spoils) {
    const StepComparison found = compare_steps(Liar(spoil), interpreter);
    ASSERT_TRUE(found.difference.has_value());
    EXPECT_FALSE(found.same());
    EXPECT_EQ(found.difference->expected.row, 3);
  }
}

TEST(Steps, ReportNamesEverythingNeededToReplay) {
  const InterpreterEngine interpreter(model_of(door::table()));
  const StepComparison found =
      compare_steps(Liar([](Snapshot& snapshot, StepResult&) { snapshot.state = 2; }), interpreter);
  ASSERT_TRUE(found.difference.has_value());
  EXPECT_EQ(report(interpreter.model(), *found.difference),
            R"x({"level":"L2","machine":"door.door","requirements":[],"from":"OPEN (locked = no)","event":"pull",)x"
            R"x("bits":0,"holds":"not has_key, not strong",)x"
            R"x("expected":{"outcome":"taken","row":"D4","to":"SHUT (locked = yes)",)x"
            R"x("effects":"perform swing; set locked yes"},)x"
            R"x("got":{"outcome":"taken","row":"D4","to":"BROKEN (locked = yes)",)x"
            R"x("effects":"perform swing; set locked yes"}})x");
}

// With more than twelve predicates only the bits that rows read are enumerated; a forgotten one among them is found.
TEST(Steps, ManyPredicatesAreComparedByTheBitsThatRowsRead) {
  MachineModel model = model_of(door::table());
  for (int i = 0; i < 20; ++i) model.predicates.push_back({"more", "more"});
  for (ModelRow& row : model.rows) {
    const std::uint64_t atom = 4;
    row.mask = (row.mask & ~atom) | ((row.mask & atom) << 20);
    row.value = (row.value & ~atom) | ((row.value & atom) << 20);
  }
  MachineModel other = model;
  other.rows[3].mask = other.rows[3].value = 1ULL << 15;
  EXPECT_TRUE(compare_steps(InterpreterEngine(model), InterpreterEngine(model)).same());
  EXPECT_FALSE(compare_steps(InterpreterEngine(other), InterpreterEngine(model), &other).same());
}

TEST(Steps, TooManyBitsAreRefusedNotSkipped) {
  MachineModel model = model_of(door::table());
  for (int i = 0; i < 30; ++i) model.predicates.push_back({"more", "more"});
  model.rows[3].mask = (1ULL << 25) - 1;
  const StepComparison found = compare_steps(InterpreterEngine(model), InterpreterEngine(model));
  EXPECT_FALSE(found.complete);
  EXPECT_FALSE(found.same());
}

struct Input {
  Snapshot before;
  EventId event;
  PredicateBits bits;
};

std::vector<Input> random_inputs(const MachineTable& table, std::mt19937_64& random, std::size_t count) {
  std::vector<Input> inputs;
  for (std::size_t i = 0; i < count; ++i) {
    Input input{{static_cast<StateId>(random() % table.states.size()), {}},
                static_cast<EventId>(random() % table.events.size()), random()};
    for (std::size_t v = 0; v < table.variables.size(); ++v)
      input.before.variables[v] = static_cast<std::uint8_t>(random() % table.variables[v].values.size());
    inputs.push_back(input);
  }
  return inputs;
}

std::pair<Snapshot, StepResult> outcome_of(const Engine& engine, const Input& input) {
  Snapshot after = input.before;
  const StepResult result = engine.step(after, input.event, input.bits);
  return {after, result};
}

// The same input gives the same result whatever the object did before, and in another object.
TEST(Steps, AStepDependsOnTheSnapshotAlone) {
  constexpr std::size_t kInputs = 2000;
  std::mt19937_64 random(test_seed());
  for (const Subject& subject : subjects()) {
    std::vector<Input> inputs = random_inputs(subject.table(), random, kInputs);
    const auto engine = subject.make_msm();
    std::vector<std::pair<Snapshot, StepResult>> first;
    for (const Input& input : inputs) first.push_back(outcome_of(*engine, input));
    std::vector<std::size_t> order(kInputs);
    for (std::size_t i = 0; i < kInputs; ++i) order[i] = i;
    std::shuffle(order.begin(), order.end(), random);
    const auto fresh = subject.make_msm();
    for (const std::size_t i : order) {
      ASSERT_EQ(outcome_of(*engine, inputs[i]), first[i]) << subject.id();
      ASSERT_EQ(outcome_of(*fresh, inputs[i]), first[i]) << subject.id();
    }
  }
}

}  // namespace
}  // namespace quickpay::statemachines::tests
