// Spin and the explorer agree on what is inevitable, and each way in which they could differ is noticed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "statemachines/all/generated/all.hpp"
#include "tools/check/seeded.hpp"
#include "tools/check/tests/options.hpp"

namespace quickpay::check {
namespace {

using namespace statemachines;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kWorld = "registration";  // small, with two properties whose defects are shown there

Options all_machines() { return options_with(all::machines()); }

/// What Spin says of one explored world: of its verdicts first, then of the defects that are shown there.
std::vector<std::vector<std::string>> said(const Explored& explored, const Options& options) {
  Evidence evidence;
  evidence.explored.push_back(explored);
  check_live(options, {}, evidence);
  std::vector<std::vector<std::string>> wrong;
  for (const Claim& claim : evidence.claims) wrong.push_back(claim.wrong);
  return wrong;
}

TEST(CheckLive, SpinConfirmsWhatIsInevitable) {
  EXPECT_THAT(said(explore_one(all_machines(), kWorld), all_machines()), ElementsAre(IsEmpty(), IsEmpty()));
  EXPECT_THAT(said(explore_one(all_machines(), "fault-free"), all_machines()), ElementsAre(IsEmpty(), IsEmpty()));
}

TEST(CheckLive, WithoutFairnessNothingIsInevitable) {
  Options options = all_machines();
  options.unfair = true;
  const auto wrong = said(explore_one(all_machines(), kWorld), options);
  EXPECT_THAT(wrong, ElementsAre(Contains(HasSubstr("Spin has a run that never comes to it")), IsEmpty()));
}

TEST(CheckLive, AVerdictThatDiffersIsNoticed) {
  Explored explored = explore_one(all_machines(), kWorld);
  for (std::size_t i = 0; i < explored.table->properties.size(); ++i)
    if (explored.table->properties[i].id == "P-LEFT-AT-LAST") explored.result.found.failed.push_back({i, 0, 0});
  EXPECT_THAT(said(explored, all_machines()),
              ElementsAre(ElementsAre(AllOf(HasSubstr("P-LEFT-AT-LAST"), HasSubstr("Spin has no run that never comes to it"))), IsEmpty()));
}

// The world with another defect for each property: one that breaks nothing.
TEST(CheckLive, ADefectThatBreaksNothingIsNoticed) {
  Explored explored = explore_one(all_machines(), kWorld);
  std::vector<PropertyInfo> properties(explored.table->properties.begin(), explored.table->properties.end());
  const std::string_view harmless[] = {"assume:hk.room:yes"};
  for (PropertyInfo& property : properties)
    if (property.id == "P-LEFT-AT-LAST") property.twin = harmless;
  CompositionTable table = *explored.table;
  table.properties = properties;
  explored.table = &table;
  EXPECT_THAT(said(explored, all_machines()), ElementsAre(IsEmpty(), ElementsAre(HasSubstr("with assume:hk.room:yes P-LEFT-AT-LAST: Spin has no run"))));
}

TEST(CheckLive, OnlyMistakesThatCanBeMadeAreMade) {
  for (const char* defect : {"vendor.registration:drop-effect:F11:9", "vendor.registration:wrong-target:F11:NOWHERE", "vendor.nothing:wrong-target:F11:OUT",
                             "vendor.registration:repeat-effect:F11:1", "assume:hk.nothing:yes", "assume:hk.room:perhaps", ""})
    EXPECT_FALSE(seeded({}, defect)) << defect;
}

}  // namespace
}  // namespace quickpay::check
