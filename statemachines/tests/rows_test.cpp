// L1: the transition tables that the compiler built are the tables of the specification, row by row.
#include "statemachines/equivalence/rows.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <iostream>
#include <map>
#include <string_view>

#include "statemachines/tests/subjects.hpp"

namespace quickpay::statemachines::tests {
namespace {

using testing::IsEmpty;
using testing::Not;

TEST(CompiledRows, AreTheRowsOfTheSpecification) {
  for (const Subject& subject : subjects()) {
    const CompiledTable compiled = subject.compiled_table();
    EXPECT_THAT(compare_rows(subject.table(), compiled), IsEmpty());
    std::cout << subject.id() << ": " << compiled.rows.size() << " rows compiled and specified\n";
  }
}

TEST(CompiledRows, EveryProtocolHasItsMachines) {
  std::map<std::string_view, int> machines;
  for (const Subject& subject : generated_subjects()) ++machines[subject.table().protocol];
  EXPECT_THAT(machines, testing::UnorderedElementsAre(testing::Pair("micropayment", 5), testing::Pair("regular", 4),
                                                      testing::Pair("settlement", 7), testing::Pair("revoke", 3),
                                                      testing::Pair("communication", 2), testing::Pair("administration", 1),
                                                      testing::Pair("paycard", 3), testing::Pair("registration", 6),
                                                      testing::Pair("keys", 4)));
}

// Twin: any single wrong number in any compiled row is told, and so are a missing, an additional and a moved row.
TEST(CompiledRows, AWrongTableIsTold) {
  const std::function<void(CompiledRow&)> spoil[] = {
      [](CompiledRow& row) { row.state ^= 1; }, [](CompiledRow& row) { row.event ^= 1; },
      [](CompiledRow& row) { row.to ^= 1; },    [](CompiledRow& row) { row.row ^= 1; },
      [](CompiledRow& row) { row.mask ^= 1; },  [](CompiledRow& row) { row.value ^= 1; },
  };
  for (const Subject& subject : subjects()) {
    const CompiledTable right = subject.compiled_table();
    for (std::size_t i = 0; i < right.rows.size(); ++i) {
      for (const auto& change : spoil) {
        CompiledTable wrong = right;
        change(wrong.rows[i]);
        EXPECT_EQ(compare_rows(subject.table(), wrong).size(), 1U) << subject.id() << " row " << i;
      }
    }
  }
}

TEST(CompiledRows, AWrongShapeIsTold) {
  for (const Subject& subject : subjects()) {
    CompiledTable missing = subject.compiled_table();
    missing.rows.pop_back();
    EXPECT_THAT(compare_rows(subject.table(), missing), Not(IsEmpty()));
    CompiledTable more = subject.compiled_table();
    more.rows.push_back(more.rows.front());
    EXPECT_THAT(compare_rows(subject.table(), more), Not(IsEmpty()));
    CompiledTable moved = subject.compiled_table();
    std::swap(moved.rows[0], moved.rows[1]);
    EXPECT_EQ(compare_rows(subject.table(), moved).size(), 2U);
    CompiledTable elsewhere = subject.compiled_table();
    elsewhere.initial ^= 1;
    EXPECT_EQ(compare_rows(subject.table(), elsewhere).size(), 1U);
  }
}

}  // namespace
}  // namespace quickpay::statemachines::tests
