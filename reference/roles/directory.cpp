#include "reference/roles/directory.hpp"

#include <algorithm>
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

}  // namespace

bool Directory::removed(std::string_view id) const {
  const Lookup lookup = find(id);
  return lookup.found == Found::known && lookup.player->removed;
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

Lookup RegisteredDirectory::find(std::string_view id) const {
  const Lookup listed = listed_.find(id);
  const auto at = registered_.find(id);
  if (at == registered_.end() || listed.found == Found::unavailable) return listed;
  if (listed.found == Found::unknown) return {Found::known, &at->second};
  Player both = *listed.player;
  both.name = at->second.name;
  both.endpoints = at->second.endpoints;
  both.bound_addresses = at->second.bound_addresses;
  both.ticket = at->second.ticket;
  both.removed = both.removed || at->second.removed;
  return {Found::known, &merged_.insert_or_assign(std::string(id), std::move(both)).first->second};
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
