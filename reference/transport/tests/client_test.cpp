// What the client believes, what it sends, and how it comes to an end.
#include "reference/transport/http_client.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "reference/transport/tests/wire.hpp"

namespace quickpay::transport::tests {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::StartsWith;
using Script = ScriptedServer::Script;

constexpr const char* kType = "application/test+xml";

std::string answer(const std::string& body, const std::string& fields = "",
                   const std::string& line = "HTTP/1.1 200 OK") {
  return fmt::format("{}\r\nContent-Type: {}\r\n{}Content-Length: {}\r\n\r\n{}", line, kType, fields, body.size(),
                     body);
}

class ClientTest : public ::testing::Test {
 protected:
  void SetUp() override { config_.content_type = kType; }

  CallSpec spec(std::uint16_t port) const {
    CallSpec call;
    call.address = "127.0.0.1";
    call.port = port;
    call.path = "/p/1/first";
    call.body = "question";
    call.timeout_ms = 20000;
    return call;
  }
  HttpClient& client() {
    if (!client_) client_ = HttpClient::create(loop_.io, config_);
    return *client_;
  }
  CallResult call(CallSpec what) {
    std::optional<CallResult> result;
    client().post(std::move(what), [&](CallResult given) { result = std::move(given); });
    EXPECT_FALSE(result) << "never inside post";
    EXPECT_TRUE(loop_.until([&] { return result.has_value(); }));
    return result.value_or(CallResult{});
  }
  CallResult ask(Script script) {
    ScriptedServer server(loop_, {std::move(script)});
    return call(spec(server.port()));
  }

  Loop loop_;
  ClientConfig config_;
  std::unique_ptr<HttpClient> client_;
};

TEST_F(ClientTest, SendsAPlainRequestAndBelievesAPlainAnswer) {
  ScriptedServer server(loop_, {{answer("yes")}});
  const CallResult result = call(spec(server.port()));
  EXPECT_TRUE(result.delivered) << result.why;
  EXPECT_EQ(result.http_status, 200U);
  EXPECT_EQ(result.body, "yes");
  EXPECT_EQ(result.content_type, kType);
  EXPECT_EQ(
      server.requests().at(0),
      fmt::format(
          "POST /p/1/first HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nContent-Type: {}\r\nContent-Length: 8\r\n\r\nquestion",
          server.port(), kType));
}

TEST_F(ClientTest, BelievesChunksAndInterimAnswers) {
  const std::string chunked = fmt::format(
      "HTTP/1.1 200 OK\r\nContent-Type: {}\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nye\r\n1\r\ns\r\n0\r\n\r\n", kType);
  EXPECT_EQ(ask({chunked}).body, "yes");
  EXPECT_EQ(ask({"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + answer("yes")}).body,
            "yes");
}

// HTTP-31, HTTP-32: everything but one plain answer 200 is an unknown outcome.
TEST_F(ClientTest, BelievesNothingElse) {
  config_.limits.body_bytes = 1000;
  std::string storm;
  for (int i = 0; i < 20; ++i) storm += "HTTP/1.1 100 Continue\r\n\r\n";
  const std::vector<std::pair<std::string, std::string>> answers = {
      {"301", answer("", "Location: http://127.0.0.1:1/\r\n", "HTTP/1.1 301 Moved")},
      {"307", answer("", "Location: /x\r\n", "HTTP/1.1 307 Moved")},
      {"500", answer("yes", "", "HTTP/1.1 500 No")},
      {"201", answer("yes", "", "HTTP/1.1 201 Made")},
      {"204", "HTTP/1.1 204 Nothing\r\n\r\n"},
      {"101", "HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n" + answer("yes")},
      {"storm", storm + answer("yes")},
      {"no status line", "yes"},
      {"silence", ""},
      {"1.0", answer("yes", "", "HTTP/1.0 200 OK")},
      {"999", answer("yes", "", "HTTP/1.1 999 X")},
      {"other type", "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 3\r\n\r\nyes"},
      {"no type", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nyes"},
      {"cut short", answer("yes").substr(0, answer("yes").size() - 1)},
      {"no length", fmt::format("HTTP/1.1 200 OK\r\nContent-Type: {}\r\n\r\nyes", kType)},
      {"two lengths", answer("yes", "Content-Length: 3\r\n")},
      {"two codings", answer("yes", "Transfer-Encoding: chunked\r\n")},
      {"gzip", answer("yes", "Content-Encoding: gzip\r\n")},
      {"too long", answer(std::string(1001, 'x'))},
      {"chunks too long",
       fmt::format("HTTP/1.1 200 OK\r\nContent-Type: {}\r\nTransfer-Encoding: chunked\r\n\r\n3E9\r\n", kType)},
      {"endless header", "HTTP/1.1 200 OK\r\n" + std::string(20000, 'x')},
      {"bare line feeds", "HTTP/1.1 200 OK\nContent-Length: 0\n\n"},
      {"two answers", answer("yes") + answer("yes")},
      {"something behind", answer("yes") + "x"},
  };
  for (const auto& [name, bytes] : answers) {
    const CallResult result = ask({bytes});
    EXPECT_FALSE(result.delivered) << name;
    EXPECT_EQ(result.body, "") << name;
    EXPECT_NE(result.why, "") << name;
  }
}

TEST_F(ClientTest, TellsTheStatusThatItDidNotBelieve) {
  EXPECT_EQ(ask({answer("", "", "HTTP/1.1 503 Later")}).http_status, 503U);
}

TEST_F(ClientTest, AcceptsABodyAtTheLimit) {
  config_.limits.body_bytes = 1000;
  EXPECT_TRUE(ask({answer(std::string(1000, 'x'))}).delivered);
}

TEST_F(ClientTest, ACallMayExpectALongerOrShorterAnswer) {
  config_.limits.body_bytes = 1000;
  for (const std::size_t size : {1500U, 1501U}) {
    ScriptedServer server(loop_, {{answer(std::string(size, 'x'))}});
    CallSpec longer = spec(server.port());
    longer.answer_bytes = 1500;
    EXPECT_EQ(call(longer).delivered, size == 1500U) << size;
  }
}

// HTTP-32: an answer that comes before the request is complete answers something else.
TEST_F(ClientTest, DoesNotBelieveAnAnswerBeforeTheRequest) {
  config_.hook = [](Direction, std::string_view, std::string bytes) {
    return RawBytes{{bytes.substr(0, 20), bytes.substr(20)}, 20000, Afterwards::go_on};
  };
  const CallResult result = ask({answer("yes"), true, true});
  EXPECT_FALSE(result.delivered);
  EXPECT_THAT(result.why, HasSubstr("before the request"));
}

TEST_F(ClientTest, GivesUpInTime) {
  ScriptedServer server(loop_, {{"HTTP/1.1 200 OK\r\n", false}});
  CallSpec slow = spec(server.port());
  slow.timeout_ms = 30;
  EXPECT_EQ(call(slow).why, "timeout");
}

TEST_F(ClientTest, SaysWhyItCannotConnect) {
  CallSpec nowhere = spec(1);
  EXPECT_THAT(call(nowhere).why, StartsWith("cannot connect"));
  nowhere.address = "localhost";
  EXPECT_THAT(call(nowhere).why, HasSubstr("not an address"));
  nowhere.address = "127.0.0.1";
  nowhere.source_address = "192.0.2.1";
  EXPECT_THAT(call(nowhere).why, HasSubstr("cannot open a socket"));
}

TEST_F(ClientTest, SendsFromTheSourceAddress) {
  std::vector<Exchange> exchanges;
  config_.observer = [&](const Exchange& exchange) { exchanges.push_back(exchange); };
  ScriptedServer server(loop_, {{answer("yes")}});
  CallSpec from = spec(server.port());
  from.source_address = "127.5.5.5";
  from.host = "other.example";
  ASSERT_TRUE(call(from).delivered);
  EXPECT_THAT(server.requests().at(0), HasSubstr("Host: other.example\r\n"));
  ASSERT_THAT(exchanges, SizeIs(1));
  EXPECT_THAT(exchanges[0].local, StartsWith("127.5.5.5:"));
  EXPECT_EQ(exchanges[0].remote, fmt::format("127.0.0.1:{}", server.port()));
  EXPECT_EQ(exchanges[0].request, server.requests()[0]);
  EXPECT_EQ(exchanges[0].response, answer("yes"));
  EXPECT_EQ(exchanges[0].direction, Direction::outgoing);
}

TEST_F(ClientTest, UsesAConnectionAgain) {
  ScriptedServer server(loop_, {{answer("yes"), false, false, 10}});
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(call(spec(server.port())).delivered);
  EXPECT_EQ(server.connections(), 1U);
}

TEST_F(ClientTest, UsesNoConnectionAgainIfToldSo) {
  config_.keep_alive = false;
  ScriptedServer server(loop_, {{answer("yes"), false, false, 10}});
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(call(spec(server.port())).delivered);
  EXPECT_EQ(server.connections(), 3U);
  EXPECT_THAT(server.requests()[0], HasSubstr("Connection: close\r\n"));
}

TEST_F(ClientTest, StartsOverIfAKeptConnectionWasClosedMeanwhile) {
  ScriptedServer server(loop_, {{answer("yes"), false, false, 1}, {answer("again")}});
  EXPECT_EQ(call(spec(server.port())).body, "yes");
  EXPECT_EQ(call(spec(server.port())).body, "again");
  EXPECT_EQ(server.connections(), 2U);
}

TEST_F(ClientTest, LeavesAConnectionThatSaidGoodbye) {
  std::vector<Exchange> exchanges;
  config_.observer = [&](const Exchange& exchange) { exchanges.push_back(exchange); };
  ScriptedServer server(loop_, {{answer("yes")}});
  ASSERT_TRUE(call(spec(server.port())).delivered);
  loop_.settle();
  EXPECT_TRUE(call(spec(server.port())).delivered);
  EXPECT_EQ(server.connections(), 2U);
  EXPECT_THAT(exchanges, SizeIs(2)) << "nothing was sent in vain";
}

TEST_F(ClientTest, KeepsTheLimitOfCallsAtOnce) {
  config_.limits.calls = 2;
  ScriptedServer server(loop_, {{"", false}});
  int failed = 0;
  for (int i = 0; i < 10; ++i) {
    client().post(spec(server.port()), [&](const CallResult& result) { failed += !result.delivered; });
  }
  ASSERT_TRUE(loop_.until([&] { return server.requests().size() == 2; }));
  loop_.settle();
  EXPECT_EQ(server.connections(), 2U);
  EXPECT_EQ(client().calls(), 10U);
  client().close();
  EXPECT_EQ(failed, 10);
}

TEST_F(ClientTest, ServesTheWaitingInTheirOrder) {
  config_.limits.calls = 1;
  ScriptedServer server(loop_, {{answer("yes"), false, false, 100}});
  std::vector<int> order;
  for (int i = 0; i < 10; ++i)
    client().post(spec(server.port()), [&order, i](const CallResult&) { order.push_back(i); });
  EXPECT_TRUE(loop_.until([&] { return order.size() == 10; }));
  EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
  EXPECT_EQ(client().calls(), 0U);
}

TEST_F(ClientTest, EndsAllCallsWhenItIsClosed) {
  ScriptedServer server(loop_, {{"", false}});
  int failed = 0;
  for (int i = 0; i < 3; ++i)
    client().post(spec(server.port()), [&](const CallResult& result) { failed += !result.delivered; });
  ASSERT_TRUE(loop_.until([&] { return server.connections() == 3; }));
  client().close();
  EXPECT_TRUE(loop_.until([&] { return failed == 3; }));
}

TEST_F(ClientTest, MayBeDestroyedInTheMiddle) {
  ScriptedServer server(loop_, {{"", false}});
  client().post(spec(server.port()), [](const CallResult&) { FAIL() << "nobody is there any more"; });
  ASSERT_TRUE(loop_.until([&] { return server.connections() == 1; }));
  client_.reset();
  loop_.settle();
}

TEST_F(ClientTest, FetchesWithATicket) {
  ScriptedServer server(loop_, {{"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: 4\r\n\r\n\x89PNG"}});
  std::optional<CallResult> result;
  FetchSpec fetch;
  fetch.url = fmt::format("http://127.0.0.1:{}/goods/1?x=y", server.port());
  fetch.ticket_field = "Ticket";
  fetch.ticket = "t1";
  client().get(fetch, [&](CallResult given) { result = std::move(given); });
  ASSERT_TRUE(loop_.until([&] { return result.has_value(); }));
  EXPECT_TRUE(result->delivered) << result->why;
  EXPECT_EQ(result->body, "\x89PNG");
  EXPECT_EQ(result->content_type, "image/png");
  EXPECT_EQ(server.requests().at(0),
            fmt::format("GET /goods/1?x=y HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nConnection: close\r\nTicket: t1\r\n\r\n",
                        server.port()));
}

TEST(HttpUrl, TakesPlainAddressesOnly) {
  EXPECT_EQ(parse_http_url("http://127.0.0.1:81/a?b")->target, "/a?b");
  EXPECT_EQ(parse_http_url("http://127.0.0.1")->port, 80);
  EXPECT_EQ(parse_http_url("http://127.0.0.1")->target, "/");
  EXPECT_EQ(parse_http_url("http://[::1]:8080/")->address, "::1");
  EXPECT_EQ(parse_http_url("http://[::1]:8080/")->port, 8080);
  for (const char* bad : {"https://127.0.0.1/", "http://example.org/", "http://u@127.0.0.1/", "http://127.0.0.1:0/",
                          "http://127.0.0.1:70000/", "http://127.0.0.1/#f", "http://127.0.0.1/ x", "http://",
                          "file:///etc/passwd", "http://[::1/", "http://127.1/\r\nX: y"}) {
    EXPECT_FALSE(parse_http_url(bad)) << bad;
  }
}

}  // namespace
}  // namespace quickpay::transport::tests
