// What the server does beyond judging bytes: order, time, room, closing, and what observers see.
#include <gmock/gmock.h>

#include "reference/transport/tests/server_fixture.hpp"

namespace quickpay::transport::tests {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr std::int64_t kTinyMs = 40;  // a time limit that a test lets pass

TEST_F(ServerTest, HandsOnWhatWasAskedByWhom) {
  start();
  Wire wire(loop_, server_->port(), "127.9.8.7");
  wire.send(post("hello", "X-Forwarded-For: 1.2.3.4\r\nForwarded: for=1.2.3.4\r\nX-Real-IP: 1.2.3.4\r\n"));
  ASSERT_TRUE(loop_.until([&] { return !bodies_in(wire.received()).empty(); }));
  ASSERT_THAT(seen_, SizeIs(1));
  EXPECT_EQ(seen_[0].peer, "127.9.8.7") << "HTTP-29, QP-ADD-15: the socket counts, no header does";
  EXPECT_EQ(seen_[0].path, kPath);
  EXPECT_EQ(seen_[0].body, "hello");
  EXPECT_EQ(wire.received(),
            "HTTP/1.1 200 OK\r\nContent-Type: application/test+xml\r\nContent-Length: 8\r\n\r\nre:hello");
}

// HTTP-36
TEST_F(ServerTest, AMappedPeerCountsAsIPv4) {
  config_.address = "::";
  config_.authorities = {"*"};
  start();
  Wire wire(loop_, server_->port(), "127.0.0.3");
  wire.send(post("x"));
  ASSERT_TRUE(loop_.until([&] { return !seen_.empty(); }));
  EXPECT_EQ(seen_[0].peer, "127.0.0.3");
}

TEST_F(ServerTest, GivesTheTicketOfAFile) {
  start();
  Wire wire(loop_, server_->port());
  wire.send(fmt::format("GET {} HTTP/1.1\r\nHost: {}\r\nTicket: t1\r\n\r\n", kFilePath, host()));
  ASSERT_TRUE(loop_.until([&] { return !bodies_in(wire.received()).empty(); }));
  EXPECT_EQ(seen_[0].ticket, "t1");
}

// HTTP-27
TEST_F(ServerTest, AnswersPipelinedRequestsInOrder) {
  answers_at_once_ = false;
  start();
  Wire wire(loop_, server_->port());
  std::string all;
  for (int i = 0; i < 100; ++i) all += post(std::to_string(i));
  wire.send(all);
  ASSERT_TRUE(loop_.until([&] { return seen_.size() == 100; }));
  for (std::size_t i = 100; i > 0; --i) server_->answer(seen_[i - 1].token, 200, seen_[i - 1].body);
  ASSERT_TRUE(loop_.until([&] { return bodies_in(wire.received()).size() == 100; }));
  const auto bodies = bodies_in(wire.received());
  for (int i = 0; i < 100; ++i) EXPECT_EQ(bodies[static_cast<std::size_t>(i)], std::to_string(i));
}

TEST_F(ServerTest, ReadsNoFurtherThanItMayAndLosesNothing) {
  config_.limits.pipelined = 4;
  answers_at_once_ = false;
  start();
  Wire wire(loop_, server_->port());
  std::string all;
  for (int i = 0; i < 50; ++i) all += post(std::to_string(i));
  wire.send(all);
  wire.finish_sending();
  std::size_t answered = 0;
  while (answered < 50) {
    ASSERT_TRUE(loop_.until([&] { return seen_.size() > answered; }));
    EXPECT_LE(seen_.size() - answered, 4U);
    server_->answer(seen_[answered].token, 200, seen_[answered].body);
    ++answered;
  }
  ASSERT_TRUE(loop_.until([&] { return wire.closed(); }));
  EXPECT_THAT(bodies_in(wire.received()), SizeIs(50));
}

TEST_F(ServerTest, AnswersAClientThatHasFinishedSending) {
  answers_at_once_ = false;
  start();
  Wire wire(loop_, server_->port());
  wire.send(post("a") + post("b"));
  wire.finish_sending();
  ASSERT_TRUE(loop_.until([&] { return seen_.size() == 2; }));
  server_->answer(seen_[1].token, 200, "B");
  server_->answer(seen_[0].token, 200, "A");
  ASSERT_TRUE(loop_.until([&] { return wire.closed(); }));
  EXPECT_THAT(bodies_in(wire.received()), ElementsAre("A", "B"));
  EXPECT_THAT(lost_, IsEmpty());
}

TEST_F(ServerTest, TellsOfRequestsThatNobodyWaitsFor) {
  answers_at_once_ = false;
  start();
  Wire wire(loop_, server_->port());
  Wire other(loop_, server_->port());
  wire.send(post("a") + post("b"));
  ASSERT_TRUE(loop_.until([&] { return seen_.size() == 2; }));
  other.send(post("c"));
  ASSERT_TRUE(loop_.until([&] { return seen_.size() == 3; }));
  wire.reset();
  ASSERT_TRUE(loop_.until([&] { return lost_.size() == 2; }));
  EXPECT_THAT(lost_, ElementsAre(seen_[0].token, seen_[1].token));
  server_->answer(seen_[0].token, 200, "too late");
  server_->answer(seen_[2].token, 200, "C");
  ASSERT_TRUE(loop_.until([&] { return !bodies_in(other.received()).empty(); }));
  EXPECT_THAT(bodies_in(other.received()), ElementsAre("C")) << "no cross-talk";
}

// HTTP-21
TEST_F(ServerTest, TellsAClientThatWaitsToGoOn) {
  start();
  Wire wire(loop_, server_->port());
  wire.send(fmt::format(
      "POST {} HTTP/1.1\r\nHost: {}\r\nContent-Type: {}\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n", kPath,
      host(), kType));
  ASSERT_TRUE(loop_.until([&] { return wire.received() == "HTTP/1.1 100 Continue\r\n\r\n"; }));
  wire.send("hello");
  ASSERT_TRUE(loop_.until([&] { return !seen_.empty() && bodies_in(wire.received()).size() == 2; }));
  EXPECT_EQ(bodies_in(wire.received())[1], "re:hello");
}

TEST_F(ServerTest, RefusesAnExpectedBodyBeforeItComes) {
  start();
  Wire wire(loop_, server_->port());
  wire.send(fmt::format(
      "POST {} HTTP/1.1\r\nHost: {}\r\nContent-Type: {}\r\nContent-Length: 101\r\nExpect: 100-continue\r\n\r\n", kPath,
      host(), kType));
  ASSERT_TRUE(loop_.until([&] { return wire.closed(); }));
  EXPECT_THAT(statuses_in(wire.received()), ElementsAre(413));
}

// HTTP-06
TEST_F(ServerTest, AShortBodyIsNoRequest) {
  start();
  Wire wire(loop_, server_->port());
  wire.send(post("hello").substr(0, post("hello").size() - 1));
  wire.finish_sending();
  ASSERT_TRUE(loop_.until([&] { return wire.closed(); }));
  EXPECT_THAT(seen_, IsEmpty());
}

// HTTP-06, HTTP-22
TEST_F(ServerTest, GivesUpOnASlowHeader) {
  config_.limits.header_ms = kTinyMs;
  start();
  Wire wire(loop_, server_->port());
  wire.send("POST /p");
  ASSERT_TRUE(loop_.until([&] { return wire.closed(); }));
  EXPECT_THAT(statuses_in(wire.received()), ElementsAre(408));
}

TEST_F(ServerTest, GivesUpOnASlowBody) {
  for (auto& [path, rule] : config_.paths) rule.request_ms = kTinyMs;
  config_.limits.linger_ms = kTinyMs;
  start();
  Wire wire(loop_, server_->port());
  wire.send(post("hello").substr(0, post("hello").size() - 1));
  ASSERT_TRUE(loop_.until([&] { return wire.closed(); }));
  EXPECT_THAT(statuses_in(wire.received()), ElementsAre(408));
  EXPECT_THAT(seen_, IsEmpty());
}

TEST_F(ServerTest, ServesTheHonestBetweenTheSlow) {
  config_.limits.connections = 40;
  start();
  std::vector<std::unique_ptr<Wire>> slow;
  for (int i = 0; i < 39; ++i) {
    slow.push_back(std::make_unique<Wire>(loop_, server_->port()));
    slow.back()->send("POST");
  }
  ASSERT_TRUE(loop_.until([&] { return server_->connections() == 39; }));
  Wire honest(loop_, server_->port());
  honest.send(post("hello"));
  EXPECT_TRUE(loop_.until([&] { return !bodies_in(honest.received()).empty(); }));
}

// HTTP-23
TEST_F(ServerTest, GivesUpOnAReaderThatDoesNotRead) {
  config_.limits.write_ms = kTinyMs;
  answers_at_once_ = false;
  start();
  Wire wire(loop_, server_->port(), "127.0.0.1", 2048);
  wire.stop_reading();
  wire.send(post("x") + post("y"));
  ASSERT_TRUE(loop_.until([&] { return seen_.size() == 2; }));
  server_->answer(seen_[0].token, 200, std::string(64 * 1024 * 1024, 'x'));
  EXPECT_TRUE(loop_.until([&] { return server_->connections() == 0; }));
  EXPECT_THAT(lost_, ElementsAre(seen_[1].token));
}

TEST_F(ServerTest, GivesUpOnAHandlerThatNeverAnswers) {
  config_.limits.answer_ms = kTinyMs;
  answers_at_once_ = false;
  start();
  Wire wire(loop_, server_->port());
  wire.send(post("x"));
  ASSERT_TRUE(loop_.until([&] { return wire.closed(); }));
  EXPECT_THAT(lost_, SizeIs(1));
}

// HTTP-24
TEST_F(ServerTest, TheLongestIdleConnectionMakesRoom) {
  config_.limits.connections = 3;
  start();
  Wire first(loop_, server_->port());
  ASSERT_TRUE(loop_.until([&] { return server_->connections() == 1; }));
  Wire second(loop_, server_->port());
  Wire third(loop_, server_->port());
  ASSERT_TRUE(loop_.until([&] { return server_->connections() == 3; }));
  first.send(post("awake"));
  ASSERT_TRUE(loop_.until([&] { return !first.received().empty(); }));
  Wire fourth(loop_, server_->port());
  fourth.send(post("x"));
  ASSERT_TRUE(loop_.until([&] { return !bodies_in(fourth.received()).empty(); }));
  ASSERT_TRUE(loop_.until([&] { return second.closed() || third.closed(); }));
  EXPECT_FALSE(first.closed());
  EXPECT_EQ(server_->connections(), 3U);
}

TEST_F(ServerTest, WithoutRoomItSaysSo) {
  config_.limits.connections = 1;
  answers_at_once_ = false;
  start();
  Wire first(loop_, server_->port());
  first.send(post("busy"));
  ASSERT_TRUE(loop_.until([&] { return seen_.size() == 1; }));
  Wire second(loop_, server_->port());
  ASSERT_TRUE(loop_.until([&] { return second.closed(); }));
  EXPECT_THAT(second.received(), StartsWith("HTTP/1.1 503 "));
  EXPECT_THAT(second.received(), HasSubstr("Retry-After: "));
}

TEST_F(ServerTest, ClosesIdleConnections) {
  config_.limits.idle_ms = kTinyMs;
  start();
  Wire wire(loop_, server_->port());
  EXPECT_TRUE(loop_.until([&] { return wire.closed(); }));
  EXPECT_EQ(wire.received(), "");
}

TEST_F(ServerTest, ClosesWhenAsked) {
  start();
  Wire wire(loop_, server_->port());
  wire.send(post("x", "Connection: foo, Close\r\n") + post("not served"));
  ASSERT_TRUE(loop_.until([&] { return wire.closed(); }));
  EXPECT_THAT(bodies_in(wire.received()), ElementsAre("re:x"));
  EXPECT_THAT(wire.received(), HasSubstr("Connection: close\r\n"));
}

TEST_F(ServerTest, DrainsWhatHasBegun) {
  answers_at_once_ = false;
  start();
  Wire idle(loop_, server_->port());
  Wire waiting(loop_, server_->port());
  Wire half(loop_, server_->port());
  waiting.send(post("a"));
  half.send(post("hello").substr(0, 30));
  ASSERT_TRUE(loop_.until([&] { return seen_.size() == 1 && server_->connections() == 3; }));
  loop_.settle();
  server_->stop_accepting();
  ASSERT_TRUE(loop_.until([&] { return idle.closed(); }));
  EXPECT_FALSE(waiting.closed());
  half.send(post("hello").substr(30) + post("not served"));
  ASSERT_TRUE(loop_.until([&] { return seen_.size() == 2; }));
  for (const auto& seen : seen_) server_->answer(seen.token, 200, seen.body);
  ASSERT_TRUE(loop_.until([&] { return server_->connections() == 0 && half.closed() && waiting.closed(); }));
  EXPECT_THAT(bodies_in(waiting.received()), ElementsAre("a"));
  EXPECT_THAT(bodies_in(half.received()), ElementsAre("hello"));
}

TEST_F(ServerTest, OtherStatusesHaveNoBody) {
  answers_at_once_ = false;
  start();
  Wire wire(loop_, server_->port());
  wire.send(post("x"));
  ASSERT_TRUE(loop_.until([&] { return seen_.size() == 1; }));
  server_->answer(seen_[0].token, 503, "ignored");
  ASSERT_TRUE(loop_.until([&] { return !wire.received().empty(); }));
  EXPECT_EQ(wire.received(), "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n");
}

TEST_F(ServerTest, ShowsEveryByteToTheObserver) {
  std::vector<Exchange> exchanges;
  config_.observer = [&](const Exchange& exchange) { exchanges.push_back(exchange); };
  start();
  Wire wire(loop_, server_->port());
  const std::string chunked = fmt::format(
      "POST {} HTTP/1.1\r\nHost: {}\r\nContent-Type: {}\r\nTransfer-Encoding: chunked\r\n\r\n2;x\r\nhi\r\n0\r\nT: "
      "v\r\n\r\n",
      kPath, host(), kType);
  const std::string refused = "GET / HTTP/1.0\r\n\r\nmore";
  wire.send(post("one") + chunked + refused);
  ASSERT_TRUE(loop_.until([&] { return wire.closed(); }));
  ASSERT_THAT(exchanges, SizeIs(3));
  EXPECT_EQ(exchanges[0].request, post("one"));
  EXPECT_EQ(exchanges[1].request, chunked);
  EXPECT_EQ(exchanges[2].request, refused);
  EXPECT_EQ(exchanges[0].response + exchanges[1].response + exchanges[2].response, wire.received());
  EXPECT_EQ(exchanges[0].local, host());
  EXPECT_THAT(exchanges[0].remote, StartsWith("127.0.0.1:"));
  EXPECT_EQ(exchanges[0].direction, Direction::incoming);
}

TEST_F(ServerTest, LetsAHookSendAnything) {
  config_.hook = [](Direction, std::string_view path, std::string bytes) {
    EXPECT_EQ(path, kPath);
    return RawBytes{{"HTTP/1.1 299 Odd\r\n", "X: y\r\n\r\n", bytes.substr(0, 4)}, 1, Afterwards::close};
  };
  start();
  Wire wire(loop_, server_->port());
  wire.send(post("x"));
  ASSERT_TRUE(loop_.until([&] { return wire.closed(); }));
  EXPECT_EQ(wire.received(), "HTTP/1.1 299 Odd\r\nX: y\r\n\r\nHTTP");
}

TEST_F(ServerTest, LetsAHookTearDownOrStall) {
  config_.limits.answer_ms = kTinyMs;
  std::vector<Afterwards> plan = {Afterwards::reset, Afterwards::stall};
  config_.hook = [&](Direction, std::string_view, std::string) {
    const Afterwards next = plan.front();
    plan.erase(plan.begin());
    return RawBytes{{"HT"}, 0, next};
  };
  start();
  Wire torn(loop_, server_->port());
  torn.send(post("x"));
  ASSERT_TRUE(loop_.until([&] { return torn.closed(); }));
  Wire stalled(loop_, server_->port());
  stalled.send(post("x"));
  ASSERT_TRUE(loop_.until([&] { return stalled.closed(); }));
  EXPECT_EQ(stalled.received(), "HT");
}

TEST_F(ServerTest, SaysWhyItCannotListen) {
  start();
  config_.port = server_->port();
  auto second = HttpServer::listen(loop_.io, config_, nullptr, nullptr);
  ASSERT_FALSE(second);
  EXPECT_THAT(second.error(), HasSubstr("cannot listen at 127.0.0.1:"));
  config_.address = "localhost";
  EXPECT_THAT(HttpServer::listen(loop_.io, config_, nullptr, nullptr).error(), HasSubstr("not an address"));
}

TEST_F(ServerTest, MayBeDestroyedInTheMiddle) {
  answers_at_once_ = false;
  start();
  Wire wire(loop_, server_->port());
  wire.send(post("x"));
  ASSERT_TRUE(loop_.until([&] { return seen_.size() == 1; }));
  server_.reset();
  EXPECT_TRUE(loop_.until([&] { return wire.closed(); }));
  EXPECT_THAT(lost_, IsEmpty());
}

}  // namespace
}  // namespace quickpay::transport::tests
