#include "reference/sim/campaign/postbox.hpp"

#include <algorithm>
#include <utility>

#include "reference/codec/codec.hpp"
#include "reference/crypto/encoding.hpp"
#include "reference/crypto/hash.hpp"
#include "reference/roles/documents.hpp"
#include "reference/roles/shared_keys.hpp"
#include "reference/roles/times.hpp"

namespace quickpay::sim {
namespace {

namespace comm = msg::comm;

constexpr const char* kAlert = "revoke-alert";
constexpr std::int64_t kUseMs = 90'000;      // of a message that expires
constexpr std::int64_t kRoundMs = 1'000;     // times in messages have whole seconds
constexpr std::size_t kMsgIdDigits = 32;

/// For whom a message is: everybody, a role, or players by name.
msg::Audience audience_of(World& world, unsigned what) {
  static constexpr msg::AudienceRole kRoles[] = {msg::AudienceRole::all, msg::AudienceRole::vendor, msg::AudienceRole::wallet, msg::AudienceRole::broker};
  if (what % 3 == 0) return {kRoles[what / 3 % std::size(kRoles)], {}};
  static constexpr const char* kNamed[] = {"vendor", "wallet", "broker"};
  auto ids = world.ids(kNamed[what / 3 % std::size(kNamed)]);
  if (what % 3 == 1) ids.resize(1);
  return {std::nullopt, std::move(ids)};
}

}  // namespace

template <class T>
void Postbox::ask(const std::string& who, bool named, T request, const std::string& path, std::function<void(const std::string&)> told) {
  Site& site = world_.site(who);
  msg::Head& head = request.head;
  head.version = "1";
  head.profile = authenticated_ ? msg::Profile::H : msg::Profile::F;
  head.host = head.receiver.emplace(kHost);
  head.msg_id = crypto::to_hex(crypto::sha256("mail/" + std::to_string(++asked_))).substr(0, kMsgIdDigits);
  if (named) head.sender = who, head.sent_at = roles::format_time(site.clock->now_ms());
  const codec::DocumentType& type = *roles::ops_of_path(path)->type->request;
  roles::Document<T> document;
  document.value = std::move(request);
  if (authenticated_ && named) roles::authenticate(type, document, *roles::SharedKeys(site.config).current(kHost, site.clock->now_ms()));
  world_.ask(who, kHost, path, codec::write_document(type, document.object()), [told = std::move(told)](const roles::CallResult& result) {
    if (result.delivered && result.http_status == 200) told(result.body);
  });
}

void Postbox::post(const std::string& who, unsigned what) {
  const std::string ref = "n" + std::to_string(left_.size() + 1);
  comm::RegisterMessage request;
  Left left{who, what % 2 == 0 ? "batch-call" : "x-hint", audience_of(world_, what)};
  left.above = highest_;
  if (what % 5 == 4) left.expires_ms = world_.clock.now_ms() / kRoundMs * kRoundMs + kUseMs;
  request.body.kind = left.kind;
  request.body.audience = left.audience;
  request.body.ref = ref;
  request.body.text = "please look at " + ref;
  if (left.expires_ms != 0) request.body.expires_at = roles::format_time(left.expires_ms);
  left_[ref] = std::move(left);
  ask(who, true, std::move(request), std::string(comm::kRegisterMessageMessage.path), [this, ref](const std::string& body) { taken(ref, body); });
}

void Postbox::taken(const std::string& ref, const std::string& body) {
  const auto answer = codec::read<comm::RegisterMessageResponse>(body, comm::kRegisterMessageResponseDocument);
  if (!answer || answer->body.status.code != "QP-OK") return;
  Left& left = left_[ref];
  left.number = answer->body.message_no.value_or(0);
  ++taken_;
  if (left.number <= left.above) note("message " + ref + " has the number " + std::to_string(left.number) + ", not above " + std::to_string(left.above));
  highest_ = std::max(highest_, left.number);
}

void Postbox::collect(const std::string& who, unsigned what) {
  Fetching fetching{what % 7 == 6 ? std::string{} : who, 0, what % 3 == 0 ? 2 : 100, world_.clock.now_ms(), highest_};
  if (what % 2 == 1) fetching.since = last_shown_[fetching.reader];
  comm::RetrieveMessages request;
  request.body.since = fetching.since;
  request.body.limit = fetching.limit;
  ask(who, !fetching.reader.empty(), std::move(request), std::string(comm::kRetrieveMessagesMessage.path),
      [this, fetching](const std::string& body) { fetched(fetching, body); });
}

void Postbox::discard(const std::string& who) {
  const std::int64_t up_to = last_shown_[who];
  if (up_to == 0) return;
  for (auto& [ref, left] : left_)
    if (!left.audience.role && left.number <= up_to) left.discarded.insert(who);  // of those whose number nobody was told, perhaps
  comm::DiscardMessages request;
  request.body.up_to = up_to;
  ask(who, true, std::move(request), std::string(comm::kDiscardMessagesMessage.path), [](const std::string&) {});
}

void Postbox::fetched(const Fetching& fetching, const std::string& body) {
  const auto answer = codec::read<comm::RetrieveMessagesResponse>(body, comm::kRetrieveMessagesResponseDocument);
  if (!answer || answer->body.status.code != "QP-OK") return;
  const std::int64_t next = answer->body.next.value_or(0);
  std::int64_t last = fetching.since;
  std::set<std::string> seen;
  for (const msg::Mail& mail : answer->body.message) {
    if (mail.message_no <= last || mail.message_no > next) note("message " + std::to_string(mail.message_no) + " is out of order");
    last = mail.message_no;
    seen.insert(mail.ref.value_or(""));
    judge(fetching, mail);
  }
  for (const auto& [ref, left] : left_)
    if (left.number > fetching.since && left.number <= next && !seen.contains(ref) && must_be_shown(left, fetching))
      note("message " + ref + " is not handed out to " + fetching.reader);
  shown_ += answer->body.message.size();
  last_shown_[fetching.reader] = std::max(last_shown_[fetching.reader], next);
}

/// One message that was handed out.
void Postbox::judge(const Fetching& fetching, const msg::Mail& mail) {
  if (mail.kind == kAlert && mail.producer == kHost) {  // the Host's own
    if (mail.audience.id != std::vector<std::string>{fetching.reader}) note("an alert is not for " + fetching.reader);
    if (!mail.order_ref || mail.order_ref->vendor != fetching.reader) note("an alert is not of an order of " + fetching.reader);
    return;
  }
  const auto known = left_.find(mail.ref.value_or(""));
  if (known == left_.end()) return note("a message that nobody left is handed out");
  const Left& left = known->second;
  const bool wallet = world_.site(left.producer).config.role == "wallet";
  if (mail.kind != left.kind) note("message " + known->first + " is of another kind");
  if (left.number != 0 && left.number != mail.message_no) note("message " + known->first + " has another number");
  if (mail.producer != (wallet ? std::nullopt : std::optional(left.producer))) note("message " + known->first + " names another producer");
  if (!is_for(left, fetching.reader)) note("message " + known->first + " is not for " + fetching.reader);
  if (left.expires_ms != 0 && left.expires_ms + kRoundMs < fetching.begun_ms) note("message " + known->first + " had expired");
  for (const std::string& id : mail.audience.id)
    if (id != fetching.reader) note("message " + known->first + " tells who else reads it");
}

bool Postbox::is_for(const Left& left, const std::string& reader) {
  if (!left.audience.role) return !reader.empty() && std::count(left.audience.id.begin(), left.audience.id.end(), reader) != 0;
  return reader.empty() || *left.audience.role == msg::AudienceRole::all || msg::to_string(*left.audience.role) == world_.site(reader).config.role;
}

bool Postbox::must_be_shown(const Left& left, const Fetching& fetching) {
  return is_for(left, fetching.reader) && !left.discarded.contains(fetching.reader) &&
         (left.expires_ms == 0 || left.expires_ms > world_.clock.now_ms());
}

}  // namespace quickpay::sim
