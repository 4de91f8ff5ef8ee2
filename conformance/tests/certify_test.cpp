// Whole runs with a toy suite and toy adapters: every exit code, and what nobody may earn.
#include "conformance/certify/certify.hpp"

#include <gtest/gtest.h>
#include <signal.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <thread>

#include "conformance/run/runner.hpp"
#include "conformance/tests/toy_suite.hpp"

namespace quickpay::conformance {
namespace {

class CertifyTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ::signal(SIGPIPE, SIG_IGN);
    folder_ = std::filesystem::temp_directory_path() / ("qp-certify-" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
    options_.role = "vendor";
    options_.seed = 5;
    options_.out = (folder_ / "out").string();
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  ExitCode run(const std::string& mode) {
    options_.adapter = "exec python3 conformance/tests/adapters/toy.py " + mode;
    return run();
  }
  /// The same, and the adapter disputes checks: a JSON object.
  ExitCode run(const std::string& mode, const std::string& disputes) {
    options_.adapter = "exec env DISPUTES='" + disputes + "' python3 conformance/tests/adapters/toy.py " + mode;
    return run();
  }
  ExitCode run() {
    out_.str({});
    err_.str({});
    return certify(options_, parts_, out_, err_, &stop_).code;
  }
  Json report() const {
    std::ifstream file(folder_ / "out" / "report.json");
    return Json::parse(file, nullptr, false);
  }
  std::string verdict_of(const std::string& check) const {
    const Json result = report();
    for (const Json& line : result["checks"]) {
      if (line["id"] == check) {
        return line["verdict"].get<std::string>() + " " + line["reason"].get<std::string>();
      }
    }
    return "absent";
  }
  std::string write(const std::string& name, const std::string& content) const {
    std::ofstream(folder_ / name) << content;
    return (folder_ / name).string();
  }

  CertifyOptions options_;
  CertifyParts parts_ = fakes::toy_parts();
  std::filesystem::path folder_;
  std::ostringstream out_, err_;
  std::atomic<bool> stop_{false};
};

TEST_F(CertifyTest, GoodImplementationPassesAndIsCertifiable) {
  EXPECT_EQ(run("location"), ExitCode::as_expected) << err_.str() << out_.str();
  const Json result = report();
  EXPECT_EQ(result["counts"]["pass"], 4);
  EXPECT_EQ(result["declared"], 4);
  EXPECT_EQ(result["judged"], 4);
  EXPECT_EQ(result["certifiable"], true);
  EXPECT_EQ(result["seed"], 5);
  for (const char* file : {"report.html", "junit.xml", "transcript/vendor.pay.good.txt", "transcript/vendor.pay.good.jsonl"}) {
    EXPECT_TRUE(std::filesystem::exists(folder_ / "out" / file)) << file;
  }
}

TEST_F(CertifyTest, FeatureThatIsNotClaimedIsNotApplicable) {
  EXPECT_EQ(run("good"), ExitCode::as_expected);
  EXPECT_EQ(verdict_of("vendor.pay.location-ok"), "not_applicable ");
}

TEST_F(CertifyTest, FailureIsOne) {
  EXPECT_EQ(run("accepts-everything"), ExitCode::failed);
  EXPECT_EQ(verdict_of("vendor.pay.refuses"), "fail self_report");
  EXPECT_NE(out_.str().find("repro/vendor.pay.other-amount.qpr.json"), std::string::npos) << out_.str();
  options_.out.clear();
  run("accepts-everything");
  EXPECT_NE(out_.str().find("--select vendor.pay.other-amount --seed 5"), std::string::npos) << "without a folder there is no bundle";
}

const char* const kDisputed = R"({"vendor.pay.refuses": "sentence 4.2 says otherwise \u001b[31m"})";

// A dispute takes a failure out of the count, into sight, and out of reach of a certificate. The twin: FailureIsOne.
TEST_F(CertifyTest, DisputedFailureIsShownAndNotCounted) {
  EXPECT_EQ(run("accepts-everything", kDisputed), ExitCode::as_expected) << out_.str() << err_.str();
  const Json result = report();
  EXPECT_EQ(result["counts"]["fail"], 0);
  EXPECT_EQ(result["declared"], 3);
  EXPECT_EQ(result["certifiable"], false);
  EXPECT_EQ(verdict_of("vendor.pay.refuses"), "absent");
  ASSERT_EQ(result["disputed"].size(), 1U);
  EXPECT_EQ(result["disputed"][0]["id"], "vendor.pay.refuses");
  EXPECT_EQ(result["disputed"][0]["verdict"], "fail");
  const char* const words = "disputed vendor.pay.refuses, not counted: 1 fail (sentence 4.2 says otherwise \\x{1B}[31m)";
  EXPECT_NE(out_.str().find(words), std::string::npos) << out_.str();
  EXPECT_NE(out_.str().find("vendor.pay.refuses"), std::string::npos);
}

TEST_F(CertifyTest, DisputedCheckThatIsPassedCountsAsAnyOther) {
  EXPECT_EQ(run("location", kDisputed), ExitCode::as_expected);
  EXPECT_EQ(verdict_of("vendor.pay.refuses"), "pass ");
  EXPECT_EQ(report()["disputed"], Json::array());
  EXPECT_EQ(report()["certifiable"], true);
}

TEST_F(CertifyTest, DisputeHidesNoCrashAndMakesNoTwinPass) {
  options_.jobs = 1;
  EXPECT_EQ(run("crash-on-bad", kDisputed), ExitCode::failed);
  EXPECT_EQ(verdict_of("vendor.pay.refuses"), "fail crash");
  EXPECT_EQ(run("always-rejects", R"({"vendor.pay.accepts": "why"})"), ExitCode::inconclusive);
  EXPECT_EQ(verdict_of("vendor.pay.refuses"), "inconclusive twin_failed");
}

TEST_F(CertifyTest, DisputesNameChecksThatThereAreAndSayWhy) {
  for (const char* wrong : {R"({"vendor.pay.no-such": "why"})", R"({"vendr.pay.refuses": "why"})"}) {
    EXPECT_EQ(run("location", wrong), ExitCode::usage) << wrong;
    EXPECT_NE(err_.str().find("no such check"), std::string::npos) << err_.str();
  }
  EXPECT_EQ(run("location", R"({"host.some.check": "of another role that it claims"})"), ExitCode::as_expected);
  for (const char* wrong : {R"({"vendor.pay.refuses": ""})", R"({"vendor.pay.refuses": 1})", R"(["vendor.pay.refuses"])"}) {
    EXPECT_EQ(run("location", wrong), ExitCode::unreachable) << wrong;
  }
}

// What is not claimed is asked for; that alone is no run.
TEST_F(CertifyTest, DenialsAloneAreNothing) {
  parts_.suite = [](std::string_view role) {
    std::vector<Scenario> suite = fakes::toy_suite(role);
    suite.resize(1);
    suite[0].info.protocol = "communication";
    suite[0].info.denial = true;
    return suite;
  };
  EXPECT_EQ(run("location"), ExitCode::nothing_ran);
}

TEST_F(CertifyTest, RunThatEndsAtItsFirstFailureIsNeverCertifiable) {
  options_.fail_fast = true;
  EXPECT_EQ(run("location"), ExitCode::as_expected);
  EXPECT_EQ(report()["certifiable"], false);
  options_.sign = "key";
  EXPECT_EQ(run("location"), ExitCode::usage);
  EXPECT_NE(err_.str().find("--fail-fast"), std::string::npos);
}

// A failure that a baseline excuses does not count, but only a whole run is held against a baseline.
TEST_F(CertifyTest, ABaselineTakesAWholeRun) {
  options_.fail_fast = true;
  options_.baseline = "x";
  EXPECT_EQ(run("location"), ExitCode::usage);
  EXPECT_NE(err_.str().find("--fail-fast"), std::string::npos);
}

TEST_F(CertifyTest, CrashIsChargedToTheScenarioAndTheRunGoesOn) {
  options_.jobs = 1;
  EXPECT_EQ(run("crash-on-bad"), ExitCode::failed);
  EXPECT_EQ(verdict_of("vendor.pay.refuses"), "fail crash");
  EXPECT_EQ(verdict_of("vendor.pay.accepts"), "pass ");
  EXPECT_EQ(verdict_of("vendor.pay.polite-name"), "pass ");
}

TEST_F(CertifyTest, CrashAfterTheLastCheckIsChargedToo) {
  options_.select = "vendor.pay.good";
  EXPECT_EQ(run("crash-late"), ExitCode::failed);
  EXPECT_EQ(verdict_of("vendor.pay.accepts"), "fail crash");
}

TEST_F(CertifyTest, WrongUsageIsTwo) {
  EXPECT_EQ(run("wrong-role"), ExitCode::usage);
  options_.role = "bank";
  EXPECT_EQ(run("good"), ExitCode::usage);
  options_.role = "vendor";
  options_.reference = true;
  EXPECT_EQ(run("good"), ExitCode::usage);
  options_.reference = false;
  options_.profile = "G";
  EXPECT_EQ(run("good"), ExitCode::usage);
  options_.profile = "F";
  options_.select = "@/nonexistent/file";
  EXPECT_EQ(run("good"), ExitCode::usage);
  options_.select.clear();
  options_.baseline = write("baseline.json", R"([{"check": "vendor.pay.no-such", "reason": "x"}])");
  EXPECT_EQ(run("good"), ExitCode::usage);
  EXPECT_NE(err_.str().find("no such check"), std::string::npos);
}

TEST_F(CertifyTest, SuiteThatDoesNotJudgeWhatItDeclaresIsThree) {
  parts_.suite = [](std::string_view role) {
    std::vector<Scenario> suite = fakes::toy_suite(role);
    suite[0].run = [](Session&) {};
    return suite;
  };
  EXPECT_EQ(run("good"), ExitCode::suite_broke);
  EXPECT_EQ(verdict_of("vendor.pay.accepts"), "error not_emitted");
}

TEST_F(CertifyTest, SuiteThatThrowsIsThree) {
  parts_.suite = [](std::string_view role) {
    std::vector<Scenario> suite = fakes::toy_suite(role);
    suite[0].run = [](Session&) { throw std::runtime_error("a library threw"); };
    return suite;
  };
  EXPECT_EQ(run("good"), ExitCode::suite_broke);
  EXPECT_EQ(verdict_of("vendor.pay.accepts"), "error suite_defect");
}

TEST_F(CertifyTest, MandatoryCheckThatIsNotReachedIsFour) {
  options_.select = "vendor.pay.other-amount";
  EXPECT_EQ(run("always-rejects"), ExitCode::failed) << "the twin is mandatory and fails";
  EXPECT_EQ(verdict_of("vendor.pay.refuses"), "inconclusive twin_failed");
  EXPECT_EQ(run("error"), ExitCode::inconclusive) << out_.str();
}

TEST_F(CertifyTest, ImplementationThatCannotBeReachedIsFive) {
  EXPECT_EQ(run("crash-start"), ExitCode::unreachable);
  EXPECT_EQ(report()["counts"]["pass"], 0);
  options_.adapter = "/nonexistent/adapter";
  EXPECT_EQ(run(), ExitCode::unreachable);
}

TEST_F(CertifyTest, NothingToRunIsSix) {
  options_.select = "vendor.no-such.*";
  EXPECT_EQ(run("good"), ExitCode::nothing_ran);
}

TEST_F(CertifyTest, AdaptersThatDoNothingOrRefuseEverythingEarnNothing) {
  for (const std::string mode : {"null", "always-rejects"}) {
    run(mode);
    const Json result = report();
    EXPECT_FALSE(result["checks"].empty());
    for (const Json& line : result["checks"]) {
      if (line["id"] == "vendor.pay.polite-name") {
        continue;  // a scenario of the toy suite that looks at nothing
      }
      EXPECT_NE(line["verdict"], "pass") << mode << " " << line.dump();
    }
  }
}

TEST_F(CertifyTest, SetUpThatFailsAgainAndAgainIsNotTriedForEver) {
  const std::string log = (folder_ / "starts").string();
  parts_.suite = [](std::string_view role) {
    std::vector<Scenario> suite = fakes::toy_suite(role);
    for (int i = 0; i < 20; ++i) {
      suite.push_back(suite[3]);
      suite.back().info.id = "vendor.pay.polite-" + std::to_string(i);
    }
    return suite;
  };
  options_.jobs = 1;
  EXPECT_EQ(run("null " + log), ExitCode::unreachable);
  EXPECT_EQ(report()["counts"]["pass"], 0);
  EXPECT_EQ(report()["scenarios"].size(), 24U);
}

TEST_F(CertifyTest, BaselineExcusesAndGoesStale) {
  options_.baseline = write("baseline.json", R"([{"check": "vendor.pay.refuses", "reason": "known", "issue": "#1"}])");
  EXPECT_EQ(run("accepts-everything"), ExitCode::as_expected);
  EXPECT_EQ(report()["certifiable"], false);
  EXPECT_EQ(run("good"), ExitCode::failed);
  EXPECT_EQ(report()["stale_baseline"].size(), 1U);
}

TEST_F(CertifyTest, TwinOfASelectedScenarioRunsWithIt) {
  options_.select = "*other-amount";
  EXPECT_EQ(run("good"), ExitCode::as_expected);
  EXPECT_EQ(verdict_of("vendor.pay.accepts"), "pass ");
  EXPECT_EQ(report()["certifiable"], false);
}

TEST_F(CertifyTest, ListNamesScenariosAndNeedsNoImplementation) {
  options_.list = true;
  options_.select = "vendor.pay.*o*";
  EXPECT_EQ(run(), ExitCode::as_expected);
  EXPECT_EQ(out_.str(), "vendor.pay.good\nvendor.pay.location\nvendor.pay.other-amount\nvendor.pay.polite\n");
}

TEST_F(CertifyTest, SameSeedSameVerdictsWhateverTheJobs) {
  std::set<std::string> verdicts;
  for (const std::size_t jobs : {1, 2, 4}) {
    options_.jobs = jobs;
    run("accepts-everything");
    Json checks = report()["checks"];
    for (Json& line : checks) {
      line.erase("ms");
    }
    verdicts.insert(checks.dump());
  }
  EXPECT_EQ(verdicts.size(), 1U);
}

TEST_F(CertifyTest, InterruptedRunWritesWhatItHas) {
  options_.jobs = 1;
  parts_.suite = [this](std::string_view role) {
    std::vector<Scenario> suite = fakes::toy_suite(role);
    for (Scenario& scenario : suite) {
      scenario.run = [this, body = scenario.run](Session& session) {
        body(session);
        stop_ = true;
      };
    }
    return suite;
  };
  EXPECT_EQ(run("location"), ExitCode::inconclusive);
  EXPECT_EQ(report()["interrupted"], true);
  EXPECT_EQ(report()["certifiable"], false);
  EXPECT_GE(report()["counts"]["pass"].get<int>(), 1);
}

TEST_F(CertifyTest, LevelEKeepsApartWhatNeedsAnAdapter) {
  boost::asio::io_context io;
  boost::asio::ip::tcp::acceptor acceptor(io, {boost::asio::ip::address_v4::loopback(), 0});
  parts_.suite = [](std::string_view role) {
    std::vector<Scenario> suite = fakes::toy_suite(role);
    suite[0].run = [](Session& session) { session.pass("vendor.pay.accepts"); };
    return suite;
  };
  options_.endpoint = "http://127.0.0.1:" + std::to_string(acceptor.local_endpoint().port());
  options_.fixture = write("fixture.json", R"({"role":"vendor","player":"V1","host":"H1","directory":[],"fixtures":{}})");
  EXPECT_EQ(run(), ExitCode::as_expected) << err_.str() << out_.str();
  const Json result = report();
  EXPECT_EQ(result["level"], "E");
  EXPECT_EQ(result["certifiable"], false);
  EXPECT_EQ(result["checks"].size(), 1U);
  EXPECT_EQ(result["adapter_required"].size(), 3U);
  acceptor.close();
  EXPECT_EQ(run(), ExitCode::unreachable);
}

TEST_F(CertifyTest, EndpointNeedsAFixtureOfItsRole) {
  options_.endpoint = "http://127.0.0.1:1";
  EXPECT_EQ(run(), ExitCode::usage);
  options_.fixture = write("fixture.json", R"({"role":"broker","player":"B7","host":"H1","directory":[],"fixtures":{}})");
  EXPECT_EQ(run(), ExitCode::usage);
  options_.fixture = write("fixture.json", "[]");
  EXPECT_EQ(run(), ExitCode::usage);
}

/// A server that is reached by its address alone. It takes connections and says nothing.
struct LevelE : CertifyTest {
  void SetUp() override {
    CertifyTest::SetUp();
    options_.endpoint = "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port());
    options_.fixture = write("fixture.json", fixture(R"([])"));
  }
  static std::string fixture(const std::string& directory) {
    return R"({"role":"vendor","player":"V1","host":"H1","directory":)" + directory + R"(,"fixtures":{}})";
  }
  /// The whole suite is this scenario.
  void play(ScenarioBody body, std::vector<CheckInfo> checks = {fakes::check("vendor.pay.accepts")}) {
    ScenarioInfo info = fakes::scenario("vendor.pay.good", std::move(checks));
    info.level_e = true;
    parts_.suite = [info, body](std::string_view) { return std::vector<Scenario>{{info, body, {}}}; };
  }
  boost::asio::io_context io_;
  boost::asio::ip::tcp::acceptor acceptor_{io_, {boost::asio::ip::address_v4::loopback(), 0}};
};

// A pass that takes an adapter is not earned here; a violation that was seen counts all the same.
TEST_F(LevelE, NoPassIsEarnedThatTakesAnAdapter) {
  CheckInfo quiet = fakes::check("vendor.pay.quiet");
  quiet.needs_adapter = true;
  for (const bool holds : {true, false}) {
    play(
        [holds](Session& session) {
          session.pass("vendor.pay.accepts");
          holds ? session.pass("vendor.pay.quiet")
                : session.fail("vendor.pay.quiet", Reason::forbidden_message, "nothing", "a notice");
        },
        {fakes::check("vendor.pay.accepts"), quiet});
    EXPECT_EQ(run(), holds ? ExitCode::as_expected : ExitCode::failed) << out_.str();
    EXPECT_EQ(verdict_of("vendor.pay.quiet"), holds ? "absent" : "fail forbidden_message");
    ASSERT_EQ(report()["adapter_required"].size(), holds ? 1U : 0U);
    if (holds) {
      EXPECT_EQ(report()["adapter_required"][0]["verdict"], "inconclusive");
      EXPECT_EQ(report()["adapter_required"][0]["reason"], "adapter_required");
    }
  }
}

// QP-ADD-01: the same seed against the same server makes other ids, or every request would be a repeat.
TEST_F(LevelE, NoIdComesAgainInAnotherRun) {
  std::set<std::string> ids, runs;
  play([&](Session& session) {
    ids.insert(session.random().hex(32));
    runs.insert(session.run());
    session.pass("vendor.pay.accepts");
  });
  EXPECT_EQ(run(), ExitCode::as_expected);
  EXPECT_EQ(run(), ExitCode::as_expected);
  EXPECT_EQ(ids.size(), 2U);
  EXPECT_EQ(runs.size(), 2U);
}

// With an adapter the implementation begins anew, and a seed repeats a run exactly.
TEST_F(CertifyTest, SeedRepeatsTheIdsWithAnAdapter) {
  std::set<std::string> ids;
  bool remembers = false;
  parts_.suite = [&](std::string_view role) {
    std::vector<Scenario> suite = fakes::toy_suite(role);
    suite.resize(1);
    suite[0].run = [&](Session& session) {
      ids.insert(session.random().hex(32) + session.run());
      remembers = remembers || session.memory() != nullptr;
      session.pass("vendor.pay.accepts");
    };
    return suite;
  };
  EXPECT_EQ(run("good"), ExitCode::as_expected) << out_.str() << err_.str();
  EXPECT_EQ(run("good"), ExitCode::as_expected);
  EXPECT_EQ(ids.size(), 1U);
  EXPECT_FALSE(remembers);
}

struct Counting final : Memory {
  int sessions = 0;
};

// What one session leaves, the next one of the same run finds, and no other run.
TEST_F(LevelE, SessionsOfARunShareTheirMemory) {
  std::vector<int> seen;
  const auto body = [&](Session& session) {
    auto memory = std::dynamic_pointer_cast<Counting>(*session.memory());
    if (!memory) {
      *session.memory() = memory = std::make_shared<Counting>();
    }
    seen.push_back(++memory->sessions);
    session.pass(session.info().checks.front().id);
  };
  parts_.suite = [body](std::string_view) {
    ScenarioInfo first = fakes::scenario("vendor.pay.good", {fakes::check("vendor.pay.accepts")});
    ScenarioInfo second = fakes::scenario("vendor.pay.more", {fakes::check("vendor.pay.accepts-more")});
    first.level_e = second.level_e = true;
    return std::vector<Scenario>{{first, body, {}}, {second, body, {}}};
  };
  EXPECT_EQ(run(), ExitCode::as_expected) << out_.str();
  EXPECT_EQ(run(), ExitCode::as_expected);
  EXPECT_EQ(seen, (std::vector<int>{1, 2, 1, 2}));
}

TEST_F(LevelE, FixtureThatGivesNobodyToPlayIsAMistakeOfTheCommandLine) {
  play([](Session& session) { session.pass("vendor.pay.accepts"); });
  parts_.worlds.fixture_fault = [](const Json& fixture) -> std::optional<std::string> {
    return fixture["directory"].empty() ? std::optional<std::string>("no wallet") : std::nullopt;
  };
  EXPECT_EQ(run(), ExitCode::usage);
  EXPECT_NE(err_.str().find("no wallet"), std::string::npos);
  write("players.json", R"({"players":[{"id":"W1","role":"wallet"}]})");
  options_.fixture = write("fixture.json", fixture(R"("players.json")"));
  EXPECT_EQ(run(), ExitCode::as_expected) << err_.str();
  options_.fixture = write("fixture.json", fixture(R"("nowhere.json")"));
  EXPECT_EQ(run(), ExitCode::usage);
  options_.fixture = write("fixture.json", fixture(R"("fixture.json")"));
  EXPECT_EQ(run(), ExitCode::usage);
}

}  // namespace
}  // namespace quickpay::conformance
