// Sockets of the players: who calls from where, what is delivered, and what a lost answer looks like.
#include <gtest/gtest.h>

#include "conformance/peers/script.hpp"
#include "conformance/peers/wire.hpp"

namespace quickpay::conformance {
namespace {

constexpr std::chrono::milliseconds kLimit{5000};

struct Wire : testing::Test {
  boost::asio::io_context io;
  std::string seen_from;
  std::string seen_body;
  std::function<void(WireServer&, ConnectionId)> then;
  std::unique_ptr<WireServer> server;
  Address address;

  void SetUp() override {
    WireServer::Handlers handlers;
    handlers.request = [this](ConnectionId id, const std::string& from, const HttpMessage& message) {
      seen_from = from;
      seen_body = message.body;
      then(*server, id);
    };
    server = std::make_unique<WireServer>(io, std::move(handlers));
    const auto bound = server->listen("127.9.8.7", 0);
    ASSERT_TRUE(bound) << bound.error();
    address = *bound;
  }

  WireReply call(const std::string& bytes) {
    std::optional<WireReply> reply;
    wire_call(io, "127.9.8.6", address, bytes, kLimit, [&](WireReply r) { reply = std::move(r); });
    while (!reply) {
      io.restart();
      io.run_one();
    }
    return *reply;
  }
};

// QP-ADD-15: players are known by the address of their socket.
TEST_F(Wire, CarriesBytesFromTheChosenAddress) {
  then = [](WireServer& s, ConnectionId id) { s.respond(id, answer_bytes(200, "<b/>")); };
  const WireReply reply = call(post_bytes("x", "/p", "<a/>"));
  EXPECT_TRUE(reply.answered);
  EXPECT_EQ(reply.message.body, "<b/>");
  EXPECT_EQ(seen_from, "127.9.8.6");
  EXPECT_EQ(seen_body, "<a/>");
}

TEST_F(Wire, ShowsThatAnAnswerWasLost) {
  then = [](WireServer& s, ConnectionId id) { s.drop(id); };
  const WireReply reply = call(post_bytes("x", "/p", "<a/>"));
  EXPECT_TRUE(reply.connected);
  EXPECT_FALSE(reply.answered);
}

TEST_F(Wire, IsGoneWhileClosedAndComesBackAtTheSamePort) {
  then = [](WireServer& s, ConnectionId id) { s.respond(id, answer_bytes(200, "<b/>")); };
  server->close();
  EXPECT_FALSE(call(post_bytes("x", "/p", "")).connected);
  ASSERT_TRUE(server->listen(address.address, address.port));
  EXPECT_TRUE(call(post_bytes("x", "/p", "")).answered);
}

TEST_F(Wire, DoesNotTakeHalfAnAnswerForOne) {
  then = [](WireServer& s, ConnectionId id) { s.respond(id, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n<a", true); };
  const WireReply reply = call(post_bytes("x", "/p", ""));
  EXPECT_FALSE(reply.answered);
}

// What comes while an answer is pending waits in memory: only so much of it does.
TEST_F(Wire, CutsOffWhoFloodsWhileAnAnswerIsPending) {
  bool gone = false;
  std::optional<ConnectionId> pending;
  WireServer::Handlers handlers;
  handlers.request = [&](ConnectionId id, const std::string&, const HttpMessage&) { pending = id; };
  handlers.gone = [&](ConnectionId id) { gone = id == pending; };
  WireServer silent(io, std::move(handlers));
  const auto bound = silent.listen("127.9.8.7", 0);
  ASSERT_TRUE(bound) << bound.error();
  for (const std::size_t flood : {kMaxPipelinedBytes / 2, 4 * kMaxPipelinedBytes}) {
    gone = false;
    bool reported = false;
    WireReply reply;
    wire_call(io, "127.9.8.6", *bound, post_bytes("x", "/p", "<a/>") + std::string(flood, 'x'), std::chrono::milliseconds(1500),
              [&](WireReply r) {
                reply = std::move(r);
                reported = true;
              });
    while (!reported) {
      io.restart();
      io.run_one();
    }
    EXPECT_FALSE(reply.answered);
    EXPECT_EQ(gone, flood > kMaxPipelinedBytes) << flood << ": " << reply.error;
  }
}

// HTTP-32: a document that is right in an envelope that is not reaches the client damaged, and is recorded so.
TEST_F(Wire, DamagedAnswerGoesOutAsItIs) {
  then = [](WireServer& s, ConnectionId id) {
    const Act act = damaged_answer("cut", [](const std::string& good) { return good.substr(0, good.size() - 1); });
    s.respond(id, act.damage(answer_bytes(200, "<b/>")), true);
  };
  EXPECT_FALSE(call(post_bytes("x", "/p", "<a/>")).answered);
}

}  // namespace
}  // namespace quickpay::conformance
