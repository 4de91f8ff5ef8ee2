// Add Paycard at the Wallet: what it sends, what it believes, what the user is told, and what survives a restart. The Broker
// is the reference's; the Paycard is the reference's, and does harm where a test says so.
#include "reference/roles/paycard_wallet.hpp"

#include <gtest/gtest.h>

#include "reference/roles/inquiries.hpp"
#include "reference/roles/tests/enrolling.hpp"

namespace quickpay::roles {
namespace {

using paycard::Call;
using paycard::Result;
using Reply = tl::expected<paycard::Reply, paycard::Trouble>;

constexpr std::int64_t kSessionMs = protocol::T_session_default * 1000;
constexpr std::int64_t kLockMs = protocol::T_lock_default * 1000;

struct PaycardWallet : testing::Test {
  LinkedCard card;
  Single wallet{adding_config(card)};
  Single broker{issuing()};
  Enrolling user{wallet, broker};

  std::string kept(const std::string& paycard, const std::string& name) {
    const auto record = *wallet.ledger->find(kPaycardStateMachine, paycard);
    return record ? std::string(field(*record, "entry." + name)) : "";
  }
  /// Nothing of an attempt is left.
  bool forgotten() {
    const auto record = *wallet.ledger->find("wallet.paycard", user.adding);
    return record && record->state == "ABSENT" && record->fields.empty() && user.pending.empty();
  }
};

// QP-ADM-006 QP-ADM-008 QP-ADM-010 QP-ADM-011 QP-ADM-012
TEST_F(PaycardWallet, AddsAPaycard) {
  EXPECT_EQ(user.add(), "");
  EXPECT_EQ(user.state(), "CONFIRMING");
  user.carry_one();
  EXPECT_EQ(user.state(), "TAKING");
  user.carry_one();
  EXPECT_EQ(user.state(), "QUESTIONED");
  EXPECT_EQ(user.questions.size(), 3u);
  EXPECT_EQ(user.answer(user.right()), "");
  EXPECT_EQ(user.state(), "ANSWERED");
  user.carry_one();
  EXPECT_EQ(user.state(), "READY");
  EXPECT_EQ(user.told, std::vector<std::string>{"added"});
  EXPECT_EQ(card.asked, (std::vector<std::string>{"confirm", "session", "questions", "answers", "finish"}));
  EXPECT_EQ(kept("P20", "secret").size(), 32u);
  const auto binding = *broker.ledger->find(kBindingMachine, "P20");
  ASSERT_TRUE(binding);
  EXPECT_EQ(crypto::to_hex(kept("P20", "secret")), std::string(field(*binding, "secret")));
}

// QP-PAY-009: the guard key is agreed when the Paycard is added, and is never sent.
TEST_F(PaycardWallet, AgreesOnTheGuardKey) {
  user.add();
  const std::string guard = card.last_in.at(3);
  EXPECT_EQ(guard.size(), paycard::kGuardKeyEntryBytes);
  user.carry();
  user.answer(user.right());
  user.carry();
  EXPECT_EQ(kept("P20", "guard_key"), guard);
}

// QP-ANON-011 QP-ADM-009: the Broker is told the WalletId and nothing about the user.
TEST_F(PaycardWallet, TellsNothingOfItsUser) {
  user.add();
  EXPECT_EQ(card.last_in.at(1), "(WalletInfo(WalletId=33:" + kWallet + "))");
  EXPECT_EQ(card.last_state.at("file_hash"), kFileHash);
  EXPECT_EQ(card.last_state.at("seal_key"), key_of("broker").public_key().spki_der());
}

// QP-ADM-012: what was answered is in no record and in no call; the issue code as well, not even as a key.
TEST_F(PaycardWallet, KeepsNeitherCodeNorAnswers) {
  user.add();
  EXPECT_EQ(user.adding.find(kCode), std::string::npos);
  user.carry();
  user.answer(user.right());
  ASSERT_EQ(user.state(), "ANSWERED");
  const auto shows = [&](const std::string& text) {
    for (const auto& [no, answer] : user.right()) {  // four digits are found in what is random, too
      if (answer.size() > 4 && text.find(answer) != std::string::npos) return true;
    }
    return text.find(kCode) != std::string::npos;
  };
  const auto record = *wallet.ledger->find("wallet.paycard", user.adding);
  for (const auto& [name, value] : record->fields) EXPECT_FALSE(shows(value)) << name;
  EXPECT_EQ(user.pending.size(), 1u);
  EXPECT_FALSE(shows(user.pending.front().body));
  EXPECT_TRUE(shows("Smith & Sons, 1980-02-29, Elm Road"));  // twin
}

// QP-ADM-006 QP-ADM-007: nothing is sent for a file that was not found right.
TEST_F(PaycardWallet, AsksOnlyForACertifiedFile) {
  EXPECT_EQ(user.add(kCode, "other"), "not-certified");
  card.trouble = paycard::Trouble::wrong_signature;
  EXPECT_EQ(user.add(), "not-certified");
  card.trouble.reset();
  card.harms[Call::confirm] = [](Reply& reply) { reply = tl::unexpected(paycard::Trouble::died); };
  EXPECT_EQ(user.add(), "not-certified");
  card.harms[Call::confirm] = [](Reply& reply) { *reply = {Result::refused, {}, {}}; };
  EXPECT_EQ(user.add(), "not-certified");
  card.harms[Call::confirm] = [](Reply& reply) { reply->out = "(Sealed)"; };
  EXPECT_EQ(user.add(), "not-certified");
  card.harms[Call::confirm] = [](Reply& reply) { reply->changed["guard_key"] = std::string(32, 'x'); };  // QP-PAY-009
  EXPECT_EQ(user.add(), "not-certified");
  card.harms.clear();
  Player b7 = *wallet.directory.find("B7").player;
  Player changed = b7;
  changed.keys.clear();
  wallet.directory.put(changed);
  EXPECT_EQ(user.add(), "not-certified");
  changed = b7;
  changed.keys[0].usage = KeyUsage::sign;
  wallet.directory.put(changed);
  EXPECT_EQ(user.add(), "not-certified");
  changed = b7;
  changed.keys[0].withdrawn_from_ms = kNoon - 1;
  wallet.directory.put(changed);
  EXPECT_EQ(user.add(), "not-certified");
  changed = b7;
  changed.keys[0].not_after_ms = kNoon - 1;  // over since a moment: the clock of a Wallet that is wrong does not save it
  wallet.directory.put(changed);
  EXPECT_EQ(user.add(), "not-certified");
  changed = b7;
  changed.accepted = false;
  wallet.directory.put(changed);
  EXPECT_EQ(user.add(), "not-certified");
  EXPECT_TRUE(user.pending.empty());
  wallet.directory.put(b7);
  EXPECT_EQ(user.add(), "");
}

// QP-ADM-006: a key is used up to its last second, by the Wallet's own clock.
TEST_F(PaycardWallet, SealsInTheLastSecondOfAKey) {
  Player changed = *wallet.directory.find("B7").player;
  changed.keys[0].not_after_ms = kNoon + 999;
  wallet.directory.put(changed);
  wallet.clock.now += 1000;
  EXPECT_EQ(user.add(), "not-certified") << "over by one second";
  wallet.clock.now -= 1;
  EXPECT_EQ(user.add(), "");
}

TEST_F(PaycardWallet, RefusesWhatCannotBeACode) {
  EXPECT_EQ(user.add(""), "unfit-code");
  EXPECT_EQ(user.add("with space"), "unfit-code");
  EXPECT_EQ(user.add(std::string(65, 'c')), "unfit-code");
  NodeConfig config = adding_config(card);
  config.protocols = {"micropayment"};
  Single other{config};
  EXPECT_EQ(other.node->add_paycard("card", kCode).error().reason, "not-served");
  EXPECT_EQ(broker.node->add_paycard("card", kCode).error().reason, "wrong-role");
}

TEST_F(PaycardWallet, AddsOnePaycardByACodeAtATime) {
  user.add();
  EXPECT_EQ(wallet.node->add_paycard("card", kCode).error().reason, "out-of-state");
  user.carry();
  EXPECT_EQ(wallet.node->add_paycard("card", kCode).error().reason, "out-of-state");
  user.answer(user.right());
  user.carry();
  EXPECT_EQ(wallet.node->add_paycard("card", kCode).error().reason, "out-of-state");
}

// QP-ADM-012: every question, each once, in its form and length.
TEST_F(PaycardWallet, SendsCompleteAnswersOnly) {
  user.add();
  user.carry();
  auto given = user.right();
  EXPECT_EQ(user.answer({}), "incomplete");
  given.pop_back();
  EXPECT_EQ(user.answer(given), "incomplete");
  given.push_back(given.front());
  EXPECT_EQ(user.answer(given), "incomplete");
  given = user.right();
  given.emplace_back(99, "more");
  EXPECT_EQ(user.answer(given), "incomplete");
  for (std::size_t i = 0; i < user.right().size(); ++i) {
    const std::string prompt = user.questions.at(user.right()[i].first);
    std::vector<std::string> bad{"", std::string(257, 'a')};
    if (prompt.starts_with("The last digits")) bad.insert(bad.end(), {"47x1", "47110"});
    if (prompt.starts_with("Which day")) bad.insert(bad.end(), {"1980-02-30", "29.2.1980"});
    if (prompt.starts_with("Which of these")) bad.insert(bad.end(), {"Fir Lane"});
    for (const std::string& value : bad) {
      given = user.right();
      given[i].second = value;
      EXPECT_EQ(user.answer(given), "incomplete") << prompt << " " << value;
    }
  }
  EXPECT_EQ(user.state(), "QUESTIONED");
  card.harms[Call::answers] = [](Reply& reply) { *reply = {Result::failed, {}, {}}; };
  EXPECT_EQ(user.answer(user.right()), "incomplete");
  card.harms.clear();
  EXPECT_EQ(user.answer(user.right()), "");
}

// QP-ADM-012: wrong answers cost a try, new questions come, and at last the Broker locks.
TEST_F(PaycardWallet, AsksAgainAfterWrongAnswers) {
  user.add();
  user.carry();
  for (std::int64_t tries = 1; tries < protocol::N_tries_default; ++tries) {
    const auto before = user.questions;
    EXPECT_EQ(user.answer(user.wrong()), "");
    user.carry();
    EXPECT_EQ(user.told.back(), "wrong-answers");
    EXPECT_EQ(user.state(), "QUESTIONED");
    for (const auto& [no, prompt] : before) EXPECT_FALSE(user.questions.contains(no));
  }
  user.answer(user.wrong());
  user.carry();
  EXPECT_EQ(user.told.back(), "refused");
  EXPECT_TRUE(forgotten());
  user.add();
  user.carry();
  EXPECT_EQ(user.told.back(), "refused");  // locked
  EXPECT_TRUE(forgotten());
  user.pass(kLockMs + 1000);
  user.add_rightly();
  EXPECT_EQ(user.state(), "READY");
}

// QP-ADM-010 QP-ADM-011: the Broker says no at each step.
TEST_F(PaycardWallet, IsToldWhatTheBrokerRefuses) {
  user.add("GUESSED");
  user.carry();
  EXPECT_EQ(user.told.back(), "refused");
  EXPECT_TRUE(forgotten());
  user.add();
  user.carry_one();
  broker.pass(kSessionMs + 1000);  // by the Broker's clock alone
  user.carry();
  EXPECT_EQ(user.told.back(), "refused");
  EXPECT_TRUE(forgotten());
}

// QP-ADD-27: the session ends by the Wallet's own clock.
TEST_F(PaycardWallet, GivesUpWhenTheSessionIsOver) {
  user.add();
  user.carry();
  user.pass(kSessionMs);
  EXPECT_EQ(user.state(), "QUESTIONED");
  user.pass(1000);
  EXPECT_EQ(user.told.back(), "expired");
  EXPECT_TRUE(forgotten());
  EXPECT_EQ(user.answer(user.right()), "out-of-state");
}

TEST_F(PaycardWallet, EndsWhenTheUserGivesUp) {
  for (int steps = 0; steps < 4; ++steps) {
    user.add();
    for (int i = 0; i < std::min(steps, 2); ++i) user.carry_one();
    if (steps == 3) user.answer(user.right());
    const std::size_t told = user.told.size();
    const auto late = user.pending;
    EXPECT_TRUE(wallet.node->cancel(user.adding));
    wallet.flush();
    user.look();
    user.pending.clear();
    EXPECT_TRUE(forgotten()) << steps;
    for (const OutgoingCall& call : late) wallet.give(call, user.answer_of_broker(call));  // comes too late
    user.look();
    EXPECT_TRUE(forgotten()) << steps;
    EXPECT_EQ(user.told.size(), told);
    EXPECT_FALSE(wallet.node->cancel(user.adding));
  }
}

// QP-ADM-011 QP-ADM-012: QP-OK with a box that does not open is no answer; the same request is repeated.
TEST_F(PaycardWallet, BelievesNoBoxThatDoesNotOpen) {
  const auto spoiled = [](std::string body) {
    const std::size_t at = body.find("<Box>") + 5;
    body[at] = body[at] == 'A' ? 'B' : 'A';
    return body;
  };
  const auto spoil = [&](const std::string& before) {
    ASSERT_EQ(user.pending.size(), 1u);
    const OutgoingCall call = user.pending.front();
    CallResult result = user.answer_of_broker(call);
    result.body = spoiled(result.body);
    user.pending.clear();
    wallet.give(call, result);
    user.look();
    EXPECT_EQ(user.state(), before);
    EXPECT_TRUE(user.pending.empty());
    user.pass(5000);
    ASSERT_EQ(user.pending.size(), 1u);
    EXPECT_EQ(user.pending.front().body, call.body);
    user.carry_one();
    EXPECT_NE(user.state(), before);
  };
  user.add();
  spoil("CONFIRMING");
  spoil("TAKING");
  user.answer(user.right());
  spoil("ANSWERED");
  EXPECT_EQ(user.state(), "READY");
  EXPECT_EQ(user.alarms, 0u);
}

/// A call after which the Paycard does harm, and what it does.
struct Harmful {
  Call call;
  LinkedCard::Harm harm;
};

// QP-ADM-007: whatever the Paycard does, the attempt ends, the user is told, and nothing is left.
TEST_F(PaycardWallet, EndsWithAPaycardThatDoesHarm) {
  const auto stores = [](std::string name, std::string value) {
    return [=](Reply& reply) { reply->changed[name] = value; };
  };
  const auto gives = [](std::string out) { return [=](Reply& reply) { reply->out = out; }; };
  const auto fails = [](Reply& reply) { *reply = {Result::failed, {}, {}}; };
  const auto dies = [](Reply& reply) { reply = tl::unexpected(paycard::Trouble::died); };
  const std::string twice =
      "(TakeQuestionResponseInner(Nonce=32:" + std::string(32, 'a') +
      ")(Question(No=1:1)(Prompt=1:?)(Form=4:text)(MaxLen=1:9))(Question(No=1:1)(Prompt=1:?)(Form=4:text)(MaxLen=1:9)))";
  const std::vector<Harmful> harms = {
      {Call::session, fails},
      {Call::session, dies},
      {Call::session, gives("")},
      {Call::session, gives("(Sealed)")},
      {Call::session, stores("paycard", "")},
      {Call::session, stores("paycard", "no id")},
      {Call::session, stores("paycard", "P7")},  // this Wallet has it
      {Call::session, stores("guard_key", std::string(32, 'x'))},
      {Call::questions, fails},
      {Call::questions, gives("<Question/>")},
      {Call::questions, gives(twice)},
      {Call::questions, stores("paycard", "P21")},
      {Call::finish, fails},
      {Call::finish, dies},
      {Call::finish, stores("paycard", "P21")},
      {Call::finish, stores("guard_key", "")},
  };
  for (const Harmful& each : harms) {
    Single elsewhere{issuing()};
    Enrolling victim{wallet, elsewhere};
    card.harms = {{each.call, each.harm}};
    ASSERT_EQ(victim.add(), "");
    victim.carry();
    if (each.call == Call::finish) victim.answer(victim.right());
    victim.carry();
    EXPECT_EQ(victim.state(), "ABSENT") << static_cast<int>(each.call);
    EXPECT_EQ(victim.told, std::vector<std::string>{"failed"});
    EXPECT_EQ(victim.alarms, 1u);
    EXPECT_FALSE(*wallet.ledger->find(kAddedPaycardMachine, "P20"));
    user.adding = victim.adding;
    EXPECT_TRUE(forgotten());
  }
  card.harms.clear();
  user.add_rightly();
  EXPECT_EQ(user.state(), "READY");
}

TEST_F(PaycardWallet, TakesOnlyThePaycardThatTheManifestNames) {
  card.only_for = "P21";
  user.add();
  user.carry();
  EXPECT_EQ(user.told, std::vector<std::string>{"failed"});
  card.only_for = "P20";
  user.add_rightly();
  EXPECT_EQ(user.state(), "READY");
}

// QP-ADD-01: the Wallet is started again before and after each step; the user is asked again.
TEST_F(PaycardWallet, GoesOnAfterEveryRestart) {
  user.add();
  for (const std::string state : {"CONFIRMING", "TAKING"}) {
    EXPECT_EQ(user.state(), state);
    user.restart();
    ASSERT_EQ(user.pending.size(), 1u);
    user.answer_of_broker(user.pending.front());  // and the answer was lost
    user.restart();
    user.carry_one();
  }
  EXPECT_EQ(user.state(), "QUESTIONED");
  user.questions.clear();
  user.restart();
  wallet.node->show_offers();
  wallet.flush();
  user.look();
  EXPECT_EQ(user.questions.size(), 3u);
  user.answer(user.wrong());
  user.restart();
  user.carry();
  ASSERT_EQ(user.state(), "QUESTIONED");
  user.answer(user.right());
  user.answer_of_broker(user.pending.front());
  user.restart();
  user.carry();
  EXPECT_EQ(user.state(), "READY");
  user.restart();
  EXPECT_TRUE(wallet.node->activate_paycard("P20"));
}

// QP-WAL-010: an added Paycard pays once the user activates it, and no more once it was given up.
TEST_F(PaycardWallet, IsActivatedAndGivenUp) {
  EXPECT_EQ(wallet.node->activate_paycard("P20").error().reason, "unknown-paycard");
  EXPECT_EQ(wallet.node->remove_paycard("P20").error().reason, "unknown-paycard");
  EXPECT_EQ(wallet.node->remove_paycard("P7").error().reason, "unknown-paycard");  // it was not added here
  user.add_rightly();
  EXPECT_TRUE(wallet.node->activate_paycard("P20"));
  EXPECT_TRUE(wallet.node->activate_paycard(""));
  EXPECT_TRUE(wallet.node->activate_paycard("P20"));
  card.harms[Call::remove] = [](Reply& reply) { *reply = {Result::refused, {}, {}}; };
  EXPECT_EQ(wallet.node->remove_paycard("P20").error().reason, "failed");
  card.harms[Call::remove] = [](Reply& reply) { reply->out = "<no token>"; };
  EXPECT_EQ(wallet.node->remove_paycard("P20").error().reason, "failed");
  card.harms.clear();
  EXPECT_TRUE(wallet.node->remove_paycard("P20"));
  wallet.flush();
  user.look();
  EXPECT_EQ(user.state(), "REMOVED");
  ASSERT_EQ(user.pending.size(), 1u);
  user.restart();  // a notice: it is repeated until the Broker has answered
  wallet.pass(2000);
  user.look();
  ASSERT_EQ(user.pending.size(), 1u);
  user.carry();
  EXPECT_EQ(state_of(broker, "broker.paycard", "P20"), "REMOVED");
  EXPECT_EQ(wallet.node->activate_paycard("P20").error().reason, "unknown-paycard");
  EXPECT_EQ(wallet.node->remove_paycard("P20").error().reason, "unknown-paycard");
  EXPECT_EQ(user.add(), "out-of-state");
}

}  // namespace
}  // namespace quickpay::roles
