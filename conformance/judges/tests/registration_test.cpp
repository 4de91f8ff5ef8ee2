// The judge of registrations: an honest Host passes, and each thing that it must not do about newcomers is seen.
#include <gtest/gtest.h>

#include <functional>

#include "conformance/judges/tests/tape.hpp"
#include "conformance/peers/box.hpp"
#include "conformance/peers/build.hpp"
#include "conformance/peers/digest.hpp"

namespace quickpay::conformance::tests {
namespace {

using Change = std::function<void(Element&)>;

/// Newcomers at a Host, document by document; a test says what is otherwise.
struct Desk {
  explicit Desk(const std::string& profile = "F") : tape("host", "registration", profile) {}

  Tape tape;
  const WorldPlan& plan = tape.world().plan();
  const std::string host = plan.cast.host, vendor = plan.cast.vendor;
  std::string reply_key = std::string(64, 'a');
  std::uint64_t seals = 0;

  static std::string secret(char digit) { return std::string(32, digit); }
  static std::string tag(const std::string& of) { return digest_of("probe", branch("ProbeProof", {leaf("ProbeSecret", of)})); }
  Element endpoint(const std::string& at) const {
    return branch("Endpoint", {leaf("Addr", plan.player(at)->address), leaf("Port", std::to_string(plan.player(at)->port))});
  }

  std::uint64_t registers(char digit, const std::string& at = kNewVendor) {
    return tape.request(at, host,
                        request_of("RegisterVendor", tape.head("", host), {endpoint(at), leaf("ProbeTag", tag(secret(digit)))}));
  }
  std::uint64_t moves(char digit, const std::string& to) {
    return tape.request(
        vendor, host, request_of("UpdateVendor", tape.head(vendor, host), {endpoint(to), leaf("ProbeTag", tag(secret(digit)))}));
  }
  std::uint64_t probes(char digit, const std::string& id, const std::string& at = kNewVendor, const std::string& nonce = {}) {
    return tape.request(host, at,
                        request_of("Probe", tape.head(host, id),
                                   {leaf("Nonce", nonce.empty() ? tape.id() : nonce), leaf("ProbeTag", tag(secret(digit)))}));
  }
  void shows(std::uint64_t probe, const std::string& nonce, const std::string& known) {
    tape.response(probe, tape.answer(probe, "QP-OK", {leaf("Nonce", nonce), leaf("ProbeSecret", known)}));
  }
  void accepts(std::uint64_t exchange, const std::string& id) {
    tape.response(exchange,
                  tape.answer(exchange, "QP-OK", id.empty() ? std::vector<Element>{} : std::vector<Element>{leaf("Vendor", id)}));
  }
  /// One whole registration.
  void joins(char digit, const std::string& id, const std::string& at = kNewVendor) {
    const auto asked = registers(digit, at);
    const std::string nonce = tape.id();
    shows(probes(digit, id, at, nonce), nonce, secret(digit));
    accepts(asked, id);
  }

  /// A sealed request, and the box that answers it.
  void seals_and_opens(const std::string& message, Element inner, Element told, const std::string& boxed_key = {}) {
    ++seals;
    const std::string sender = message == "UpdateWallet" ? plan.cast.wallet : std::string();
    const std::string from = sender.empty() ? kNewWallet : sender;
    const Element request = sealed_to(*sealing_key(plan, host)->key, request_of(message, tape.head(sender, host), {}),
                                      to_xml(inner), std::to_string(seals));
    const auto exchange = tape.request(from, host, request);
    const Element answer = tape.answer(exchange, "QP-OK", {branch("Boxed", {})});
    tape.response(exchange, boxed_under(bytes_of_hex(boxed_key.empty() ? reply_key : boxed_key), answer, to_xml(told),
                                        std::to_string(seals)));
  }
  Element software() const {
    return branch("Software", {leaf("Name", "w"), leaf("Version", "1.0"), leaf("ReleaseHash", std::string(64, '3'))});
  }
  void wallet(const std::string& id, const std::string& ticket, const Change& change = {}, const std::string& boxed_key = {}) {
    const std::string nonce(32, 'd');
    const Element net = branch("Net", {leaf("Addr", plan.player(kNewWallet)->address), leaf("Prefix", "32")});
    Element told =
        branch("RegisterWalletResponseInner", {leaf("Nonce", nonce), leaf("WalletId", id), leaf("LookupTicket", ticket)});
    if (change) {
      change(told);
    }
    seals_and_opens("RegisterWallet",
                    branch("RegisterWalletInner", {software(), net, leaf("ReplyKey", reply_key), leaf("Nonce", nonce)}), told,
                    boxed_key);
  }
  void new_ticket(bool asked, const std::string& given) {
    const std::string nonce(32, 'e');
    Element inner = branch("UpdateWalletInner", {leaf("ReplyKey", reply_key), leaf("Nonce", nonce)});
    Element told = branch("UpdateWalletResponseInner", {leaf("Nonce", nonce)});
    if (asked) {
      inner.children.insert(inner.children.begin(), leaf("NewTicket", "yes"));
    }
    if (!given.empty()) {
      told.children.push_back(leaf("LookupTicket", given));
    }
    seals_and_opens("UpdateWallet", inner, told);
  }
  Verdict verdict() { return tape.verdicts().at("registration"); }
};

Verdict of(const std::function<void(Desk&)>& course) {
  Desk desk;
  course(desk);
  return desk.verdict();
}

const std::string kWallet = "W" + std::string(32, '1'), kOther = "W" + std::string(32, '2');

TEST(RegistrationJudge, LetsAnHonestHostPass) {
  Desk desk;
  desk.joins('1', "V7");
  desk.joins('2', "V8", kSecondPlace);
  const auto change = desk.moves('3', kThirdPlace);
  const std::string nonce = desk.tape.id();
  desk.shows(desk.probes('3', desk.vendor, kThirdPlace, nonce), nonce, Desk::secret('3'));
  desk.accepts(change, {});
  desk.wallet(kWallet, Desk::secret('7'));
  desk.wallet(kOther, Desk::secret('8'));
  desk.new_ticket(true, Desk::secret('9'));
  desk.new_ticket(false, {});
  EXPECT_EQ(desk.verdict(), Verdict::pass) << desk.tape.finding("registration");
}

// QP-ADD-26: a Probe goes where it has to, and nobody is listed before the secret came from there.
TEST(RegistrationJudge, SeesWhoWasNotProbed) {
  EXPECT_EQ(of([](Desk& d) { d.accepts(d.registers('1'), "V7"); }), Verdict::fail) << "no Probe";
  const auto answered = [](const std::function<void(Desk&, std::uint64_t probe, const std::string& nonce)>& answer) {
    return of([&](Desk& d) {
      const auto asked = d.registers('1');
      const std::string nonce = d.tape.id();
      answer(d, d.probes('1', "V7", kNewVendor, nonce), nonce);
      d.accepts(asked, "V7");
    });
  };
  EXPECT_EQ(answered([](Desk& d, auto probe, const auto& nonce) { d.shows(probe, nonce, Desk::secret('1')); }), Verdict::pass);
  EXPECT_EQ(answered([](Desk& d, auto probe, const auto& nonce) { d.shows(probe, nonce, Desk::secret('2')); }), Verdict::fail)
      << "another secret";
  EXPECT_EQ(answered([](Desk& d, auto probe, const auto&) { d.shows(probe, Desk::secret('f'), Desk::secret('1')); }),
            Verdict::fail)
      << "another Nonce";
  EXPECT_EQ(answered([](Desk& d, auto probe, const auto&) { d.tape.response(probe, d.tape.answer(probe, "QP-E-FORBIDDEN")); }),
            Verdict::fail);
  EXPECT_EQ(answered([](Desk& d, auto probe, const auto&) { d.tape.lost(probe); }), Verdict::fail);
  EXPECT_EQ(of([](Desk& d) { d.accepts(d.moves('1', kSecondPlace), {}); }), Verdict::fail) << "a move";
  EXPECT_EQ(of([](Desk& d) { d.accepts(d.moves('1', d.vendor), {}); }), Verdict::pass) << "where it is already";
}

// QP-ADD-26
TEST(RegistrationJudge, SeesProbesThatGoAstray) {
  EXPECT_EQ(of([](Desk& d) { d.probes('1', "V7"); }), Verdict::fail) << "for nobody";
  EXPECT_EQ(of([](Desk& d) { d.registers('1'), d.probes('1', "V7", kSecondPlace); }), Verdict::fail) << "elsewhere";
  EXPECT_EQ(of([](Desk& d) { d.registers('1'), d.probes('1', "V7"), d.probes('1', "V8"); }), Verdict::fail)
      << "two names for one";
  EXPECT_EQ(of([](Desk& d) { d.moves('1', kSecondPlace), d.probes('1', "V7", kSecondPlace); }), Verdict::fail)
      << "another name than its own";
  const std::string nonce(32, '6');
  EXPECT_EQ(of([&](Desk& d) {
              d.registers('1'), d.registers('2', kSecondPlace);
              d.probes('1', "V7", kNewVendor, nonce), d.probes('2', "V8", kSecondPlace, nonce);
            }),
            Verdict::fail)
      << "a Nonce twice";
}

// QP-REL-002 QP-ADD-23 QP-WAL-005
TEST(RegistrationJudge, SeesIdentifiersThatSomebodyHad) {
  EXPECT_EQ(of([](Desk& d) { d.joins('1', "V7"), d.joins('2', "V7", kSecondPlace); }), Verdict::fail);
  EXPECT_EQ(of([](Desk& d) { d.joins('1', d.vendor); }), Verdict::fail) << "of one whom the owner listed";
  EXPECT_EQ(of([](Desk& d) {
              d.registers('1'), d.probes('1', "V7");  // and nothing comes of it
              d.joins('2', "V7", kSecondPlace);
            }),
            Verdict::fail)
      << "of one who failed";
  EXPECT_EQ(of([](Desk& d) {
              const auto asked = d.registers('1');
              const std::string nonce = d.tape.id();
              d.shows(d.probes('1', "V7", kNewVendor, nonce), nonce, Desk::secret('1'));
              d.accepts(asked, "V9");
            }),
            Verdict::fail)
      << "another than the Probe named";
  EXPECT_EQ(of([](Desk& d) { d.wallet(kWallet, Desk::secret('7')), d.wallet(kWallet, Desk::secret('8')); }), Verdict::fail);
  EXPECT_EQ(of([](Desk& d) { d.wallet(d.plan.cast.wallet, Desk::secret('7')); }), Verdict::fail);
}

// QP-ADD-21 QP-ANON-012
TEST(RegistrationJudge, SeesWhatIsWrongInABox) {
  const auto wallet = [](const Change& change, const std::string& key = {}) {
    return of([&](Desk& d) { d.wallet(kWallet, Desk::secret('7'), change, key); });
  };
  EXPECT_EQ(wallet({}), Verdict::pass);
  EXPECT_EQ(wallet({}, std::string(64, '9')), Verdict::fail) << "under another key";
  EXPECT_EQ(wallet([](Element& told) { set_text(told, "Nonce", std::string(32, '0')); }), Verdict::fail);
  EXPECT_EQ(wallet([](Element& told) { set_text(told, "WalletId", "V7"); }), Verdict::fail) << "not of the tables";
  EXPECT_EQ(wallet([](Element& told) {
              told.children.push_back(branch(
                  "Shared", {leaf("Key", std::string(64, '5')), leaf("Epoch", "1"), leaf("ValidTo", "2027-02-20T12:00:00Z")}));
            }),
            Verdict::fail)
      << "a key in profile F";
  EXPECT_EQ(of([](Desk& d) { d.wallet(kWallet, Desk::secret('7')), d.wallet(kOther, Desk::secret('7')); }), Verdict::fail)
      << "a ticket twice";
  EXPECT_EQ(of([](Desk& d) { d.new_ticket(false, Desk::secret('7')); }), Verdict::fail) << "a ticket that nobody wants";
  EXPECT_EQ(of([](Desk& d) { d.new_ticket(true, {}); }), Verdict::fail) << "none that somebody wants";
  EXPECT_EQ(of([](Desk& d) {
              d.wallet(kWallet, Desk::secret('7'));
              d.seals = 0;
              d.wallet(kOther, Desk::secret('8'));
            }),
            Verdict::fail)
      << "a nonce of a box twice under a key";
}

// QP-ADD-21
TEST(RegistrationJudge, SeesKeysThatAreNotSharedAsTheyHaveToBe) {
  using Keys = std::vector<std::pair<std::string, std::string>>;  // key and ValidTo; an empty key: none
  const std::string in_time = "2027-02-20T12:00:00Z", one(64, '5'), other(64, '6');
  const auto gives = [](const Keys& keys) {
    Desk desk("H");
    char digit = '1';
    for (const auto& [key, valid_to] : keys) {
      desk.wallet("W" + std::string(32, digit), Desk::secret(static_cast<char>(digit + 4)), [&](Element& told) {
        if (!key.empty()) {
          told.children.push_back(branch("Shared", {leaf("Key", key), leaf("Epoch", "1"), leaf("ValidTo", valid_to)}));
        }
      });
      ++digit;
    }
    return desk.verdict();
  };
  EXPECT_EQ(gives({{one, in_time}, {other, in_time}}), Verdict::pass);
  EXPECT_EQ(gives({{"", ""}}), Verdict::fail) << "none";
  EXPECT_EQ(gives({{one, in_time}, {one, in_time}}), Verdict::fail) << "one for two";
  EXPECT_EQ(gives({{one, "2027-02-20T11:59:00Z"}}), Verdict::fail) << "too short";
  EXPECT_EQ(gives({{one, "2027-02-20T12:01:00Z"}}), Verdict::fail) << "too long";
}

}  // namespace
}  // namespace quickpay::conformance::tests
