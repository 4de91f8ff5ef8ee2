// A Vendor that registers itself: it is probed only while it does, and by nobody else.
#include "reference/roles/registration_vendor.hpp"

#include <gtest/gtest.h>

#include "reference/roles/tests/registering.hpp"

namespace quickpay::roles {
namespace {

NodeConfig nameless(NodeConfig config = vendor_config()) {
  config.id.clear();
  return config;
}

struct Becoming : testing::Test {
  Single vendor{nameless()};
  Single host{registering()};

  std::string state() { return state_of(vendor, "vendor.registration", "H1"); }
  std::string told() {
    for (const UserEvent& event : vendor.last.user) {
      if (event.kind == "tell") return event.text;
    }
    return {};
  }
  bool enter(const std::string& name = {}) {
    const bool begun = vendor.node->register_self({{kNewPlace}, std::string(name)}).has_value();
    vendor.flush();
    return begun;
  }
  std::string change(std::vector<Endpoint> places, const std::string& name = {}) {
    const auto done = vendor.node->change_self({std::move(places), std::string(name)});
    vendor.flush();
    return done ? "" : done.error().reason;
  }
  std::string leave() {
    const auto done = vendor.node->leave();
    vendor.flush();
    return done ? "" : done.error().reason;
  }
  void carry() { carry_between(vendor, host, kNewAddress); }
  /// The tag of the registration or change that was sent last.
  std::string sent_tag() {
    const OutgoingCall& call = vendor.last.calls.at(0);
    if (call.message == "UpdateVendor")
      return codec::read<admin::UpdateVendor>(call.body, *admin::kUpdateVendorMessage.request)->body.probe_tag;
    return codec::read<admin::RegisterVendor>(call.body, *admin::kRegisterVendorMessage.request)->body.probe_tag;
  }
  std::optional<admin::ProbeResponse> probe(const std::string& tag, const std::string& receiver = "V5",
                                            const std::string& from = "127.0.1.1") {
    admin::Probe asked;
    asked.head = vendor.head("H1", receiver);
    asked.body.nonce = vendor.fresh_id();
    asked.body.probe_tag = tag;
    return vendor.ask<admin::ProbeResponse>(asked, admin::kProbeMessage, from);
  }
  std::string code(const std::string& tag, const std::string& receiver = "V5") {
    return probe(tag, receiver)->body.status.code;
  }
  template <class Response>
  void answered(std::string_view code, msg::Retry retry, const codec::MessageType& type) {
    Response response;
    const OutgoingCall call = vendor.last.calls.at(0);
    response.head = vendor.answer_head(call, type.anonymous ? "" : vendor.node->config().id);
    response.body.status = refusal(code, retry);
    vendor.reply(call, response, type);
  }
};

// QP-REL-001 QP-REL-002 QP-ADM-013: the whole life of a Vendor, between two nodes.
TEST_F(Becoming, AVendorEntersMovesAndLeaves) {
  ASSERT_TRUE(enter("The Corner Shop"));
  carry();
  EXPECT_EQ(told(), "registered");
  EXPECT_EQ(state(), "REGISTERED");
  EXPECT_EQ(vendor.node->config().id, "V1");
  vendor.restart();
  EXPECT_EQ(vendor.node->config().id, "V1") << "it keeps its name";
  ASSERT_EQ(change({kMovedPlace, kThirdPlace}), "");
  carry();
  EXPECT_EQ(told(), "changed");
  ASSERT_EQ(leave(), "");
  carry_between(vendor, host, kMovedPlace.address);
  EXPECT_EQ(told(), "gone");
  EXPECT_EQ(state(), "GONE");
  EXPECT_FALSE(enter()) << "for ever";
  EXPECT_EQ(state_of(host, "host.vendor", "V1"), "REMOVED");
}

// QP-ADD-26: a secret is for one tag, one attempt, and the Host.
TEST_F(Becoming, AnswersAProbeOnlyForItsOwnTag) {
  const std::string stranger = tag_of(std::string(32, '0'));
  EXPECT_EQ(code(stranger), "QP-E-FORBIDDEN") << "nothing is open";
  ASSERT_TRUE(enter());
  const std::string tag = sent_tag();
  EXPECT_EQ(code(stranger), "QP-E-FORBIDDEN") << "somebody else registers this server";
  const auto answer = probe(tag);
  ASSERT_EQ(answer->body.status.code, "QP-OK");
  EXPECT_EQ(tag_of(*answer->body.probe_secret), tag);
  EXPECT_EQ(answer->head.sender, "V5") << "under the name by which it was called";
  EXPECT_EQ(probe(tag, "V5", kBrokerAddress)->body.status.code, "QP-E-FORBIDDEN") << "not to the Host";
  vendor.restart();
  vendor.node->on_time();
  vendor.flush();
  EXPECT_EQ(sent_tag(), tag) << "the same request, and the same secret";
  EXPECT_EQ(code(tag), "QP-OK");
}

TEST_F(Becoming, ATagThatWasUsedIsOfNoUse) {  // QP-ADD-26
  ASSERT_TRUE(enter());
  const std::string tag = sent_tag();
  carry();
  ASSERT_EQ(state(), "REGISTERED");
  EXPECT_EQ(code(tag, "V1"), "QP-E-FORBIDDEN");
  ASSERT_EQ(change({kMovedPlace}), "");
  const std::string next = sent_tag();
  EXPECT_NE(next, tag);
  EXPECT_EQ(code(tag, "V1"), "QP-E-FORBIDDEN");
  EXPECT_EQ(code(next, "V2"), "QP-E-RECEIVER") << "by now it has a name";
}

TEST_F(Becoming, WhoHasNoNameAnswersNothingElse) {  // QP-ADM-004
  micro::GetOrder asked;
  asked.head = vendor.anonymous("V1001");
  asked.body.kind = msg::Kind::micro;
  asked.body.item = "item-1";
  asked.body.buyer_tag = std::string(64, 'a');
  vendor.raw(micro::kGetOrderMessage.path, codec::write_document(*micro::kGetOrderMessage.request, &asked),
             kWalletAddress, 77);
  ASSERT_EQ(vendor.last.answers.size(), 1u);
  EXPECT_EQ(vendor.last.answers[0].http_status, 503u);
  vendor.raw(admin::kProbeMessage.path, "<Probe", "127.0.1.1", 78);
  EXPECT_EQ(vendor.last.answers.at(0).http_status, 503u);
  vendor.raw(admin::kProbeMessage.path, "", "127.0.1.1", 79);
  EXPECT_TRUE(vendor.last.answers.at(0).body.empty());
}

TEST_F(Becoming, TriesAgainAfterARefusal) {  // QP-ADD-26
  ASSERT_TRUE(enter());
  const Output sent = vendor.last;
  EXPECT_FALSE(enter()) << "one at a time";
  vendor.last = sent;
  answered<admin::RegisterVendorResponse>(protocol::QP_E_BUSY, msg::Retry::same, admin::kRegisterVendorMessage);
  EXPECT_EQ(state(), "REGISTERING");
  vendor.pass(5000);
  ASSERT_EQ(vendor.last.calls.size(), 1u);
  answered<admin::RegisterVendorResponse>(protocol::QP_E_ADDRESS, msg::Retry::no, admin::kRegisterVendorMessage);
  EXPECT_EQ(told(), "refused");
  EXPECT_EQ(state(), "OUT");
  ASSERT_TRUE(enter());
  carry();
  EXPECT_EQ(state(), "REGISTERED");
}

TEST_F(Becoming, ARefusedChangeLeavesItWhereItIs) {  // QP-ADM-013
  EXPECT_EQ(change({kMovedPlace}), "out-of-state");
  ASSERT_TRUE(enter());
  carry();
  ASSERT_EQ(change({kMovedPlace}), "");
  answered<admin::UpdateVendorResponse>(protocol::QP_E_ADDRESS, msg::Retry::no, admin::kUpdateVendorMessage);
  EXPECT_EQ(told(), "refused");
  EXPECT_EQ(state(), "REGISTERED");
  ASSERT_EQ(leave(), "");
  answered<admin::UnregisterVendorResponse>(protocol::QP_E_FORBIDDEN, msg::Retry::no, admin::kUnregisterVendorMessage);
  EXPECT_EQ(state(), "REGISTERED");
  ASSERT_EQ(leave(), "");
  answered<admin::UnregisterVendorResponse>(protocol::QP_E_GONE, msg::Retry::no, admin::kUnregisterVendorMessage);
  EXPECT_EQ(state(), "GONE");
}

TEST_F(Becoming, LearnsWhenItMovesThatItIsGone) {  // QP-ADD-23
  ASSERT_TRUE(enter());
  carry();
  ASSERT_EQ(change({}, "A Name"), "");
  answered<admin::UpdateVendorResponse>(protocol::QP_E_GONE, msg::Retry::no, admin::kUpdateVendorMessage);
  EXPECT_EQ(told(), "gone");
  EXPECT_EQ(state(), "GONE");
}

TEST_F(Becoming, SaysWhereElseItSendsFrom) {  // QP-ROLE-009 QP-ADM-013
  ASSERT_TRUE(enter());
  carry();
  NodeConfig config = vendor.node->config();
  config.source_addresses = {"127.0.3.9"};
  vendor.restart_as(config);
  ASSERT_TRUE(vendor.node->change_self({.terms = true}));
  vendor.flush();
  carry();
  EXPECT_EQ(told(), "changed");
  const auto entry = entry_of(host, vendor.node->config().id);
  ASSERT_TRUE(entry);
  EXPECT_EQ(entry->source_addr, config.source_addresses);
}

TEST_F(Becoming, BringsItsKeyAlong) {  // QP-ADD-18
  NodeConfig config = nameless(signing(vendor_config()));
  Single shop{config};
  ASSERT_TRUE(shop.node->register_self({{kNewPlace}}));
  shop.flush();
  carry_between(shop, host, kNewAddress);
  const auto record = host.ledger->find("member", "V1");
  ASSERT_TRUE(*record);
  EXPECT_TRUE(has_field(**record, "Key.0"));
}

TEST_F(Becoming, IsOnlyOfferedWhereItIsServed) {  // QP-TECH-007
  NodeConfig config = vendor_config();
  config.protocols = {"micropayment"};
  Single listed{config};
  EXPECT_EQ(listed.node->register_self({{kNewPlace}}).error().reason, "not-served");
}

// ---- profile H

struct BecomingInH : testing::Test {
  static NodeConfig in_h(NodeConfig config) {
    config.profile = "H";
    return config;
  }
  BecomingInH() {
    Player listed = *vendor.directory.find("H1").player;
    const auto key = key_of("broker").public_key();
    listed.keys = {{key.key_id(), key.spki_der(), KeyUsage::seal, kNoon - kDayMs, kNoon + 400 * kDayMs, {}}};
    vendor.directory.put(std::move(listed));
  }
  Single vendor{in_h(nameless())};
  Single host{in_h(registering())};
};

// QP-ADD-21: Vendor and Host share a key from then on.
TEST_F(BecomingInH, SharesAKeyWithTheHost) {
  ASSERT_TRUE(vendor.node->register_self({{kNewPlace}}));
  vendor.flush();
  carry_between(vendor, host, kNewAddress);
  ASSERT_EQ(vendor.node->config().id, "V1");
  vendor.restart();
  host.restart();
  ASSERT_TRUE(vendor.node->change_self({{}, "The Shop"}));
  vendor.flush();
  carry_between(vendor, host, "127.0.9.9");
  EXPECT_EQ(state_of(vendor, "vendor.registration", "H1"), "REGISTERED");
  EXPECT_EQ(field(**host.ledger->find("member", "V1"), "name"), "The Shop");
}

TEST_F(BecomingInH, TakesNoIdentifierWithoutItsKey) {  // QP-ADD-21
  ASSERT_TRUE(vendor.node->register_self({{kNewPlace}}));
  vendor.flush();
  const OutgoingCall call = vendor.last.calls.at(0);
  admin::RegisterVendorResponse forged;
  forged.head = vendor.answer_head(call, "");
  forged.head.profile = msg::Profile::H;
  forged.body.status = success();
  forged.body.vendor = "V9";
  forged.body.boxed = {std::string(24, '0'), "AAAA"};
  vendor.reply(call, forged, admin::kRegisterVendorMessage);
  EXPECT_EQ(state_of(vendor, "vendor.registration", "H1"), "REGISTERING");
  EXPECT_EQ(vendor.node->config().id, "");
}

TEST_F(BecomingInH, NeedsAKeyToSealToThatIsGoodNow) {  // QP-ADD-21
  Player listed = *vendor.directory.find("H1").player;
  listed.keys[0].not_after_ms = kNoon - 1;
  vendor.directory.put(listed);
  EXPECT_EQ(vendor.node->register_self({{kNewPlace}}).error().reason, "no-seal-key");
  listed.keys[0].not_after_ms = kNoon;
  vendor.directory.put(listed);
  EXPECT_TRUE(vendor.node->register_self({{kNewPlace}}));
}

TEST_F(BecomingInH, NeedsAKeyToSealTo) {  // QP-ADD-21
  vendor.directory.put({"H1", "host", {}, {{"127.0.1.1", 8080}}, {}, true});
  EXPECT_EQ(vendor.node->register_self({{kNewPlace}}).error().reason, "no-seal-key");
}

}  // namespace
}  // namespace quickpay::roles
