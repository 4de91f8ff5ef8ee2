// Which rows of the machines the tests of this program have taken, counted when all of them have run.
#include <gtest/gtest.h>

#include <cstdio>
#include <map>

#include "reference/roles/tests/single.hpp"
#include "statemachines/all/generated/all.hpp"

namespace quickpay::roles {
namespace {

/// Cases of the specification: a row id without what expansion added to it.
std::string case_of(std::string_view row) { return std::string(row.substr(0, row.find_first_of("@."))); }

/// After a whole run every case of every machine has been taken by some test.
class EveryCase : public testing::Environment {
 public:
  void TearDown() override {
    if (testing::GTEST_FLAG(filter) != "*") return;
    std::map<std::string, bool> cases;
    for (const auto& entry : statemachines::all::machines()) {
      const auto& table = entry.table();
      for (const auto& row : table.rows) {
        bool& taken = cases[std::string(table.id) + " " + case_of(row.id)];
        taken = taken || rows_taken().contains(std::string(table.id) + " " + std::string(row.id));
      }
    }
    std::size_t missing = 0;
    for (const auto& [name, taken] : cases) {
      if (!taken) std::printf("never taken: %s\n", name.c_str());
      missing += !taken;
    }
    std::printf("%zu of %zu cases taken\n", cases.size() - missing, cases.size());
    EXPECT_EQ(missing, 0u);
  }
};

const auto* const kRegistered = testing::AddGlobalTestEnvironment(new EveryCase);

TEST(Coverage, TellsCasesFromRows) {
  EXPECT_EQ(case_of("V16@UNSURE.2"), "V16");
  EXPECT_EQ(case_of("B10.1"), "B10");
  EXPECT_EQ(case_of("W1"), "W1");
  EXPECT_NE(kRegistered, nullptr);
}

}  // namespace
}  // namespace quickpay::roles
