// Somebody who wants to become a Vendor, before a Host: asks, is probed, and is answered.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "reference/crypto/encoding.hpp"
#include "reference/crypto/hash.hpp"
#include "reference/crypto/seal.hpp"
#include "reference/roles/shared_keys.hpp"
#include "reference/roles/tests/signed_single.hpp"

namespace quickpay::roles {

namespace admin = msg::admin;

inline const std::string kNewAddress = "127.0.5.1";
inline const Endpoint kNewPlace{kNewAddress, 9000};
inline const Endpoint kMovedPlace{"127.0.5.2", 9001};
inline const Endpoint kThirdPlace{"127.0.5.3", 9002};

/// A Host whose Probes stay on this machine.
inline NodeConfig registering(NodeConfig config = signing(host_config())) {
  config.probes_locally = true;
  config.sealing_keys = {
      {key_of("broker").pkcs8_der(), kNoon - kDayMs, kNoon + 400 * kDayMs}};  // the Host seals with another key
  return config;
}

inline std::string tag_of(const std::string& secret) {
  const msg::ProbeProof proof{secret};
  return crypto::digest("probe", "ProbeProof", msg::kProbeProofType, &proof);
}

/// A newcomer with its secret. What it sends it can send again.
class Newcomer {
 public:
  Newcomer(Single& host, Endpoint place = kNewPlace) : place(std::move(place)), secret(host.fresh_id()), host_(host) {}

  Endpoint place;
  std::string secret;
  std::string id;        ///< as the Host answered
  OutgoingCall probe{};  ///< the last one
  msg::Status status;    ///< of the last answer

  admin::RegisterVendor registration() {
    admin::RegisterVendor request;
    request.head = host_.anonymous("H1");
    request.body.endpoint = {place.address, place.port};
    request.body.probe_tag = tag_of(secret);
    return request;
  }
  admin::UpdateVendor update(std::vector<Endpoint> places, std::optional<std::string> name = {}) {
    admin::UpdateVendor request;
    request.head = host_.head(id, "H1");
    for (const Endpoint& at : places) request.body.endpoint.push_back({at.address, at.port});
    request.body.name = std::move(name);
    request.body.probe_tag = tag_of(secret);
    return request;
  }
  admin::UnregisterVendor leaving() {
    admin::UnregisterVendor request;
    request.head = host_.head(id, "H1");
    request.body.reason = msg::RemovalReason::user;
    return request;
  }

  /// The code of the answer; empty while there is none.
  std::string send(const admin::RegisterVendor& request, const std::string& from) {
    return post<admin::RegisterVendorResponse>(request, admin::kRegisterVendorMessage, from);
  }
  std::string send(const admin::RegisterVendor& request) { return send(request, place.address); }
  std::string send(const admin::UpdateVendor& request, const std::string& from) {
    return post<admin::UpdateVendorResponse>(request, admin::kUpdateVendorMessage, from);
  }
  std::string send(const admin::UpdateVendor& request) { return send(request, place.address); }
  std::string send(const admin::UnregisterVendor& request) {
    return post<admin::UnregisterVendorResponse>(request, admin::kUnregisterVendorMessage, place.address);
  }

  admin::ProbeResponse right_answer(const std::string& with_secret) {
    const auto asked = codec::read<admin::Probe>(probe.body, *admin::kProbeMessage.request);
    admin::ProbeResponse answer;
    answer.head = host_.answer_head(probe, "H1");
    answer.head.profile = asked->head.profile;
    answer.body.status = success();
    answer.body.nonce = asked->body.nonce;
    answer.body.probe_secret = with_secret;
    return answer;
  }
  /// Answers the Probe; the code of the answer that then comes to whoever waits.
  std::string answer_probe(const admin::ProbeResponse& answer) {
    host_.reply(probe, answer, admin::kProbeMessage);
    return look();
  }
  std::string answer_probe() { return answer_probe(right_answer(secret)); }
  std::string refuse_probe() {
    admin::ProbeResponse answer;
    answer.head = host_.answer_head(probe, "H1");
    answer.body.status = refusal(protocol::QP_E_FORBIDDEN, msg::Retry::no);
    return answer_probe(answer);
  }
  /// The whole way.
  std::string join() {
    const std::string code = send(registration());
    return code.empty() ? answer_probe() : code;
  }
  /// The Probe and the answer in the last output.
  std::string look() {
    for (const OutgoingCall& call : host_.last.calls) probe = call;
    status = {};
    for (const Answer& answer : host_.last.answers) {
      if (answer.connection == connection_) read_(this->answer = answer.body);
    }
    return status.code;
  }
  std::optional<msg::Boxed> boxed;  ///< of the last registration, with its Head
  msg::Head answered_head;
  std::string path, body, from, answer;  ///< as they were sent and came last

 private:
  template <class Response, class Request>
  std::string post(const Request& request, const codec::MessageType& type, const std::string& from) {
    connection_ = host_.next_connection++;
    this->path = type.path, this->from = from;
    body = codec::write_document(*type.request, &request);
    read_ = [this, &type](const std::string& body) {
      const auto answer = codec::read<Response>(body, *type.response);
      if (!answer) return;
      status = answer->body.status;
      if constexpr (requires { answer->body.vendor; }) {
        if (answer->body.vendor) id = *answer->body.vendor;
        boxed = answer->body.boxed;
        answered_head = answer->head;
      }
    };
    host_.raw(path, body, from, connection_);
    return look();
  }

  Single& host_;
  ConnectionToken connection_ = 0;
  std::function<void(const std::string&)> read_;
};

/// What the Host says of a Vendor, empty without an entry.
inline std::optional<msg::Entry> entry_of(Single& host, const std::string& id) {
  admin::LookupPlayer asked;
  asked.head = host.head("B7", "H1");
  asked.body.role = msg::PlayerRole::vendor;
  asked.body.id = id;
  const auto answer = host.ask<admin::LookupPlayerResponse>(asked, admin::kLookupPlayerMessage, kBrokerAddress);
  return answer ? answer->body.entry : std::nullopt;
}

/// Carries what a Vendor and its Host send each other.
inline void carry_between(Single& vendor, Single& host, const std::string& from, int rounds = 8) {
  std::vector<OutgoingCall> to_host = vendor.last.calls, to_vendor;
  std::vector<std::pair<ConnectionToken, OutgoingCall>> waiting;
  for (int round = 0; round < rounds && (!to_host.empty() || !to_vendor.empty() || !waiting.empty()); ++round) {
    for (const OutgoingCall& call : std::exchange(to_host, {})) {
      waiting.emplace_back(host.next_connection, call);
      host.raw(call.path, call.body, from, host.next_connection++);
      to_vendor.insert(to_vendor.end(), host.last.calls.begin(), host.last.calls.end());
      for (const Answer& answer : host.last.answers) {
        if (answer.connection != waiting.back().first) continue;
        waiting.pop_back();
        vendor.give(call, {true, 200, "application/quickpay+xml", answer.body});
        break;
      }
    }
    for (const OutgoingCall& call : std::exchange(to_vendor, {})) {
      host.give(call, {true, 200, "application/quickpay+xml", vendor.raw(call.path, call.body, "127.0.1.1")});
      to_vendor.insert(to_vendor.end(), host.last.calls.begin(), host.last.calls.end());
      for (const Answer& answer : host.last.answers) {
        for (auto at = waiting.begin(); at != waiting.end(); ++at) {
          if (at->first != answer.connection) continue;
          const OutgoingCall asked = at->second;
          waiting.erase(at);
          vendor.give(asked, {true, 200, "application/quickpay+xml", answer.body});
          break;
        }
      }
    }
  }
}

}  // namespace quickpay::roles
