#include "reference/sim/campaign/registry.hpp"

#include <algorithm>

#include "reference/codec/codec.hpp"
#include "reference/crypto/encoding.hpp"
#include "reference/roles/addresses.hpp"
#include "reference/roles/documents.hpp"
#include "reference/roles/times.hpp"
#include "reference/sim/campaign/onlooker.hpp"
#include "reference/sim/campaign/sealed.hpp"

namespace quickpay::sim {
namespace {

using namespace msg::admin;
using roles::Endpoint;

template <class T>
std::optional<T> read(const Sent& sent, const codec::MessageType& type) {
  if (sent.response || sent.path != type.path) return std::nullopt;
  auto request = codec::read<T>(sent.body, *type.request);
  return request ? std::optional(std::move(*request)) : std::nullopt;
}

template <class List, class T>
bool has(const List& all, const T& one) {
  return std::find(std::begin(all), std::end(all), one) != std::end(all);
}

}  // namespace

void Registry::overhear(const Sent& sent) {
  const roles::MessageOps* ops = sent.response ? nullptr : roles::ops_of_path(sent.path);
  if (ops == nullptr || ops->type->protocol != "registration") return;
  const auto by = [&](const auto& request) { sender.try_emplace(request.head.msg_id, sent.from); };
  const auto show = [&](const codec::StructType& type, const auto& key) {
    if (sent.by_node) shown.insert(codec::write_fragment("Key", type, &key));
  };
  if (const auto asked = read<RegisterVendor>(sent, kRegisterVendorMessage)) {
    by(*asked);
    if (sent.by_node) tags[sent.from] = asked->body.probe_tag;
    if (asked->body.key) show(msg::kFirstKeyType, *asked->body.key);
  } else if (const auto change = read<UpdateVendor>(sent, kUpdateVendorMessage)) {
    if (sent.by_node) tags[sent.from] = change->body.probe_tag;
  } else if (const auto probe = read<Probe>(sent, kProbeMessage)) {
    if (sent.by_node && probe->head.receiver) nonces[*probe->head.receiver] = probe->body.nonce;
  } else if (const auto wallet = read<RegisterWallet>(sent, kRegisterWalletMessage); wallet && !wallets.contains(wallet->head.msg_id)) {
    by(*wallet);
    const auto inner = opened<msg::RegisterWalletInner>(wallet->body.sealed, wallet->head, kRegisterWalletMessage);
    if (inner) wallets[wallet->head.msg_id] = *inner;
    if (inner && inner->key) show(msg::kMemberKeyType, *inner->key);
  } else if (const auto move = read<UpdateWallet>(sent, kUpdateWalletMessage); move && !moves.contains(move->head.msg_id)) {
    by(*move);
    if (const auto inner = opened<msg::UpdateWalletInner>(move->body.sealed, move->head, kUpdateWalletMessage)) moves[move->head.msg_id] = *inner;
  } else if (const auto broker = read<RegisterBroker>(sent, kRegisterBrokerMessage); broker && !brokers.contains(broker->head.msg_id)) {
    by(*broker);
    const auto inner = opened<msg::RegisterBrokerInner>(broker->body.sealed, broker->head, kRegisterBrokerMessage);
    if (inner) brokers[broker->head.msg_id] = *inner;
    for (const msg::MemberKey& key : inner ? inner->key : std::vector<msg::MemberKey>{}) show(msg::kMemberKeyType, key);
  } else if (const auto told = read<UpdateBroker>(sent, kUpdateBrokerMessage); told && sent.by_node) {
    changes.insert(codec::write_fragment("BrokerChange", msg::kBrokerChangeType, &told->body.broker_change));
  }
}

// ---------------------------------------------------------------- steps
namespace {

Registry::Wish wish_of(const Registry& registry, const Sight& s) {
  if (const auto* asked = s.asked<RegisterVendor>()) {
    const std::vector<Endpoint> place{roles::place_of(asked->body.endpoint)};
    return {asked->head.msg_id, asked->body.probe_tag, place, place, place};
  }
  Registry::Wish wish;
  const auto* asked = s.asked<UpdateVendor>();
  if (asked == nullptr) return wish;
  wish.msg_id = asked->head.msg_id;
  wish.tag = asked->body.probe_tag;
  wish.places = roles::places_of(asked->body.endpoint);
  const auto own = registry.places_of(s.world, s.line.key);
  for (const Endpoint& at : wish.places)
    if (!has(own, at) && !has(wish.probed, at)) wish.probed.push_back(at);
  wish.rest = wish.probed;
  return wish;
}

void learn_of_broker(Registry& registry, const Sight& s, std::string_view effect) {
  const auto* asked = s.asked<RegisterBroker>();
  const auto inner = asked ? registry.brokers.find(asked->head.msg_id) : registry.brokers.end();
  if (effect == "perform list" && inner != registry.brokers.end()) {
    registry.codes.insert(inner->second.enrolment_code);
    for (const msg::MemberKey& key : inner->second.key)
      if (key.usage == msg::KeyUse::sign) registry.keys[s.line.key].insert(key.sig.key_id);
  }
  if (const auto* change = s.asked<UpdateBroker>(); change && effect == "perform change")
    registry.changed_ms[s.line.key] = roles::parse_time(change->body.broker_change.changed_at).value_or(0);
}

void learn_of_vendor(Registry& registry, const Sight& s, std::string_view effect) {
  const std::string& key = s.line.key;
  Registry::Wish& wish = registry.wishes[key];
  if (effect == "perform begin" || effect == "perform begin-change") wish = wish_of(registry, s);
  if (effect == "perform next-place" && !wish.rest.empty()) wish.rest.erase(wish.rest.begin());
  if (effect == "perform list" || (effect == "perform change" && !wish.places.empty())) registry.places[key] = wish.places;
  if (effect == "perform forget-request") registry.wishes.erase(key);
}

}  // namespace

void Registry::learn(const Sight& s) {
  if (s.site.config.id != kHost) return;
  for (const std::string& effect : s.line.effects) {
    if (s.line.machine == "host.vendor") learn_of_vendor(*this, s, effect);
    if (s.line.machine == "host.broker") learn_of_broker(*this, s, effect);
    if (effect == "perform remove" && (s.line.machine == "host.vendor" || s.line.machine == "host.wallet")) removed.insert(s.line.key);
  }
}

std::vector<Endpoint> Registry::places_of(World& world, const std::string& vendor) const {
  if (const auto at = places.find(vendor); at != places.end()) return at->second;
  const auto site = world.sites().find(vendor);
  return site == world.sites().end() || site->second.newcomer ? std::vector<Endpoint>{} : std::vector<Endpoint>{{site->second.address, kPort}};
}

bool Registry::is_taken(World& world, const Endpoint& place, const std::string& vendor) const {
  for (const std::string& id : world.ids("vendor"))
    if (id != vendor && !removed.contains(id) && has(places_of(world, id), place)) return true;
  return std::any_of(places.begin(), places.end(), [&](const auto& one) { return one.first != vendor && !removed.contains(one.first) && has(one.second, place); });
}

std::string Registry::source(World& world, const std::string& msg_id) const {
  const auto at = sender.find(msg_id);
  return at == sender.end() ? std::string{} : world.site(at->second).address;
}

}  // namespace quickpay::sim
