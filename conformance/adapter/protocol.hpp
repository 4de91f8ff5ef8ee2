// QPAP/1, the adapter protocol, as data: what a command and a reply may look like, and their C++ values.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "conformance/model/iut.hpp"

namespace quickpay::conformance::qpap {

inline constexpr int kVersion = 1;
inline constexpr std::size_t kMaxDepth = 32;            ///< nesting of a line
inline constexpr std::size_t kMaxNameBytes = 256;       ///< names, versions, refs
inline constexpr std::size_t kMaxTextBytes = 4096;      ///< explanations
inline constexpr std::size_t kMaxListItems = 256;

/// A line as JSON object with an integer "id". The error says what is wrong with the line, without quoting it.
tl::expected<Json, std::string> parse_line(std::string_view line);

/// What is wrong with a command of this runner, or nothing. Checked before it leaves: the runner keeps to its own rules.
std::optional<std::string> command_fault(const Json& command);
/// What is wrong with the reply to command `cmd`, or nothing. Unknown fields are ignored.
std::optional<std::string> reply_fault(std::string_view cmd, const Json& reply);

/// Values of replies that passed reply_fault.
Hello hello_of(const Json& reply);
Ready ready_of(const Json& reply);
Outcome outcome_of(const Json& reply);
Observation observation_of(const Json& reply);
ClockState clock_of(const Json& reply);

Json setup_command(const Setup& setup);

}  // namespace quickpay::conformance::qpap
