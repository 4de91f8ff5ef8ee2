// The Broker hands Paycards out to those who know code and answers, takes them back, and says nothing to anybody else.
#include <fmt/format.h>

#include <functional>
#include <set>

#include "conformance/peers/box.hpp"
#include "conformance/peers/build.hpp"
#include "conformance/peers/digest.hpp"
#include "conformance/peers/test_keys.hpp"
#include "conformance/suites/applicant.hpp"
#include "conformance/suites/broker_parts.hpp"
#include "conformance/suites/families.hpp"
#include "conformance/suites/rights.hpp"
#include "reference/codec/generated/protocol.hpp"

namespace quickpay::conformance {

namespace {

constexpr std::int64_t kPastSession = protocol::T_session_default + 1;  ///< seconds
constexpr std::int64_t kPastLock = protocol::T_lock_default + 1;
const std::string kNobodysSecret(64, '0');

bool adds_another(Session& session) { return Applicant(session, session.world().cast().other_wallet, 1).adds(); }

// ---------------------------------------------------------------- given
/// A Paycard is added, and its secret proves itself.
void added(Session& session, const std::string& check) {
  Applicant who(session);
  const Reply given = who.add();
  judge(session, check, given.ok() && !who.secret.empty(), "QP-OK and a secret", outcome_text(given), given.entries, Reason::refused);
}

void added_again(Session& session, const std::string& check) {
  Applicant who(session);
  if (!who.adds()) {
    return unreached(session, "a Paycard");
  }
  const std::string old = who.secret;
  who.confirm();
  const Reply still = who.take();
  const Reply given = who.answer();
  const Reply dead = who.remove(old), alive = who.remove(who.secret);
  judge(session, check, still.ok() && given.ok() && dead.code == protocol::QP_E_FORBIDDEN && alive.ok(),
        "a new secret, QP-E-FORBIDDEN to the old one, QP-OK to the new one",
        fmt::format("{}, {}, {}", outcome_text(given), outcome_text(dead), outcome_text(alive)), dead.entries);
}

void repeated(Session& session, const std::string& check) {
  Applicant who(session);
  if (!who.confirm().ok() || !who.take().ok()) {
    return unreached(session, "questions");
  }
  const Sending sending = who.sealed("AnswerResponse", who.answering());
  const Reply first = session.world().send(sending), second = session.world().send(sending);
  judge(session, check, first.ok() && first.body == second.body, "the same bytes again", outcome_text(second), second.entries);
}

void numbers(Session& session, const std::string& check) {
  Applicant who(session);
  std::set<std::string> seen;
  std::size_t posed = 0;
  for (int i = 0; i < 4; ++i) {
    if (i % 2 == 0) {
      who.confirm();
    }
    if (!who.take().ok()) {
      return unreached(session, "questions");
    }
    for (const Element& question : who.questions) {
      seen.insert(text_at(question, "No"));
      ++posed;
    }
  }
  judge(session, check, posed > 0 && seen.size() == posed, "a number of its own for each question",
        fmt::format("{} numbers for {} questions", seen.size(), posed));
}

void removed(Session& session, const std::string& check) {
  Applicant who(session);
  if (!who.adds()) {
    return unreached(session, "a Paycard");
  }
  judge_ok(session, check, who.remove(who.secret));
}

void survives(Session& session, const std::string& check) {
  Applicant who(session);
  if (!who.confirm().ok() || !who.take().ok() || !session.world().restart(true) || !who.answer().ok()) {
    return unreached(session, "a session that outlives a crash");
  }
  const bool back = session.world().restart(true);
  const Reply reply = who.remove(who.secret);
  judge(session, check, back && reply.ok(), "QP-OK to the secret that was given", outcome_text(reply), reply.entries);
}

/// After a while a right way through succeeds.
void in_time(Session& session, const std::string& check, const std::function<bool(Applicant&)>& before, std::int64_t seconds) {
  Applicant who(session);
  if (!before(who) || !session.world().advance(seconds)) {
    return unreached(session, "what has to be over, and a clock that can be moved");
  }
  judge_ok(session, check, who.add());
}

bool fails_twice(Applicant& who) { return who.confirm().ok() && !who.fail().ok() && who.fail().code == protocol::QP_E_ANSWER; }
bool guesses_twice(Applicant& who) {
  return who.confirm_with("GUESS-1").code == protocol::QP_E_PAYCARD && who.confirm_with("GUESS-2").code == protocol::QP_E_PAYCARD;
}

/// Wrong ones are forgotten in time: as many again do not lock.
void forgotten(Session& session, const std::string& check, const std::function<bool(Applicant&)>& wrong) {
  Applicant who(session);
  if (!wrong(who) || !session.world().advance(kPastLock)) {
    return unreached(session, "wrong ones, and a clock that can be moved");
  }
  judge(session, check, wrong(who), "no lock", "one");
}

const std::vector<Right>& rights() {
  const auto later = [](std::function<bool(Applicant&)> before, std::int64_t seconds) {
    return [before = std::move(before), seconds](Session& s, const std::string& check) { in_time(s, check, before, seconds); };
  };
  static const std::vector<Right> all = {
      {"added", "Who knows code and answers gets the Paycard.", "J3 K2 J8 K4 J10 K6", {"QP-ADM-008", "QP-ADM-010", "QP-ADM-011", "QP-ADM-012"}, added},
      {"again", "A new secret ends the old one.", "K2 K6 BOUND", {"QP-ADM-008", "QP-PAY-005"}, added_again},
      {"repeated", "The same request gets the same secret.", "K6", {"QP-ADD-01"}, repeated, "AnswerResponse:again"},
      {"numbers", "No two questions have the same number.", "K4", {"QP-ADM-011"}, numbers},
      {"removed", "A Paycard is given up by who has its secret.", "K17", {"QP-PAY-007", "QP-PAY-005"}, removed},
      {"restart", "Session and secret outlive a crash.", "K6", {"QP-ADM-008"}, survives, "restart:hard"},
      {"after-session", "When a session is over there may be another one.", "K11", {"QP-ADM-010"},
       later([](Applicant& who) { return who.confirm().ok(); }, kPastSession), "clock:T_session"},
      {"after-session-bound", "Also where the Wallet has the Paycard already.", "K10", {"QP-ADM-010"},
       later([](Applicant& who) { return who.adds() && who.confirm().ok(); }, kPastSession), "clock:T_session"},
      {"after-lock", "A lock ends.", "K13", {"QP-ADM-012"}, later([](Applicant& who) { return who.lock(); }, kPastLock), "clock:T_lock"},
      {"after-lock-bound", "Also where the Wallet has the Paycard already.", "K12", {"QP-ADM-012"},
       later([](Applicant& who) { return who.adds() && who.lock(); }, kPastLock), "clock:T_lock"},
      {"after-lock-out", "A Wallet that named wrong codes is heard again.", "J12", {"QP-ADM-006"},
       later([](Applicant& who) { return who.lock_out(); }, kPastLock), "clock:T_lock"},
      {"forgets-answers", "Wrong answers are forgotten.", "K14", {"QP-ADM-012"},
       [](Session& s, const std::string& check) { forgotten(s, check, fails_twice); }, "clock:T_lock"},
      {"forgets-codes", "Wrong codes are forgotten.", "J12 OPEN", {"QP-ADM-006"},
       [](Session& s, const std::string& check) { forgotten(s, check, guesses_twice); }, "clock:T_lock"}};
  return all;
}

// ---------------------------------------------------------------- refused
using WrongRequest = Wrong<Applicant>;

std::function<Reply(Applicant&)> confirming(const char* path, std::string value) {
  return [path, value = std::move(value)](Applicant& who) {
    Element inner = who.confirmation();
    set_text(inner, path, value);
    return who.ask("ConfirmPaycard", inner);
  };
}
Reply with_a_weak_key(Applicant& who) {
  Element inner = who.confirmation();
  child(inner, "WalletInfo")->children.push_back(leaf("PubKey", base64_of(weak_key(WeakKey::exponent_three))));
  return who.ask("ConfirmPaycard", inner);
}
/// The answers, changed.
std::function<Reply(Applicant&)> answering(std::function<void(Element&)> change) {
  return [change = std::move(change)](Applicant& who) {
    Element inner = who.answering();
    change(inner);
    return who.ask("AnswerResponse", inner);
  };
}
bool asked(Applicant& who) { return who.confirm().ok() && who.take().ok(); }
bool has_one(Applicant& who) { return who.adds(); }
bool gave_it_up(Applicant& who) { return who.adds() && who.remove(who.secret).ok(); }
bool locked(Applicant& who) { return who.lock(); }
bool locked_out(Applicant& who) { return who.lock_out(); }
bool nearly_locked(Applicant& who) { return fails_twice(who) && who.take().ok(); }
bool nearly_locked_out(Applicant& who) { return guesses_twice(who); }
bool session_is_old(Applicant& who) {
  const bool first = asked(who);
  const std::string old = who.session_id;
  const bool second = who.confirm().ok();
  who.session_id = old;
  return first && second;
}
bool session_is_over(Applicant& who) { return asked(who) && who.world().advance(kPastSession); }
Reply confirm(Applicant& who) { return who.confirm(); }
Reply take(Applicant& who) { return who.take(); }
Reply answer(Applicant& who) { return who.answer(); }
Reply answer_wrongly(Applicant& who) {
  return answering([](Element& inner) { set_text(inner, "Answer/Value", "wrong"); })(who);
}
/// Another Wallet does what this one could.
std::function<Reply(Applicant&)> stranger(Reply (*what)(Applicant&)) {
  return [what](Applicant& who) {
    Applicant other = who.as(who.world().cast().other_wallet);
    return what(other);
  };
}

std::vector<WrongRequest> wrong_confirmations() {
  const std::vector<std::string> code = {"QP-ADM-006"}, file = {"QP-ADM-007", "QP-ADM-006"}, lock = {"QP-ADM-006"};
  return {
      {"other-wallet", "A Wallet speaks for itself alone.", "J1", "QP-E-FORBIDDEN", {"QP-ADM-008"}, "ConfirmPaycard.WalletId:=another's",
       anything, confirming("WalletInfo/WalletId", "W" + std::string(32, 'e'))},
      {"other-product", "No file becomes a Paycard that was not issued.", "J2", "QP-E-PAYCARD", file, "ConfirmPaycard.Product:=unknown", anything,
       confirming("Product", "other")},
      {"other-version", "No version that was not issued.", "J2", "QP-E-PAYCARD", file, "ConfirmPaycard.Version:=unknown", anything,
       confirming("Version", "0.9")},
      {"other-file", "No file that was changed.", "J2", "QP-E-PAYCARD", file, "ConfirmPaycard.FileHash:=another", anything,
       confirming("FileHash", std::string(64, '6'))},
      {"other-code", "No code that was not given out.", "J5", "QP-E-PAYCARD", code, "ConfirmPaycard.IssueCode:=unknown", anything,
       confirming("IssueCode", "GUESS")},
      {"last-code", "Too many wrong codes lock the Wallet.", "J4", "QP-E-LOCKED", lock, "ConfirmPaycard.IssueCode:=unknown, again",
       nearly_locked_out, confirming("IssueCode", "GUESS-3")},
      {"locked-right-code", "Who is locked out learns nothing from a right code.", "J7", "QP-E-LOCKED", lock, "ConfirmPaycard:locked out",
       locked_out, confirm},
      {"locked-wrong-code", "Nor from a wrong one.", "J7", "QP-E-LOCKED", lock, "ConfirmPaycard.IssueCode:=unknown, locked out", locked_out,
       confirming("IssueCode", "GUESS-4")},
      {"locked-other-wallet", "Who is locked out speaks for nobody else.", "J6", "QP-E-FORBIDDEN", {"QP-ADM-008"},
       "ConfirmPaycard.WalletId:=another's, locked out", locked_out, confirming("WalletInfo/WalletId", "W" + std::string(32, 'e'))},
      {"weak-key", "A weak key opens no session.", "K1", "QP-E-KEY", {"QP-ADD-18"}, "ConfirmPaycard.PubKey:=weak", anything, with_a_weak_key},
      {"removed-code", "A Paycard that was given up is not added again.", "J5 REMOVED", "QP-E-PAYCARD", {"QP-ADD-23", "QP-ADM-006"},
       "ConfirmPaycard:after RemovePaycard", gave_it_up, confirm},
      {"locked-confirm", "A locked Paycard opens no session.", "K3", "QP-E-LOCKED", {"QP-ADM-012"}, "ConfirmPaycard:locked", locked, confirm},
      {"locked-take", "Nor asks it questions.", "K5", "QP-E-LOCKED", {"QP-ADM-012"}, "TakeQuestion:locked", locked, take},
      {"locked-answer", "Nor takes it answers.", "K9", "QP-E-LOCKED", {"QP-ADM-012"}, "AnswerResponse:locked", locked, answer},
      {"no-session-take", "Nobody is asked without a session.", "J9", "QP-E-SESSION", {"QP-ADM-011"}, "TakeQuestion.SessionId:=unknown", anything,
       take},
      {"no-session-answer", "No answer counts without a session.", "J11", "QP-E-SESSION", {"QP-ADM-012"}, "AnswerResponse.SessionId:=unknown",
       anything, answer},
      {"old-session-take", "A new session ends the old one.", "J9 old", "QP-E-SESSION", {"QP-ADM-010"}, "TakeQuestion.SessionId:=old",
       session_is_old, take},
      {"old-session-answer", "Its questions, too.", "J11 old", "QP-E-SESSION", {"QP-ADM-010"}, "AnswerResponse.SessionId:=old", session_is_old,
       answer},
      {"late-session-take", "A session ends in time.", "K11 TakeQuestion", "QP-E-SESSION", {"QP-ADM-010"}, "TakeQuestion:after T_session",
       session_is_over, take},
      {"late-session-answer", "And its questions with it.", "K11 AnswerResponse", "QP-E-SESSION", {"QP-ADM-010"}, "AnswerResponse:after T_session",
       session_is_over, answer},
      {"used-session-take", "A session is good for one Paycard.", "D3 TakeQuestion", "QP-E-SESSION", {"QP-ADM-011"}, "TakeQuestion:after AnswerResponse",
       has_one, take},
      {"used-session-answer", "And its answers for one secret.", "D3 AnswerResponse", "QP-E-SESSION", {"QP-ADM-012"},
       "AnswerResponse:after AnswerResponse", has_one, answer}};
}

std::vector<WrongRequest> wrong_answers() {
  const std::vector<std::string> why = {"QP-ADM-012"};
  const auto wrong = [&](const char* id, const char* title, const char* mutation, std::function<void(Element&)> change) {
    return WrongRequest{id, title, "K8", "QP-E-ANSWER", why, mutation, asked, answering(std::move(change))};
  };
  return {
      wrong("wrong-answer", "A wrong answer gets no Paycard.", "AnswerResponse.Value:=wrong", [](Element& e) { set_text(e, "Answer/Value", "wrong"); }),
      wrong("blank-answer", "Answers are compared byte by byte.", "AnswerResponse.Value:=with a blank",
            [](Element& e) { set_text(e, "Answer/Value", text_at(e, "Answer/Value") + " "); }),
      wrong("missing-answer", "Every question is answered.", "AnswerResponse.Answer:=one less",
            [](Element& e) { e.children.erase(e.children.begin() + 1); }),
      wrong("surplus-answer", "And no other one.", "AnswerResponse.Answer:=one more",
            [](Element& e) { e.children.insert(e.children.begin() + 1, branch("Answer", {leaf("No", "999999"), leaf("Value", "more")})); }),
      wrong("double-answer", "And each once.", "AnswerResponse.Answer:=one twice",
            [](Element& e) { e.children.insert(e.children.begin() + 1, Element(e.children[1])); }),
      {"old-questions", "Only the last questions are open.", "K8 old", "QP-E-ANSWER", {"QP-ADM-011", "QP-ADM-012"}, "AnswerResponse.No:=of old questions",
       [](Applicant& who) {
         const bool first = asked(who);
         const std::vector<Element> old = who.questions;
         const bool second = who.take().ok();
         who.questions = old;
         return first && second;
       },
       answer},
      {"used-questions", "A question is answered once.", "K8 used", "QP-E-ANSWER", {"QP-ADM-011", "QP-ADM-012"}, "AnswerResponse:after a wrong one",
       [](Applicant& who) { return asked(who) && answer_wrongly(who).code == protocol::QP_E_ANSWER; }, answer},
      {"last-answer", "Too many wrong answers lock the Paycard.", "K7", "QP-E-LOCKED", why, "AnswerResponse.Value:=wrong, again", nearly_locked,
       answer_wrongly},
      {"remove-unbound", "Nobody gives up what he has not.", "K15", "QP-E-PAYCARD", {"QP-PAY-007"}, "RemovePaycard.Paycard:=not added", anything,
       [](Applicant& who) { return who.remove(kNobodysSecret); }},
      {"remove-wrong-token", "Nor what he has no secret of.", "K16", "QP-E-FORBIDDEN", {"QP-PAY-005"}, "RemovePaycard.PaycardToken:=wrong", has_one,
       [](Applicant& who) { return who.remove(kNobodysSecret); }},
      {"remove-again", "What was given up is gone.", "D2 RemovePaycard", "QP-E-PAYCARD", {"QP-PAY-007"}, "RemovePaycard:again", gave_it_up,
       [](Applicant& who) { return who.remove(who.secret); }}};
}

/// What does not open, and what comes out and is no document.
std::vector<WrongRequest> wrong_boxes() {
  const std::vector<std::string> why = {"QP-ADM-011", "QP-ADM-012"};
  const auto changed = [](const char* path) {
    return [path](Applicant& who) {
      Sending sending = who.sealed("TakeQuestion", who.taking());
      spoil(sending.document, path);
      return who.world().send(std::move(sending));
    };
  };
  const auto inside = [](const char* bytes) {
    return [bytes](Applicant& who) { return who.world().send(who.sealed_bytes("TakeQuestion", bytes)); };
  };
  const auto is_asked = [](Applicant& who) { return who.confirm().ok(); };
  return {
      {"other-key", "What is sealed to another key is refused.", "Sealed.KeyId", "QP-E-FORBIDDEN", why, "TakeQuestion.KeyId:=another", is_asked,
       changed("Body/Sealed/KeyId")},
      {"other-wrapping", "A wrapped key that is none is refused.", "Sealed.WrappedKey", "QP-E-FORBIDDEN", why, "TakeQuestion.WrappedKey:=changed",
       is_asked, changed("Body/Sealed/WrappedKey")},
      {"other-nonce", "A box under another nonce is refused.", "Sealed.Nonce", "QP-E-FORBIDDEN", why, "TakeQuestion.Nonce:=changed", is_asked,
       changed("Body/Sealed/Nonce")},
      {"other-box", "A box that was changed is refused.", "Sealed.Box", "QP-E-FORBIDDEN", why, "TakeQuestion.Box:=changed", is_asked,
       changed("Body/Sealed/Box")},
      {"other-head", "A box under another Head is refused.", "Sealed head", "QP-E-FORBIDDEN", why, "TakeQuestion.Head.MsgId:=another", is_asked,
       [](Applicant& who) {
         Sending sending = who.sealed("TakeQuestion", who.taking());
         set_text(sending.document, "Head/MsgId", who.world().fresh_id());
         return who.world().send(std::move(sending));
       }},
      {"other-message", "A box of another message is refused.", "Sealed root", "QP-E-FORBIDDEN", why, "TakeQuestion:=in AnswerResponse", is_asked,
       [](Applicant& who) {
         Sending sending = who.sealed("TakeQuestion", who.taking());
         sending.document.name = "AnswerResponse";
         return who.world().send(std::move(sending));
       }},
      {"inner-xml", "What is sealed keeps the XML profile.", "inner XML", "QP-E-XML", {"QP-ADD-20"}, "TakeQuestionInner:=no document", is_asked,
       inside("<TakeQuestionInner xmlns=\"urn:quickpay:1\"><!-- --></TakeQuestionInner>")},
      {"inner-schema", "And the tables.", "inner schema", "QP-E-SCHEMA", {"QP-ADD-20"}, "TakeQuestionInner:=another document", is_asked,
       inside("<Stranger xmlns=\"urn:quickpay:1\"><A>1</A></Stranger>")}};
}

/// Another Wallet has seen or bought what this one knows.
std::vector<WrongRequest> wrongs_of_strangers() {
  const std::vector<std::string> own = {"QP-ADM-008", "QP-ADM-006"};
  return {{"stranger-take", "A session is its Wallet's.", "J9 stranger", "QP-E-SESSION", own, "TakeQuestion.Head.Sender:=another Wallet", asked,
           stranger(take)},
          {"stranger-answer", "So are its questions.", "J11 stranger", "QP-E-SESSION", own, "AnswerResponse.Head.Sender:=another Wallet", asked,
           stranger(answer)},
          {"stranger-code", "A code that was used is used up.", "J5 BOUND", "QP-E-PAYCARD", own, "ConfirmPaycard.Head.Sender:=another Wallet", has_one,
           stranger(confirm)}};
}

/// The Wallet's request with that inside, from a Vendor.
std::function<Reply(Applicant&)> from_a_vendor(const char* message, Element (Applicant::*inner)()) {
  return [message, inner](Applicant& who) { return who.as(who.world().cast().vendor).ask(message, (who.*inner)()); };
}
Reply removal_from_a_vendor(Applicant& who) {
  Sending sending = who.removal(who.secret);
  sending.from = who.world().cast().vendor;
  set_text(sending.document, "Head/Sender", sending.from);
  return who.world().send(std::move(sending));
}

/// What Wallets ask is nobody else's to ask, whatever he knows.
std::vector<WrongRequest> wrong_senders() {
  const std::vector<std::string> role = {"QP-ROLE-001", "QP-ADM-008"};
  const auto one = [&](const char* id, const char* title, const std::string& message, std::function<bool(Applicant&)> reach,
                       std::function<Reply(Applicant&)> ask) {
    return WrongRequest{id, title, "step 11 " + message, "QP-E-FORBIDDEN", role, message + ".Head.Sender:=a Vendor", std::move(reach),
                        std::move(ask)};
  };
  return {one("vendor-confirms", "A Vendor opens no session.", "ConfirmPaycard", anything, from_a_vendor("ConfirmPaycard", &Applicant::confirmation)),
          one("vendor-takes", "Nor is it asked.", "TakeQuestion", asked, from_a_vendor("TakeQuestion", &Applicant::taking)),
          one("vendor-answers", "Nor does it answer.", "AnswerResponse", asked, from_a_vendor("AnswerResponse", &Applicant::answering)),
          one("vendor-removes", "Nor gives it up a Paycard.", "RemovePaycard", has_one, removal_from_a_vendor)};
}

}  // namespace

void add_broker_paycards(Suite& suite) {
  suite.belongs_to("paycard", false);  // issue codes are not in fixture files
  add_rights(suite, "paycard", rights());
  const WrongTable<Applicant> table{
      "paycard", "added", [](Session& session, Applicant&) { return adds_another(session); }, {Part::other_wallet}};
  for (const auto& wrongs : {wrong_confirmations(), wrong_answers(), wrong_boxes(), wrongs_of_strangers(), wrong_senders()}) {
    add_wrongs(suite, table, wrongs);
  }
}

}  // namespace quickpay::conformance
