// `quickpay check` goes red when one row is changed, and says at which level, in which machine and which row.
#include "tools/check/check.hpp"
#include "tools/check/in_order.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "reference/codec/generated/protocol.hpp"
#include "statemachines/all/generated/all.hpp"
#include "statemachines/composition/generated/all.hpp"
#include "statemachines/composition/generated/payment.hpp"
#include "tools/check/plant.hpp"
#include "tools/check/tests/options.hpp"
#include "tools/check/trail.hpp"

namespace quickpay::check {
namespace {

using namespace statemachines;
using testing::Contains;
using testing::HasSubstr;

std::vector<std::string> wrong_at(std::string_view level, std::span<const MachineEntry> machines) {
  Evidence evidence;
  check_machines(options_with(machines), {}, evidence);
  std::vector<std::string> wrong;
  for (const Claim& claim : evidence.claims)
    if (claim.level == level) wrong.insert(wrong.end(), claim.wrong.begin(), claim.wrong.end());
  return wrong;
}

TEST(Check, TheMachinesOfTheTreeStand) {
  Evidence evidence;
  check_machines(options_with(all::machines()), {}, evidence);
  EXPECT_TRUE(evidence.stands());
  EXPECT_EQ(evidence.claims.size(), 2 + all::machines().size());
  EXPECT_FALSE(evidence.slice.empty());
}

// Verdicts do not depend on how many processors there are: everything is done once, and told in its order.
TEST(InOrder, TellsEveryResultOnceInItsOrder) {
  std::vector<std::size_t> told;
  std::atomic<int> jobs{0};
  in_order<std::size_t>(100, [&](std::size_t i) { return ++jobs, 10 * i; },
                        [&](std::size_t i, const auto& wait) {
                          EXPECT_EQ(wait().result, 10 * i);
                          told.push_back(i);
                        });
  EXPECT_EQ(jobs, 100);
  ASSERT_EQ(told.size(), 100U);
  EXPECT_TRUE(std::is_sorted(told.begin(), told.end()));
}

Evidence kept_in(Options options, std::initializer_list<std::string_view> worlds) {
  Evidence evidence;
  for (const std::string_view world : worlds) evidence.explored.push_back(explore_one(options, world));
  check_kept(*evidence.explored.front().table, options, {}, evidence);
  return evidence;
}

// Twin: a search that keeps any of the states that differ in what is left.
TEST(Check, TheLargestStatesAreComparedWithAllAndTooFewAreNoticed) {
  Options options = options_with(all::machines());
  const Evidence right = kept_in(options, {"fault-free", "vendor-silent"});
  ASSERT_EQ(right.claims.size(), 1U);
  EXPECT_TRUE(right.claims.front().stands);
  EXPECT_EQ(right.claims.front().states, right.explored[0].result.found.states + right.explored[1].result.found.states);
  options.keeps_some = true;
  const Evidence less = kept_in(options, {"fault-free", "vendor-silent"});
  EXPECT_FALSE(less.claims.front().stands);
  EXPECT_THAT(less.claims.front().wrong, Contains(HasSubstr("vendor-silent: host.statement takes row S")));
}

TEST(Check, WorldsOfDeepAreExploredByTheirLargestStates) {
  const Options options = options_with(all::machines());
  const Explored large = explore_one(options, "wallet-lies-faults-2");
  EXPECT_EQ(large.result.found.keep, Keep::largest);
  EXPECT_TRUE(large.result.found.complete);
  EXPECT_THAT(large.result.wrong, testing::IsEmpty());
  EXPECT_EQ(how_kept(large), kLargestAlone) << "and its claim says so";
}

// If the largest states are few every state is kept, too: what is compared elsewhere counts states.
TEST(Check, SmallWorldsOfDeepAreExploredWhole) {
  CompositionTable table = composition_payment::table();
  ConfigurationInfo world = *find_configuration(table, "wallet-lies");
  world.deep = true;
  table.configurations = {&world, 1};
  const std::array<const CompositionTable*, 1> tables = {&table};
  Options options = options_with(all::machines());
  options.compositions = tables;
  const Explored small = explore_one(options, "wallet-lies");
  ASSERT_NE(small.configuration, nullptr);
  EXPECT_TRUE(small.result.found.complete);
  EXPECT_EQ(small.result.found.keep, Keep::every);
  EXPECT_EQ(how_kept(small), "");
}

// Worlds that are explored by their largest states alone are compared, too, if they are small enough.
TEST(Check, WorldsOfDeepAreComparedWithAllStates) {
  Options options = options_with(all::machines());
  options.deep = true;
  Evidence evidence;
  evidence.explored.push_back(explore_one(options, "wallet-lies-faults-2"));
  check_kept(*evidence.explored.front().table, options, {}, evidence);
  ASSERT_EQ(evidence.claims.size(), 1U);
  EXPECT_TRUE(evidence.claims.front().stands) << (evidence.claims.front().wrong.empty() ? "" : evidence.claims.front().wrong.front());
  EXPECT_GT(evidence.claims.front().states, evidence.explored.front().result.found.states) << "all states are more";
}

std::vector<std::string> wrong_with(std::string_view defect) {
  const auto machines = with_defect(all::machines(), defect);
  EXPECT_FALSE(machines.empty()) << defect;
  return wrong_at("L1", machines);
}

TEST(Check, NamesMachineAndRowOfAnEditedTable) {
  EXPECT_THAT(wrong_with("broker.order B38 target"), Contains(HasSubstr("broker.order B38 leads to")));
  EXPECT_THAT(wrong_with("broker.order B8 condition"), Contains(HasSubstr("broker.order B8 has other conditions")));
  EXPECT_THAT(wrong_with("broker.order B21 effects"), Contains(HasSubstr("broker.order B21 does \"\"")));
  EXPECT_THAT(wrong_with("broker.order B34 event"), Contains(HasSubstr("broker.order B34 has another event")));
  EXPECT_THAT(wrong_with("host.verdict Y9 name"), Contains(HasSubstr("host.verdict Y9-planted stands where Y9 must stand")));
}

TEST(Check, RowsOfEveryMachineAreNamedWhenTheyChange) {
  for (const MachineEntry& entry : all::machines()) {
    if (entry.table().states.size() < 2) continue;  // no other state to lead to
    const std::string name = std::string(entry.table().id) + " " + std::string(entry.table().rows.back().id);
    EXPECT_THAT(wrong_with(name + " target"), Contains(HasSubstr(name + " leads to"))) << name;
  }
}

TEST(Check, ADefectThatChangesNothingIsNone) {
  for (const char* defect : {"", "broker.order", "broker.order B999 target", "nobody B8 target", "broker.order B8 colour",
                             "host.case H16 condition"})
    EXPECT_TRUE(with_defect(all::machines(), defect).empty()) << defect;
}

TEST(Check, EveryChangeOfEveryRowIsNoticed) {
  Evidence evidence;
  check_planted(options_with(all::machines()), {}, evidence);
  ASSERT_EQ(evidence.claims.size(), 1U);
  EXPECT_THAT(evidence.claims.front().wrong, testing::IsEmpty());
  std::size_t rows = 0;
  for (const MachineEntry& entry : all::machines()) rows += entry.table().rows.size();
  EXPECT_GT(evidence.claims.front().states, 2 * rows);
}

// Twin: where nothing is changed nothing is noticed, and a claim without a change does not stand.
TEST(Check, AClaimThatChangedNothingDoesNotStand) {
  Evidence evidence;
  check_planted(options_with({}), {}, evidence);
  EXPECT_THAT(evidence.claims.front().wrong, testing::ElementsAre("nothing was changed"));
}

TEST(Check, AProgramOfAnotherSpecificationIsRefused) {
  Options options = options_with(all::machines());
  options.built_from = "0123";
  Evidence evidence;
  check_machines(options, {}, evidence);
  ASSERT_FALSE(evidence.claims.empty());
  EXPECT_THAT(evidence.claims.front().wrong, Contains(HasSubstr("the program was built from 0123")));
}

TEST(Check, ATreeWithoutGeneratedFilesIsRefused) {
  const std::filesystem::path folder = std::filesystem::path(testing::TempDir()) / "check_tree";
  std::filesystem::create_directories(folder / "spec");
  std::filesystem::copy("spec/quickpay-1.0", folder / "spec/quickpay-1.0",
                        std::filesystem::copy_options::recursive | std::filesystem::copy_options::overwrite_existing);
  Options options = options_with(all::machines());
  options.root = folder;
  Evidence evidence;
  check_generated(options, {}, evidence);
  EXPECT_THAT(evidence.claims.front().wrong, Contains(HasSubstr("missing: statemachines/micropayment/generated/broker_order.hpp")));
  std::filesystem::remove_all(folder);
}

TEST(Check, RecordedCountsThatDifferAreNoticed) {
  Evidence evidence;
  evidence.explored.push_back(explore_one(options_with(all::machines()), "fault-free"));
  const std::string text = document(evidence);
  EXPECT_THAT(text, HasSubstr("| `fault-free` | 1 order, lazy time | 96 |"));
  EXPECT_TRUE(recorded(evidence, text).stands);
  evidence.explored.front().result.found.states += 1;
  EXPECT_FALSE(recorded(evidence, text).stands);
}

const MachineEntry& broker() {
  const auto machines = all::machines();
  return *std::find_if(machines.begin(), machines.end(), [](const MachineEntry& one) { return one.table().id == "broker.order"; });
}

/// broker.order whose first event is a message of another protocol.
const MachineTable& retrieving_broker() {
  static const auto events = [] {
    std::vector<EventInfo> all(broker().table().events.begin(), broker().table().events.end());
    all[0].message = "RetrieveMessages";
    return all;
  }();
  static const MachineTable table = [] {
    MachineTable one = broker().table();
    one.events = events;
    return one;
  }();
  return table;
}

// QP-TECH-006: a name that recurs in another protocol is none of its messages; one that only another has is.
TEST(Check, AMessageOfAnotherProtocolIsNoticed) {
  const auto foreign_in = [](std::span<const MachineEntry> machines) {
    Evidence evidence;
    check_independent(options_with(machines), {}, evidence);
    return evidence.claims.at(0).wrong;
  };
  EXPECT_THAT(foreign_in(all::machines()), testing::IsEmpty());
  std::vector<MachineEntry> machines(all::machines().begin(), all::machines().end());
  for (MachineEntry& entry : machines)
    if (entry.table().id == "broker.order") entry.table = &retrieving_broker;
  EXPECT_THAT(foreign_in(machines), testing::ElementsAre("broker.order names RetrieveMessages, which is no message of micropayment"));
}

TEST(Check, AnEmptyRunStandsForNothing) { EXPECT_FALSE(Evidence{}.stands()); }

std::string cell_of(std::string_view configuration, std::string_view goal) {
  const Explored one = explore_one(options_with(all::machines()), configuration);
  const Explored* const all[] = {&one};
  return cell(all, goal);
}

TEST(Check, ACellSaysHowItFails) {
  EXPECT_EQ(cell_of("network-lies-F", "G5"), "FAILS in 1");
  EXPECT_EQ(cell_of("network-lies-F", "G7"), "holds");
  EXPECT_EQ(cell_of("network-lies-F", "G13"), "–");
  EXPECT_EQ(cell_of("network-lies-F", "G15"), "–");  // no money moves there
  EXPECT_EQ(cell_of("broker-lies", "G7"), "assumed");
}

TEST(Check, ACellOfSeveralConfigurationsHasTheShortestTrail) {
  const Explored calm = explore_one(options_with(all::machines()), "fault-free");
  const Explored lying = explore_one(options_with(all::machines()), "network-lies-F");
  const Explored* const both[] = {&calm, &lying};
  EXPECT_EQ(cell(both, "G5"), "FAILS in 1");
  EXPECT_EQ(cell(both, "G7"), "holds");
}

// A profile says what somebody on the path can write; what a player lies is the same in both, but for a revoke, which is signed in H.
TEST(Check, PlayersLieAlikeInBothProfiles) {
  const CompositionTable& payment = *options_with(all::machines()).compositions.front();
  const Cast cast = cast_of(payment, all::machines(), EngineKind::msm);
  std::size_t compared = 0;
  for (const char* id : {"wallet-lies", "vendor-lies", "broker-lies", "wallet-vendor-lie", "wallet-broker-lie", "vendor-broker-lie", "settlement-wallet-lies",
                         "settlement-vendor-forges", "settlement-broker-lies", "regular-wallet-lies", "regular-vendor-lies", "regular-broker-lies",
                         "regular-settlement-wallet-lies", "regular-settlement-broker-lies"}) {
    ConfigurationInfo other = *find_configuration(payment, id);
    ASSERT_EQ(other.profile, "F") << id;
    other.profile = "H";
    const ConfigurationResult in_f = explore(payment, cast, *find_configuration(payment, id), {}), in_h = explore(payment, cast, other, {});
    EXPECT_EQ(in_f.found.states, in_h.found.states) << id;
    EXPECT_EQ(in_f.found.transitions, in_h.found.transitions) << id;
    EXPECT_THAT(in_h.wrong, testing::IsEmpty()) << id;
    ++compared;
  }
  EXPECT_EQ(compared, 14U);
  ConfigurationInfo path = *find_configuration(payment, "network-lies-F");
  path.profile = "H";
  EXPECT_NE(explore(payment, cast, path, {}).found.states, explore(payment, cast, *find_configuration(payment, "network-lies-F"), {}).found.states);
}

TEST(Check, AVerdictOnTheReportNeedsItsEvidence) {
  Evidence evidence;
  for (const char* id : {"fault-free", "broker-lies"})
    evidence.explored.push_back(explore_one(options_with(all::machines()), id));
  const std::string_view delivered[] = {"P-DELIVERED-COMMITTED@fault-free"}, lied[] = {"P-DELIVERED-COMMITTED@broker-lies"};
  const std::string_view assumed[] = {"P-CREDIT@broker-lies"}, nowhere[] = {"P-CREDIT@faults"}, unclaimed[] = {"P-HOLD-ENDS@broker-lies"};
  ReportClaimInfo claim{"R", "", "", ReportVerdict::holds_if, delivered, lied, {}};
  EXPECT_TRUE(judge_report(claim, evidence).empty());
  claim.holds = lied;
  claim.fails = delivered;
  EXPECT_THAT(judge_report(claim, evidence), testing::ElementsAre("P-DELIVERED-COMMITTED@broker-lies fails",
                                                                 "P-DELIVERED-COMMITTED@fault-free holds"));
  claim.fails = {};
  claim.holds = assumed;
  EXPECT_THAT(judge_report(claim, evidence), testing::ElementsAre("P-CREDIT@broker-lies is assumed, not shown"));
  claim.holds = nowhere;
  EXPECT_THAT(judge_report(claim, evidence), testing::ElementsAre("P-CREDIT@faults was not explored"));
  claim.holds = unclaimed;
  EXPECT_THAT(judge_report(claim, evidence), testing::ElementsAre("P-HOLD-ENDS@broker-lies is not claimed"));
  const std::string_view absent[] = {"P-PAYABLE-ONCE@fault-free"};
  claim.holds = absent;
  EXPECT_THAT(judge_report(claim, evidence), testing::ElementsAre("P-PAYABLE-ONCE@fault-free is about machines that are not there"));
}

// A test that is named as evidence is there, and CTest runs it.
TEST(Check, ATestThatIsNamedAsEvidenceHasToBeThere) {
  const std::filesystem::path root = ".";
  EXPECT_EQ(missing_test(root, "tools/check/tests/check_test.cpp:Check.ATestThatIsNamedAsEvidenceHasToBeThere"), "");
  EXPECT_EQ(missing_test(root, "reference/roles/tests/no_rsa.sh"), "");
  EXPECT_EQ(missing_test(root, "tools/check/tests/nobody.cpp:Check.Nothing"), "there is no tools/check/tests/nobody.cpp");
  EXPECT_EQ(missing_test(root, "tools/check/tests/check_test.cpp:Check.Nothing"), "there is no test tools/check/tests/check_test.cpp:Check.Nothing");
  EXPECT_EQ(missing_test(root, "tools/check/tests/check_test.cpp:Check"), "tools/check/tests/check_test.cpp:Check names no test");
  EXPECT_EQ(missing_test(root, "reference/roles/tests/public_key_users.txt"), "reference/roles/tests/public_key_users.txt is no test of its folder");
  const std::string_view tests[] = {"tools/check/tests/check_test.cpp:Check.Nothing"};
  EXPECT_THAT(judge_aim({"G", "", {}, tests}, root), testing::ElementsAre(HasSubstr("G: there is no test")));
  const spec::Unseen unseen{{"QP-ADD-07"}, {std::string(tests[0])}, "", {}};
  EXPECT_THAT(judge_unseen(unseen, root), testing::ElementsAre(HasSubstr("QP-ADD-07: there is no test")));
}

// Every goal of the matrix says what it is for, with the properties of all sets; seconds are told and not compared.
TEST(Check, TheDocumentTellsAimsAndTimes) {
  Evidence evidence;
  for (const char* id : {"fault-free", "vendor-keys"}) evidence.explored.push_back(explore_one(options_with(all::machines()), id));
  evidence.claims.push_back({"L4", "something long", true, 7, 2.5, {}});
  const std::string text = document(evidence);
  for (const char* line : {"\n### payment\n", "\n### administration\n", "| S2 | An order becomes payable at most once. | `P-PAYABLE-ONCE` | – |",
                           "| `P-HOLD-ENDS` | `([] <> (round == 1)) -> [] ((b.state == ENDORSED) -> <> (b.state == COMMITTED or b.state == LAPSED))` |",
                           "| G10 | Nobody pays, publishes, moves or leaves in somebody else's name. | `P-KEY-WANTED`", "| L4 something long | 7 | 2.5 |"})
    EXPECT_NE(text.find(line), std::string::npos) << line;
  evidence.claims.front().seconds = 9;
  EXPECT_NE(document(evidence), text);
  EXPECT_TRUE(recorded(evidence, text).stands);
}

// An option takes machines out, as it takes others in.
TEST(Check, WhatSpeaksOfMachinesThatAreOutIsNoEvidence) {
  const Explored micropayment = explore_one(options_with(all::machines()), "fault-free");
  const Explored regular = explore_one(options_with(all::machines()), "regular");
  const auto absent = [](std::string_view id, const Explored& explored) {
    const auto& properties = explored.table->properties;
    return speaks_of_absent(*std::find_if(properties.begin(), properties.end(), [&](const PropertyInfo& one) { return one.id == id; }), explored);
  };
  EXPECT_TRUE(absent("P-CASE-COMMITTED", regular));
  EXPECT_FALSE(absent("P-CASE-COMMITTED", micropayment));
  EXPECT_TRUE(absent("P-ACCEPTED-AGREED", micropayment));
  EXPECT_FALSE(absent("P-ACCEPTED-AGREED", regular));
  EXPECT_FALSE(absent("P-DELIVERED-COMMITTED", regular));
}

// What no world has is said, by name.
TEST(Check, MachinesInNoWorldAreNamed) {
  Options options = options_with(all::machines());
  EXPECT_THAT(machines_apart(options), testing::IsEmpty());
  options.compositions = options.compositions.first(1);  // payment
  const std::vector<std::string> apart = machines_apart(options);
  EXPECT_THAT(apart, testing::AllOf(testing::Contains("host.keys"), testing::Contains("vendor.registration"), testing::Not(testing::Contains("broker.order"))));
  Evidence evidence;
  evidence.explored.push_back(explore_one(options_with(all::machines()), "fault-free"));
  EXPECT_EQ(document(evidence).find("What is in no world"), std::string::npos);
  evidence.apart = apart;
  EXPECT_NE(document(evidence).find("* `host.keys`"), std::string::npos);
}

// A failure can be followed as a sequence diagram: who writes to whom, what was forged or lost, and what happens at one player alone.
TEST(Check, AFailureIsDrawn) {
  Evidence evidence;
  evidence.explored.push_back(explore_one(options_with(all::machines()), "broker-lies"));
  const std::string text = document(evidence);
  for (const char* line : {"\n  participant wallet\n", "\n  participant broker\n", "\n  Note over wallet: the user: w confirm: w takes W10\n",
                           "\n  wallet->>vendor: request GetOrder (w to v): v takes V3\n", "\n  vendor-->>wallet: answer GetOrder",
                           "\n  broker-->>vendor: FORGED answer CheckCommit"})
    EXPECT_NE(text.find(line), std::string::npos) << line;
  const Explored lossy = explore_one(options_with(all::machines()), "revoke-unsigned-loss");
  ASSERT_FALSE(lossy.result.failures.empty());
  std::string drawn;
  for (const std::string& line : lossy.result.failures.front().diagram) drawn += line + "\n";
  EXPECT_TRUE(drawn.find("-x") != std::string::npos || drawn.find("no answer") != std::string::npos) << drawn;
}

// A property that a world cannot break is no guarantee there: where nothing is ever revoked, no revoke was shown to be right.
TEST(Check, WhatNeverComesIsNoEvidence) {
  const Explored settled = explore_one(options_with(all::machines()), "settlement"), revoked = explore_one(options_with(all::machines()), "revoke-faults");
  const auto vacuous = [](std::string_view id, const Explored& explored) {
    const auto& properties = explored.table->properties;
    return is_vacuous(*std::find_if(properties.begin(), properties.end(), [&](const PropertyInfo& one) { return one.id == id; }), explored);
  };
  for (const std::string_view id : {"P-REVOKED-CLEARED", "P-REVOKE-WANTED", "P-HOLD-BLOCKS", "P-REVOKED-REJECTED"}) EXPECT_TRUE(vacuous(id, settled)) << id;
  for (const std::string_view id : {"P-REVOKED-CLEARED", "P-REVOKE-WANTED", "P-REVOKED-REJECTED"}) EXPECT_FALSE(vacuous(id, revoked)) << id;
  EXPECT_FALSE(vacuous("P-HOLD-BLOCKS", explore_one(options_with(all::machines()), "revoke-unsigned")));
  for (const std::string_view id : {"P-COMMIT-AGREED", "P-PAYABLE-EARNED", "P-PAYABLE-ONCE", "P-ACCOUNT-CONSERVED"}) EXPECT_FALSE(vacuous(id, settled)) << id;
  const std::array<const Explored*, 1> without{&settled}, with{&revoked};
  EXPECT_EQ(cell(without, "G16"), "–");
  EXPECT_EQ(states_behind(without, "G16"), 0U);
  EXPECT_EQ(states_behind(with, "G16"), revoked.result.found.states);
  EXPECT_EQ(cell(with, "G16"), "holds");
  Evidence evidence;
  evidence.explored = {settled, revoked};
  const std::string_view vain[] = {"P-REVOKED-CLEARED@settlement"}, shown[] = {"P-REVOKED-CLEARED@revoke-faults"};
  ReportClaimInfo claim{"R", "", "", ReportVerdict::holds, vain, {}, {}};
  EXPECT_THAT(judge_report(claim, evidence), testing::ElementsAre("P-REVOKED-CLEARED@settlement is about what never comes there"));
  claim.holds = shown;
  EXPECT_TRUE(judge_report(claim, evidence).empty());
}

TEST(Check, ATrailSaysOfWhichProtocolAMessageIs) {
  const Options options = options_with(all::machines());
  const auto micropayment = trail_file(options, "P-CASE-RECEIVED@network-lies-F"), regular = trail_file(options, "P-PURCHASE-COMMITTED@regular-network-lies-F");
  ASSERT_TRUE(micropayment && regular);
  EXPECT_NE(micropayment->find("\"protocol\": \"micropayment\""), std::string::npos);
  EXPECT_NE(regular->find("\"protocol\": \"regular\""), std::string::npos);
}

// A witness is of the first order, which is a micropayment there.
TEST(Check, AWitnessOfASecondOrderIsRefused) {
  const auto trail = trail_file(options_with(all::machines()), "rw=DONE@regular-beside-micropayment");
  ASSERT_FALSE(trail.has_value());
  EXPECT_EQ(trail.error(), "no run comes to DONE");
}

// What never comes has no state that could be shown: the trail goes on to where it cannot come any more.
TEST(Check, ATrailToWhatNeverComesEndsWhereItCannotComeAnyMore) {
  const Options options = options_with(all::machines());
  const auto void_by_itself = trail_file(options, "P-REVOKE-BOOKED@revoke-unsigned-loss"), kept_away = trail_file(options, "P-PROOF-STANDS@revoke-network-lies-F");
  ASSERT_TRUE(void_by_itself) << void_by_itself.error();
  ASSERT_TRUE(kept_away) << kept_away.error();
  const auto last_text = [](const std::string& file) { return file.substr(file.rfind("\"text\"")); };
  EXPECT_NE(last_text(*void_by_itself).find("th takes Z14"), std::string::npos) << last_text(*void_by_itself);
  EXPECT_NE(last_text(*kept_away).find("th takes Z11"), std::string::npos) << last_text(*kept_away);
}

// What leads to no new state has no witness by a state.
TEST(Check, AWitnessOfARowEndsWithIt) {
  const Options options = options_with(all::machines());
  const auto listed = trail_file(options, "hk:D3@wallet-keys"), renamed = trail_file(options, "hr:Q18@LIVE@registration");
  ASSERT_TRUE(listed) << listed.error();
  ASSERT_TRUE(renamed) << renamed.error();
  const auto last_text = [](const std::string& file) { return file.substr(file.rfind("\"text\"")); };
  EXPECT_NE(last_text(*listed).find("hk takes D3"), std::string::npos) << last_text(*listed);
  EXPECT_NE(last_text(*renamed).find("hr takes Q18@LIVE"), std::string::npos) << last_text(*renamed);
  EXPECT_NE(renamed->find("\"trail\": \"hr:Q18@LIVE\""), std::string::npos);
  const auto none = trail_file(options, "hk:D99@wallet-keys");
  ASSERT_FALSE(none.has_value());
  EXPECT_EQ(none.error(), "no run takes D99 of hk");
}

TEST(Check, AStrangersRequestIsOneInATrail) {
  const auto trail = trail_file(options_with(all::machines()), "ew=LIVE@entries");
  ASSERT_TRUE(trail) << trail.error();
  for (const char* part : {"\"does\": \"request\"", "\"message\": \"RegisterWallet\"", "\"from\": \"outside\"", "\"to\": \"host\""}) EXPECT_NE(trail->find(part), std::string::npos) << part;
}

TEST(Check, ConfigurationsThatAreNotThereAreNotExplored) {
  EXPECT_EQ(explore_one(options_with(all::machines()), "nowhere").configuration, nullptr);
}

}  // namespace
}  // namespace quickpay::check
