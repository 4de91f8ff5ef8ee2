// Registration of Vendors at the Host: who gets an identifier, who does not, and what the directory says afterwards.
#include "reference/roles/registration_host.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <iterator>
#include <set>

#include "reference/roles/tests/registering.hpp"

namespace quickpay::roles {
namespace {

constexpr std::int64_t kProbeMs = protocol::T_probe_default * 1000;

struct Registration : testing::Test {
  Single host{registering()};
  Newcomer shop{host};
  Newcomer other{host, kMovedPlace};

  std::string state(const std::string& id) { return state_of(host, "host.vendor", id); }
  std::size_t kept(std::string_view machine) { return host.ledger->list(machine, "", 100)->size(); }
  /// Nothing that a refused registration could have left.
  bool untouched() {
    return kept("host.vendor") == 0 && kept("member") == 0 && kept("vendor.place") == 0 &&
           kept("vendor.request") == 0 && kept("counter.id") == 0;
  }
};

msg::FirstKey proven_key(const crypto::RsaPrivateKey& key, const std::string& tag,
                         std::int64_t to_ms = kNoon + 400 * kDayMs) {
  msg::FirstKey made;
  made.pub_key = crypto::base64_encode(key.public_key().spki_der());
  made.not_before = format_time(kNoon - kDayMs);
  made.not_after = format_time(to_ms);
  made.probe_tag = tag;
  sign_with(key, "key-proof", "Key", msg::kFirstKeyType, made);
  return made;
}

// QP-REL-001 QP-REL-002 QP-ROLE-016 QP-ADD-26: address and port, and nothing else.
TEST_F(Registration, WhoListensThereBecomesAVendor) {
  ASSERT_EQ(shop.send(shop.registration()), "");
  ASSERT_TRUE(shop.probe.at);
  EXPECT_EQ(shop.probe.at->address, kNewPlace.address);
  EXPECT_EQ(shop.probe.at->port, kNewPlace.port);
  EXPECT_FALSE(entry_of(host, shop.probe.receiver)) << "nobody yet";
  EXPECT_EQ(shop.answer_probe(), "QP-OK");
  EXPECT_EQ(shop.id, "V1");
  EXPECT_EQ(state("V1"), "LIVE");
  const auto entry = entry_of(host, "V1");
  ASSERT_TRUE(entry);
  EXPECT_EQ(entry->state, msg::PlayerState::live);
  ASSERT_EQ(entry->endpoint.size(), 1u);
  EXPECT_EQ(entry->endpoint[0].addr, kNewPlace.address);
  EXPECT_EQ(entry->endpoint[0].port, kNewPlace.port);
  EXPECT_FALSE(entry->name);
  EXPECT_TRUE(entry->key.empty());
  EXPECT_EQ(kept("vendor.place") + kept("vendor.request"), 0u);
  host.restart();
  EXPECT_TRUE(entry_of(host, "V1")) << "and after a restart";
}

// QP-ROLE-009: who registered is a player for everything else.
TEST_F(Registration, AVendorThatRegisteredMayDoWhatVendorsDo) {
  ASSERT_EQ(shop.join(), "QP-OK");
  admin::LookupPlayer asked;
  asked.head = host.head(shop.id, "H1");
  asked.body.role = msg::PlayerRole::broker;
  asked.body.id = "B7";
  const auto code = [&](const std::string& from) {
    asked.head.msg_id = host.fresh_id();
    return host.ask<admin::LookupPlayerResponse>(asked, admin::kLookupPlayerMessage, from)->body.status.code;
  };
  EXPECT_EQ(code(kNewAddress), "QP-OK");
  EXPECT_EQ(code("127.0.5.9"), "QP-E-FORBIDDEN");
}

TEST_F(Registration, ListsNameAndKey) {  // QP-ADD-18 QP-ROLE-017
  auto request = shop.registration();
  request.body.name = "The Corner Shop";
  request.body.key = proven_key(stranger_key(), request.body.probe_tag);
  ASSERT_EQ(shop.send(request), "");
  ASSERT_EQ(shop.answer_probe(), "QP-OK");
  for (int life = 0; life < 2; ++life, host.restart()) {
    const auto entry = entry_of(host, shop.id);
    ASSERT_TRUE(entry);
    EXPECT_EQ(entry->name, "The Corner Shop");
    ASSERT_EQ(entry->key.size(), 1u);
    EXPECT_EQ(entry->key[0].key_id, stranger_key().public_key().key_id());
    EXPECT_EQ(entry->key[0].usage, msg::KeyUse::sign);
    EXPECT_EQ(entry->key[0].not_after, format_time(kNoon + 400 * kDayMs));
  }
}

// QP-ADD-18: no key is taken without its proof, and a refusal changes nothing.
TEST_F(Registration, TakesNoKeyWithoutItsProof) {
  const auto code = [&](auto&& harm) {
    auto request = shop.registration();
    request.body.key = proven_key(stranger_key(), request.body.probe_tag);
    harm(request);
    return shop.send(request);
  };
  const std::string other_spki = crypto::base64_encode(key_of("vendor").public_key().spki_der());
  EXPECT_EQ(code([&](auto& r) { r.body.key->pub_key = other_spki; }), "QP-E-SIGNATURE");
  EXPECT_EQ(code([&](auto& r) {
              r.body.key->pub_key = other_spki, r.body.key->sig.key_id = key_of("vendor").public_key().key_id();
            }),
            "QP-E-SIGNATURE");
  EXPECT_EQ(code([&](auto& r) { r.body.key->not_after = format_time(kNoon + 500 * kDayMs); }), "QP-E-SIGNATURE");
  EXPECT_EQ(code([&](auto& r) { r.body.key = proven_key(stranger_key(), tag_of(host.fresh_id())); }), "QP-E-SIGNATURE")
      << "of another request";
  EXPECT_EQ(code([&](auto& r) { sign_with(stranger_key(), "directory", "Key", msg::kFirstKeyType, *r.body.key); }),
            "QP-E-SIGNATURE");
  EXPECT_EQ(code([&](auto& r) { r.body.key->pub_key = "AAAA"; }), "QP-E-KEY");
  EXPECT_EQ(code([&](auto& r) { r.body.key = proven_key(stranger_key(), r.body.probe_tag, kNoon - 1000); }),
            "QP-E-KEY");
  EXPECT_EQ(code([&](auto& r) { std::swap(r.body.key->not_before, r.body.key->not_after); }), "QP-E-KEY");
  EXPECT_TRUE(host.last.calls.empty());
  EXPECT_TRUE(untouched());
  EXPECT_EQ(code([&](auto& r) { r.body.endpoint.port += 1; }), "") << "what is right passes";
}

// QP-ADD-26: in this order: key, proof, address.
TEST_F(Registration, RefusesInOrder) {
  auto request = shop.registration();
  request.body.key = proven_key(stranger_key(), tag_of("x"));
  EXPECT_EQ(shop.send(request, "127.0.5.9"), "QP-E-SIGNATURE");
  request.head.msg_id = host.fresh_id();
  request.body.key->pub_key = "AAAA";
  EXPECT_EQ(shop.send(request, "127.0.5.9"), "QP-E-KEY");
}

// QP-ADD-26: nobody registers another's server.
TEST_F(Registration, RefusesAPlaceThatIsNotTheSenders) {
  EXPECT_EQ(shop.send(shop.registration(), "127.0.5.9"), "QP-E-ADDRESS");
  EXPECT_TRUE(host.last.calls.empty());
  EXPECT_TRUE(untouched());
  EXPECT_EQ(shop.send(shop.registration(), "::ffff:" + kNewAddress), "") << "an IPv4 address in other clothes";
}

TEST_F(Registration, RefusesWhoDoesNotKnowTheSecret) {  // QP-ADD-26
  Newcomer thief(host);
  ASSERT_EQ(thief.send(thief.registration()), "");
  EXPECT_EQ(thief.refuse_probe(), "QP-E-ADDRESS");
  EXPECT_EQ(state("V1"), "REFUSED");
  EXPECT_FALSE(entry_of(host, "V1"));
  ASSERT_EQ(thief.send(thief.registration()), "");
  EXPECT_EQ(thief.answer_probe(thief.right_answer(host.fresh_id())), "QP-E-ADDRESS") << "an echo is no secret";
  ASSERT_EQ(thief.send(thief.registration()), "");
  auto old = thief.right_answer(thief.secret);
  old.body.nonce = host.fresh_id();
  EXPECT_EQ(thief.answer_probe(old), "QP-E-ADDRESS") << "an answer to something else";
  EXPECT_EQ(kept("member") + kept("vendor.place") + kept("vendor.request"), 0u);
  EXPECT_EQ(shop.join(), "QP-OK");
  EXPECT_EQ(shop.id, "V4") << "the identifiers of the others are nobody's";  // QP-ADD-23
}

TEST_F(Registration, GivesUpAfterTProbe) {  // QP-ADD-26 QP-ADD-27
  ASSERT_EQ(shop.send(shop.registration()), "");
  host.give(shop.probe, {});
  EXPECT_EQ(shop.look(), "");
  host.pass(3000);
  ASSERT_EQ(host.last.calls.size(), 1u) << "what was cut is asked again";
  EXPECT_EQ(host.last.calls[0].body, shop.probe.body);
  EXPECT_EQ(host.last.calls[0].at->port, kNewPlace.port);
  host.pass(kProbeMs - 3000);
  EXPECT_EQ(shop.look(), "");
  host.pass(1);
  EXPECT_EQ(shop.look(), "QP-E-ADDRESS");
  EXPECT_EQ(state("V1"), "REFUSED");
  EXPECT_EQ(kept("vendor.place"), 0u);
}

// QP-ADD-01: a repetition waits for the same Probe.
TEST_F(Registration, ARepetitionGetsTheSameIdentifier) {
  const auto request = shop.registration();
  ASSERT_EQ(shop.send(request), "");
  ASSERT_EQ(shop.send(request), "");
  EXPECT_TRUE(host.last.calls.empty()) << "one Probe";
  host.restart();
  host.node->on_time();
  host.flush();
  shop.look();
  ASSERT_EQ(shop.send(request), "");
  ASSERT_EQ(shop.answer_probe(), "QP-OK");
  EXPECT_EQ(shop.id, "V1");
  shop.id.clear();
  EXPECT_EQ(shop.send(request), "QP-OK");
  EXPECT_EQ(shop.id, "V1");
  EXPECT_EQ(kept("host.vendor"), 1u);
}

TEST_F(Registration, RefusesATakenPlace) {  // QP-ADD-26
  ASSERT_EQ(shop.join(), "QP-OK");
  Newcomer second(host);
  EXPECT_EQ(second.send(second.registration()), "QP-E-ADDRESS");
  Newcomer listed(host, {kVendorAddress, 8080});  // of V1001, which the Host's owner listed
  EXPECT_EQ(listed.send(listed.registration()), "QP-E-ADDRESS");
  EXPECT_EQ(kept("host.vendor"), 1u);
  listed.place.port = 8081;
  EXPECT_EQ(listed.join(), "QP-OK") << "another port is another place";
}

TEST_F(Registration, OfTwoAtOnePlaceOneWaits) {  // QP-ADD-26
  Newcomer second(host);
  ASSERT_EQ(shop.send(shop.registration()), "");
  EXPECT_EQ(second.send(second.registration()), "QP-E-BUSY");
  EXPECT_EQ(shop.answer_probe(), "QP-OK");
  EXPECT_EQ(second.send(second.registration()), "QP-E-ADDRESS");
}

TEST_F(Registration, APlaceThatTheOwnerGaveAwayMeanwhileIsTaken) {  // QP-ADD-26
  ASSERT_EQ(shop.send(shop.registration()), "");
  Player listed{"V77", "vendor", {}, {kNewPlace}, {}, true};
  host.directory.put(listed);
  EXPECT_EQ(shop.answer_probe(), "QP-E-ADDRESS");
  EXPECT_EQ(state("V1"), "REFUSED");
}

// QP-ADD-26: the Host is no tool to knock at other doors.
TEST_F(Registration, ProbesNeitherItselfNorWhatItsOwnerDoesNotAdmit) {
  Newcomer at_home(host, {"127.0.1.1", 8080});
  EXPECT_EQ(at_home.send(at_home.registration()), "QP-E-ADDRESS") << "the Host's own place";
  Single strict{signing(host_config())};
  for (const Endpoint& at :
       {kNewPlace, Endpoint{"10.0.0.1", 25}, Endpoint{"169.254.1.1", 9000}, Endpoint{"::1", 9000}}) {
    Newcomer someone(strict, at);
    EXPECT_EQ(someone.send(someone.registration()), "QP-E-ADDRESS") << at.address << " " << at.port;
    EXPECT_TRUE(strict.last.calls.empty());
  }
  Newcomer outside(strict, {"10.0.0.1", 80});
  EXPECT_EQ(outside.join(), "QP-OK");
}

// ---- moving and leaving

TEST_F(Registration, AVendorMovesWhenTheNewPlaceKnowsTheSecret) {  // QP-ADM-013 QP-ADD-26
  ASSERT_EQ(shop.join(), "QP-OK");
  ASSERT_EQ(shop.send(shop.update({kMovedPlace, kThirdPlace}, "The Shop")), "");
  EXPECT_EQ(shop.probe.at->port, kMovedPlace.port);
  const std::string first_nonce = shop.probe.body;
  EXPECT_EQ(shop.answer_probe(), "");
  EXPECT_EQ(shop.probe.at->port, kThirdPlace.port) << "one after the other";
  EXPECT_NE(shop.probe.body, first_nonce);
  EXPECT_EQ(entry_of(host, shop.id)->endpoint[0].port, kNewPlace.port) << "all or nothing";
  EXPECT_EQ(shop.answer_probe(), "QP-OK");
  const auto entry = entry_of(host, shop.id);
  ASSERT_EQ(entry->endpoint.size(), 2u);
  EXPECT_EQ(entry->endpoint[1].addr, kThirdPlace.address);
  EXPECT_EQ(entry->name, "The Shop");
  EXPECT_EQ(shop.send(shop.update({}), kNewAddress), "QP-E-FORBIDDEN") << "it is there no more";
  Newcomer next(host);
  EXPECT_EQ(next.join(), "QP-OK") << "and its old place is free";
  EXPECT_EQ(next.id, "V2");
}

TEST_F(Registration, AMoveThatIsNotShownChangesNothing) {  // QP-ADD-26
  ASSERT_EQ(shop.join(), "QP-OK");
  const auto still_there = [&] {
    const auto entry = entry_of(host, shop.id);
    return entry && !entry->name && entry->endpoint.size() == 1 && entry->endpoint[0].port == kNewPlace.port &&
           kept("vendor.place") == 0;
  };
  ASSERT_EQ(shop.send(shop.update({kMovedPlace}, "The Shop")), "");
  EXPECT_EQ(shop.refuse_probe(), "QP-E-ADDRESS");
  EXPECT_TRUE(still_there());
  ASSERT_EQ(shop.send(shop.update({kMovedPlace, kThirdPlace}, "The Shop")), "");
  ASSERT_EQ(shop.answer_probe(), "");
  EXPECT_EQ(shop.answer_probe(shop.right_answer(host.fresh_id())), "QP-E-ADDRESS") << "the second place is another's";
  EXPECT_TRUE(still_there());
  ASSERT_EQ(shop.send(shop.update({kMovedPlace}, "The Shop")), "");
  host.pass(kProbeMs + 1);
  EXPECT_EQ(shop.look(), "QP-E-ADDRESS");
  EXPECT_TRUE(still_there());
  ASSERT_EQ(shop.send(shop.update({kMovedPlace}, "The Shop")), "");
  host.directory.put({"V77", "vendor", {}, {kMovedPlace}, {}, true});
  EXPECT_EQ(shop.answer_probe(), "QP-E-ADDRESS") << "taken meanwhile";
  EXPECT_TRUE(still_there());
  EXPECT_EQ(shop.send(shop.update({kMovedPlace})), "QP-E-ADDRESS");
  EXPECT_EQ(shop.send(shop.update({{"169.254.1.1", 9000}})), "QP-E-ADDRESS");
  EXPECT_TRUE(still_there());
}

TEST_F(Registration, AnotherChangeHasToWait) {  // QP-ADD-26 QP-ADD-01
  ASSERT_EQ(shop.join(), "QP-OK");
  const auto first = shop.update({kThirdPlace});
  ASSERT_EQ(shop.send(first), "");
  EXPECT_EQ(shop.send(shop.update({}, "Another Name")), "QP-E-BUSY");
  Newcomer neighbour(host, kThirdPlace);
  EXPECT_EQ(neighbour.send(neighbour.registration()), "QP-E-BUSY");
  ASSERT_EQ(other.send(other.registration()), "");
  other.probe = host.last.calls.at(0);
  const OutgoingCall probe_of_other = other.probe;
  ASSERT_EQ(shop.send(first), "") << "the same one waits again";
  other.probe = probe_of_other;
  ASSERT_EQ(other.answer_probe(), "QP-OK");
  EXPECT_EQ(other.send(other.update({kThirdPlace})), "QP-E-BUSY");
  EXPECT_EQ(shop.answer_probe(), "QP-OK");
  EXPECT_EQ(entry_of(host, shop.id)->endpoint[0].port, kThirdPlace.port);
}

TEST_F(Registration, ANameChangesWithoutAProbe) {  // QP-ADM-013
  ASSERT_EQ(shop.join(), "QP-OK");
  EXPECT_EQ(shop.send(shop.update({}, "The Shop")), "QP-OK");
  EXPECT_EQ(shop.send(shop.update({kNewPlace})), "QP-OK") << "it is there already";
  EXPECT_TRUE(host.last.calls.empty());
  EXPECT_EQ(entry_of(host, shop.id)->name, "The Shop");
  EXPECT_EQ(entry_of(host, shop.id)->endpoint.size(), 1u);
}

TEST_F(Registration, SaysWhereElseItSendsFrom) {  // QP-ROLE-009 QP-ADM-013
  ASSERT_EQ(shop.join(), "QP-OK");
  auto elsewhere = shop.update({});
  elsewhere.body.source_addr = {"127.0.3.9"};
  EXPECT_EQ(shop.send(elsewhere), "QP-OK");
  EXPECT_TRUE(host.last.calls.empty()) << "nobody probes them";
  EXPECT_EQ(shop.send(shop.update({}, "The Shop")), "QP-OK") << "it may go on sending from where it listens";
  EXPECT_EQ(entry_of(host, shop.id)->source_addr, elsewhere.body.source_addr) << "what is not named stays";
  EXPECT_EQ(shop.send(shop.update({}, "Another Shop"), "127.0.3.9"), "QP-OK");
  EXPECT_EQ(shop.send(shop.update({}, "Nobody's Shop"), "127.0.3.10"), "QP-E-FORBIDDEN");
  host.restart();
  EXPECT_EQ(entry_of(host, shop.id)->source_addr, elsewhere.body.source_addr);
}

TEST_F(Registration, WhereItSendsFromChangesWhenTheNewPlaceWasShown) {  // QP-ADM-013 QP-ADD-26
  ASSERT_EQ(shop.join(), "QP-OK");
  auto moving = shop.update({kThirdPlace});
  moving.body.source_addr = {"127.0.3.9"};
  ASSERT_EQ(shop.send(moving), "");
  EXPECT_TRUE(entry_of(host, shop.id)->source_addr.empty());
  ASSERT_EQ(shop.answer_probe(), "QP-OK");
  EXPECT_EQ(entry_of(host, shop.id)->source_addr, moving.body.source_addr);
  EXPECT_EQ(shop.send(shop.update({}, "The Shop"), kThirdPlace.address), "QP-OK");
  EXPECT_EQ(entry_of(host, shop.id)->source_addr, moving.body.source_addr);
}

// QP-ADM-013: who was listed by the owner of the Host is a Vendor like any other, and keeps the keys that the owner
// gave.
TEST_F(Registration, AVendorThatTheOwnerListedMovesAndLeaves) {
  publish_keys(host);
  shop.id = "V1001";
  shop.place = {kVendorAddress, 8080};
  ASSERT_EQ(shop.send(shop.update({kMovedPlace})), "");
  ASSERT_EQ(shop.answer_probe(), "QP-OK");
  EXPECT_EQ(entry_of(host, "V1001")->endpoint[0].port, kMovedPlace.port);
  EXPECT_EQ(entry_of(host, "V1001")->key.size(), 1u);
  Newcomer next(host, {kVendorAddress, 8080});
  EXPECT_EQ(next.join(), "QP-OK") << "its place is free";
  shop.id = "V1002";
  shop.place = {"127.0.3.2", 8080};
  EXPECT_EQ(shop.send(shop.leaving()), "QP-OK");
  EXPECT_EQ(entry_of(host, "V1002")->state, msg::PlayerState::removed);
}

TEST_F(Registration, WhoTheOwnerRemovedIsGone) {  // QP-ADD-23
  Player removed = *host.directory.find("V1001").player;
  removed.removed = true;
  host.directory.put(removed);
  shop.id = "V1001";
  shop.place = {kVendorAddress, 8080};
  EXPECT_EQ(shop.send(shop.update({}, "I am back")), "QP-E-GONE");
  EXPECT_EQ(shop.send(shop.leaving()), "QP-E-GONE");
  EXPECT_EQ(state("V1001"), "NONE");
}

// QP-TECH-004 QP-TECH-015 QP-ROLE-006: who comes, moves and goes leaves what the Host keeps of another one as it was.
TEST_F(Registration, ComesAndGoesWithoutTouchingOthers) {
  ASSERT_EQ(shop.join(), "QP-OK");
  const auto kept_of_shop = [&] {
    std::vector<ledger::Record> records;
    for (const std::string_view machine : {"host.vendor", "member", "vendor.place", "vendor.request"}) {
      const auto all = host.ledger->list(machine, "", 100);
      std::copy_if(all->begin(), all->end(), std::back_inserter(records), [&](const auto& record) { return record.key == shop.id; });
    }
    return records;
  };
  const auto before = kept_of_shop();
  EXPECT_FALSE(before.empty());
  ASSERT_EQ(other.join(), "QP-OK");
  ASSERT_EQ(other.send(other.update({kThirdPlace}, "Another")), "");
  ASSERT_EQ(other.answer_probe(), "QP-OK");
  other.place = kThirdPlace;
  ASSERT_EQ(other.send(other.leaving()), "QP-OK");
  EXPECT_EQ(kept_of_shop(), before);
  EXPECT_EQ(entry_of(host, shop.id)->state, msg::PlayerState::live);
  ASSERT_EQ(shop.send(shop.update({}, "The Shop")), "QP-OK");
  EXPECT_NE(kept_of_shop(), before) << "its own change is seen";
}

// QP-ADD-23: a Vendor that left stays known, and nobody is called so again.
TEST_F(Registration, WhoLeftIsGoneAndLeavesItsPlace) {
  ASSERT_EQ(shop.join(), "QP-OK");
  ASSERT_EQ(shop.send(shop.leaving()), "QP-OK");
  for (int life = 0; life < 2; ++life, host.restart()) {
    EXPECT_EQ(entry_of(host, "V1")->state, msg::PlayerState::removed);
    EXPECT_EQ(shop.send(shop.leaving()), "QP-E-GONE");
    EXPECT_EQ(shop.send(shop.update({kMovedPlace})), "QP-E-GONE");
  }
  Newcomer next(host);
  EXPECT_EQ(next.join(), "QP-OK");
  EXPECT_EQ(next.id, "V2");
}

TEST_F(Registration, WhoLeavesWhileItMovesMovesNoMore) {  // QP-ADM-013
  ASSERT_EQ(shop.join(), "QP-OK");
  ASSERT_EQ(shop.send(shop.update({kMovedPlace})), "");
  const OutgoingCall probe = shop.probe;
  EXPECT_EQ(shop.send(shop.leaving()), "QP-OK");
  ASSERT_EQ(host.last.answers.size(), 2u);
  EXPECT_NE(host.last.answers[0].body.find("QP-E-ADDRESS"), std::string::npos);
  shop.probe = probe;
  shop.answer_probe();
  EXPECT_EQ(entry_of(host, "V1")->state, msg::PlayerState::removed);
  EXPECT_EQ(kept("vendor.place"), 0u);
}

TEST_F(Registration, SkipsIdentifiersThatTheOwnerGave) {  // QP-REL-002 QP-ADD-23
  host.directory.put({"V1", "vendor", {}, {{"127.0.3.9", 8080}}, {}, true});
  Player gone{"V2", "vendor", {}, {}, {}, true};
  gone.removed = true;
  host.directory.put(gone);
  ASSERT_EQ(shop.join(), "QP-OK");
  EXPECT_EQ(shop.id, "V3");
}

TEST_F(Registration, IsInNoLog) {  // QP-ADD-25
  ASSERT_EQ(shop.join(), "QP-OK");
  ASSERT_EQ(shop.send(shop.update({kMovedPlace})), "");
  host.pass(kProbeMs + 1);
  EXPECT_EQ(kept("host.log"), 0u);
}

// ---- laws

/// Three servers do what they like; the Host starts anew now and then.
class Crowd {
 public:
  Crowd() {
    for (std::uint16_t i = 0; i < 3; ++i)
      members_.emplace_back(
          std::make_unique<Newcomer>(host, Endpoint{"127.0.5.1", static_cast<std::uint16_t>(9000 + i)}));
  }

  void step(int who, int what, int where) {
    Newcomer& one = *members_[static_cast<std::size_t>(who)];
    const Endpoint at{"127.0.5.1", static_cast<std::uint16_t>(9000 + where)};
    const std::string before = one.id;
    std::string code;
    switch (what) {
      case 0:
        one.place = at, code = one.send(one.registration());
        break;
      case 1:
        code = one.id.empty() ? "" : one.send(one.update({at}));
        break;
      case 2:
        code = one.id.empty() ? "" : one.send(one.leaving());
        break;
      case 3:
        host.restart(), host.node->on_time(), host.flush();
        break;
      default:
        break;
    }
    if (code.empty() && (what == 0 || what == 1)) code = where == 2 ? one.refuse_probe() : one.answer_probe();
    if (what == 0 && code == "QP-OK") RC_ASSERT(given_.insert(one.id).second);  // QP-REL-002 QP-ADD-23
    if (code != "QP-OK") RC_ASSERT(one.id == before);
    check();
  }
  void check() {
    std::set<std::string> taken;
    for (const std::string& id : given_) {
      const auto record = host.ledger->find("member", id);
      RC_ASSERT(record && record->has_value());
      if ((*record)->state == "REMOVED") continue;
      RC_ASSERT(taken.insert(std::string(field(**record, "Endpoint.0"))).second);  // QP-ADD-26
    }
  }

  Single host{registering()};

 private:
  std::vector<std::unique_ptr<Newcomer>> members_;
  std::set<std::string> given_;
};

RC_GTEST_PROP(RegistrationLaws, NoIdentifierAndNoPlaceIsGivenTwice, ()) {
  Crowd crowd;
  const auto steps = *rc::gen::container<std::vector<std::tuple<int, int, int>>>(
      rc::gen::tuple(rc::gen::inRange(0, 3), rc::gen::inRange(0, 4), rc::gen::inRange(0, 3)));
  for (const auto& [who, what, where] : steps) crowd.step(who, what, where);
}

}  // namespace
}  // namespace quickpay::roles
