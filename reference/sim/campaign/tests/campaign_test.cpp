// L6: worlds of real role cores under scripts: no goal is missed, and each defect that was sown is found.
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>

#include "reference/sim/campaign/search.hpp"

namespace quickpay::sim {
namespace {

std::uint64_t seed() {
  const char* given = std::getenv("QP_SEED");
  const std::uint64_t value = given != nullptr ? std::strtoull(given, nullptr, 10) : 20261126;
  std::cout << "QP_SEED=" << value << "\n";
  return value;
}

std::string told(const Search& found) {
  return found.miss ? found.miss->wrong + " in run " + std::to_string(found.miss->run) + "\n" + to_text(found.miss->script)
                    : "nothing";
}

// QP-SAFE-001 to QP-SAFE-011, QP-MP-019, QP-ADD-05, QP-ADD-06, QP-ADD-25, QP-ADD-28, QP-CM-003, QP-CM-007, QP-CM-010, QP-CM-011,
// QP-RV-002 to QP-RV-006, QP-RV-008, QP-RV-012, QP-RV-013: a sample of what `tools/test --deep` plays.
TEST(Campaign, MissesNoGoal) {
  const Search found = search(seed(), 150);
  EXPECT_FALSE(found.miss) << told(found);
  EXPECT_EQ(found.runs, 150U);
  EXPECT_GT(found.deliveries, 150U) << "too little happens";
  for (const std::size_t count : found.acts) EXPECT_GT(count, 30U) << "something never happens";
  EXPECT_GT(found.with_liar, 30U);
  EXPECT_GT(found.settled, 2U);
  EXPECT_GT(found.authenticated, 20U);
  EXPECT_GT(found.steps, 3000U);
  EXPECT_GT(found.receipts, 10U) << "of regular orders";
  EXPECT_GT(found.with_revoke, 5U) << "runs in which an order was taken back";
  EXPECT_GT(found.not_revoked, 0U) << "without a signature, or contested";
  EXPECT_GT(found.mails, 100U);
  for (const std::size_t count : found.joins) EXPECT_GT(count, 10U) << "something never happens to newcomers";
  EXPECT_GT(found.registered, 20U) << "newcomers";
  EXPECT_GT(found.compared, 10U) << "with the same world without mail";
  std::cout << found.deliveries << " deliveries, " << found.steps << " steps, " << found.with_liar << " runs with a liar\n";
}

// QP-ADD-06: every second answer to a RevokeOrder is a liar's, and comes to be that to each request that is written anew; each repetition of one is
// stale by then. Once he lies no more, the revoke arrives and no notice is left.
TEST(Campaign, ARevokeArrivesOnceNobodyAnswersInTheBrokersPlace) {
  Script script;
  script.seed = 2738;
  script.liar = Liar::network;
  script.players = 2;
  script.authenticated = script.regular = true;
  script.actions = {{Act::buy, 0, 0},       {Act::buy, 11, 4},        {Act::buy_regular, 9, 36}, {Act::buy_wrongly, 6, 48},
                    {Act::duplicate, 12, 36}, {Act::lose, 8, 38},     {Act::take_back, 8, 19},   {Act::cut, 1, 40},
                    {Act::wait, 4, 47},     {Act::wait, 13, 51},      {Act::post, 1, 35},        {Act::forge_revoke, 11, 28},
                    {Act::wait, 1, 45},     {Act::forge_revoke, 6, 19}, {Act::take_back, 6, 9},  {Act::buy_regular, 7, 52}};
  const Played played = play(script);
  EXPECT_EQ(played.wrong, "");
  EXPECT_EQ(played.revoked, 1U);
}

// The same script, the same world.
TEST(Campaign, IsDecidedByItsSeed) {
  const Search one = search(7, 20), other = search(7, 20);
  EXPECT_EQ(one.steps, other.steps);
  EXPECT_EQ(one.deliveries, other.deliveries);
}

constexpr int kFewer = 100;

class CampaignTwin : public ::testing::TestWithParam<std::size_t> {};

// Twins: each defect is found by the goal that it breaks, within 1,000 runs and in a script that one can read.
TEST_P(CampaignTwin, FindsTheDefect) {
  const Defect& defect = defects()[GetParam()];
  const bool of_newcomers = defect.goals.starts_with("AD");  // a script without them is no shorter one
  const Search found = search(seed(), 1000, sown(defect), {}, of_newcomers ? kFewer : kMaxShorter);
  ASSERT_TRUE(found.miss) << defect.id << ": " << defect.text;
  EXPECT_NE(defect.goals.find(found.miss->wrong.substr(0, found.miss->wrong.find(':'))), std::string_view::npos)
      << told(found);
  EXPECT_LE(found.miss->script.actions.size(), 10U) << told(found);
  std::cout << defect.id << ": run " << found.miss->run << ", " << found.miss->wrong << "\n";
}

INSTANTIATE_TEST_SUITE_P(Defects, CampaignTwin, ::testing::Range<std::size_t>(0, defects().size()),
                         [](const auto& given) { return std::string(defects()[given.param].id); });

}  // namespace
}  // namespace quickpay::sim
