// A failure in one look: bytes, messages, sentence, what was allowed, and how to run it again.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <sstream>

#include "conformance/certify/progress.hpp"
#include "conformance/report/offence.hpp"
#include "conformance/tests/fakes.hpp"
#include "conformance/tests/toy_suite.hpp"

namespace quickpay::conformance {
namespace {

Entry message(const std::string& from, const std::string& to, const std::string& name, const std::string& body) {
  Entry entry = fakes::sent(name);
  entry.from = from;
  entry.to = to;
  entry.body = body;
  entry.body_bytes = body.size();
  return entry;
}

/// A Vendor that asks the Host although it has to answer the Wallet.
ScenarioResult failed_scenario() {
  ScenarioResult scenario = fakes::judged("vendor.pay.other-amount", Verdict::fail);
  Entry ask = message("W1", "V1", "GetOrder", "<GetOrder><Amount>126</Amount><Fee>5</Fee><Tip>5</Tip></GetOrder>");
  ask.by_iut = false;
  ask.allowed = {"GetOrderResponse"};
  Entry answer = message("V1", "W1", "GetOrderResponse", "<GetOrderResponse><Code>QP-E-MISMATCH</Code></GetOrderResponse>");
  answer.kind = EntryKind::response;
  answer.code = "QP-E-MISMATCH";
  Entry lost = message("V1", "H1", "RegisterDelivery", {});
  lost.kind = EntryKind::failure;
  lost.summary = "no answer in time";
  scenario.transcript = {ask, answer, lost};
  scenario.checks.front().evidence = {Reason::refused, "QP-OK", "QP-E-MISMATCH", {1}, {}};
  return scenario;
}

// ---------------------------------------------------------------- which bytes
TEST(Offence, IsTheOffsetOfTheReaderWhereThereIsOne) {
  ScenarioResult scenario = failed_scenario();
  scenario.checks.front().evidence.entries = {0};
  scenario.checks.front().evidence.offset = 20;
  const auto offence = offence_of(scenario, scenario.checks.front());
  ASSERT_TRUE(offence);
  EXPECT_EQ(offence->entry, 0U);
  EXPECT_EQ(offence->offset, 20U);
  EXPECT_EQ(offence->length, 1U);
}

TEST(Offence, IsTheOnlyElementThatHoldsWhatWasGot) {
  const ScenarioResult scenario = failed_scenario();
  const auto offence = offence_of(scenario, scenario.checks.front());
  ASSERT_TRUE(offence);
  EXPECT_EQ(scenario.transcript[offence->entry].body.substr(offence->offset, offence->length), "QP-E-MISMATCH");
}

TEST(Offence, IsNotGuessedWhereTwoPlacesOrNoneComeIntoQuestion) {
  ScenarioResult scenario = failed_scenario();
  Evidence& evidence = scenario.checks.front().evidence;
  evidence.entries = {0};
  for (const char* got : {"5", "QP-OK", "", "12", "GetOrder"}) {
    evidence.got = got;
    EXPECT_FALSE(offence_of(scenario, scenario.checks.front())) << got;
  }
  evidence.reason = Reason::wrong_message;
  evidence.got = "126, other bytes";
  EXPECT_FALSE(offence_of(scenario, scenario.checks.front())) << "the number is not what is wrong";
  evidence.got = "126";
  EXPECT_TRUE(offence_of(scenario, scenario.checks.front()));
  evidence.entries = {7};
  EXPECT_FALSE(offence_of(scenario, scenario.checks.front())) << "an entry that the transcript dropped";
}

TEST(ByteView, MarksTheByteInDigitsAndCharacters) {
  EXPECT_EQ(byte_view("<Amount>126</Amount>", 8, 3),
            "00000000  3c 41 6d 6f 75 6e 74 3e 31 32 36 3c 2f 41 6d 6f  <Amount>126</Amo\n"
            "                                  ^^ ^^ ^^                         ^^^\n"
            "00000010  75 6e 74 3e                                      unt>\n");
  EXPECT_NE(byte_view("<A>", 3, 0).find("         ^^ "), std::string::npos) << "what is missing at the end is marked, too";
}

RC_GTEST_PROP(ByteView, HoldsPrintableAsciiAndIsBounded, (std::vector<std::uint8_t> raw, std::uint16_t offset, std::uint16_t length)) {
  const std::string body(raw.begin(), raw.end());
  const std::string view = byte_view(body, std::min<std::size_t>(offset, body.size()), length);
  RC_ASSERT(view.find('^') != std::string::npos);
  RC_ASSERT(std::count(view.begin(), view.end(), '\n') <= 16);
  for (const char c : view) {
    RC_ASSERT(c == '\n' || (c >= 0x20 && c < 0x7F));
  }
}

// ---------------------------------------------------------------- messages
TEST(Sequence, ShowsEachPlayerAndMarksTheMessage) {
  EXPECT_EQ(sequence_lines(failed_scenario(), {1}, 10),
            "       W1         V1         H1         \n"
            "   #0  *---------->          |          GetOrder\n"
            ">  #1  <..........*          |          GetOrderResponse QP-E-MISMATCH\n"
            "   #2  |          *----------x          no answer: no answer in time\n");
  EXPECT_EQ(sequence_lines(ScenarioResult{}, {}, 10), "");
}

TEST(Sequence, IsBoundedAndSaysWhatItLeavesOut) {
  ScenarioResult scenario = failed_scenario();
  scenario.transcript.resize(500, scenario.transcript.front());
  const std::string text = sequence_lines(scenario, {499}, 5);
  EXPECT_LE(std::count(text.begin(), text.end(), '\n'), 8);
  EXPECT_NE(text.find("495 more messages"), std::string::npos) << text;
  EXPECT_NE(text.find(">#499"), std::string::npos) << text;
}

// ---------------------------------------------------------------- summary
std::size_t must_find(const std::string& text, const std::string& part) {
  const std::size_t at = text.find(part);
  EXPECT_NE(at, std::string::npos) << part << "\n" << text.substr(0, 6000);
  return at;
}

TEST(Look, FailureShowsSentenceComparisonBytesMessagesAllowedAndCommand) {
  const std::string text = summary(fakes::run_of({failed_scenario()}), fakes::toy_spec(), false);
  std::size_t last = 0;
  for (const char* part :
       {"The Vendor MUST accept what is right", "QP-T-001, MUST, section 4.2", "expected  QP-OK", "got       QP-E-MISMATCH",
        "byte 24 of 63 in #1 GetOrderResponse, V1 to W1", "^^ ^^ ^^", ">  #1  <..........*",
        "could be sent at this point: GetOrderResponse", "again: quickpay"}) {
    const std::size_t at = must_find(text, part);
    EXPECT_GT(at, last) << part;
    last = at;
  }
}

TEST(Look, TheUnexpectedComesFirstAndCausesAreGrouped) {
  std::vector<ScenarioResult> scenarios;
  for (const char* id : {"vendor.a", "vendor.b", "vendor.c", "vendor.d", "vendor.e"}) {
    ScenarioResult scenario = failed_scenario();
    scenario.info.id = id;
    scenario.checks.front().info.id = "vendor.refuses";
    scenarios.push_back(scenario);
  }
  ScenarioResult known = fakes::judged("vendor.known", Verdict::fail);
  known.checks.front().excused = true;
  known.checks.front().excuse = "reported";
  scenarios.push_back(known);
  scenarios.push_back(fakes::judged("vendor.open", Verdict::inconclusive));
  const std::string text = summary(fakes::run_of(scenarios), fakes::toy_spec(), false);
  const std::size_t group = must_find(text, "  vendor.refuses  refused\n");
  EXPECT_EQ(text.find("  vendor.refuses  refused\n", group + 1), std::string::npos) << "one cause, one group";
  must_find(text, "… and 2 more scenarios");
  EXPECT_LT(group, must_find(text, "inconclusive\n"));
  EXPECT_LT(must_find(text, "inconclusive\n"), must_find(text, "fail, expected by the baseline"));
}

TEST(Look, ChecksThatWereNotReachedAreGroupedByWhatStoodInTheWay) {
  std::vector<ScenarioResult> scenarios;
  for (const char* id : {"vendor.a", "vendor.b", "vendor.c", "vendor.d"}) {
    scenarios.push_back(fakes::judged(id, Verdict::inconclusive));
    scenarios.back().checks.front().evidence = {Reason::precondition_unmet, {}, {}, {}, "it cannot be set up"};
  }
  scenarios.push_back(fakes::judged("vendor.e", Verdict::inconclusive));
  scenarios.back().info.twin = "vendor.good";
  scenarios.back().checks.front().evidence = {Reason::twin_failed, {}, {}, {}, "alone this would be: pass"};
  const std::string text = summary(fakes::run_of(scenarios), fakes::toy_spec(), false);
  must_find(text, "precondition_unmet  4 checks in 4 scenarios\n    it cannot be set up\n      vendor.a\n");
  must_find(text, "twin_failed  1 check in 1 scenario\n    vendor.good did not pass\n");
}

TEST(Look, InterruptedRunSaysSo) {
  RunResult run = fakes::run_of({failed_scenario()});
  EXPECT_EQ(summary(run, fakes::toy_spec(), false).find("interrupted"), std::string::npos);
  run.interrupted = true;
  must_find(summary(run, fakes::toy_spec(), false), "interrupted: 1 of 1 scenarios were played");
}

TEST(Look, ColourOnlyWhereItIsAskedFor) {
  const RunResult run = fakes::run_of({failed_scenario()});
  EXPECT_EQ(summary(run, fakes::toy_spec(), false).find('\x1b'), std::string::npos);
  EXPECT_NE(summary(run, fakes::toy_spec(), true).find("\x1b[31m"), std::string::npos);
}

TEST(Look, SummaryIsBounded) {
  std::vector<ScenarioResult> scenarios;
  for (int i = 0; i < 1000; ++i) {
    ScenarioResult scenario = failed_scenario();
    scenario.info.id = "vendor.x" + std::to_string(i);
    scenario.checks.front().info.id = scenario.info.id;
    scenario.transcript.resize(1000, scenario.transcript.front());
    scenarios.push_back(scenario);
  }
  EXPECT_LT(summary(fakes::run_of(std::move(scenarios)), fakes::toy_spec(), false).size(), 32U << 10);
}

TEST(Look, HtmlMarksTheBytesToo) {
  const std::string html = html_report(fakes::run_of({failed_scenario()}), fakes::toy_spec());
  must_find(html, "byte 24 of 63 in #1 GetOrderResponse, V1 to W1");
  must_find(html, "^^ ^^ ^^");
}

// ---------------------------------------------------------------- progress
struct ProgressTest : ::testing::Test {
  std::int64_t now = 0;
  std::ostringstream out;
  Progress progress(bool terminal, bool colour = false) { return Progress(out, terminal, colour, [this] { return now; }); }
};

TEST_F(ProgressTest, TerminalShowsABarWithTheTimeLeft) {
  Progress bar = progress(true, true);
  bar.show(fakes::judged("vendor.a", Verdict::pass), 1, 4);
  EXPECT_NE(out.str().find("█"), std::string::npos);
  EXPECT_EQ(out.str().find("left"), std::string::npos) << "nothing is known after no time";
  now = 6000;
  bar.show(fakes::judged("vendor.b", Verdict::fail), 2, 4);
  EXPECT_NE(out.str().find("2/4\x1b[31m, 1 failed\x1b[0m, about 6 s left"), std::string::npos) << out.str();
  bar.end();
  EXPECT_EQ(out.str().substr(out.str().size() - 4), "\r\x1b[K");
}

TEST_F(ProgressTest, ElsewhereThereAreWholeLinesNowAndThen) {
  Progress lines = progress(false);
  for (std::size_t i = 1; i <= 100; ++i) {
    now += 250;
    lines.show(fakes::judged("vendor.a", i == 1 ? Verdict::fail : Verdict::pass), i, 100);
  }
  lines.end();
  EXPECT_EQ(out.str(), "40 of 100 scenarios, 1 failed, about 15 s left\n80 of 100 scenarios, 1 failed, about 5 s left\n");
}

TEST_F(ProgressTest, LongTimesAreMinutes) {
  Progress bar = progress(true);
  now = 60'000;
  bar.show(fakes::judged("vendor.a", Verdict::pass), 1, 11);
  EXPECT_NE(out.str().find("about 10 min left"), std::string::npos) << out.str();
}

}  // namespace
}  // namespace quickpay::conformance
