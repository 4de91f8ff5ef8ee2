// Look-ups as the one who asks sees them: asks the Host who a player is, judges what it says, keeps what counts.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "reference/roles/directory_cache.hpp"
#include "reference/roles/outbox.hpp"

namespace quickpay::roles {

inline constexpr std::string_view kEntryMachine = "directory.entry";  ///< records of entries, and calls that ask for them
inline constexpr std::size_t kMaxQuestions = 32;          ///< open at a time
inline constexpr std::size_t kMaxForOthers = 16;          ///< of these, about ids that nobody but others named
inline constexpr std::size_t kMaxForOthersAMinute = 120;  ///< likewise, asked within one minute
inline constexpr std::int64_t kMaxAttempts = 5;           ///< to get an answer to one question

/// What is wrong with an entry, named as alarms name it; empty: nothing.
using EntryFault = std::string_view;

/// The Host's own entry as its packages bring it: an element Entry without a namespace. An error is one line for an
/// operator: no entry, one of another Host, or one that no key in it has signed.
tl::expected<msg::Entry, std::string> read_host_entry(std::string_view text, std::string_view host);

/// An entry as role cores know players.
Player player_of(const msg::Entry& entry);

/// Asks for what a DirectoryCache wants. Everything it learns is durable before anybody acts on it, and is still there
/// after a restart.
class DirectoryAsker {
 public:
  /// The references outlive the object.
  DirectoryAsker(Facts& facts, Store& store, Outbox& outbox, DirectoryCache& cache, Output& output);
  ~DirectoryAsker();

  /// In the first unit: takes up what the ledger holds, and the Host's entry of the configuration if it is newer. Wants the
  /// entries of the Brokers whose Paycards are here.
  void begin();
  /// At the end of every unit: asks for what was wanted in it.
  void ask();
  /// An answer, or none. True: the question is over, and what waited for it can go on.
  bool answered(const ledger::Call& call, const Judged& judged);
  /// Whether an entry that answers the question about `id` may be believed. An entry has to be the Host's, of the player
  /// that was asked for, and no older than the one that is there.
  EntryFault fault(std::string_view id, const msg::Entry& entry) const;
  /// An entry of that player that came with a link: counts, if it may be believed and is newer than the one that is there, as if it had arrived
  /// when the Host made it. Whether it counts. One that the Host did not make, or not of that player, is told as an alarm.
  bool brought(std::string_view id, const msg::Entry& entry);
  /// The entry of a player as the Host signed it, whatever its age; nothing: there is none.
  std::optional<msg::Entry> entry_of(std::string_view id) const;

 private:
  class Checks;
  void recall_entries();
  void send(const std::string& id);
  bool may_ask_for_others();
  bool learn(const ledger::Call& call, const Judged& judged);
  void take(const msg::Entry& entry, std::int64_t arrived_ms);
  void refuse(std::string_view id, EntryFault wrong);
  void hold(const msg::Entry& entry, std::int64_t arrived_ms);
  void make_room();
  void close(const std::string& id, Found found);
  bool passes(std::string_view check, bool right) const;

  Facts& facts_;
  Store& store_;
  Outbox& outbox_;
  DirectoryCache& cache_;
  Output& output_;
  std::unique_ptr<Checks> checks_;
  std::map<std::string, bool, std::less<>> open_;  ///< what is being asked for, each with whether for itself
  std::int64_t minute_ms_ = 0;                     ///< when the minute began in which …
  std::size_t asked_ = 0;                          ///< … so many questions were asked for others
  bool listed_currencies_;                         ///< the owner names none, so those of the Host's table count
};

}  // namespace quickpay::roles
