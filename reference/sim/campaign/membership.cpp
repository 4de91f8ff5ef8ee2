#include "reference/sim/campaign/membership.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "reference/codec/codec.hpp"
#include "reference/roles/addresses.hpp"
#include "reference/roles/documents.hpp"
#include "reference/roles/fields.hpp"
#include "reference/roles/members.hpp"
#include "reference/sim/campaign/records.hpp"
#include "reference/sim/campaign/registry.hpp"
#include "reference/sim/campaign/sealed.hpp"
#include "reference/sim/keys.hpp"

namespace quickpay::sim {
namespace {

using namespace msg::admin;

const std::string kRemoved = "REMOVED";

std::string spelled(const std::string& address, std::int64_t port) { return address + " " + std::to_string(port); }

template <class Key>
std::string said_of(const Key& key, msg::KeyUse use) {
  return key.pub_key + " " + std::string(msg::to_string(use)) + " " + key.not_before + " " + key.not_after;
}

std::optional<ledger::Record> registration_of(Site& site) {
  auto found = site.ledger->find(site.config.role + ".registration", kHost);
  return found ? std::move(*found) : std::nullopt;
}

bool has_come_to_rest(const ledger::Record& registration) { return registration.state == "REGISTERED" || registration.state == "GONE"; }

std::string id_of(Site& site) {
  const auto own = registration_of(site);
  return own ? std::string(roles::field(*own, site.config.role)) : std::string{};
}

}  // namespace

// What nodes sent: a key that somebody else wrote is none that was proven.
void Membership::overhear() {
  for (; heard_ < world_.sent.size(); ++heard_) {
    const Sent& sent = world_.sent[heard_];
    if (sent.response || !sent.by_node) continue;
    if (sent.path == kRegisterVendorMessage.path) {
      const auto asked = codec::read<RegisterVendor>(sent.body, *kRegisterVendorMessage.request);
      if (asked && asked->body.key) shown_.insert(said_of(*asked->body.key, msg::KeyUse::sign));
    } else if (sent.path == kRegisterWalletMessage.path) {
      const auto asked = codec::read<RegisterWallet>(sent.body, *kRegisterWalletMessage.request);
      const auto inner = asked && read_.insert(asked->head.msg_id).second ? opened<msg::RegisterWalletInner>(asked->body.sealed, asked->head, kRegisterWalletMessage) : std::nullopt;
      if (inner && inner->key) shown_.insert(said_of(*inner->key, inner->key->usage));
    } else if (sent.path == kRegisterBrokerMessage.path) {
      const auto asked = codec::read<RegisterBroker>(sent.body, *kRegisterBrokerMessage.request);
      const auto inner = asked && read_.insert(asked->head.msg_id).second ? opened<msg::RegisterBrokerInner>(asked->body.sealed, asked->head, kRegisterBrokerMessage) : std::nullopt;
      if (!inner) continue;
      for (const msg::MemberKey& key : inner->key) shown_.insert(said_of(key, key.usage));
      if (std::find(std::begin(kCodes), std::end(kCodes), inner->enrolment_code) != std::end(kCodes)) codes_.insert(inner->enrolment_code);
    }
  }
}

std::string Membership::look(Site& site) {
  if (world_.newcomers().empty()) return {};
  if (site.newcomer) {
    const std::string wrong = look_at_ids();
    return wrong.empty() ? look_at_newcomer(site) : wrong;
  }
  return site.config.id == kHost ? look_at_host() : std::string{};
}

std::string Membership::look_at_ids() {
  std::map<std::string, std::string> whose;
  for (const std::string& name : world_.newcomers()) {
    const std::string id = id_of(world_.site(name));
    if (id.empty()) continue;
    if (world_.sites().contains(id)) return "AD1: " + name + " is called " + id + ", as somebody else was before";
    if (const auto [at, is_new] = whose.try_emplace(id, name); !is_new) return "AD1: " + name + " and " + at->second + " are both called " + id;
  }
  return {};
}

std::string Membership::look_at_host() {
  overhear();
  auto members = records(world_.site(kHost), roles::kMemberMachine);
  if (members == members_) return {};
  members_ = std::move(members);
  taken_.clear();
  for (const std::string& id : world_.ids("vendor")) taken_[spelled(world_.site(id).address, kPort)] = id;
  std::set<std::string> removed;
  std::size_t brokers = 0;
  for (const ledger::Record& member : members_) {
    if (member.state == kRemoved) removed.insert(member.key);
    brokers += roles::field(member, "role") == "broker" ? 1 : 0;
    if (const std::string wrong = look_at_places(member); !wrong.empty()) return wrong;
    if (const std::string wrong = look_at_keys(member); !wrong.empty()) return wrong;
  }
  for (const std::string& id : removed_)
    if (!removed.contains(id)) return "AD3: " + id + " was removed, and is no longer";
  removed_ = std::move(removed);
  if (brokers > codes_.size()) return "AD6: " + std::to_string(brokers) + " Brokers registered with " + std::to_string(codes_.size()) + " codes";
  return {};
}

std::string Membership::look_at_places(const ledger::Record& member) {
  if (roles::field(member, "role") != "vendor" || member.state == kRemoved || newcomers_.struck_off().contains(member.key)) return {};
  for (const msg::Endpoint& at : roles::recall_all<msg::Endpoint>(member, "Endpoint", msg::kEndpointType)) {
    const auto [other, is_new] = taken_.try_emplace(spelled(at.addr, at.port), member.key);
    if (!is_new && other->second != member.key) return "AD2: " + member.key + " and " + other->second + " are both at " + other->first;
  }
  return {};
}

std::string Membership::look_at_keys(const ledger::Record& member) {
  for (const msg::ListedKey& key : roles::recall_all<msg::ListedKey>(member, "Key", msg::kListedKeyType))
    if (!is_world_key(key.pub_key) || !shown_.contains(said_of(key, key.usage))) return "AD4: a key of " + member.key + " is listed that nobody proved so";
  return {};
}

std::string Membership::look_at_the_end() {
  for (const std::string& name : world_.newcomers()) {
    const auto own = registration_of(world_.site(name));
    if (own && !own->state.empty() && own->state != "OUT" && !has_come_to_rest(*own)) return "AD5: " + name + " is " + own->state + " in the end";
    if (const std::string wrong = look_at_newcomer(world_.site(name)); !wrong.empty()) return wrong;
  }
  return {};
}

/// Whoever has an answer knows what the Host has kept.
std::string Membership::look_at_newcomer(Site& site) {
  const auto own = registration_of(site);
  if (!own || !has_come_to_rest(*own)) return {};
  const std::string id(roles::field(*own, site.config.role));
  if (newcomers_.struck_off().contains(id)) return {};
  const auto found = world_.site(kHost).ledger->find(roles::kMemberMachine, id);
  const std::string wrong = look_at_member(site, *own, found && *found ? &**found : nullptr);
  return wrong.empty() ? wrong : "AD5: " + site.config.id + " " + wrong;
}

std::string Membership::look_at_member(Site& site, const ledger::Record& own, const ledger::Record* member) {
  if (member == nullptr) return "is " + own.state + " as " + own.key + ", and the Host has no such player";
  if ((own.state == "GONE") != (member->state == kRemoved)) return "is " + own.state + ", at the Host " + member->state;
  if (roles::field(*member, "role") != site.config.role) return "has another role at the Host";
  if (roles::field(own, "ticket") != roles::field(*member, "ticket")) return "has another ticket than the Host knows";
  if (roles::field(own, "key") != roles::field(*member, "shared_key")) return "has another key than the Host shares with it";
  const auto wanted = newcomers_.places().find(site.config.id);
  if (wanted == newcomers_.places().end() || site.config.role != "vendor") return {};
  const auto listed = roles::places_of(roles::recall_all<msg::Endpoint>(*member, "Endpoint", msg::kEndpointType));
  return listed == wanted->second ? std::string{} : "is listed at other places than it was told";
}

std::size_t Membership::registered() {
  const auto names = world_.newcomers();
  return static_cast<std::size_t>(std::count_if(names.begin(), names.end(), [&](const std::string& name) { return !id_of(world_.site(name)).empty(); }));
}

}  // namespace quickpay::sim
