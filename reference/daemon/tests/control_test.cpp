// Acting as a user or operator, line by line.
#include "reference/daemon/control.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reference/crypto/rsa.hpp"
#include "reference/daemon/tests/world.hpp"
#include "reference/roles/tests/linked_card.hpp"

namespace quickpay::daemon::tests {
namespace {

class ControlTest : public ::testing::Test {
 protected:
  Control& control(const std::string& role) {
    auto& slot = controls_[role];
    if (!slot) {
      slot = std::make_unique<Control>(
          *world_.at(role).daemon, [this](std::string_view line) { lines_.emplace_back(line); }, [this] { ++stops_; });
    }
    return *slot;
  }
  Json ask(const std::string& role, const std::string& line) {
    lines_.clear();
    control(role).on_line(line);
    if (line.find_first_not_of(' ') != std::string::npos) world_.until([&] { return !lines_.empty(); });
    return lines_.empty() ? Json() : Json::parse(lines_.front());
  }
  // Hands the wallet's new events to its control, as a program would, until nothing more happens.
  void pass_events() {
    auto& events = world_.at("wallet").events;
    world_.settle();
    while (passed_ < events.size()) {
      for (; passed_ < events.size(); ++passed_) control("wallet").on_event(roles::UserEvent(events[passed_]));
      world_.settle();
    }
  }
  Json event(const std::string& kind) {
    for (const auto& line : lines_) {
      Json json = Json::parse(line);
      if (json.contains("event") && json["event"] == kind) return json;
    }
    return {};
  }

  World world_;
  std::map<std::string, std::unique_ptr<Control>> controls_;
  std::vector<std::string> lines_;
  std::size_t passed_ = 0;
  int stops_ = 0;
};

TEST_F(ControlTest, PaysAndHandsOutTheGoods) {
  const Json reply = ask("wallet", R"({"id":1,"do":"pay-micro","vendor":"V1001","item":"news-1","confirm":"yes"})");
  ASSERT_EQ(reply["ok"], true) << reply;
  EXPECT_EQ(reply["id"], 1);
  const std::string order = reply["order"];
  pass_events();
  EXPECT_EQ(event("offer")["amount"], "125");
  EXPECT_EQ(event("done")["order"], order);
  const Json goods = ask("wallet", Json{{"do", "goods"}, {"order", order}}.dump());
  EXPECT_EQ(goods["data"], "dGhlIGdvb2Rz");
  EXPECT_EQ(goods["media_type"], "text/plain");
}

// AMB-83: what a Vendor's shop shows, a Wallet follows; what is no link of this system it says.
TEST_F(ControlTest, PaysWhatALinkNames) {
  const Json made = ask("vendor", R"({"do":"link","item":"news-1"})");
  ASSERT_EQ(made["ok"], true) << made;
  ASSERT_EQ(ask("wallet", Json{{"do", "pay-link"}, {"link", made["link"]}, {"confirm", "yes"}}.dump())["ok"], true);
  pass_events();
  EXPECT_EQ(event("offer")["amount"], "125");
  EXPECT_FALSE(event("received").is_null());
  const auto refused = [&](const std::string& link) { return ask("wallet", Json{{"do", "pay-link"}, {"link", link}}.dump())["reason"]; };
  std::string other = made["link"];
  other.replace(other.find("<Host>H1<"), 9, "<Host>H2<");
  EXPECT_EQ(refused(other), "other-host");
  EXPECT_EQ(refused("<PurchaseLink/>"), "QP-E-XML at byte 13");
  EXPECT_EQ(ask("vendor", R"({"do":"link","item":"two words"})")["reason"], "unfit-item");
  EXPECT_EQ(ask("vendor", R"({"do":"link","item":"news-1","kind":"huge"})")["ok"], false);
  EXPECT_EQ(ask("broker", R"({"do":"link","item":"news-1"})")["ok"], false);
}

/// A key for each role that signs.
void sign_with_keys(const std::string& role, DaemonConfig& config) {
  if (role == "wallet") return;
  crypto::SeededRandom random("key of " + role);
  crypto::CryptoCounters counters;
  const auto key = crypto::RsaPrivateKey::generate(crypto::kMinKeyBits, random, counters);
  config.node.signing_keys = {{key->pkcs8_der(), kNow - 1000, kNow + 400LL * 86'400'000}};
}

// QP-RP-001, QP-RP-002, QP-TECH-010: the whole of a regular payment over bare HTTP, from the link to the receipt at the Host.
TEST(RegularControl, PaysARegularOrder) {
  World world(sign_with_keys);
  std::vector<Json> lines;
  Control wallet(*world.at("wallet").daemon, [&](std::string_view line) { lines.push_back(Json::parse(line)); }, [] {});
  wallet.on_line(R"({"do":"pay-regular","vendor":"V1001","item":"news-1","quantity":2,"confirm":"yes"})");
  ASSERT_TRUE(world.until([&] { return !lines.empty(); }));
  ASSERT_EQ(lines.at(0)["ok"], true) << lines.at(0);
  const std::string order = lines.at(0)["order"];
  auto& events = world.at("wallet").events;
  for (std::size_t passed = 0; world.settle() && passed < events.size();) wallet.on_event(roles::UserEvent(events[passed++]));
  EXPECT_EQ(world.state_of("wallet", "wallet.purchase"), "DONE");
  EXPECT_EQ(world.state_of("vendor", "vendor.sale"), "ACCEPTED");
  EXPECT_EQ(world.state_of("vendor", "vendor.claim"), "CLAIMABLE");
  EXPECT_EQ(world.state_of("broker", "broker.debt"), "OWED");
  EXPECT_EQ(world.state_of("host", "host.purchase"), "RECEIPTED");
  const auto offer = std::find_if(lines.begin(), lines.end(), [](const Json& line) { return line.value("event", "") == "offer"; });
  ASSERT_NE(offer, lines.end());
  EXPECT_EQ((*offer)["amount"], "250");
  EXPECT_EQ(lines.back()["event"], "done");
  lines.clear();
  wallet.on_line(Json{{"do", "refunded"}, {"order", order}}.dump());
  ASSERT_TRUE(world.until([&] { return !lines.empty(); }));
  EXPECT_EQ(world.state_of("wallet", "wallet.purchase"), "REFUNDED");
  lines.clear();
  wallet.on_line(R"({"do":"pay-regular","vendor":"V1001","item":"news-1","quantity":0})");
  wallet.on_line(R"({"do":"pay-regular","vendor":"V9","item":"news-1"})");
  ASSERT_TRUE(world.until([&] { return lines.size() == 2; }));
  EXPECT_EQ(lines.at(0)["ok"], false);
  EXPECT_EQ(lines.at(1)["reason"], "vendor-unknown");
}

/// A Broker that waits for a Wallet, and a Wallet with the file.
void wait_for_a_wallet(const std::string& role, DaemonConfig& config, paycard::Port& port) {
  if (role == "wallet") {
    config.node.new_paycards = {{"B7", "card", "", ""}};
    config.node.paycard_port = &port;
  }
  if (role != "broker") return;
  crypto::SeededRandom random("sealing key");
  crypto::CryptoCounters counters;
  const auto key = crypto::RsaPrivateKey::generate(crypto::kMinKeyBits, random, counters);
  config.node.sealing_keys = {{key->pkcs8_der(), kNow - 1000, kNow + 400LL * 86'400'000}};
  config.node.accounts.push_back({"b", 1000, 0, "USD"});
  config.node.paycard_files = {{"card", "1.2", std::string(64, '7')}};
  const roles::QuestionConfig question{"Your town?", "choice", {"Ulm", "Trier"}, 16, "Ulm"};
  config.node.enrolments = {{"CODE-1", "P20", "b", paycard::Scheme::plain, {question}, 1}};
}

// QP-ADM-006 QP-ADM-011 QP-ADM-012: from the issue code to the first payment, over bare HTTP.
TEST(AddingControl, AddsAPaycardAndPaysWithIt) {
  roles::LinkedCard card;
  World world([&](const std::string& role, DaemonConfig& config) { wait_for_a_wallet(role, config, card); });
  std::vector<Json> lines;
  int stops = 0;
  Control wallet(*world.at("wallet").daemon, [&](std::string_view line) { lines.push_back(Json::parse(line)); }, [&] { ++stops; });
  std::size_t passed = 0;
  const auto tell = [&](const Json& command) {  // the reply, then what comes of it
    lines.clear();
    wallet.on_line(command.dump());
    EXPECT_TRUE(world.until([&] { return !lines.empty(); }));
    const Json reply = lines.at(0);
    auto& events = world.at("wallet").events;
    for (world.settle(); passed < events.size(); world.settle()) wallet.on_event(roles::UserEvent(events[passed++]));
    return reply;
  };
  EXPECT_EQ(tell({{"do", "add-paycard"}, {"product", "other"}, {"issue_code", "CODE-1"}})["reason"], "not-certified");
  EXPECT_EQ(tell({{"do", "remove-paycard"}, {"paycard", "P20"}})["reason"], "unknown-paycard");
  const Json added = tell({{"do", "add-paycard"}, {"product", "card"}, {"issue_code", "CODE-1"}});
  ASSERT_EQ(added["ok"], true) << added;
  const Json question = lines.back();
  EXPECT_EQ(question["event"], "question");
  EXPECT_EQ(question["text"], "Your town?");
  EXPECT_EQ(question["choice_2"], "Trier");
  const auto answer = [&](const std::string& value) {
    const Json one{{"no", std::stoll(std::string(lines.back()["no"]))}, {"value", value}};
    return tell({{"do", "answer-questions"}, {"order", added["order"]}, {"answers", Json::array({one})}});
  };
  EXPECT_EQ(answer("Trier")["ok"], true);
  EXPECT_EQ(lines.at(1)["text"], "wrong-answers");
  EXPECT_EQ(lines.back()["event"], "question");
  EXPECT_EQ(answer("Ulm")["ok"], true);
  EXPECT_EQ(lines.back()["text"], "added");
  EXPECT_EQ(tell({{"do", "activate-paycard"}, {"paycard", "P20"}})["ok"], true);
  tell({{"do", "pay-micro"}, {"vendor", "V1001"}, {"item", "news-1"}, {"confirm", "yes"}});
  EXPECT_EQ(lines.back()["event"], "done");
  EXPECT_EQ(tell({{"do", "remove-paycard"}, {"paycard", "P20"}})["ok"], true);
  EXPECT_EQ(world.state_of("broker", "broker.paycard"), "REMOVED");
  EXPECT_EQ(stops, 0);
  wallet.on_end();
  EXPECT_EQ(stops, 1);
}

// A Wallet whose input ends waits for what the Broker says, and not for a user who is gone.
TEST(AddingControl, WaitsForTheBrokerAtTheEnd) {
  roles::LinkedCard card;
  World world([&](const std::string& role, DaemonConfig& config) { wait_for_a_wallet(role, config, card); });
  int stops = 0;
  Control wallet(*world.at("wallet").daemon, [](std::string_view) {}, [&] { ++stops; });
  wallet.on_line(R"({"do":"add-paycard","product":"card","issue_code":"CODE-1"})");
  wallet.on_end();
  EXPECT_EQ(stops, 0);
  world.settle();
  for (const roles::UserEvent& event : world.at("wallet").events) wallet.on_event(event);
  EXPECT_EQ(stops, 1);
}

// QP-WAL-015: only the digest that was shown can be confirmed.
TEST_F(ControlTest, AsksTheUserUnlessToldOtherwise) {
  const std::string order = ask("wallet", R"({"do":"pay-micro","vendor":"V1001","item":"news-1"})")["order"];
  pass_events();
  const Json offer = event("offer");
  ASSERT_FALSE(offer.is_null());
  const std::string other(64, '0');
  EXPECT_EQ(ask("wallet", Json{{"do", "confirm"}, {"order", order}, {"digest", other}}.dump())["ok"], false);
  EXPECT_EQ(ask("wallet", Json{{"do", "confirm"}, {"order", order}, {"digest", offer["digest"]}}.dump())["ok"], true);
  pass_events();
  EXPECT_FALSE(event("received").is_null());
}

TEST_F(ControlTest, DeclinesInAdvance) {
  ask("wallet", R"({"do":"pay-micro","vendor":"V1001","item":"news-1","confirm":"no"})");
  pass_events();
  EXPECT_EQ(event("done")["text"], "DECLINED");
}

TEST_F(ControlTest, ActsForOperators) {
  EXPECT_EQ(ask("broker", R"({"do":"block-paycard","paycard":"P7"})")["ok"], true);
  for (const char* role : {"host", "broker"}) {
    EXPECT_EQ(ask(role, R"({"do":"suspend"})")["ok"], true) << role;
    EXPECT_EQ(ask(role, R"({"do":"resume"})")["ok"], true) << role;
  }
  EXPECT_EQ(ask("vendor", R"({"do":"suspend"})")["ok"], false);
}

// docs/configuration.md: every command has one reply.
TEST_F(ControlTest, RepliesToStopWhenNothingGoesOn) {
  world_.settle();
  Daemon& daemon = *world_.at("wallet").daemon;
  bool over = false;
  Control control(daemon, [&](std::string_view line) { lines_.emplace_back(line); }, [&] { daemon.stop([&] { over = true; }); });
  control.on_line(R"({"do":"stop"})");
  ASSERT_TRUE(world_.until([&] { return over; }));
  EXPECT_EQ(lines_, std::vector<std::string>{R"({"ok":true})"});
}

TEST_F(ControlTest, AVendorGivesUpNoClaimThatIsNotThere) {
  EXPECT_EQ(ask("vendor", R"({"do":"withdraw","order":"no-such-order"})")["ok"], false);
  EXPECT_EQ(ask("wallet", R"({"do":"withdraw","order":"no-such-order"})")["ok"], false) << "a wallet is no Vendor";
}

// QP-ADM-013: what an owner can want of the Host, by whom, and why it cannot be done now.
TEST_F(ControlTest, TellsTheHost) {
  const auto reason = [this](const char* role, const char* line) { return ask(role, line)["reason"].get<std::string>(); };
  EXPECT_EQ(reason("vendor", R"({"do":"leave"})"), "out-of-state") << "no message has registered it";
  EXPECT_EQ(reason("vendor", R"({"do":"register","name":"A"})"), "endpoints must be the one place at which it listens");
  EXPECT_EQ(reason("broker", R"({"do":"register","name":"A"})"), "code is missing");
  EXPECT_EQ(reason("wallet", R"({"do":"register","bound":["nowhere"]})"), "no-software");
  EXPECT_EQ(reason("wallet", R"({"do":"change","bound":["nowhere"],"new_ticket":true})"), "unfit-address");
  EXPECT_EQ(reason("vendor", R"({"do":"publish-key","key_id":"0"})"), "no-such-key");
  EXPECT_EQ(reason("vendor", R"({"do":"withdraw-key","key_id":"0","from":"now"})"),
            "from must be a time such as 2026-11-22T12:00:00Z");
  EXPECT_EQ(reason("vendor", R"({"do":"withdraw-key","key_id":"0","reason":"old"})"), "unknown-reason");
  EXPECT_EQ(reason("vendor", R"({"do":"renew-key"})"), "no-shared-key");
  EXPECT_THAT(reason("broker", R"({"do":"leave"})"), testing::HasSubstr("unknown command")) << "the Host's owner removes it";
  EXPECT_THAT(reason("host", R"({"do":"register"})"), testing::HasSubstr("unknown command"));
}

TEST_F(ControlTest, AVendorSettlesWhenToldTo) {
  const Json reply = ask("vendor", R"({"do":"settle-with-broker"})");
  EXPECT_EQ(reply["reason"], "no-signing-key") << reply;
  EXPECT_EQ(ask("wallet", R"({"do":"settle-with-broker"})")["ok"], false) << "a wallet is no Vendor";
}

// QP-WAL-003: who was told "ok" finds it again after a crash.
TEST_F(ControlTest, SaysNothingBeforeItIsDurable) {
  control("wallet").on_line(R"({"do":"pay-micro","vendor":"V1001","item":"news-1"})");
  EXPECT_TRUE(lines_.empty());
  ASSERT_TRUE(world_.until([&] { return !lines_.empty(); }));
  const std::string order = Json::parse(lines_.front())["order"];
  world_.stop("wallet");
  const auto kept = world_.at("wallet").ledger->find("wallet.order", order);
  EXPECT_TRUE(kept && *kept);
}

TEST_F(ControlTest, SaysNothingAtAllWhenItDoesNotBecomeDurable) {
  world_.at("wallet").trace_fails = true;
  control("wallet").on_line(R"({"do":"pay-micro","vendor":"V1001","item":"news-1"})");
  ASSERT_TRUE(world_.until([&] { return !world_.at("wallet").failure.empty(); }));
  EXPECT_TRUE(lines_.empty());
}

TEST_F(ControlTest, ListsRecords) {
  ASSERT_NE(world_.buy(), "");
  const Json reply = ask("vendor", R"({"do":"records","machine":"vendor.order"})");
  ASSERT_EQ(reply["records"].size(), 1U);
  EXPECT_EQ(reply["records"][0]["state"], "DELIVERED");
}

TEST_F(ControlTest, SaysWhatIsWrong) {
  EXPECT_EQ(ask("wallet", "{nonsense")["ok"], false);
  EXPECT_EQ(ask("wallet", "[1]")["ok"], false);
  EXPECT_EQ(ask("wallet", R"({"do":"pay-mirco"})")["reason"], R"(unknown command; did you mean "pay-micro"?)");
  EXPECT_EQ(ask("wallet", R"({"do":"pay-micro","vendor":"V1001"})")["reason"], "item is missing");
  EXPECT_EQ(ask("wallet", R"({"do":"offers","x":1})")["reason"], R"(unknown key "x")");
  EXPECT_EQ(ask("wallet", R"({"do":"suspend"})")["ok"], false) << "a wallet is no Host";
  EXPECT_TRUE(ask("wallet", "  ").is_null());
}

TEST_F(ControlTest, AWalletStopsWhenItsPurchasesHaveEnded) {
  control("wallet").on_line(R"({"do":"pay-micro","vendor":"V1001","item":"news-1","confirm":"yes"})");
  control("wallet").on_end();
  EXPECT_EQ(stops_, 0);
  pass_events();
  EXPECT_GT(stops_, 0);
}

TEST_F(ControlTest, AServerDoesNotStopForWantOfCommands) {
  control("vendor").on_end();
  EXPECT_EQ(stops_, 0);
  ask("vendor", R"({"do":"stop"})");
  EXPECT_EQ(stops_, 1);
}

}  // namespace
}  // namespace quickpay::daemon::tests
