// Reason-bound negatives: eight wallets, two faults. A naive judge ("it did not pay, so it refused") gives nine of
// sixteen verdicts for free; the five conditions give none.
#include "conformance/model/negative.hpp"

#include <gtest/gtest.h>

#include <map>

#include "conformance/run/rollup.hpp"
#include "conformance/tests/fakes.hpp"

namespace quickpay::conformance {
namespace {

/// What a wallet does with an offer: "" is a right one, "tag" and "amount" are wrong in that part.
struct Behaviour {
  bool fetches = true;  ///< asks for the offer at all
  bool pays = false;
  enum class Says : std::uint8_t { accepted, rejected, nothing } says = Says::rejected;
  bool crashes = false;
};
using Wallet = std::function<Behaviour(const std::string& fault)>;
using Says = Behaviour::Says;

Behaviour pays() { return {true, true, Says::accepted, false}; }
Behaviour refuses() { return {true, false, Says::rejected, false}; }

const std::map<std::string, Wallet>& wallets() {
  static const std::map<std::string, Wallet> kWallets = {
      {"good", [](const std::string& fault) { return fault.empty() ? pays() : refuses(); }},
      {"no-tag-check", [](const std::string& fault) { return fault == "amount" ? refuses() : pays(); }},
      {"no-amount-check", [](const std::string& fault) { return fault == "tag" ? refuses() : pays(); }},
      {"always-rejects", [](const std::string&) { return Behaviour{false, false, Says::rejected, false}; }},
      {"rejects-after-fetch", [](const std::string&) { return refuses(); }},
      {"liar",
       [](const std::string& fault) {
         if (fault.empty()) return pays();
         return fault == "tag" ? Behaviour{true, true, Says::rejected, false}
                               : Behaviour{true, false, Says::accepted, false};
       }},
      {"crashes-on-bad",
       [](const std::string& fault) {
         return fault.empty() ? pays() : Behaviour{true, false, Says::nothing, true};
       }},
      {"silent", [](const std::string&) { return Behaviour{false, false, Says::nothing, false}; }}};
  return kWallets;
}

/// One purchase in a session: messages on the wire, outcome from the adapter.
IutResult<Outcome> purchase(Session& session, fakes::ScriptedIut& iut, const Behaviour& behaviour) {
  if (behaviour.fetches) {
    session.transcript().add(fakes::sent("GetOrder"));
  }
  if (behaviour.pays) {
    session.transcript().add(fakes::sent("InquiryPayment"));
  }
  if (behaviour.crashes) {
    iut.dead = true;
    return tl::unexpected(IutError{IutFault::crashed, "signal 11"});
  }
  switch (behaviour.says) {
    case Says::accepted: return fakes::accepted();
    case Says::rejected: return fakes::rejected();
    case Says::nothing: break;
  }
  return tl::unexpected(IutError{IutFault::timeout, "no reply"});
}

ScenarioResult played(const ScenarioInfo& info, const std::function<void(Session&, fakes::ScriptedIut&)>& body) {
  boost::asio::io_context io;
  fakes::ScriptedIut iut;
  Session session(info, fakes::setting(), io, iut);
  body(session, iut);
  ScenarioResult result;
  result.info = info;
  result.ran = true;
  result.checks = settle(info, session.findings());
  result.transcript = session.transcript().entries();
  return result;
}

ScenarioResult twin(const Wallet& wallet) {
  return played(fakes::scenario("wallet.buy", {fakes::check("wallet.buy.pays")}),
                [&](Session& session, fakes::ScriptedIut& iut) {
                  const auto outcome = purchase(session, iut, wallet(""));
                  const bool good = outcome && outcome->kind == OutcomeKind::accepted &&
                                    session.transcript().entries().size() == 2;
                  good ? session.pass("wallet.buy.pays")
                       : session.fail("wallet.buy.pays", Reason::refused, "paid", "not paid");
                });
}

ScenarioResult faulty(const Wallet& wallet, const std::string& fault) {
  const std::string check = "wallet.buy.refuses-" + fault;
  return played(fakes::scenario("wallet.buy.wrong-" + fault, {fakes::check(check)}, "wallet.buy"),
                [&](Session& session, fakes::ScriptedIut& iut) {
                  IutResult<Outcome> outcome = tl::unexpected(IutError{});
                  Negative plan;
                  plan.check = check;
                  plan.stimulus = [&](Session& s) {
                    outcome = purchase(s, iut, wallet(fault));
                    return !s.transcript().entries().empty();
                  };
                  plan.reaction = [&](Session&) { return reaction_of(outcome); };
                  plan.forbidden = [](const Entry& entry) { return entry.message == "InquiryPayment"; };
                  plan.forbidden_text = "no InquiryPayment for a wrong offer";
                  plan.benign = [&](Session& s) { return purchase(s, iut, wallet("")).has_value(); };
                  negative(session, plan);
                });
}

/// "It did not go on, so it refused."
bool naive_pass(const ScenarioResult& result) {
  return std::none_of(result.transcript.begin(), result.transcript.end(),
                      [](const Entry& entry) { return entry.message == "InquiryPayment"; });
}

std::string bound(const Wallet& wallet, const std::string& fault) {
  std::vector<ScenarioResult> both = {faulty(wallet, fault), twin(wallet)};
  bind_verdicts(both);
  const CheckResult& check = both.front().checks.front();
  return std::string(name_of(check.verdict)) +
         (check.evidence.reason == Reason::none ? "" : " " + std::string(name_of(check.evidence.reason)));
}

TEST(ReasonBound, TableOfEightWallets) {
  const std::map<std::string, std::pair<std::string, std::string>> expected = {
      {"good", {"pass", "pass"}},
      {"no-tag-check", {"fail forbidden_message", "pass"}},
      {"no-amount-check", {"pass", "fail forbidden_message"}},
      {"always-rejects", {"inconclusive twin_failed", "inconclusive twin_failed"}},
      {"rejects-after-fetch", {"inconclusive twin_failed", "inconclusive twin_failed"}},
      {"liar", {"fail forbidden_message", "fail self_report"}},
      {"crashes-on-bad", {"fail crash", "fail crash"}},
      {"silent", {"inconclusive twin_failed", "inconclusive twin_failed"}}};
  for (const auto& [name, wallet] : wallets()) {
    EXPECT_EQ(bound(wallet, "tag"), expected.at(name).first) << name;
    EXPECT_EQ(bound(wallet, "amount"), expected.at(name).second) << name;
  }
}

TEST(ReasonBound, NaiveJudgeGivesNineVerdictsForFree) {
  int free_passes = 0;
  for (const auto& [name, wallet] : wallets()) {
    for (const std::string fault : {"tag", "amount"}) {
      // A fault that stops the benign transaction from being reached leaves only the stimulus on the wire.
      ScenarioResult result = faulty(wallet, fault);
      const std::size_t stimulus = wallet(fault).fetches + wallet(fault).pays;
      result.transcript.resize(std::min(result.transcript.size(), stimulus));
      free_passes += naive_pass(result) && bound(wallet, fault) != "pass" ? 1 : 0;
    }
  }
  EXPECT_EQ(free_passes, 9);
}

// ---------------------------------------------------------------- each condition on its own
struct Case {
  bool reached = true, delivered = true, forbidden = false, benign = true, dies = false;
  Belongs belongs = Belongs::here;  // the forbidden message
  std::string while_benign;         // the order of a forbidden message that comes while the benign transaction is played
  Reaction reaction{Reaction::Kind::refused, "QP-E-MISMATCH", {}, {}, false};
  std::vector<std::string> refusals{"QP-E-MISMATCH"};
};

CheckResult judge(const Case& c) {
  const ScenarioInfo info = fakes::scenario("vendor.bad", {fakes::check("vendor.bad.check")}, "vendor.good");
  return played(info, [&](Session& session, fakes::ScriptedIut& iut) {
           Negative plan;
           plan.check = "vendor.bad.check";
           plan.reach = [&](Session&) { return c.reached; };
           plan.stimulus = [&](Session& s) {
             Entry goods = fakes::sent(c.forbidden ? "Goods" : "GetOrder");
             goods.belongs = c.belongs;
             goods.order = "V1 o";
             s.transcript().add(std::move(goods));
             iut.dead = c.dies;
             return c.delivered;
           };
           plan.reaction = [&](Session&) { return c.reaction; };
           plan.forbidden = [](const Entry& entry) { return entry.message == "Goods"; };
           plan.refusals = c.refusals;
           plan.benign = [&](Session& s) {
             Entry goods = fakes::sent(c.while_benign.empty() ? "GetOrder" : "Goods");
             goods.order = c.while_benign;
             s.transcript().add(std::move(goods));
             return c.benign;
           };
           negative(session, plan);
         }).checks.front();
}

TEST(ReasonBound, AllFiveConditionsMakeAPass) { EXPECT_EQ(judge({}).verdict, Verdict::pass); }

TEST(ReasonBound, ForbiddenMessageFailsWhateverIsReported) {
  Case c;
  c.forbidden = true;
  const CheckResult result = judge(c);
  EXPECT_EQ(result.verdict, Verdict::fail);
  EXPECT_EQ(result.evidence.reason, Reason::forbidden_message);
  EXPECT_FALSE(result.twin_bound);
  EXPECT_EQ(result.evidence.entries, std::vector<std::size_t>{0});
}

// What is late belongs to another scenario; the judges see it.
TEST(ReasonBound, ForbiddenMessageOfAnEarlierScenarioIsNotThisOnes) {
  Case c;
  c.forbidden = true;
  c.belongs = Belongs::earlier_scenario;
  EXPECT_EQ(judge(c).verdict, Verdict::pass);
}

// Without a fence what is forbidden may come a little later; the benign transaction's own order may have it.
TEST(ReasonBound, ForbiddenMessageMayNotComeWhileTheBenignTransactionIsPlayed) {
  Case c;
  c.while_benign = "V1 o";
  EXPECT_EQ(judge(c).evidence.reason, Reason::forbidden_message);
  c.while_benign = "V1 benign";
  EXPECT_EQ(judge(c).verdict, Verdict::pass);
}

TEST(ReasonBound, StateNotReachedOrFaultNotDeliveredIsInconclusive) {
  Case c;
  c.reached = false;
  EXPECT_EQ(judge(c).evidence.reason, Reason::precondition_unmet);
  c = {};
  c.delivered = false;
  EXPECT_EQ(judge(c).evidence.reason, Reason::precondition_unmet);
}

TEST(ReasonBound, CrashSilenceAndWrongCodesAreNoRefusals) {
  Case c;
  c.dies = true;
  EXPECT_EQ(judge(c).evidence.reason, Reason::crash);
  c = {};
  c.reaction = {Reaction::Kind::silent, {}, {}, {}, false};
  EXPECT_EQ(judge(c).verdict, Verdict::inconclusive);
  EXPECT_EQ(judge(c).evidence.reason, Reason::timeout);
  c.reaction = {Reaction::Kind::accepted, {}, {}, {}, false};
  EXPECT_EQ(judge(c).evidence.reason, Reason::accepted);
  c.reaction = {Reaction::Kind::refused, "QP-E-INTERNAL", {}, {}, false};
  EXPECT_EQ(judge(c).evidence.reason, Reason::wrong_refusal);
  c.reaction = {Reaction::Kind::unsupported, {}, {}, {}, false};
  EXPECT_EQ(judge(c).evidence.reason, Reason::adapter_required);
}

TEST(ReasonBound, UnspecifiedReasonPassesOnTheWireAndSaysSo) {
  Case c;
  c.reaction = {Reaction::Kind::refused, "unspecified", {}, {}, true};
  EXPECT_EQ(judge(c).verdict, Verdict::pass);
  EXPECT_EQ(judge(c).evidence.detail, "reason unverified");
}

TEST(ReasonBound, BenignTransactionThatFailsAfterwardsIsAFailure) {
  Case c;
  c.benign = false;
  EXPECT_EQ(judge(c).verdict, Verdict::fail);
  EXPECT_EQ(judge(c).evidence.reason, Reason::poisoned);
}

}  // namespace
}  // namespace quickpay::conformance
