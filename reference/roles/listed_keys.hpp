// RSA keys as entries of the directory list them, and as role cores know them.
#pragma once

#include "reference/codec/generated/messages.hpp"
#include "reference/roles/directory.hpp"

namespace quickpay::roles {

/// The key as an entry lists it. Its times are whole seconds.
msg::ListedKey listed(const PlayerKey& key);

/// The listed key as role cores know it: good to the end of the second NotAfter. What cannot be read is left empty, so that
/// nothing is right by it.
PlayerKey unlisted(const msg::ListedKey& key);

}  // namespace quickpay::roles
