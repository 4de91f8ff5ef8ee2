// A player's socket: which connections stay open for the next request.
#include <gtest/gtest.h>

#include "conformance/peers/build.hpp"
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
  void call(const std::string&, const Call&, std::function<void(const WireReply&)>) override {}
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

/// A Probe for V9, on its way to the player.
std::shared_ptr<std::optional<WireReply>> probe(Session& session, const Peer& peer) {
  HeadFacts head;
  head.host = head.sender = "H1";
  head.receiver = "V9";
  head.msg_id = std::string(32, 'a');
  head.sent_at = "2026-11-22T12:00:00Z";
  const Element request = request_of("Probe", head, {leaf("Nonce", std::string(32, 'b')), leaf("ProbeTag", std::string(64, 'c'))});
  auto reply = std::make_shared<std::optional<WireReply>>();
  wire_call(session.service, "127.9.8.6", {peer.plan().address, peer.plan().port}, post_bytes("x", path_of("Probe"), to_xml(request)), kLimit,
            [reply](WireReply r) { *reply = std::move(r); });
  return reply;
}

void run_until(Session& session, const std::function<bool()>& done) {
  while (!done()) {
    session.service.restart();
    session.service.run_one();
  }
}

// A made answer waits as long as it has to; who is in no directory answers under the name by which it is called.
TEST(Peer, HoldsAMadeAnswerAndHasTheNameItIsCalledByUnlessItIsListed) {
  for (const bool listed : {false, true}) {
    Session session;
    PlayerPlan plan;
    plan.id = "V7";
    plan.role = "vendor";
    plan.address = "127.9.8.7";
    plan.listed = listed;
    Peer peer(session, plan);
    ASSERT_TRUE(peer.listen());
    Act act = answer_made("something", [](const Element&) { return std::vector<Element>{}; });
    act.held = true;
    peer.script("Probe", act);
    const auto reply = probe(session, peer);
    run_until(session, [&] { return peer.held() == 1; });
    EXPECT_FALSE(*reply);
    EXPECT_EQ(peer.release(), 1U);
    run_until(session, [&] { return reply->has_value(); });
    const Element answer = parse_xml((*reply)->message.body).value_or(Element{});
    EXPECT_EQ(text_at(answer, "Head/Sender"), listed ? "V7" : "V9");
  }
}

}  // namespace
}  // namespace quickpay::conformance
