#include "conformance/suites/key_owner.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "conformance/peers/build.hpp"
#include "conformance/peers/digest.hpp"
#include "conformance/peers/seal.hpp"
#include "conformance/peers/signing.hpp"
#include "conformance/peers/test_keys.hpp"

namespace quickpay::conformance {

std::string key_id_of(const std::string& name) { return test_key(name)->public_key().key_id(); }

KeyOwner::KeyOwner(Session& session, const std::string& who)
    : id(who), signer(test_key(who) == nullptr ? std::string() : who), session_(session), world_(session.world()) {}

// ---------------------------------------------------------------- listed keys

Element KeyOwner::key(const BroughtKey& key) {
  BroughtKey with = key;
  with.usage = key.usage.empty() ? "sign" : key.usage;
  with.change = [this, change = key.change](Element& element) {
    element.children.insert(element.children.begin(), leaf("Player", id));
    if (change) {
      change(element);
    }
  };
  return brought(world_, with, {});
}

Element KeyOwner::change(Element key) const {
  Element change = branch("KeyChange", {std::move(key)});
  return signer.empty() ? change : signed_with(*test_key(signer), std::move(change));
}

Reply KeyOwner::publishes(const BroughtKey& which) {
  const Element made = key(which);
  const Reply reply = world_.send(publishing(change(made)));
  if (reply.ok()) {
    list_key(world_, id, made, which.name);
  }
  return reply;
}

Element KeyOwner::withdrawal(const TakenBack& back) const {
  const std::string& by = back.signer.empty() ? signer : back.signer;
  Element element = branch("Withdrawal", {leaf("Player", id), leaf("KeyId", key_id_of(back.name.empty() ? by : back.name)),
                                          leaf("Reason", "replaced"), leaf("From", world_.now_text(back.from_s))});
  return signed_with(*test_key(by), std::move(element), back.purpose);
}

Reply KeyOwner::withdraws(const TakenBack& back) {
  const Element made = withdrawal(back);
  const Reply reply = world_.send(withdrawing(made));
  if (reply.ok()) {
    took_back(made);
  }
  return reply;
}

void KeyOwner::took_back(const Element& made) {
  const auto& keys = world_.plan().signing_keys;
  const auto found = std::find_if(keys.begin(), keys.end(), [&](const SigningKeyPlan& each) {
    return each.player == id && sha256_of(each.spki) == text_at(made, "KeyId");
  });
  if (found != keys.end()) {
    SigningKeyPlan key = *found;
    const std::string from = text_at(made, "From");
    key.withdrawn_by_message = true;
    key.withdrawn_from = key.withdrawn_from.empty() ? from : std::min(key.withdrawn_from, from);  // the earliest counts
    world_.enrol(std::move(key));
  }
}

// ---------------------------------------------------------------- shared keys

Element KeyOwner::wish(const std::string& peer) const {
  Element inner = branch("GetPairKeyInner", {leaf("Want", peer.empty() ? "own" : "pair")});
  if (!peer.empty()) {
    inner.children.push_back(leaf("Peer", peer));
  }
  inner.children.push_back(leaf("ReplyKey", fresh_key(session_)));
  inner.children.push_back(leaf("Nonce", world_.fresh_id()));
  return inner;
}

Sending KeyOwner::asking(const Element& inner) {
  Sending asking;
  asking.from = id;
  asking.document = sealed_to_host(session_, request_of("GetPairKey", world_.head(id), {}), to_xml(inner));
  return asking;
}

Reply KeyOwner::asks(const std::string& peer, std::int64_t epoch) {
  const Sending asked = under(epoch, asking(wish(peer)));
  const Reply reply = world_.send(asked);
  heard(asked, reply, peer);
  return reply;
}

void KeyOwner::heard(const Sending& asked, const Reply& reply, const std::string& peer) {
  const Element told = reply.ok() ? told_in(world_, asked, reply) : Element{};
  const Element* shared = child(told, "Shared");
  given = shared == nullptr ? Element{} : *shared;
  keep(peer);
}

void KeyOwner::keep(const std::string& peer) {
  if (given.name.empty()) {
    return;
  }
  KeyPlan key{peer.empty() ? world_.cast().host : peer, id, std::atoll(text_at(given, "Epoch").c_str()), text_at(given, "Key")};
  key.valid_to = text_at(given, "ValidTo");
  if (world_.plan().key(key.one, key.other, key.epoch) == nullptr) {  // what both had already is the judge's affair
    world_.enrol(std::move(key));
  }
}

Sending KeyOwner::under(std::int64_t epoch, Sending sending) const {
  const WorldPlan& plan = world_.plan();
  if (epoch != 0 && carries_auth(plan, sending.document)) {
    sending.document.children.push_back(auth_of(plan, sending.document, id, world_.iut(), epoch));
  }
  return sending;
}

Sending KeyOwner::sending(const std::string& message, Element body) const {
  Sending sending;
  sending.from = id;
  sending.document = request_of(message, world_.head(id), {std::move(body)});
  return sending;
}

// ---------------------------------------------------------------- arrangements

void ends_in(WorldPlan& plan, const std::string& player, std::int64_t seconds) {
  constexpr std::int64_t kFirst = 1;
  plan.keys.push_back(
      {plan.cast.host, player, kFirst, sha256_of("key of " + player), time_text(time_of(plan.now) + seconds * 1000)});
}

void lists(WorldPlan& plan, const std::string& player, const std::string& name, const std::string& usage) {
  SigningKeyPlan key = signing_key_plan(plan, player, *test_key(name));
  key.usage = usage;
  key.held = false;
  plan.signing_keys.push_back(std::move(key));
}

void lists_none(WorldPlan& plan, const std::string& player) {
  std::erase_if(plan.signing_keys, [&](const SigningKeyPlan& key) { return key.player == player; });
}

bool publishes_another(Session& session) {
  return KeyOwner(session, session.world().cast().strange_broker).publishes({.name = "bystander"}).ok();
}

}  // namespace quickpay::conformance
