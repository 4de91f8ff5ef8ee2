#include "conformance/judges/boxes.hpp"

#include <fmt/format.h>

#include "conformance/peers/box.hpp"
#include "conformance/peers/digest.hpp"

namespace quickpay::conformance {

void BoxesJudge::on_entry(World& world, std::size_t index) {
  const Entry& entry = world.session().transcript().entries()[index];
  if (entry.kind != EntryKind::request && entry.kind != EntryKind::response) {
    return;
  }
  const Facts& facts = exchanges_->of(index);
  if (facts.http || !facts.read.valid() || protocol_of(facts.message) != "paycard") {
    return;
  }
  if (entry.kind == EntryKind::request && entry.by_iut) {
    return asked(world, index, facts);
  }
  if (entry.kind == EntryKind::request || !facts.request) {
    return;
  }
  const Facts& asked = exchanges_->of(*facts.request);
  const bool boxed = at(facts.document, "Body/Boxed") != nullptr;
  if (!entry.by_iut) {
    return boxed ? learn(world, asked, facts) : void();
  }
  if (boxed && asked.breach.empty() && !asked.repeat) {
    return open(world, index, asked, facts);
  }
  judged();
}

// ---- a Wallet asks

void BoxesJudge::asked(World& world, std::size_t index, const Facts& facts) {
  judged();
  const bool fresh = seen_.insert(text_at(facts.document, "Head/MsgId")).second;  // the same again is the envelope's affair
  if (!fresh || at(facts.document, "Body/Sealed") == nullptr) {
    return;
  }
  const auto plain = unsealed(world.plan(), facts.document);
  if (!plain) {
    return violation(world, index, "what its receiver can open", "what it cannot");
  }
  if (const std::string fault = inner_fault(facts.message, false, *plain); !fault.empty()) {
    return violation(world, index, "an inner document that keeps the tables", fault);
  }
  const Element inner = parse_xml(*plain).value_or(Element{});
  if (facts.message == "ConfirmPaycard") {
    return session_asked(world, index, facts, inner);
  }
  const auto session = sessions_.find(text_at(inner, "SessionId"));
  if (session == sessions_.end()) {
    return violation(world, index, "a session that the Broker opened", text_at(inner, "SessionId"), Reason::forbidden_message);
  }
  std::set<std::string> answered;
  for (const Element& each : inner.children) {
    if (each.name == "Answer" && !answered.insert(text_at(each, "No")).second) {
      violation(world, index, "one answer to each question", text_at(each, "No"));
    }
  }
  if (facts.message == "AnswerResponse" && answered != session->second.posed) {
    violation(world, index, "answers to the questions that were posed last, and to no others", "others");
  }
}

void BoxesJudge::session_asked(World& world, std::size_t index, const Facts& facts, const Element& inner) {
  const PaycardFilePlan& file = world.plan().paycard_file;
  if (text_at(inner, "WalletInfo/WalletId") != text_at(facts.document, "Head/Sender")) {
    violation(world, index, "the Wallet's own id", text_at(inner, "WalletInfo/WalletId"));
  }
  if (text_at(inner, "Product") != file.product || text_at(inner, "Version") != file.version || text_at(inner, "FileHash") != file.file_hash) {
    violation(world, index, "the file that its user adds", text_at(inner, "Product"));
  }
  if (!reply_keys_.insert(text_at(inner, "ReplyKey")).second) {
    violation(world, index, "a ReplyKey of its own", "one that was used");
  }
}

/// What the Broker said, if it is what a Wallet can open: this is what later requests have to be about.
void BoxesJudge::learn(const World& world, const Facts& asked, const Facts& facts) {
  const Element inner = inside(world.plan(), asked.document);
  const bool first = facts.message == "ConfirmPaycard";
  const auto session = sessions_.find(text_at(inner, "SessionId"));
  const std::string key = first ? text_at(inner, "ReplyKey") : session == sessions_.end() ? "" : session->second.reply_key;
  const auto plain = unboxed(bytes_of_hex(key), facts.document);
  const Element told = plain ? parse_xml(*plain).value_or(Element{}) : Element{};
  if (first && plain) {
    sessions_[text_at(told, "SessionId")] = {key, text_at(told, "Paycard"), {}};
  } else if (plain && facts.message == "TakeQuestion" && text_at(told, "Nonce") == text_at(inner, "Nonce")) {
    session->second.posed.clear();
    for (const Element& question : told.children) {
      if (question.name == "Question") {
        session->second.posed.insert(text_at(question, "No"));
      }
    }
  }
}

// ---- a Broker answers

void BoxesJudge::open(World& world, std::size_t index, const Facts& asked, const Facts& facts) {
  const Element inner = inside(world.plan(), asked.document);
  if (inner.name.empty()) {
    return;  // nobody here can look into it, and so nobody judges it
  }
  judged();
  const auto session = sessions_.find(text_at(inner, "SessionId"));
  const bool first = facts.message == "ConfirmPaycard";
  if (!first && session == sessions_.end()) {
    return violation(world, index, "no answer to a session that was never opened", "QP-OK", Reason::forbidden_message);
  }
  const std::string key = first ? text_at(inner, "ReplyKey") : session->second.reply_key;
  const auto plain = unboxed(bytes_of_hex(key), facts.document);
  if (!plain) {
    return violation(world, index, "a box that opens under the ReplyKey of its session", "one that does not");
  }
  if (!nonces_.insert(key + text_at(facts.document, "Body/Boxed/Nonce")).second) {
    violation(world, index, "a nonce that was not used under this key", "one that was");
  }
  if (const std::string fault = inner_fault(facts.message, true, *plain); !fault.empty()) {
    return violation(world, index, "an inner document that keeps the tables", fault);
  }
  const Element told = parse_xml(*plain).value_or(Element{});
  if (text_at(told, "Nonce") != text_at(inner, "Nonce")) {
    violation(world, index, "the Nonce of the request", text_at(told, "Nonce"));
  }
  const Given given{world, index, facts.message, inner, told};
  if (first) {
    session_opened(given, key);
  } else if (facts.message == "TakeQuestion") {
    questions_posed(given);
  } else {
    paycard_given(given);
  }
}

void BoxesJudge::session_opened(const Given& given, const std::string& reply_key) {
  const std::string id = text_at(given.told, "SessionId"), paycard = text_at(given.told, "Paycard");
  if (sessions_.count(id) != 0) {
    violation(given.world, given.index, "a SessionId of its own", id);
  }
  for (const EnrolmentPlan& one : given.world.plan().enrolments) {
    if (one.issue_code == text_at(given.asked, "IssueCode") && one.paycard != paycard) {
      violation(given.world, given.index, one.paycard, paycard);
    }
  }
  sessions_[id] = {reply_key, paycard, {}};
}

void BoxesJudge::questions_posed(const Given& given) {
  std::set<std::string>& numbers = numbers_[sessions_[text_at(given.asked, "SessionId")].paycard];
  for (const Element& question : given.told.children) {
    if (question.name == "Question" && !numbers.insert(text_at(question, "No")).second) {
      violation(given.world, given.index, "a number that this Paycard has not had", text_at(question, "No"));
    }
  }
}

void BoxesJudge::paycard_given(const Given& given) {
  const std::string& paycard = sessions_[text_at(given.asked, "SessionId")].paycard;
  if (text_at(given.told, "Paycard") != paycard) {
    violation(given.world, given.index, paycard, text_at(given.told, "Paycard"));
  }
  if (!secrets_.insert(text_at(given.told, "PaycardSecret")).second) {
    violation(given.world, given.index, "a secret that was never given", "one that was");
  }
}

}  // namespace quickpay::conformance
