// Who the other players are: the face of the directory that the role cores see.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace quickpay::roles {

struct Endpoint {
  std::string address;     ///< IPv4 dotted quad or IPv6 in RFC 5952 form
  std::uint16_t port = 0;  ///< 1..65535

  bool operator==(const Endpoint&) const = default;
};

/// What an RSA key is for.
enum class KeyUsage : std::uint8_t { sign, seal };

/// An RSA key as the directory lists it. Whether it keeps the key policy is judged by who uses it.
struct PlayerKey {
  std::string key_id;  ///< 64 hexadecimal digits: SHA-256 of `spki`
  std::string spki;    ///< SubjectPublicKeyInfo, DER
  KeyUsage usage = KeyUsage::sign;
  std::int64_t not_before_ms = 0;  ///< UTC ms, the first moment at which it is good
  std::int64_t not_after_ms = 0;   ///< UTC ms, the last one
  std::optional<std::int64_t> withdrawn_from_ms;  ///< UTC ms; from then on it is good for nothing new

  bool operator==(const PlayerKey&) const = default;
};

/// From which version on a Broker lets its Paycards of one product be used.
struct OldestPaycard {
  std::string product;  ///< as manifests have it
  std::string version;  ///< numbers with dots between

  bool operator==(const OldestPaycard&) const = default;
};

/// Of one Broker that a Host keeps; of an order that is older than the earliest of a full list, that one counts.
inline constexpr std::size_t kMaxRates = 64;

/// What a Broker told that it keeps of an amount, from when on.
struct Rate {
  std::int64_t from_ms = 0;  ///< UTC ms, by the Host's clock
  std::int64_t bp = 0;       ///< basis points, 0..10000

  bool operator==(const Rate&) const = default;
};

/// One entry of the directory.
struct Player {
  std::string id;    ///< role id, e.g. "B7"
  std::string role;  ///< wallet | vendor | broker | host
  std::string name;  ///< shown to users; may be empty
  std::vector<Endpoint> endpoints;            ///< where a Vendor, Broker or Host listens and sends from
  std::vector<std::string> bound_addresses;   ///< a Wallet's bound addresses or networks (QP-WAL-013), as covers() takes them
  bool accepted = true;                       ///< this node deals with it
  bool removed = false;                       ///< once issued, no longer a player
  bool suspended = false;                     ///< of a Broker: nothing is begun with it, and what was begun goes on
  std::vector<PlayerKey> keys = {};           ///< published; more than one while a successor takes over
  std::string ticket = {};                    ///< of a Wallet, at its Host: who shows it may look the Wallet up; 32 hex digits
  std::vector<std::string> source_addresses = {};  ///< where a Vendor or Broker sends from besides its endpoints
  std::vector<std::string> currencies = {};        ///< of a Broker: that it takes; none: all of its Host
  std::optional<std::int64_t> contract_bp = {};    ///< of a Broker, at its Host: what its owner says that it keeps, basis points
  std::vector<Rate> commissions = {};              ///< of a Broker, at its Host: what it told, at most kMaxRates, from the earliest
  std::vector<OldestPaycard> oldest_paycards = {};  ///< of a Broker

  bool operator==(const Player&) const = default;
};

/// What a Broker keeps of an order that it committed then (UTC ms), basis points: its contract, else what it had told; nothing: neither. QP-ROLE-019.
std::optional<std::int64_t> commission_at(const Player& broker, std::int64_t committed_ms);

enum class Found : std::uint8_t {
  known,       ///< there is an entry
  unknown,     ///< the directory is sure that there is none
  unavailable  ///< nobody can say now
};

struct Lookup {
  Found found = Found::unknown;
  const Player* player = nullptr;  ///< iff known; owned by the directory, valid until it changes
};

/// What a node can find out about other players right now. Never blocks.
class Directory {
 public:
  virtual ~Directory() = default;
  virtual Lookup find(std::string_view id) const = 0;
  /// The Vendor that listens there and was not removed.
  virtual Lookup find_vendor(const Endpoint& at) const = 0;
  /// Whether this player is known to be one no more.
  bool removed(std::string_view id) const;
  /// Whether this player is known to be one that takes part: neither removed nor suspended.
  bool live(std::string_view id) const;
  /// The player of that role, known and not removed, or null. As long valid as what find() gives.
  const Player* living(std::string_view role, std::string_view id) const;
  /// Whether an entry of this player is on its way, or will be asked for now: what needs it can wait.
  virtual bool asks_about(std::string_view id) const;
  /// Something does not fit the entry of this player: perhaps there is a newer one.
  virtual void doubt(std::string_view id) const;
  /// Where this player takes calls; empty if that is not known.
  virtual std::vector<Endpoint> endpoints_of(std::string_view id) const;
};

/// A directory held in memory; its owner changes it between inputs of the node.
class TableDirectory : public Directory {
 public:
  /// Adds the entry, or replaces the one with the same id.
  void put(Player player);
  void remove(std::string_view id);
  /// While unavailable, every look-up of an id that is not there says `unavailable`.
  void set_available(bool available) { available_ = available; }
  /// While hidden, look-ups of this id say `unavailable`, as if its entry had grown stale.
  void hide(std::string_view id, bool hidden);

  Lookup find(std::string_view id) const override;
  Lookup find_vendor(const Endpoint& at) const override;

 private:
  std::map<std::string, Player, std::less<>> players_;
  std::map<std::string, bool, std::less<>> hidden_;
  bool available_ = true;
};

/// What messages changed of the keys of a player.
struct KeyChanges {
  std::vector<PlayerKey> published;                ///< besides those of its entry
  std::map<std::string, std::int64_t> withdrawn;  ///< by KeyId: UTC ms, from when on
};

/// What the owner of a Host listed, and what messages changed of it. Keys that its owner listed a message can withdraw, and
/// not take away.
class RegisteredDirectory : public Directory {
 public:
  /// `listed` outlives the object.
  explicit RegisteredDirectory(const Directory& listed) : listed_(listed) {}
  /// What messages say of a player, in place of what they said before.
  void put(Player player);
  /// What messages changed of the keys of a player, in place of what they changed before.
  void put_keys(std::string_view id, KeyChanges changes);

  Lookup find(std::string_view id) const override;
  Lookup find_vendor(const Endpoint& at) const override;

 private:
  const Directory& listed_;
  std::map<std::string, Player, std::less<>> registered_;
  std::map<std::string, KeyChanges, std::less<>> keys_;
  mutable std::map<std::string, Player, std::less<>> merged_;  ///< what was said of players that are in both
};

}  // namespace quickpay::roles
