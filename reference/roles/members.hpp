// The players that registered by messages, as the Host keeps them: in the ledger, and in the directory that it answers
// from.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reference/roles/config.hpp"
#include "reference/roles/directory.hpp"
#include "reference/roles/stage.hpp"

namespace quickpay::roles {

inline constexpr std::string_view kMemberMachine = "member";         ///< records of players; the key is the id
inline constexpr std::string_view kMemberKeysMachine = "member.keys";  ///< records of their keys; the key is the id
inline constexpr std::string_view kIdCounterMachine = "counter.id";  ///< the last number given, by role
inline constexpr std::int64_t kFirstEpoch = 1;                       ///< of the key that a registration gives

/// A player with the key that it shares with the Host, if it does.
struct Member {
  Player player;
  std::optional<SharedKeyConfig> shared;
};

/// What messages changed of the keys of a player.
struct KeyRing {
  KeyChanges changes;
  /// Those that it shares with the Host, from the earliest epoch; none: as it registered, or as the owner gave them.
  std::vector<SharedKeyConfig> shared;
};

/// Keeps members. What it changes counts at once, for the directory and for authentication, and is durable with the
/// unit.
class Members {
 public:
  explicit Members(Stage& stage) : stage_(stage) {}

  /// From now on `directory` says what messages changed; what the ledger holds is put into it.
  void show_in(RegisteredDirectory& directory);

  /// The next id of this role that no player has or had; it is nobody's until it is taken.
  std::string next_id(std::string_view role, char letter);
  /// Nobody else gets this id, which next_id() gave.
  void take_id(std::string_view role, std::string_view id);

  void put(const Member& member);
  /// The player is one no more. Its places and its key stay with it, so that it can be told so.
  void remove(std::string_view id);
  /// The player as messages and the owner have it; nothing if there is none.
  std::optional<Member> find(std::string_view id);
  /// A key to share with this player, for T_epoch from now.
  SharedKeyConfig new_key(std::string_view id, std::int64_t epoch = kFirstEpoch) const;

  /// The end of a span (s) that begins now, as the last moment of a whole second: UTC ms.
  std::int64_t second_in(std::int64_t span_s) const;

  KeyRing keys_of(std::string_view id);
  void put_keys(std::string_view id, const KeyRing& ring);
  /// The keys that the Host shares with this player now, whoever gave them and whether or not they are over.
  std::vector<SharedKeyConfig> shared_with(std::string_view id) const;

 private:
  void show(const Member& member);
  void show_keys(std::string_view id, const KeyRing& ring);
  void share(std::string_view id, const std::vector<SharedKeyConfig>& keys);
  void show_all(std::string_view machine, const std::function<void(const ledger::Record&)>& each);

  Stage& stage_;
  RegisteredDirectory* directory_ = nullptr;
};

/// The shared key as messages give it.
msg::SharedKey given(const SharedKeyConfig& key);
/// That of a registration; nothing if there is none.
std::optional<msg::SharedKey> shared_key(const Member& member);

}  // namespace quickpay::roles
