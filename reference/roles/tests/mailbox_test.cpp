// The Host's mail: who gets what, for how long, and that it stays apart from everything else.
#include <gtest/gtest.h>

#include <algorithm>

#include "reference/roles/tests/single.hpp"

namespace quickpay::roles {
namespace {

namespace comm = msg::comm;
constexpr std::int64_t kKeptMs = protocol::T_cm_default * 1000;
const std::string kOtherVendorAddress = "127.0.3.2";

msg::Audience to_role(msg::AudienceRole role) { return {role, {}}; }
msg::Audience to_players(std::vector<std::string> ids) { return {std::nullopt, std::move(ids)}; }

struct World {
  explicit World(NodeConfig config = host_config()) : host(std::move(config)) {}
  Single host;

  comm::RegisterMessage letter(msg::Audience audience = to_players({"V1001"}), const std::string& from = "B7") {
    comm::RegisterMessage request;
    request.head = host.head(from, "H1");
    request.body.kind = "batch-call";
    request.body.audience = std::move(audience);
    request.body.text = "please settle";
    return request;
  }
  comm::RegisterMessageResponse ask(const comm::RegisterMessage& request, const std::string& address = kBrokerAddress) {
    return *host.ask<comm::RegisterMessageResponse>(request, comm::kRegisterMessageMessage, address);
  }
  std::int64_t post(const comm::RegisterMessage& request, const std::string& address = kBrokerAddress) {
    return ask(request, address).body.message_no.value_or(0);
  }
  comm::RetrieveMessages asking(const std::string& reader, std::int64_t since = 0, std::int64_t limit = 100) {
    comm::RetrieveMessages request;
    request.head = host.head(reader, "H1");
    if (reader.empty()) request.head.sender.reset();
    request.body.since = since;
    request.body.limit = limit;
    return request;
  }
  comm::RetrieveMessagesResponse ask(const comm::RetrieveMessages& request, const std::string& address) {
    return *host.ask<comm::RetrieveMessagesResponse>(request, comm::kRetrieveMessagesMessage, address);
  }
  std::vector<msg::Mail> mail(const std::string& reader, const std::string& address) {
    return ask(asking(reader), address).body.message;
  }
  std::vector<msg::Mail> vendors_mail() { return mail("V1001", kVendorAddress); }
  std::string discard(const std::string& reader, const std::string& address, std::int64_t up_to) {
    comm::DiscardMessages request;
    request.head = host.head(reader, "H1");
    request.body.up_to = up_to;
    return host.ask<comm::DiscardMessagesResponse>(request, comm::kDiscardMessagesMessage, address)->body.status.code;
  }
};

// QP-CM-001, QP-CM-006, QP-CM-007, QP-CM-011
TEST(Mail, IsHandedOutAsItWasRegistered) {
  World world;
  auto request = world.letter();
  request.body.order_ref = some_ref();
  request.body.ref = "ref";
  request.body.from = "2026-11-22T12:00:00Z";
  request.body.to = "2026-11-22T13:00:00Z";
  request.body.expires_at = "2026-11-23T12:00:00Z";
  ASSERT_EQ(world.post(request), 1);
  for (int again = 0; again < 2; ++again) {
    const auto mail = world.vendors_mail();
    ASSERT_EQ(mail.size(), 1u);
    EXPECT_EQ(mail[0].message_no, 1);
    EXPECT_EQ(mail[0].producer, "B7");
    EXPECT_EQ(mail[0].kind, request.body.kind);
    EXPECT_EQ(mail[0].order_ref, request.body.order_ref);
    EXPECT_EQ(mail[0].ref, request.body.ref);
    EXPECT_EQ(mail[0].from, request.body.from);
    EXPECT_EQ(mail[0].to, request.body.to);
    EXPECT_EQ(mail[0].text, request.body.text);
    EXPECT_EQ(mail[0].expires_at, request.body.expires_at);
    EXPECT_EQ(mail[0].posted_at, "2026-11-22T12:00:00Z");
    world.host.restart();
  }
}

// QP-CM-007, QP-ROLE-008: by role, by name, and without a name messages to roles only.
TEST(Mail, ReachesItsAudienceAndNobodyElse) {
  World world;
  world.post(world.letter(to_role(msg::AudienceRole::all)));
  world.post(world.letter(to_role(msg::AudienceRole::vendor)));
  world.post(world.letter(to_players({"V1001", kWallet})));
  const auto numbers = [](const std::vector<msg::Mail>& mail) {
    std::vector<std::int64_t> out;
    for (const auto& one : mail) out.push_back(one.message_no);
    return out;
  };
  using Numbers = std::vector<std::int64_t>;
  EXPECT_EQ(numbers(world.vendors_mail()), (Numbers{1, 2, 3}));
  EXPECT_EQ(numbers(world.mail("V1002", kOtherVendorAddress)), (Numbers{1, 2}));
  EXPECT_EQ(numbers(world.mail(kWallet, kWalletAddress)), (Numbers{1, 3}));
  EXPECT_EQ(numbers(world.mail("B7", kBrokerAddress)), (Numbers{1}));
  EXPECT_EQ(numbers(world.mail("", "127.9.9.9")), (Numbers{1, 2}));
}

// QP-ANON-010: neither as producer nor among the other addressees does anybody meet a WalletId.
TEST(Mail, KeepsWalletIdsToItself) {
  World world;
  world.post(world.letter(to_players({"V1001", kWallet}), kWallet), kWalletAddress);
  const auto mail = world.vendors_mail();
  ASSERT_EQ(mail.size(), 1u);
  EXPECT_EQ(mail[0].producer, std::nullopt);
  EXPECT_EQ(mail[0].audience, to_players({"V1001"}));
  EXPECT_EQ(world.mail(kWallet, kWalletAddress).at(0).audience, to_players({kWallet}));
}

TEST(Mail, ComesPageByPageAndByKind) {
  World world;
  for (int i = 0; i < 3; ++i) world.post(world.letter());
  auto notice = world.letter();
  notice.body.kind = "outage-notice";
  world.post(notice);
  auto first = world.ask(world.asking("V1001", 0, 2), kVendorAddress).body;
  EXPECT_EQ(first.message.size(), 2u);
  EXPECT_EQ(first.next, 2);
  EXPECT_EQ(first.more, msg::YesNo::yes);
  auto rest = world.ask(world.asking("V1001", 2, 2), kVendorAddress).body;
  EXPECT_EQ(rest.message.size(), 2u);
  EXPECT_EQ(rest.next, 4);
  EXPECT_EQ(rest.more, msg::YesNo::no);
  auto one_kind = world.asking("V1001");
  one_kind.body.kind = "outage-notice";
  EXPECT_EQ(world.ask(one_kind, kVendorAddress).body.message.size(), 1u);
}

// An answer stays within the limits of the family whatever was left.
TEST(Mail, StopsBeforeTheFamilysLimits) {
  NodeConfig config = host_config();
  config.parameters.n_cm = 1000;
  World world(std::move(config));
  auto letter = world.letter();
  letter.body.text = std::string(4096, '&');  // five times as long when written
  for (int i = 0; i < 40; ++i) {
    letter.head = world.host.head("B7", "H1");
    ASSERT_EQ(world.post(letter), i + 1);
  }
  std::size_t got = 0;
  std::int64_t since = 0;
  for (int page = 0; page < 40 && got < 40; ++page) {
    const std::string bytes =
        world.host.raw(comm::kRetrieveMessagesMessage.path,
                       codec::write_document(comm::kRetrieveMessagesDocument,
                                             std::make_unique<comm::RetrieveMessages>(world.asking("V1001", since)).get()),
                       kVendorAddress);
    EXPECT_LE(bytes.size(), comm::kRetrieveMessagesDocument.family->max_body_bytes);
    const auto answer = codec::read<comm::RetrieveMessagesResponse>(bytes, comm::kRetrieveMessagesResponseDocument);
    ASSERT_TRUE(answer);
    EXPECT_FALSE(answer->body.message.empty());
    got += answer->body.message.size();
    since = answer->body.next.value_or(0);
  }
  EXPECT_EQ(got, 40u);
}

TEST(Mail, RefusesACursorBeyondTheLastMessage) {
  World world;
  world.post(world.letter());
  EXPECT_EQ(world.ask(world.asking("V1001", 1), kVendorAddress).body.status.code, protocol::QP_OK);
  EXPECT_EQ(world.ask(world.asking("V1001", 2), kVendorAddress).body.status.code, protocol::QP_E_CURSOR);
}

TEST(Mail, IsRefusedOfRemovedPlayers) {
  World world;
  Player gone{"B7", "broker", {}, {{kBrokerAddress, 8080}}, {}, true, true};
  world.host.directory.put(gone);
  EXPECT_EQ(world.ask(world.letter()).body.status.code, protocol::QP_E_GONE);
  EXPECT_TRUE(world.host.node->records("host.message")->empty());
}

// QP-CM-011: as many as N_cm at a time; what is dropped makes room, and a refused number is not used up.
TEST(Mail, IsKeptWithinAQuota) {
  NodeConfig config = host_config();
  config.parameters.n_cm = 2;
  World world(std::move(config));
  auto brief = world.letter();
  brief.body.expires_at = "2026-11-22T12:00:10Z";
  EXPECT_EQ(world.post(brief), 1);
  EXPECT_EQ(world.post(world.letter()), 2);
  const auto refused = world.letter();
  EXPECT_EQ(world.ask(refused).body.status.code, protocol::QP_E_QUOTA);
  EXPECT_EQ(world.post(world.letter(to_players({"V1001"}), "B8"), "127.0.2.2"), 3);
  world.host.clock.now += 11'000;  // no timer has been served yet
  EXPECT_EQ(world.ask(refused).body.message_no, 4) << "asked again, the same request is taken";
}

// QP-ADD-27: the last second is still in time.
TEST(Mail, IsDroppedWhenItsTimeIsOver) {
  World world;
  world.post(world.letter());
  auto brief = world.letter();
  brief.body.expires_at = "2026-11-22T12:00:10Z";
  world.post(brief);
  world.host.pass(10'000);
  EXPECT_EQ(world.vendors_mail().size(), 2u);
  world.host.clock.now += 1'000;  // without a timer being served
  EXPECT_EQ(world.vendors_mail().size(), 1u);
  world.host.pass(kKeptMs - 11'000);
  EXPECT_EQ(world.vendors_mail().size(), 1u);
  world.host.pass(1);
  EXPECT_TRUE(world.vendors_mail().empty());
  const auto kept = world.host.node->records("host.message");
  ASSERT_TRUE(kept && !kept->empty());
  for (const auto& record : *kept) {
    EXPECT_EQ(record.state, "DROPPED");
    EXPECT_FALSE(record.fields.contains("Mail"));
  }
  EXPECT_TRUE(world.host.node->records("message.producer")->empty());
  EXPECT_EQ(world.post(world.letter()), 3) << "a number is not used again";
}

TEST(Mail, IsDroppedWhenAllWhomItNamesHaveDiscardedIt) {
  World world;
  world.post(world.letter(to_players({"V1001", kWallet})));
  world.post(world.letter(to_role(msg::AudienceRole::vendor)));
  EXPECT_EQ(world.discard("B7", kBrokerAddress, 2), protocol::QP_OK);
  EXPECT_EQ(world.discard("V1001", kVendorAddress, 2), protocol::QP_OK);
  EXPECT_EQ(world.discard("V1001", kVendorAddress, 2), protocol::QP_OK);
  EXPECT_EQ(world.mail(kWallet, kWalletAddress).size(), 1u) << "kept for the other";
  EXPECT_EQ(world.discard(kWallet, kWalletAddress, 2), protocol::QP_OK);
  EXPECT_TRUE(world.mail(kWallet, kWalletAddress).empty());
  EXPECT_EQ(world.vendors_mail().size(), 1u) << "a message to a role is kept for all";
}

TEST(Mail, IsNotDiscardedBeyondUpTo) {
  World world;
  world.post(world.letter());
  world.post(world.letter());
  world.discard("V1001", kVendorAddress, 1);
  ASSERT_EQ(world.vendors_mail().size(), 1u);
  EXPECT_EQ(world.vendors_mail()[0].message_no, 2);
}

// QP-ADD-01
TEST(Mail, IsRegisteredOnceHoweverOftenItIsSent) {
  World world;
  const auto request = world.letter();
  EXPECT_EQ(world.post(request), 1);
  EXPECT_EQ(world.post(request), 1);
  world.host.restart();
  EXPECT_EQ(world.post(request), 1);
  EXPECT_EQ(world.vendors_mail().size(), 1u);
}

// Steps 11 and 12: who says who it is has to be it; who does not gets what is for roles.
TEST(Mail, ChecksWhoAsks) {
  World world;
  world.post(world.letter());
  EXPECT_EQ(world.ask(world.asking("V1001"), "127.9.9.9").body.status.code, protocol::QP_E_FORBIDDEN);
  EXPECT_EQ(world.ask(world.asking("V9"), kVendorAddress).body.status.code, protocol::QP_E_FORBIDDEN);
  EXPECT_EQ(world.ask(world.asking("H1"), "127.0.1.1").body.status.code, protocol::QP_E_FORBIDDEN);
  auto nameless = world.letter();
  nameless.head.sender.reset();
  const std::string answer = world.host.raw(
      comm::kRegisterMessageMessage.path, codec::write_document(comm::kRegisterMessageDocument, &nameless), kBrokerAddress);
  EXPECT_NE(answer.find(protocol::QP_E_SCHEMA), std::string::npos);
}

// QP-TECH-007, QP-TECH-012: what is not claimed is refused before its body is looked at, the rest goes on.
TEST(Mail, IsLeftOutWhereItIsNotClaimed) {
  NodeConfig config = host_config();
  config.protocols = {"micropayment"};
  World world(std::move(config));
  const std::string answer = world.host.raw(comm::kRegisterMessageMessage.path, "<no XML", kBrokerAddress);
  EXPECT_NE(answer.find(protocol::QP_E_UNSUPPORTED), std::string::npos);
  micro::RegisterCommit notice;
  notice.head = world.host.head("B7", "H1");
  notice.body = {some_ref(), kWallet, std::string(32, 'c'), "2026-11-22T12:00:01Z", "2026-12-22T12:00:01Z", {}};
  const auto taken =
      world.host.ask<micro::RegisterCommitResponse>(notice, micro::kRegisterCommitMessage, kBrokerAddress);
  EXPECT_EQ(taken->body.status.code, protocol::QP_OK);
}

// QP-CM-010: whatever the mail says, the case is the one that was registered.
TEST(Mail, HasNoAuthority) {
  World world;
  auto complaint = world.letter(to_role(msg::AudienceRole::all), kWallet);
  complaint.body.kind = "exception/not-received";
  complaint.body.order_ref = some_ref();
  world.post(complaint, kWalletAddress);
  EXPECT_TRUE(world.host.node->records("host.case")->empty());
  EXPECT_TRUE(world.host.node->records("host.statement")->empty());
}

}  // namespace
}  // namespace quickpay::roles
