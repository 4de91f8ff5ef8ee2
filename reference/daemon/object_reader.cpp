#include "reference/daemon/object_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "reference/crypto/encoding.hpp"

namespace quickpay::daemon {
namespace {

constexpr std::size_t kMaxShown = 80;  // of a foreign word in a message

// Characters to change, add, remove or swap to make one word of the other.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    before.swap(row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = before[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({change, before[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

std::string shown(std::string_view word) {
  return Json(word.substr(0, kMaxShown)).dump(-1, ' ', true, Json::error_handler_t::replace);
}

std::pair<std::size_t, std::size_t> line_and_column(std::string_view text, std::size_t byte) {
  const auto before = text.substr(0, byte);
  const auto line = static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n')) + 1;
  const auto start = before.rfind('\n');
  return {line, byte - (start == std::string_view::npos ? 0 : start + 1)};
}

// Watches a document while it is parsed for what the library lets pass.
class Watch {
 public:
  explicit Watch(Problem& problem) : problem_(problem) {}
  bool operator()(int depth, Json::parse_event_t event, Json& parsed) {
    if (static_cast<std::size_t>(depth) > kMaxConfigDepth) problem_.note("it is nested too deeply");
    if (event == Json::parse_event_t::object_start) keys_.emplace_back();
    if (event == Json::parse_event_t::object_end) keys_.pop_back();
    if (event == Json::parse_event_t::key && !keys_.back().insert(parsed.get<std::string>()).second) {
      problem_.note(fmt::format("the key {} occurs twice in one object", shown(parsed.get<std::string>())));
    }
    return true;
  }

 private:
  Problem& problem_;
  std::vector<std::set<std::string>> keys_;
};

}  // namespace

Json parse_json(std::string_view text, Problem& problem) {
  if (text.size() > kMaxConfigBytes) {
    problem.note(fmt::format("it has more than {} bytes", kMaxConfigBytes));
    return {};
  }
  try {
    return Json::parse(text, std::function<bool(int, Json::parse_event_t, Json&)>(Watch(problem)));
  } catch (const Json::parse_error& error) {
    const auto [line, column] = line_and_column(text, std::min(error.byte, text.size()));
    problem.note(fmt::format("line {}, column {}: this is not JSON", line, column));
  }
  return {};
}

std::string likeliest(std::string_view word, const std::vector<std::string>& known) {
  std::string best;
  std::size_t least = (word.size() + 2) / 3 + 1;
  for (const auto& candidate : known) {
    const std::size_t changes = distance(word.substr(0, kMaxShown), candidate);
    if (changes >= least) continue;
    least = changes;
    best = candidate;
  }
  return best;
}

ObjectReader::ObjectReader(const Json& object, std::string where, Problem& problem)
    : object_(object), where_(std::move(where)), problem_(problem) {
  if (!object_.is_object()) problem_.note(fmt::format("{} must be an object", where_.empty() ? "the whole" : where_));
}

std::string ObjectReader::place(std::string_view key) const {
  return where_.empty() ? std::string(key) : fmt::format("{}.{}", where_, key);
}

void ObjectReader::wrong(const char* key, const std::string& what) {
  problem_.note(fmt::format("{} {}", place(key), what));
}

const Json* ObjectReader::find(const char* key, bool required) {
  known_.emplace_back(key);
  if (!object_.is_object()) return nullptr;
  const auto found = object_.find(key);
  if (found != object_.end()) return &*found;
  if (required) wrong(key, "is missing");
  return nullptr;
}

bool ObjectReader::has(const char* key) { return find(key, false) != nullptr; }

std::string ObjectReader::text(const char* key) {
  const Json* value = find(key, true);
  if (value == nullptr) return {};
  if (!value->is_string() || value->get_ref<const std::string&>().empty()) {
    wrong(key, "must be a text that is not empty");
    return {};
  }
  return *value;
}

std::string ObjectReader::text_or(const char* key, std::string other) {
  const Json* value = find(key, false);
  if (value == nullptr) return other;
  if (!value->is_string()) return wrong(key, "must be a text"), other;
  return *value;
}

std::optional<std::int64_t> ObjectReader::optional_integer(const char* key, std::int64_t min, std::int64_t max) {
  const Json* value = find(key, false);
  if (value == nullptr) return std::nullopt;
  const bool fits =
      value->is_number_integer() && !(value->is_number_unsigned() && value->get<std::uint64_t>() > INT64_MAX);
  if (!fits || value->get<std::int64_t>() < min || value->get<std::int64_t>() > max) {
    const bool open = max == std::numeric_limits<std::int64_t>::max();
    wrong(key, open ? fmt::format("must be a whole number from {} on", min)
                    : fmt::format("must be a whole number from {} to {}", min, max));
    return std::nullopt;
  }
  return value->get<std::int64_t>();
}

std::int64_t ObjectReader::integer(const char* key, std::int64_t min, std::int64_t max) {
  find(key, true);
  return optional_integer(key, min, max).value_or(min);
}

bool ObjectReader::flag_or(const char* key, bool other) {
  const Json* value = find(key, false);
  if (value == nullptr) return other;
  if (!value->is_boolean()) return wrong(key, "must be true or false"), other;
  return *value;
}

std::vector<std::string> ObjectReader::texts(const char* key) {
  const Json* value = find(key, false);
  std::vector<std::string> all;
  if (value == nullptr) return all;
  const bool good = value->is_array() && std::all_of(value->begin(), value->end(), [](const Json& one) {
                      return one.is_string() && !one.get_ref<const std::string&>().empty();
                    });
  if (!good) return wrong(key, "must be a list of texts"), all;
  for (const auto& one : *value) all.push_back(one);
  return all;
}

std::string ObjectReader::hex(const char* key, std::size_t bytes) {
  const std::string digits = text(key);
  const auto raw = crypto::from_hex(digits);
  if (raw && raw->size() == bytes) return *raw;
  wrong(key, fmt::format("must have {} lower-case hexadecimal digits", 2 * bytes));
  return {};
}

std::string ObjectReader::base64(const char* key) {
  const std::string encoded = text_or(key, "");
  if (encoded.empty()) return {};
  const auto raw = crypto::base64_decode(encoded);
  if (raw) return *raw;
  wrong(key, "must be base64");
  return {};
}

void ObjectReader::object(const char* key, const std::function<void(ObjectReader&)>& read) {
  const Json* value = find(key, false);
  if (value == nullptr) return;
  ObjectReader inner(*value, place(key), problem_);
  read(inner);
  inner.done();
}

void ObjectReader::list(const char* key, const std::function<void(ObjectReader&)>& read) {
  const Json* value = find(key, false);
  if (value == nullptr) return;
  if (!value->is_array()) return wrong(key, "must be a list");
  std::size_t index = 0;
  for (const auto& one : *value) {
    ObjectReader inner(one, fmt::format("{}[{}]", place(key), index++), problem_);
    read(inner);
    inner.done();
  }
}

void ObjectReader::done() {
  if (!object_.is_object()) return;
  for (const auto& [key, value] : object_.items()) {
    if (std::find(known_.begin(), known_.end(), key) != known_.end()) continue;
    const std::string meant = likeliest(key, known_);
    const std::string in = where_.empty() ? std::string() : " in " + where_;
    problem_.note(meant.empty() ? fmt::format("unknown key {}{}", shown(key), in)
                                : fmt::format("unknown key {}{}; did you mean \"{}\"?", shown(key), in, meant));
  }
}

}  // namespace quickpay::daemon
