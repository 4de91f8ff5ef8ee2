// The directory of a player that asks the Host: what it was told, how long that counts, and what it wants to know.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "reference/roles/config.hpp"
#include "reference/roles/directory.hpp"

namespace quickpay::roles {

inline constexpr std::size_t kMaxKnownPlayers = 10'000;  ///< entries that are kept
inline constexpr std::size_t kMaxWanted = 64;            ///< ids that wait for a question
inline constexpr std::size_t kMaxQuiet = 1'000;          ///< ids about which nothing is asked for now
inline constexpr std::int64_t kUnknownMs = 60'000;       ///< for so long an id that the Host did not know is unknown
inline constexpr std::int64_t kUnansweredMs = 10'000;    ///< for so long nothing is asked again that got no answer
inline constexpr std::int64_t kUndoubtedMs = 60'000;     ///< for so long an entry that arrived is not asked for again
inline constexpr std::int64_t kHostAwayMs = 600'000;     ///< for so long after a question failed the Host counts as away

/// An entry that the Host signed, as this player keeps it.
struct KnownPlayer {
  Player player;
  std::int64_t issued_ms = 0;   ///< UTC ms, by the Host's clock
  std::int64_t arrived_ms = 0;  ///< UTC ms, by the own clock
  std::int64_t longest_ms = 0;  ///< for so long after its arrival it is used at most
};

/// A directory that holds what the Host said. What it cannot say it remembers as wanted, for a DirectoryAsker.
///
/// An entry is fresh for T_dir from its arrival. Then it is stale: it is asked for again, and counts for up to
/// T_dir_stale more, but only while the Host does not answer. It never counts for longer than the Host allowed.
class DirectoryCache : public Directory {
 public:
  /// Takes from `config` the Host's id, T_dir, T_dir_stale and the tickets of Wallets.
  explicit DirectoryCache(const NodeConfig& config);

  /// What follows happens at this moment, UTC ms.
  void at(std::int64_t now_ms) { now_ms_ = now_ms; }

  Lookup find(std::string_view id) const override;
  /// Nobody asks for a player by its place.
  Lookup find_vendor(const Endpoint&) const override { return {Found::unavailable, nullptr}; }
  bool asks_about(std::string_view id) const override;
  /// Wants a newer entry, unless the one that is there has just arrived.
  void doubt(std::string_view id) const override;
  /// The Host's endpoints whatever their age: who has no newer ones has to ask there for newer ones.
  std::vector<Endpoint> endpoints_of(std::string_view id) const override;

  /// The entry of that id, whatever its age, or null. Valid until it is put or removed.
  const KnownPlayer* kept(std::string_view id) const;
  std::size_t size() const { return known_.size(); }
  /// The id of the entry that arrived first, the Host's apart; empty if there is none.
  std::string oldest() const;
  void put(KnownPlayer known);
  void remove(std::string_view id);

  /// Wants the entry, however fresh the one that is there.
  void want(std::string_view id) const;
  /// What is wanted, each with whether this player wants it for itself: not only because somebody named that id.
  std::map<std::string, bool, std::less<>> take_wanted();

  /// The Host answered a question, or did not.
  void host_answered();
  void host_failed();
  /// Nothing is asked about that id for a while, and this is what find() says of it meanwhile.
  void be_quiet(std::string_view id, Found found);
  /// What a Wallet gave to whom may look it up; empty if this player has none of that Wallet.
  std::string ticket_of(std::string_view id) const;

 private:
  struct Quiet {
    std::int64_t until_ms;
    Found found;
  };
  bool can_ask(std::string_view id) const;
  bool fresh(const KnownPlayer& known) const;
  bool counts(const KnownPlayer& known) const;
  const Quiet* quiet(std::string_view id) const;
  bool host_away() const { return failed_ms_ >= 0 && now_ms_ - failed_ms_ <= kHostAwayMs; }
  void note(std::string_view id, bool for_itself) const;

  std::string host_;
  std::int64_t fresh_ms_;
  std::int64_t stale_ms_;
  std::map<std::string, std::string, std::less<>> tickets_;
  std::int64_t now_ms_ = 0;
  std::int64_t failed_ms_ = -1;  ///< when a question last failed; negative: the Host has answered since
  std::map<std::string, KnownPlayer, std::less<>> known_;
  std::map<std::string, Quiet, std::less<>> quiet_;
  mutable std::map<std::string, bool, std::less<>> wanted_;
};

/// The role that an id tells by its first letter; empty if it is no id.
std::string_view role_of_id(std::string_view id);

}  // namespace quickpay::roles
