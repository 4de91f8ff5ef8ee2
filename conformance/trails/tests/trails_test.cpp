// Files that are trails and files that are none; what has to come of a trail; which scenarios there are. Whole plays: tools/tests/trails_test.py.
#include <gtest/gtest.h>

#include "conformance/run/plan.hpp"
#include "conformance/trails/play.hpp"

namespace quickpay::conformance {
namespace {

constexpr const char* kSpec = "abc";
constexpr const char* kGood = R"({"format": "quickpay-trail-1", "spec": "abc", "trail": "P-X", "configuration": "network-lies-F", "witness": false,
 "says": "It holds.", "requirements": ["QP-SAFE-007"], "profile": "F", "liars": ["network"], "options": [], "end": "now",
 "steps": [{"text": "one", "does": "request", "forged": true, "message": "RegisterOrder", "variant": "received", "from": "wallet", "to": "host",
            "takes": [{"machine": "host.case", "row": "H15"}]}]})";

std::string changed(std::string_view what, std::string_view by) {
  std::string text = kGood;
  const std::size_t at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return text.replace(at, what.size(), by);
}

Trail good() { return *read_trail(kGood, kSpec); }

TEST(Trails, AreRead) {
  const auto trail = read_trail(kGood, kSpec);
  ASSERT_TRUE(trail) << trail.error();
  EXPECT_EQ(trail->steps.front().rows, std::vector<std::string>{"host.case H15"});
  EXPECT_TRUE(trail->lies("network"));
  EXPECT_FALSE(trail->has("literal"));
}

TEST(Trails, AreRefusedIfTheyAreNone) {
  for (const std::string& text :
       {std::string(), std::string("[]"), changed("quickpay-trail-1", "quickpay-trail-2"), changed("\"steps\"", "\"step\""),
        changed("[\"QP-SAFE-007\"]", "[]"), changed("\"forged\": true", "\"forged\": 1"), changed("\"trail\"", "\"trial\""),
        std::string(kMaxTrailBytes + 1, ' ')}) {
    EXPECT_FALSE(read_trail(text, kSpec)) << text.substr(0, 80);
  }
  EXPECT_FALSE(read_trail(kGood, "another specification"));
}

TEST(Trails, EndWhereSomethingStandsInTheWay) {
  Trail trail = good();
  EXPECT_EQ(end_of(trail, "host", "F"), TrailEnd::through);
  EXPECT_EQ(end_of(trail, "host", "H"), TrailEnd::stopped);
  EXPECT_EQ(end_of(trail, "vendor", "H"), TrailEnd::through);  // it sees nothing of what was forged
  trail.liars = {"wallet"};  // has keys of its own
  EXPECT_EQ(end_of(trail, "host", "H"), TrailEnd::through);
  trail.options = {"settlement", "literal"};
  EXPECT_EQ(end_of(trail, "host", "F"), TrailEnd::through);  // nothing is judged in it
  trail.steps.push_back({TrailStep::Kind::request, false, "settlement", "SettleWithHost", "", "vendor", "host", "two votes of three", {"host.verdict Y9"}});
  EXPECT_EQ(end_of(trail, "host", "F"), TrailEnd::stopped);
  EXPECT_EQ(end_of(trail, "vendor", "F"), TrailEnd::through);  // which counts no votes
}

TEST(Trails, AreScenariosOfThoseWhoSeeThem) {
  const auto scenario = scenario_of(good(), "host");
  ASSERT_TRUE(scenario) << scenario.error();
  EXPECT_EQ(scenario->info.id, "host.trail.p-x.network-lies-f");
  EXPECT_EQ(scenario->info.subject, "host.case H15");
  EXPECT_TRUE(suite_faults({*scenario}, "host").empty());
  EXPECT_FALSE(scenario_of(good(), "vendor"));
}

TEST(Trails, AreNoScenariosIfSomethingCannotBePlayed) {
  Trail trail = good();
  trail.steps.front().message = "RegisterRevoke";
  EXPECT_FALSE(scenario_of(trail, "host"));
  trail = good();
  trail.steps.push_back({TrailStep::Kind::request, true, "RegisterCommit", "", "broker", "vendor", "at somebody else's", {}});
  EXPECT_FALSE(scenario_of(trail, "host"));  // the property fails there, not here
  trail.witness = true;
  EXPECT_TRUE(scenario_of(trail, "host"));
  trail = good();
  trail.steps.push_back({TrailStep::Kind::other, false, "", "", "", "", "time: h DecideBy", {"host.case H20"}});
  EXPECT_FALSE(scenario_of(trail, "host"));
  for (const char* word : {"fault", "something"}) {
    trail = *read_trail(changed("\"does\": \"request\"", std::string("\"does\": \"") + word + "\", \"was\": \"request\""), kSpec);
    trail.steps.insert(trail.steps.begin(), good().steps.front());
    trail.witness = true;
    EXPECT_FALSE(scenario_of(trail, "host")) << word;
  }
}

std::string refusal(const TrailStep& step, const std::string& role) {
  Trail trail = good();
  trail.witness = true;
  trail.steps.push_back(step);
  const auto scenario = scenario_of(trail, role);
  return scenario ? "" : scenario.error();
}

TEST(Trails, WithLossesCrashesAndAWalletAreScenarios) {
  using Kind = TrailStep::Kind;
  for (const Kind kind : {Kind::lose_request, Kind::lose_answer, Kind::no_answer})
    EXPECT_EQ(refusal({.kind = kind, .message = "CheckCommit", .from = "vendor", .to = "broker"}, "vendor"),
              kind == Kind::no_answer ? "" : "a vendor sees nothing of this trail");
  EXPECT_EQ(refusal({.kind = Kind::crash, .player = "host"}, "host"), "");
  EXPECT_EQ(refusal({.kind = Kind::action, .player = "wallet", .action = "open-link"}, "wallet"), "");
  EXPECT_EQ(refusal({.kind = Kind::answer, .message = "GetOrder", .from = "wallet", .to = "vendor"}, "wallet"), "");
}

TEST(Trails, SayInOneSentenceWhyTheyAreNot) {
  using Kind = TrailStep::Kind;
  EXPECT_EQ(refusal({.kind = Kind::action, .text = "the user: w cancel", .player = "wallet", .action = "cancel"}, "wallet"),
            "cannot be played against a wallet: the user: w cancel: the user does nothing but buy, confirm and decline");
  EXPECT_EQ(refusal({.kind = Kind::late_request, .message = "RegisterCommit", .from = "broker", .to = "host"}, "host"),
            "cannot be played against a host: : nobody is left who would send a request that was given up");
  EXPECT_EQ(refusal({.kind = Kind::other, .rows = {"host.case H20"}}, "host"),
            "cannot be played against a host: : what it does by itself, when time passes, cannot be brought about");
  EXPECT_EQ(refusal({.kind = Kind::fault}, "host"), "cannot be played against a host: : this program does not know what happens there");
  EXPECT_EQ(refusal({.kind = Kind::request, .message = "RegisterRevoke", .from = "broker", .to = "host"}, "host"),
            "cannot be played against a host: : the suite has no words for this message");
  EXPECT_EQ(refusal({.kind = Kind::answer, .forged = true, .message = "GetOrder", .from = "wallet", .to = "vendor"}, "wallet"),
            "cannot be played against a wallet: : the suite has no lie for this message");
}

Trail regular(std::vector<TrailStep> steps, std::vector<std::string> more = {}) {
  Trail trail = good();
  trail.options = {"regular", "settlement", "revoke"};
  trail.options.insert(trail.options.end(), more.begin(), more.end());
  trail.witness = true;
  trail.steps = std::move(steps);
  return trail;
}

std::string refusal_of(const Trail& trail, const std::string& role) {
  const auto scenario = scenario_of(trail, role);
  return scenario ? "" : scenario.error();
}

TEST(Trails, OfRegularOrdersAreScenarios) {
  using Kind = TrailStep::Kind;
  const TrailStep notice{.kind = Kind::request, .forged = true, .protocol = "regular", .message = "RegisterOrder", .from = "wallet", .to = "host"};
  EXPECT_EQ(refusal_of(regular({notice}), "host"), "");
  EXPECT_EQ(refusal_of(regular({{.kind = Kind::request, .protocol = "revoke", .message = "RevokeOrder", .from = "vendor", .to = "broker"},
                                {.kind = Kind::answer, .forged = true, .protocol = "revoke", .message = "RegisterRevoke", .from = "broker", .to = "host"},
                                {.kind = Kind::time, .rows = {"broker.revoke X30"}, .player = "broker", .timer = "HoldUntil"}}),
                       "broker"),
            "");
  EXPECT_EQ(refusal_of(regular({{.kind = Kind::action, .player = "vendor", .action = "revoke"}}), "vendor"), "");
  Trail micropayment = regular({notice});
  micropayment.options = {"settlement"};
  EXPECT_NE(refusal_of(micropayment, "host"), "") << "the message of another protocol";
}

TEST(Trails, OfRegularOrdersSayWhyTheyAreNotPlayed) {
  using Kind = TrailStep::Kind;
  const auto why = [](TrailStep step, const char* role, std::vector<std::string> more = {}) {
    const std::string text = refusal_of(regular({std::move(step)}, std::move(more)), role);
    return text.substr(text.rfind(": ") + 2);
  };
  EXPECT_EQ(why({.kind = Kind::action, .player = "vendor", .action = "revoke"}, "vendor", {"plain"}), "a Vendor that has a key to sign with signs what it takes back");
  EXPECT_EQ(why({.kind = Kind::action, .player = "vendor", .action = "refunded"}, "vendor"), "the operator does nothing but settle, withdraw, take back and contest");
  EXPECT_EQ(why({.kind = Kind::no_answer, .protocol = "settlement", .message = "SettleWithBroker", .from = "vendor", .to = "broker"}, "vendor"),
            "a Broker counts as unreachable only after many tries");
  EXPECT_EQ(why({.kind = Kind::request, .forged = true, .protocol = "regular", .message = "InquiryPayment", .from = "wallet", .to = "broker"}, "broker"),
            "the suite has no lie for this message");
  EXPECT_EQ(why({.kind = Kind::time, .rows = {"vendor.revoke E7"}, .player = "vendor", .timer = "T_claim"}, "vendor"),
            "what it does by itself, when time passes, cannot be brought about");
}

// A Vendor without a signature says in profile H nothing that is taken.
TEST(Trails, WithoutASignatureEndInProfileH) {
  const TrailStep revoke{.kind = TrailStep::Kind::request, .protocol = "revoke", .message = "RevokeOrder", .from = "vendor", .to = "broker"};
  Trail trail = regular({revoke}, {"plain"});
  trail.liars.clear();
  EXPECT_EQ(end_of(trail, "broker", "F"), TrailEnd::through);
  EXPECT_EQ(end_of(trail, "broker", "H"), TrailEnd::stopped);
  trail = regular({revoke});
  trail.liars.clear();
  EXPECT_EQ(end_of(trail, "broker", "H"), TrailEnd::through);
}

Trail administration(std::vector<std::string> options, std::vector<TrailStep> steps) {
  Trail trail = good();
  trail.options = std::move(options);
  trail.witness = true;
  trail.steps = std::move(steps);
  return trail;
}

TEST(Trails, OfAdministrationAreScenarios) {
  using Kind = TrailStep::Kind;
  const TrailStep publish{.kind = Kind::action, .rows = {"wallet.keys T21"}, .player = "wallet", .action = "publish"};
  const TrailStep listed{.kind = Kind::answer, .forged = true, .protocol = "keys", .message = "PublishKey", .from = "wallet", .to = "host", .rows = {"wallet.keys T22"}};
  const auto keys = scenario_of(administration({"wallet"}, {publish, listed}), "wallet");
  ASSERT_TRUE(keys) << keys.error();
  EXPECT_EQ(keys->info.protocol, "keys");
  EXPECT_EQ(scenario_of(administration({"wallet"}, {publish}), "wallet")->info.protocol, "keys") << "although no message says so";
  const TrailStep leave{.kind = Kind::request, .forged = true, .protocol = "registration", .message = "UnregisterVendor", .from = "vendor", .to = "host", .rows = {"host.vendor Q28@UNREGISTERED"}};
  EXPECT_EQ(refusal_of(administration({"registration"}, {leave}), "host"), "");
  const TrailStep stranger{.kind = Kind::request, .protocol = "registration", .message = "RegisterWallet", .from = "outside", .to = "host", .rows = {"host.wallet I4"}};
  EXPECT_EQ(refusal_of(administration({"entries"}, {stranger}), "host"), "");
  EXPECT_EQ(refusal_of(administration({"paycard"}, {{.kind = Kind::action, .rows = {"wallet.paycard U1"}, .player = "wallet", .action = "add"}}), "wallet"), "");
}

TEST(Trails, OfAdministrationEndWhereTheyCarryAnAuth) {
  using Kind = TrailStep::Kind;
  const TrailStep leave{.kind = Kind::request, .forged = true, .protocol = "registration", .message = "UnregisterVendor", .from = "vendor", .to = "host"};
  const TrailStep probe{.kind = Kind::request, .forged = true, .protocol = "registration", .message = "Probe", .from = "host", .to = "vendor"};
  EXPECT_EQ(end_of(administration({"registration"}, {leave}), "host", "F"), TrailEnd::through);
  EXPECT_EQ(end_of(administration({"registration"}, {leave}), "host", "H"), TrailEnd::stopped);
  EXPECT_EQ(end_of(administration({"registration"}, {probe}), "vendor", "H"), TrailEnd::through) << "who has no key yet cannot be vouched for";
}

TEST(Trails, InWhichAKeyIsRenewedAreOfProfileH) {
  using Kind = TrailStep::Kind;
  const auto renewed = scenario_of(administration({"vendor"}, {{.kind = Kind::action, .rows = {"vendor.keys T18"}, .player = "vendor", .action = "renew"}}), "vendor");
  ASSERT_TRUE(renewed) << renewed.error();
  EXPECT_EQ(renewed->info.profile, "H");
}

TEST(Trails, OfAdministrationSayWhyTheyAreNotPlayed) {
  using Kind = TrailStep::Kind;
  const auto why = [](std::vector<std::string> options, std::vector<TrailStep> steps, const char* role) {
    const std::string text = refusal_of(administration(std::move(options), std::move(steps)), role);
    return text.substr(text.rfind(": ") + 2);
  };
  const TrailStep withdraw{.kind = Kind::action, .rows = {"wallet.keys T25"}, .player = "wallet", .action = "withdraw"};
  EXPECT_EQ(why({"wallet"}, {withdraw, withdraw}, "wallet"), "a key that was taken back need not take itself back again");
  EXPECT_EQ(why({"broker"}, {{.kind = Kind::request, .protocol = "keys", .message = "PublishKey", .from = "broker", .to = "host", .rows = {"host.keys D7"}}}, "host"),
            "the suite cannot bring about what this row wants");
  EXPECT_EQ(why({"paycard"}, {{.kind = Kind::action, .rows = {"wallet.paycard U15@ANSWERED"}, .player = "wallet", .action = "cancel"}}, "wallet"),
            "the user gives up only when he is asked");
  EXPECT_EQ(why({"paycard"}, {{.kind = Kind::action, .rows = {"wallet.paycard U2"}, .player = "wallet", .action = "add"}}, "wallet"), "the suite has no Paycard that refuses");
  EXPECT_EQ(why({"registration"}, {{.kind = Kind::request, .protocol = "keys", .message = "PublishKey", .from = "vendor", .to = "host"}}, "host"),
            "the suite has no words for this message");
}

}  // namespace
}  // namespace quickpay::conformance
