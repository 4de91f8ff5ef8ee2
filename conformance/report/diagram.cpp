// Sequence diagrams of recorded messages as inline SVG. Colours come from the page's style sheet.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "conformance/report/report.hpp"
#include "conformance/report/text.hpp"

namespace quickpay::conformance {

namespace {

constexpr int kLaneWidth = 230, kLeft = 92, kTop = 58, kRow = 40;
constexpr int kNoteLetter = 7, kMaxNote = 120;  ///< width of a letter of a note, at most; letters shown

struct Lanes {
  std::vector<std::string> ids;
  std::set<std::string> under_test;

  int x(const std::string& id) const {
    const auto found = std::find(ids.begin(), ids.end(), id);
    return kLeft + kLaneWidth / 2 + kLaneWidth * static_cast<int>(found - ids.begin());
  }
  int width() const { return kLeft + kLaneWidth * std::max<int>(1, static_cast<int>(ids.size())) + 8; }
};

/// Wallet, Vendor, Broker, Host from left to right: the order in which a payment visits them.
int rank(const std::string& id) {
  static constexpr std::string_view kOrder = "WVBH";
  const std::size_t place = id.empty() ? std::string_view::npos : kOrder.find(id.front());
  return place == std::string_view::npos ? 4 : static_cast<int>(place);
}

Lanes lanes_of(const std::vector<Entry>& entries, const std::vector<std::size_t>& shown) {
  Lanes lanes;
  std::set<std::string> seen;
  for (const std::size_t i : shown) {
    const Entry& entry = entries[i];
    if (entry.kind == EntryKind::note) {
      continue;
    }
    seen.insert(entry.from);
    seen.insert(entry.to);
    if (entry.by_iut) {
      lanes.under_test.insert(entry.from);
    }
  }
  lanes.ids.assign(seen.begin(), seen.end());
  std::stable_sort(lanes.ids.begin(), lanes.ids.end(),
                   [](const std::string& a, const std::string& b) { return rank(a) < rank(b); });
  return lanes;
}

/// At most kMaxShownEntries: the marked ones and what surrounds the first of them.
std::vector<std::size_t> shown_entries(std::size_t total, const std::vector<std::size_t>& marked) {
  const std::size_t around = marked.empty() ? total : std::min(marked.front() + 6, total);
  const std::size_t first = around > kMaxShownEntries ? around - kMaxShownEntries : 0;
  std::vector<std::size_t> shown;
  for (std::size_t i = first; i < total && shown.size() < kMaxShownEntries; ++i) {
    shown.push_back(i);
  }
  return shown;
}

/// Notes begin at the left, and may be wider than all lanes.
int width_of(const Lanes& lanes, const std::vector<Entry>& entries, const std::vector<std::size_t>& shown) {
  int width = lanes.width();
  for (const std::size_t i : shown) {
    const int letters = static_cast<int>(std::min<std::size_t>(entries[i].summary.size(), kMaxNote + 20));  // with how much is left out
    width = entries[i].kind == EntryKind::note ? std::max(width, kLeft + 16 + letters * kNoteLetter) : width;
  }
  return width;
}

std::string lane_name(const std::string& id) {
  return id.size() > 14 ? escaped(id.substr(0, 9)) + "…" : escaped(id);
}

std::string lane(const Lanes& lanes, const std::string& id, int height) {
  const int x = lanes.x(id);
  const bool iut = lanes.under_test.count(id) != 0;
  const int half = iut ? 105 : 75;  // " · under test" has to fit behind the longest name
  return fmt::format(
      "<line class=\"life\" x1=\"{0}\" y1=\"40\" x2=\"{0}\" y2=\"{1}\"/><rect class=\"{2}\" x=\"{3}\" y=\"8\" "
      "width=\"{4}\" height=\"30\" rx=\"4\"/><text class=\"who\" x=\"{0}\" y=\"28\">{5}{6}</text>",
      x, height - 8, iut ? "head iut" : "head", x - half, 2 * half, lane_name(id), iut ? " · under test" : "");
}

std::string label_of(const Entry& entry) {
  std::string label = entry.message.empty() ? (entry.path.empty() ? entry.summary : entry.path) : entry.message;
  if (!entry.code.empty()) {
    label += " " + entry.code;
  } else if (entry.kind == EntryKind::response && entry.http_status != 200) {
    label += fmt::format(" HTTP {}", entry.http_status);
  }
  return label.size() > 52 ? escaped(label.substr(0, 50)) + "…" : escaped(label);
}

std::string row(const Lanes& lanes, const Entry& entry, std::size_t number, int y, bool marked) {
  const std::string begin =
      fmt::format("<g class=\"{}{}\"><text class=\"no\" x=\"8\" y=\"{}\">{} · {:.1f} ms</text>",
                  entry.kind == EntryKind::response ? "answer" : "ask", marked ? " marked" : "", y + 4, number,
                  static_cast<double>(entry.at_us) / 1000.0);
  if (entry.kind == EntryKind::note) {
    return begin + fmt::format("<text class=\"note\" x=\"{}\" y=\"{}\">{}</text></g>", kLeft + 8, y + 4,
                               escaped(entry.summary, kMaxNote));
  }
  const int from = lanes.x(entry.from), to = lanes.x(entry.to);
  const int sign = to >= from ? 1 : -1;
  const std::string mutation =
      entry.mutation.empty() ? "" : fmt::format("<text class=\"mut\" x=\"{}\" y=\"{}\">changed: {}</text>",
                                                (from + to) / 2, y + 13, escaped(entry.mutation, 60));
  return begin + fmt::format("<text class=\"msg\" x=\"{}\" y=\"{}\">{}</text>{}<line class=\"{}\" x1=\"{}\" y1=\"{}\" "
                             "x2=\"{}\" y2=\"{}\"/><path class=\"tip\" d=\"M{} {}l{} -4v8z\"/></g>",
                             (from + to) / 2, y - 5, label_of(entry), mutation,
                             entry.kind == EntryKind::failure ? "arrow lost" : "arrow", from, y, to - sign * 2, y,
                             to - sign * 2, y, -sign * 8);
}

}  // namespace

std::string sequence_diagram(const ScenarioResult& scenario, const std::vector<std::size_t>& marked,
                             std::string_view label) {
  const std::vector<Entry>& entries = scenario.transcript;
  const std::vector<std::size_t> shown = shown_entries(entries.size(), marked);
  if (shown.empty()) {
    return "<p class=\"quiet\">No message was seen.</p>";
  }
  const Lanes lanes = lanes_of(entries, shown);
  const int height = kTop + kRow * static_cast<int>(shown.size()) + 8;
  std::string svg = fmt::format("<svg class=\"seq\" role=\"img\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" height=\"{1}\" "
                                "aria-label=\"{2}\">",
                                width_of(lanes, entries, shown), height, escaped(label));
  for (const std::string& id : lanes.ids) {
    svg += lane(lanes, id, height);
  }
  int y = kTop + 14;
  for (const std::size_t i : shown) {
    svg += row(lanes, entries[i], i, y, std::find(marked.begin(), marked.end(), i) != marked.end());
    y += kRow;
  }
  svg += "</svg>";
  const std::size_t hidden = entries.size() - shown.size() + scenario.dropped;
  return hidden == 0 ? svg : svg + fmt::format("<p class=\"quiet\">{} more messages are in the transcript.</p>", hidden);
}

}  // namespace quickpay::conformance
