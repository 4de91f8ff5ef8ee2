// Everything that went over the wire in one session, byte for byte.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace quickpay::conformance {

inline constexpr std::size_t kMaxEntries = 4096;               ///< entries kept of a session; later ones are counted only
inline constexpr std::size_t kMaxEntryBytes = 1U << 20;        ///< bytes kept of one message
inline constexpr std::size_t kMaxTranscriptBytes = 32U << 20;  ///< bytes kept of a session

enum class EntryKind : std::uint8_t { request, response, failure /* connection or time-out */, note };

/// Which session a message is about. It can only be another one where the implementation outlives sessions (level E).
enum class Belongs : std::uint8_t {
  here,              ///< this session, or an order that nobody made: judged here
  earlier_scenario,  ///< an order of a session that the same run played before: judged, but not by the scenario
  earlier_run,       ///< an order that another run of the suite made: judged by its form alone
};

/// One message as it was seen, or a remark between messages.
struct Entry {
  EntryKind kind = EntryKind::note;
  std::int64_t at_us = 0;              ///< since the session began; filled by Transcript::add
  std::string from;                    ///< player id, e.g. "V1001"
  std::string to;
  bool by_iut = false;                 ///< sent by the implementation under test
  std::uint64_t exchange = 0;          ///< the same number for a request and its response
  std::string path;                    ///< request path
  unsigned http_status = 0;            ///< responses
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;                    ///< byte for byte (cut at kMaxEntryBytes)
  std::size_t body_bytes = 0;          ///< before the cut; filled by Transcript::add
  std::string message;                 ///< "CheckCommit", "CheckCommitResponse", or empty if it could not be read
  std::string msg_id;
  std::string order;                   ///< order key if there is one, e.g. "V1001 2026-000042"
  Belongs belongs = Belongs::here;     ///< requests of the implementation, and the answers to them
  std::string code;                    ///< responses: Status code
  std::string mutation;                ///< what the suite changed before sending; empty: nothing
  std::string summary;                 ///< one line for people
  std::vector<std::string> findings;   ///< what judges said about this message
  std::vector<std::string> allowed;    ///< messages the implementation could send next, as far as the wire shows
};

/// The entries of a session in the order in which they were seen. Bounded: what does not fit is counted in dropped().
class Transcript {
 public:
  using Now = std::int64_t (*)();  ///< monotonic microseconds

  explicit Transcript(Now now);
  /// Adds an entry, stamps it, and returns its index; kMaxEntries if it was dropped.
  std::size_t add(Entry entry);
  std::size_t note(std::string text);
  const std::vector<Entry>& entries() const { return entries_; }
  Entry& at(std::size_t index) { return entries_[index]; }
  /// Index of the next entry: marks "from here on".
  std::size_t mark() const { return entries_.size(); }
  std::size_t dropped() const { return dropped_; }

 private:
  Now now_;
  std::int64_t begin_us_;
  std::size_t bytes_ = 0;
  std::size_t dropped_ = 0;
  std::vector<Entry> entries_;
};

}  // namespace quickpay::conformance
