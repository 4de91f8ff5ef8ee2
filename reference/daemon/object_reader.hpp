// Reads a JSON object of a configuration strictly: every key is known, every value has its type and range, and what is
// wrong is said with its place.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace quickpay::daemon {

using Json = nlohmann::ordered_json;

inline constexpr std::size_t kMaxConfigBytes = 64 * 1024 * 1024;
inline constexpr std::size_t kMaxConfigDepth = 16;

/// The first thing that is wrong with a configuration, for an operator.
class Problem {
 public:
  void note(std::string what) {
    if (text_.empty()) text_ = std::move(what);
  }
  bool found() const { return !text_.empty(); }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

/// Parses text as one JSON value: no duplicate keys, no deep nesting, no comments. A problem has line and column.
Json parse_json(std::string_view text, Problem& problem);

/// One object. Every key that is asked for counts as known; done() refuses the others.
class ObjectReader {
 public:
  /// `where` names the object in messages, e.g. "fixtures.items[2]"; empty for the root.
  ObjectReader(const Json& object, std::string where, Problem& problem);

  std::string text(const char* key);                        ///< must be there, not empty
  std::string text_or(const char* key, std::string other);  ///< `other` if it is not there
  std::int64_t integer(const char* key, std::int64_t min, std::int64_t max = std::numeric_limits<std::int64_t>::max());
  std::optional<std::int64_t> optional_integer(const char* key, std::int64_t min,
                                               std::int64_t max = std::numeric_limits<std::int64_t>::max());
  bool flag_or(const char* key, bool other);
  std::vector<std::string> texts(const char* key);      ///< a list of texts; empty if it is not there
  std::string hex(const char* key, std::size_t bytes);  ///< lower-case digits, as raw bytes
  std::string base64(const char* key);                  ///< raw bytes; empty if it is not there
  /// Runs `read` for the object, or for each object of a list, if it is there.
  void object(const char* key, const std::function<void(ObjectReader&)>& read);
  void list(const char* key, const std::function<void(ObjectReader&)>& read);
  bool has(const char* key);

  /// Refuses keys that nobody asked for, with the likeliest one that is known.
  void done();
  void wrong(const char* key, const std::string& what);

 private:
  const Json* find(const char* key, bool required);
  std::string place(std::string_view key) const;

  const Json& object_;
  std::string where_;
  Problem& problem_;
  std::vector<std::string> known_;
};

/// The one of `known` that was most likely meant by `word`, or an empty text.
std::string likeliest(std::string_view word, const std::vector<std::string>& known);

}  // namespace quickpay::daemon
