// The explorer and its claims, on the machines of the specification: what it must find, and that it is not found where it
// is not (levels L3 and L4; QP-ADD-05, QP-ADD-06, QP-MP-022, QP-SAFE-009 and the others that the properties name).
#include "statemachines/explorer/claims.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "statemachines/all/generated/all.hpp"
#include "statemachines/composition/generated/payment.hpp"
#include "statemachines/micropayment/generated/vendor_order.hpp"

namespace quickpay::statemachines {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const CompositionTable& payment() { return composition_payment::table(); }

const ConfigurationInfo& configuration(std::string_view id) {
  const ConfigurationInfo* found = find_configuration(payment(), id);
  EXPECT_NE(found, nullptr) << id;
  return *found;
}

ConfigurationResult explored(const ConfigurationInfo& info, EngineKind kind = EngineKind::msm, std::string_view defect = {}) {
  const Cast cast = cast_of(payment(), all::machines(), kind, defect);
  EXPECT_EQ(cast.problem, "");
  return explore(payment(), cast, info);
}

const PropertyInfo& property(std::string_view id) {
  for (const PropertyInfo& info : payment().properties)
    if (info.id == id) return info;
  ADD_FAILURE() << "no property " << id;
  return payment().properties.front();
}

TEST(Explorer, FindsTheWholeFaultFreeWorldWithBothEngines) {
  for (const std::string_view id : {"fault-free", "host-away", "losses", "two-orders", "vendor-lies"}) {
    const ConfigurationResult compiled = explored(configuration(id));
    const ConfigurationResult interpreted = explored(configuration(id), EngineKind::interpreter);
    EXPECT_THAT(compiled.wrong, IsEmpty()) << id;
    EXPECT_GT(compiled.found.states, 20U) << id;
    EXPECT_EQ(compiled.found.states, interpreted.found.states) << id;
    EXPECT_EQ(compiled.found.transitions, interpreted.found.transitions) << id;
    EXPECT_GT(compiled.found.endings, 0U) << id;
  }
}

// Independence of the mail (QP-CM-010): beside it the payment is what it is alone, state by state and move by move.
TEST(Explorer, SeesThatTheMailChangesNothing) {
  const auto alone = explored(configuration("fault-free")).found;
  const auto beside = explored(configuration("mail")).found;
  const std::size_t posts = beside.states / alone.states;  // states of the mail itself
  EXPECT_GT(posts, 2U);
  EXPECT_EQ(beside.states, alone.states * posts);
  const auto settled = explored(configuration("settlement-loss")).found;
  EXPECT_EQ(explored(configuration("settlement-mail")).found.states, settled.states * posts);
}

TEST(Explorer, SeesMailThatMovesMoney) {
  CompositionTable table = payment();
  const auto instance = [&](std::string_view id) {
    std::size_t i = 0;
    while (table.instances[i].id != id) ++i;
    return static_cast<std::uint8_t>(i);
  };
  const Cast cast = cast_of(table, all::machines(), EngineKind::msm);
  const auto& events = cast.players[instance("vc")].table->events;
  std::uint16_t delivered = 0;
  while (events[delivered].id != "delivered") ++delivered;
  std::vector<FollowInfo> follows(table.follows.begin(), table.follows.end());
  follows.push_back({instance("hm"), "perform post", instance("vc"), static_cast<std::uint8_t>(delivered), {}});
  table.follows = follows;
  const auto wrong = explore(table, cast, configuration("settlement-mail")).wrong;
  EXPECT_THAT(wrong, Not(IsEmpty()));
}

TEST(Explorer, SeesAnOverdrawnAccountBesideAnother) {
  const auto wrong = explored(configuration("crossed"), EngineKind::msm, "assume:b.funds_suffice:yes").wrong;
  EXPECT_THAT(wrong, ElementsAre("P-CREDIT does not hold"));
  EXPECT_THAT(explored(configuration("settlement-apart"), EngineKind::msm, "assume:b.funds_suffice:yes").wrong, IsEmpty());
}

TEST(Explorer, SeesADefectOfOneRowInItsCounts) {
  const auto right = explored(configuration("fault-free")).found;
  const auto wrong = explored(configuration("fault-free"), EngineKind::msm, "broker.order:drop-effect:B20:3").found;
  EXPECT_NE(right.states, wrong.states);
}

TEST(Explorer, SeesWhatCanNoLongerBeReached) {
  CompositionTable table = payment();
  PropertyInfo can = property("P-HOLD-ENDS");
  can.kind = PropertyKind::possible;
  const PropertyInfo one[] = {can};
  table.properties = one;
  const auto wrong = [&](std::string_view defect) {
    const Cast cast = cast_of(table, all::machines(), EngineKind::msm, defect);
    EXPECT_EQ(cast.problem, "");
    return explore(table, cast, configuration("losses")).wrong;
  };
  EXPECT_THAT(wrong({}), IsEmpty());
  EXPECT_THAT(wrong(can.twin.front()), Contains(HasSubstr("P-HOLD-ENDS")));
}

TEST(Explorer, TellsAShortestTrail) {
  const ConfigurationResult result = explored(configuration("network-lies-F"));
  for (const Failure& failure : result.failures) {
    if (payment().properties[failure.property].id != "P-CASE-COMMITTED") continue;
    ASSERT_EQ(failure.trail.size(), 2U);  // one forged notice, and where it leads
    EXPECT_THAT(failure.trail[0], HasSubstr("FORGED request RegisterCommit"));
    EXPECT_THAT(failure.trail[1], HasSubstr("c=in-time"));
    return;
  }
  FAIL() << "a forged RegisterCommit must be taken in profile F";
}

TEST(Explorer, IsNotCompleteWhenItMayNotFinish) {
  const Cast cast = cast_of(payment(), all::machines(), EngineKind::msm);
  Limits limits;
  limits.states = 10;
  EXPECT_THAT(explore(payment(), cast, configuration("fault-free"), limits).wrong, Contains("not explored to the end"));
  const std::atomic<bool> stop{true};
  limits = {};
  limits.stop = &stop;
  EXPECT_THAT(explore(payment(), cast, configuration("fault-free"), limits).wrong, Contains("not explored to the end"));
}

TEST(Claims, WantTheFailuresThatTheyName) {
  ConfigurationInfo info = configuration("broker-lies");
  EXPECT_THAT(explored(info).wrong, IsEmpty());
  info.fails = {};
  EXPECT_THAT(explored(info).wrong, ElementsAre("P-DELIVERED-COMMITTED does not hold"));
  ConfigurationInfo calm = configuration("fault-free");
  calm.fails = configuration("broker-lies").fails;
  EXPECT_THAT(explored(calm).wrong, ElementsAre("P-DELIVERED-COMMITTED holds, but must fail"));
}

TEST(Claims, ProfileHTakesFromTheNetworkWhatProfileFGivesIt) {
  EXPECT_THAT(explored(configuration("network-lies-F")).failures, Not(IsEmpty()));
  EXPECT_THAT(explored(configuration("network-lies-H")).failures, IsEmpty());
}

TEST(Claims, AreAssumedWhereTheyRestOnWhoLies) {
  EXPECT_TRUE(assumed_in(property("P-ONE-DEBT"), configuration("broker-lies")));
  EXPECT_FALSE(assumed_in(property("P-ONE-DEBT"), configuration("wallet-lies")));
  EXPECT_FALSE(assumed_in(property("P-ONE-DEBT"), configuration("faults")));
}

TEST(Twins, EveryPropertyHasADefectThatBreaksItAlone) {
  for (const PropertyInfo& info : payment().properties)
    EXPECT_EQ(check_twin(payment(), all::machines(), info), "") << info.id;
}

TEST(Twins, AreRefusedWhenTheyBreakNothingOrSomethingElse) {
  PropertyInfo info = property("P-ONE-DEBT");
  const auto with = [&](std::string_view defect) {
    const std::string_view one[] = {defect};
    const std::string_view where[] = {"fault-free"};
    info.twin = one;
    info.twin_in = where;
    return check_twin(payment(), all::machines(), info);
  };
  EXPECT_THAT(with(property("P-ONE-CLAIM").twin.front()), HasSubstr("breaks P-ONE-CLAIM, must break P-ONE-DEBT"));
  EXPECT_THAT(with("vendor.order:repeat-effect:V15@CHECKING:1"), HasSubstr("breaks nothing"));
  EXPECT_EQ(with("vendor.order:repeat-effect:V999:1"), "there is no defect vendor.order:repeat-effect:V999:1");
}

TEST(Twins, EachOfSeveralDefectsMustBreakTheProperty) {
  PropertyInfo info = property("P-ONE-DEBT");
  const std::string_view two[] = {info.twin.front(), "vendor.order:repeat-effect:V15@CHECKING:1"};
  const std::string_view where[] = {"fault-free", "fault-free"};
  info.twin = two;
  info.twin_in = where;
  EXPECT_THAT(check_twin(payment(), all::machines(), info), HasSubstr("breaks nothing"));
  info.twin_in = std::span(where).first(1);
  EXPECT_EQ(check_twin(payment(), all::machines(), info), "no defect, or not one for each configuration");
}

TEST(Reached, ARowIsTakenOrListedNeverBoth) {
  const Cast cast = cast_of(payment(), all::machines(), EngineKind::msm);
  const std::vector<Exploration> one{explored(configuration("fault-free")).found};
  const auto without_list = unreached(payment(), cast, one);
  EXPECT_THAT(without_list, Contains("vendor.order V29@CHECKING is never taken"));
  EXPECT_THAT(without_list, Not(Contains("vendor.order V8 is never taken")));
  EXPECT_THAT(without_list, Contains("vendor.order is never in state UNSURE"));
  CompositionTable wrong = payment();
  const UnreachedInfo listed[] = {{"vendor.order", "V8", "nobody buys"}};
  wrong.unreached = listed;
  EXPECT_THAT(unreached(wrong, cast, one), Contains("vendor.order V8 is listed as never taken, but is"));
}

// A state is excused only where every row that leads to it is listed.
TEST(Reached, AStateBehindListedRowsIsExcused) {
  const Cast cast = cast_of(payment(), all::machines(), EngineKind::msm);
  const std::vector<Exploration> one{explored(configuration("fault-free")).found};
  const MachineTable& machine = statemachines::vendor_order::table();
  const auto unsure = std::find_if(machine.states.begin(), machine.states.end(), [](const auto& s) { return s.id == "UNSURE"; });
  const auto state = static_cast<StateId>(unsure - machine.states.begin());
  std::vector<UnreachedInfo> listed;
  for (const RowInfo& row : machine.rows)
    if (row.to == state && row.state != state) listed.push_back({machine.id, row.id, "nobody waits"});
  ASSERT_FALSE(listed.empty());
  CompositionTable table = payment();
  table.unreached = listed;
  EXPECT_THAT(unreached(table, cast, one), Not(Contains("vendor.order is never in state UNSURE")));
  table.unreached = std::span(listed).first(listed.size() - 1);
  EXPECT_THAT(unreached(table, cast, one), Contains("vendor.order is never in state UNSURE"));
}

}  // namespace
}  // namespace quickpay::statemachines
