// The judge of players that register themselves: honest ones pass, and each thing that they must not do is seen.
#include <gtest/gtest.h>

#include <functional>

#include "conformance/judges/tests/tape.hpp"
#include "conformance/peers/box.hpp"
#include "conformance/peers/build.hpp"
#include "conformance/peers/digest.hpp"
#include "conformance/peers/signing.hpp"
#include "conformance/peers/test_keys.hpp"

namespace quickpay::conformance::tests {
namespace {

std::string secret(char digit) { return std::string(32, digit); }
std::string tag_of(const std::string& of) { return digest_of("probe", branch("ProbeProof", {leaf("ProbeSecret", of)})); }

/// A newcomer before its Host, document by document.
struct Shop {
  Tape tape{"vendor", "registration"};
  World& world = tape.world();
  const std::string host = world.cast().host, self = world.iut();

  Element place() const {
    const Address& own = world.iut_address();
    return branch("Endpoint", {leaf("Addr", own.address), leaf("Port", std::to_string(own.port))});
  }
  Element key(char digit, const char* signer = "newcomer") const {
    Element made = branch("Key", {leaf("PubKey", base64_of(test_key("newcomer")->public_key().spki_der())),
                                  leaf("NotBefore", "2026-11-01T00:00:00Z"), leaf("NotAfter", "2027-11-01T00:00:00Z"),
                                  leaf("ProbeTag", tag_of(secret(digit)))});
    made = signed_with(*test_key(signer), std::move(made));
    set_text(made, "Sig/KeyId", sha256_of(test_key("newcomer")->public_key().spki_der()));
    return made;
  }
  std::uint64_t registers(char digit, std::vector<Element> more = {}) {
    std::vector<Element> body = {place(), leaf("ProbeTag", tag_of(secret(digit)))};
    body.insert(body.end(), more.begin(), more.end());
    return tape.request(self, host, request_of("RegisterVendor", tape.head("", host), std::move(body)));
  }
  /// A Probe, and what the Vendor answers.
  void probed(char tag, char given, const std::string& nonce = std::string(32, 'e')) {
    const auto probe = tape.request(
        host, self,
        request_of("Probe", tape.head(host, "V7"), {leaf("Nonce", std::string(32, 'e')), leaf("ProbeTag", tag_of(secret(tag)))}));
    Element answer = tape.answer(probe, "QP-OK", {leaf("Nonce", nonce), leaf("ProbeSecret", secret(given))});
    set_text(answer, "Head/Sender", "V7");
    tape.response(probe, answer);
  }
  void answered(std::uint64_t exchange, const std::string& code) {
    tape.response(exchange, tape.answer(exchange, code,
                                        code == "QP-OK" ? std::vector<Element>{leaf("Vendor", "V7")} : std::vector<Element>{}));
  }
  Verdict verdict() { return tape.verdicts().at("registration"); }
};

Verdict of(const std::function<void(Shop&)>& course) {
  Shop shop;
  course(shop);
  return shop.verdict();
}

TEST(NewcomerJudge, LetsAnHonestVendorPass) {
  Shop shop;
  const auto asked = shop.registers('1', {shop.key('1')});
  shop.probed('1', '1');
  shop.answered(asked, "QP-E-ADDRESS");
  const auto again = shop.registers('2');
  shop.probed('2', '2');
  shop.answered(again, "QP-OK");
  EXPECT_EQ(shop.verdict(), Verdict::pass) << shop.tape.finding("registration");
}

// QP-ADD-26
TEST(NewcomerJudge, SeesSecretsThatAreNotForThisProbe) {
  EXPECT_EQ(of([](Shop& s) { s.probed('1', '1'); }), Verdict::fail) << "nothing is open";
  EXPECT_EQ(of([](Shop& s) { s.registers('1'), s.probed('2', '2'); }), Verdict::fail) << "another tag";
  EXPECT_EQ(of([](Shop& s) { s.registers('1'), s.probed('1', '2'); }), Verdict::fail) << "another secret";
  EXPECT_EQ(of([](Shop& s) { s.registers('1'), s.probed('1', '1', std::string(32, '0')); }), Verdict::fail) << "another Nonce";
  EXPECT_EQ(of([](Shop& s) { s.answered(s.registers('1'), "QP-E-ADDRESS"), s.probed('1', '1'); }), Verdict::fail) << "it is over";
  EXPECT_EQ(of([](Shop& s) { s.answered(s.registers('1'), "QP-E-BUSY"), s.probed('1', '1'); }), Verdict::pass)
      << "it is not over";
}

// QP-ADD-26
TEST(NewcomerJudge, SeesSecretsThatAreUsedAgainOrTold) {
  EXPECT_EQ(of([](Shop& s) { s.answered(s.registers('1'), "QP-E-ADDRESS"), s.registers('1'); }), Verdict::fail);
  EXPECT_EQ(of([](Shop& s) { s.answered(s.registers('1'), "QP-E-ADDRESS"), s.registers('2'); }), Verdict::pass);
  EXPECT_EQ(of([](Shop& s) {
              s.answered(s.registers('1'), "QP-E-ADDRESS");
              s.registers('2', {leaf("Name", secret('2'))});
              s.probed('2', '2');
              s.registers('3', {leaf("Name", secret('2'))});
            }),
            Verdict::fail)
      << "told in a name";
}

// QP-ADD-18 QP-REL-001
TEST(NewcomerJudge, SeesProofsAndPlacesThatAreNotItsOwn) {
  EXPECT_EQ(of([](Shop& s) { s.registers('1', {s.key('1')}); }), Verdict::pass);
  EXPECT_EQ(of([](Shop& s) { s.registers('1', {s.key('2')}); }), Verdict::fail) << "for another request";
  EXPECT_EQ(of([](Shop& s) { s.registers('1', {s.key('1', "stranger")}); }), Verdict::fail) << "by another key";
  EXPECT_EQ(of([](Shop& s) {
              Element request =
                  request_of("RegisterVendor", s.tape.head("", s.host), {s.place(), leaf("ProbeTag", tag_of(secret('1')))});
              set_text(request, "Body/Endpoint/Addr", "127.9.9.9");
              s.tape.request(s.self, s.host, request);
            }),
            Verdict::fail)
      << "elsewhere";
}

// ---- a Wallet and a Broker

std::string nonce(char digit) { return std::string(32, digit); }
using Change = std::function<void(Element&)>;

struct Entrant {
  explicit Entrant(const char* role) : tape{role, "registration"} {}
  Tape tape;
  World& world = tape.world();
  const std::string host = world.cast().host, self = world.iut();
  int sent = 0;

  void seals(const std::string& message, const Element& inner, const char* key = "second") {
    const Element request = request_of(message, tape.head("", host), {});
    tape.request(self, host, sealed_to(*test_key(key), request, to_xml(inner), "seed" + std::to_string(++sent)));
  }
  Element key(char of, const char* usage, const char* signer = "newcomer") const {
    Element made = branch("Key", {leaf("PubKey", base64_of(test_key("newcomer")->public_key().spki_der())), leaf("Usage", usage),
                                  leaf("NotBefore", "2026-11-01T00:00:00Z"), leaf("NotAfter", "2027-11-01T00:00:00Z"),
                                  leaf("Nonce", nonce(of))});
    made = signed_with(*test_key(signer), std::move(made));
    set_text(made, "Sig/KeyId", sha256_of(test_key("newcomer")->public_key().spki_der()));
    return made;
  }
  void enters_as_wallet(char reply, const Change& change = {}) {
    const Element software = branch("Software", {leaf("Name", "w"), leaf("Version", "1.0"), leaf("ReleaseHash", std::string(64, '3'))});
    const Element net = branch("Net", {leaf("Addr", world.iut_address().address), leaf("Prefix", "32")});
    Element inner = branch("RegisterWalletInner", {software, net, key('d', "sign"), leaf("ReplyKey", std::string(64, reply)),
                                                   leaf("Nonce", nonce('d'))});
    if (change) change(inner);
    seals("RegisterWallet", inner);
  }
  void enters_as_broker(const std::vector<Element>& keys, const Change& change = {}) {
    const Address& own = world.iut_address();
    Element inner = branch("RegisterBrokerInner",
                           {leaf("EnrolmentCode", "C"), leaf("Name", "Bank"),
                            branch("Endpoint", {leaf("Addr", own.address), leaf("Port", std::to_string(own.port))})});
    inner.children.insert(inner.children.end(), keys.begin(), keys.end());
    inner.children.push_back(leaf("ReplyKey", std::string(64, '5')));
    inner.children.push_back(leaf("Nonce", nonce('d')));
    if (change) change(inner);
    seals("RegisterBroker", inner);
  }
  /// As a Broker that has its name.
  void changes(const std::string& at, const std::string& broker = "B9", const char* signer = "newcomer") {
    world.name_iut("B9");
    Element change = branch("BrokerChange", {leaf("Broker", broker), leaf("Name", "Bank"), leaf("ChangedAt", at)});
    change = signed_with(*test_key(signer), std::move(change));
    set_text(change, "Sig/KeyId", sha256_of(test_key("newcomer")->public_key().spki_der()));
    tape.request(world.iut(), host, request_of("UpdateBroker", tape.head(world.iut(), host), {change}));
  }
  Verdict verdict() { return tape.verdicts().at("registration"); }
};

Verdict of(const char* role, const std::function<void(Entrant&)>& course) {
  Entrant entrant(role);
  course(entrant);
  return entrant.verdict();
}

// QP-ADD-21 QP-ADD-18 QP-WAL-013
TEST(NewcomerJudge, SeesWhatAWalletMustNotSeal) {
  const auto wallet = [](const Change& change) { return of("wallet", [&](Entrant& e) { e.enters_as_wallet('5', change); }); };
  EXPECT_EQ(wallet({}), Verdict::pass);
  EXPECT_EQ(of("wallet", [](Entrant& e) { e.enters_as_wallet('5'), e.enters_as_wallet('6'); }), Verdict::pass);
  EXPECT_EQ(of("wallet", [](Entrant& e) { e.enters_as_wallet('5'), e.enters_as_wallet('5'); }), Verdict::fail)
      << "the ReplyKey of another request";
  EXPECT_EQ(wallet([](Element& inner) { set_text(inner, "Net/Addr", "127.9.9.9"); }), Verdict::fail) << "elsewhere";
  EXPECT_EQ(wallet([](Element& inner) { set_text(inner, "Nonce", nonce('e')); }), Verdict::fail) << "a proof for another request";
  EXPECT_EQ(wallet([](Element& inner) { inner.children.push_back(leaf("Owner", "Jane Doe")); }), Verdict::fail)
      << "something about a person";
  EXPECT_EQ(of("wallet", [](Entrant& e) { e.seals("RegisterWallet", branch("RegisterWalletInner", {}), "stranger"); }), Verdict::fail)
      << "sealed to somebody else";
}

// QP-ADD-18 QP-ROLE-025 QP-ADM-013
TEST(NewcomerJudge, SeesWhatABrokerMustNotSay) {
  const auto broker = [](const Change& change) {
    return of("broker", [&](Entrant& e) { e.enters_as_broker({e.key('d', "sign"), e.key('d', "seal")}, change); });
  };
  EXPECT_EQ(broker({}), Verdict::pass);
  EXPECT_EQ(broker([](Element& inner) { set_text(inner, "Endpoint/Addr", "127.9.9.9"); }), Verdict::fail) << "elsewhere";
  EXPECT_EQ(of("broker", [](Entrant& e) { e.enters_as_broker({e.key('d', "sign"), e.key('d', "seal", "stranger")}); }),
            Verdict::fail)
      << "a key that it has not";
  const auto change = [](const std::function<void(Entrant&)>& course) { return of("broker", course); };
  EXPECT_EQ(change([](Entrant& e) {
              e.changes("2026-11-22T12:00:00Z");
              e.changes("2026-11-22T12:00:01Z");
            }),
            Verdict::pass);
  EXPECT_EQ(change([](Entrant& e) {
              e.changes("2026-11-22T12:00:00Z");
              e.changes("2026-11-22T12:00:00Z");
            }),
            Verdict::fail)
      << "two changes of one moment";
  EXPECT_EQ(change([](Entrant& e) { e.changes("2026-11-22T12:00:00Z", "B77"); }), Verdict::fail) << "of another Broker";
  EXPECT_EQ(change([](Entrant& e) { e.changes("2026-11-22T12:00:00Z", "B9", "stranger"); }), Verdict::fail)
      << "by another key";
}

}  // namespace
}  // namespace quickpay::conformance::tests
