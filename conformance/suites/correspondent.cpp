#include "conformance/suites/correspondent.hpp"

#include <algorithm>
#include <utility>

#include "conformance/peers/digest.hpp"
#include "conformance/suites/registrar.hpp"

namespace quickpay::conformance {

namespace {

constexpr int kMaxPages = 20;  ///< of a mailbox in one session

}  // namespace

Letter Correspondent::letter() {
  Letter letter;
  letter.from = world_.cast().broker;
  letter.ids = {world_.cast().vendor};
  letter.text = "note " + session_.random().hex(16);
  return letter;
}

Letter Correspondent::full_letter() {
  Letter full = letter();
  full.order = Registrar(session_).order().ref;
  full.ref = "ref-" + session_.random().hex(16);
  full.begins = world_.now_text();
  full.ends = world_.now_text(60);
  full.sealed = branch("Sealed", {leaf("KeyId", session_.random().hex(64)), leaf("WrappedKey", base64_of(session_.random().hex(256))),
                                  leaf("Nonce", session_.random().hex(24)), leaf("Box", base64_of(session_.random().hex(100)))});
  full.expires_at = world_.now_text(3600);
  return full;
}

Sending Correspondent::posting(const Letter& letter) {
  std::vector<Element> audience;
  for (const std::string& id : letter.ids) {
    audience.push_back(leaf("Id", id));
  }
  if (!letter.role.empty()) {
    audience = {leaf("Role", letter.role)};
  }
  std::vector<Element> body = {leaf("Kind", letter.kind), branch("Audience", std::move(audience))};
  if (!letter.order.name.empty()) {
    body.push_back(letter.order);
  }
  const std::pair<const char*, const std::string*> optional[] = {{"Ref", &letter.ref},
                                                                 {"From", &letter.begins},
                                                                 {"To", &letter.ends},
                                                                 {"Text", &letter.text}};
  for (const auto& [name, value] : optional) {
    if (!value->empty()) {
      body.push_back(leaf(name, *value));
    }
  }
  if (!letter.sealed.name.empty()) {
    body.push_back(letter.sealed);
  }
  if (!letter.expires_at.empty()) {
    body.push_back(leaf("ExpiresAt", letter.expires_at));
  }
  Sending sending;
  sending.from = letter.from;
  sending.document = request_of("RegisterMessage", world_.head(letter.from), std::move(body));
  return sending;
}

Sending Correspondent::retrieval(const std::string& reader, std::string since, int limit, const std::string& kind) {
  std::vector<Element> body = {leaf("Since", std::move(since)), leaf("Limit", std::to_string(limit))};
  if (!kind.empty()) {
    body.push_back(leaf("Kind", kind));
  }
  Sending sending;
  sending.from = reader.empty() ? world_.cast().other_wallet : reader;
  HeadFacts head = world_.head(reader);
  head.sent_at = world_.now_text();
  sending.document = request_of("RetrieveMessages", head, std::move(body));
  return sending;
}

Sending Correspondent::discarding(const std::string& reader, const std::string& up_to) {
  Sending sending;
  sending.from = reader;
  sending.document = request_of("DiscardMessages", world_.head(reader), {leaf("UpTo", up_to)});
  return sending;
}

std::string Correspondent::post(const Letter& letter) {
  const Reply reply = world_.send(posting(letter));
  return reply.ok() ? reply.text("Body/MessageNo") : std::string();
}

std::optional<std::vector<Element>> Correspondent::mail_of(const std::string& reader, std::string since) {
  std::vector<Element> mail;
  for (int page = 0; page < kMaxPages; ++page) {
    const Reply reply = world_.send(retrieval(reader, since));
    if (!reply.ok()) {
      return std::nullopt;
    }
    for (const Element& one : at(reply.document, "Body")->children) {
      if (one.name == "Message") {
        mail.push_back(one);
      }
    }
    since = reply.text("Body/Next");
    if (reply.text("Body/More") != "yes") {
      return mail;
    }
  }
  return std::nullopt;
}

Correspondent::Found Correspondent::finds(const std::string& reader, const std::string& number) {
  const auto mail = mail_of(reader);
  if (!mail || number.empty()) {
    return Found::failed;
  }
  const bool there = std::any_of(mail->begin(), mail->end(),
                                 [&](const Element& one) { return text_at(one, "MessageNo") == number; });
  return there ? Found::yes : Found::no;
}

bool Correspondent::delivers() {
  const Letter sent = letter();
  return finds(world_.cast().vendor, post(sent)) == Found::yes;
}

}  // namespace quickpay::conformance
