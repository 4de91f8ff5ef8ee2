// A player's socket: which connections stay open for the next request.
#include <gtest/gtest.h>

#include "conformance/peers/peer.hpp"

namespace quickpay::conformance {
namespace {

constexpr std::chrono::milliseconds kLimit{5000};

struct NoClock : roles::Clock {
  std::int64_t now_ms() const override { return 0; }
};

/// A session in which every request is as late as `late` says. The rest of a session is not asked for: the player has no role core.
struct Session : PeerHost {
  boost::asio::io_context service;
  NoClock time;
  roles::TableDirectory nobody;
  bool late = false;
  std::size_t arrived = 0;

  boost::asio::io_context& io() override { return service; }
  const roles::Clock& clock() const override { return time; }
  const roles::Directory& directory() const override { return nobody; }
  void seal(Element&, const Element&, const std::string&) override {}
  std::string answer_id() override { return {}; }
  Arrival record_arrival(const std::string&, const std::string&, const HttpMessage&) override { return {++arrived, late}; }
  void record_answer(std::uint64_t, const std::string&, const std::string&, bool) override {}
  void call(const std::string&, const std::string&, const std::string&, const std::string&, std::int64_t,
            std::function<void(const WireReply&)>) override {}
};

/// The first answer to two requests on one connection; the player has then done with both what it will.
WireReply ask_twice(Session& session, const Peer& peer) {
  std::optional<WireReply> reply;
  const auto bytes = post_bytes("x", "/nowhere", "<a/>");
  wire_call(session.service, "127.9.8.6", {peer.plan().address, peer.plan().port}, bytes + bytes, kLimit,
            [&](WireReply r) { reply = std::move(r); });
  while (!reply) {
    session.service.restart();
    session.service.run_one();
  }
  session.service.restart();
  session.service.poll();
  return *reply;
}

// A client that starts over on a fresh connection would undo the loss of an answer only where something late came before it.
TEST(Peer, KeepsNoConnectionOfALateRequest) {
  for (const bool late : {false, true}) {
    Session session;
    session.late = late;
    PlayerPlan plan;
    plan.id = "B7";
    plan.role = "broker";
    plan.address = "127.9.8.7";
    Peer peer(session, plan);
    ASSERT_TRUE(peer.listen());
    const WireReply reply = ask_twice(session, peer);
    EXPECT_EQ(reply.message.status(), 404U);
    EXPECT_EQ(reply.message.header("connection"), late ? "close" : "");
    EXPECT_EQ(session.arrived, late ? 1U : 2U);
  }
}

}  // namespace
}  // namespace quickpay::conformance
