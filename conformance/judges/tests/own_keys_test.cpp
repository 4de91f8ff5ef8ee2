// The judge of a player's own keys: an honest player passes, and each thing that it must not do with them is seen.
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

constexpr std::int64_t kDay = 86400;

/// A player before a Host that says yes, document by document.
struct Owner {
  explicit Owner(const std::string& role = "vendor", const std::string& profile = "F") : tape(role, "keys", profile) {}

  Tape tape;
  World& world = tape.world();
  const WorldPlan& plan = world.plan();
  const std::string host = plan.cast.host, self = plan.iut;
  std::uint64_t seals = 0;
  std::int64_t later_s = 0;  ///< how long after now its documents say that they were sent

  void answered(std::uint64_t exchange, const Element& request, Element answer) {
    seal_response(plan, answer, request, host);
    tape.response(exchange, answer);
  }
  /// `epoch`: of its code, in profile H; 0: the last one.
  std::uint64_t says(Element& request, std::int64_t epoch = 0) {
    set_text(request, "Head/SentAt", world.now_text(later_s));
    if (epoch != 0) {
      request.children.push_back(auth_of(plan, request, self, host, epoch));
    } else {
      seal_request(plan, request);
    }
    return tape.request(self, host, request);
  }
  void yes(const std::string& message, Element body, std::int64_t epoch = 0) {
    Element request = request_of(message, tape.head(self, host), {std::move(body)});
    const auto exchange = says(request, epoch);
    answered(exchange, request, tape.answer(exchange, "QP-OK"));
  }

  Element key(const std::string& name, const Change& change = {}) const {
    Element key = branch("Key", {leaf("Player", self), leaf("PubKey", base64_of(test_key(name)->public_key().spki_der())),
                                 leaf("Usage", "sign"), leaf("NotBefore", world.now_text(-kDay)), leaf("NotAfter", world.now_text(kDay))});
    if (change) {
      change(key);
    }
    return signed_with(*test_key(name), std::move(key));
  }
  /// `signer` empty: nobody vouches.
  void publishes(Element key, const std::string& signer, std::int64_t epoch = 0) {
    Element change = branch("KeyChange", {std::move(key)});
    yes("PublishKey", signer.empty() ? change : signed_with(*test_key(signer), std::move(change)), epoch);
  }
  void withdraws(const std::string& about, const std::string& signer, const Change& change = {}) {
    Element one = branch("Withdrawal", {leaf("Player", self), leaf("KeyId", test_key(about)->public_key().key_id()),
                                        leaf("Reason", "lost"), leaf("From", world.now_text())});
    if (change) {
      change(one);
    }
    yes("WithdrawKey", signed_with(*test_key(signer), std::move(one)));
  }

  struct Question {
    char reply_key = 'a', nonce = 'd';
    std::string peer = {};
    std::string sealed_to = "second";  ///< the test key that the Host opens with
    std::string nonce_told = {};
  };
  /// Asks, and is given the key of the second epoch.
  void asks(const Question& question) {
    const std::string reply_key(64, question.reply_key), nonce(32, question.nonce);
    Element inner = branch("GetPairKeyInner", {leaf("Want", question.peer.empty() ? "own" : "pair")});
    if (!question.peer.empty()) {
      inner.children.push_back(leaf("Peer", question.peer));
    }
    inner.children.push_back(leaf("ReplyKey", reply_key));
    inner.children.push_back(leaf("Nonce", nonce));
    const std::string seed = std::to_string(++seals);
    Element request =
        sealed_to(*test_key(question.sealed_to), request_of("GetPairKey", tape.head(self, host), {}), to_xml(inner), seed);
    const auto exchange = says(request);
    const Element told = branch("GetPairKeyResponseInner",
                                {leaf("Nonce", question.nonce_told.empty() ? nonce : question.nonce_told),
                                 branch("Shared", {leaf("Key", std::string(64, '5')), leaf("Epoch", "2"), leaf("ValidTo", world.now_text(90 * kDay))})});
    answered(exchange, request,
             boxed_under(bytes_of_hex(reply_key), tape.answer(exchange, "QP-OK", {branch("Boxed", {})}), to_xml(told), seed));
  }
  Verdict verdict() { return tape.verdicts().at("keys"); }
};

Verdict of(const std::function<void(Owner&)>& course, const std::string& profile = "F", const std::string& role = "vendor") {
  Owner owner(role, profile);
  course(owner);
  return owner.verdict();
}

TEST(OwnKeysJudge, LetsAnHonestPlayerPass) {
  for (const char* role : {"broker", "vendor"}) {
    for (const char* profile : {"F", "H"}) {
      Owner owner(role, profile);
      owner.publishes(owner.key("newcomer"), owner.self);
      owner.withdraws(owner.self, owner.self);
      if (profile == std::string("H")) {
        owner.asks({});
      }
      EXPECT_EQ(owner.verdict(), Verdict::pass) << role << profile << owner.tape.finding("keys");
    }
  }
}

// QP-ADD-18
TEST(OwnKeysJudge, SeesKeysThatMayNotBePublished) {
  const auto with = [](const Change& change) { return of([&](Owner& o) { o.publishes(o.key("newcomer", change), o.self); }); };
  EXPECT_EQ(with({}), Verdict::pass);
  EXPECT_EQ(with([](Element& key) { set_text(key, "Player", "V1002"); }), Verdict::fail) << "as another player's";
  EXPECT_EQ(with([](Element& key) { set_text(key, "NotAfter", "2026-11-22T11:00:00Z"); }), Verdict::fail) << "over";
  const auto vouched = [](const std::string& signer, const std::string& profile) {
    return of([&](Owner& o) { o.publishes(o.key("newcomer"), signer); }, profile);
  };
  EXPECT_EQ(vouched("stranger", "F"), Verdict::fail) << "by a key that is not listed";
  EXPECT_EQ(vouched("", "H"), Verdict::fail) << "by none, where one is listed";
}

// QP-ADD-18
TEST(OwnKeysJudge, SeesWithdrawalsThatAreNotItsOwn) {
  const auto with = [](const std::string& signer, const Change& change = {}) {
    return of([&](Owner& o) { o.withdraws(o.self, signer.empty() ? o.self : signer, change); });
  };
  EXPECT_EQ(with({}), Verdict::pass);
  EXPECT_EQ(with("stranger"), Verdict::fail) << "by a key that is not listed";
  EXPECT_EQ(with({}, [](Element& one) { set_text(one, "Player", "V1002"); }), Verdict::fail) << "of another player's";
}

// QP-ADD-18 QP-ROLE-010
TEST(OwnKeysJudge, SeesSignaturesWithKeysThatAreNotUsed) {
  EXPECT_EQ(of([](Owner& o) {
              o.withdraws(o.self, o.self);
              o.publishes(o.key("newcomer"), o.self);
            }),
            Verdict::fail)
      << "taken back";
  const auto both = [](const std::string& second) {
    return of([&](Owner& o) {
      o.withdraws(o.self, o.self);
      o.withdraws(second.empty() ? o.self : second, o.self);
    });
  };
  EXPECT_EQ(both({}), Verdict::pass) << "once more itself";
  EXPECT_EQ(both("newcomer"), Verdict::fail) << "another one";
  EXPECT_EQ(of([](Owner& o) {
              const Element key = o.key("newcomer");
              o.publishes(key, o.self);
              o.withdraws(o.self, o.self);
              o.publishes(key, o.self);
            }),
            Verdict::pass)
      << "signed before, and shown again";
  EXPECT_EQ(of([](Owner& o) {
              o.publishes(o.key("newcomer"), o.self);
              o.publishes(o.key("bystander"), "newcomer");
            }),
            Verdict::fail)
      << "published a moment ago";
}

// QP-ADD-21
TEST(OwnKeysJudge, SeesQuestionsThatAreNotItsOwn) {
  const auto asked = [](const std::vector<Owner::Question>& all, const std::string& role = "vendor") {
    return of([&](Owner& o) { for (const auto& one : all) o.asks(one); }, "H", role);
  };
  EXPECT_EQ(asked({{'a', 'd'}, {'b', 'e'}}), Verdict::pass);
  EXPECT_EQ(asked({{'a', 'd'}, {'a', 'e'}}), Verdict::fail) << "under a ReplyKey that was used";
  EXPECT_EQ(asked({{'a', 'd'}, {'b', 'd'}}), Verdict::fail) << "with a Nonce that was used";
  EXPECT_EQ(asked({{'a', 'd', {}, "stranger"}}), Verdict::fail) << "sealed to nobody";
  EXPECT_EQ(asked({{'a', 'd', "B8"}}), Verdict::pass);
  EXPECT_EQ(asked({{'a', 'd', "B8"}}, "broker"), Verdict::fail) << "for a Vendor's key";
}

// QP-ADD-21
TEST(OwnKeysJudge, SeesInWhichEpochItSpeaks) {
  const auto then = [](const Owner::Question& question, std::int64_t epoch, std::int64_t later_s = 1) {
    return of([&](Owner& o) {
      o.asks(question);
      o.later_s = later_s;
      o.publishes(o.key("newcomer"), o.self, epoch);
    }, "H");
  };
  EXPECT_EQ(then({}, 2), Verdict::pass);
  EXPECT_EQ(then({}, 1), Verdict::fail) << "it has the next one";
  EXPECT_EQ(then({}, 1, 0), Verdict::pass) << "that may have been on its way";
  EXPECT_EQ(then({'a', 'd', {}, "second", std::string(32, '0')}, 1), Verdict::pass) << "that was no answer";
}

}  // namespace
}  // namespace quickpay::conformance::tests
