#include "reference/roles/directory.hpp"

#include <algorithm>
#include <utility>

#include "reference/roles/facts.hpp"

namespace quickpay::roles {

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
    const auto& where = player.endpoints;
    const bool there = std::any_of(where.begin(), where.end(), [&](const Endpoint& e) {
      return e.port == at.port && plain_address(e.address) == plain_address(at.address);
    });
    if (player.role == "vendor" && !player.removed && there) return find(id);
  }
  return {available_ ? Found::unknown : Found::unavailable, nullptr};
}

}  // namespace quickpay::roles
