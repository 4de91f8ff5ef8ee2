// Repro bundles: what they hold, what is refused, and one failure played again.
#include "conformance/certify/repro.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "conformance/run/base64.hpp"
#include "conformance/report/bundle.hpp"
#include "conformance/tests/toy_suite.hpp"

namespace quickpay::conformance {
namespace {

ScenarioResult failed(const std::string& id) {
  ScenarioResult scenario = fakes::judged(id, Verdict::fail);
  scenario.checks.front().evidence.reason = Reason::accepted;
  Entry request = fakes::sent("GetOrder");
  request.by_iut = false;
  request.path = "/qp/1/micro/get-order";
  request.headers = {{"Host", "127.0.0.1:1"}, {"Content-Type", "application/quickpay+xml"}};
  request.body = "<GetOrder>'$(true)`\x01\xff</GetOrder>";
  scenario.transcript = {request};
  return scenario;
}

std::string good_bundle() { return bundle_text(fakes::run_of({}), fakes::toy_spec(), failed("vendor.pay.other-amount")); }

// ---------------------------------------------------------------- what a bundle holds
TEST(Bundle, IsReadAsItWasWritten) {
  const auto bundle = read_bundle(good_bundle(), fakes::toy_spec());
  ASSERT_TRUE(bundle) << bundle.error();
  EXPECT_EQ(bundle->role, "vendor");
  EXPECT_EQ(bundle->scenario, "vendor.pay.other-amount");
  EXPECT_EQ(bundle->findings, (std::vector<BundledFinding>{{"vendor.pay.other-amount.check", "fail", "accepted"}}));
  ASSERT_EQ(bundle->messages.size(), 1U);
  EXPECT_EQ(bundle->messages[0].body, failed("x").transcript[0].body);
}

TEST(Bundle, OnlyWhatDidNotPassHasOne) {
  EXPECT_TRUE(has_bundle(failed("vendor.a")));
  EXPECT_TRUE(has_bundle(fakes::judged("vendor.a", Verdict::inconclusive)));
  EXPECT_FALSE(has_bundle(fakes::judged("vendor.a", Verdict::pass)));
  EXPECT_FALSE(has_bundle(fakes::judged("vendor.a", Verdict::not_applicable)));
}

TEST(Bundle, MessagesAreBounded) {
  ScenarioResult scenario = failed("vendor.a");
  scenario.transcript.resize(4000, scenario.transcript.front());
  scenario.transcript.front().body = std::string(kMaxBundledBodies - 10, 'x');
  const std::string text = bundle_text(fakes::run_of({}), fakes::toy_spec(), scenario);
  EXPECT_LT(text.size(), kMaxBundleBytes);
  EXPECT_TRUE(read_bundle(text, fakes::toy_spec()));
}

TEST(Base64, HasOneSpelling) {
  for (const char* bytes : {"", "a", "ab", "abc", "abcd"}) {
    EXPECT_EQ(from_base64(base64(bytes)), bytes);
  }
  for (const char* text : {"YQ", "YQ=", "YR==", "Y Q=", "=YQ=", "YQ==YQ==", "####"}) {
    EXPECT_FALSE(from_base64(text)) << text;
  }
}

// ---------------------------------------------------------------- what is refused
TEST(Bundle, StrangersAndHostileFilesAreRefused) {
  const Json good = Json::parse(good_bundle());
  for (const char* patch :
       {R"([{"op":"replace","path":"/bundle","value":"quickpay-repro/2"}])", R"([{"op":"replace","path":"/suite","value":"other"}])",
        R"([{"op":"replace","path":"/suite_version","value":"9"}])", R"([{"op":"replace","path":"/spec","value":"b"}])",
        R"([{"op":"add","path":"/adapter","value":"touch /tmp/executed"}])", R"([{"op":"add","path":"/target","value":"--reference"}])",
        R"([{"op":"replace","path":"/role","value":"bank"}])", R"([{"op":"replace","path":"/profile","value":"G"}])",
        R"([{"op":"replace","path":"/scenario","value":"../../etc/passwd"}])", R"([{"op":"replace","path":"/scenario","value":"*"}])",
        R"([{"op":"replace","path":"/scenario","value":"@/etc/passwd"}])", R"([{"op":"replace","path":"/scenario","value":"a,b"}])",
        R"([{"op":"replace","path":"/seed","value":-1}])", R"([{"op":"replace","path":"/seed","value":"1"}])",
        R"([{"op":"remove","path":"/findings"}])", R"([{"op":"replace","path":"/findings/0/check","value":7}])",
        R"([{"op":"replace","path":"/messages/0/body","value":"%%%"}])", R"([{"op":"replace","path":"/messages/0/headers","value":[["a"]]}])",
        R"([{"op":"remove","path":"/messages/0/path"}])", R"([{"op":"replace","path":"/messages","value":{}}])"}) {
    EXPECT_FALSE(read_bundle(good.patch(Json::parse(patch)).dump(), fakes::toy_spec())) << patch;
  }
  EXPECT_TRUE(read_bundle(good.dump(), fakes::toy_spec())) << "the twin of all of them";
}

TEST(Bundle, DeepLongAndBrokenFilesAreRefused) {
  const std::string deep = std::string(100'000, '[') + std::string(100'000, ']');
  for (const std::string& text : {std::string(), std::string("{"), std::string("[]"), deep, "{\"bundle\":" + deep + "}",
                                  std::string(kMaxBundleBytes + 1, ' '), std::string("\xff\xfe{}")}) {
    EXPECT_FALSE(read_bundle(text, fakes::toy_spec())) << text.substr(0, 40);
  }
}

// ---------------------------------------------------------------- curl
struct CurlLines : ::testing::Test {
  void SetUp() override {
    std::filesystem::create_directories(folder / "bin");
    std::ofstream(folder / "bin" / "curl") << "#!/bin/sh\ncat > \"$OUT/body\"\nfor a in \"$@\"; do echo \"$a\"; done > \"$OUT/words\"\n";
    std::filesystem::permissions(folder / "bin" / "curl", std::filesystem::perms::owner_all);
  }
  void TearDown() override { std::filesystem::remove_all(folder); }
  /// Runs the lines with a curl that only writes down what it is given.
  void run(const Bundle& bundle) {
    std::ofstream(folder / "lines.sh") << curl_lines(bundle);
    const std::string command = "cd '" + folder.string() + "' && OUT=. IUT=http://127.0.0.1:1 PATH=\"$PWD/bin:$PATH\" sh lines.sh >/dev/null";
    EXPECT_EQ(std::system(command.c_str()), 0);
  }
  std::string content(const char* name) const {
    std::ifstream file(folder / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  std::filesystem::path folder = std::filesystem::temp_directory_path() / ("qp-curl-" + std::to_string(::getpid()));
};

TEST_F(CurlLines, SendTheBodyByteForByte) {
  run(*read_bundle(good_bundle(), fakes::toy_spec()));
  EXPECT_EQ(content("body"), failed("x").transcript[0].body);
  EXPECT_NE(content("words").find("http://127.0.0.1:1/qp/1/micro/get-order"), std::string::npos) << content("words");
  EXPECT_NE(content("words").find("Content-Type: application/quickpay+xml"), std::string::npos);
  EXPECT_EQ(content("words").find("Host:"), std::string::npos) << "curl's own";
}

TEST_F(CurlLines, HoldOnlyWhatTheImplementationWasSent) {
  Bundle bundle = *read_bundle(good_bundle(), fakes::toy_spec());
  bundle.messages[0].to = "V1";
  bundle.messages.push_back(bundle.messages[0]);
  bundle.messages.back().to = "B7";
  BundledMessage answer;
  answer.by_iut = true;
  answer.from = "V1";
  bundle.messages.push_back(answer);
  const std::string lines = curl_lines(bundle);
  EXPECT_NE(lines.find(" to V1\n"), std::string::npos) << lines;
  EXPECT_EQ(lines.find(" to B7\n"), std::string::npos) << "between the players of the suite";
}

TEST_F(CurlLines, NothingOfAHostileBundleIsExecuted) {
  Bundle bundle = *read_bundle(good_bundle(), fakes::toy_spec());
  for (const char* hostile : {"'; touch executed; '", "\n touch executed\n", "$(touch executed)", "`touch executed`"}) {
    BundledMessage& message = bundle.messages[0];
    message.from = message.to = message.mutation = hostile;
    message.path = std::string("/") + hostile;
    message.headers = {{hostile, hostile}, {"X-A", hostile}, {"@/etc/passwd", "x"}};
    run(bundle);
    EXPECT_FALSE(std::filesystem::exists(folder / "executed")) << hostile;
    EXPECT_EQ(content("words").find("@/etc"), std::string::npos) << "curl would read that file";
  }
}

// ---------------------------------------------------------------- one failure again
struct ReproTest : ::testing::Test {
  void SetUp() override {
    ::signal(SIGPIPE, SIG_IGN);
    certify_options.role = "vendor";
    certify_options.seed = 5;
    certify_options.out = (folder / "out").string();
    certify_options.adapter = toy("accepts-everything");
    EXPECT_EQ(certify(certify_options, parts, out, err, nullptr).code, ExitCode::failed);
    printed = out.str();
    options.bundle = (folder / "out/repro/vendor.pay.other-amount.qpr.json").string();
  }
  void TearDown() override { std::filesystem::remove_all(folder); }
  static std::string toy(const std::string& mode) { return "exec python3 conformance/tests/adapters/toy.py " + mode; }
  ExitCode run() {
    out.str({});
    err.str({});
    return repro(options, parts, out, err, nullptr).code;
  }

  std::filesystem::path folder = std::filesystem::temp_directory_path() / ("qp-repro-" + std::to_string(::getpid()));
  CertifyOptions certify_options;
  CertifyParts parts = fakes::toy_parts();
  ReproOptions options;
  std::ostringstream out, err;
  std::string printed;
};

TEST_F(ReproTest, SummaryNamesTheBundle) {
  EXPECT_NE(printed.find("again: quickpay repro '" + options.bundle + "' --adapter '"), std::string::npos) << printed;
  EXPECT_TRUE(std::filesystem::exists(options.bundle));
  EXPECT_FALSE(std::filesystem::exists(folder / "out/repro/vendor.pay.good.qpr.json")) << "it passed";
}

TEST_F(ReproTest, SameFailureComesAgainAlone) {
  options.certify.adapter = toy("accepts-everything");
  EXPECT_EQ(run(), ExitCode::failed) << err.str();
  EXPECT_NE(out.str().find("the same again: vendor.pay.refuses fail self_report"), std::string::npos) << out.str();
  EXPECT_NE(out.str().find("2 of 2 declared checks judged"), std::string::npos) << "the scenario and its twin, nothing else";
}

TEST_F(ReproTest, MendedImplementationPasses) {
  options.certify.adapter = toy("good");
  EXPECT_EQ(run(), ExitCode::as_expected) << err.str();
  EXPECT_NE(out.str().find("now: everything passed\nthen: vendor.pay.refuses fail self_report"), std::string::npos) << out.str();
}

TEST_F(ReproTest, ImplementationIsNamedAgain) {
  EXPECT_EQ(run(), ExitCode::usage);
  EXPECT_NE(err.str().find("say which implementation"), std::string::npos) << err.str();
}

TEST_F(ReproTest, BundleOfAnotherSpecificationIsRefusedBeforeAnythingRuns) {
  options.certify.adapter = "touch '" + (folder / "started").string() + "'";
  parts.spec.id = std::string(64, 'b');
  EXPECT_EQ(run(), ExitCode::usage);
  EXPECT_NE(err.str().find("another specification"), std::string::npos) << err.str();
  EXPECT_FALSE(std::filesystem::exists(folder / "started"));
  options.bundle = (folder / "nowhere").string();
  EXPECT_EQ(run(), ExitCode::usage);
}

TEST_F(ReproTest, ScenarioThatTheSuiteDoesNotHaveIsRefused) {
  options.certify.adapter = toy("good");
  parts.suite = [](std::string_view role) {
    std::vector<Scenario> suite = fakes::toy_suite(role);
    suite.erase(suite.begin() + 1);
    return suite;
  };
  EXPECT_EQ(run(), ExitCode::usage);
}

TEST_F(ReproTest, PauseComesBeforeTheScenarioAndNamesTheProcess) {
  std::vector<std::string> pauses;
  options.pause = true;
  options.certify.adapter = toy("accepts-everything");
  options.certify.pause = [&](const std::string& why) { pauses.push_back(why); };
  EXPECT_EQ(run(), ExitCode::failed);
  ASSERT_EQ(pauses.size(), 1U) << "not before its twin";
  EXPECT_EQ(pauses[0].find("vendor.pay.other-amount is next; the adapter is process "), 0U) << pauses[0];
}

TEST_F(ReproTest, ExportPlaysNothing) {
  options.export_as = "curl";
  EXPECT_EQ(run(), ExitCode::as_expected);
  EXPECT_NE(out.str().find("# vendor.pay.other-amount"), std::string::npos) << out.str();
}

// ---------------------------------------------------------------- a product in the hands of a person
struct ByHand : ReproTest {
  /// Plays with a person who types these lines and then leaves.
  ExitCode typing(const std::string& lines) {
    std::array<int, 2> ends{};
    EXPECT_EQ(::pipe(ends.data()), 0);
    EXPECT_EQ(::write(ends[1], lines.data(), lines.size()), static_cast<ssize_t>(lines.size()));
    ::close(ends[1]);
    options.certify.by_hand = true;
    options.certify.person = {ends[0], [this](std::string_view text) { said += text; }};
    const ExitCode code = run();
    ::close(ends[0]);
    return code;
  }
  std::string said;
  // The order of the two scenarios is that of the seed: first the one with the fault.
  static constexpr const char* kTwin = "127.0.0.1:8080\naccepted\n";
};

TEST_F(ByHand, PersonIsToldWhatToDoAndSaysWhatHappened) {
  const std::string refused = "127.0.0.1:8080\nrejected amount-mismatch\naccepted\n";
  ExitCode code = typing(refused + kTwin);
  const bool twin_first = code != ExitCode::as_expected;
  code = twin_first ? typing(kTwin + refused) : code;
  EXPECT_EQ(code, ExitCode::as_expected) << out.str() << said;
  EXPECT_NE(said.find("Configure your product so"), std::string::npos) << said;
  EXPECT_NE(said.find("Do this now: pay {\"fault\":\"amount\"}"), std::string::npos) << said;
  EXPECT_NE(said.find("ADDRESS:PORT at which it listens: "), std::string::npos);
}

TEST_F(ByHand, WhatCannotBeUnderstoodIsAskedAgain) {
  typing("somewhere\n127.0.0.1:0\n127.0.0.1:8080\nperhaps\nrejected because\naccepted\naccepted\n");
  EXPECT_NE(said.find("Not an address and a port"), std::string::npos) << said;
  EXPECT_NE(said.find("Not one of these"), std::string::npos) << said;
}

TEST_F(ByHand, PersonWhoLeavesEarnsNothing) {
  EXPECT_NE(typing(""), ExitCode::as_expected);
  EXPECT_NE(out.str().find("0 pass"), std::string::npos) << out.str();
}

TEST(Patience, ProlongsEveryWait) {
  boost::asio::io_context io;
  fakes::ScriptedIut iut;
  const ScenarioInfo info = fakes::scenario("vendor.a", {fakes::check("vendor.a.check")});
  SessionSetting setting = fakes::setting();
  setting.patience = 20;
  const Session session(info, setting, io, iut);
  EXPECT_EQ(session.patient(std::chrono::milliseconds(6000)), std::chrono::minutes(2));
}

}  // namespace
}  // namespace quickpay::conformance
