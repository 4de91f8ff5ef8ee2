// Rules for players that register at the Host, change what it says of them, and leave.
#include <algorithm>
#include <set>

#include "reference/codec/codec.hpp"
#include "reference/crypto/hash.hpp"
#include "reference/roles/addresses.hpp"
#include "reference/roles/times.hpp"
#include "reference/sim/campaign/onlooker.hpp"
#include "reference/sim/keys.hpp"

namespace quickpay::sim {
namespace {

using namespace msg::admin;
using roles::Endpoint;

constexpr std::int64_t kWholeAddress = 32;
constexpr int kFirstShared = 224;  // addresses from here on are of no one machine

// ---------------------------------------------------------------- keys that newcomers show
/// A key of this world, whose time is not over.
template <class Key>
bool good(const Sight& s, const Key& key) {
  const std::int64_t from = roles::parse_time(key.not_before).value_or(0), to = roles::parse_time(key.not_after).value_or(0);
  constexpr std::int64_t kSecondMs = 1000;
  return is_world_key(key.pub_key) && from <= to && s.now() < to + kSecondMs;
}

template <class Key>
bool shown(const Sight& s, const codec::StructType& type, const Key& key) {
  return s.learnt.registry.shown.contains(codec::write_fragment("Key", type, &key));
}

// ---------------------------------------------------------------- Vendors
Said vendor_key_good(const Sight& s) {
  const auto* asked = s.asked<RegisterVendor>();
  if (asked == nullptr) return std::nullopt;
  return !asked->body.key || good(s, *asked->body.key);
}

Said vendor_key_proven(const Sight& s) {
  const auto* asked = s.asked<RegisterVendor>();
  if (asked == nullptr) return std::nullopt;
  const auto& key = asked->body.key;
  return !key || (good(s, *key) && key->probe_tag == asked->body.probe_tag && shown(s, msg::kFirstKeyType, *key));
}

Said from_there(const Sight& s) {
  const auto* asked = s.asked<RegisterVendor>();
  return asked ? Said{asked->body.endpoint.addr == s.learnt.registry.source(s.world, asked->head.msg_id)} : Said{};
}

/// Of the request, and while a Probe is answered of the one that it is for.
std::optional<std::vector<Endpoint>> named(const Sight& s) {
  if (const auto* asked = s.asked<RegisterVendor>()) return {{roles::place_of(asked->body.endpoint)}};
  if (const auto* asked = s.asked<UpdateVendor>()) return roles::places_of(asked->body.endpoint);
  const auto wish = s.learnt.registry.wishes.find(s.line.key);
  return wish == s.learnt.registry.wishes.end() ? std::nullopt : std::optional(wish->second.places);
}

template <bool kAll, bool (*kLook)(const Sight&, const Endpoint&)>
Said places(const Sight& s) {
  const auto all = named(s);
  if (!all) return std::nullopt;
  const auto look = [&](const Endpoint& at) { return kLook(s, at); };
  return kAll ? std::all_of(all->begin(), all->end(), look) : std::any_of(all->begin(), all->end(), look);
}

bool may_be_probed(const Sight& s, const Endpoint& at) {
  return at != Endpoint{s.world.site(kHost).address, kPort} && std::atoi(at.address.c_str()) < kFirstShared;
}
bool is_free(const Sight& s, const Endpoint& at) { return !s.learnt.registry.is_taken(s.world, at, s.line.key); }
bool is_new(const Sight& s, const Endpoint& at) {
  const auto own = s.learnt.registry.places_of(s.world, s.line.key);
  return std::find(own.begin(), own.end(), at) == own.end();
}
bool waits(const Sight& s, const Endpoint& at) {
  const auto& wishes = s.learnt.registry.wishes;
  return std::any_of(wishes.begin(), wishes.end(), [&](const auto& one) {
    return one.first != s.line.key && std::find(one.second.probed.begin(), one.second.probed.end(), at) != one.second.probed.end();
  });
}

const Registry::Wish* wish_of(const Sight& s) {
  const auto wish = s.learnt.registry.wishes.find(s.line.key);
  return wish == s.learnt.registry.wishes.end() ? nullptr : &wish->second;
}

Said same_request(const Sight& s) {
  const auto* asked = s.asked<UpdateVendor>();
  return asked && wish_of(s) ? Said{wish_of(s)->msg_id == asked->head.msg_id} : Said{};
}

Said probe_right(const Sight& s) {
  const auto* answer = s.answered<ProbeResponse>();
  const auto nonce = s.learnt.registry.nonces.find(s.line.key);
  if (answer == nullptr || wish_of(s) == nullptr || nonce == s.learnt.registry.nonces.end()) return std::nullopt;
  if (!answer->body.nonce || !answer->body.probe_secret) return false;
  const msg::ProbeProof proof{*answer->body.probe_secret};
  return *answer->body.nonce == nonce->second && crypto::digest("probe", "ProbeProof", msg::kProbeProofType, &proof) == wish_of(s)->tag;
}

Said more_places(const Sight& s) { return wish_of(s) ? Said{wish_of(s)->rest.size() > 1} : Said{}; }

Said entry_removed(const Sight& s) { return s.learnt.registry.removed.contains(s.line.key); }

Said tag_ours(const Sight& s) {
  const auto* asked = s.asked<Probe>();
  const auto sent = s.learnt.registry.tags.find(s.site.config.id);
  return asked && sent != s.learnt.registry.tags.end() ? Said{asked->body.probe_tag == sent->second} : Said{};
}

// ---------------------------------------------------------------- Wallets
template <class T, class Inner>
const Inner* inner_of(const Sight& s, const std::map<std::string, Inner>& all) {
  const auto* asked = s.asked<T>();
  const auto inner = asked ? all.find(asked->head.msg_id) : all.end();
  return inner == all.end() ? nullptr : &inner->second;
}
const msg::RegisterWalletInner* wallet_in(const Sight& s) { return inner_of<RegisterWallet>(s, s.learnt.registry.wallets); }

Said covers_source(const Sight& s) {
  const auto* enters = wallet_in(s);
  const auto* moves = inner_of<UpdateWallet>(s, s.learnt.registry.moves);
  if (enters == nullptr && moves == nullptr) return std::nullopt;
  const std::string from = s.learnt.registry.source(s.world, enters ? s.asked<RegisterWallet>()->head.msg_id : s.asked<UpdateWallet>()->head.msg_id);
  const auto& nets = enters ? enters->net : moves->net;
  const bool whole = std::all_of(nets.begin(), nets.end(), [](const msg::Net& net) { return net.prefix == kWholeAddress; });
  return nets.empty() || (whole && std::any_of(nets.begin(), nets.end(), [&](const msg::Net& net) { return net.addr == from; }));
}

Said wallet_key_good(const Sight& s) { return wallet_in(s) ? Said{!wallet_in(s)->key || good(s, *wallet_in(s)->key)} : Said{}; }

bool proven(const Sight& s, const msg::MemberKey& key, const std::string& nonce) { return key.nonce == nonce && shown(s, msg::kMemberKeyType, key); }

Said wallet_key_proven(const Sight& s) {
  const auto* inner = wallet_in(s);
  if (inner == nullptr) return std::nullopt;
  return !inner->key || (good(s, *inner->key) && proven(s, *inner->key, inner->nonce));
}

// ---------------------------------------------------------------- Brokers
const msg::RegisterBrokerInner* broker_in(const Sight& s) { return inner_of<RegisterBroker>(s, s.learnt.registry.brokers); }
const msg::BrokerChange* change_in(const Sight& s) {
  const auto* asked = s.asked<UpdateBroker>();
  return asked ? &asked->body.broker_change : nullptr;
}

Said code_good(const Sight& s) {
  const auto* inner = broker_in(s);
  if (inner == nullptr) return std::nullopt;
  const bool given = std::find(std::begin(kCodes), std::end(kCodes), inner->enrolment_code) != std::end(kCodes);
  return given && !s.learnt.registry.codes.contains(inner->enrolment_code);
}

Said keys_good(const Sight& s) {
  const auto* inner = broker_in(s);
  if (inner == nullptr) return std::nullopt;
  std::set<std::string> different;
  std::set<msg::KeyUse> uses;
  for (const msg::MemberKey& key : inner->key) different.insert(key.pub_key), uses.insert(key.usage);
  return different.size() == inner->key.size() && uses.size() == 2 && std::all_of(inner->key.begin(), inner->key.end(), [&](const auto& key) { return good(s, key); });
}

Said keys_proven(const Sight& s) {
  const auto* inner = broker_in(s);
  if (inner == nullptr) return std::nullopt;
  return *keys_good(s) && std::all_of(inner->key.begin(), inner->key.end(), [&](const auto& key) { return proven(s, key, inner->nonce); });
}

Said own_change(const Sight& s) {
  const auto* change = change_in(s);
  return change ? Said{change->broker == s.line.key && !s.learnt.registry.removed.contains(s.line.key)} : Said{};
}

Said signer_good(const Sight& s) {
  const auto* change = change_in(s);
  const auto keys = s.learnt.registry.keys.find(s.line.key);
  return change && keys != s.learnt.registry.keys.end() && !s.learnt.registry.removed.contains(s.line.key) ? Said{keys->second.contains(change->sig.key_id)} : Said{};
}

Said is_signed(const Sight& s) {
  const auto good = signer_good(s);
  if (!good) return std::nullopt;
  return *good && s.learnt.registry.changes.contains(codec::write_fragment("BrokerChange", msg::kBrokerChangeType, change_in(s)));
}

/// The Host of these worlds has one currency.
Said currencies_active(const Sight& s) {
  const auto* enters = broker_in(s);
  const auto* changes = change_in(s);
  if (enters == nullptr && changes == nullptr) return std::nullopt;
  const auto& named = enters ? enters->currency : changes->currency;
  return std::all_of(named.begin(), named.end(), [](const std::string& code) { return code == kCurrency; });
}

Said later(const Sight& s) {
  const auto* change = change_in(s);
  const auto last = s.learnt.registry.changed_ms.find(s.line.key);
  if (change == nullptr) return std::nullopt;
  return last == s.learnt.registry.changed_ms.end() || roles::parse_time(change->changed_at).value_or(0) > last->second;
}

}  // namespace

std::vector<Rule> rules_of_registration() {
  return {{"host.vendor.key_good", vendor_key_good},
          {"host.vendor.key_proven", vendor_key_proven},
          {"host.vendor.from_there", from_there},
          {"host.vendor.places_allowed", places<true, may_be_probed>},
          {"host.vendor.places_free", places<true, is_free>},
          {"host.vendor.places_wait", places<false, waits>},
          {"host.vendor.new_places", places<false, is_new>},
          {"host.vendor.same_request", same_request},
          {"host.vendor.probe_right", probe_right},
          {"host.vendor.more_places", more_places},
          {"host.vendor.entry_removed", entry_removed},
          {"vendor.registration.tag_ours", tag_ours},
          {"host.wallet.covers_source", covers_source},
          {"host.wallet.key_good", wallet_key_good},
          {"host.wallet.key_proven", wallet_key_proven},
          {"host.wallet.entry_removed", entry_removed},
          {"host.broker.code_good", code_good},
          {"host.broker.keys_good", keys_good},
          {"host.broker.keys_proven", keys_proven},
          {"host.broker.own_change", own_change},
          {"host.broker.signer_good", signer_good},
          {"host.broker.signed", is_signed},
          {"host.broker.currencies_active", currencies_active},
          {"host.broker.later", later}};
}

}  // namespace quickpay::sim
