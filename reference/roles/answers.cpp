#include "reference/roles/answers.hpp"

#include <algorithm>
#include <utility>

#include "reference/codec/generated/protocol.hpp"
#include "reference/codec/writer.hpp"
#include "reference/roles/times.hpp"

namespace quickpay::roles {
namespace {

constexpr unsigned kServiceUnavailable = 503;

std::string waiting_key(std::string_view path, std::string_view sender, std::string_view msg_id) {
  std::string key(path);
  return key.append(" ").append(sender).append(" ").append(msg_id);
}

protocol::Retry retry_of(std::string_view code) {
  for (const protocol::ErrorInfo& info : protocol::kErrors) {
    if (info.code == code) return info.retry;
  }
  return protocol::Retry::no;
}

std::optional<msg::Retry> retry_field(std::string_view code) {
  switch (retry_of(code)) {
    case protocol::Retry::none: return std::nullopt;
    case protocol::Retry::no: return msg::Retry::no;
    case protocol::Retry::same: return msg::Retry::same;
    case protocol::Retry::new_request: return msg::Retry::new_;
  }
  return std::nullopt;
}

}  // namespace

bool is_final(std::string_view code) { return retry_of(code) != protocol::Retry::same; }

std::string Answers::build(const MessageOps& ops, const msg::Head* head, std::int64_t epoch, std::string_view code,
                           const Fill& fill, std::optional<std::int64_t> after_s) const {
  const auto response = ops.response();
  msg::Head& own = response->head();
  own.version = served_version();
  own.profile = head ? head->profile : msg::Profile::F;
  own.host = facts_.config.host;
  own.sender = named() || !head ? facts_.config.id : head->receiver.value_or("");
  if (head) own.receiver = head->sender;
  own.msg_id = facts_.fresh_id();
  if (head) own.in_reply_to = head->msg_id;
  own.sent_at = format_time(facts_.now_ms);
  response->status()->code = std::string(code);
  response->status()->retry = retry_field(code);
  response->status()->after = after_s;
  if (code == protocol::QP_OK && fill) fill(*response);
  if (epoch != 0 && head) {  // a key whose time ended meanwhile leaves the answer without Auth: the client asks again
    const auto key = keys_.find(head->sender.value_or(""), epoch, counts_from(*ops.type, facts_.now_ms));
    if (key) authenticate(*ops.type->response, *response, {epoch, *key});
  }
  return codec::write_document(*ops.type->response, response->object());
}

void Answers::push(ConnectionToken connection, const MessageOps& ops, std::string body) {
  Answer answer{connection, 200, std::move(body)};
  if (facts_.config.deviation && !facts_.config.deviation->rewrite_answer(ops.type->path, answer)) return;
  output_.answers.push_back(std::move(answer));
}

void Answers::http(ConnectionToken connection, unsigned status) {
  output_.answers.push_back({connection, status, {}});
}

void Answers::remember(std::string_view path, std::string_view sender, std::string_view msg_id,
                       std::string_view digest, std::string_view code, std::string_view body) {
  const bool final = is_final(code);
  const std::int64_t expires = facts_.now_ms + facts_.spans.answer * 1000;
  store_.put_answer(path, sender, msg_id, {std::string(digest), final ? std::string(body) : "", final, expires});
}

void Answers::give(Request& request, std::string_view code, const Fill& fill, std::optional<std::int64_t> after_s) {
  if (request.settled) return;
  request.settled = true;
  std::string body = build(*request.ops, &request.head(), request.epoch, code, fill, after_s);
  remember(request.ops->type->path, request.sender(), request.head().msg_id, request.digest, code, body);
  push(request.connection, *request.ops, std::move(body));
}

void Answers::refuse(ConnectionToken connection, const MessageOps& ops, const msg::Head* head,
                     std::string_view code, std::int64_t epoch) {
  if (!named() && !head) return http(connection, kServiceUnavailable);  // there is no name to answer under
  push(connection, ops, build(ops, head, epoch, code, {}));
}

void Answers::repeat(ConnectionToken connection, const MessageOps& ops, std::string body) {
  push(connection, ops, std::move(body));
}

void Answers::park(Request& request, std::string_view machine, std::string_view key) {
  const std::string& path = std::string(request.ops->type->path);
  const msg::Head& head = request.head();
  const std::string waits_under = waiting_key(path, request.sender(), head.msg_id);
  const auto at = waiting_.find(waits_under);
  const std::size_t joined = at == waiting_.end() ? 0 : at->second.size();
  if (joined >= kMaxJoined || store_.parked_of(machine, key).size() >= kMaxParked) {
    return give(request, protocol::QP_E_BUSY, {});  // and nothing is kept of it in waiting_
  }
  request.settled = true;
  waiting_[waits_under].push_back(request.connection);
  store_.put_parked({std::string(machine), std::string(key), path, request.sender(), head.msg_id, request.digest,
                     request.epoch});
  remember(path, request.sender(), head.msg_id, request.digest, protocol::QP_E_BUSY, {});
}

void Answers::give_parked(std::string_view machine, std::string_view key, std::string_view code, const Fill& fill) {
  for (const ledger::Parked& parked : store_.parked_of(machine, key)) {
    const MessageOps* ops = ops_of_path(parked.path);
    if (!ops) continue;
    msg::Head head{};
    head.profile = facts_.profile();
    if (!parked.sender.empty()) head.sender = parked.sender;
    head.msg_id = parked.msg_id;
    const std::string body = build(*ops, &head, parked.epoch, code, fill);
    remember(parked.path, parked.sender, parked.msg_id, parked.digest, code, body);
    const auto joined = waiting_.extract(waiting_key(parked.path, parked.sender, parked.msg_id));
    if (joined.empty()) continue;
    for (const ConnectionToken connection : joined.mapped()) push(connection, *ops, body);
  }
  store_.erase_parked(machine, key);
}

void Answers::disconnect(ConnectionToken connection) {
  for (auto at = waiting_.begin(); at != waiting_.end();) {
    std::erase(at->second, connection);
    at = at->second.empty() ? waiting_.erase(at) : std::next(at);
  }
}

}  // namespace quickpay::roles
