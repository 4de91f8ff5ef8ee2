// Add Paycard at the Broker: who gets which Paycard, what is refused and in which order, and what survives a restart.
#include "reference/roles/paycard_broker.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cctype>
#include <set>

#include "reference/roles/tests/adding.hpp"

namespace quickpay::roles {
namespace {

constexpr std::int64_t kSessionMs = protocol::T_session_default * 1000;
constexpr std::int64_t kLockMs = protocol::T_lock_default * 1000;

std::string field_of(Single& single, std::string_view machine, std::string_view key, const std::string& name) {
  const auto record = single.ledger->find(machine, key);
  return record && *record ? std::string(field(**record, name)) : "";
}

struct PaycardBroker : testing::Test {
  Single broker{issuing()};
  Adder user{broker};
  Adder other{broker, kOtherWallet, kOtherAddress};

  std::string state(const std::string& paycard = "P20") { return state_of(broker, "broker.paycard", paycard); }
  void fail(Adder& who, int times) {
    for (int i = 0; i < times; ++i) {
      who.take();
      who.answer_wrongly();
    }
  }
};

// QP-ADM-008 QP-ADM-010 QP-ADM-011 QP-ADM-012
TEST_F(PaycardBroker, GivesThePaycardToWhoKnowsCodeAndAnswers) {
  EXPECT_EQ(user.inquire("P20", kSecret, some_ref()), "QP-E-PAYCARD");
  ASSERT_EQ(user.confirm(), "QP-OK");
  EXPECT_EQ(user.confirmed.paycard, "P20");
  EXPECT_EQ(user.confirmed.questions_needed, 3);
  EXPECT_EQ(user.confirmed.expires_at, "2026-11-22T12:10:00Z");
  ASSERT_EQ(user.take(), "QP-OK");
  EXPECT_EQ(user.questions.size(), 3u);
  EXPECT_EQ(state(), "SESSION");
  ASSERT_EQ(user.answer(), "QP-OK");
  EXPECT_EQ(state(), "BOUND");
  EXPECT_EQ(user.given.paycard, "P20");
  EXPECT_EQ(user.given.activated_at, "2026-11-22T12:00:00Z");
  ASSERT_TRUE(user.given.limit.has_value());
  EXPECT_EQ(user.given.limit->amount, 500);
  EXPECT_EQ(user.secret.size(), 32u);
  EXPECT_EQ(user.inquire("P20", user.secret, some_ref("o-1", 400)), "QP-OK");  // QP-PAY-007: the account of the code
  EXPECT_EQ(user.inquire("P20", user.secret, some_ref("o-2", 200)), "QP-E-FUNDS");
  EXPECT_EQ(user.inquire("P20", kSecret, some_ref("o-3")), "QP-E-FORBIDDEN");  // QP-PAY-005
  EXPECT_EQ(other.inquire("P20", user.secret, some_ref("o-4")), "QP-E-PAYCARD");
}

// QP-ADM-009: the Broker keeps what it was told of the Wallet that has the Paycard.
TEST_F(PaycardBroker, KeepsWhatItWasToldOfTheWallet) {
  auto inner = user.confirmation(kCode);
  inner.wallet_info.pub_key = crypto::base64_encode(key_of("vendor").public_key().spki_der());
  ASSERT_EQ(user.confirm(inner), "QP-OK");
  broker.restart();
  user.take();
  ASSERT_EQ(user.answer(), "QP-OK");
  const auto record = broker.ledger->find("broker.paycard", "P20");
  EXPECT_EQ(recall<msg::WalletInfo>(**record, "WalletInfo", msg::kWalletInfoType), inner.wallet_info);
}

TEST_F(PaycardBroker, SaysNoLimitWhereThereIsNone) {
  ASSERT_EQ(user.add(kOtherCode), "QP-OK");
  EXPECT_FALSE(user.given.limit.has_value());
}

// QP-ADM-011 QP-ADM-012: what cannot be opened is refused alike, before anything of it counts.
TEST_F(PaycardBroker, OpensOnlyWhatIsSealedToItInThatMessage) {
  const auto inner = user.confirmation(kCode);
  auto request = user.sealed<admin::ConfirmPaycard>(admin::kConfirmPaycardMessage, inner);
  const auto code = [&](const admin::ConfirmPaycard& asked) {
    user.exchange<msg::ConfirmPaycardResponseInner, admin::ConfirmPaycardResponse>(admin::kConfirmPaycardMessage, asked);
    return user.status.code;
  };
  auto other_key = request;
  other_key.body.sealed.key_id = key_of("vendor").public_key().key_id();
  EXPECT_EQ(code(other_key), "QP-E-FORBIDDEN");
  auto other_head = request;  // the box of one Head under another
  other_head.head.msg_id = broker.fresh_id();
  EXPECT_EQ(code(other_head), "QP-E-FORBIDDEN");
  auto other_box = request;
  other_box.body.sealed.box[0] = other_box.body.sealed.box[0] == 'A' ? 'B' : 'A';
  EXPECT_EQ(code(other_box), "QP-E-FORBIDDEN");
  admin::TakeQuestion other_message;
  other_message.head = request.head;
  other_message.body.sealed = request.body.sealed;
  const auto refused = broker.ask<admin::TakeQuestionResponse>(other_message, admin::kTakeQuestionMessage, kWalletAddress);
  EXPECT_EQ(refused->body.status.code, "QP-E-FORBIDDEN");
  EXPECT_EQ(state(), "NONE");
  EXPECT_EQ(code(request), "QP-OK");  // the same bytes, unchanged
}

// QP-ADM-012: a box is no way around the reader.
TEST_F(PaycardBroker, JudgesWhatWasSealedLikeAnyDocument) {
  const auto code = [&](const std::string& plain) {
    admin::TakeQuestion request;
    request.head = broker.head(kWallet, "B7");
    user.seal(request, admin::kTakeQuestionMessage, plain);
    return broker.ask<admin::TakeQuestionResponse>(request, admin::kTakeQuestionMessage, kWalletAddress)->body.status.code;
  };
  const std::string space = " xmlns=\"urn:quickpay:1\"";
  const std::string inner = "<SessionId>" + std::string(32, 'a') + "</SessionId><Nonce>" + std::string(32, 'b') + "</Nonce>";
  EXPECT_EQ(code("<TakeQuestionInner" + space + ">" + inner + "</TakeQuestionInner>"), "QP-E-SESSION");
  EXPECT_EQ(code("<TakeQuestionInner>" + inner + "</TakeQuestionInner>"), "QP-E-XML");
  EXPECT_EQ(code("<!DOCTYPE a><TakeQuestionInner" + space + ">" + inner + "</TakeQuestionInner>"), "QP-E-XML");
  EXPECT_EQ(code("<TakeQuestion" + space + ">" + inner + "</TakeQuestion>"), "QP-E-SCHEMA");
  EXPECT_EQ(code("<TakeQuestionInner" + space + ">" + inner + inner + "</TakeQuestionInner>"), "QP-E-SCHEMA");
}

TEST(PaycardBrokerKeys, OpensUnderAnyOwnKeyThatIsGoodNow) {
  NodeConfig config = issuing();
  auto& keys = config.sealing_keys;
  keys.insert(keys.begin(), {stranger_key().pkcs8_der(), kNoon - kDayMs, kNoon + 400 * kDayMs});
  Single broker{config};
  Adder user{broker};
  EXPECT_EQ(user.confirm(), "QP-OK");
  broker.clock.now = kNoon + 401 * kDayMs;
  EXPECT_EQ(user.confirm(), "QP-E-FORBIDDEN");  // its time is over
  Single keyless{broker_config()};
  Adder nobody{keyless};
  EXPECT_EQ(nobody.confirm(), "QP-E-FORBIDDEN");
}

// QP-ADM-006 QP-ADM-007: each refusal of Confirm Paycard, in their order.
TEST_F(PaycardBroker, RefusesConfirmationsInOrder) {
  auto inner = user.confirmation(kCode);
  inner.wallet_info.wallet_id = kOtherWallet;  // QP-ADM-008 QP-WAL-006
  inner.version = "0.9";
  inner.issue_code = "guessed";
  inner.wallet_info.pub_key = "AAAA";
  EXPECT_EQ(user.confirm(inner), "QP-E-FORBIDDEN");
  inner.wallet_info.wallet_id = kWallet;
  EXPECT_EQ(user.confirm(inner), "QP-E-PAYCARD");  // the file
  inner.version = "1.2";
  EXPECT_EQ(user.confirm(inner), "QP-E-PAYCARD");  // the code
  inner.issue_code = kCode;
  EXPECT_EQ(user.confirm(inner), "QP-E-KEY");
  EXPECT_EQ(state(), "NONE");
  inner.wallet_info.pub_key = crypto::base64_encode(key_of("vendor").public_key().spki_der());
  EXPECT_EQ(user.confirm(inner), "QP-OK");
}

TEST_F(PaycardBroker, TakesOnlyFilesThatItHasIssued) {
  for (const auto& change : std::vector<std::function<void(msg::ConfirmPaycardInner&)>>{
           [](auto& inner) { inner.product = "cards"; }, [](auto& inner) { inner.version = "1.3"; },
           [](auto& inner) { inner.version = "1.20"; }, [](auto& inner) { inner.file_hash[3] = '0'; }}) {
    for (int i = 0; i < 4; ++i) {  // a wrong file is no guess at a code
      auto inner = user.confirmation(kCode);
      change(inner);
      EXPECT_EQ(user.confirm(inner), "QP-E-PAYCARD");
    }
  }
  EXPECT_EQ(user.confirm(), "QP-OK");
}

// QP-WAL-006
TEST_F(PaycardBroker, RefusesAWalletThatWasRemoved) {
  Player wallet = *broker.directory.find(kWallet).player;
  wallet.removed = true;
  broker.directory.put(wallet);
  EXPECT_EQ(user.confirm(), "QP-E-FORBIDDEN");
}

// QP-ADM-006: wrong codes are counted for the Wallet, whatever comes between; then every code is answered alike.
TEST_F(PaycardBroker, LocksAWalletThatGuessesCodes) {
  EXPECT_EQ(user.confirm("guess-1"), "QP-E-PAYCARD");
  EXPECT_EQ(user.confirm(), "QP-OK");
  broker.restart();
  EXPECT_EQ(user.confirm("guess-2"), "QP-E-PAYCARD");
  EXPECT_EQ(user.confirm("guess-3"), "QP-E-LOCKED");
  EXPECT_EQ(user.status.after, protocol::T_lock_default + 1);
  EXPECT_EQ(user.confirm(kOtherCode), "QP-E-LOCKED");
  EXPECT_EQ(user.confirm("guess-4"), "QP-E-LOCKED");
  auto inner = user.confirmation(kCode);
  inner.wallet_info.wallet_id = kOtherWallet;
  EXPECT_EQ(user.confirm(inner), "QP-E-FORBIDDEN");
  EXPECT_EQ(user.take(), "QP-OK");  // the session that it has goes on
  EXPECT_EQ(user.answer(), "QP-OK");
  EXPECT_EQ(other.confirm(kOtherCode), "QP-OK");  // another Wallet is not concerned
  broker.pass(kLockMs);
  EXPECT_EQ(user.confirm(kOtherCode), "QP-E-LOCKED");
  EXPECT_EQ(user.status.after, 1);
  broker.pass(1);
  EXPECT_EQ(user.confirm(), "QP-OK");
}

TEST_F(PaycardBroker, ForgetsWrongCodesInTime) {
  user.confirm("guess-1");
  user.confirm("guess-2");
  broker.pass(kLockMs + 1);
  EXPECT_EQ(user.confirm("guess-3"), "QP-E-PAYCARD");
  broker.pass(kLockMs);
  EXPECT_EQ(user.confirm("guess-4"), "QP-E-PAYCARD");
  EXPECT_EQ(user.confirm("guess-5"), "QP-E-LOCKED");
}

// QP-ADM-006: a code that somebody has used is a wrong one for everybody else.
TEST_F(PaycardBroker, LetsACodeBeUsedByOneWallet) {
  ASSERT_EQ(user.add(), "QP-OK");
  EXPECT_EQ(other.confirm(), "QP-E-PAYCARD");
  EXPECT_EQ(other.confirm(), "QP-E-PAYCARD");
  EXPECT_EQ(other.confirm(), "QP-E-LOCKED");
  EXPECT_EQ(user.confirm(), "QP-OK");
}

// QP-ADM-010 QP-ADM-011
TEST_F(PaycardBroker, KnowsTheLastSessionOnly) {
  user.session = std::string(32, 'a');
  EXPECT_EQ(user.take(), "QP-E-SESSION");
  EXPECT_EQ(user.answer_wrongly(), "QP-E-SESSION");
  user.confirm();
  const std::string first = user.session;
  user.take();
  const auto old_answers = user.answering();
  user.confirm();
  EXPECT_NE(user.session, first);
  EXPECT_EQ(user.take({first, broker.fresh_id()}), "QP-E-SESSION");
  EXPECT_EQ(user.answer(old_answers), "QP-E-SESSION");
  other.session = user.session;  // of another Wallet
  EXPECT_EQ(other.take(), "QP-E-SESSION");
  EXPECT_EQ(other.answer_wrongly(), "QP-E-SESSION");
  EXPECT_EQ(field_of(broker, "broker.paycard", "P20", "tries"), "");
  EXPECT_EQ(user.take(), "QP-OK");
  EXPECT_EQ(user.answer(), "QP-OK");
  EXPECT_EQ(user.take(), "QP-E-SESSION");  // used up
  EXPECT_EQ(user.answer(), "QP-E-SESSION");
  EXPECT_EQ(state(), "BOUND");
}

TEST_F(PaycardBroker, EndsASessionInTime) {
  user.confirm();
  user.take();
  broker.pass(kSessionMs);
  EXPECT_EQ(state(), "SESSION");
  broker.pass(1);
  EXPECT_EQ(state(), "ISSUED");
  EXPECT_EQ(user.answer(), "QP-E-SESSION");
  EXPECT_EQ(user.take(), "QP-E-SESSION");
  EXPECT_EQ(field_of(broker, "broker.paycard", "P20", "reply_key"), "");
  ASSERT_EQ(user.add(), "QP-OK");
  user.confirm();
  EXPECT_EQ(state(), "SESSION");
  broker.pass(kSessionMs + 1);
  EXPECT_EQ(state(), "BOUND");
}

// QP-ADM-011: no number comes twice, and only what was asked last is open.
TEST_F(PaycardBroker, NumbersQuestionsOnce) {
  std::set<std::int64_t> numbers;
  std::set<std::string> prompts;
  for (int session = 0; session < 4; ++session) {
    user.confirm();
    for (int i = 0; i < 3; ++i) {
      ASSERT_EQ(user.take(), "QP-OK");
      for (const msg::Question& question : user.questions) {
        EXPECT_TRUE(numbers.insert(question.no).second) << question.no;
        prompts.insert(question.prompt);
        EXPECT_EQ(question.choice.empty(), question.form != msg::AnswerForm::choice);
      }
    }
    broker.restart();
  }
  EXPECT_EQ(prompts.size(), 4u);  // which of them are asked is left to chance
  const auto before = user.answering();
  user.take();
  EXPECT_EQ(user.answer(before), "QP-E-ANSWER");
}

// QP-ADM-012: anything but the right answers to exactly the open questions, each once.
TEST_F(PaycardBroker, TakesNoOtherAnswers) {
  using Change = std::function<void(std::vector<msg::QuestionAnswer>&)>;
  const std::vector<Change> changes = {
      [](auto& all) { all.pop_back(); },
      [](auto& all) { all.push_back({all.front().no + 1000, "more"}); },
      [](auto& all) { all.push_back(all.front()); },
      [](auto& all) { all.back() = all.front(); },
      [](auto& all) { all.front().value += " "; },
      [](auto& all) { all.front().value = " " + all.front().value; },
      [](auto& all) { for (auto& each : all) each.value.back() ^= std::isalpha(each.value.back()) != 0 ? 0x20 : 0; },
      [](auto& all) { all.front().value.pop_back(); },
      [](auto& all) { std::swap(all.front().no, all.back().no); },
  };
  for (std::size_t i = 0; i < changes.size(); ++i) {
    Single alone{issuing()};
    Adder one{alone};
    one.confirm();
    one.take();
    auto inner = one.answering();
    changes[i](inner.answer);
    EXPECT_EQ(one.answer(inner), "QP-E-ANSWER") << i;
    EXPECT_EQ(one.answer(), "QP-E-ANSWER") << "used up";
    one.take();
    auto turned = one.answering();
    std::reverse(turned.answer.begin(), turned.answer.end());  // twin: their order is free
    EXPECT_EQ(one.answer(turned), "QP-OK") << i;
  }
}

TEST_F(PaycardBroker, CountsAnswersThatNobodyAskedFor) {
  user.confirm();
  EXPECT_EQ(user.answer_wrongly(), "QP-E-ANSWER");
  EXPECT_EQ(user.answer_wrongly(), "QP-E-ANSWER");
  EXPECT_EQ(user.answer_wrongly(), "QP-E-LOCKED");
}

// QP-ADM-012: tries are counted for the account, and no new session helps.
TEST_F(PaycardBroker, LocksAfterTooManyWrongAnswers) {
  user.confirm();
  fail(user, 1);
  EXPECT_EQ(user.status.code, "QP-E-ANSWER");
  user.confirm();
  fail(user, 1);
  broker.restart();
  other.confirm();  // a new session is another Wallet's: the tries stay
  fail(other, 1);
  EXPECT_EQ(other.status.code, "QP-E-LOCKED");
  EXPECT_EQ(other.status.retry, msg::Retry::new_);
  EXPECT_EQ(other.status.after, protocol::T_lock_default + 1);
  EXPECT_EQ(state(), "LOCKED");
  EXPECT_EQ(user.confirm(), "QP-E-LOCKED");
  EXPECT_EQ(other.take(), "QP-E-LOCKED");
  EXPECT_EQ(other.answer(), "QP-E-LOCKED");
  EXPECT_EQ(user.confirm(kOtherCode), "QP-OK");  // another account
  broker.pass(kLockMs);
  EXPECT_EQ(user.confirm(), "QP-E-LOCKED");
  broker.pass(1);
  EXPECT_EQ(state(), "ISSUED");
  EXPECT_EQ(user.add(), "QP-OK");
}

TEST_F(PaycardBroker, ForgetsWrongAnswersInTimeAndAfterSuccess) {
  user.confirm();
  fail(user, 2);
  broker.pass(kLockMs + 1);
  user.confirm();
  fail(user, 2);
  EXPECT_EQ(user.status.code, "QP-E-ANSWER");
  user.take();
  EXPECT_EQ(user.answer(), "QP-OK");
  user.confirm();
  fail(user, 2);
  EXPECT_EQ(user.status.code, "QP-E-ANSWER");
  fail(user, 1);
  EXPECT_EQ(user.status.code, "QP-E-LOCKED");
  broker.pass(kLockMs + 1);
  EXPECT_EQ(state(), "BOUND");
}

// QP-ADM-008 QP-PAY-005: a new secret ends the old one, which works until then, a lock or a session notwithstanding.
TEST_F(PaycardBroker, ANewSecretEndsTheOldOne) {
  ASSERT_EQ(user.add(), "QP-OK");
  const std::string old = user.secret;
  user.confirm();
  EXPECT_EQ(user.inquire("P20", old, some_ref("o-1", 1)), "QP-OK");
  fail(user, 3);
  EXPECT_EQ(state(), "LOCKED");
  EXPECT_EQ(user.inquire("P20", old, some_ref("o-2", 1)), "QP-OK");
  broker.pass(kLockMs + 1);
  ASSERT_EQ(user.add(), "QP-OK");
  EXPECT_NE(user.secret, old);
  EXPECT_EQ(user.inquire("P20", old, some_ref("o-3", 1)), "QP-E-FORBIDDEN");
  EXPECT_EQ(user.inquire("P20", user.secret, some_ref("o-4", 1)), "QP-OK");
  broker.restart();
  EXPECT_EQ(user.inquire("P20", user.secret, some_ref("o-5", 1)), "QP-OK");
}

// QP-ADD-01: the same request gets the same bytes, and nothing happens twice.
TEST_F(PaycardBroker, RepeatsTheSameAnswer) {
  user.confirm();
  user.take();
  const auto request = user.sealed<admin::AnswerResponse>(admin::kAnswerResponseMessage, user.answering());
  const std::string body = codec::write_document(admin::kAnswerResponseDocument, &request);
  const std::string path(admin::kAnswerResponseMessage.path);
  const std::string first = broker.raw(path, body, kWalletAddress);
  const std::string secret = field_of(broker, kBindingMachine, "P20", "secret");
  EXPECT_EQ(broker.raw(path, body, kWalletAddress), first);
  broker.restart();
  EXPECT_EQ(broker.raw(path, body, kWalletAddress), first);
  EXPECT_EQ(field_of(broker, kBindingMachine, "P20", "secret"), secret);
  auto other_content = request;
  other_content.body.sealed = user.sealed<admin::AnswerResponse>(admin::kAnswerResponseMessage, user.answering()).body.sealed;
  user.seal(other_content, admin::kAnswerResponseMessage, "<x/>");
  EXPECT_NE(broker.raw(path, codec::write_document(admin::kAnswerResponseDocument, &other_content), kWalletAddress), first);
}

TEST_F(PaycardBroker, NoTwoBoxesShareANonce) {
  std::set<std::string> nonces;
  for (int i = 0; i < 20; ++i) {
    const auto request = user.sealed<admin::ConfirmPaycard>(admin::kConfirmPaycardMessage, user.confirmation(kCode));
    const auto answer = broker.ask<admin::ConfirmPaycardResponse>(request, admin::kConfirmPaycardMessage, kWalletAddress);
    EXPECT_TRUE(nonces.insert(answer->body.boxed->nonce).second);
  }
}

TEST_F(PaycardBroker, AnswersUnderTheKeyOfTheSession) {
  user.confirm();
  user.reply_key = std::string(32, 'x');
  EXPECT_EQ(user.take(), "QP-OK");
  EXPECT_TRUE(user.questions.empty());  // the box does not open
  user.reply_key = kSomeReplyKey;
  user.take();
  EXPECT_FALSE(user.questions.empty());
}

// QP-PAY-007 QP-ADD-23
TEST_F(PaycardBroker, RemovesAPaycardForEver) {
  ASSERT_EQ(user.add(), "QP-OK");
  ASSERT_EQ(user.inquire("P20", user.secret, some_ref("open")), "QP-OK");
  EXPECT_EQ(other.remove("P20", user.secret), "QP-E-PAYCARD");
  EXPECT_EQ(user.remove("P20", kSecret), "QP-E-FORBIDDEN");  // QP-PAY-005
  EXPECT_EQ(user.remove("P21", user.secret), "QP-E-PAYCARD");
  ASSERT_EQ(user.remove("P20", user.secret), "QP-OK");
  EXPECT_EQ(state(), "REMOVED");
  EXPECT_EQ(user.remove("P20", user.secret), "QP-E-PAYCARD");
  EXPECT_EQ(user.inquire("P20", user.secret, some_ref("new")), "QP-E-PAYCARD");
  EXPECT_EQ(user.confirm(), "QP-E-PAYCARD");
  EXPECT_EQ(field_of(broker, kBindingMachine, "P20", "secret"), "");
  ASSERT_TRUE(broker.node->block_paycard("P20", false));  // the operator cannot undo it
  broker.flush();
  EXPECT_EQ(user.inquire("P20", user.secret, some_ref("new")), "QP-E-PAYCARD");
  const auto endorsed = broker.ledger->find("broker.order", order_key(some_ref("open")));
  EXPECT_EQ((*endorsed)->state, "ENDORSED");  // what was open goes on
}

TEST_F(PaycardBroker, RemovesAPaycardThatWasConfiguredOrIsBeingAddedAgain) {
  EXPECT_EQ(user.remove("P7", kSecret), "QP-OK");
  EXPECT_EQ(user.inquire("P7", kSecret, some_ref()), "QP-E-PAYCARD");
  ASSERT_EQ(user.add(), "QP-OK");
  user.confirm();
  EXPECT_EQ(user.remove("P20", user.secret), "QP-OK");
  EXPECT_EQ(user.take(), "QP-E-SESSION");
  broker.pass(kLockMs + 1);
  EXPECT_EQ(state(), "REMOVED");
}

TEST(PaycardBrokerElsewhere, OtherRolesServeNothingOfIt) {
  Single host{host_config()};
  Adder user{host};
  EXPECT_EQ(user.confirm(), "QP-E-UNSUPPORTED");
  NodeConfig config = issuing();
  config.protocols = {"micropayment"};
  Single broker{config};
  Adder again{broker};
  EXPECT_EQ(again.confirm(), "QP-E-UNSUPPORTED");
}

TEST_F(PaycardBroker, OnlyWalletsFromTheirAddressesAreHeard) {
  Adder astray{broker, kWallet, kOtherAddress};
  EXPECT_EQ(astray.confirm(), "QP-E-FORBIDDEN");
  Adder vendor{broker, "V1001", kVendorAddress};
  auto inner = user.confirmation(kCode);
  EXPECT_EQ(vendor.confirm(inner), "QP-E-FORBIDDEN");
}

// QP-ADM-006 QP-ADM-012: whatever is guessed, in whatever order, by two Wallets, with restarts and time between: never
// more than N_tries wrong answers in a lock's time, and nobody is bound who did not answer rightly.
RC_GTEST_PROP(PaycardBrokerLaw, NobodyGetsMoreThanNTries, ()) {
  Single broker{issuing()};
  Adder first{broker}, second{broker, kOtherWallet, kOtherAddress};
  std::vector<std::int64_t> wrong;  // when
  const auto steps = *rc::gen::container<std::vector<int>>(16, rc::gen::inRange(0, 14));
  first.confirm();
  for (const int step : steps) {
    Adder& user = step % 2 == 0 ? first : second;
    switch (step / 2) {
      case 0: user.confirm(); break;
      case 1: user.take(); break;
      case 2:
      case 3: {
        const std::string code = user.answer_wrongly();
        RC_ASSERT(code != "QP-OK");
        const bool locked_by_it = code == "QP-E-LOCKED" && user.status.after == protocol::T_lock_default + 1 &&
                                  !wrong.empty() && wrong.back() != broker.clock.now;
        if (code == "QP-E-ANSWER" || locked_by_it) wrong.push_back(broker.clock.now);
        broker.pass(1);
        break;
      }
      case 4: broker.pass(kSessionMs / 2); break;
      case 5: broker.restart(); break;
      default: broker.pass(kLockMs / 2); break;
    }
    const auto since = broker.clock.now - kLockMs;
    const auto lately = std::count_if(wrong.begin(), wrong.end(), [&](std::int64_t at) { return at > since; });
    RC_ASSERT(lately <= protocol::N_tries_default);
    RC_ASSERT(state_of(broker, "broker.paycard", "P20") != "BOUND");
  }
}

}  // namespace
}  // namespace quickpay::roles
