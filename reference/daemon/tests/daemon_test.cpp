// Daemons that trade with each other over HTTP, with a clock that is moved by hand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "reference/daemon/tests/world.hpp"
#include "reference/ledger/testing/forgetful_disk.hpp"

namespace quickpay::daemon::tests {
namespace {

using ::testing::HasSubstr;

bool has_event(const Place& place, const std::string& kind) {
  return std::any_of(place.events.begin(), place.events.end(),
                     [&](const roles::UserEvent& event) { return event.kind == kind; });
}

// QP-TECH-010, QP-MP-013: the whole of a micropayment works over bare HTTP.
TEST(Daemon, FourPlayersMakeAPurchase) {
  World world;
  ASSERT_NE(world.buy(), "");
  EXPECT_TRUE(has_event(world.at("wallet"), "received"));
  EXPECT_EQ(world.state_of("vendor", "vendor.order"), "DELIVERED");
  EXPECT_EQ(world.state_of("broker", "broker.order"), "COMMITTED");
  EXPECT_EQ(world.state_of("wallet", "wallet.order"), "DONE");
  for (const char* role : {"wallet", "vendor", "broker", "host"}) {
    EXPECT_FALSE(world.at(role).trace.empty()) << role;
    EXPECT_EQ(world.at(role).failure, "") << role;
  }
}

TEST(Daemon, ShowsEveryExchangeFromBothEnds) {
  std::vector<transport::Exchange> seen;
  World world([&](const std::string&, DaemonConfig& config) {
    config.observer = [&](const transport::Exchange& exchange) { seen.push_back(exchange); };
  });
  ASSERT_NE(world.buy(), "");
  std::size_t incoming = 0;
  for (const auto& one : seen) {
    if (one.direction != transport::Direction::incoming) continue;
    ++incoming;
    const auto same = [&](const transport::Exchange& other) {
      return other.direction == transport::Direction::outgoing && other.request == one.request &&
             other.response == one.response && other.local == one.remote && other.remote == one.local;
    };
    EXPECT_TRUE(std::any_of(seen.begin(), seen.end(), same)) << one.request;
  }
  EXPECT_GE(incoming, 7U) << "offer, endorsement, delivery, check and three registrations";
  EXPECT_EQ(seen.size(), 2 * incoming);
}

TEST(Daemon, GoodsWithAUrlAreFetchedWithATicket) {
  World world([](const std::string& role, DaemonConfig& config) {
    if (role == "vendor") config.node.items[0].url = "/goods/news-1";
  });
  ASSERT_NE(world.buy(), "");
  EXPECT_TRUE(has_event(world.at("wallet"), "received"));
  EXPECT_EQ(world.state_of("wallet", "wallet.order"), "DONE");
}

TEST(Daemon, RepeatsItsNoticesUntilTheHostIsBack) {
  World world;
  world.stop("host");
  ASSERT_NE(world.buy(), "");
  EXPECT_TRUE(has_event(world.at("wallet"), "received")) << "a purchase does not need the Host";
  EXPECT_EQ(world.state_of("wallet", "wallet.order"), "RECEIVED");
  world.start("host");
  EXPECT_TRUE(world.advance_until("DONE"));
}

// QP-ADD-20: what a player was doing survives it.
TEST(Daemon, GoesOnWhereItsLedgerLeftIt) {
  World world;
  world.stop("broker");
  ASSERT_NE(world.buy(), "");
  EXPECT_EQ(world.state_of("wallet", "wallet.order"), "INQUIRING");
  world.start("wallet");
  world.start("vendor");
  world.start("broker");
  EXPECT_TRUE(world.advance_until("DONE"));
}

TEST(Daemon, TriesTheNextEndpoint) {
  World world;
  roles::Player broker = *world.directory.find("B7").player;
  broker.endpoints.insert(broker.endpoints.begin(), {"127.20.0.2", 1});
  world.directory.put(broker);
  ASSERT_NE(world.buy(), "");
  EXPECT_TRUE(world.advance_until("DONE"));
}

TEST(Daemon, StopsOnceWhatHasBegunIsDone) {
  World world;
  ASSERT_NE(world.buy(), "");
  int stopped = 0;
  for (const char* role : {"wallet", "vendor", "broker", "host"}) world.at(role).daemon->stop([&] { ++stopped; });
  EXPECT_TRUE(world.until([&] { return stopped == 4; }));
}

// When a flush fails no answer leaves, and the owner is told to end the process.
TEST(Daemon, ALedgerThatFailsSilencesIt) {
  ledger::ForgetfulDisk disk;
  World world;
  world.stop("vendor");
  world.at("vendor").ledger = ledger::open_sqlite("vendor", disk.vfs_name()).value();
  world.start("vendor");
  ASSERT_TRUE(world.settle());
  disk.cut_at(0);
  ASSERT_TRUE(world.at("wallet").daemon->node().open_link("V1001", "news-1"));
  world.at("wallet").daemon->touch();
  ASSERT_TRUE(world.until([&] { return !world.at("vendor").failure.empty(); }));
  EXPECT_THAT(world.at("vendor").failure, HasSubstr("the ledger failed"));
  world.stop("vendor");
  ASSERT_TRUE(world.settle());
  EXPECT_FALSE(has_event(world.at("wallet"), "offer")) << "an answer left that was not durable";
}

// L5: what is acknowledged has its line in the trace; when the line cannot be written nothing leaves.
TEST(Daemon, ATraceThatFailsSilencesIt) {
  World world;
  world.at("vendor").trace_fails = true;
  ASSERT_TRUE(world.at("wallet").daemon->node().open_link("V1001", "news-1"));
  world.at("wallet").daemon->touch();
  ASSERT_TRUE(world.until([&] { return !world.at("vendor").failure.empty(); }));
  world.stop("vendor");
  ASSERT_TRUE(world.settle());
  EXPECT_FALSE(has_event(world.at("wallet"), "offer")) << "an answer left that is not in the trace";
}

TEST(Daemon, SaysWhyItCannotStart) {
  World world;
  const Place& host = world.at("host");
  auto second = Daemon::start(host.config, {world.io, *host.ledger, world.clock, *host.random, world.directory}, {});
  ASSERT_FALSE(second);
  EXPECT_THAT(second.error(), HasSubstr("cannot listen at 127.20.0.1:"));
}

TEST(Daemon, KnowsThePathsOfAllMessages) {
  const auto paths = message_paths();
  ASSERT_EQ(paths.count("/qp/1/micro/get-order"), 1U);
  EXPECT_EQ(paths.at("/qp/1/micro/get-order").max_body, 65536U);
  EXPECT_EQ(paths.at("/qp/1/micro/get-order").method, transport::Method::post);
  EXPECT_EQ(paths.at("/qp/1/micro/get-order").request_ms, 15'000);
  EXPECT_EQ(paths.at("/qp/1/batch/settle-with-broker").request_ms, 60'000);
  EXPECT_EQ(paths.at("/qp/1/batch/settle-with-host").request_ms, 60'000);
}

}  // namespace
}  // namespace quickpay::daemon::tests
