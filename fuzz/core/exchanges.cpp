#include "fuzz/core/exchanges.hpp"

#include <algorithm>

#include "fuzz/core/calls.hpp"
#include "fuzz/core/when.hpp"
#include "reference/codec/canonical.hpp"
#include "reference/codec/generated/protocol.hpp"
#include "reference/codec/profile.hpp"
#include "reference/codec/reader.hpp"
#include "reference/roles/answers.hpp"

namespace quickpay::fuzz {
namespace {

/// Whether an answer with this code is repeated, instead of the request being computed again.
bool is_final(std::string_view code) { return class_of_code(code) != "same"; }

bool lists(const roles::Player& player, std::string_view address) {
  const auto is_it = [&](const roles::Endpoint& endpoint) { return endpoint.address == address; };
  if (player.role != "wallet") return std::any_of(player.endpoints.begin(), player.endpoints.end(), is_it);
  return std::find(player.bound_addresses.begin(), player.bound_addresses.end(), address) !=
         player.bound_addresses.end();
}

std::string retry_of(const msg::Status& status) {
  return std::string(status.retry ? msg::to_string(*status.retry) : std::string_view("ok"));
}

}  // namespace

Exchanges::Exchanges(const roles::NodeConfig& config, const roles::Directory& directory)
    : id_(config.id), role_(config.role), protocols_(config.protocols), directory_(&directory) {}

std::optional<Asked> Exchanges::admit(roles::ConnectionToken connection, std::string_view address,
                                      std::string_view path, std::string_view body, std::int64_t now_ms) {
  const roles::MessageOps* ops = roles::ops_of_path(path);
  Owed& owed = owed_[connection];
  owed.ops = ops;
  if (!ops) return owed.http = 404, std::nullopt;
  const bool claimed = std::find(protocols_.begin(), protocols_.end(), ops->type->protocol) != protocols_.end();
  if (ops->type->to != role_ || !claimed) return owed.code = protocol::QP_E_UNSUPPORTED, std::nullopt;
  Asked asked{connection, ops, ops->request(), {}, {}, false};
  if (const auto read = codec::read_document(body, *ops->type->request, asked.document->object()); !read) {
    return owed.code = read.error().fault == codec::Fault::xml ? protocol::QP_E_XML : protocol::QP_E_SCHEMA,
           std::nullopt;
  }
  const msg::Head& head = asked.document->head();
  owed.id = asked.id = {std::string(path), head.sender.value_or(""), head.msg_id};
  std::string_view code = head_breach(*ops, *asked.document, head);
  if (code.empty()) code = sender_breach(*ops->type, head, address);
  if (!code.empty()) return owed.code = code, std::nullopt;
  asked.canonical = codec::canonical(ops->type->request->root, *ops->type->request->type, asked.document->object());
  if (answered_before(asked, now_ms)) return std::nullopt;
  owed_.erase(connection);
  return asked;
}

std::string_view Exchanges::head_breach(const roles::MessageOps& ops, const roles::AnyDocument& document,
                                        const msg::Head& head) const {
  if (head.version != "1" || head.host != "H1") return protocol::QP_E_VERSION;
  const bool fits = head.profile == msg::Profile::F && !document.has_auth() &&
                    !codec::profile_breach(*ops.type->request->type, document.object(), "F");
  if (!fits) return protocol::QP_E_PROFILE;
  return head.receiver == id_ ? std::string_view{} : protocol::QP_E_RECEIVER;
}

std::string_view Exchanges::sender_breach(const codec::MessageType& type, const msg::Head& head,
                                          std::string_view address) const {
  if (type.anonymous || (type.open && !head.sender)) return {};
  const roles::Lookup sender = directory_->find(head.sender.value_or(""));
  if (sender.found == roles::Found::unavailable) return protocol::QP_E_BUSY;
  const bool may = sender.found == roles::Found::known && codec::may_send(type, sender.player->role) &&
                   lists(*sender.player, address);
  return may ? std::string_view{} : protocol::QP_E_FORBIDDEN;
}

bool Exchanges::answered_before(const Asked& asked, std::int64_t now_ms) {
  const auto known = stored_.find(asked.id);
  if (known == stored_.end() || known->second.expires_ms < now_ms) return false;
  Owed& owed = owed_[asked.connection];
  const bool same = known->second.canonical == asked.canonical;
  if (same && !known->second.final) return false;
  owed.code = same ? known->second.code : std::string(protocol::QP_E_CONFLICT);
  owed.remembered = same;
  if (same) owed.again = known->second.body, owed.key = known->second.key;
  return true;
}

void Exchanges::remember(const ExchangeId& id, const std::string& canonical, std::string_view code,
                         const std::string& key, std::int64_t now_ms) {
  const std::int64_t expires = now_ms + protocol::T_answer_default * kSecond;
  stored_[id] = {canonical, std::string(code), is_final(code), std::nullopt, expires, key};
}

void Exchanges::give(Asked& asked, std::string_view code, const std::string& key, std::int64_t now_ms) {
  if (asked.settled) return;
  asked.settled = true;
  remember(asked.id, asked.canonical, code, key, now_ms);
  owed_[asked.connection] = {200, asked.ops, std::string(code), std::nullopt, asked.id, true, key};
}

void Exchanges::park(Asked& asked, const std::string& key, std::int64_t now_ms) {
  auto& parked = parked_[key];
  const auto at = joined_.find(asked.id);
  const bool full = at != joined_.end() && at->second.size() >= roles::kMaxJoined;
  if (full || parked.size() >= roles::kMaxParked) return give(asked, protocol::QP_E_BUSY, key, now_ms);
  asked.settled = true;
  joined_[asked.id].push_back(asked.connection);
  const bool known = std::any_of(parked.begin(), parked.end(), [&](const Parked& p) { return p.id == asked.id; });
  if (!known) parked.push_back({asked.id, asked.ops, asked.canonical});
  remember(asked.id, asked.canonical, protocol::QP_E_BUSY, key, now_ms);
}

void Exchanges::give_parked(const std::string& key, std::string_view code, std::int64_t now_ms) {
  for (const Parked& parked : parked_[key]) {
    remember(parked.id, parked.canonical, code, key, now_ms);
    for (const roles::ConnectionToken connection : joined_[parked.id]) {
      owed_[connection] = {200, parked.ops, std::string(code), std::nullopt, parked.id, true, key};
    }
    joined_.erase(parked.id);
  }
  parked_.erase(key);
}

void Exchanges::disconnect(roles::ConnectionToken connection) {
  for (auto& [id, joined] : joined_) std::erase(joined, connection);
}

void Exchanges::restart() { joined_.clear(); }

std::vector<roles::ConnectionToken> Exchanges::waiting() const {
  std::vector<roles::ConnectionToken> all;
  for (const auto& [id, joined] : joined_) all.insert(all.end(), joined.begin(), joined.end());
  return all;
}

std::string Exchanges::check(const roles::Answer& answer, Owed& owed, std::unique_ptr<roles::AnyDocument>& response) {
  auto found = owed_.extract(answer.connection);
  if (!found) return "an answer that nobody waits for";
  owed = std::move(found.mapped());
  if (answer.http_status != owed.http) return "answered with HTTP status " + std::to_string(answer.http_status);
  if (owed.http != 200) return answer.body.empty() ? "" : "a body where there must be none";
  if (owed.again) return answer.body == *owed.again ? "" : "a final answer was not repeated as it was";
  response = owed.ops->response();
  std::string wrong = check_document(answer, owed, *response);
  if (wrong.empty() && owed.remembered && is_final(owed.code)) stored_[*owed.id].body = answer.body;
  return wrong;
}

std::string Exchanges::check_document(const roles::Answer& answer, const Owed& owed,
                                      roles::AnyDocument& response) const {
  const codec::DocumentType& type = *owed.ops->type->response;
  if (!codec::read_document(answer.body, type, response.object())) return "an answer that is not valid";
  if (codec::profile_breach(*type.type, response.object(), "F") || response.has_auth())
    return "an answer outside its profile";
  const msg::Status& status = *response.status();
  if (status.code != owed.code) return "answered " + status.code + " instead of " + owed.code;
  if (retry_of(status) != class_of_code(owed.code)) return owed.code + " with retry " + retry_of(status);
  const msg::Head& head = response.head();
  if (head.version != "1" || head.host != "H1" || head.sender != id_) return "an answer in another's name";
  const auto receiver = owed.id && !owed.id->sender.empty() ? std::optional(owed.id->sender) : std::nullopt;
  const auto request = owed.id ? std::optional(owed.id->msg_id) : std::nullopt;
  return head.receiver == receiver && head.in_reply_to == request ? "" : "an answer to something else";
}

std::string Exchanges::check_rest() const {
  return owed_.empty() ? std::string{} : "no answer though " + owed_.begin()->second.code + " is due";
}

}  // namespace quickpay::fuzz
