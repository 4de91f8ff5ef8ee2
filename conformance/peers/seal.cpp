#include "conformance/peers/seal.hpp"

#include <algorithm>
#include <cstdlib>

#include "conformance/peers/build.hpp"
#include "conformance/peers/digest.hpp"

namespace quickpay::conformance {

namespace {

constexpr std::int64_t kEpoch = 1;

Element without(Element element, std::string_view name) {
  std::erase_if(element.children, [&](const Element& each) { return each.name == name; });
  return element;
}

std::vector<std::string> ids_of_role(const WorldPlan& plan, std::string_view role) {
  std::vector<std::string> ids;
  if (plan.role == role && !is_nameless(plan.iut)) {
    ids.push_back(plan.iut);
  }
  for (const PlayerPlan& player : plan.players) {
    if (player.role == role && player.listed) {
      ids.push_back(player.id);
    }
  }
  return ids;
}

void add_key(WorldPlan& plan, const std::string& one, const std::string& other, const std::string& hex) {
  if (plan.key(one, other) == nullptr) {
    plan.keys.push_back({one, other, kEpoch, hex, plan.keys_end});
  }
}

std::int64_t number_at(const Element& document, std::string_view path) {
  return std::strtoll(text_at(document, path).c_str(), nullptr, 10);
}

std::string auth_value(const KeyPlan* key, const Element& document) {
  const std::string raw = key == nullptr ? std::string(32, '?') : bytes_of_hex(key->key);
  return hex_of(mac_of(raw, "msg", without(document, "Auth")));
}

/// That of the epoch; of 0: the last one.
const KeyPlan* key_of(const WorldPlan& plan, std::string_view one, std::string_view other, std::int64_t epoch) {
  return epoch == 0 ? plan.key(one, other) : plan.key(one, other, epoch);
}

Element auth_under(const KeyPlan* key, const Element& document) {
  return branch("Auth", {branch("Mac", {leaf("KeyRef", std::to_string(key == nullptr ? kEpoch : key->epoch)),
                                        leaf("Value", auth_value(key, document))})});
}

}  // namespace

std::int64_t epoch_of(const Element& document) { return number_at(document, "Auth/Mac/KeyRef"); }

/// MAC(the Broker's key, "pair-key", Pair).
KeyPlan pair_key_of(const KeyPlan& broker_key, const std::string& vendor, const std::string& broker) {
  const Element pair = branch("Pair", {leaf("Vendor", vendor), leaf("Broker", broker),
                                       leaf("Epoch", std::to_string(broker_key.epoch))});
  return {broker, vendor, broker_key.epoch, hex_of(mac_of(bytes_of_hex(broker_key.key), "pair-key", pair)), broker_key.valid_to};
}

void complete_keys(WorldPlan& plan) {
  const std::string& host = plan.cast.host;
  for (const char* role : {"broker", "vendor", "wallet"}) {
    for (const std::string& id : ids_of_role(plan, role)) {
      add_key(plan, host, id, sha256_of("key of " + id));
    }
  }
  for (const std::string& broker : ids_of_role(plan, "broker")) {
    for (const std::string& vendor : ids_of_role(plan, "vendor")) {
      if (plan.key(broker, vendor) == nullptr) {
        plan.keys.push_back(pair_key_of(*plan.key(host, broker), vendor, broker));
      }
    }
  }
}

bool carries_auth(const WorldPlan& plan, const Element& request) {
  const codec::MessageType* type = message_type(request.name);
  return type != nullptr && codec::authenticated(*type, plan.profile, at(request, "Head/Sender") != nullptr);
}

Element auth_of(const WorldPlan& plan, const Element& document, std::string_view one, std::string_view other) {
  return auth_under(plan.key(one, other), document);
}

Element auth_of(const WorldPlan& plan, const Element& document, std::string_view one, std::string_view other, std::int64_t epoch) {
  return auth_under(key_of(plan, one, other, epoch), document);
}

void seal_request(const WorldPlan& plan, Element& request) {
  if (!carries_auth(plan, request) || child(request, "Auth") != nullptr) {
    return;
  }
  request.children.push_back(auth_of(plan, request, text_at(request, "Head/Sender"), text_at(request, "Head/Receiver")));
}

namespace {

/// A Broker that changes its Endorsement makes the PaycardAnswer that goes with it.
void answer_for_paycard(const WorldPlan& plan, Element& response, const Element& request) {
  const Element* endorsement = at(response, "Body/Endorsement");
  const PaycardPlan* card = plan.paycard(text_at(request, "Body/Paycard"));
  if (plan.profile == "H" && endorsement != nullptr && card != nullptr) {
    set_text(response, "Body/PaycardAnswer",
             paycard_answer(card->secret, text_at(request, "Head/MsgId"), *endorsement));
  }
}

}  // namespace

void seal_response(const WorldPlan& plan, Element& response, const Element& request, std::string_view responder) {
  answer_for_paycard(plan, response, request);
  if (!carries_auth(plan, request)) {
    return;
  }
  response = without(std::move(response), "Auth");
  response.children.push_back(auth_of(plan, response, responder, text_at(request, "Head/Sender"), epoch_of(request)));
}

bool auth_right(const WorldPlan& plan, const Element& document, std::string_view one, std::string_view other) {
  const KeyPlan* key = plan.key(one, other, epoch_of(document));
  return key != nullptr && text_at(document, "Auth/Mac/Value") == auth_value(key, document);
}

std::string receipt_mac_of(const WorldPlan& plan, const Element& receipt) {
  const KeyPlan* key =
      key_of(plan, text_at(receipt, "Host"), text_at(receipt, "Vendor"), number_at(receipt, "Mac/KeyRef"));
  return key == nullptr ? std::string()
                        : hex_of(mac_of(bytes_of_hex(key->key), "host-receipt", without(receipt, "Mac")));
}

}  // namespace quickpay::conformance
