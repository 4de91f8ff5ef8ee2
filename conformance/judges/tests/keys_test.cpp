// The judge of keys: an honest Host passes, and each thing that it must not do about keys is seen.
#include <gtest/gtest.h>

#include <functional>

#include "conformance/judges/tests/tape.hpp"
#include "conformance/peers/box.hpp"
#include "conformance/peers/build.hpp"
#include "conformance/peers/digest.hpp"
#include "conformance/peers/seal.hpp"
#include "conformance/peers/signing.hpp"
#include "conformance/peers/test_keys.hpp"

namespace quickpay::conformance::tests {
namespace {

using Change = std::function<void(Element&)>;

constexpr std::int64_t kHour = 3600, kDay = 86400;

/// Players and their keys at a Host that says yes, document by document.
struct Desk {
  explicit Desk(const std::string& profile = "F") : tape("host", "keys", profile) {}

  Tape tape;
  World& world = tape.world();
  const WorldPlan& plan = world.plan();
  const std::string host = plan.cast.host, vendor = plan.cast.vendor, broker = plan.cast.broker;
  std::uint64_t seals = 0;

  std::uint64_t asks(const std::string& who, Element request) {
    seal_request(plan, request);
    return tape.request(who, host, request);
  }
  void accepts(std::uint64_t exchange, const Element& request, Element answer) {
    seal_response(plan, answer, request, host);
    tape.response(exchange, answer);
  }
  void yes(const std::string& who, const std::string& message, Element body) {
    Element request = request_of(message, tape.head(who, host), {std::move(body)});
    seal_request(plan, request);
    const auto exchange = tape.request(who, host, request);
    accepts(exchange, request, tape.answer(exchange, "QP-OK"));
  }

  Element key(const std::string& name, const Change& change = {}, const std::string& signer = {}) const {
    Element key = branch("Key", {leaf("Player", vendor), leaf("PubKey", base64_of(test_key(name)->public_key().spki_der())),
                                 leaf("Usage", "sign"), leaf("NotBefore", world.now_text(-kDay)), leaf("NotAfter", world.now_text(kDay))});
    if (change) {
      change(key);
    }
    key = signed_with(*test_key(signer.empty() ? name : signer), std::move(key));
    set_text(key, "Sig/KeyId", sha256_of(bytes_of_base64(text_at(key, "PubKey")).value_or("")));
    return key;
  }
  /// Listed by the Host, whatever it is. `signer` empty: nobody vouches.
  void lists(Element key, const std::string& signer, const std::string& who = {}) {
    Element change = branch("KeyChange", {std::move(key)});
    yes(who.empty() ? vendor : who, "PublishKey", signer.empty() ? change : signed_with(*test_key(signer), std::move(change)));
  }
  void withdraws(const std::string& about, const std::string& signer, const Change& after = {}, const std::string& who = {}) {
    Element one = branch("Withdrawal", {leaf("Player", vendor), leaf("KeyId", test_key(about)->public_key().key_id()),
                                        leaf("Reason", "lost"), leaf("From", world.now_text())});
    one = signed_with(*test_key(signer), std::move(one));
    if (after) {
      after(one);
    }
    yes(who.empty() ? vendor : who, "WithdrawKey", std::move(one));
  }
  /// The plan has another key of the Vendor.
  void has(const std::string& name, const std::function<void(SigningKeyPlan&)>& change = {}) {
    SigningKeyPlan one = signing_key_plan(plan, vendor, *test_key(name));
    if (change) {
      change(one);
    }
    world.enrol(std::move(one));
  }

  /// The first key of a player ends then.
  void ends(const std::string& who, std::int64_t seconds) {
    KeyPlan key = *plan.key(host, who);
    key.valid_to = world.now_text(seconds);
    world.enrol(std::move(key));
  }
  Element shared(const std::string& key, std::int64_t epoch, const std::string& valid_to) const {
    return branch("Shared", {leaf("Key", key), leaf("Epoch", std::to_string(epoch)), leaf("ValidTo", valid_to)});
  }
  Element as_planned(const KeyPlan& key) const { return shared(key.key, key.epoch, key.valid_to); }
  Element fresh(char digit, std::int64_t epoch = 2, std::int64_t for_s = 90 * kDay) const {
    return shared(std::string(64, digit), epoch, world.now_text(for_s));
  }
  void gives(const std::string& who, const std::string& peer, Element given, const std::string& boxed_key = {}) {
    ++seals;
    const std::string reply_key(64, 'a'), nonce(32, 'd');
    Element inner = branch("GetPairKeyInner", {leaf("Want", peer.empty() ? "own" : "pair")});
    if (!peer.empty()) {
      inner.children.push_back(leaf("Peer", peer));
    }
    inner.children.push_back(leaf("ReplyKey", reply_key));
    inner.children.push_back(leaf("Nonce", nonce));
    Element request = sealed_to(*sealing_key(plan, host)->key, request_of("GetPairKey", tape.head(who, host), {}), to_xml(inner),
                                std::to_string(seals));
    seal_request(plan, request);
    const auto exchange = tape.request(who, host, request);
    const Element told = branch("GetPairKeyResponseInner", {leaf("Nonce", nonce), std::move(given)});
    accepts(exchange, request,
            boxed_under(bytes_of_hex(boxed_key.empty() ? reply_key : boxed_key), tape.answer(exchange, "QP-OK", {branch("Boxed", {})}),
                        to_xml(told), std::to_string(seals)));
  }
  Verdict verdict() { return tape.verdicts().at("keys"); }
};

Verdict of(const std::function<void(Desk&)>& course, const std::string& profile = "F") {
  Desk desk(profile);
  course(desk);
  return desk.verdict();
}

TEST(KeysJudge, LetsAnHonestHostPass) {
  for (const char* profile : {"F", "H"}) {
    Desk desk(profile);
    desk.lists(desk.key("newcomer"), desk.vendor);
    desk.withdraws(desk.vendor, desk.vendor);
    EXPECT_EQ(desk.verdict(), Verdict::pass) << profile << desk.tape.finding("keys");
  }
}

// QP-ADD-18 QP-ADD-20
TEST(KeysJudge, SeesKeysThatMayNotBeListed) {
  const auto listed = [](const std::function<Element(Desk&)>& key) { return of([&](Desk& d) { d.lists(key(d), d.vendor); }); };
  const auto with = [&](const Change& change) { return listed([&](Desk& d) { return d.key("newcomer", change); }); };
  EXPECT_EQ(with({}), Verdict::pass);
  EXPECT_EQ(with([](Element& key) { set_text(key, "Player", "V1002"); }), Verdict::fail) << "of another player";
  EXPECT_EQ(with([](Element& key) { set_text(key, "NotAfter", "2026-11-22T11:00:00Z"); }), Verdict::fail) << "over";
  EXPECT_EQ(with([](Element& key) { set_text(key, "NotBefore", "2027-11-22T11:00:00Z"); }), Verdict::fail) << "backwards";
  EXPECT_EQ(with([](Element& key) { set_text(key, "PubKey", base64_of(weak_key(WeakKey::exponent_one))); }), Verdict::fail) << "weak";
  EXPECT_EQ(listed([](Desk& d) { return d.key("newcomer", {}, "stranger"); }), Verdict::fail) << "not its own proof";
  EXPECT_EQ(listed([](Desk& d) { return d.key(d.vendor); }), Verdict::fail) << "listed already";
  EXPECT_EQ(of([](Desk& d) { d.lists(d.key("newcomer"), d.plan.cast.other_vendor, d.plan.cast.other_vendor); }), Verdict::fail)
      << "sent by another player";
  EXPECT_EQ(of([](Desk& d) {
              PlayerPlan player = *d.plan.player(d.vendor);
              player.removed = true;
              d.world.enrol(player);
              d.lists(d.key("newcomer"), d.vendor);
            }),
            Verdict::fail)
      << "of who was removed";
  const auto crowded = [](std::size_t keys) {
    return of([keys](Desk& d) {
      for (std::size_t i = 1; i < keys; ++i) {
        d.has("stranger", [i](SigningKeyPlan& one) { one.spki[100] = static_cast<char>(i); });
      }
      d.lists(d.key("newcomer"), d.vendor);
    });
  };
  EXPECT_EQ(crowded(15), Verdict::pass);
  EXPECT_EQ(crowded(16), Verdict::fail) << "one more than an entry has room for";
}

// QP-ADD-18
TEST(KeysJudge, SeesWhoMayNotVouch) {
  const auto vouched = [](const std::string& signer, const std::function<void(SigningKeyPlan&)>& beside = {},
                          const std::string& profile = "F") {
    return of(
        [&](Desk& d) {
          d.has("stranger", beside);
          d.lists(d.key("newcomer"), signer);
        },
        profile);
  };
  EXPECT_EQ(vouched("stranger"), Verdict::pass);
  EXPECT_EQ(vouched("second"), Verdict::fail) << "not listed";
  EXPECT_EQ(vouched("newcomer"), Verdict::fail) << "the new key itself";
  EXPECT_EQ(vouched("stranger", [](SigningKeyPlan& key) { key.withdrawn_from = "2026-11-22T11:00:00Z"; }), Verdict::fail);
  EXPECT_EQ(vouched("stranger", [](SigningKeyPlan& key) { key.withdrawn_from = "2026-11-22T13:00:00Z"; }), Verdict::pass);
  EXPECT_EQ(vouched("stranger", [](SigningKeyPlan& key) { key.not_after = "2026-11-22T11:00:00Z"; }), Verdict::fail);
  EXPECT_EQ(vouched("stranger", [](SigningKeyPlan& key) { key.not_before = "2026-11-22T13:00:00Z"; }), Verdict::fail);
  EXPECT_EQ(vouched("stranger", [](SigningKeyPlan& key) { key.usage = "seal"; }), Verdict::fail);
  EXPECT_EQ(vouched("", {}, "H"), Verdict::fail) << "nobody, although it has a key";
  const auto wallets = [](const char* usage) {
    return of(
        [usage](Desk& d) {
          const std::string& wallet = d.plan.cast.wallet;
          d.lists(d.key("newcomer", [&](Element& key) { set_text(key, "Player", wallet), set_text(key, "Usage", usage); }), "", wallet);
        },
        "H");
  };
  EXPECT_EQ(wallets("sign"), Verdict::pass) << "its first one";
  EXPECT_EQ(wallets("seal"), Verdict::fail);
}

// QP-ADD-18
TEST(KeysJudge, SeesWithdrawalsThatAreNobodysWord) {
  const auto withdrawn = [](const std::string& about, const std::string& signer, const std::function<void(SigningKeyPlan&)>& beside = {},
                            const Change& after = {}) {
    return of([&](Desk& d) {
      d.has("stranger", beside);
      d.withdraws(about, signer, after);
    });
  };
  const auto over = [](SigningKeyPlan& key) { key.not_after = "2026-11-22T11:00:00Z"; };
  EXPECT_EQ(withdrawn("V1001", "stranger"), Verdict::pass);
  EXPECT_EQ(withdrawn("V1001", "stranger", over), Verdict::fail) << "by a key that is over";
  EXPECT_EQ(withdrawn("stranger", "stranger", over), Verdict::pass) << "which may withdraw itself";
  EXPECT_EQ(withdrawn("second", "V1001"), Verdict::fail) << "of a key that is not listed";
  EXPECT_EQ(withdrawn("V1001", "second"), Verdict::fail) << "by one";
  EXPECT_EQ(withdrawn("stranger", "stranger", [](SigningKeyPlan& key) { key.usage = "seal"; }), Verdict::fail);
  EXPECT_EQ(withdrawn("V1001", "V1001", {}, [](Element& one) { set_text(one, "From", "2026-11-20T12:00:00Z"); }), Verdict::fail);
  EXPECT_EQ(of([](Desk& d) { d.withdraws(d.vendor, d.vendor, {}, d.plan.cast.other_vendor); }), Verdict::fail) << "sent by another";
}

// QP-ADD-21
TEST(KeysJudge, SeesKeysOfTheWrongEpoch) {
  const auto given = [](std::int64_t ends_s, const std::function<Element(Desk&)>& what) {
    return of(
        [&](Desk& d) {
          d.ends(d.vendor, ends_s);
          d.gives(d.vendor, {}, what(d));
        },
        "H");
  };
  const auto last = [](Desk& d) { return d.as_planned(*d.plan.key(d.host, d.vendor)); };
  const auto next = [](Desk& d) { return d.fresh('7'); };
  EXPECT_EQ(given(2 * kDay, last), Verdict::pass);
  EXPECT_EQ(given(2 * kDay, next), Verdict::fail) << "too early";
  EXPECT_EQ(given(kHour, next), Verdict::pass);
  EXPECT_EQ(given(kHour, last), Verdict::fail) << "too long the same";
  EXPECT_EQ(given(-kHour, next), Verdict::pass) << "who slept";
  EXPECT_EQ(given(2 * kDay, [](Desk& d) { return d.fresh('7', 1, 2 * kDay); }), Verdict::fail) << "another key of the epoch";
  EXPECT_EQ(given(kHour, [](Desk& d) { return d.fresh('7', 3); }), Verdict::fail) << "an epoch left out";
  EXPECT_EQ(given(kHour, [](Desk& d) { return d.fresh('7', 2, 80 * kDay); }), Verdict::fail) << "too short";
  EXPECT_EQ(given(kHour, [](Desk& d) { return d.shared(d.plan.key(d.host, d.vendor)->key, 2, d.world.now_text(90 * kDay)); }),
            Verdict::fail)
      << "the old key under a new number";
  EXPECT_EQ(of(
                [](Desk& d) {
                  d.ends(d.vendor, kHour), d.ends(d.broker, kHour);
                  d.gives(d.vendor, {}, d.fresh('7')), d.gives(d.broker, {}, d.fresh('7'));
                },
                "H"),
            Verdict::fail)
      << "one for two";
  EXPECT_EQ(of([](Desk& d) { d.gives(d.vendor, {}, d.fresh('7')); }), Verdict::fail) << "in profile F";
}

// QP-ADD-21
TEST(KeysJudge, SeesPairKeysThatAreNotDerived) {
  const auto given = [](const std::string& who, const std::function<Element(Desk&)>& what, const std::string& boxed_key = {}) {
    return of([&](Desk& d) { d.gives(who, d.broker, what(d), boxed_key); }, "H");
  };
  const auto right = [](Desk& d) { return d.as_planned(pair_key_of(*d.plan.key(d.host, d.broker), d.vendor, d.broker)); };
  EXPECT_EQ(given("V1001", right), Verdict::pass);
  EXPECT_EQ(given("V1002", right), Verdict::fail) << "of another Vendor";
  EXPECT_EQ(given("B8", right), Verdict::fail) << "to a Broker";
  EXPECT_EQ(given("V1001", [](Desk& d) { return d.as_planned(*d.plan.key(d.host, d.broker)); }), Verdict::fail) << "the Broker's own";
  EXPECT_EQ(given("V1001", right, std::string(64, '9')), Verdict::fail) << "in a box under another key";
}

}  // namespace
}  // namespace quickpay::conformance::tests
