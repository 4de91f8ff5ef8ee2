// RSA keys and oldest Paycards as entries of the directory list them, and as role cores know them; and how much an entry can list.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "reference/codec/generated/messages.hpp"
#include "reference/roles/directory.hpp"

namespace quickpay::roles {

/// The key as an entry lists it. Its times are whole seconds.
msg::ListedKey listed(const PlayerKey& key);

/// The listed key as role cores know it: good to the end of the second NotAfter. What cannot be read is left empty, so that
/// nothing is right by it.
PlayerKey unlisted(const msg::ListedKey& key);

/// Oldest Paycards as messages name them, and back.
std::vector<OldestPaycard> oldest_in(const std::vector<msg::OldestPaycard>& told);
std::vector<msg::OldestPaycard> told_of(const std::vector<OldestPaycard>& oldest);

/// How many occurrences of a field an entry has room for, as the specification bounds them.
std::size_t entry_room(std::string_view field);

}  // namespace quickpay::roles
