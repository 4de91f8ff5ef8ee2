// A Wallet or a Broker before a Host: seals what it asks, and opens what it gets.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "reference/roles/tests/registering.hpp"

namespace quickpay::roles {

inline const std::string kEnrolmentCode = "ENROL-4711";
inline const std::string kSecondCode = "ENROL-4712";
inline const std::string kNewBrokerAddress = "127.0.6.1";

inline NodeConfig admitting(NodeConfig config = registering()) {
  config.broker_codes = {kEnrolmentCode, kSecondCode};
  return config;
}

inline msg::MemberKey member_key(const crypto::RsaPrivateKey& key, msg::KeyUse usage, const std::string& nonce) {
  msg::MemberKey made;
  made.pub_key = crypto::base64_encode(key.public_key().spki_der());
  made.usage = usage;
  made.not_before = format_time(kNoon - kDayMs);
  made.not_after = format_time(kNoon + 400 * kDayMs);
  made.nonce = nonce;
  sign_with(key, "key-proof", "Key", msg::kMemberKeyType, made);
  return made;
}

/// The entry of a player, if the Host gives it.
inline std::optional<msg::Entry> entry_of(Single& host, msg::PlayerRole role, const std::string& id,
                                          std::optional<std::string> ticket = {}) {
  admin::LookupPlayer asked;
  asked.head = host.anonymous("H1");
  asked.head.sent_at = format_time(host.clock.now);
  asked.head.profile = host.node->config().profile == "H" ? msg::Profile::H : msg::Profile::F;
  asked.body.role = role;
  asked.body.id = id;
  asked.body.ticket = std::move(ticket);
  const auto answer = host.ask<admin::LookupPlayerResponse>(asked, admin::kLookupPlayerMessage, kBrokerAddress);
  return answer ? answer->body.entry : std::nullopt;
}

inline NodeConfig in_h(NodeConfig config) {
  config.profile = "H";
  return config;
}

/// Seals and opens for one player; keeps what it sent last.
class Entering {
 public:
  Entering(Single& host, std::string address, msg::Profile profile = msg::Profile::F)
      : address(std::move(address)), profile(profile), host_(host) {}

  std::string address;
  msg::Profile profile;
  std::string id;      ///< as the Host answered
  std::optional<std::int64_t> fee_bp;  ///< as it told a Broker
  std::string ticket;  ///< of a Wallet
  std::optional<EpochKey> key;
  std::string path, body, answer;  ///< as they were sent and came last

  msg::RegisterWalletInner wallet() {
    msg::RegisterWalletInner inner;
    inner.software = {"wallet", "1.0", std::string(64, '5')};
    inner.net = {{address, 32}};
    inner.reply_key = crypto::to_hex(reply_key_);
    inner.nonce = host_.fresh_id();
    return inner;
  }
  msg::UpdateWalletInner moving(std::vector<msg::Net> nets) {
    msg::UpdateWalletInner inner;
    inner.net = std::move(nets);
    inner.reply_key = crypto::to_hex(reply_key_);
    inner.nonce = host_.fresh_id();
    return inner;
  }
  msg::RegisterBrokerInner broker(const std::string& code = kEnrolmentCode) {
    msg::RegisterBrokerInner inner;
    inner.enrolment_code = code;
    inner.name = "The Bank";
    inner.endpoint = {{address, 8080}};
    inner.reply_key = crypto::to_hex(reply_key_);
    inner.nonce = host_.fresh_id();
    inner.key = {member_key(stranger_key(), msg::KeyUse::sign, inner.nonce),
                 member_key(key_of("vendor"), msg::KeyUse::seal, inner.nonce)};
    return inner;
  }
  msg::BrokerChange change(std::vector<msg::Endpoint> places, std::int64_t at_ms) {
    msg::BrokerChange made;
    made.broker = id;
    made.endpoint = std::move(places);
    made.changed_at = format_time(at_ms);
    sign_with(stranger_key(), "broker-change", "BrokerChange", msg::kBrokerChangeType, made);
    return made;
  }

  std::string enter(const msg::RegisterWalletInner& inner) {
    const auto got = exchange<admin::RegisterWallet, admin::RegisterWalletResponse, msg::RegisterWalletResponseInner>(
        admin::kRegisterWalletMessage, head({}), inner);
    if (got) id = got->wallet_id, ticket = got->lookup_ticket, take(got->shared);
    return code_;
  }
  std::string enter() { return enter(wallet()); }
  std::string update(const msg::UpdateWalletInner& inner) {
    const auto got = exchange<admin::UpdateWallet, admin::UpdateWalletResponse, msg::UpdateWalletResponseInner>(
        admin::kUpdateWalletMessage, head(id), inner);
    if (got && got->lookup_ticket) ticket = *got->lookup_ticket;
    return code_;
  }
  std::string leave() {
    admin::UnregisterWallet request;
    request.head = head(id);
    request.body.reason = msg::RemovalReason::user;
    return post<admin::UnregisterWalletResponse>(admin::kUnregisterWalletMessage, request);
  }
  std::string enter(const msg::RegisterBrokerInner& inner) {
    const auto got = exchange<admin::RegisterBroker, admin::RegisterBrokerResponse, msg::RegisterBrokerResponseInner>(
        admin::kRegisterBrokerMessage, head({}), inner);
    if (got) id = got->broker, fee_bp = got->fee_bp, take(got->shared);
    return code_;
  }
  std::string update(const msg::BrokerChange& change) {
    admin::UpdateBroker request;
    request.head = head(id);
    request.body.broker_change = change;
    return post<admin::UpdateBrokerResponse>(admin::kUpdateBrokerMessage, request);
  }

  std::string publish(const msg::KeyChange& change) {
    admin::PublishKey request;
    request.head = head(id);
    request.body.key_change = change;
    return post<admin::PublishKeyResponse>(admin::kPublishKeyMessage, request);
  }
  std::string withdraw(const msg::Withdrawal& withdrawal) {
    admin::WithdrawKey request;
    request.head = head(id);
    request.body.withdrawal = withdrawal;
    return post<admin::WithdrawKeyResponse>(admin::kWithdrawKeyMessage, request);
  }
  /// Asks for the own next key, or for the one with the Broker; `given` is what came.
  std::string renew(const std::string& broker = {}) {
    msg::GetPairKeyInner inner;
    inner.want = broker.empty() ? msg::KeyWanted::own : msg::KeyWanted::pair;
    if (!broker.empty()) inner.peer = broker;
    inner.reply_key = crypto::to_hex(reply_key_);
    inner.nonce = host_.fresh_id();
    const auto got = exchange<admin::GetPairKey, admin::GetPairKeyResponse, msg::GetPairKeyResponseInner>(
        admin::kGetPairKeyMessage, head(id), inner);
    given = got ? std::optional(got->shared) : std::nullopt;
    return code_;
  }
  std::optional<msg::SharedKey> given;
  /// From now on its codes are made with what came.
  void use_given() { take(given); }

  /// How bytes reach the Host and its answer comes back; empty: nothing came.
  std::function<std::string(std::string_view path, const std::string& body, const std::string& address)> carry =
      [this](std::string_view to, const std::string& bytes, const std::string& from) {
        return host_.raw(to, bytes, from);
      };

 private:
  msg::Head head(const std::string& sender) {
    msg::Head made = sender.empty() ? host_.anonymous("H1") : host_.head(sender, "H1");
    made.profile = profile;
    return made;
  }
  void take(const std::optional<msg::SharedKey>& shared) {
    key.reset();
    if (shared) key = EpochKey{shared->epoch, *crypto::from_hex(shared->key)};
  }
  template <class Response, class Request>
  std::string post(const codec::MessageType& type, Request request) {
    if (key && codec::authenticated(type, profile == msg::Profile::H ? "H" : "F", request.head.sender.has_value())) {
      Document<Request> document;
      document.value = request;
      authenticate(*type.request, document, *key);
      request = document.value;
    }
    path = type.path;
    body = codec::write_document(*type.request, &request);
    answer = carry(path, body, address);
    const auto read = codec::read<Response>(answer, *type.response);
    return code_ = read ? read->body.status.code : std::string();
  }
  /// What the box of the answer holds.
  template <class Request, class Response, class Inner, class Asked>
  std::optional<Inner> exchange(const codec::MessageType& type, const msg::Head& head, const Asked& asked) {
    Request request;
    request.head = head;
    crypto::CryptoCounters counters;
    const auto made = crypto::seal(key_of("broker").public_key(), codec::write_document(*type.request_inner, &asked),
                                   crypto::box_context(type.request->root, msg::kHeadType, &head), host_.ids, counters);
    request.body.sealed = {made->key_id, made->wrapped_key, made->boxed.nonce, made->boxed.box};
    post<Response>(type, request);
    const auto read = codec::read<Response>(answer, *type.response);
    if (!read || !read->body.boxed) return std::nullopt;
    const auto plain = crypto::unbox(reply_key_, {read->body.boxed->nonce, read->body.boxed->box},
                                     crypto::box_context(type.response->root, msg::kHeadType, &read->head));
    const auto inner =
        plain ? codec::read<Inner>(plain->view(), *type.response_inner) : tl::unexpected(codec::ReadError{});
    if (!inner || inner->nonce != asked.nonce) return std::nullopt;
    return *inner;
  }

  Single& host_;
  std::string reply_key_ = std::string(32, 'r');
  std::string code_;
};

}  // namespace quickpay::roles
