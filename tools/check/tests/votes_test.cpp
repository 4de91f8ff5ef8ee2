// The matrix of rules, promises and liars: what it says, that a defect of a rule is noticed, and that the model checker judges by the
// same rule (QP-ADD-08, QP-SEC-006).
#include "tools/check/votes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "statemachines/all/generated/all.hpp"
#include "statemachines/composition/generated/payment.hpp"
#include "statemachines/explorer/claims.hpp"

namespace quickpay::check {
namespace {

using namespace statemachines;
using roles::Evidence;
using roles::Stand;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

const VoteRow& row(const VoteMatrix& matrix, bool receipts, Rule rule, Promise promise) {
  for (const VoteRow& one : matrix.rows)
    if (one.receipts == receipts && one.rule == rule && one.promise == promise) return one;
  throw std::logic_error("no such row");
}

TEST(Votes, AreWhatTheDesignExpects) {
  const VoteMatrix matrix = vote_matrix();
  EXPECT_THAT(unexpected(matrix), IsEmpty());
  EXPECT_EQ(matrix.rows.size(), 2U * 5U * 4U);
  for (const VoteRow& one : matrix.rows)
    for (std::size_t i = 0; i < one.cells.size(); ++i)
      EXPECT_EQ(one.cells[i] == Outcome3::holds, one.witnesses[i].empty());
}

TEST(Votes, OneLyingVendorSufficesAgainstTheLiteralRule) {
  const VoteRow literal = row(vote_matrix(), false, Rule::literal, Promise::never_pays_uncommitted);
  EXPECT_THAT(literal.witnesses[2], HasSubstr("not committed, delivered; registered c=0 d=1 o=1"));
}

bool forgets_the_anchor(Rule rule, const Evidence& evidence) {
  return approves(rule == Rule::anchored ? Rule::literal : rule, evidence);
}
bool approves_nothing(Rule, const Evidence&) { return false; }
bool forgets_suspensions(Rule rule, const Evidence& evidence) {
  Evidence seen = evidence;
  seen.suspended = false;
  return approves(rule, seen);
}

TEST(Votes, ADefectOfTheRuleIsNoticed) {
  EXPECT_THAT(unexpected(vote_matrix(forgets_the_anchor)), Contains(HasSubstr("F anchored P1 is \"ok ok FAIL")));
  EXPECT_THAT(unexpected(vote_matrix(approves_nothing)), Contains(HasSubstr("F anchored P2 is")));
  EXPECT_THAT(unexpected(vote_matrix(forgets_suspensions)), Contains(HasSubstr("F anchored P2 is \"outage")));
}

// A composition whose state has this evidence at the Host, and the Host's verdict on it when the case is heard.
class Judge {
 public:
  explicit Judge(std::string_view configuration)
      : cast_(cast_of(table(), all::machines(), EngineKind::msm)),
        composition_(table(), cast_.players, *find_configuration(table(), configuration)) {}

  bool holds(std::string_view predicate, const CompositionState& state) const {
    const std::size_t y = instance("y");
    const auto& predicates = cast_.players[y].table->predicates;
    for (const AssumptionInfo& item : table().assumptions)
      if (item.instance == y && predicates[item.predicate].id == predicate) return composition_.holds(item.meaning, state, 0);
    throw std::logic_error("no such predicate");
  }
  CompositionState state(std::uint8_t c, std::uint8_t d, std::uint8_t o, bool says_no, bool denial, bool admission) const {
    CompositionState state = composition_.initial();
    const Layout& layout = composition_.layout();
    state[layout.machine_at(0, instance("h")) + 1] = c;
    state[layout.machine_at(0, instance("h")) + 2] = d;
    state[layout.machine_at(0, instance("s")) + 1] = o;
    state[layout.machine_at(0, instance("s")) + 2] = says_no ? 1 : 0;
    state[layout.ghost_at(0, ghost("denial"))] = denial ? 1 : 0;
    state[layout.ghost_at(0, ghost("admission"))] = admission ? 1 : 0;
    return state;
  }

 private:
  static const CompositionTable& table() { return composition_payment::table(); }
  static std::size_t instance(std::string_view id) {
    for (std::size_t i = 0; i < table().instances.size(); ++i)
      if (table().instances[i].id == id) return i;
    throw std::logic_error("no such instance");
  }
  static std::size_t ghost(std::string_view id) {
    for (std::size_t i = 0; i < table().ghosts.size(); ++i)
      if (table().ghosts[i].id == id) return i;
    throw std::logic_error("no such ghost");
  }
  Cast cast_;
  Composition composition_;
};

constexpr std::uint8_t kInTime = 1;

// What the Host knows in words of the vote: a late registration of Broker or Wallet is a statement, of the Vendor it is nothing.
Evidence evidence_of(std::uint8_t c, std::uint8_t d, std::uint8_t o, bool says_no, bool denial, bool admission) {
  Evidence evidence;
  evidence.vendor = Stand::yes;
  evidence.commit = c == kInTime;
  evidence.delivery = d == kInTime;
  evidence.order = o == kInTime;
  evidence.broker = c == 2 || admission ? Stand::yes : denial ? Stand::no : Stand::silent;
  evidence.wallet = o == 2 ? Stand::yes : says_no ? Stand::no : Stand::silent;
  return evidence;
}

void expect_same_rule(std::string_view configuration, roles::Policy policy) {
  const Judge judge(configuration);
  for (unsigned i = 0; i < 27U * 8U; ++i) {
    const auto c = static_cast<std::uint8_t>(i % 3), d = static_cast<std::uint8_t>(i / 3 % 3), o = static_cast<std::uint8_t>(i / 9 % 3);
    const bool says_no = (i / 27 & 1U) != 0, denial = (i / 27 & 2U) != 0, admission = (i / 27 & 4U) != 0;
    const CompositionState state = judge.state(c, d, o, says_no, denial, admission);
    const roles::Ruling ruling = roles::vote(evidence_of(c, d, o, says_no, denial, admission), policy).ruling;
    const bool approve = judge.holds("votes_approve", state);
    EXPECT_EQ(approve, ruling == roles::Ruling::approve) << i;
    EXPECT_EQ(!approve && judge.holds("votes_reject", state), ruling == roles::Ruling::reject) << i;
  }
}

TEST(Votes, TheModelJudgesAsTheReferenceDoes) {
  expect_same_rule("settlement-vendor-lies", roles::Policy::anchored);
  expect_same_rule("settlement-vendor-lies-literal", roles::Policy::literal);
}

}  // namespace
}  // namespace quickpay::check
