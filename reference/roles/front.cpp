#include "reference/roles/front.hpp"

#include <algorithm>
#include <utility>

#include "reference/codec/canonical.hpp"
#include "reference/codec/generated/protocol.hpp"
#include "reference/codec/profile.hpp"
#include "reference/codec/reader.hpp"
#include "reference/crypto/hash.hpp"
#include "reference/roles/addresses.hpp"
#include "reference/roles/times.hpp"

namespace quickpay::roles {
namespace {

const std::string_view kMoving = msg::admin::kUpdateWalletMessage.path;

std::string digest_of(const codec::DocumentType& type, const void* object) {
  return crypto::sha256_hex(codec::canonical(type.root, *type.type, object));
}

}  // namespace

bool Front::serves(const codec::MessageType& type) const {
  const bool meant = !facts_.config.id.empty() || type.protocol == kNewcomersProtocol;
  return meant && type.to == facts_.config.role && roles::serves(facts_.config, type.protocol);
}

bool Front::checks(int step, const codec::MessageType& type) const {
  return !facts_.config.deviation || !facts_.config.deviation->skip_step(step, type.path);
}

std::optional<Request> Front::admit(ConnectionToken connection, std::string_view peer_address, std::string_view path,
                                    std::string_view body) {
  const MessageOps* ops = ops_of_path(path);
  if (!ops) {  // not a path of this version; the transport should have known
    answers_.http(connection, 404);
    return std::nullopt;
  }
  const auto refuse = [&](std::string_view code, const msg::Head* head, std::int64_t epoch = 0) {
    answers_.refuse(connection, *ops, head, code, epoch);
    return std::nullopt;
  };
  if (!serves(*ops->type)) return refuse(protocol::QP_E_UNSUPPORTED, nullptr);
  Request request{connection, ops, ops->request(), {}, 0, false, {}};
  if (const auto read = codec::read_document(body, *ops->type->request, request.document->object()); !read) {
    return refuse(codec::code_of(read.error().fault), nullptr);
  }
  request.peer = address_of(peer_address);
  const msg::Head& head = request.head();
  std::string_view code = check_head(*ops->type, *request.document, head);
  if (code.empty()) code = check_sender(*ops->type, head, peer_address);
  if (code.empty() && !auth_right(*ops->type, *request.document)) code = protocol::QP_E_FORBIDDEN;
  if (code.empty()) code = unseal(request);
  if (!code.empty()) return refuse(code, &head);
  if (authenticates(*ops->type, head)) request.epoch = request.document->auth()->mac.key_ref;
  request.digest = digest_of(*ops->type->request, request.document->object());
  if (!first_time(request)) return std::nullopt;
  if (request.epoch != 0 && checks(15, *ops->type) && !fresh(head)) {
    return refuse(protocol::QP_E_STALE, &head, request.epoch);
  }
  return request;
}

std::string_view Front::check_head(const codec::MessageType& type, const AnyDocument& request,
                                   const msg::Head& head) const {
  if (checks(8, type) && (head.version != kServedVersion || head.host != facts_.config.host)) {
    return protocol::QP_E_VERSION;
  }
  if (checks(9, type) && !keeps_profile(type, request, head)) return protocol::QP_E_PROFILE;
  const bool named = !facts_.config.id.empty();  // who has no id yet answers to any
  if (checks(10, type) && named && head.receiver != facts_.config.id) return protocol::QP_E_RECEIVER;
  return {};
}

bool Front::keeps_profile(const codec::MessageType& type, const AnyDocument& request, const msg::Head& head) const {
  return head.profile == facts_.profile() && request.has_auth() == authenticates(type, head) &&
         !codec::profile_breach(*type.request->type, request.object(), facts_.config.profile);
}

bool Front::authenticates(const codec::MessageType& type, const msg::Head& head) const {
  return codec::authenticated(type, facts_.config.profile, head.sender.has_value());
}

bool Front::auth_right(const codec::MessageType& type, AnyDocument& request) const {
  if (!authenticates(type, request.head()) || !checks(13, type)) return true;
  const auto key = keys_.find(*request.head().sender, request.auth()->mac.key_ref, counts_from(type, facts_.now_ms));
  return key && authentic(*type.request, request, *key);
}

/// Whatever does not open is refused alike: nobody learns whether key, wrapping or box was wrong. What was opened is a
/// document like any other.
std::string_view Front::unseal(Request& request) {
  const codec::MessageType& type = *request.ops->type;
  const msg::Sealed* sealed = request.document->sealed();
  if (!sealed || !type.request_inner) return {};
  const auto plain = seals_.open(*sealed, type.request->root, request.head());
  if (!plain) return protocol::QP_E_FORBIDDEN;
  request.inner = msg::make_document(*type.request_inner);
  const auto read = codec::read_document(plain->view(), *type.request_inner, request.inner.get());
  return read ? std::string_view{} : codec::code_of(read.error().fault);
}

/// Freshness is judged of what can be proven to be the sender's word.
bool Front::fresh(const msg::Head& head) const {
  const auto sent = parse_time(head.sent_at.value_or(""));
  const std::int64_t skew = facts_.spans.skew * 1000;
  return sent && *sent <= facts_.now_ms + skew && *sent + 1000 > facts_.now_ms - skew;
}

std::string_view Front::check_sender(const codec::MessageType& type, const msg::Head& head,
                                     std::string_view peer_address) const {
  if (type.anonymous || (type.open && !head.sender) || !checks(11, type)) return {};
  const Lookup sender = facts_.directory.find(head.sender.value_or(""));
  switch (sender.found) {
    case Found::unavailable: return protocol::QP_E_BUSY;
    case Found::unknown: return protocol::QP_E_FORBIDDEN;
    case Found::known: break;
  }
  if (!codec::may_send(type, sender.player->role)) return protocol::QP_E_FORBIDDEN;
  // an Auth proves more than an address, but a Wallet's binding is checked all the same, unless it is what changes
  const bool by_address = (sender.player->role == "wallet" && type.path != kMoving) || !authenticates(type, head);
  if (!by_address || !checks(12, type) || address_fits(*sender.player, peer_address)) return {};
  facts_.directory.doubt(sender.player->id);  // it may have moved
  return protocol::QP_E_FORBIDDEN;
}

std::string Front::address_of(std::string_view peer_address) const {
  std::string shown(peer_address);
  if (facts_.config.deviation) shown = facts_.config.deviation->override_address(peer_address);
  return std::string(plain_address(shown));
}

bool Front::address_fits(const Player& player, std::string_view peer_address) const {
  const std::string address = address_of(peer_address);
  if (player.role == "wallet") {
    const auto& bound = player.bound_addresses;
    return std::any_of(bound.begin(), bound.end(), [&](const auto& b) { return covers(b, address); });
  }
  const auto& endpoints = player.endpoints;
  const auto& sources = player.source_addresses;
  return std::any_of(endpoints.begin(), endpoints.end(), [&](const Endpoint& e) { return plain_address(e.address) == address; }) ||
         std::any_of(sources.begin(), sources.end(), [&](const std::string& s) { return plain_address(s) == address; });
}

bool Front::first_time(Request& request) const {
  const codec::MessageType& type = *request.ops->type;
  if (!checks(14, type)) return true;
  auto known = store_.find_answer(type.path, request.sender(), request.head().msg_id);
  if (!known || known->expires_ms < facts_.now_ms) return true;
  if (known->digest != request.digest) {
    answers_.refuse(request.connection, *request.ops, &request.head(), protocol::QP_E_CONFLICT, request.epoch);
    return false;
  }
  if (!known->final) return true;
  answers_.repeat(request.connection, *request.ops, std::move(known->body));
  return false;
}

}  // namespace quickpay::roles
