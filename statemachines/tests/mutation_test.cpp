// L7 for the machines: every single mutation of a machine's tables is noticed by L2.
#include "statemachines/mutation/mutation.hpp"

#include <gtest/gtest.h>

#include <iostream>
#include <map>
#include <set>

#include "statemachines/equivalence/steps.hpp"
#include "statemachines/tests/door.hpp"
#include "statemachines/tests/subjects.hpp"

namespace quickpay::statemachines::tests {
namespace {

// L2 with the start that L1 reads from the compiled types: no step shows where a machine starts.
bool killed(const Subject& subject, const Engine& msm, const MachineModel& original, const MachineModel& mutant) {
  Snapshot compiled_start = initial_snapshot(subject.table());
  compiled_start.state = subject.compiled_table().initial;
  if (initial_snapshot(mutant) != compiled_start) return true;
  return !compare_steps(msm, InterpreterEngine(mutant), &original).same();
}

TEST(Mutations, EveryOneIsKilled) {
  std::size_t total = 0;
  std::map<std::string_view, std::size_t> kills_of;
  for (const Subject& subject : generated_subjects()) {
    const auto msm = subject.make_msm();
    const MachineModel original = model_of(subject.table());
    const std::vector<Mutation> mutations = all_mutations(original);
    for (const Mutation& mutation : mutations) {
      if (killed(subject, *msm, original, mutated(original, mutation)))
        ++kills_of[operator_name(mutation.op)];
      else
        ADD_FAILURE() << mutation.id << " survived: it is equivalent, or the comparison is blind";
    }
    std::cout << original.id << ": " << mutations.size() << " mutations\n";
    total += mutations.size();
  }
  std::size_t kills = 0;
  for (const auto& [name, count] : kills_of) {
    std::cout << "  " << name << ": " << count << '\n';
    kills += count;
  }
  std::cout << "total: " << total << " mutations, " << kills << " killed\n";
  EXPECT_GE(total, 200U);
  EXPECT_EQ(kills, total);
}

// Twin: what is not changed is not killed, so a kill means something.
TEST(Mutations, TheOriginalSurvives) {
  for (const Subject& subject : subjects()) {
    const MachineModel original = model_of(subject.table());
    EXPECT_FALSE(killed(subject, *subject.make_msm(), original, original)) << subject.id();
  }
}

TEST(Mutations, IdsAreUniqueAndEveryOperatorIsUsed) {
  std::set<std::string> ids;
  std::set<MutationOperator> used;
  for (const Subject& subject : subjects()) {
    for (const Mutation& mutation : all_mutations(model_of(subject.table()))) {
      EXPECT_TRUE(ids.insert(mutation.id).second) << mutation.id;
      used.insert(mutation.op);
    }
  }
  EXPECT_EQ(used.size(), static_cast<std::size_t>(MutationOperator::initial_value) + 1);
}

TEST(Mutations, OfTheDoorAreThese) {
  std::map<std::string_view, std::size_t> count;
  for (const Mutation& mutation : all_mutations(model_of(door::table()))) ++count[operator_name(mutation.op)];
  EXPECT_EQ(count["drop-row"], 6U);
  EXPECT_EQ(count["wrong-target"], 12U);
  EXPECT_EQ(count["drop-literal"], 7U);
  EXPECT_EQ(count["negate-literal"], 7U);
  EXPECT_EQ(count["drop-effect"], 9U);
  EXPECT_EQ(count["swap-effects"], 2U);
  EXPECT_EQ(count["repeat-effect"], 9U);
  EXPECT_EQ(count["wrong-set"], 2U);
  EXPECT_EQ(count["change-default"], 2U);
  EXPECT_EQ(count["drop-default"], 2U);
  EXPECT_EQ(count["initial-state"], 2U);
  EXPECT_EQ(count["initial-value"], 1U);
}

}  // namespace
}  // namespace quickpay::statemachines::tests
