// Which bytes of which message a finding is about, and how they are shown.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/model/result.hpp"

namespace quickpay::conformance {

inline constexpr std::size_t kBytesInRow = 16;
inline constexpr std::size_t kRowsBefore = 3;       ///< of a byte view, before the first marked row
inline constexpr std::size_t kRowsAfter = 2;        ///< after the last marked row
inline constexpr std::size_t kMaxMarkedBytes = 64;  ///< marked in a byte view; longer values are marked at their beginning

/// A place in the body of one message.
struct Offence {
  std::size_t entry = 0;   ///< of the transcript
  std::size_t offset = 0;  ///< bytes from the beginning of the body; its size if something is missing at the end
  std::size_t length = 0;  ///< bytes; at least 1 unless the offset is the end
};

/// Where a finding says that a message is wrong: the reader's offset, or the one place at which the value that the
/// finding names stands in the message. Nothing if the message has no body, or no place or several come into question.
std::optional<Offence> offence_of(const ScenarioResult& scenario, const CheckResult& check);

/// The rows of a body around a place, as hexadecimal digits and characters, with the place marked in the line below. Every
/// line ends with LF; holds printable ASCII only, whatever the body holds.
std::string byte_view(std::string_view body, std::size_t offset, std::size_t length);

/// One line that says which byte of which message an Offence is.
std::string place_words(const Entry& entry, const Offence& offence);

/// Messages that the implementation could have sent where the finding is, as the monitor saw it just before.
std::vector<std::string> allowed_next(const ScenarioResult& scenario, const std::vector<std::size_t>& marked);

/// The messages of a scenario as lines with an arrow each, for a terminal; those in `marked` begin with `>`. At most
/// `most` of them: the marked ones and what came before. Empty without messages.
std::string sequence_lines(const ScenarioResult& scenario, const std::vector<std::size_t>& marked, std::size_t most);

}  // namespace quickpay::conformance
