#include "conformance/judges/envelope.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "conformance/peers/build.hpp"
#include "conformance/peers/seal.hpp"
#include "reference/codec/generated/protocol.hpp"

namespace quickpay::conformance {

namespace {

std::string value_at(const Facts& facts, const char* field) {
  return text_at(facts.document, std::string("Head/") + field);
}

bool is_unreadable_code(std::string_view code) {
  return code == protocol::QP_E_XML || code == protocol::QP_E_SCHEMA || code == protocol::QP_E_UNSUPPORTED;
}

/// Refusals of the steps 5 to 10 have no other ground than the message itself.
bool is_message_fault(std::string_view code) {
  return is_unreadable_code(code) || code == protocol::QP_E_VERSION || code == protocol::QP_E_PROFILE ||
         code == protocol::QP_E_RECEIVER;
}

}  // namespace

EnvelopeJudge::EnvelopeJudge(std::shared_ptr<const Exchanges> exchanges)
    : Judge("envelope"), exchanges_(std::move(exchanges)) {}

void EnvelopeJudge::demand(World& world, std::size_t index, const char* what, const std::string& expected,
                           const std::string& got) {
  if (expected != got) {
    violation(world, index, fmt::format("{} {}", what, expected.empty() ? "absent" : expected),
              got.empty() ? "absent" : got);
  }
}

void EnvelopeJudge::on_entry(World& world, std::size_t index) {
  const Entry entry = world.session().transcript().entries()[index];
  if (!entry.by_iut || (entry.kind != EntryKind::request && entry.kind != EntryKind::response)) {
    return;
  }
  const Facts& facts = exchanges_->of(index);
  if (facts.http || !facts.read.valid()) {
    return;  // not a document: another judge's matter
  }
  judged();
  if (entry.kind == EntryKind::request) {
    own_request(world, index, entry, facts);
  } else if (entry.http_status == 200 && facts.request) {
    own_response(world, index, entry, facts);
  }
}

void EnvelopeJudge::own_request(World& world, std::size_t index, const Entry& entry, const Facts& facts) {
  const codec::MessageType& type = *message_type(facts.message);
  for (const std::string& finding : world.session().transcript().entries()[index].findings) {
    if (finding.rfind("sent from an address", 0) == 0) {
      violation(world, index, "the sender's own source address", "another one");
      break;
    }
  }
  demand(world, index, "Version", "1", value_at(facts, "Version"));
  demand(world, index, "Profile", world.session().profile(), value_at(facts, "Profile"));
  demand(world, index, "Host", world.cast().host, value_at(facts, "Host"));
  const PlayerPlan* receiver = world.plan().player(entry.to);
  if (receiver == nullptr || receiver->listed) {  // who is no player yet is called by the name that it will have
    demand(world, index, "Receiver", entry.to, value_at(facts, "Receiver"));
  }
  const std::string sender = value_at(facts, "Sender");
  if (!type.open || !sender.empty()) {
    demand(world, index, "Sender", type.anonymous ? std::string() : world.iut(), sender);
  }
  if (carries_auth(world.plan(), facts.document) && !auth_right(world.plan(), facts.document, world.iut(), entry.to)) {
    violation(world, index, "an Auth under the key that it shares with the receiver", "another one");
  }
  if (!codec::may_send(type, world.plan().role)) {
    violation(world, index, "only messages of its role", facts.message, Reason::forbidden_message);
  }
  const auto [known, fresh] = requests_.try_emplace(entry.msg_id, Sent{entry.to, entry.path, entry.body});
  if (!fresh &&
      (known->second.to != entry.to || known->second.path != entry.path || known->second.body != entry.body)) {
    violation(world, index, "the same bytes to the same player on a retry, or a fresh MsgId",
              "other bytes, same MsgId");
  }
  if (ids_.count(entry.msg_id) != 0) {
    violation(world, index, "a fresh MsgId", "that of a response");
  }
}

void EnvelopeJudge::own_response(World& world, std::size_t index, const Entry& entry, const Facts& facts) {
  const Facts& asked = exchanges_->of(*facts.request);
  if (asked.http) {
    return;
  }
  response_head(world, index, facts, asked);
  response_code(world, index, entry, facts, asked);
  response_auth(world, index, facts, asked);
  const auto [known, fresh] = ids_.try_emplace(entry.msg_id, entry.body);
  if (!fresh && known->second != entry.body) {
    violation(world, index, "a MsgId of its own", "that of another response");
  }
  if (entry.msg_id == value_at(asked, "MsgId") || requests_.count(entry.msg_id) != 0) {
    violation(world, index, "a MsgId of its own", "that of a request");
  }
}

void EnvelopeJudge::response_head(World& world, std::size_t index, const Facts& facts, const Facts& asked) {
  const std::string code = text_at(facts.document, "Body/Status/Code");
  demand(world, index, "Version", "1", value_at(facts, "Version"));
  demand(world, index, "Host", world.cast().host, value_at(facts, "Host"));
  demand(world, index, "Sender", world.iut_is_nameless() ? value_at(asked, "Receiver") : world.iut(), value_at(facts, "Sender"));
  demand(world, index, "Retry", std::string(retry_of(code)), text_at(facts.document, "Body/Status/Retry"));
  const std::string reply_to = value_at(facts, "InReplyTo");
  if (is_unreadable_code(code)) {
    if (!reply_to.empty() && !asked.document.name.empty()) {
      demand(world, index, "InReplyTo", value_at(asked, "MsgId"), reply_to);
    }
    return;
  }
  demand(world, index, "InReplyTo", value_at(asked, "MsgId"), reply_to);
  demand(world, index, "Receiver", value_at(asked, "Sender"), value_at(facts, "Receiver"));
  demand(world, index, "Profile", value_at(asked, "Profile"), value_at(facts, "Profile"));
}

/// From the idempotency check on every answer to an authenticated request is authenticated, and no other one is.
void EnvelopeJudge::response_auth(World& world, std::size_t index, const Facts& facts, const Facts& asked) {
  const std::string code = text_at(facts.document, "Body/Status/Code");
  const bool has = child(facts.document, "Auth") != nullptr;
  const bool proven = carries_auth(world.plan(), asked.document) &&
                      (asked.breach.empty() || asked.breach == protocol::QP_E_CONFLICT ||
                       asked.breach == protocol::QP_E_STALE);
  const bool any_step = code == protocol::QP_E_BUSY || code == protocol::QP_E_INTERNAL;
  if (has != proven && !(any_step && proven)) {
    return violation(world, index, proven ? "an Auth" : "no Auth", has ? "an Auth" : "none");
  }
  if (has && !auth_right(world.plan(), facts.document, world.iut(), value_at(asked, "Sender"))) {
    return violation(world, index, "an Auth under the key that it shares with the sender", "another one");
  }
  if (has && epoch_of(facts.document) != epoch_of(asked.document)) {
    violation(world, index, "an Auth of the request's epoch", "one of another");
  }
}

void EnvelopeJudge::response_code(World& world, std::size_t index, const Entry& entry, const Facts& facts,
                                  const Facts& asked) {
  const std::string code = text_at(facts.document, "Body/Status/Code");
  if (is_away_code(code)) {
    return;
  }
  if (!asked.breach.empty()) {
    return demand(world, index, "Code", asked.breach, code);
  }
  const auto& own = message_type(facts.message)->errors;
  const bool may_be_its_own = std::find(own.begin(), own.end(), code) != own.end();
  if (is_message_fault(code) && !may_be_its_own) {
    violation(world, index, "no refusal for the form of a message that has none of these faults", code,
              Reason::refused);
  }
  if (asked.repeat && asked.final_answer && *asked.final_answer != entry.body) {
    violation(world, index, "the answer of the first time, byte for byte", "other bytes");
  }
}

}  // namespace quickpay::conformance
