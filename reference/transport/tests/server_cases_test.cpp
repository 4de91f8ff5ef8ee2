// The corpus over a socket: the server answers each case as the pure policy decides, and hands on nothing else.
#include <algorithm>

#include "reference/transport/tests/server_fixture.hpp"

namespace quickpay::transport::tests {
namespace {

// QP-TECH-010: what is not plain HTTP/1.1 of this kind never reaches a role.
TEST_F(ServerTest, AnswersEveryCaseOfTheCorpus) {
  start();
  for (const auto& one : http_cases(host())) {
    seen_.clear();
    Wire wire(loop_, server_->port());
    wire.send(one.bytes);
    ASSERT_TRUE(loop_.until([&] { return statuses_in(wire.received()).size() >= one.want.size(); })) << one.id;
    EXPECT_EQ(statuses_in(wire.received()), one.want) << one.id;
    const auto accepted = static_cast<std::size_t>(std::count(one.want.begin(), one.want.end(), 200U));
    EXPECT_EQ(seen_.size(), accepted) << one.id << ": only accepted requests reach the handler";
    if (one.want.back() == 200) continue;
    EXPECT_TRUE(loop_.until([&] { return wire.closed(); })) << one.id << ": a refusal closes";
  }
}

TEST_F(ServerTest, RefusalsHaveNoBody) {
  start();
  Wire wire(loop_, server_->port());
  wire.send("GET /p/1/first HTTP/1.1\r\nHost: " + host() + "\r\n\r\n");
  ASSERT_TRUE(loop_.until([&] { return wire.closed(); }));
  EXPECT_EQ(wire.received(),
            "HTTP/1.1 405 Method Not Allowed\r\nAllow: POST\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
}

// XML-31: the bytes of a message may come one by one.
TEST_F(ServerTest, DoesNotDependOnHowTheBytesArrive) {
  start();
  for (const char* id :
       {"GOOD-chunked in pieces", "GOOD-two in a row", "HTTP-10-trailers", "HTTP-08-size G", "HTTP-16-own"}) {
    const auto cases = http_cases(host());
    const auto one = std::find_if(cases.begin(), cases.end(), [&](const HttpCase& c) { return c.id == id; });
    ASSERT_NE(one, cases.end()) << id;
    Wire wire(loop_, server_->port());
    for (const char byte : one->bytes) {
      wire.send(std::string(1, byte));
      loop_.settle();
    }
    ASSERT_TRUE(loop_.until([&] { return statuses_in(wire.received()).size() >= one->want.size(); })) << id;
    EXPECT_EQ(statuses_in(wire.received()), one->want) << id;
  }
}

}  // namespace
}  // namespace quickpay::transport::tests
