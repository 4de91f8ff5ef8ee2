#include "reference/roles/directory.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "reference/roles/addresses.hpp"

namespace quickpay::roles {
namespace {

/// Whether it is a Vendor that listens there and was not removed.
bool listens(const Player& player, const Endpoint& at) {
  const auto& where = player.endpoints;
  return player.role == "vendor" && !player.removed &&
         std::any_of(where.begin(), where.end(), [&](const Endpoint& each) { return same_place(each, at); });
}

/// A key that both name counts once.
void change_keys(Player& player, const KeyChanges& changes) {
  const auto has = [&](const PlayerKey& key) {
    return std::any_of(player.keys.begin(), player.keys.end(), [&](const PlayerKey& each) { return each.key_id == key.key_id; });
  };
  for (const PlayerKey& key : changes.published) {
    if (!has(key)) player.keys.push_back(key);
  }
  for (PlayerKey& key : player.keys) {
    const auto at = changes.withdrawn.find(key.key_id);
    if (at == changes.withdrawn.end()) continue;
    key.withdrawn_from_ms = std::min(at->second, key.withdrawn_from_ms.value_or(at->second));
  }
}

/// The player as its owner listed it, with what messages say of it.
Player said_of(Player listed, const Player& registered) {
  listed.name = registered.name;
  listed.endpoints = registered.endpoints;
  if (!registered.source_addresses.empty()) listed.source_addresses = registered.source_addresses;
  if (!registered.currencies.empty()) listed.currencies = registered.currencies;
  if (!registered.oldest_paycards.empty()) listed.oldest_paycards = registered.oldest_paycards;
  listed.bound_addresses = registered.bound_addresses;
  listed.ticket = registered.ticket;
  if (listed.keys.empty()) listed.keys = registered.keys;  // who is listed only to be suspended or removed keeps its own
  listed.removed = listed.removed || registered.removed;
  listed.commissions = registered.commissions;
  return listed;
}

}  // namespace

std::optional<std::int64_t> commission_at(const Player& broker, std::int64_t committed_ms) {
  if (broker.contract_bp) return broker.contract_bp;
  const auto& rates = broker.commissions;
  const auto later = std::find_if(rates.begin(), rates.end(), [&](const Rate& rate) { return rate.from_ms > committed_ms; });
  if (later != rates.begin()) return std::prev(later)->bp;
  return rates.size() < kMaxRates ? std::nullopt : std::optional(rates.front().bp);
}

bool Directory::removed(std::string_view id) const {
  const Lookup lookup = find(id);
  return lookup.found == Found::known && lookup.player->removed;
}

bool Directory::live(std::string_view id) const {
  const Lookup lookup = find(id);
  return lookup.found == Found::known && !lookup.player->removed && !lookup.player->suspended;
}

const Player* Directory::living(std::string_view role, std::string_view id) const {
  const Lookup lookup = find(id);
  const bool lives = lookup.found == Found::known && lookup.player->role == role && !lookup.player->removed;
  return lives ? lookup.player : nullptr;
}

bool Directory::asks_about(std::string_view) const { return false; }

void Directory::doubt(std::string_view) const {}

std::vector<Endpoint> Directory::endpoints_of(std::string_view id) const {
  const Lookup lookup = find(id);
  return lookup.found == Found::known ? lookup.player->endpoints : std::vector<Endpoint>();
}

void TableDirectory::put(Player player) {
  const std::string id = player.id;
  players_.insert_or_assign(id, std::move(player));
}

void TableDirectory::remove(std::string_view id) {
  if (const auto at = players_.find(id); at != players_.end()) players_.erase(at);
}

void TableDirectory::hide(std::string_view id, bool hidden) { hidden_[std::string(id)] = hidden; }

Lookup TableDirectory::find(std::string_view id) const {
  if (const auto at = hidden_.find(id); at != hidden_.end() && at->second) return {Found::unavailable, nullptr};
  if (const auto at = players_.find(id); at != players_.end()) return {Found::known, &at->second};
  return {available_ ? Found::unknown : Found::unavailable, nullptr};
}

Lookup TableDirectory::find_vendor(const Endpoint& at) const {
  for (const auto& [id, player] : players_) {
    if (listens(player, at)) return find(id);
  }
  return {available_ ? Found::unknown : Found::unavailable, nullptr};
}

void RegisteredDirectory::put(Player player) {
  const std::string id = player.id;
  registered_.insert_or_assign(id, std::move(player));
}

void RegisteredDirectory::put_keys(std::string_view id, KeyChanges changes) {
  keys_.insert_or_assign(std::string(id), std::move(changes));
}

Lookup RegisteredDirectory::find(std::string_view id) const {
  const Lookup listed = listed_.find(id);
  const auto at = registered_.find(id);
  const auto keys = keys_.find(id);
  const bool registered = at != registered_.end();
  if (listed.found == Found::unavailable || (listed.found == Found::unknown && !registered)) return listed;
  if (!registered && keys == keys_.end()) return listed;
  Player both = listed.found == Found::unknown ? at->second : registered ? said_of(*listed.player, at->second) : *listed.player;
  if (keys != keys_.end()) change_keys(both, keys->second);
  const auto [kept, first] = merged_.try_emplace(std::string(id), both);
  if (!first && kept->second != both) kept->second = std::move(both);  // what was found stays while nothing changes
  return {Found::known, &kept->second};
}

Lookup RegisteredDirectory::find_vendor(const Endpoint& at) const {
  for (const auto& [id, player] : registered_) {
    const Lookup found = find(id);
    if (found.found == Found::known && listens(*found.player, at)) return found;
  }
  const Lookup listed = listed_.find_vendor(at);
  if (listed.found != Found::known || !registered_.contains(listed.player->id)) return listed;
  return {Found::unknown, nullptr};  // it has moved or left
}

}  // namespace quickpay::roles
