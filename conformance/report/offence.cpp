#include "conformance/report/offence.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "conformance/report/text.hpp"

namespace quickpay::conformance {

namespace {

constexpr std::size_t kMaxWords = 64;  ///< of a finding's text that are looked for

bool stands_alone(std::string_view body, std::size_t at, std::size_t length) {
  const bool begins = at > 0 && body[at - 1] == '>';
  return begins && at + length < body.size() && body[at + length] == '<';
}

/// The only place at which an element holds exactly `value`.
std::optional<std::size_t> only_place(std::string_view body, std::string_view value) {
  std::optional<std::size_t> place;
  for (std::size_t at = body.find(value); at != std::string_view::npos; at = body.find(value, at + 1)) {
    if (!stands_alone(body, at, value.size())) {
      continue;
    }
    if (place) {
      return std::nullopt;
    }
    place = at;
  }
  return place;
}

/// What of a finding's text may stand in the message: the whole, and of a finding about what was answered each word.
std::vector<std::string_view> words_of(std::string_view text, Reason reason) {
  std::vector<std::string_view> words = {text};
  for (std::size_t begin = 0; reason != Reason::wrong_message && begin < text.size() && words.size() < kMaxWords;) {
    const std::size_t end = std::min(text.find_first_of(" ,;", begin), text.size());
    if (end > begin) {
      words.push_back(text.substr(begin, end - begin));
    }
    begin = end + 1;
  }
  std::stable_sort(words.begin(), words.end(), [](auto a, auto b) { return a.size() > b.size(); });
  return words;
}

char shown_char(char c) { return c >= 0x20 && c < 0x7F ? c : '.'; }

/// One row, and the marks below it if a marked byte stands in it.
std::string row(std::string_view body, std::size_t begin, std::size_t offset, std::size_t length) {
  std::string digits, characters, digit_marks, character_marks;
  bool marked = false;
  for (std::size_t i = begin; i < begin + kBytesInRow; ++i) {
    const bool here = i >= offset && i < offset + length;
    marked = marked || here;
    digits += i < body.size() ? fmt::format("{:02x} ", static_cast<unsigned char>(body[i])) : "   ";
    characters += i < body.size() ? std::string(1, shown_char(body[i])) : std::string();
    digit_marks += here ? "^^ " : "   ";
    character_marks += here ? '^' : ' ';
  }
  std::string text = fmt::format("{:08x}  {} {}\n", begin, digits, characters);
  if (marked) {
    character_marks.erase(character_marks.find_last_not_of(' ') + 1);
    text += fmt::format("{:8}  {} {}\n", "", digit_marks, character_marks);
  }
  return text;
}

}  // namespace

std::optional<Offence> offence_of(const ScenarioResult& scenario, const CheckResult& check) {
  const Evidence& evidence = check.evidence;
  if (evidence.entries.empty() || evidence.entries.back() >= scenario.transcript.size()) {
    return std::nullopt;
  }
  if (evidence.offset && evidence.entries.front() < scenario.transcript.size()) {
    const std::string& body = scenario.transcript[evidence.entries.front()].body;
    const std::size_t offset = std::min(*evidence.offset, body.size());
    return Offence{evidence.entries.front(), offset, offset < body.size() ? std::size_t{1} : std::size_t{0}};
  }
  for (const std::string_view word : words_of(evidence.got, evidence.reason)) {
    for (auto entry = evidence.entries.rbegin(); entry != evidence.entries.rend() && !word.empty(); ++entry) {
      if (*entry >= scenario.transcript.size()) {
        continue;
      }
      if (const auto place = only_place(scenario.transcript[*entry].body, word)) {
        return Offence{*entry, *place, word.size()};
      }
    }
  }
  return std::nullopt;
}

std::string byte_view(std::string_view body, std::size_t offset, std::size_t length) {
  const std::size_t marked = std::clamp<std::size_t>(length, 1, kMaxMarkedBytes);
  const std::size_t first = offset / kBytesInRow, last = (offset + marked - 1) / kBytesInRow;
  const std::size_t begin = first > kRowsBefore ? first - kRowsBefore : 0;
  std::string text;
  for (std::size_t r = begin; r <= last + kRowsAfter && (r <= last || r * kBytesInRow < body.size()); ++r) {
    text += row(body, r * kBytesInRow, offset, marked);
  }
  return text;
}

std::string place_words(const Entry& entry, const Offence& offence) {
  const std::string what = entry.message.empty() ? std::string("message") : printable(entry.message, 80);
  return fmt::format("byte {} of {} in #{} {}, {} to {}", offence.offset, entry.body_bytes, offence.entry, what,
                     printable(entry.from, 40), printable(entry.to, 40));
}

std::vector<std::string> allowed_next(const ScenarioResult& scenario, const std::vector<std::size_t>& marked) {
  if (marked.empty()) {
    return {};
  }
  for (std::size_t i = std::min(marked.front() + 1, scenario.transcript.size()); i-- > 0;) {
    if (!scenario.transcript[i].allowed.empty()) {
      return scenario.transcript[i].allowed;
    }
  }
  return {};
}

}  // namespace quickpay::conformance
