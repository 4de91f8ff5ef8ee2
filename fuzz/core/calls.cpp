#include "fuzz/core/calls.hpp"

#include <algorithm>
#include <limits>

#include "fuzz/core/when.hpp"
#include "reference/codec/generated/protocol.hpp"
#include "reference/codec/profile.hpp"
#include "reference/codec/reader.hpp"
#include "reference/roles/outbox.hpp"

namespace quickpay::fuzz {
namespace {

constexpr std::int64_t kRestartJitterMs = 1000;  ///< notices wait up to this long after a restart

/// Spellings of the media type that players here use.
bool is_media_type(std::string_view text) {
  return text == "application/quickpay+xml" || text == "Application/QuickPay+XML; charset=utf-8";
}

std::string_view class_of(const msg::Status& status) {
  if (const std::string_view known = class_of_code(status.code); !known.empty()) return known;
  switch (status.retry.value_or(msg::Retry::no)) {
    case msg::Retry::no:
      return "no";
    case msg::Retry::same:
      return "same";
    case msg::Retry::new_:
      return "new";
  }
  return "no";
}

/// The pause before attempt `attempts` + 1, without jitter.
std::int64_t pause_ms(std::int64_t attempts) {
  std::int64_t pause_s = protocol::backoff_first_default;
  while (--attempts > 0 && pause_s < protocol::backoff_cap_default) pause_s *= 2;
  return std::min<std::int64_t>(pause_s, protocol::backoff_cap_default) * kSecond;
}

}  // namespace

std::string_view class_of_code(std::string_view code) {
  for (const protocol::ErrorInfo& info : protocol::kErrors) {
    if (info.code != code) continue;
    switch (info.retry) {
      case protocol::Retry::none:
        return "ok";
      case protocol::Retry::no:
        return "no";
      case protocol::Retry::same:
        return "same";
      case protocol::Retry::new_request:
        return "new";
    }
  }
  return {};
}

const PendingCall* Calls::find(std::string_view msg_id) const {
  const auto at = pending_.find(std::string(msg_id));
  return at == pending_.end() ? nullptr : &at->second;
}

bool Calls::answers(const PendingCall& call, const msg::Head& head, std::string_view code) const {
  if (head.version != "1" || head.host != "H1" || head.sender != call.receiver) return false;
  if (head.profile != msg::Profile::F) return false;
  if (!head.receiver && !head.in_reply_to) {  // the server could not read the request's Head
    return code == protocol::QP_E_XML || code == protocol::QP_E_SCHEMA || code == protocol::QP_E_UNSUPPORTED;
  }
  return head.receiver == own_id_ && head.in_reply_to == call.msg_id;
}

Heard Calls::hear(const PendingCall& call, const roles::CallResult& result) const {
  const roles::MessageOps* ops = roles::ops_of_path(call.path);
  if (!ops || !result.delivered || result.http_status != 200 || !is_media_type(result.content_type)) return {};
  std::shared_ptr<roles::AnyDocument> response = ops->response();
  const codec::DocumentType& type = *ops->type->response;
  if (result.body.size() > type.family->max_body_bytes) return {};
  if (!codec::read_document(result.body, type, response->object())) return {};
  if (response->has_auth() || codec::profile_breach(*type.type, response->object(), "F")) return {};
  const msg::Status& status = *response->status();
  if (!answers(call, response->head(), status.code)) return {};
  return {class_of(status), status.code, status.after.value_or(0), response};
}

void Calls::landed(std::string_view msg_id) {
  if (const auto at = pending_.find(std::string(msg_id)); at != pending_.end()) at->second.under_way = false;
}

void Calls::retry(PendingCall call, std::int64_t after_s, std::int64_t now_ms) {
  const std::int64_t asked = std::clamp<std::int64_t>(after_s, 0, roles::kMaxAfterSeconds) * kSecond;
  const std::int64_t pause = pause_ms(call.attempts), jitter = pause * protocol::backoff_jitter_percent_default / 100;
  call.earliest_ms = now_ms + std::max(asked, pause - jitter);
  call.latest_ms = now_ms + std::max(asked, pause + jitter);
  pending_.insert_or_assign(call.msg_id, call);
}

void Calls::hurry(std::string_view key, std::string_view message) {
  for (const auto& [id, call] : pending_) {
    if (call.key == key && call.message == message && !call.under_way) hurried_.push_back(id);
  }
}

void Calls::drop(std::string_view key, std::string_view message) {
  std::erase_if(pending_, [&](const auto& at) { return at.second.key == key && at.second.message == message; });
}

void Calls::restart(std::int64_t now_ms) {
  for (auto& [id, call] : pending_) {
    call.under_way = false;
    call.earliest_ms = std::min(call.earliest_ms, now_ms);
    call.latest_ms = std::min(call.latest_ms, now_ms + (call.notice ? kRestartJitterMs : 0));
  }
}

std::string Calls::check(const roles::OutgoingCall& out, std::int64_t now_ms) {
  const auto at = pending_.find(out.msg_id);
  return at == pending_.end() ? check_new(out, now_ms) : check_again(at->second, out, now_ms);
}

std::string Calls::check_again(PendingCall& call, const roles::OutgoingCall& out, std::int64_t now_ms) {
  const bool is_due = asked_ && now_ms >= call.earliest_ms;
  if (std::erase(hurried_, call.msg_id) == 0 && !is_due) return out.message + " was repeated too early";
  if (call.give_up_ms != 0 && now_ms > call.give_up_ms) return out.message + " was not given up";
  if (out.body != call.body || out.receiver != call.receiver) return out.message + " was not repeated as it was";
  call.attempts += 1;
  call.under_way = true;
  call.earliest_ms = call.latest_ms = now_ms + call.timeout_ms + roles::kCallGraceMs;
  return {};
}

std::string Calls::check_new(const roles::OutgoingCall& out, std::int64_t now_ms) {
  const auto at = std::find_if(promised_.begin(), promised_.end(), [&](const NewCall& promised) {
    return promised.message == out.message && promised.receiver == out.receiver;
  });
  if (at == promised_.end()) return out.message + " was sent and nothing asked for it";
  if (out.timeout_ms != at->timeout_ms) return out.message + " has another time limit";
  const std::int64_t next = now_ms + at->timeout_ms + roles::kCallGraceMs;
  PendingCall call{*at, out.msg_id, out.path, out.body, 1, next, next, true};
  promised_.erase(at);
  pending_.emplace(out.msg_id, std::move(call));
  return {};
}

std::string Calls::check_missing(std::int64_t now_ms) const {
  if (!hurried_.empty()) return "a call was not hurried";
  for (const auto& [id, call] : pending_) {
    const bool over = call.give_up_ms != 0 && now_ms > call.give_up_ms;
    if (asked_ && now_ms >= call.latest_ms) return call.message + (over ? " was not given up" : " was not repeated");
  }
  return {};
}

std::string Calls::check_rest(ledger::Ledger& ledger, std::int64_t now_ms, std::vector<std::string>& alarms) {
  if (!promised_.empty()) return promised_.front().message + " was not sent";
  const auto kept = ledger.due_calls(std::numeric_limits<std::int64_t>::max(), ledger::kMaxListed);
  if (!kept) return "the calls cannot be listed";
  std::map<std::string, PendingCall> rest = pending_;
  for (const ledger::Call& call : *kept) {
    if (rest.erase(call.msg_id) == 0) return call.message + " is kept and should not be";
  }
  for (const auto& [id, call] : rest) {
    const bool given_up = asked_ && call.give_up_ms != 0 && now_ms > call.give_up_ms && now_ms >= call.earliest_ms;
    if (!given_up) return call.message + " is not kept";
    if (call.notice) alarms.push_back(call.key);
    pending_.erase(id);
  }
  std::string missing = check_missing(now_ms);
  asked_ = false;
  return missing;
}

}  // namespace quickpay::fuzz
