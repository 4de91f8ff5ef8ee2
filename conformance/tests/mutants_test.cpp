// Broken implementations are broken in the way their names say, and nowhere else.
#include <gtest/gtest.h>

#include <set>

#include "conformance/mutants/derived.hpp"
#include "conformance/mutants/fault.hpp"
#include "conformance/mutants/miniatures.hpp"
#include "conformance/mutants/rewrite.hpp"
#include "reference/roles/node.hpp"
#include "statemachines/all/generated/all.hpp"

namespace quickpay::conformance::mutants {
namespace {

TEST(Rewrite, ElementsAreFoundAndReplaced) {
  const std::string document = "<A><Head><Sender>V1</Sender></Head><Body><Code>QP-OK</Code></Body></A>";
  EXPECT_EQ(element(document, "Sender"), "<Sender>V1</Sender>");
  EXPECT_EQ(text_of(document, "Sender"), "V1");
  EXPECT_EQ(element(document, "Nope"), "");
  EXPECT_EQ(with_element(document, "Sender", "<Sender>V2</Sender>").find("V1"), std::string::npos);
  EXPECT_EQ(with_element(document, "Nope", "x"), document);
  EXPECT_EQ(text_of(as_refusal(document, "QP-E-NO-ITEM", "no"), "Code"), "QP-E-NO-ITEM");
}

TEST(Faults, HaveDistinctNamesRolesAndASentence) {
  std::set<std::string_view> ids;
  for (const FaultInfo& fault : faults()) {
    EXPECT_TRUE(ids.insert(fault.id).second) << fault.id;
    EXPECT_FALSE(fault.breaks.empty()) << fault.id;
    EXPECT_TRUE(can_be_seen_in(fault, fault.breaks.substr(0, fault.breaks.find(':')))) << fault.id;
    EXPECT_FALSE(can_be_seen_in(fault, "bank")) << fault.id;
    EXPECT_EQ(fault.text.back(), '.') << fault.id;
    EXPECT_EQ(find_fault(fault.id), &fault);
  }
  EXPECT_EQ(find_fault("no-such-fault"), nullptr);
  EXPECT_FALSE(make_fault("no-such-fault"));
}

TEST(Faults, EachChangesSomething) {
  for (const FaultInfo& info : faults()) {
    const auto fault = make_fault(info.id);
    ASSERT_TRUE(fault) << info.id;
    const Manners& m = fault->manners;
    const bool manners = m.null || m.silent || m.ignores_the_user || m.rejects_everything || m.hides_payments ||
                         m.forgets_on_restart || m.loses_its_outbox || m.tears_its_writes || m.dies_of_refusals || m.says_codes_aloud ||
                         m.claims_everything || m.commission_off_bp != 0 || m.fee_off_bp != 0;
    EXPECT_TRUE(manners || fault->deviation != nullptr) << info.id;
  }
}

TEST(Faults, CommitsWithoutComparingBelievesTermsOnly) {
  const auto fault = make_fault("commits-without-comparing");
  EXPECT_TRUE(fault->deviation->override_predicate("broker.order", "terms_equal", false));
  EXPECT_FALSE(fault->deviation->override_predicate("broker.order", "sender_is_vendor", false));
}

TEST(Faults, EchoesWhatTheWalletBrought) {
  const auto fault = make_fault("echoes-wallet-order");
  fault->deviation->see_request("/qp/1/micro/request-order-delivery",
                                "<R><OrderRef><OrderId>7</OrderId><Amount>1</Amount></OrderRef></R>");
  roles::OutgoingCall call;
  call.message = "CheckCommit";
  call.body = "<C><OrderRef><OrderId>7</OrderId><Amount>125</Amount></OrderRef></C>";
  EXPECT_TRUE(fault->deviation->rewrite_outgoing(call));
  EXPECT_EQ(text_of(call.body, "Amount"), "1");
  call.body = "<C><OrderRef><OrderId>8</OrderId><Amount>125</Amount></OrderRef></C>";
  (void)fault->deviation->rewrite_outgoing(call);
  EXPECT_EQ(text_of(call.body, "Amount"), "125") << "another order stays as it is";
}

TEST(Faults, AlwaysRejectsWritesARefusalWithoutResults) {
  const auto fault = make_fault("always-rejects");
  roles::Answer answer;
  answer.body = "<A><Head/><Body><Status><Code>QP-OK</Code></Status><CommitId>x</CommitId></Body></A>";
  EXPECT_TRUE(fault->deviation->rewrite_answer("/qp/1/micro/check-commit", answer));
  EXPECT_EQ(text_of(answer.body, "Code"), "QP-E-MISMATCH");
  EXPECT_EQ(element(answer.body, "CommitId"), "");
}

TEST(Faults, NeverNotifiesSendsEverythingElse) {
  const auto fault = make_fault("never-notifies");
  roles::OutgoingCall call;
  for (const auto& [message, sent] : {std::pair{"RegisterOrder", false}, std::pair{"RegisterCommit", false}, std::pair{"CheckCommit", true}}) {
    call.message = message;
    EXPECT_EQ(fault->deviation->rewrite_outgoing(call), sent) << message;
  }
}

TEST(Faults, DeliversTooEarlyAnswersInsteadOfParking) {
  const auto fault = make_fault("delivers-before-check-commit");
  for (const auto& entry : statemachines::all::machines()) {
    if (entry.table().id != "vendor.order") {
      continue;
    }
    bool changed = false;
    for (const auto& row : entry.table().rows) {
      std::vector<statemachines::EffectId> effects(row.effects.begin(), row.effects.end());
      fault->deviation->override_effects(entry.table(), row.id, effects);
      const bool differs = !std::equal(effects.begin(), effects.end(), row.effects.begin(), row.effects.end());
      EXPECT_EQ(differs, row.id.substr(0, 2) == "V8") << row.id;
      changed = changed || differs;
    }
    EXPECT_TRUE(changed) << "the row that asks the Broker is there";
  }
}

TEST(Derived, EveryRoleHasSomeAndAllCanBeMade) {
  for (const char* role : {"wallet", "vendor", "broker", "host"}) {
    const auto ids = derived_faults(role);
    EXPECT_GT(ids.size(), 20U) << role;
    EXPECT_EQ(std::set<std::string>(ids.begin(), ids.end()).size(), ids.size()) << role;
    for (const std::string& id : ids) {
      EXPECT_TRUE(make_fault(id)) << id;
      EXPECT_EQ(find_fault(id), nullptr) << id;
    }
  }
  for (const char* id : {"", "believes", "believes:vendor.order:no-such", "accepts:", "skips-step:16", "adds-one:CheckCommit:2"}) {
    EXPECT_FALSE(make_fault(id)) << id;
  }
}

TEST(Derived, BelievesAndDoubtsOnePredicateOfOneMachine) {
  const auto believes = make_derived("believes:vendor.order:order_matches"), doubts = make_derived("doubts:vendor.order:order_matches");
  EXPECT_TRUE(believes->override_predicate("vendor.order", "order_matches", false));
  EXPECT_FALSE(doubts->override_predicate("vendor.order", "order_matches", true));
  EXPECT_FALSE(believes->override_predicate("broker.order", "order_matches", false));
  EXPECT_TRUE(doubts->override_predicate("vendor.order", "in_time", true));
}

TEST(Derived, SkipsOneStep) {
  const auto fault = make_derived("skips-step:9");
  EXPECT_TRUE(fault->skip_step(9, "/qp/1/micro/get-order"));
  EXPECT_FALSE(fault->skip_step(10, "/qp/1/micro/get-order"));
}

roles::OutgoingCall check_commit() {
  roles::OutgoingCall call;
  call.message = "CheckCommit";
  call.path = "/qp/1/micro/check-commit";
  call.body = "<C><OrderRef><Amount>125</Amount><Currency>USD</Currency></OrderRef></C>";
  return call;
}

TEST(Derived, MiswritesMoneyInOneDocument) {
  roles::OutgoingCall call = check_commit();
  EXPECT_TRUE(make_derived("adds-one:CheckCommit")->rewrite_outgoing(call));
  EXPECT_EQ(text_of(call.body, "Amount"), "126");
  EXPECT_TRUE(make_derived("other-currency:CheckCommit")->rewrite_outgoing(call));
  EXPECT_EQ(text_of(call.body, "Currency"), "JPY");
  EXPECT_TRUE(make_derived("adds-one:InquiryPayment")->rewrite_outgoing(call));
  EXPECT_EQ(text_of(call.body, "Amount"), "126") << "another document";
  EXPECT_FALSE(make_derived("never-sends:CheckCommit")->rewrite_outgoing(call));
  EXPECT_TRUE(make_derived("never-sends:RegisterDelivery")->rewrite_outgoing(call));
}

// A name that recurs in another protocol is another message.
TEST(Derived, TellsMessagesOfTheSameNameApart) {
  roles::OutgoingCall call;
  call.message = "RegisterOrder";
  call.path = "/qp/1/regular/register-order";
  EXPECT_TRUE(make_derived("never-sends:RegisterOrder")->rewrite_outgoing(call));
  EXPECT_FALSE(make_derived("never-sends:regular/RegisterOrder")->rewrite_outgoing(call));
  EXPECT_EQ(protocol_of("never-sends:RegisterOrder"), "micropayment");
  EXPECT_EQ(protocol_of("never-sends:regular/RegisterOrder"), "regular");
}

TEST(Derived, OtherCodeIsOneOfTheMessage) {
  const auto fault = make_derived("other-code:CheckCommit");
  roles::Answer answer;
  answer.body = "<A><Body><Status><Code>QP-E-MISMATCH</Code><Retry>no</Retry></Status></Body></A>";
  EXPECT_TRUE(fault->rewrite_answer("/qp/1/micro/check-commit", answer));
  EXPECT_NE(text_of(answer.body, "Code"), "QP-E-MISMATCH");
  EXPECT_EQ(text_of(answer.body, "Code").substr(0, 5), "QP-E-");
}

TEST(Miniatures, AcceptsEverythingWithTheLastResults) {
  AcceptsEverything fault;
  roles::Answer right, wrong;
  right.body = "<A><Body><Status><Code>QP-OK</Code></Status><CommitId>7</CommitId></Body></A>";
  wrong.body = "<A><Body><Status><Code>QP-E-MISMATCH</Code><Retry>no</Retry></Status></Body></A>";
  EXPECT_TRUE(fault.rewrite_answer("/qp/1/micro/check-commit", wrong));
  EXPECT_EQ(text_of(wrong.body, "Code"), "QP-OK");
  wrong.body = "<A><Body><Status><Code>QP-E-MISMATCH</Code><Retry>no</Retry></Status></Body></A>";
  EXPECT_TRUE(fault.rewrite_answer("/qp/1/micro/check-commit", right));
  EXPECT_TRUE(fault.rewrite_answer("/qp/1/micro/check-commit", wrong));
  EXPECT_EQ(text_of(wrong.body, "CommitId"), "7");
}

TEST(Miniatures, OnlySaysSoKeepsTheAnswerAlone) {
  OnlySaysSo fault;
  for (const auto& entry : statemachines::all::machines()) {
    for (const auto& row : entry.table().rows) {
      std::vector<statemachines::EffectId> effects(row.effects.begin(), row.effects.end());
      fault.override_effects(entry.table(), row.id, effects);
      for (const auto effect : effects) {
        EXPECT_NE(entry.table().effects[effect].verb, statemachines::Verb::outbox) << row.id;
      }
    }
  }
}

TEST(Miniatures, RefusesWhatFollowsAndNotWhatComesFirst) {
  RefusesWhatFollows fault;
  roles::Answer answer;
  answer.body = "<A><Body><Status><Code>QP-OK</Code></Status></Body></A>";
  EXPECT_TRUE(fault.rewrite_answer("/qp/1/micro/inquiry-payment", answer));
  EXPECT_EQ(text_of(answer.body, "Code"), "QP-OK");
  EXPECT_TRUE(fault.rewrite_answer("/qp/1/micro/check-commit", answer));
  EXPECT_NE(text_of(answer.body, "Code"), "QP-OK");
}

TEST(Mutations, FactoryKnowsItsIdsAndNoOthers) {
  const auto ids = mutation_ids("vendor");
  EXPECT_GT(ids.size(), 50U);
  EXPECT_TRUE(mutated_factory(ids.front()));
  EXPECT_TRUE(mutated_factory(""));
  EXPECT_FALSE(mutated_factory("vendor.order:drop-row:NO-SUCH-ROW"));
  EXPECT_TRUE(mutation_ids("bank").empty());
}

TEST(Mutations, OneMachineChangesAndTheOthersStay) {
  const auto factory = mutated_factory("vendor.order:drop-row:V3");
  ASSERT_TRUE(factory);
  for (const auto& entry : statemachines::all::machines()) {
    const roles::Machine machine = (*factory)(entry.table());
    const auto compiled = entry.make_msm();
    bool differs = false;
    for (statemachines::EventId event = 0; event < entry.table().events.size(); ++event) {
      for (statemachines::PredicateBits bits = 0; bits < 64; ++bits) {
        auto a = statemachines::initial_snapshot(entry.table()), b = a;
        differs = differs || !(machine.engine->step(a, event, bits) == compiled->step(b, event, bits)) || !(a == b);
      }
    }
    EXPECT_EQ(differs, entry.table().id == "vendor.order") << entry.table().id;
  }
}

}  // namespace
}  // namespace quickpay::conformance::mutants
