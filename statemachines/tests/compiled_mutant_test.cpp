// L7: a machine was compiled from a generated source with one line changed. Both checks must see it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <iostream>

#include "statemachines/equivalence/rows.hpp"
#include "statemachines/equivalence/steps.hpp"
#include QP_HEADER

namespace quickpay::statemachines {
namespace {

TEST(CompiledMutant, IsToldByTheRows) {
  const std::vector<std::string> differences = compare_rows(QP_MACHINE::table(), QP_MACHINE::compiled_table());
  ASSERT_FALSE(differences.empty());
  for (const std::string& difference : differences) std::cout << difference << '\n';
}

TEST(CompiledMutant, IsToldByTheSteps) {
  const InterpreterEngine interpreter(model_of(QP_MACHINE::table()));
  const StepComparison found = compare_steps(*QP_MACHINE::make_msm(), interpreter);
  ASSERT_TRUE(found.difference.has_value());
  const std::string told = report(interpreter.model(), *found.difference);
  std::cout << told << '\n';
  EXPECT_THAT(told, testing::HasSubstr("\"row\":\"" QP_ROW "\""));
}

}  // namespace
}  // namespace quickpay::statemachines
