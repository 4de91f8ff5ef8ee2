// Sequence diagrams for a terminal: a column a player, a line a message.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "conformance/report/offence.hpp"
#include "conformance/report/text.hpp"

namespace quickpay::conformance {

namespace {

constexpr std::size_t kMaxLanes = 8;
constexpr std::size_t kLaneWidth = 11;  ///< characters from one player's line to the next
constexpr std::size_t kMaxLabel = 60;

/// Wallet, Vendor, Broker, Host from left to right: the order in which a payment visits them.
std::size_t rank(const std::string& id) {
  constexpr std::string_view kOrder = "WVBH";
  const std::size_t place = id.empty() ? std::string_view::npos : kOrder.find(id.front());
  return std::min(place, kOrder.size());
}

std::vector<std::string> lanes_of(const std::vector<Entry>& entries, const std::vector<std::size_t>& shown) {
  std::vector<std::string> lanes;
  for (const std::size_t i : shown) {
    for (const std::string& id : {entries[i].from, entries[i].to}) {
      const bool known = std::find(lanes.begin(), lanes.end(), id) != lanes.end();
      if (entries[i].kind != EntryKind::note && !known && lanes.size() < kMaxLanes) {
        lanes.push_back(id);
      }
    }
  }
  std::stable_sort(lanes.begin(), lanes.end(), [](const auto& a, const auto& b) { return rank(a) < rank(b); });
  return lanes;
}

/// The marked entries and what came before them, in order.
std::vector<std::size_t> shown_entries(std::size_t total, const std::vector<std::size_t>& marked, std::size_t most) {
  constexpr std::size_t kAfter = 2;
  const std::size_t last = marked.empty() ? total : std::min(marked.back() + kAfter, total);
  std::vector<std::size_t> shown;
  for (std::size_t i = last > most ? last - most : 0; i < last; ++i) {
    shown.push_back(i);
  }
  for (const std::size_t entry : marked) {
    if (entry < total && std::find(shown.begin(), shown.end(), entry) == shown.end()) {
      shown.push_back(entry);
    }
  }
  std::sort(shown.begin(), shown.end());
  return shown;
}

std::string head_line(const std::vector<std::string>& lanes) {
  std::string line;
  for (const std::string& id : lanes) {
    const std::string name = printable(id, 64);
    line += fmt::format("{:<{}}", name.size() > kLaneWidth - 1 ? name.substr(0, kLaneWidth - 2) + "~" : name, kLaneWidth);
  }
  return line;
}

/// The line between the players' columns: `*---->` from the sender to the receiver.
std::string arrow(const std::vector<std::string>& lanes, const Entry& entry) {
  std::string line(lanes.size() * kLaneWidth, ' ');
  for (std::size_t lane = 0; lane < lanes.size(); ++lane) {
    line[lane * kLaneWidth] = '|';
  }
  const auto place = [&](const std::string& id) {
    return static_cast<std::size_t>(std::find(lanes.begin(), lanes.end(), id) - lanes.begin()) * kLaneWidth;
  };
  const std::size_t from = place(entry.from), to = place(entry.to);
  if (from == to || std::max(from, to) >= line.size()) {
    return line;
  }
  const char stroke = entry.kind == EntryKind::response ? '.' : '-';
  for (std::size_t i = std::min(from, to); i <= std::max(from, to); ++i) {
    line[i] = stroke;
  }
  line[from] = '*';
  line[to] = entry.kind == EntryKind::failure ? 'x' : to > from ? '>' : '<';
  return line;
}

std::string label_of(const Entry& entry) {
  std::string label = entry.message.empty() ? entry.summary : entry.message;
  if (!entry.code.empty()) {
    label += " " + entry.code;
  } else if (entry.kind == EntryKind::response && entry.http_status != 200) {
    label += fmt::format(" HTTP {}", entry.http_status);
  }
  if (entry.kind == EntryKind::failure) {
    label = "no answer: " + entry.summary;
  }
  const std::string shown = printable(label, kMaxLabel);
  return entry.mutation.empty() ? shown : shown + "  [changed: " + printable(entry.mutation, kMaxLabel) + "]";
}

}  // namespace

std::string sequence_lines(const ScenarioResult& scenario, const std::vector<std::size_t>& marked, std::size_t most) {
  const std::vector<Entry>& entries = scenario.transcript;
  const std::vector<std::size_t> shown = shown_entries(entries.size(), marked, most);
  if (shown.empty()) {
    return {};
  }
  const std::vector<std::string> lanes = lanes_of(entries, shown);
  std::string text = "       " + head_line(lanes) + "\n";
  for (const std::size_t i : shown) {
    const bool here = std::find(marked.begin(), marked.end(), i) != marked.end();
    text += fmt::format("{}{:>4}  {}{}\n", here ? '>' : ' ', fmt::format("#{}", i), arrow(lanes, entries[i]),
                        label_of(entries[i]));
  }
  const std::size_t hidden = entries.size() - shown.size() + scenario.dropped;
  return hidden == 0 ? text : text + fmt::format("       {} more messages are in the transcript\n", hidden);
}

}  // namespace quickpay::conformance
