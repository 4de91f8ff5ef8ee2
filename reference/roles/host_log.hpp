// The Host's log: what came in that changed a case, what the directory said about the players concerned, and what became
// of the records, entry by entry, each chained to the one before. It is written in the unit that it tells of.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "reference/roles/facts.hpp"
#include "reference/roles/stage.hpp"
#include "reference/roles/store.hpp"

namespace quickpay::roles {

inline constexpr std::string_view kLogMachine = "host.log";        ///< the entries; the key is the number, 16 digits
inline constexpr std::string_view kLogEndMachine = "host.log.end"; ///< record "end": number and chain of the last entry
inline constexpr std::size_t kMaxLoggedPart = 512 * 1024;          ///< bytes of a request in one entry

inline constexpr std::string_view kMailProtocol = "communication";  ///< no case rests on it (QP-ADD-25)
inline constexpr std::string_view kMembersProtocol = "registration";  ///< what the directory said is logged where it counted

/// Whether cases rest on the machines of the protocol.
inline bool logged(std::string_view protocol) { return protocol != kMailProtocol && protocol != kMembersProtocol; }

/// The states of entries.
inline constexpr std::string_view kLogSettings = "SETTINGS";  ///< what the Host decides by, whenever that changed
inline constexpr std::string_view kLogInput = "INPUT";        ///< a request, a timer, a suspension or its end
inline constexpr std::string_view kLogPart = "PART";          ///< the next bytes of the request before
inline constexpr std::string_view kLogChange = "CHANGE";      ///< what became of one record

/// The key of entry `number`, 1 the first.
std::string log_key(std::int64_t number);
/// The chain value of an entry: SHA-256 over the one before, number, state and fields but `chain`; 64 hex digits.
std::string log_chain(std::string_view before, const ledger::Record& entry);

/// A field of a record without the signatures in it: who replays a log has no key of the Host.
std::string without_signatures(std::string text);

/// A directory that remembers what it said, from the first take() on.
class WatchedDirectory : public Directory {
 public:
  /// `inner` outlives the object.
  explicit WatchedDirectory(const Directory& inner) : inner_(inner) {}
  Lookup find(std::string_view id) const override;
  /// No case rests on it, so that it is not remembered.
  Lookup find_vendor(const Endpoint& at) const override { return inner_.find_vendor(at); }
  bool asks_about(std::string_view id) const override { return inner_.asks_about(id); }
  void doubt(std::string_view id) const override { inner_.doubt(id); }
  std::vector<Endpoint> endpoints_of(std::string_view id) const override { return inner_.endpoints_of(id); }
  /// What was said since the last call, as fields of an entry.
  std::map<std::string, std::string> take() const;

 private:
  const Directory& inner_;
  mutable bool asked_ = false;
  mutable std::map<std::string, std::string> said_;
};

/// Puts what such fields say into `directory`.
void restore_directory(const std::map<std::string, std::string>& fields, TableDirectory& directory);

/// What a Host decides by, as fields of an entry, and back.
std::map<std::string, std::string> log_settings(const Facts& facts);
NodeConfig config_of(const std::map<std::string, std::string>& settings);

/// Collects what happens in a unit, and appends it to the log at the unit's end. What changed no record of a case leaves
/// no trace, and neither does mail.
class HostLog : public StepWatcher {
 public:
  HostLog(Facts& facts, Store& store) : facts_(facts), store_(store) {}

  /// The directory that the facts speak of; without one the log is silent about players.
  void watch(const WatchedDirectory& directory) { directory_ = &directory; }

  /// What follows in this unit is because of the request.
  void took(const Request& request);
  /// The Host was suspended, or serves again.
  void switched(std::string_view kind);
  void stepped(const Turn& turn, std::string_view event, std::string_view row, bool changed) override;

  /// Appends what the unit brought.
  void close_unit();

 private:
  using Fields = std::map<std::string, std::string>;
  struct Input {
    Fields fields;
    std::string body;
    std::vector<Fields> changes;
    bool always = false;  ///< logged though it changed nothing
  };
  void append(std::string_view state, Fields fields);
  void append(Input& input);
  void note_settings();

  Facts& facts_;
  Store& store_;
  const WatchedDirectory* directory_ = nullptr;
  std::vector<Input> inputs_;  ///< of the unit that is open
  ledger::Record end_;         ///< while entries are appended
};

}  // namespace quickpay::roles
