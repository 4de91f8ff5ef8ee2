// `quickpay interop` without its command line: every combination of the implementations meets, and a matrix says how it went.
#pragma once

#include <array>
#include <atomic>
#include <ostream>
#include <string>
#include <vector>

#include "conformance/interop/meeting.hpp"
#include "conformance/run/rollup.hpp"

namespace quickpay::conformance {

inline constexpr std::size_t kMaxMeetings = 64;       ///< combinations in one call
inline constexpr std::size_t kMaxShownFaults = 3;     ///< of one meeting, shown with bytes and messages
inline constexpr std::string_view kReferenceWord = "reference";  ///< instead of a command: the reference implementation

struct InteropOptions {
  /// Adapter commands of each role, in the order of kMeetingRoles. None: the reference. At least one role has one.
  std::array<std::vector<std::string>, 4> commands;
  std::string profile = "F";
  std::string out;   ///< folder; empty: no files
  std::string self;  ///< this program, for the reference
};

/// Lets every combination meet, one after the other, and writes how it went to `out`, what is wrong with the options to
/// `err`. as_expected: every meeting was good; failed: somebody is to blame; unreachable: an adapter could not be started
/// or set up; inconclusive: interrupted. With a folder: interop.json and the transcript of each meeting.
/// The process must ignore SIGPIPE. `stop` may be set at any time, from a signal handler too.
ExitCode interop(const InteropOptions& options, std::ostream& out, std::ostream& err, const std::atomic<bool>* stop);

/// `quickpay demo`: all four roles of the reference on loopback; writes every message of what they do together.
/// as_expected: a payment was made and everybody says so. `self`: this program.
ExitCode demo(const std::string& self, std::ostream& out, const std::atomic<bool>* stop);

/// The result of several meetings as JSON.
std::string interop_json(const std::vector<Meeting>& meetings, const std::string& profile);
/// Rows of Wallets, columns of Vendors, one table for each pair of Broker and Host; empty for a single meeting.
std::string matrix_text(const std::vector<Meeting>& meetings);
/// How one meeting went: who met, and each fault with what was expected, the bytes and the messages.
std::string meeting_text(const Meeting& meeting);

}  // namespace quickpay::conformance
