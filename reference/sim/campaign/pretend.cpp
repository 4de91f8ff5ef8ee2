// Requests of newcomers with one thing in them that is otherwise, as somebody at their address can write them.
#include <iterator>
#include <map>
#include <optional>
#include <utility>

#include "reference/codec/codec.hpp"
#include "reference/roles/documents.hpp"
#include "reference/roles/times.hpp"
#include "reference/sim/campaign/newcomers.hpp"
#include "reference/sim/campaign/sealed.hpp"

namespace quickpay::sim {
namespace {

using namespace msg::admin;

constexpr const char* kPast = "2026-11-20T00:00:00Z";
constexpr const char* kOtherBegin = "2026-11-22T11:00:00Z";
constexpr std::int64_t kWide = 16;
constexpr unsigned kWays = 8;

/// What is new in the Head.
struct Renewed {
  std::string msg_id, sent_at;
};

void turn(std::string& base64) { base64.front() = base64.front() == 'A' ? 'B' : 'A'; }
void other(std::string& digits) { digits.front() = digits.front() == '0' ? '1' : '0'; }

/// A key that is not as its owner showed it.
template <class Key>
void spoil(Key& key, unsigned what) {
  switch (what % kWays) {
    case 0: turn(key.sig.value); break;
    case 2: key.not_after = kPast, key.not_before = kPast; break;
    case 3: key.pub_key = "QUJD"; break;
    default: key.not_before = kOtherBegin; break;
  }
}

void spoil(RegisterVendor::Body& body, unsigned what) {
  switch (what % kWays) {
    case 5: body.endpoint.addr = "127.0.7.77"; break;
    case 6: body.endpoint = {"127.0.1.1", kPort}; break;
    case 7:  // somebody else than the newcomer, at its address
      body.endpoint.port = kSparePort;
      other(body.probe_tag);
      body.key.reset();
      break;
    default:
      if (body.key) spoil(*body.key, what);
  }
}

void spoil(UpdateVendor::Body& body, unsigned) {
  other(body.probe_tag);
  body.endpoint = {{"127.0.7.99", kPort}};
}

void spoil(msg::RegisterWalletInner& inner, unsigned what) {
  switch (what % kWays) {
    case 5: inner.net = {{"127.0.8.77", 32}}; break;
    case 6: inner.net.front().prefix = kWide; break;
    case 7: other(inner.nonce); break;
    default:
      if (inner.key) spoil(*inner.key, what);
  }
}

void spoil(msg::RegisterBrokerInner& inner, unsigned what) {
  switch (what % kWays) {
    case 5: inner.key.push_back(inner.key.front()); break;
    case 6: std::erase_if(inner.key, [](const msg::MemberKey& key) { return key.usage == msg::KeyUse::seal; }), inner.key.push_back(inner.key.front()); break;
    case 7: inner.enrolment_code = "ENROL-Y"; break;
    default: spoil(inner.key.front(), what);
  }
}

void spoil(UpdateBroker::Body& body, unsigned what) {
  msg::BrokerChange& change = body.broker_change;
  switch (what % 4) {
    case 0: break;  // an old one again
    case 1: change.broker = "B7"; break;
    case 2: turn(change.sig.value); break;
    default: other(change.sig.key_id); break;
  }
}

/// The request with a new Head and one thing in it otherwise; empty if it cannot be read.
template <class T>
std::string open_one(const Sent& sent, const codec::MessageType& type, const Renewed& renewed, unsigned what) {
  auto request = codec::read<T>(sent.body, *type.request);
  if (!request) return {};
  request->head.msg_id = renewed.msg_id;
  if (request->head.sent_at) request->head.sent_at = renewed.sent_at;
  spoil(request->body, what);
  return codec::write_document(*type.request, &*request);
}

/// The same of one that is nothing but a sealed document.
template <class T, class Inner>
std::string sealed_one(const Sent& sent, const codec::MessageType& type, const Renewed& renewed, unsigned what, crypto::Random& random) {
  auto request = codec::read<T>(sent.body, *type.request);
  auto inner = request ? opened<Inner>(request->body.sealed, request->head, type) : std::nullopt;
  if (!inner) return {};
  request->head.msg_id = renewed.msg_id;
  spoil(*inner, what);
  auto box = sealed(*inner, request->head, type, random);
  if (!box) return {};
  request->body.sealed = std::move(*box);
  return codec::write_document(*type.request, &*request);
}

}  // namespace

void Newcomers::pretend(const std::string& name, unsigned what) {
  std::map<std::string, Sent> last;  // by path
  for (const Sent& sent : world_.sent) {
    const roles::MessageOps* ops = sent.by_node && !sent.response && sent.from == name ? roles::ops_of_path(sent.path) : nullptr;
    if (ops != nullptr && ops->type->protocol == "registration" && !ops->type->id.starts_with("Unregister") && ops->type->id != "UpdateWallet")
      last.insert_or_assign(sent.path, sent);
  }
  if (last.empty()) return;
  const Sent& sent = std::next(last.begin(), what / kWays % static_cast<unsigned>(last.size()))->second;
  const std::string body = spoilt(sent, what);
  if (!body.empty()) world_.ask(name, kHost, sent.path, body, [](const roles::CallResult&) {});
}

/// In profile H only what is sealed and has no code.
std::string Newcomers::spoilt(const Sent& sent, unsigned what) {
  const Renewed renewed{fresh_id(), roles::format_time(world_.site(sent.from).clock->now_ms())};
  if (sent.path == kRegisterWalletMessage.path) return sealed_one<RegisterWallet, msg::RegisterWalletInner>(sent, kRegisterWalletMessage, renewed, what, random_);
  if (sent.path == kRegisterBrokerMessage.path) return sealed_one<RegisterBroker, msg::RegisterBrokerInner>(sent, kRegisterBrokerMessage, renewed, what, random_);
  if (script_.authenticated) return {};
  if (sent.path == kRegisterVendorMessage.path) return open_one<RegisterVendor>(sent, kRegisterVendorMessage, renewed, what);
  if (sent.path == kUpdateVendorMessage.path) return open_one<UpdateVendor>(sent, kUpdateVendorMessage, renewed, what);
  return open_one<UpdateBroker>(sent, kUpdateBrokerMessage, renewed, what);
}

}  // namespace quickpay::sim
