// Players as directory files list them, and what such files and a player's own configuration say alike.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "reference/daemon/object_reader.hpp"
#include "reference/roles/directory.hpp"

namespace quickpay::daemon {

inline constexpr std::int64_t kMaxBasisPoints = 10'000;
inline constexpr std::size_t kTicketBytes = 16;

/// Whether the id begins with the letter of that role.
bool is_id_of(std::string_view role, std::string_view id);

/// The time under a key, UTC ms; a problem if it is none, or not there.
std::int64_t time_in(ObjectReader& reader, const char* key);
/// The last moment of a second that is still good, both UTC ms.
std::int64_t last_of(std::int64_t second_ms);

/// What stands under "oldest_paycards" and "source_addresses": as many as an entry of the directory has room for.
std::vector<roles::OldestPaycard> oldest_in(ObjectReader& reader);
std::vector<std::string> sources_in(ObjectReader& reader);

/// One player of a directory file. Its keys are read as they are: whoever uses one judges it.
roles::Player player_in(ObjectReader& reader);

}  // namespace quickpay::daemon
