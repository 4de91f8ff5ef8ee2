// The Wallet adds Paycards: whose boxes convince it, what its user is asked, and what it says to whom.
#include <fmt/format.h>

#include <functional>
#include <memory>

#include "conformance/peers/box.hpp"
#include "conformance/peers/build.hpp"
#include "conformance/suites/boxed_answers.hpp"
#include "conformance/suites/holder.hpp"
#include "conformance/suites/slug.hpp"
#include "conformance/suites/wallet_parts.hpp"

namespace quickpay::conformance {

namespace {

constexpr std::int64_t kFirstRetry = 2;  ///< seconds: backoff 1 s, 50 % jitter
constexpr std::int64_t kLongPause = 600;

/// Whether somebody who listens could read this, as it is or as XML spells it.
bool in_clear(Session& session, const std::string& secret) {
  const std::string spelled = to_xml(leaf("V", secret));
  const std::string escaped = spelled.substr(spelled.find('>') + 1, spelled.rfind('<') - spelled.find('>') - 1);
  const auto& entries = session.transcript().entries();
  return std::any_of(entries.begin(), entries.end(), [&](const Entry& entry) {
    return entry.body.find(secret) != std::string::npos || entry.body.find(escaped) != std::string::npos;
  });
}

/// The canary values of the first enrolment that stand in some message.
std::string told_to_all(Holder& who, Session& session) {
  if (in_clear(session, who.enrolment().issue_code)) {
    return "the issue code";
  }
  for (const QuestionPlan& question : who.enrolment().questions) {
    if (in_clear(session, question.answer) || in_clear(session, question.prompt)) {
      return question.prompt;
    }
  }
  return {};
}

// ---------------------------------------------------------------- added
void added(Session& session) {
  Holder who(session);
  const auto outcome = who.add();
  if (!outcome) {
    return session.stop(outcome.error());
  }
  judge(session, "wallet.paycard.added", is_accepted(outcome), "accepted", outcome_text(outcome), {}, Reason::refused);
  const auto asked = session.world().sent_by_iut(kConfirm);
  if (!is_accepted(outcome) || asked.empty()) {
    return unreached(session, outcome_text(outcome));
  }
  const Element inner = inside(session.world().plan(), session.world().document(asked.front()));
  judge(session, "wallet.paycard.wallet-info", text_at(inner, "WalletInfo/WalletId") == session.world().iut(), "the Wallet's own id",
        text_at(inner, "WalletInfo/WalletId"), asked);
  const std::string leak = told_to_all(who, session);
  judge(session, "wallet.paycard.nothing-in-clear", leak.empty(), "neither code nor answer outside of what is sealed", leak);
}

/// The new Paycard pays with the secret that its Broker gave.
void pays(Session& session, const std::string& check) {
  Holder who(session);
  if (!who.adds() || !who.activates(who.enrolment().paycard)) {
    return unreached(session, "an active Paycard");
  }
  const auto outcome = who.shopper.buy();
  const auto inquiry = who.shopper.attempt("InquiryPayment", 0);
  const Element document = inquiry ? session.world().document(*inquiry) : Element{};
  judge(session, check, is_accepted(outcome) && text_at(document, "Body/Paycard") == who.enrolment().paycard,
        "a payment with " + who.enrolment().paycard,
        fmt::format("{} with {}", outcome_text(outcome), text_at(document, "Body/Paycard")), {}, Reason::refused);
}

/// Nobody said that the new Paycard should pay.
void stays_passive(Session& session, const std::string& check) {
  Holder who(session);
  if (!who.adds() || !is_accepted(who.shopper.buy())) {
    return unreached(session, "a payment");
  }
  const auto inquiry = who.shopper.attempt("InquiryPayment", 0);
  const std::string paid = inquiry ? text_at(session.world().document(*inquiry), "Body/Paycard") : std::string();
  judge(session, check, !paid.empty() && paid != who.enrolment().paycard, "a payment with the Paycard that was active", paid);
}

void after_wrong_answers(Session& session, const std::string& check) {
  Holder who(session);
  who.shopper.broker()->script(kAnswer, answer_code("QP-E-ANSWER"));
  const auto outcome = who.add();
  const auto taken = session.world().sent_by_iut(kTake);
  judge(session, check, is_accepted(outcome) && taken.size() == 2, "new questions, and the Paycard at last",
        fmt::format("{} after {} times TakeQuestion", outcome_text(outcome), taken.size()), taken);
}

void removed(Session& session, const std::string& check) {
  Holder who(session);
  if (!who.adds()) {
    return unreached(session, "a Paycard");
  }
  const std::string secret = who.secret(), paycard = who.enrolment().paycard;
  const auto outcome = who.remove(paycard);
  const auto notice = who.shopper.attempt(kRemove, 0);
  if (!is_accepted(outcome) || !notice) {
    return judge(session, check, false, "RemovePaycard", outcome_text(outcome), {}, Reason::missing_message);
  }
  const Element document = session.world().document(*notice);
  const std::string token = removal_token(secret, session.world().iut(), paycard, text_at(document, "Head/MsgId"));
  judge(session, check, text_at(document, "Body/PaycardToken") == token, "the token of its secret", "another one", {*notice});
}

// ---------------------------------------------------------------- answers that are none
struct NoAnswer {
  const char* id;
  const char* title;
  std::string message;
  std::string row;
  std::vector<std::string> requirements;
  std::function<Act(const World&)> act;
};

std::vector<NoAnswer> no_answers() {
  const auto lost = [](const World&) { return lose_answer(); };
  const auto busy = [](const World&) { return answer_code("QP-E-BUSY"); };
  const auto other_key = [](const World& world) { return box_under_another_key(world, kConfirm, "Boxed under another key"); };
  const auto other_nonce = [](const World& world) {
    return change_inside(world, kConfirm, "Nonce of another request", [](Element& inner) { set_text(inner, "Nonce", std::string(32, '0')); });
  };
  const auto changed = [](const World&) { return box_changed(); };
  const std::vector<std::string> retried = {"QP-ADD-01", "QP-ADM-010"}, boxes = {"QP-ADM-007", "QP-ADD-01"};
  std::vector<NoAnswer> all;
  for (const std::string& message : {kConfirm, kTake, kAnswer}) {
    all.push_back({"answer-lost", "A request whose answer was lost is sent again with the same bytes.", message, message + ".unsure", retried, lost});
    all.push_back({"busy", "A Broker that is busy is asked again with the same bytes.", message, message + ".unsure", retried, busy});
    all.push_back({"other-key", "A box that its key does not open is no answer.", message, message + ".unsure Boxed", boxes, other_key});
    all.push_back({"other-nonce", "An answer to another request is none.", message, message + ".unsure Nonce", boxes, other_nonce});
    all.push_back({"box-changed", "A box that was changed is no answer.", message, message + ".unsure Box", boxes, changed});
  }
  return all;
}

/// One attempt gets no answer; the next one, with the same bytes, leads to the Paycard.
void retried(Session& session, const std::string& check, const NoAnswer& one) {
  Holder who(session);
  const Act act = one.act(session.world());
  who.shopper.broker()->script(one.message, act);
  const auto call = who.begin();
  const auto first = who.shopper.attempt(one.message, 0);
  if (!first || (!act.label.empty() && !who.shopper.delivered(*first, act.label))) {
    return unreached(session, one.message + " was not sent");
  }
  static_cast<void>(session.iut().fence());
  if (!session.world().advance(kFirstRetry)) {
    return session.stop({IutFault::unsupported, "the clock cannot be moved"});
  }
  const auto outcome = who.finish(call);
  const std::string then = who.shopper.again(one.message, *first);
  judge(session, check, is_accepted(outcome) && then == kSameBytes, "the same bytes again, then the Paycard",
        fmt::format("{}, {}", then, outcome_text(outcome)), {*first});
}

/// After a kill the Paycard is added as if nothing had been.
void survives(Session& session, const std::string& check, const std::string& message) {
  Holder who(session);
  who.shopper.broker()->script(message, lose_answer());
  (void)who.begin();
  const auto first = who.shopper.attempt(message, 0);
  if (!first || !session.world().restart(true) || !session.world().advance(kFirstRetry)) {
    return unreached(session, "it cannot be restarted, or its clock stands still");
  }
  const auto given = who.shopper.attempt(kAnswer, message == kAnswer ? 1 : 0);
  session.world().settle();
  const std::string then = who.shopper.again(message, *first);
  judge(session, check, given && then == kSameBytes && who.activates(who.enrolment().paycard),
        "the same bytes again, and the Paycard at last", then, {*first}, Reason::missing_message);
}

/// A Paycard that was given up stays so, and its Broker is told however long that takes.
void told_at_last(Session& session, const std::string& check) {
  Holder who(session);
  if (!who.adds()) {
    return unreached(session, "a Paycard");
  }
  who.shopper.broker()->script(kRemove, lose_answer());
  (void)who.remove(who.enrolment().paycard);
  const auto first = who.shopper.attempt(kRemove, 0);
  if (!first || !session.world().restart(true) || !session.world().advance(kLongPause)) {
    return unreached(session, "it cannot be restarted, or its clock stands still");
  }
  const std::string then = who.shopper.again(kRemove, *first);
  judge(session, check, then == kSameBytes && !who.activates(who.enrolment().paycard), "the same bytes again, and no Paycard", then,
        {*first}, Reason::missing_message);
}

// ---------------------------------------------------------------- the suite
void add_rights(Suite& suite) {
  suite.positive({.id = "paycard.added",
                  .title = "Who has the code and the answers gets the Paycard.",
                  .subject = "U1 U3 U5 U7 U9",
                  .requirements = {"QP-ADM-010", "QP-ADM-011", "QP-ADM-012", "QP-WAL-009"},
                  .more = {suite.check("paycard.wallet-info", "The Broker is told which Wallet it is.", {"QP-ADM-009"}, true),
                           suite.check("paycard.nothing-in-clear", "Nobody on the way reads codes, questions and answers.",
                                       {"QP-ADM-006", "QP-ADM-008"}, true)}},
                 added);
  const auto plays = [&](const char* id, const char* title, const char* subject, std::vector<std::string> requirements,
                         void (*play)(Session&, const std::string&), const char* mutation = "") {
    suite.positive({.id = id, .title = title, .subject = subject, .requirements = std::move(requirements), .mutation = mutation},
                   [play, check = suite.name(id)](Session& s) { play(s, check); });
  };
  plays("paycard.pays", "A Paycard that was added pays with the secret that it was given.", "U9 pays", {"QP-PAY-005", "QP-ADM-008"}, pays);
  plays("paycard.passive", "A Paycard that was added pays nothing unasked.", "U9 passive", {"QP-WAL-010"}, stays_passive);
  plays("paycard.wrong-answers", "After wrong answers the user is asked again.", "U11", {"QP-ADM-012"}, after_wrong_answers,
        "AnswerResponseResponse:QP-E-ANSWER");
  plays("paycard.removed", "A Paycard that is given up proves itself a last time.", "U17", {"QP-PAY-007", "QP-PAY-005"}, removed);
  plays("paycard.told-at-last", "The Broker of a Paycard that was given up is told at last.", "RemovePaycard.unsure U17 kill",
        {"QP-PAY-007", "QP-ADD-01"}, told_at_last, "kill");
  for (const NoAnswer& one : no_answers()) {
    const std::string id = fmt::format("paycard.retry.{}.{}", slug_of(one.message), one.id);
    suite.positive({.id = id,
                    .title = one.title,
                    .subject = one.row,
                    .requirements = one.requirements,
                    .mutation = one.message + "Response:" + one.id},
                   [one, check = suite.name(id)](Session& s) { retried(s, check, one); });
  }
  for (const std::string& message : {kConfirm, kTake, kAnswer}) {
    const std::string id = "paycard.after-kill." + slug_of(message);
    suite.positive({.id = id,
                    .title = "What was begun outlives the process.",
                    .subject = message + ".unsure kill",
                    .requirements = {"QP-ADD-01", "QP-ADM-010"},
                    .mutation = "kill"},
                   [message, check = suite.name(id)](Session& s) { survives(s, check, message); });
  }
}

}  // namespace

void add_wallet_paycards(Suite& suite) {
  suite.belongs_to("paycard", false);  // issue codes are not in fixture files
  add_rights(suite);
  add_paycard_refusals(suite);
}

}  // namespace quickpay::conformance
