#include "conformance/suites/applicant.hpp"

#include <utility>

#include "conformance/peers/box.hpp"
#include "conformance/peers/build.hpp"
#include "conformance/peers/digest.hpp"
#include "reference/codec/generated/protocol.hpp"

namespace quickpay::conformance {

Applicant::Applicant(Session& session, std::string wallet, std::size_t enrolment)
    : session_(session),
      world_(session.world()),
      wallet_(wallet.empty() ? session.world().cast().wallet : std::move(wallet)),
      enrolment_(enrolment) {
  reply_key_ = bytes_of_hex(sha256_of(session_.random().hex(16)));
}

Element Applicant::confirmation() {
  const PaycardFilePlan& file = world_.plan().paycard_file;
  return branch("ConfirmPaycardInner",
                {leaf("Product", file.product), leaf("Version", file.version), leaf("FileHash", file.file_hash),
                 leaf("IssueCode", enrolment().issue_code),
                 branch("WalletInfo", {leaf("WalletId", wallet_),
                                       branch("Net", {leaf("Addr", world_.address_of(wallet_)), leaf("Prefix", "32")}),
                                       leaf("LookupTicket", world_.fresh_id())}),
                 leaf("ReplyKey", hex_of(reply_key_)), leaf("Nonce", world_.fresh_id())});
}

Element Applicant::taking() {
  const std::string id = session_id.empty() ? std::string(32, '0') : session_id;
  return branch("TakeQuestionInner", {leaf("SessionId", id), leaf("Nonce", world_.fresh_id())});
}

Element Applicant::answering() {
  const std::string id = session_id.empty() ? std::string(32, '0') : session_id;
  Element inner = branch("AnswerResponseInner", {leaf("SessionId", id)});
  for (const Element& question : questions) {
    inner.children.push_back(branch("Answer", {leaf("No", text_at(question, "No")), leaf("Value", right_answer(text_at(question, "Prompt")))}));
  }
  if (questions.empty()) {
    inner.children.push_back(branch("Answer", {leaf("No", "1"), leaf("Value", "?")}));
  }
  inner.children.push_back(leaf("Nonce", world_.fresh_id()));
  return inner;
}

std::string Applicant::right_answer(const std::string& prompt) const {
  for (const QuestionPlan& question : enrolment().questions) {
    if (question.prompt == prompt) {
      return question.answer;
    }
  }
  return "?";
}

Sending Applicant::sealed(const std::string& message, const Element& inner) { return sealed_bytes(message, to_xml(inner)); }

Sending Applicant::sealed_bytes(const std::string& message, const std::string& inner) {
  Sending sending;
  sending.from = wallet_;
  sending.document = request_of(message, world_.head(wallet_), {});
  if (const SigningKeyPlan* key = sealing_key(world_.plan(), world_.iut())) {
    sending.document = sealed_to(*key->key, std::move(sending.document), inner, session_.random().hex(16));
  }
  return sending;
}

Reply Applicant::ask(const std::string& message, const Element& inner) {
  const Reply reply = world_.send(sealed(message, inner));
  heard(message, reply);
  return reply;
}

void Applicant::heard(const std::string& message, const Reply& reply) {
  const auto plain = reply.ok() ? unboxed(reply_key_, reply.document) : std::nullopt;
  if (plain && inner_fault(message, true, *plain).empty()) {
    take_over(message, parse_xml(*plain).value_or(Element{}));
  }
}

void Applicant::take_over(const std::string& message, const Element& told) {
  if (message == "ConfirmPaycard") {
    session_id = text_at(told, "SessionId");
  } else if (message == "AnswerResponse") {
    secret = text_at(told, "PaycardSecret");
  } else {
    questions.clear();
    for (const Element& each : told.children) {
      if (each.name == "Question") {
        questions.push_back(each);
      }
    }
  }
}

Reply Applicant::confirm_with(const std::string& code) {
  Element inner = confirmation();
  set_text(inner, "IssueCode", code);
  return ask("ConfirmPaycard", inner);
}

Reply Applicant::fail() {
  take();
  Element inner = answering();
  set_text(inner, "Answer/Value", "nothing of the kind");
  return ask("AnswerResponse", inner);
}

bool Applicant::lock() {
  Reply last = confirm();
  for (std::int64_t i = 0; last.code != protocol::QP_E_LOCKED && i < protocol::N_tries_default; ++i) {
    last = fail();
  }
  return last.code == protocol::QP_E_LOCKED;
}

bool Applicant::lock_out() {
  Reply last;
  for (std::int64_t i = 0; i < protocol::N_tries_default; ++i) {
    last = confirm_with("GUESS-" + std::to_string(i));
  }
  return last.code == protocol::QP_E_LOCKED;
}

Applicant Applicant::as(const std::string& wallet) const {
  Applicant other(session_, wallet, enrolment_);
  other.session_id = session_id;
  other.questions = questions;
  return other;
}

Reply Applicant::add() {
  Reply last = confirm();
  if (last.ok()) {
    last = take();
  }
  return last.ok() ? answer() : last;
}

Sending Applicant::removal(const std::string& with_secret) {
  Sending sending;
  sending.from = wallet_;
  const HeadFacts head = world_.head(wallet_);
  const std::string& paycard = enrolment().paycard;
  const std::string token = removal_token(with_secret, wallet_, paycard, head.msg_id);
  sending.document = request_of("RemovePaycard", head, {leaf("Paycard", paycard), leaf("PaycardToken", token), leaf("Reason", "user")});
  return sending;
}

}  // namespace quickpay::conformance
