#include "tools/killtables/kill_table.hpp"

#include <algorithm>
#include <array>
#include <sstream>

namespace quickpay::killtables {
namespace {

std::string trimmed(const std::string& text) {
  const auto first = text.find_first_not_of(' ');
  return first == std::string::npos ? "" : text.substr(first, text.find_last_not_of(' ') - first + 1);
}

constexpr const char* kBySuite = "suite";  // nothing in the table notices; the check of a suite that the reason names does

bool is_class(const std::string& word) { return word == "equivalent" || word == "unreachable" || word == "hole" || word == kBySuite; }

const Survivor* find(const std::vector<Survivor>& all, const std::string& id) {
  const auto at = std::find_if(all.begin(), all.end(), [&](const Survivor& one) { return one.id == id; });
  return at == all.end() ? nullptr : &*at;
}

std::string percent(std::size_t part, std::size_t whole) {
  if (whole == 0) return "–";
  const std::size_t tenths = part * 1000 / whole;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " %";
}

}  // namespace

tl::expected<std::vector<Survivor>, std::string> parse_survivors(std::string_view text) {
  std::vector<Survivor> all;
  std::istringstream stream{std::string(text)};
  int number = 0;
  for (std::string line; std::getline(stream, line);) {
    ++number;
    if (line.empty() || line.front() == '#') continue;
    const auto first = line.find(" | "), second = line.find(" | ", first == std::string::npos ? first : first + 3);
    if (second == std::string::npos) return tl::make_unexpected("line " + std::to_string(number) + ": is not ID | CLASS | REASON");
    Survivor one{trimmed(line.substr(0, first)), trimmed(line.substr(first + 3, second - first - 3)), trimmed(line.substr(second + 3)), number};
    if (!is_class(one.klass) || one.reason.empty())
      return tl::make_unexpected("line " + std::to_string(number) + ": a class is equivalent, unreachable, suite or hole, with a reason");
    if (find(all, one.id) != nullptr) return tl::make_unexpected("line " + std::to_string(number) + ": " + one.id + " stands twice");
    all.push_back(std::move(one));
  }
  return all;
}

KillTable::KillTable(std::string title, std::vector<Column> columns) : title_(std::move(title)), columns_(std::move(columns)) {}

void KillTable::add(const std::string& id, const std::string& op, std::size_t column) {
  ++tried_;
  auto& row = rows_[op];
  row.resize(columns_.size());
  ++row[column];
  if (!columns_[column].kills) survivors_[id] = op;
}

std::size_t KillTable::in(std::size_t column) const {
  std::size_t sum = 0;
  for (const auto& [op, counts] : rows_) sum += counts[column];
  return sum;
}

std::size_t KillTable::mutants() const {
  std::size_t sum = 0;
  for (std::size_t i = 0; i < columns_.size(); ++i) sum += columns_[i].counts ? in(i) : 0;
  return sum;
}

std::size_t KillTable::killed() const { return mutants() - survivors_.size(); }

std::size_t KillTable::killed_without_golden() const {
  std::size_t sum = killed();
  for (std::size_t i = 0; i < columns_.size(); ++i) sum -= columns_[i].golden ? in(i) : 0;
  return sum;
}

std::vector<std::string> KillTable::compare(const std::vector<Survivor>& classified, bool all_tried, bool by_suites) const {
  std::vector<std::string> wrong;
  for (const auto& [id, op] : survivors_)
    if (find(classified, id) == nullptr) wrong.push_back(id + " survives and has no class");
  for (const Survivor& one : classified) {
    const bool lives = survivors_.contains(one.id), must_fall = by_suites && one.klass == kBySuite;
    const std::string at = "line " + std::to_string(one.line) + ": " + one.id;
    if (lives && must_fall) wrong.push_back(at + " survives, and a suite should notice it");
    if (!lives && !must_fall && all_tried) wrong.push_back(at + " is classified and does not survive, or is not there");
  }
  return wrong;
}

std::string KillTable::text() const {
  std::string text = "## " + title_ + "\n\n" + std::to_string(tried_) + " changes tried, " + std::to_string(mutants()) + " of them mutants; " +
                     std::to_string(killed()) + " killed (" + percent(killed(), mutants()) + ")";
  const bool has_golden = std::any_of(columns_.begin(), columns_.end(), [](const Column& one) { return one.golden; });
  if (has_golden)
    text += ", " + std::to_string(killed_without_golden()) + " (" + percent(killed_without_golden(), mutants()) + ") without golden numbers";
  text += "; " + std::to_string(survivors_.size()) + " survived.\n\n| change |";
  std::string line = "\n|---|", sums = "| all |";
  for (const Column& column : columns_) text += " " + column.name + " |";
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    line += "---|";
    sums += " " + std::to_string(in(i)) + " |";
  }
  text += line + "\n";
  for (const auto& [op, counts] : rows_) {
    text += "| " + op + " |";
    for (const std::size_t count : counts) text += count == 0 ? " |" : " " + std::to_string(count) + " |";
    text += "\n";
  }
  text += sums + "\n\n";
  for (const Column& column : columns_) text += "* *" + column.name + "*: " + column.text + "\n";
  return text;
}

std::string KillTable::survivors_text(const std::vector<Survivor>& classified) const {
  if (survivors_.empty()) return "Nothing survived.\n";
  std::string text = "| survivor | class | why |\n|---|---|---|\n";
  for (const auto& [id, op] : survivors_) {
    const Survivor* one = find(classified, id);
    text += "| `" + id + "` | " + (one != nullptr ? one->klass : "**none**") + " | " + (one != nullptr ? one->reason : "") + " |\n";
  }
  return text;
}

}  // namespace quickpay::killtables
