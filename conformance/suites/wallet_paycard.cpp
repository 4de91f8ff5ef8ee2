// The Wallet adds Paycards: whose boxes convince it, what its user is asked, and what it says to whom.
#include <fmt/format.h>

#include <functional>
#include <memory>

#include "conformance/peers/build.hpp"
#include "conformance/peers/digest.hpp"
#include "conformance/peers/test_keys.hpp"
#include "conformance/suites/holder.hpp"
#include "conformance/suites/slug.hpp"
#include "conformance/suites/wallet_parts.hpp"
#include "reference/codec/generated/protocol.hpp"

namespace quickpay::conformance {

namespace {

constexpr std::int64_t kFirstRetry = 2;  ///< seconds: backoff 1 s, 50 % jitter
constexpr std::int64_t kLongPause = 600;
constexpr std::int64_t kPastSession = protocol::T_session_default + 1;
const std::string kConfirm = "ConfirmPaycard", kTake = "TakeQuestion", kAnswer = "AnswerResponse", kRemove = "RemovePaycard",
                  kInquiry = "InquiryPayment";

/// What somebody who listens could learn.
bool in_clear(Session& session, const std::string& secret) {
  const auto& entries = session.transcript().entries();
  return std::any_of(entries.begin(), entries.end(), [&](const Entry& entry) { return entry.body.find(secret) != std::string::npos; });
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
  const Element inner = who.inside(asked.front());
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
  const Element removal = branch("Removal", {leaf("Wallet", session.world().iut()), leaf("Paycard", paycard),
                                             leaf("MsgId", text_at(document, "Head/MsgId"))});
  const std::string token = base64_of(mac_of(bytes_of_hex(secret), "paycard-remove", removal));
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
  const auto other_key = [](const World& world) { return box_under_another_key(world, "Boxed under another key"); };
  const auto other_nonce = [](const World& world) {
    return change_inside(world, "Nonce of another request", [](Element& inner) { set_text(inner, "Nonce", std::string(32, '0')); });
  };
  const auto changed = [](const World&) {
    return edit_answer("Box changed", [](Element& answer) {
      std::string box = text_at(answer, "Body/Boxed/Box");
      box.front() = box.front() == 'A' ? 'B' : 'A';
      set_text(answer, "Body/Boxed/Box", box);
    });
  };
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
  const auto second = who.shopper.attempt(one.message, 1);
  const auto& entries = session.transcript().entries();
  const bool same = second && entries[*second].body == entries[*first].body;
  judge(session, check, is_accepted(outcome) && same, "the same bytes again, then the Paycard",
        fmt::format("{}, {}", second ? (same ? "the same bytes" : "other bytes") : "no second attempt", outcome_text(outcome)), {*first},
        second ? Reason::wrong_message : Reason::missing_message);
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
  const auto second = who.shopper.attempt(message, 1);
  const auto& entries = session.transcript().entries();
  const bool same = second && entries[*second].body == entries[*first].body;
  judge(session, check, given && same && who.activates(who.enrolment().paycard), "the same bytes again, and the Paycard at last",
        second ? (same ? "no Paycard" : "other bytes") : "no second attempt", {*first}, Reason::missing_message);
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
  const auto second = who.shopper.attempt(kRemove, 1);
  const auto& entries = session.transcript().entries();
  const bool same = second && entries[*second].body == entries[*first].body;
  judge(session, check, same && !who.activates(who.enrolment().paycard), "the same bytes again, and no Paycard",
        second ? (same ? "the Paycard" : "other bytes") : "no second attempt", {*first}, Reason::missing_message);
}

// ---------------------------------------------------------------- refused
/// What goes wrong, and what the Wallet must not send then.
struct Wrong {
  const char* id;
  const char* title;
  const char* row;
  std::vector<std::string> requirements;
  std::string message;  ///< whose answer is scripted; empty: none
  std::function<Act(const World&)> act;
  std::string forbidden;
  Holder::User user = {};
  Arrange arrange = {};
};

std::function<Act(const World&)> says(const char* code) {
  return [code](const World&) { return answer_code(code); };
}
std::function<Act(const World&)> telling(const char* label, std::function<void(const World&, Element&)> change) {
  return [label, change = std::move(change)](const World& world) {
    return change_inside(world, label, [&world, change](Element& inner) { change(world, inner); });
  };
}
/// The Paycard that this Wallet has had from the beginning.
std::string own_paycard(const World& world) {
  for (const PaycardPlan& card : world.plan().paycards) {
    if (card.wallet == world.iut()) {
      return card.paycard;
    }
  }
  return {};
}
/// The Broker's key is good from then on.
constexpr std::int64_t kKeyGoodIn = 3600;
void sealing_key_comes(WorldPlan& plan) {
  for (SigningKeyPlan& key : plan.signing_keys) {
    if (key.usage == "seal") {
      key.not_before = time_text(time_of(plan.now) + kKeyGoodIn * 1000);
    }
  }
}
/// And the one before it is good no more.
void sealing_key_changes(WorldPlan& plan) {
  sealing_key_comes(plan);
  SigningKeyPlan old = signing_key_plan(plan, plan.cast.broker, *test_key("stranger"));
  old.usage = "seal";
  old.not_after = time_text(time_of(plan.now) - kKeyGoodIn * 1000);
  plan.signing_keys.push_back(std::move(old));
}

std::vector<Wrong> wrongs() {
  const std::vector<std::string> ends = {"QP-ADM-010", "QP-ADM-012"}, same = {"QP-ADM-007", "QP-ADM-008"}, certified = {"QP-ADM-006", "QP-ADM-007"};
  const auto doubled = [](const World&, Element& inner) {
    for (std::size_t i = 0; i < inner.children.size(); ++i) {
      if (inner.children[i].name == "Question") {
        inner.children.insert(inner.children.begin() + static_cast<std::ptrdiff_t>(i), Element(inner.children[i]));
        return;
      }
    }
  };
  return {
      {"refused.code", "A code that the Broker does not know adds nothing.", "U12", ends, kConfirm, says("QP-E-PAYCARD"), kTake},
      {"refused.locked", "A Broker that has locked the Wallet out is not asked on.", "U12 LOCKED", ends, kConfirm, says("QP-E-LOCKED"), kTake},
      {"refused.questions", "Without questions there are no answers.", "U13", {"QP-ADM-011"}, kTake, says("QP-E-SESSION"), kAnswer},
      {"refused.questions-locked", "Nor where the Paycard is locked.", "U13 LOCKED", {"QP-ADM-011"}, kTake, says("QP-E-LOCKED"), kAnswer},
      {"told.own-paycard", "A Paycard that the Wallet has already is not added again.", "U4", same, kConfirm,
       telling("Paycard of this Wallet", [](const World& world, Element& inner) { set_text(inner, "Paycard", own_paycard(world)); }), kTake},
      {"told.question-twice", "Questions that nobody can answer end it.", "U6", {"QP-ADM-011", "QP-ADM-007"}, kTake,
       telling("a number twice", doubled), kAnswer},
      {"user.gives-up", "What the user does not answer is not sent.", "U15", {"QP-ADM-010", "QP-ADM-012"}, {}, {}, kAnswer, {"no", {}, {}}},
      {"user.unfit-answers", "Answers that do not fit their questions are not sent.", "U8", {"QP-ADM-012"}, {}, {}, kAnswer,
       {"yes", {}, "neither a number nor a day"}},
      {"unknown-product", "What no Broker made is not added.", "U2", certified, {}, {}, kConfirm, {"yes", "other", {}}},
      {"early-sealing-key", "Nothing is sealed to a key that is not good yet.", "U2 early key", certified, {}, {}, kConfirm, {}, sealing_key_comes},
      {"old-sealing-key", "Nor to one that is good no more.", "U2 old key", certified, {}, {}, kConfirm, {}, sealing_key_changes}};
}

/// Why a user of a Wallet may be told that a Paycard was not added.
const std::vector<std::string> kReasons = {"peer-error", "not-authorised", "malformed",     "bad-signature", "untrusted-key", "duplicate",
                                           "expired",    "out-of-state",   "unknown-field", "replay",        "revoked",       "insufficient"};

Negative wrong(const std::string& check, const Wrong& one) {
  const auto call = std::make_shared<IutResult<CallId>>(tl::unexpected(IutError{}));
  Negative plan;
  plan.check = check;
  plan.stimulus = [call, one](Session& s) {
    Holder who(s);
    if (one.arrange && s.world().real_time()) {
      return false;  // the key would not become good while anybody waits
    }
    const std::size_t from = s.transcript().mark();
    Act act;
    if (!one.message.empty()) {
      act = one.act(s.world());
      who.shopper.broker()->script(one.message, act);
    }
    *call = who.begin(one.user);
    if (!call->has_value() || one.message.empty()) {
      return call->has_value();
    }
    return act.kind == Act::Kind::answer
               ? s.world().wait_for(from, [&](const Entry& entry) { return !entry.by_iut && entry.code == act.code; }).has_value()
               : who.shopper.delivered(from, act.label).has_value();
  };
  plan.reaction = [call](Session& s) { return reaction_of(Holder(s).finish(*call)); };
  plan.forbidden = is_request(one.forbidden);
  plan.forbidden_text = "no " + one.forbidden;
  plan.refusals = kReasons;
  const std::int64_t until = one.arrange ? kKeyGoodIn : 0;
  plan.benign = [until](Session& s) { return (until == 0 || s.world().advance(until)) && Holder(s, 1).adds(); };
  return plan;
}

/// The Broker's last word is wrong: the Wallet is left without the Paycard.
struct Unwanted {
  const char* id;
  const char* title;
  const char* row;
  std::vector<std::string> requirements;
  std::function<Act(const World&)> act;
};

std::vector<Unwanted> unwanted() {
  return {{"refused.answers", "A Broker that refuses the answers gives no Paycard.", "U14", {"QP-ADM-012"}, says("QP-E-SESSION")},
          {"refused.answers-locked", "Too many wrong answers end it.", "U14 LOCKED", {"QP-ADM-012"}, says("QP-E-LOCKED")},
          {"told.other-paycard", "The Paycard that comes is the one that was promised.", "U10", {"QP-ADM-007", "QP-ADM-008"},
           telling("another Paycard", [](const World&, Element& inner) { set_text(inner, "Paycard", "P99"); })}};
}

Negative not_added(const std::string& check, const Unwanted& one) {
  Wrong as_wrong{one.id, one.title, one.row, one.requirements, kAnswer, one.act, kInquiry};
  Negative plan = wrong(check, as_wrong);
  plan.forbidden_text = "no payment with it";
  plan.reaction = [reaction = plan.reaction](Session& s) {
    Reaction end = reaction(s);
    Holder who(s);
    if (end.kind == Reaction::Kind::refused && (who.activates(who.enrolment().paycard) || who.activates("P99"))) {
      end.kind = Reaction::Kind::accepted;
      end.detail = "the Paycard is there";
    }
    return end;
  };
  return plan;
}

/// No answer of the Broker arrives before the session is over.
Negative expired(const std::string& check, const std::string& message) {
  const auto call = std::make_shared<IutResult<CallId>>(tl::unexpected(IutError{}));
  Negative plan;
  plan.check = check;
  plan.stimulus = [call, message](Session& s) {
    Holder who(s);
    who.shopper.broker()->script(message, lose_answer(), -1);
    *call = who.begin();
    return call->has_value() && who.shopper.attempt(message, 0).has_value() && s.world().advance(kPastSession);
  };
  plan.reaction = [call](Session& s) {
    const Reaction end = reaction_of(Holder(s).finish(*call));
    Holder(s).shopper.calm();
    return end;
  };
  plan.forbidden = is_request(message == kConfirm ? kTake : message == kTake ? kAnswer : kInquiry);
  plan.forbidden_text = "nothing for a session that is over";
  plan.refusals = {"expired", "peer-error"};
  plan.benign = [](Session& s) { return Holder(s, 1).adds(); };
  return plan;
}

/// The user asks for what cannot be done.
struct Refused {
  const char* id;
  const char* title;
  const char* row;
  std::vector<std::string> requirements;
  std::function<bool(Holder&)> reach;
  std::function<IutResult<Outcome>(Holder&)> ask;
  std::string forbidden;
};

std::vector<Refused> refusals() {
  const auto has_it = [](Holder& who) { return who.adds(); };
  const auto gave_it_up = [](Holder& who) {
    const bool gone = who.adds() && is_accepted(who.remove(who.enrolment().paycard)) && who.shopper.attempt(kRemove, 0);
    who.world().settle();
    return gone;
  };
  return {{"again", "A Paycard is added once.", "D1 add", {"QP-ADM-008"}, has_it, [](Holder& who) { return who.add(); }, kConfirm},
          {"again-after-removal", "A Paycard that was given up is not added again.", "D1 REMOVED", {"QP-ADM-008", "QP-PAY-007"}, gave_it_up,
           [](Holder& who) { return who.add(); }, kConfirm},
          {"remove-unknown", "What was never added cannot be given up.", "remove unknown", {"QP-PAY-007"}, [](Holder&) { return true; },
           [](Holder& who) { return who.remove(who.enrolment().paycard); }, kRemove},
          {"remove-again", "A Paycard is given up once.", "D1 remove", {"QP-PAY-007"}, gave_it_up,
           [](Holder& who) { return who.remove(who.enrolment().paycard); }, kRemove},
          {"removed-is-inactive", "A Paycard that was given up cannot be activated.", "U17 REMOVED", {"QP-PAY-007"}, gave_it_up,
           [](Holder& who) { return who.shopper.activate(who.enrolment().paycard); }, kInquiry}};
}

Negative not_done(const std::string& check, const Refused& one) {
  const auto outcome = std::make_shared<IutResult<Outcome>>(tl::unexpected(IutError{}));
  Negative plan;
  plan.check = check;
  plan.reach = [one](Session& s) {
    Holder who(s);
    return one.reach(who);
  };
  plan.stimulus = [outcome, one](Session& s) {
    Holder who(s);
    *outcome = one.ask(who);
    return true;
  };
  plan.reaction = [outcome](Session&) { return reaction_of(*outcome); };
  plan.forbidden = is_request(one.forbidden);
  plan.forbidden_text = "no " + one.forbidden;
  plan.refusals = kReasons;
  plan.benign = [](Session& s) { return Holder(s, 1).adds(); };
  return plan;
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

template <class One>
void add_negatives(Suite& suite, const std::vector<One>& all, Negative (*make)(const std::string&, const One&)) {
  for (const One& one : all) {
    const std::string id = std::string("paycard.") + one.id;
    Arrange arrange = {};
    if constexpr (requires { one.arrange; }) {
      arrange = one.arrange;
    }
    suite.negative({.id = id,
                    .title = one.title,
                    .subject = one.row,
                    .requirements = one.requirements,
                    .mutation = one.id,
                    .twin = "paycard.added"},
                   [one, make, check = suite.name(id)](Session&) { return make(check, one); }, arrange);
  }
}

void add_expired(Suite& suite) {
  for (const std::string& message : {kConfirm, kTake, kAnswer}) {
    const std::string id = "paycard.expired." + slug_of(message);
    suite.negative({.id = id,
                    .title = "A session that takes too long is given up.",
                    .subject = "U16 " + message,
                    .requirements = {"QP-ADD-27", "QP-ADM-010"},
                    .mutation = "clock:T_session",
                    .twin = "paycard.added"},
                   [message, check = suite.name(id)](Session&) { return expired(check, message); });
  }
}

}  // namespace

void add_wallet_paycards(Suite& suite) {
  suite.belongs_to("paycard", false);  // issue codes are not in fixture files
  add_rights(suite);
  add_negatives(suite, wrongs(), wrong);
  add_negatives(suite, unwanted(), not_added);
  add_negatives(suite, refusals(), not_done);
  add_expired(suite);
}

}  // namespace quickpay::conformance
