#include "reference/roles/mailbox.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "reference/roles/fields.hpp"
#include "reference/roles/times.hpp"
#include "statemachines/communication/generated/host_mailbox.hpp"
#include "statemachines/communication/generated/host_message.hpp"

namespace quickpay::roles {
namespace {

namespace messages = statemachines::host_message;
namespace mailboxes = statemachines::host_mailbox;
using msg::comm::DiscardMessages;
using msg::comm::RegisterMessage;
using msg::comm::RetrieveMessages;

constexpr std::string_view kCounters = "counter";   // of HostCase, too
constexpr std::string_view kLastMessage = "message";

/// Numbers as keys sort like numbers.
std::string key_of(std::int64_t number) { return fmt::format("{:018}", number); }
std::int64_t number_of(const std::string& key) { return std::strtoll(key.c_str(), nullptr, 10); }

constexpr const char* kDiscarded = "discarded";  // the players that have discarded a message

bool has_discarded(const ledger::Record& record, const std::string& id) {
  const auto ids = recall_all<std::string>(record, kDiscarded);
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

void note_discard(ledger::Record& record, const std::string& id) {
  auto ids = recall_all<std::string>(record, kDiscarded);
  ids.push_back(id);
  keep_all(record, kDiscarded, ids);
}

/// A message is kept as readers see it, which of players named is one alone, and apart from it the whole audience.
void keep_mail(ledger::Record& record, msg::Mail mail) {
  keep(record, "Audience", msg::kAudienceType, mail.audience);
  if (!mail.audience.id.empty()) mail.audience.id.resize(1);
  keep(record, "Mail", msg::kMailType, mail);
}

std::optional<msg::Mail> mail_in(const ledger::Record& record) {
  auto mail = recall<msg::Mail>(record, "Mail", msg::kMailType);
  auto audience = recall<msg::Audience>(record, "Audience", msg::kAudienceType);
  if (!mail || !audience) return std::nullopt;
  mail->audience = std::move(*audience);
  return mail;
}

msg::Mail mail_of(const RegisterMessage& request, std::int64_t number, std::int64_t now_ms) {
  const auto& body = request.body;
  msg::Mail mail;
  mail.message_no = number;
  mail.kind = body.kind;
  mail.audience = body.audience;
  mail.order_ref = body.order_ref;
  mail.ref = body.ref;
  mail.from = body.from;
  mail.to = body.to;
  mail.text = body.text;
  mail.sealed = body.sealed;
  mail.expires_at = body.expires_at;
  mail.posted_at = format_time(now_ms);
  return mail;
}

/// What messages of an answer may take together.
class Room {
 public:
  bool take(const msg::Mail& mail) {
    const std::string written = codec::write_fragment("Message", msg::kMailType, &mail);
    const auto tags = static_cast<std::size_t>(std::count(written.begin(), written.end(), '<'));
    bytes_ += written.size();
    elements_ += tags / 2;
    return bytes_ <= kMaxMailBytes && elements_ <= kMaxMailElements;
  }

 private:
  std::size_t bytes_ = 0;
  std::size_t elements_ = 0;
};

}  // namespace

// ---------------------------------------------------------------- one message
bool HostMessage::holds(std::uint8_t predicate, const Turn& turn) {
  const auto* request = turn.get<RegisterMessage>();
  switch (static_cast<messages::Predicate>(predicate)) {
    case messages::Predicate::sender_removed: return request && sender_removed(turn);
    case messages::Predicate::quota_used: return request && quota_used(request->head.sender.value_or(""));
    case messages::Predicate::has_expiry: return request && request->body.expires_at.has_value();
    case messages::Predicate::nobody_left: {
      const auto mail = mail_in(turn.record);
      const std::string reader = turn.request ? turn.request->sender() : "";
      return mail && std::all_of(mail->audience.id.begin(), mail->audience.id.end(), [&](const std::string& id) {
               return id == reader || has_discarded(turn.record, id);
             });
    }
  }
  return false;
}

void HostMessage::apply(statemachines::EffectId effect, Turn& turn) {
  switch (static_cast<messages::Effect>(effect)) {
    case messages::Effect::perform_post: return post(turn);
    case messages::Effect::perform_forget: return forget(turn);
    case messages::Effect::perform_note_discard:
      if (turn.request) note_discard(turn.record, turn.request->sender());
      return;
    case messages::Effect::start_T_cm:
      return stage_.start(turn, "T_cm", after_span(stage_.facts.now_ms, stage_.facts.spans.mail));
    case messages::Effect::start_ExpiresAt: return start_expiry(turn);
    case messages::Effect::stop_T_cm:
    case messages::Effect::stop_ExpiresAt:
    case messages::Effect::ignore:
    case messages::Effect::reply_QP_OK:
    case messages::Effect::reply_QP_E_GONE:
    case messages::Effect::reply_QP_E_QUOTA:
    case messages::Effect::reply_QP_E_INTERNAL: return stage_.common(effect, turn);
  }
}

void HostMessage::fill(const ledger::Record& record, const AnyDocument*, AnyDocument& response) {
  if (auto* taken = as<msg::comm::RegisterMessageResponse>(&response)) taken->body.message_no = number_of(record.key);
}

std::int64_t HostMessage::last_number() {
  const auto counter = stage_.store.find(kCounters, kLastMessage);
  return counter ? number(*counter, "last").value_or(0) : 0;
}

bool HostMessage::sender_removed(const Turn& turn) const {
  return turn.request && stage_.facts.directory.removed(turn.request->sender());  // none: this Host itself
}

/// The Host owes its players what it tells them itself, so that nothing of it counts.
bool HostMessage::quota_used(const std::string& producer) {
  return producer != stage_.facts.config.id && kept_of(producer) >= stage_.facts.spans.mails_kept;
}

std::int64_t HostMessage::kept_of(const std::string& producer) {
  const auto record = stage_.store.find(kProducerMachine, producer);
  return record ? number(*record, "kept").value_or(0) : 0;
}

void HostMessage::count(const std::string& producer, std::int64_t change) {
  const std::int64_t kept = kept_of(producer) + change;
  if (kept <= 0) return stage_.store.erase(kProducerMachine, producer);
  ledger::Record record{std::string(kProducerMachine), producer, "COUNTING", {}, {}};
  set_number(record, "kept", kept);
  stage_.store.put(record);
}

/// Whether readers may know whose a message is (QP-ANON-010). The Host knows itself: a directory that was asked for the sake
/// of an alert would stand in the log of the case.
bool HostMessage::is_named(const std::string& producer) const {
  if (producer == stage_.facts.config.id) return true;
  const Lookup sender = stage_.facts.directory.find(producer);
  return sender.found == Found::known && sender.player->role != "wallet";
}

void HostMessage::post(Turn& turn) {
  const auto* request = turn.get<RegisterMessage>();
  if (!request) return;
  const std::int64_t number = number_of(turn.key());
  ledger::Record counter{std::string(kCounters), std::string(kLastMessage), "COUNTING", {}, {}};
  set_number(counter, "last", number);
  stage_.store.put(counter);
  const std::string producer = request->head.sender.value_or("");
  msg::Mail mail = mail_of(*request, number, stage_.facts.now_ms);
  if (is_named(producer)) mail.producer = producer;
  keep_mail(turn.record, std::move(mail));
  turn.record.fields["producer"] = producer;
  count(producer, 1);
}

void HostMessage::forget(Turn& turn) {
  count(std::string(field(turn.record, "producer")), -1);
  for (const char* name : {"Mail", "Audience", "producer"}) turn.record.fields.erase(name);
  forget_all(turn.record, kDiscarded);
}

void HostMessage::start_expiry(Turn& turn) {
  const auto* request = turn.get<RegisterMessage>();
  const auto at = request ? parse_time(request->body.expires_at.value_or("")) : std::nullopt;
  if (at) stage_.start(turn, "ExpiresAt", after_deadline(*at));
}

// ---------------------------------------------------------------- one reader
bool HostMailbox::holds(std::uint8_t predicate, const Turn& turn) {
  const auto* request = turn.get<RetrieveMessages>();
  switch (static_cast<mailboxes::Predicate>(predicate)) {
    case mailboxes::Predicate::cursor_beyond: return request && request->body.since > messages_.last_number();
  }
  return false;
}

void HostMailbox::apply(statemachines::EffectId effect, Turn& turn) {
  switch (static_cast<mailboxes::Effect>(effect)) {
    case mailboxes::Effect::perform_discard_messages: return discard(turn);
    case mailboxes::Effect::reply_QP_OK:
    case mailboxes::Effect::reply_QP_E_CURSOR: return stage_.common(effect, turn);
  }
}

std::int64_t HostMailbox::scan(std::int64_t after, const std::function<bool(const Turn&)>& visit) {
  std::size_t scanned = 0;
  for (;;) {
    const auto page = stage_.store.list(messages_.table().id, key_of(after), kMailPage);
    for (const ledger::Record& record : page) {
      if (++scanned > kMaxMailScanned) return after;
      const Turn turn = stage_.open(messages_, record.key);  // what has expired goes first
      if (has_field(turn.record, "Mail") && !visit(turn)) return after;
      after = number_of(record.key);
    }
    if (page.size() < kMailPage) return std::max(after, messages_.last_number());
  }
}

bool HostMailbox::is_for(const msg::Mail& mail, const std::string& reader) const {
  const auto& audience = mail.audience;
  const bool named = std::find(audience.id.begin(), audience.id.end(), reader) != audience.id.end();
  bool fits = audience.role ? reader.empty() || *audience.role == msg::AudienceRole::all : named && !reader.empty();
  if (audience.role && !fits) {
    const Lookup player = stage_.facts.directory.find(reader);
    fits = player.found == Found::known && player.player->role == msg::to_string(*audience.role);
  }
  Deviation* deviation = stage_.facts.config.deviation;
  return deviation && !reader.empty() ? deviation->override_predicate(table().id, "for_reader", fits) : fits;
}

void HostMailbox::fill(const ledger::Record&, const AnyDocument* request, AnyDocument& response) {
  const auto* asked = as<RetrieveMessages>(request);
  auto* answer = as<msg::comm::RetrieveMessagesResponse>(&response);
  if (!asked || !answer) return;
  const std::string reader = asked->head.sender.value_or("");
  Room room;
  const std::int64_t next = scan(asked->body.since, [&](const Turn& turn) {
    auto mail = mail_in(turn.record);
    if (!mail || !is_for(*mail, reader) || (asked->body.kind && *asked->body.kind != mail->kind)) return true;
    if (!mail->audience.id.empty()) mail->audience.id = {reader};  // the others are none of its business
    const bool fits = answer->body.message.size() < static_cast<std::size_t>(asked->body.limit) && room.take(*mail);
    if (fits) answer->body.message.push_back(std::move(*mail));
    return fits;
  });
  answer->body.next = next;
  answer->body.more = next < messages_.last_number() ? msg::YesNo::yes : msg::YesNo::no;
}

void HostMailbox::discard(Turn& turn) {
  if (!turn.request) return;
  const auto* request = turn.get<DiscardMessages>();
  const std::int64_t up_to = request ? request->body.up_to : std::numeric_limits<std::int64_t>::max();
  const std::string reader = turn.request->sender();
  std::vector<std::string> keys;
  scan(0, [&](const Turn& message) {
    if (number_of(message.key()) > up_to) return false;
    const auto mail = mail_in(message.record);
    const bool named = mail && std::count(mail->audience.id.begin(), mail->audience.id.end(), reader) != 0;
    if (named && !has_discarded(message.record, reader)) keys.push_back(message.key());
    return true;
  });
  for (const std::string& key : keys) {
    Turn message = stage_.open(messages_, key);
    message.request = turn.request;
    stage_.run(message, "discard");
  }
}

// ---------------------------------------------------------------- both
Mail::Mail(Stage& stage)
    : stage_(stage),
      messages_(machine_for(stage.facts.config, messages::table(), messages::make_msm()), stage),
      mailbox_(machine_for(stage.facts.config, mailboxes::table(), mailboxes::make_msm()), stage, messages_) {
  stage.add(messages_);
  stage.add(mailbox_);
}

void Mail::alert(std::string_view kind, const std::string& player, const msg::OrderRef& order, const std::string& ref) {
  if (!serves(stage_.facts.config, messages_.table().protocol)) return;
  Document<RegisterMessage> message;
  message.value.head.sender = stage_.facts.config.id;
  message.value.body.kind = kind;
  message.value.body.audience.id = {player};
  message.value.body.order_ref = order;
  message.value.body.ref = ref;
  Turn turn = stage_.open(messages_, key_of(messages_.last_number() + 1));
  turn.message = &message;
  stage_.run(turn, "RegisterMessage");
}

bool Mail::serve(Request& request) {
  const AnyDocument* document = request.document.get();
  if (as<RegisterMessage>(document)) {
    stage_.fire_due();  // what has expired counts no more
    stage_.serve(messages_, key_of(messages_.last_number() + 1), request);
    return true;
  }
  if (!as<RetrieveMessages>(document) && !as<DiscardMessages>(document)) return false;
  stage_.serve(mailbox_, request.asker(), request);
  return true;
}

}  // namespace quickpay::roles
