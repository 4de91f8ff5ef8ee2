// A Broker, Vendor or Wallet with its keys, before a Host that the test plays.
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "reference/crypto/encoding.hpp"
#include "reference/crypto/seal.hpp"
#include "reference/roles/keys_player.hpp"
#include "reference/roles/shared_keys.hpp"
#include "reference/roles/tests/signed_single.hpp"

namespace quickpay::roles {

namespace admin = msg::admin;

inline constexpr std::int64_t kDirectoryMs = protocol::T_dir_default * 1000;
inline const std::string kFirstShared(32, 'h');
inline const std::string kNextShared(32, 'n');

/// The next key to sign, and the one to seal to.
inline const crypto::RsaPrivateKey& next_key() { return stranger_key(); }
inline const crypto::RsaPrivateKey& sealing_key() { return key_of("host"); }

inline std::string id_of(const crypto::RsaPrivateKey& key) { return key.public_key().key_id(); }

inline NodeConfig config_of(const std::string& role) {
  NodeConfig config = role == "broker" ? broker_config() : role == "vendor" ? vendor_config() : wallet_config();
  config = signing(std::move(config));
  config.signing_keys.push_back({next_key().pkcs8_der(), kNoon + 2 * kDayMs, kNoon + 800 * kDayMs});
  config.sealing_keys = {{sealing_key().pkcs8_der(), kNoon, kNoon + 400 * kDayMs}};
  return config;
}

inline NodeConfig in_h(NodeConfig config, std::optional<std::int64_t> valid_to_ms = kNoon + 90 * kDayMs) {
  config.profile = "H";
  config.shared_keys = {{"H1", 1, kFirstShared, valid_to_ms}};
  return config;
}

inline NodeConfig without(NodeConfig config, std::size_t signing_key) {
  config.signing_keys.erase(config.signing_keys.begin() + static_cast<std::ptrdiff_t>(signing_key));
  return config;
}

/// A player before its Host, which seals with the key of Brokers.
class Played : public Single {
 public:
  explicit Played(NodeConfig config) : Single(config), machine(config.role + ".keys"), id(config.id) {
    Player host = *directory.find("H1").player;
    const auto key = key_of("broker").public_key();
    host.keys = {{key.key_id(), key.spki_der(), KeyUsage::seal, kNoon - kDayMs, kNoon + 400 * kDayMs, {}}};
    directory.put(std::move(host));
  }

  std::string machine, id;

  std::string state() { return state_of(*this, machine, "H1"); }
  std::string told() {
    for (const UserEvent& event : last.user) {
      if (event.kind == "tell") return event.text;
    }
    return {};
  }
  std::string publish(const crypto::RsaPrivateKey& key) { return outcome(node->publish_key(id_of(key))); }
  std::string withdraw(const std::string& key_id, const std::string& reason = "leaked") {
    return outcome(node->withdraw_key(key_id, reason, clock.now));
  }
  std::string withdraw(const crypto::RsaPrivateKey& key) { return withdraw(id_of(key)); }
  std::string renew(const std::string& peer = {}) { return outcome(node->renew_key(peer)); }

  /// Of the keys that it shares with this player.
  std::vector<std::int64_t> epochs(const std::string& peer = "H1") {
    std::vector<std::int64_t> found;
    for (const SharedKeyConfig& shared : node->config().shared_keys) {
      if (shared.peer == peer) found.push_back(shared.epoch);
    }
    return found;
  }

  /// The node begins anew, and repeats what was not answered.
  void begin_anew() {
    restart();
    node->on_time();
    flush();
  }

  /// The request of this kind in the last output.
  template <class Request>
  Request sent(const codec::MessageType& type) {
    call = {};
    for (const OutgoingCall& each : last.calls) {
      if (each.message == type.id) call = each;
    }
    const auto request = codec::read<Request>(call.body, *type.request);
    EXPECT_TRUE(request) << type.id;
    return request ? *request : Request{};
  }
  msg::KeyChange publication() { return sent<admin::PublishKey>(admin::kPublishKeyMessage).body.key_change; }
  msg::Withdrawal withdrawal() { return sent<admin::WithdrawKey>(admin::kWithdrawKeyMessage).body.withdrawal; }
  msg::GetPairKeyInner question() {
    asked = sent<admin::GetPairKey>(admin::kGetPairKeyMessage);
    const auto& type = admin::kGetPairKeyMessage;
    const msg::Sealed& sealed = asked.body.sealed;
    crypto::CryptoCounters counters;
    const auto plain =
        crypto::open(key_of("broker"), {sealed.key_id, sealed.wrapped_key, {sealed.nonce, sealed.box}},
                     crypto::box_context(type.request->root, msg::kHeadType, &asked.head), ids, counters);
    EXPECT_TRUE(plain);
    auto inner = codec::read<msg::GetPairKeyInner>(plain ? plain->view() : "", *type.request_inner);
    EXPECT_TRUE(inner);
    return inner ? *inner : msg::GetPairKeyInner{};
  }

  /// Answers the request that was seen last; its Auth is of the first epoch.
  template <class Response>
  void answer(Response response, const codec::MessageType& type) {
    if (node->config().profile == "H") {
      Document<Response> document;
      document.value = std::move(response);
      authenticate(*type.response, document, {1, kFirstShared});
      response = document.value;
    }
    reply(call, response, type);
  }
  template <class Response>
  Response blank(msg::Status status) {
    Response response;
    response.head = answer_head(call, id);
    if (node->config().profile == "H") response.head.profile = msg::Profile::H;
    response.body.status = std::move(status);
    return response;
  }
  void published(msg::Status status = success()) {
    answer(blank<admin::PublishKeyResponse>(std::move(status)), admin::kPublishKeyMessage);
  }
  void withdrawn(msg::Status status = success()) {
    answer(blank<admin::WithdrawKeyResponse>(std::move(status)), admin::kWithdrawKeyMessage);
  }
  void renewed(msg::Status status) {
    answer(blank<admin::GetPairKeyResponse>(std::move(status)), admin::kGetPairKeyMessage);
  }
  /// The answer to this question holds this key.
  void give_key(const msg::GetPairKeyInner& question, const msg::SharedKey& shared) {
    auto response = blank<admin::GetPairKeyResponse>(success());
    const msg::GetPairKeyResponseInner inner{question.nonce, shared};
    const auto& type = admin::kGetPairKeyMessage;
    const auto boxed =
        crypto::box(*crypto::from_hex(question.reply_key), codec::write_document(*type.response_inner, &inner),
                    crypto::box_context(type.response->root, msg::kHeadType, &response.head), ids);
    response.body.boxed = {boxed->nonce, boxed->box};
    answer(std::move(response), type);
  }

  admin::GetPairKey asked;
  OutgoingCall call;

 private:
  std::string outcome(const tl::expected<void, Refusal>& done) {
    flush();
    return done ? "" : done.error().reason;
  }
};

inline msg::SharedKey shared_key(std::int64_t epoch, const std::string& key = kNextShared,
                                 std::int64_t last_ms = kNoon + 180 * kDayMs) {
  return {crypto::to_hex(key), epoch, format_time(last_ms)};
}

inline msg::Status later() { return refusal(protocol::QP_E_BUSY, msg::Retry::same); }
inline msg::Status never() { return refusal(protocol::QP_E_KEY, msg::Retry::no); }

}  // namespace quickpay::roles
