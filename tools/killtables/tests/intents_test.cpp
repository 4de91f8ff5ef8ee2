// Tables that are made at run time are the generated ones; intents hold on them and notice what is otherwise.
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

#include "reference/codec/generated/requirements.hpp"
#include "statemachines/all/generated/all.hpp"
#include "tools/killtables/conditions.hpp"
#include "tools/killtables/intents.hpp"
#include "tools/killtables/kill_table.hpp"
#include "tools/killtables/live_table.hpp"
#include "tools/speccompiler/lint/lint.hpp"

namespace quickpay::killtables {
namespace {

const spec::Spec& right() {
  static const spec::Spec spec = *spec::compile_spec("spec/quickpay-1.0");
  return spec;
}

std::vector<Intent> pinned() {
  std::ifstream file("tools/killtables/intents.txt");
  std::ostringstream text;
  text << file.rdbuf();
  const auto intents = parse_intents(text.str());
  EXPECT_TRUE(intents) << intents.error();
  return *intents;
}

TEST(LiveTable, IsTheGeneratedOne) {
  ASSERT_EQ(right().machines.size(), statemachines::all::machines().size());
  for (std::size_t i = 0; i < right().machines.size(); ++i) {
    const LiveTable live(right().machines[i]);
    EXPECT_EQ(difference(live.table(), statemachines::all::machines()[i].table()), "") << right().machines[i].id;
  }
}

// Twin: a table with one row, effect or word changed is another one.
TEST(LiveTableTwin, ADifferenceIsSeen) {
  spec::Machine machine = right().machines.front();
  machine.rows.front().to = machine.states.back().id;
  EXPECT_EQ(difference(LiveTable(machine).table(), statemachines::all::machines().front().table()), "rows 0 differ");
  machine = right().machines.front();
  machine.events.back().classes.push_back("ok");
  EXPECT_NE(difference(LiveTable(machine).table(), statemachines::all::machines().front().table()), "");
}

TEST(Intents, HoldAndNameRequirementsThatExist) {
  std::set<std::string> requirements, ids;
  for (const auto& requirement : protocol::requirements()) requirements.insert(std::string(requirement.id));
  Machines machines;
  for (const auto& entry : statemachines::all::machines()) machines[std::string(entry.table().id)] = &entry.table();
  const auto intents = pinned();
  EXPECT_GE(intents.size(), 60U);
  for (const Intent& intent : intents) {
    EXPECT_EQ(play(intent, machines), "");
    EXPECT_TRUE(ids.insert(intent.id).second) << intent.id;
    for (const std::string& id : intent.requirements) EXPECT_TRUE(requirements.contains(id)) << intent.id << " names " << id;
  }
}

Machines the_broker() {
  Machines machines;
  for (const auto& entry : statemachines::all::machines())
    if (entry.table().id == "broker.order") machines["broker.order"] = &entry.table();
  return machines;
}

std::string played(const std::string& steps) {
  const auto intents = parse_intents("intent one QP-ADD-01\nOne.\n" + steps);
  return intents ? play(intents->front(), the_broker()) : intents.error();
}

// Twins: each thing that an intent says is looked at.
TEST(IntentsTwin, WhatIsOtherwiseIsNoticed) {
  EXPECT_EQ(played("broker.order CheckCommit => reply QP-E-FORBIDDEN | NONE\n"), "");
  EXPECT_NE(played("broker.order CheckCommit => reply QP-E-MISMATCH | NONE\n"), "");
  EXPECT_NE(played("broker.order CheckCommit => | NONE\n"), "");
  EXPECT_NE(played("broker.order CheckCommit => reply QP-E-FORBIDDEN | COMMITTED\n"), "");
  EXPECT_NE(played("broker.order CheckCommit => reply QP-E-FORBIDDEN; perform commit | NONE\n"), "");
  EXPECT_NE(played("broker.order CheckCommit with sender_is_vendor => reply QP-E-FORBIDDEN | NONE\n"), "");
  EXPECT_NE(played("broker.order CheckCommit with nobody => reply QP-E-FORBIDDEN | NONE\n"), "");
  EXPECT_NE(played("broker.order CheckCommitt => reply QP-E-FORBIDDEN | NONE\n"), "");
  EXPECT_NE(played("vendor.order GetOrder => reply QP-E-NO-ITEM | NONE\n"), "");
  EXPECT_EQ(played("broker.order CheckCommit => reply QP-E-FORBIDDEN\n"), "line 3: is no step");
}

TEST(IntentsTwin, AnOtherOrderIsNoticed) {
  const std::string inquiry =
      "broker.order InquiryPayment with paycard_bound token_right currency_active vendor_entry_at_hand vendor_accepted funds_suffice => reply QP-OK; ";
  EXPECT_EQ(played(inquiry + "perform endorse before start CheckBy | ENDORSED\n"), "");
  EXPECT_NE(played(inquiry + "start CheckBy before perform endorse | ENDORSED\n"), "");
  EXPECT_NE(played(inquiry + "perform endorse before start T_receipt | ENDORSED\n"), "");
  EXPECT_NE(played(inquiry + "perform commit before start CheckBy | ENDORSED\n"), "");
}

TEST(Conditions, ChangeOneThing) {
  std::set<std::string> texts;
  for (const auto& changed : changed_conditions("digest_shown and paycard_authorizes")) texts.insert(changed.text);
  EXPECT_EQ(texts, (std::set<std::string>{"not digest_shown and paycard_authorizes", "digest_shown and not paycard_authorizes",
                                          "digest_shown or paycard_authorizes", "digest_shown", "paycard_authorizes"}));
  EXPECT_EQ(changed_conditions("not item_known").front().text, "item_known");
  EXPECT_EQ(changed_conditions("c != none").front().text, "c == none");
  EXPECT_TRUE(changed_conditions("").empty());
}

KillTable one_lives() {
  KillTable table("T", {{"lint", "", false, true, false}, {"golden", "", true, true, true}, {"survived", "", true, false, false}});
  table.add("a", "op", 0);
  table.add("b", "op", 1);
  table.add("c", "op", 2);
  return table;
}

TEST(KillTable, CountsAndCompares) {
  const KillTable table = one_lives();
  EXPECT_EQ(table.tried(), 3U);
  EXPECT_EQ(table.mutants(), 2U);
  EXPECT_EQ(table.killed(), 1U);
  EXPECT_EQ(table.killed_without_golden(), 0U);
  EXPECT_TRUE(table.compare({{"c", "equivalent", "x", 1}}, true, false).empty());
}

// Twins: an unknown survivor is red, and so is a classification that is stale.
TEST(KillTableTwin, UnknownAndStaleSurvivorsAreRed) {
  EXPECT_EQ(one_lives().compare({}, false, false), std::vector<std::string>{"c survives and has no class"});
  EXPECT_EQ(one_lives().compare({{"c", "equivalent", "x", 1}, {"b", "hole", "y", 2}}, true, false).size(), 1U);
  // What a suite notices lives where none tries it, and must not where one does.
  const std::vector<Survivor> lives = {{"c", "suite", "x", 1}}, falls = {{"c", "hole", "x", 1}, {"b", "suite", "y", 2}};
  EXPECT_TRUE(one_lives().compare(lives, true, false).empty());
  EXPECT_EQ(one_lives().compare(lives, true, true).size(), 1U);
  EXPECT_EQ(one_lives().compare(falls, true, false).size(), 1U);
  EXPECT_TRUE(one_lives().compare(falls, true, true).empty());
  EXPECT_FALSE(parse_survivors("c | harmless | because\n"));
  EXPECT_FALSE(parse_survivors("c | hole | because\nc | hole | again\n"));
  EXPECT_FALSE(parse_survivors("c, hole\n"));
}

}  // namespace
}  // namespace quickpay::killtables
