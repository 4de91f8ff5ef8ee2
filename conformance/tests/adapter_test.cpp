// The adapter channel against processes that break its rules.
#include "conformance/adapter/adapter_iut.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <signal.h>

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "conformance/adapter/protocol.hpp"
#include "conformance/model/serve.hpp"

namespace quickpay::conformance {
namespace {

std::string toy(const std::string& mode) { return "exec python3 conformance/tests/adapters/toy.py " + mode; }

struct Channel {
  explicit Channel(const std::string& mode) : adapter(io, toy(mode)), started(adapter.ensure_running()) {}
  AdapterIut session() { return AdapterIut(adapter, "s1", {}); }

  boost::asio::io_context io;
  Adapter adapter;
  IutResult<void> started;
};

Setup setup_of(std::string listen = {}) {
  Setup setup;
  setup.role = "vendor";
  setup.id = "V1001";
  setup.host = "H1";
  setup.profile = "F";
  setup.source = "127.0.0.1";
  setup.now = "2026-11-22T12:00:00Z";
  setup.listen = std::move(listen);
  return setup;
}

class AdapterTest : public ::testing::Test {
 protected:
  void SetUp() override { ::signal(SIGPIPE, SIG_IGN); }
};

TEST_F(AdapterTest, WholeSessionOfAGoodAdapter) {
  Channel channel("good");
  ASSERT_TRUE(channel.started) << channel.started.error().what;
  AdapterIut iut = channel.session();
  EXPECT_EQ(iut.hello().name, "Toy");
  EXPECT_TRUE(iut.hello().virtual_clock);
  const auto ready = iut.setup(setup_of("127.0.0.9"));
  ASSERT_TRUE(ready) << ready.error().what;
  EXPECT_EQ(ready->listen->port, 4711);
  EXPECT_TRUE(iut.directory(Json::array()));
  const auto good = iut.act("pay", Json::object(), 0);
  ASSERT_TRUE(good) << good.error().what;
  EXPECT_EQ(good->kind, OutcomeKind::accepted);
  EXPECT_EQ(good->ref, "r1");
  const auto bad = iut.act("pay", {{"fault", "x"}}, 0);
  EXPECT_EQ(bad->kind, OutcomeKind::rejected);
  EXPECT_EQ(bad->reason, RejectReason::amount_mismatch);
  EXPECT_EQ(iut.await("r1", 0)->kind, OutcomeKind::accepted);
  EXPECT_EQ(iut.observe("orders")->value, Json::array({1}));
  EXPECT_EQ(iut.observe("cases")->unverifiable, "no window");
  EXPECT_TRUE(iut.fence());
  EXPECT_FALSE(iut.clock(1000)->next_due_ms.has_value());
  EXPECT_TRUE(iut.restart(true));
  EXPECT_TRUE(iut.teardown());
}

TEST_F(AdapterTest, PeersAreServedWhileAReplyIsAwaited) {
  int ticks = 0;  // these three outlive the channel, whose end runs a tick that was due when the timer was cancelled
  bool over = false;
  std::function<void()> arm;
  Channel channel("late");
  AdapterIut iut = channel.session();
  boost::asio::steady_timer timer(channel.io);
  arm = [&] {
    timer.expires_after(std::chrono::milliseconds(5));
    timer.async_wait([&](const boost::system::error_code& error) {
      if (!error && !over) {
        ++ticks;
        arm();
      }
    });
  };
  arm();
  EXPECT_TRUE(iut.act("pay", {{"slow", true}}, 5000));
  EXPECT_GT(ticks, 10);
  over = true;
  timer.cancel();
}

TEST_F(AdapterTest, TwoCallsAtATime) {
  Channel channel("good");
  AdapterIut iut = channel.session();
  const auto first = iut.begin("pay", Json::object(), 0);
  const auto second = iut.begin("pay", {{"fault", "x"}}, 0);
  EXPECT_EQ(iut.finish(*second)->kind, OutcomeKind::rejected);
  EXPECT_EQ(iut.finish(*first)->kind, OutcomeKind::accepted);
  EXPECT_FALSE(iut.finish(*first)) << "a call is finished once";
}

TEST_F(AdapterTest, ProcessThatEndsIsACrashAndTheNextSessionGetsANewOne) {
  for (const std::string mode : {"crash", "abort"}) {
    Channel channel(mode);
    AdapterIut iut = channel.session();
    const auto outcome = iut.act("pay", Json::object(), 0);
    ASSERT_FALSE(outcome) << mode;
    EXPECT_EQ(outcome.error().fault, IutFault::crashed) << mode;
    EXPECT_FALSE(iut.alive()) << mode;
    EXPECT_EQ(iut.act("pay", Json::object(), 0).error().fault, IutFault::crashed) << "the session is over";
    channel.adapter.kill();
    EXPECT_TRUE(channel.adapter.ensure_running()) << mode;
    EXPECT_EQ(channel.adapter.starts(), 2U) << mode;
    EXPECT_FALSE(iut.alive()) << "the new process is not this session's";
  }
}

TEST_F(AdapterTest, CrashSaysHow) {
  Channel channel("crash");
  AdapterIut iut = channel.session();
  const auto outcome = iut.act("pay", Json::object(), 0);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().what, "the adapter closed its stdout (exit status 7, stderr: about to fall over)");
  channel.adapter.kill();
  EXPECT_EQ(channel.adapter.errors(), "about to fall over\n");
}

TEST_F(AdapterTest, ProcessThatDoesNotStart) {
  Channel channel("crash-start");
  ASSERT_FALSE(channel.started);
  EXPECT_EQ(channel.started.error().fault, IutFault::crashed);
}

TEST_F(AdapterTest, CommandThatIsNotThereIsNamed) {
  boost::asio::io_context io;
  Adapter adapter(io, "./no-such-adapter --role vendor");
  const auto started = adapter.ensure_running();
  ASSERT_FALSE(started);
  EXPECT_NE(started.error().what.find("exit status 127"), std::string::npos) << started.error().what;
  EXPECT_NE(started.error().what.find("no-such-adapter"), std::string::npos) << started.error().what;
}

TEST_F(AdapterTest, LineThatIsNoReplyIsQuotedHarmlessly) {
  boost::asio::io_context io;
  Adapter adapter(io, "printf '\\033[31mListening on 8080\\377\\n'; cat >/dev/null");
  const auto started = adapter.ensure_running();
  ASSERT_FALSE(started);
  EXPECT_NE(started.error().what.find("not JSON: ?[31mListening on 8080?"), std::string::npos) << started.error().what;
}

TEST(Hello, ClaimsProfileFWhereItNamesNone) {
  const Json reply = {{"id", 1}, {"impl", Json::object()}, {"roles", {"vendor"}}};
  EXPECT_EQ(qpap::hello_of(reply).profiles, std::vector<std::string>{"F"});
  EXPECT_EQ(qpap::hello_of(reply).protocols, std::vector<std::string>{"micropayment"});
}

TEST_F(AdapterTest, SilenceIsATimeOut) {
  Channel channel("hang");
  AdapterIut iut = channel.session();
  const auto outcome = iut.act("pay", Json::object(), 100);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().fault, IutFault::timeout);
  EXPECT_TRUE(iut.alive());
}

TEST_F(AdapterTest, StopEndsTheWaitAtOnce) {
  Channel channel("hang");
  AdapterIut iut(channel.adapter, "s1", [] { return true; });
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(iut.act("pay", Json::object(), 60'000).error().fault, IutFault::timeout);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
}

TEST_F(AdapterTest, LateReplyIsNotTakenForTheNext) {
  Channel channel("late");
  const auto slow = channel.adapter.call(
      {{"cmd", "do"}, {"session", "s1"}, {"op", "pay"}, {"args", {{"slow", true}, {"fault", "x"}}}, {"deadline_ms", 1}}, 100);
  EXPECT_EQ(slow.error().fault, IutFault::timeout);
  AdapterIut iut = channel.session();
  EXPECT_EQ(iut.act("pay", Json::object(), 5000)->kind, OutcomeKind::accepted);
  EXPECT_EQ(channel.adapter.late_replies(), 1U);
}

TEST_F(AdapterTest, LinesThatBreakTheRulesEndTheSession) {
  for (const std::string mode : {"garbage", "not-object", "deep", "oversize", "flood"}) {
    Channel channel(mode);
    AdapterIut iut = channel.session();
    const auto outcome = iut.act("pay", Json::object(), 0);
    ASSERT_FALSE(outcome) << mode;
    EXPECT_EQ(outcome.error().fault, IutFault::protocol) << mode;
    EXPECT_FALSE(iut.alive()) << mode;
  }
}

TEST_F(AdapterTest, SecondReplyToACommandEndsTheSession) {
  Channel channel("twice");
  AdapterIut iut = channel.session();
  (void)iut.act("pay", Json::object(), 0);
  EXPECT_FALSE(iut.fence());
  EXPECT_FALSE(iut.alive());
}

TEST_F(AdapterTest, RepliesThatAreNotInTheProtocolAreNoOutcomes) {
  for (const std::string mode : {"wrong-reason", "no-outcome", "error"}) {
    Channel channel(mode);
    AdapterIut iut = channel.session();
    const auto outcome = iut.act("pay", Json::object(), 0);
    ASSERT_FALSE(outcome) << mode;
    EXPECT_EQ(outcome.error().fault, IutFault::protocol) << mode;
    EXPECT_TRUE(iut.alive()) << mode;
  }
}

TEST_F(AdapterTest, ServerHasToListenWhereItIsTold) {
  Channel channel("wrong-address");
  AdapterIut iut = channel.session();
  EXPECT_EQ(iut.setup(setup_of("127.0.0.9")).error().fault, IutFault::protocol);
}

TEST_F(AdapterTest, UnsupportedIsSaidWithoutAsking) {
  Channel channel("wall");
  AdapterIut iut = channel.session();
  EXPECT_EQ(iut.clock(1).error().fault, IutFault::unsupported);
  Channel other("null");
  AdapterIut null = other.session();
  EXPECT_EQ(null.setup(setup_of()).error().fault, IutFault::unsupported);
}

TEST_F(AdapterTest, StderrIsKeptWithinALimit) {
  Channel channel("stderr");
  AdapterIut iut = channel.session();
  EXPECT_TRUE(iut.act("pay", Json::object(), 0));
  channel.adapter.kill();
  EXPECT_LE(channel.adapter.errors().size(), kMaxStderrBytes);
  EXPECT_GT(channel.adapter.errors().size(), 1000U);
}

TEST_F(AdapterTest, WholeProcessGroupEnds) {
  pid_t child = 0;
  {
    Channel channel("grandchild");
    ASSERT_TRUE(channel.started);
    serve_until(channel.io, [&] { return channel.adapter.errors().find('\n') != std::string::npos; },
                std::chrono::steady_clock::now() + std::chrono::seconds(10), {});
    child = std::stoi(channel.adapter.errors().substr(6));
    ASSERT_EQ(::kill(child, 0), 0);
  }
  boost::asio::io_context io;
  EXPECT_TRUE(serve_until(io, [&] {
    std::string state;
    if (FILE* file = std::fopen(("/proc/" + std::to_string(child) + "/stat").c_str(), "r")) {
      char text[256] = {};
      state = std::fgets(text, sizeof text, file) != nullptr ? text : "";
      std::fclose(file);
    }
    return state.empty() || state.find(") Z") != std::string::npos;  // gone, or dead and not yet reaped by init
  }, std::chrono::steady_clock::now() + std::chrono::seconds(10), {}));
}

// ---------------------------------------------------------------- lines
RC_GTEST_PROP(Lines, DoNotDependOnHowTheStreamIsCut, (std::vector<std::string> raw, std::vector<std::uint8_t> cuts)) {
  std::string stream;
  std::vector<std::string> expected;
  for (std::string line : raw) {
    line.erase(std::remove_if(line.begin(), line.end(), [](char c) { return c == '\n' || c == '\r'; }), line.end());
    stream += line + "\n";
    expected.push_back(line);
  }
  LineSplitter splitter;
  std::vector<std::string> got;
  std::string_view rest = stream;
  std::size_t i = 0;
  while (!rest.empty()) {
    const std::size_t size = cuts.empty() ? 1 : 1 + cuts[i++ % cuts.size()];
    RC_ASSERT(splitter.feed(rest.substr(0, size), {}, [&](std::string_view line) { got.emplace_back(line); }));
    rest.remove_prefix(std::min(size, rest.size()));
  }
  RC_ASSERT(got == expected);
}

TEST(Drain, EndsThoughThereIsAlwaysOneMoreHandler) {
  boost::asio::io_context io;
  std::size_t ran = 0;
  std::function<void()> again = [&] {
    ++ran;
    boost::asio::post(io, again);
  };
  boost::asio::post(io, again);
  drain(io);
  EXPECT_EQ(ran, kMaxDrained);
}

TEST(Lines, LimitsAreKept) {
  LineSplitter splitter;
  const auto ignore = [](std::string_view) {};
  EXPECT_TRUE(splitter.feed(std::string(kMaxLineBytes, 'x'), {}, ignore));
  EXPECT_FALSE(splitter.feed("x", {}, ignore));
  LineSplitter fast;
  std::string lines;
  for (std::size_t i = 0; i < kMaxLinesPerSecond; ++i) {
    lines += "x\n";
  }
  const auto now = LineSplitter::Clock::time_point{} + std::chrono::hours(1);
  EXPECT_TRUE(fast.feed(lines, now, ignore));
  EXPECT_FALSE(fast.feed("x\n", now, ignore));
  EXPECT_TRUE(fast.feed("x\n", now + std::chrono::seconds(1), ignore));
}

// ---------------------------------------------------------------- the runner keeps to its own rules
TEST(Protocol, CommandsAreChecked) {
  EXPECT_TRUE(qpap::command_fault({{"id", 1}, {"cmd", "dance"}}));
  EXPECT_TRUE(qpap::command_fault({{"id", 1}, {"cmd", "fence"}}));
  EXPECT_FALSE(qpap::command_fault({{"id", 1}, {"cmd", "fence"}, {"session", "s"}}));
  Json setup = qpap::setup_command(setup_of());
  setup["id"] = 1;
  setup["session"] = "s";
  EXPECT_FALSE(qpap::command_fault(setup));
}

TEST(Protocol, EveryRejectReasonHasItsName) {
  for (int i = 0; i < 17; ++i) {
    const auto reason = static_cast<RejectReason>(i);
    EXPECT_EQ(reject_reason_of(name_of(reason)), reason);
  }
  EXPECT_FALSE(reject_reason_of("because"));
}

}  // namespace
}  // namespace quickpay::conformance
