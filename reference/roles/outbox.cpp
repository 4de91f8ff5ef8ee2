#include "reference/roles/outbox.hpp"

#include <algorithm>
#include <cctype>
#include <limits>
#include <utility>

#include "reference/codec/generated/protocol.hpp"
#include "reference/codec/profile.hpp"
#include "reference/codec/reader.hpp"
#include "reference/codec/writer.hpp"
#include "reference/roles/times.hpp"

namespace quickpay::roles {
namespace {

constexpr std::string_view kMediaType = "application/quickpay+xml";

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), [](unsigned char c) { return std::tolower(c); });
  return result;
}

/// `application/quickpay+xml`, perhaps with `charset=utf-8`.
bool is_our_media_type(std::string_view content_type) {
  std::string text = lower(content_type);
  std::erase(text, ' ');
  std::erase(text, '\t');
  return text == kMediaType || text == std::string(kMediaType) + ";charset=utf-8" ||
         text == std::string(kMediaType) + ";charset=\"utf-8\"";
}

std::string_view class_of(const msg::Status& status) {
  for (const protocol::ErrorInfo& info : protocol::kErrors) {
    if (info.code != status.code) continue;
    switch (info.retry) {
      case protocol::Retry::none: return "ok";
      case protocol::Retry::no: return "no";
      case protocol::Retry::same: return "same";
      case protocol::Retry::new_request: return "new";
    }
  }
  switch (status.retry.value_or(msg::Retry::no)) {  // a code of a later version
    case msg::Retry::no: return "no";
    case msg::Retry::same: return "same";
    case msg::Retry::new_: return "new";
  }
  return "no";
}

/// Nobody says who asks where it need not: the Host is not told who deals with whom.
bool names_sender(const codec::MessageType& type) { return !type.anonymous && !type.open; }

/// Codes that a server may give without having read the request's Head.
bool may_lack_reference(std::string_view code) {
  return code == protocol::QP_E_XML || code == protocol::QP_E_SCHEMA || code == protocol::QP_E_UNSUPPORTED;
}

}  // namespace

msg::Head Outbox::new_head(const MessageOps& ops, std::string_view receiver, std::string_view msg_id) const {
  msg::Head head{};
  head.version = served_version();
  head.profile = facts_.profile();
  head.host = facts_.config.host;
  head.receiver = std::string(receiver);
  head.msg_id = msg_id.empty() ? facts_.fresh_id() : std::string(msg_id);
  if (names_sender(*ops.type)) head.sender = facts_.config.id;
  if (!ops.type->anonymous) head.sent_at = format_time(facts_.now_ms);
  return head;
}

void Outbox::send(std::string_view machine, std::string_view key, const MessageOps& ops, AnyDocument& document,
                  const SendOptions& options) {
  ledger::Call call;
  call.msg_id = document.head().msg_id;
  call.machine = std::string(machine);
  call.key = std::string(key);
  call.message = std::string(ops.type->id);
  call.receiver = document.head().receiver.value_or("");
  call.path = std::string(ops.type->path);
  seal(ops, document);
  call.body = codec::write_document(*ops.type->request, document.object());
  call.notice = options.notice;
  call.give_up_ms = options.give_up_ms;
  call.timeout_ms = 1000 * (options.timeout_s ? options.timeout_s : facts_.spans.call);
  issue(std::move(call));
}

/// Without a key the request goes out as it is, and its server says what it thinks of that.
void Outbox::seal(const MessageOps& ops, AnyDocument& document) const {
  const msg::Head& head = document.head();
  if (!codec::authenticated(*ops.type, facts_.config.profile, head.sender.has_value())) return;
  const auto shared = keys_.current(head.receiver.value_or(""), counts_from(*ops.type, facts_.now_ms));
  if (shared) authenticate(*ops.type->request, document, *shared);
}

bool Outbox::renew(const ledger::Call& call, std::int64_t after_s) {
  const MessageOps* ops = ops_of_path(call.path);
  // freshness is judged of authenticated requests only: from anything else the code is an answer like any other
  const bool judged = ops && codec::authenticated(*ops->type, facts_.config.profile, names_sender(*ops->type));
  auto document = judged ? ops->request() : nullptr;
  if (!document || !codec::read_document(call.body, *ops->type->request, document->object())) return false;
  if (document->sealed()) return false;  // it opens under the Head alone that it was sealed for
  msg::Head& head = document->head();
  const std::int64_t sent_ms = parse_time(head.sent_at.value_or("")).value_or(facts_.now_ms);
  const bool grown_old = facts_.now_ms - sent_ms > facts_.spans.skew * 1000;
  head.msg_id = facts_.fresh_id();
  head.sent_at = format_time(facts_.now_ms);
  seal(*ops, *document);
  ledger::Call renewed = call;
  renewed.msg_id = head.msg_id;
  renewed.body = codec::write_document(*ops->type->request, document->object());
  store_.erase_call(call.msg_id);
  if (grown_old) {
    issue(std::move(renewed));
  } else {
    output_.user.push_back({"alarm", call.key, "clocks-differ", {{"player", call.receiver}}});
    retry(std::move(renewed), after_s);
  }
  return true;
}

void Outbox::fetch(std::string_view machine, std::string_view key, std::string_view url, std::string_view ticket,
                   std::int64_t give_up_ms, const ledger::Call* before) {
  ledger::Call call;
  call.msg_id = std::string(key);
  call.machine = std::string(machine);
  call.key = std::string(key);
  call.message = std::string(kFetch);
  call.path = std::string(url);
  call.body = std::string(ticket);
  call.give_up_ms = give_up_ms;
  call.timeout_ms = 1000 * facts_.spans.call;
  if (!before) return issue(std::move(call));
  call.attempts = before->attempts;
  retry(std::move(call), 0);
}

void Outbox::issue(ledger::Call call) {
  if (call.message != kFetch && facts_.directory.asks_about(call.receiver)) return hold(std::move(call));
  held_.erase(call.msg_id);
  call.attempts += 1;
  call.next_ms = facts_.now_ms + call.timeout_ms + kCallGraceMs;
  store_.put_call(call);
  in_flight_.insert(call.msg_id);
  if (call.message == kFetch) {
    output_.fetches.push_back({call.msg_id, call.path, call.body, call.timeout_ms});
    return;
  }
  OutgoingCall out{call.msg_id, call.receiver, call.message, call.path, call.body, call.timeout_ms};
  if (place_of) out.at = place_of(call);
  if (facts_.config.deviation && !facts_.config.deviation->rewrite_outgoing(out)) return;
  output_.calls.push_back(std::move(out));
}

/// For as long as an answer to the question who the receiver is may take; then it is tried all the same.
void Outbox::hold(ledger::Call call) {
  call.next_ms = facts_.now_ms + 1000 * facts_.spans.call + kCallGraceMs;
  store_.put_call(call);
  held_.insert(call.msg_id);
}

void Outbox::hurry_to(std::string_view receiver) {
  for (const std::string& msg_id : std::exchange(held_, {})) {
    auto call = store_.find_call(msg_id);
    if (!call) continue;
    if (call->receiver == receiver) {
      issue(std::move(*call));
    } else {
      held_.insert(msg_id);
    }
  }
}

std::int64_t Outbox::pause_ms(std::int64_t attempts) const {
  constexpr std::int64_t kFirst = protocol::backoff_first_default * 1000;
  constexpr std::int64_t kCap = protocol::backoff_cap_default * 1000;
  constexpr std::int64_t kJitter = protocol::backoff_jitter_percent_default;
  std::int64_t pause = kFirst;
  for (std::int64_t k = 1; k < attempts && pause < kCap; ++k) pause *= 2;
  pause = std::min(pause, kCap);
  const auto percent = 100 - kJitter + static_cast<std::int64_t>(facts_.below(2 * kJitter + 1));
  return pause * percent / 100;
}

void Outbox::retry(ledger::Call call, std::int64_t after_s) {
  const std::int64_t asked = std::clamp<std::int64_t>(after_s, 0, kMaxAfterSeconds) * 1000;
  call.next_ms = facts_.now_ms + std::max(pause_ms(call.attempts), asked);
  store_.put_call(call);
}

void Outbox::hurry(std::string_view machine, std::string_view key, std::string_view message) {
  for (ledger::Call& call : store_.calls_of(machine, key)) {
    if (call.message == message && !in_flight_.contains(call.msg_id)) issue(std::move(call));
  }
}

void Outbox::drop(std::string_view machine, std::string_view key, std::string_view message) {
  for (const ledger::Call& call : store_.calls_of(machine, key)) {
    if (call.message == message) store_.erase_call(call.msg_id);
  }
}

void Outbox::drop_notices(std::string_view machine, std::string_view key) {
  for (const ledger::Call& call : store_.calls_of(machine, key)) {
    if (call.notice) store_.erase_call(call.msg_id);
  }
}

bool Outbox::has_notices(std::string_view machine, std::string_view key) {
  const auto calls = store_.calls_of(machine, key);
  return std::any_of(calls.begin(), calls.end(), [](const ledger::Call& call) { return call.notice; });
}

void Outbox::issue_due() {
  for (ledger::Call& call : store_.due_calls(facts_.now_ms, kMaxDueCalls)) {
    if (call.give_up_ms != 0 && facts_.now_ms > call.give_up_ms) {
      store_.erase_call(call.msg_id);
      if (call.notice) output_.user.push_back({"alarm", call.key, "notice-given-up", {{"message", call.message}}});
    } else {
      issue(std::move(call));
    }
  }
}

void Outbox::recover() {
  for (ledger::Call& call : store_.due_calls(std::numeric_limits<std::int64_t>::max(), kMaxRecovered)) {
    const auto jitter = static_cast<std::int64_t>(facts_.below(1000));
    call.next_ms = std::min(call.next_ms, facts_.now_ms + (call.notice ? jitter : 0));
    store_.put_call(call);
  }
}

bool Outbox::answers(const ledger::Call& call, const msg::Head& head) const {
  const MessageOps* ops = ops_of_path(call.path);
  if (head.version != kServedVersion || head.host != facts_.config.host || head.profile != facts_.profile()) {
    return false;
  }
  if (head.sender != call.receiver || head.in_reply_to != call.msg_id) return false;
  return ops && !names_sender(*ops->type) ? !head.receiver : head.receiver == facts_.config.id;
}

/// Who sent an Auth takes only what comes with one; elsewhere there must be none.
bool Outbox::proven(const MessageOps& ops, const ledger::Call& call, AnyDocument& response) const {
  const bool needed = codec::authenticated(*ops.type, facts_.config.profile, names_sender(*ops.type));
  if (response.has_auth() != needed) return false;
  if (!needed || (facts_.config.deviation && facts_.config.deviation->skip_step(13, ops.type->path))) return true;
  const auto key = keys_.find(call.receiver, response.auth()->mac.key_ref, counts_from(*ops.type, facts_.now_ms));
  return key && authentic(*ops.type->response, response, *key);
}

Judged Outbox::judge(const ledger::Call& call, const CallResult& result) const {
  const MessageOps* ops = ops_of_path(call.path);
  if (!ops || !result.delivered || result.http_status != 200 || !is_our_media_type(result.content_type)) return {};
  if (result.body.size() > ops->type->response->family->max_body_bytes) return {};
  auto response = ops->response();
  if (!codec::read_document(result.body, *ops->type->response, response->object())) return {};
  if (codec::profile_breach(*ops->type->response->type, response->object(), facts_.config.profile)) return {};
  if (!proven(*ops, call, *response)) return {};
  const msg::Head& head = response->head();
  const msg::Status& status = *response->status();
  const bool unreferenced = !head.receiver && !head.in_reply_to && may_lack_reference(status.code) &&
                            head.version == kServedVersion && head.host == facts_.config.host && head.sender == call.receiver;
  if (!unreferenced && !answers(call, head)) return {};
  return {class_of(status), status.code, status.after.value_or(0), std::move(response)};
}

}  // namespace quickpay::roles
