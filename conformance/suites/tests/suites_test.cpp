// The suites as data: how many scenarios, how many of them negative, that no two are the same, that every requirement
// and every row that they name exists.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <sstream>
#include <tuple>

#include "conformance/judges/orders.hpp"
#include "conformance/judges/reading.hpp"
#include "conformance/peers/catalogue.hpp"
#include "conformance/peers/mutation.hpp"
#include "conformance/run/plan.hpp"
#include "conformance/suites/families.hpp"
#include "conformance/suites/suites.hpp"
#include "conformance/suites/vote_rows.hpp"
#include "reference/codec/generated/messages.hpp"
#include "reference/codec/generated/requirements.hpp"
#include "statemachines/all/generated/all.hpp"

namespace quickpay::conformance {
namespace {

const char* const kRoles[] = {"host", "broker", "vendor", "wallet"};
const std::map<std::string, std::size_t> kFloors = {{"host", 120}, {"broker", 80}, {"vendor", 120}, {"wallet", 110}};
constexpr std::size_t kFloorOfMulti = 20;  ///< between several others of a role: <role>.multi.…
constexpr std::size_t kFloorOfAll = 450;
constexpr std::size_t kFloorOfMutationPoints = 400;  ///< operator × message × field

std::set<std::string> rows_of(std::string_view role) {
  std::set<std::string> rows;
  for (const auto& entry : statemachines::all::machines()) {
    if (entry.table().role == role) {
      for (const auto& row : entry.table().rows) {
        rows.insert(std::string(row.id.substr(0, row.id.find_first_of("@."))));
      }
    }
  }
  return rows;
}

TEST(Suites, HoldTheirFloors) {
  std::size_t all = 0;
  std::size_t negative = 0;
  std::size_t multi = 0;
  for (const char* role : kRoles) {
    const auto scenarios = suite_of(role);
    EXPECT_GE(scenarios.size(), kFloors.at(role)) << role;
    std::size_t own = 0;
    for (const Scenario& scenario : scenarios) {
      own += scenario.info.negative ? 1 : 0;
      multi += scenario.info.id.find(".multi.") != std::string::npos ? 1 : 0;
    }
    RecordProperty(role, std::to_string(scenarios.size()) + ", negative " + std::to_string(own));
    std::cout << role << ": " << scenarios.size() << " scenarios, " << own << " negative\n";
    all += scenarios.size();
    negative += own;
  }
  std::cout << "all: " << all << " scenarios, " << negative << " negative, " << multi << " multi-role\n";
  EXPECT_GE(multi, kFloorOfMulti);
  EXPECT_GE(all, kFloorOfAll);
  EXPECT_GE(negative * 5, all * 3) << "six in ten are negative";
}

TEST(Suites, HaveAFewScenariosForSmoke) {
  constexpr std::size_t kMost = 40;
  for (const char* role : kRoles) {
    const auto suite = suite_of(role);
    const auto smoke = make_plan(suite, {role, {}, "F", {std::string(kSmoke)}}).scenarios;
    EXPECT_GT(smoke.size(), 1U) << role;
    EXPECT_LE(smoke.size(), kMost) << role;
  }
}

/// Every protocol of a role's machines has scenarios: nobody certifies what nothing is played of.
TEST(Suites, HaveNoProtocolWithoutScenarios) {
  std::set<std::pair<std::string, std::string>> played;
  for (const Scenario& scenario : all_suites()) {
    if (!denies_protocol(scenario.info)) played.insert({scenario.info.role, scenario.info.protocol});
  }
  for (const auto& entry : statemachines::all::machines()) {
    const std::string role(entry.table().role), protocol(entry.table().protocol);
    EXPECT_EQ(played.count({role, protocol}), 1U) << protocol << " of " << role;
  }
}

/// QP-GEN-003: two applications, administration and communication; each is played, with what somebody does rightly and what somebody does wrongly.
TEST(Suites, HaveTheFourFamilies) {
  std::map<std::string, std::pair<std::size_t, std::size_t>> counts;  // right, wrong
  for (const Scenario& scenario : all_suites()) {
    if (denies_protocol(scenario.info)) continue;
    auto& [right, wrong] = counts[scenario.info.protocol];
    ++(scenario.info.negative ? wrong : right);
  }
  for (const char* family : {"micropayment", "regular", "administration", "communication"}) {
    EXPECT_GT(counts[family].first, 0u) << family;
    EXPECT_GT(counts[family].second, 0u) << family;
  }
}

TEST(Suites, HaveSettlementInThreeRoles) {
  std::size_t all = 0, negative = 0, rows = 0;
  for (const Scenario& scenario : all_suites()) {
    if (scenario.info.protocol == "settlement") {
      EXPECT_NE(scenario.info.role, "wallet") << scenario.info.id;
      ++all;
      negative += scenario.info.negative ? 1 : 0;
      rows += scenario.info.mutation.rfind("vote.", 0) == 0 ? 1 : 0;
    }
  }
  std::cout << "settlement: " << all << " scenarios, " << negative << " negative, " << rows << " rows of the vote\n";
  EXPECT_GE(all, 120u);
  EXPECT_GE(negative * 2, all);
  EXPECT_GE(rows, 40u);
}

TEST(Suites, HaveAddPaycardInTwoRoles) {
  std::size_t all = 0, negative = 0;
  for (const Scenario& scenario : all_suites()) {
    if (scenario.info.protocol == "paycard" && !denies_protocol(scenario.info)) {
      EXPECT_TRUE(scenario.info.role == "broker" || scenario.info.role == "wallet") << scenario.info.id;
      ++all;
      negative += scenario.info.negative ? 1 : 0;
    }
  }
  std::cout << "paycard: " << all << " scenarios, " << negative << " negative\n";
  EXPECT_GE(all, 90u);
  EXPECT_GE(negative * 2, all);
}

TEST(Suites, HaveRegistrationAtHostAndVendor) {
  std::size_t all = 0, negative = 0;
  for (const Scenario& scenario : suite_of("host")) {
    if (scenario.info.protocol == "registration" && !denies_protocol(scenario.info)) {
      ++all;
      negative += scenario.info.negative ? 1 : 0;
    }
  }
  std::cout << "registration: " << all << " scenarios, " << negative << " negative\n";
  EXPECT_GE(all, 150u);
  EXPECT_GE(negative * 2, all);
  const auto vendor = suite_of("vendor");
  EXPECT_GE(std::count_if(vendor.begin(), vendor.end(), [](const Scenario& one) { return one.info.protocol == "registration" && !one.info.denial; }), 20);
}

TEST(Suites, HaveKeysInAllRoles) {
  const std::map<std::string, std::size_t> floors = {{"host", 150}, {"broker", 35}, {"vendor", 36}, {"wallet", 35}};
  std::size_t all = 0, negative = 0;
  for (const auto& [role, floor] : floors) {
    std::size_t own = 0;
    for (const Scenario& scenario : suite_of(role)) {
      if (scenario.info.protocol == "keys" && !denies_protocol(scenario.info)) {
        ++own;
        negative += scenario.info.negative ? 1 : 0;
      }
    }
    EXPECT_GE(own, floor) << role;
    all += own;
  }
  std::cout << "keys: " << all << " scenarios, " << negative << " negative\n";
  EXPECT_GE(negative * 2, all);
}

TEST(Suites, HaveRevokeInThreeRoles) {
  std::size_t all = 0, negative = 0;
  for (const Scenario& scenario : all_suites()) {
    if (scenario.info.protocol == "revoke") {
      EXPECT_NE(scenario.info.role, "wallet") << scenario.info.id;
      ++all;
      negative += scenario.info.negative ? 1 : 0;
    }
  }
  std::cout << "revoke: " << all << " scenarios, " << negative << " negative\n";
  EXPECT_GE(all, 120u);
  EXPECT_GE(negative * 2, all);
}

/// The sample of the vote has every decision, and rows in which a suspension or the literal rule decide otherwise; a proof is on record.
TEST(Suites, SampleTheVoteWidely) {
  std::set<std::string_view> decisions, codes;
  std::size_t suspended = 0, literal = 0;
  const auto scenarios = suite_of("host");
  for (const VoteRow& row : vote_rows()) {
    for (const Scenario& scenario : scenarios) {
      if (scenario.info.mutation == row.id) {
        decisions.insert(row.decision);
        codes.insert(row.code);
        suspended += row.suspended ? 1 : 0;
        literal += row.decision != row.literal ? 1 : 0;
      }
    }
  }
  EXPECT_EQ(decisions.size(), 4u);
  EXPECT_EQ(codes, (std::set<std::string_view>{"QP-OK", "QP-E-NO-COMMIT", "QP-E-NO-DELIVERY", "QP-E-NOT-CLAIMED"}));
  EXPECT_GE(suspended, 1u);
  EXPECT_GE(literal, 1u);
  EXPECT_EQ(vote_rows().size(), 1728u);
}

/// Each protocol that the specification gives a server is asked for where it is not claimed; it belongs to the protocol.
TEST(Suites, DenyEachProtocolThatIsServed) {
  for (const char* role : {"host", "broker", "vendor"}) {
    std::set<std::string> served, denied;
    for (const codec::MessageType* type : msg::messages()) {
      if (type->to == role) served.insert(std::string(type->protocol));
    }
    for (const Scenario& scenario : suite_of(role)) {
      if (denies_protocol(scenario.info)) denied.insert(scenario.info.protocol);
      EXPECT_EQ(denies_protocol(scenario.info), scenario.info.id == std::string(role) + ".denied." + scenario.info.protocol);
    }
    EXPECT_TRUE(std::includes(denied.begin(), denied.end(), served.begin(), served.end())) << role;
    EXPECT_EQ(denied.count("settlement"), 1U) << role;
  }
}

TEST(Suites, HaveNoFaultsAsData) {
  for (const char* role : kRoles) {
    for (const std::string& fault : suite_faults(suite_of(role), role)) {
      ADD_FAILURE() << fault;
    }
  }
  EXPECT_TRUE(suite_of("nobody").empty());
}

TEST(Suites, AreDistinctInRequirementSubjectAndMutation) {
  for (const char* role : kRoles) {
    std::map<std::tuple<std::string, std::string, std::string>, std::string> seen;
    for (const Scenario& scenario : suite_of(role)) {
      const auto key =
          std::make_tuple(scenario.info.requirements.front(), scenario.info.subject, scenario.info.mutation);
      const auto [other, fresh] = seen.try_emplace(key, scenario.info.id);
      EXPECT_TRUE(fresh) << scenario.info.id << " is " << other->second;
    }
  }
}

TEST(Suites, NameRequirementsThatExist) {
  std::set<std::string> known;
  for (const auto& requirement : protocol::requirements()) {
    known.insert(std::string(requirement.id));
  }
  for (const Scenario& scenario : all_suites()) {
    for (const CheckInfo& check : scenario.info.checks) {
      for (const std::string& id : check.requirements) {
        EXPECT_EQ(known.count(id), 1u) << scenario.info.id << " names " << id;
      }
    }
  }
}

/// Names of mutations of one message that a reader refuses: of its tables, and outside the XML profile.
std::set<std::string> breaking_points(const std::string& message) {
  const codec::MessageType& type = *message_type(message);
  const Element sample = sample_of(message);
  std::vector<std::string> names = table_mutations(*type.request);
  for (const std::string& op : byte_operators()) {
    names.push_back(message + ":" + op);
  }
  std::set<std::string> breaking;
  for (const std::string& name : names) {
    const auto mutations = mutations_of(name);
    const auto bytes = mutations ? mutated(sample, *mutations) : tl::unexpected(mutations.error());
    if (bytes && read_as(message, false, *bytes).fault) {
      breaking.insert(name);
    }
  }
  return breaking;
}

// The catalogue comes from the specification; each point can be named on the command line of a peer and composed.
TEST(Mutations, TheSpecificationGivesEnoughPointsAndTheyCompose) {
  std::size_t points = 0;
  for (const std::string_view name : message_names()) {
    const auto breaking = breaking_points(std::string(name));
    EXPECT_GT(breaking.size(), byte_operators().size()) << name;
    points += breaking.size();
    const std::string both = *breaking.begin() + " & " + *breaking.rbegin();
    const auto composed = mutations_of(both);
    ASSERT_TRUE(composed) << both;
    EXPECT_EQ(composed->size(), 2U) << both;
  }
  std::cout << points << " mutation points\n";
  EXPECT_GE(points, kFloorOfMutationPoints);
}

// Rows that cannot be provoked from outside in profile F, each with its reason.
const std::map<std::string, const char*> kUnprovoked = {{"V7", "needs a directory that has no answer"},
                                                        {"V13", "receipts are of profile H"},
                                                        {"V27", "receipts are of profile H"},
                                                        {"V4", "shows only in V9"},
                                                        {"V21", "shows only in a later retry"},
                                                        {"B4", "needs a directory that has no answer"},
                                                        {"B6", "the policy is the Broker's own"},
                                                        {"B13", "needs a directory that has no answer"},
                                                        {"B14", "the Vendor would have to leave"},
                                                        {"B25", "needs a directory that has no answer"},
                                                        {"B26", "the Vendor would have to leave"},
                                                        {"B29", "the policy is the Broker's own"},
                                                        {"B38", "shows in nothing"},
                                                        {"O4", "needs a directory that has no answer"},
                                                        {"O6", "the policy is the Broker's own"},
                                                        {"O13", "needs a directory that has no answer"},
                                                        {"O14", "the Vendor would have to leave"},
                                                        {"A7", "needs a directory that has no answer"},
                                                        {"A15", "needs a directory that has no answer"},
                                                        {"R6", "the Vendor would have to leave"},
                                                        {"R7", "the Broker would have to leave"},
                                                        {"R11", "the Vendor would have to leave"},
                                                        {"R12", "the Broker would have to leave"},
                                                        {"P1", "every purchase"},
                                                        {"P2", "as W2"},
                                                        {"P3", "every purchase"},
                                                        {"P6", "as W6"},
                                                        {"P7", "the adapter protocol has no cancel"},
                                                        {"P9", "the user's answer comes at once"},
                                                        {"P10", "every purchase"},
                                                        {"P13", "every purchase"},
                                                        {"P17", "as W16"},
                                                        {"P21", "thirty days"},
                                                        {"P23", "thirty days"},
                                                        {"P26", "thirty days"},
                                                        {"P27", "the adapter protocol has no refund"},
                                                        {"P28", "the adapter protocol has no refund"},
                                                        {"P29", "the adapter protocol has no refund"},
                                                        {"S3", "shows only to observers"},
                                                        {"S4", "shows only to observers"},
                                                        {"W1", "every purchase"},
                                                        {"W3", "every purchase"},
                                                        {"U18", "a Paycard that was added makes its token"},
                                                        {"W7", "the adapter protocol has no cancel"},
                                                        {"W9", "the user's answer comes at once"},
                                                        {"W12", "every purchase"},
                                                        {"W22", "needs a lapse after T_valid"},
                                                        {"W28", "as W24"},
                                                        {"W30", "shows in nothing"},
                                                        {"W31", "shows in nothing"},
                                                        {"W32", "thirty days"}};

TEST(Suites, ExerciseEveryRowThatShows) {
  for (const char* role : kRoles) {
    std::set<std::string> named;
    for (const Scenario& scenario : suite_of(role)) {
      std::istringstream words(scenario.info.subject);
      for (std::string word; words >> word;) {
        named.insert(word);
      }
    }
    for (const std::string& row : rows_of(role)) {
      EXPECT_TRUE(named.count(row) != 0 || kUnprovoked.count(row) != 0) << row << " is no scenario's subject";
    }
  }
}

}  // namespace
}  // namespace quickpay::conformance
