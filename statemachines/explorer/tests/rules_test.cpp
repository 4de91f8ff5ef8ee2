// The rules of the composition, one by one: kept answers, losses, copies, crashes, earlier requests, forgeries.
#include <gtest/gtest.h>

#include <optional>

#include "statemachines/all/generated/all.hpp"
#include "statemachines/composition/generated/administration.hpp"
#include "statemachines/composition/generated/payment.hpp"
#include "statemachines/explorer/claims.hpp"

namespace quickpay::statemachines {
namespace {

/// Walks through a composition by the words that describe its moves.
class Walk {
 public:
  explicit Walk(const ConfigurationInfo& configuration, const CompositionTable& table = composition_payment::table())
      : info_(configuration),
        cast_(cast_of(table, all::machines(), EngineKind::msm)),
        composition_(table, cast_.players, info_),
        state_(composition_.initial()) {}

  /// Takes the first move whose description contains `words`; false if there is none.
  bool take(std::string_view words) {
    std::optional<CompositionState> next;
    composition_.successors(state_, [&](const Move& move, const CompositionState& state) {
      if (!next && composition_.describe(move).find(words) != std::string::npos) next = state;
    });
    if (next) state_ = *next;
    return next.has_value();
  }
  bool possible(std::string_view words) {
    const CompositionState before = state_;
    const bool found = take(words);
    state_ = before;
    return found;
  }
  bool shows(std::string_view words) const { return composition_.describe(state_).find(words) != std::string::npos; }

 private:
  ConfigurationInfo info_;  // the composition refers to it
  Cast cast_;
  Composition composition_;
  CompositionState state_;
};

ConfigurationInfo plain() {
  ConfigurationInfo info;
  info.id = "test";
  return info;
}

void inquire(Walk& walk) {
  for (const char* words : {"open-link", "request GetOrder", "answer GetOrder", "confirm", "request InquiryPayment"})
    ASSERT_TRUE(walk.take(words)) << words;
}

TEST(Rules, AnAnswerThatIsKeptIsGivenAgainWithoutAStep) {
  Walk walk(plain());
  inquire(walk);
  ASSERT_TRUE(walk.shows("b ENDORSED"));
  ASSERT_TRUE(walk.take("no answer in time to InquiryPayment"));
  EXPECT_TRUE(walk.possible("request InquiryPayment (w to b)"));
  EXPECT_FALSE(walk.possible("request InquiryPayment (w to b); b takes"));  // the Broker's machine is not asked again
  EXPECT_TRUE(walk.take("answer InquiryPayment (w to b) QP-OK; w takes W12"));
}

TEST(Rules, NothingIsLostOrRepeatedBeyondTheBudget) {
  Walk calm(plain());
  ASSERT_TRUE(calm.take("open-link"));
  EXPECT_FALSE(calm.possible("loses"));
  EXPECT_FALSE(calm.possible("a copy stays"));
  EXPECT_FALSE(calm.possible("crash"));
  EXPECT_FALSE(calm.possible("FORGED"));
  ConfigurationInfo faulty = plain();
  faulty.loss = 1;
  Walk walk(faulty);
  ASSERT_TRUE(walk.take("open-link"));
  ASSERT_TRUE(walk.take("loses the request GetOrder"));
  EXPECT_FALSE(walk.possible("request GetOrder"));
  ASSERT_TRUE(walk.take("no answer in time to GetOrder"));
  EXPECT_TRUE(walk.take("request GetOrder"));
  EXPECT_FALSE(walk.possible("loses"));
}

TEST(Rules, LazyTimeWaitsForWhatTravels) {
  ConfigurationInfo lazy = plain();
  lazy.lazy_timers = true;
  Walk walk(lazy);
  ASSERT_TRUE(walk.take("open-link"));
  EXPECT_FALSE(walk.possible("time: w T_ask!"));
  Walk eager(plain());
  ASSERT_TRUE(eager.take("open-link"));
  EXPECT_TRUE(eager.possible("time: w T_ask!"));
}

TEST(Rules, ACrashTakesWhatTravelsAndKeepsWhatIsRecorded) {
  ConfigurationInfo faulty = plain();
  faulty.crashes = 1;
  Walk walk(faulty);
  inquire(walk);
  ASSERT_TRUE(walk.take("crash and restart of the broker"));
  EXPECT_TRUE(walk.shows("b ENDORSED"));
  EXPECT_FALSE(walk.possible("answer InquiryPayment"));
  ASSERT_TRUE(walk.take("no answer in time to InquiryPayment"));
  ASSERT_TRUE(walk.take("request InquiryPayment"));
  EXPECT_TRUE(walk.take("answer InquiryPayment (w to b) QP-OK"));
}

TEST(Rules, WhatWasGivenUpUnansweredMayStillArrive) {
  Walk walk(plain());
  ASSERT_TRUE(walk.take("open-link"));
  ASSERT_TRUE(walk.take("cancel"));
  ASSERT_TRUE(walk.shows("w FAILED"));
  ASSERT_TRUE(walk.take("earlier request GetOrder (w to v); v takes V3"));
  EXPECT_TRUE(walk.shows("v OFFERED"));
  EXPECT_FALSE(walk.possible("answer GetOrder"));
}

TEST(Rules, ALiarWritesWhatHisRoleWritesAndTheNetworkWhatNothingProves) {
  ConfigurationInfo info = plain();
  info.forgeries = 1;
  const std::string_view vendor[] = {"vendor"};
  info.liars = vendor;
  Walk lying(info);
  EXPECT_TRUE(lying.possible("FORGED request CheckCommit"));
  EXPECT_FALSE(lying.possible("FORGED request RegisterCommit"));
  const std::string_view network[] = {"network"};
  info.liars = network;
  info.profile = "F";
  EXPECT_TRUE(Walk(info).possible("FORGED request RegisterCommit"));
  info.profile = "H";
  EXPECT_FALSE(Walk(info).possible("FORGED request RegisterCommit"));
  EXPECT_TRUE(Walk(info).possible("FORGED request RequestOrderDelivery"));
}

TEST(Rules, WhatFollowsIsOneUnit) {
  ConfigurationInfo info = plain();
  const std::string_view settlement[] = {"settlement"};
  info.options = settlement;
  Walk walk(info);
  inquire(walk);
  for (const char* words : {"answer InquiryPayment", "request RequestOrderDelivery", "request CheckCommit (v to b); b takes B20, bd takes G1",
                            "answer CheckCommit (v to b) QP-OK; v takes V15@CHECKING, vc takes C1", "vb1 run; vb1 takes T1, vc takes C2",
                            "request SettleWithBroker (vb1 to bb1); bb1 takes K9, bd takes G10",
                            "answer SettleWithBroker (vb1 to bb1) QP-OK; vb1 takes T3, vc takes C5"})
    ASSERT_TRUE(walk.take(words)) << words;
  EXPECT_TRUE(walk.shows("said1=1"));
  EXPECT_TRUE(walk.shows("payables=1"));
}

TEST(Rules, WhatAMachineMakesAnotherDoNobodyElseDoes) {
  ConfigurationInfo info = plain();
  const std::string_view settlement[] = {"settlement"};
  info.options = settlement;
  Walk walk(info);
  EXPECT_FALSE(walk.possible("bd committed"));
  EXPECT_FALSE(walk.possible("vc delivered"));
  EXPECT_TRUE(walk.possible("vb1 run"));
}

TEST(Rules, MachinesOfAnOptionTakePartOnlyWithIt) {
  Walk walk(plain());
  inquire(walk);
  EXPECT_FALSE(walk.possible("vb1"));
  for (const char* words : {"answer InquiryPayment", "request RequestOrderDelivery"}) ASSERT_TRUE(walk.take(words)) << words;
  EXPECT_TRUE(walk.possible("request CheckCommit (v to b); b takes B20"));
  EXPECT_FALSE(walk.possible("bd takes"));
}

TEST(Rules, AnOptionTakesMachinesOutToo) {
  ConfigurationInfo info = plain();
  const std::string_view regular[] = {"regular"};
  info.options = regular;
  Walk walk(info);
  EXPECT_FALSE(walk.possible(": w open-link"));
  EXPECT_TRUE(walk.possible(": rw open-link"));
  EXPECT_FALSE(Walk(plain()).possible(": rw open-link"));
}

// The Host's keys are there in every world of administration; those who would write to them only with their options.
TEST(Rules, NobodyForgesWhatAMachineThatIsOutWouldWrite) {
  ConfigurationInfo info = plain();
  const std::string_view liars[] = {"vendor"}, registration[] = {"registration"}, keys[] = {"vendor"};
  info.liars = liars;
  info.forgeries = 1;
  info.options = registration;
  Walk registering(info, composition_administration::table());
  EXPECT_TRUE(registering.possible("FORGED request UpdateVendor"));
  EXPECT_FALSE(registering.possible("FORGED request PublishKey"));
  info.options = keys;
  Walk publishing(info, composition_administration::table());
  EXPECT_TRUE(publishing.possible("FORGED request PublishKey (vk to hk)"));
  EXPECT_FALSE(publishing.possible("FORGED request PublishKey (wk to hk)"));
}

TEST(Rules, AnOptionMayBeThatOfSomeOrdersOnly) {
  ConfigurationInfo info = plain();
  info.orders = 2;
  const std::string_view second[] = {"regular:2"};
  info.options = second;
  Walk walk(info);
  EXPECT_TRUE(walk.possible(": w open-link, order 1"));
  EXPECT_FALSE(walk.possible(": w open-link, order 2"));
  EXPECT_FALSE(walk.possible(": rw open-link, order 1"));
  EXPECT_TRUE(walk.possible(": rw open-link, order 2"));
  EXPECT_TRUE(has_option(info, "regular", 1));
  EXPECT_FALSE(has_option(info, "regular", 0));
  EXPECT_FALSE(has_option(info, "settlement", 1));
}

// GetOrder is a message of micropayment and another one of regular payment.
TEST(Rules, ARequestGoesToAMachineOfItsProtocol) {
  ConfigurationInfo info = plain();
  const std::string_view options[] = {"regular", "settlement"};
  info.options = options;
  Walk walk(info);
  for (const char* words : {"rw open-link", "request GetOrder (rw to rv); rv takes A3", "answer GetOrder", "rw confirm",
                            "request InquiryPayment (rw to rb); rb takes O8, bd takes G1", "answer InquiryPayment (rw to rb) QP-OK; rw takes P13",
                            "request RequestOrderDelivery (rw to rv); rv takes A12, vc takes C1",
                            "answer RequestOrderDelivery (rw to rv) QP-OK; rw takes P18", "request RegisterOrder (rw to rh); rh takes R4"})
    ASSERT_TRUE(walk.take(words)) << words;
  EXPECT_TRUE(walk.shows("commits=1"));
  EXPECT_TRUE(walk.shows("receipt=1"));
}

// The envelope's tail proves RegisterOrder in profile H; what proves an InquiryPayment of micropayment says nothing of a regular one.
TEST(Rules, WhatIsProvenIsProvenOfOneProtocol) {
  ConfigurationInfo info = plain();
  const std::string_view network[] = {"network"}, regular[] = {"regular"};
  info.forgeries = 1;
  info.liars = network;
  info.profile = "H";
  EXPECT_FALSE(Walk(info).possible("FORGED request InquiryPayment (w to b)"));
  info.options = regular;
  EXPECT_TRUE(Walk(info).possible("FORGED request InquiryPayment (rw to rb)"));
  EXPECT_FALSE(Walk(info).possible("FORGED request RegisterOrder (rw to rh)"));
}

ConfigurationInfo revocable(std::uint8_t forgeries = 1) {
  static constexpr std::string_view kOptions[] = {"regular", "settlement", "revoke"};
  static constexpr std::string_view kLiars[] = {"network"};
  ConfigurationInfo info = plain();
  info.options = kOptions;
  info.liars = kLiars;
  info.profile = "F";
  info.forgeries = forgeries;
  return info;
}

/// Up to a claim that waits for a batch, of an order that somebody else takes back.
void sell_and_forge(Walk& walk) {
  for (const char* words : {"open-link", "request GetOrder", "answer GetOrder", "confirm", "request InquiryPayment", "answer InquiryPayment",
                            "request RequestOrderDelivery (rw to rv); rv takes A12, vc takes C1", "FORGED request RevokeOrder (tv to tb); tb takes X9"})
    ASSERT_TRUE(walk.take(words)) << words;
}

// QP-RV-012: an operator contests what he read of, and did not do.
TEST(Rules, AUserDoesOnlyWhatIsPermitted) {
  Walk walk(revocable());
  sell_and_forge(walk);
  EXPECT_FALSE(walk.possible("vc contest"));
  ASSERT_TRUE(walk.take("request RegisterRevoke (tb to th); th takes Z7"));
  EXPECT_TRUE(walk.possible("vc contest; vc takes C23, vd takes U1"));
  ASSERT_TRUE(walk.take("tv revoke; tv takes E1@NONE, vc takes C18"));
  EXPECT_FALSE(walk.possible("vc contest"));
}

// QP-ADD-16: only the Vendor signs; what it signed can be sent again.
TEST(Rules, AForgedMessageIsOpenOnlyWhereThatIsSaid) {
  Walk walk(revocable(2));
  sell_and_forge(walk);
  EXPECT_FALSE(walk.possible("FORGED request RevokeOrder (tv to tb); tb takes X14"));
  EXPECT_TRUE(walk.possible("FORGED request RevokeOrder (tv to tb); tb takes X15"));
  ASSERT_TRUE(walk.take("tv revoke"));
  EXPECT_TRUE(walk.possible("FORGED request RevokeOrder (tv to tb); tb takes X14"));
  EXPECT_TRUE(walk.possible("FORGED request RevokeOrder (tv to tb); tb takes X15"));
}

// QP-ADD-06: a notice that waits is given up for what there is by then; one that was answered is written anew.
TEST(Rules, ANoticeIsWrittenAnewOnceItWasAnswered) {
  Walk early(revocable());
  sell_and_forge(early);
  for (const char* words : {"tv revoke", "request RevokeOrder (tv to tb); tb takes X14", "request RegisterRevoke (tb to th); th takes Z6"})
    ASSERT_TRUE(early.take(words)) << words;
  // the unsigned one was given up; it may still be on its way, and changes nothing
  EXPECT_TRUE(early.take("earlier request RegisterRevoke (tb to th); th takes Z27"));
  EXPECT_FALSE(early.possible("request RegisterRevoke"));
  Walk late(revocable());
  sell_and_forge(late);
  for (const char* words : {"request RegisterRevoke (tb to th); th takes Z7", "tv revoke", "request RevokeOrder (tv to tb); tb takes X14"})
    ASSERT_TRUE(late.take(words)) << words;
  EXPECT_TRUE(late.possible("request RegisterRevoke (tb to th); th takes Z12"));
}

TEST(Rules, OrdersOfOneWalletAtOneBrokerShareALimit) {
  ConfigurationInfo info = plain();
  info.orders = 2;
  const auto both = [](const ConfigurationInfo& configuration) {
    Walk walk(configuration);
    for (const char* order : {", order 1", ", order 2"})
      for (const char* words : {"open-link", "request GetOrder (w to v)", "answer GetOrder (w to v) QP-OK", "w confirm",
                                "request InquiryPayment (w to b)"})
        EXPECT_TRUE(walk.take(std::string(words) + order)) << words;
    return walk.possible("answer InquiryPayment (w to b) QP-OK, order 2");
  };
  EXPECT_FALSE(both(info));
  const std::string_view vendors[] = {"vendor:12"}, wallets[] = {"wallet:12"}, brokers[] = {"broker:12"};
  info.players = vendors;
  EXPECT_FALSE(both(info));
  for (const std::span<const std::string_view> others : {std::span<const std::string_view>(wallets), std::span<const std::string_view>(brokers)}) {
    info.players = others;
    EXPECT_TRUE(both(info)) << others.front();
  }
}

TEST(Rules, OrdersThatShareAreTheFirstOnesOfTheSamePlayers) {
  ConfigurationInfo info = plain();
  info.orders = 3;
  const std::string_view crossed[] = {"wallet:121", "vendor:122", "broker:121"};
  info.players = crossed;
  const Cast cast = cast_of(composition_payment::table(), all::machines(), EngineKind::msm);
  const Layout layout(composition_payment::table(), cast.players, info);
  ASSERT_EQ(layout.problem(), "");
  std::size_t shared = 0;
  for (std::size_t i = 0; i < composition_payment::table().ghosts.size(); ++i) {
    if (composition_payment::table().ghosts[i].shared.empty()) continue;
    ++shared;
    EXPECT_EQ(layout.ghost_at(0, i), layout.ghost_at(2, i));
    EXPECT_NE(layout.ghost_at(0, i), layout.ghost_at(1, i));
  }
  EXPECT_EQ(shared, 1U);
}

TEST(Rules, ACrashHitsOnePlayer) {
  ConfigurationInfo info = plain();
  info.orders = 2;
  info.crashes = 1;
  const auto survives = [](const ConfigurationInfo& configuration, std::string_view crash) {
    Walk walk(configuration);
    for (const char* order : {", order 1", ", order 2"}) EXPECT_TRUE(walk.take(std::string("w open-link") + order));
    EXPECT_TRUE(walk.take(crash));
    return walk.possible("request GetOrder (w to v), order 2");
  };
  EXPECT_FALSE(survives(info, "crash and restart of the vendor"));
  const std::string_view vendors[] = {"vendor:12"};
  info.players = vendors;
  EXPECT_TRUE(survives(info, "crash and restart of the vendor of order 1"));
  EXPECT_FALSE(survives(info, "crash and restart of the vendor of order 2"));
}

TEST(Rules, WhoIsAwayReceivesNothing) {
  ConfigurationInfo info = plain();
  const std::string_view away[] = {"vendor"};
  info.suspended = away;
  Walk walk(info);
  ASSERT_TRUE(walk.take("open-link"));
  EXPECT_FALSE(walk.possible("request GetOrder"));
}

}  // namespace
}  // namespace quickpay::statemachines
