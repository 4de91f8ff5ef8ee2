// A small JSON reader and writer, enough for an adapter: numbers are doubles, texts are UTF-8.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace json {

struct Value;
using List = std::vector<Value>;
using Object = std::map<std::string, Value>;

struct Value {
  std::variant<std::nullptr_t, bool, double, std::string, List, Object> data = nullptr;

  Value() = default;
  Value(bool value) : data(value) {}
  Value(double value) : data(value) {}
  Value(int value) : data(static_cast<double>(value)) {}
  Value(const char* value) : data(std::string(value)) {}
  Value(std::string value) : data(std::move(value)) {}
  Value(List value) : data(std::move(value)) {}
  Value(Object value) : data(std::move(value)) {}

  /// The member of that name; null where there is none.
  const Value& operator[](const std::string& name) const {
    static const Value kNull;
    const auto* object = std::get_if<Object>(&data);
    if (object == nullptr) {
      return kNull;
    }
    const auto found = object->find(name);
    return found == object->end() ? kNull : found->second;
  }
  bool is_number() const { return std::holds_alternative<double>(data); }
  std::string text() const { return std::holds_alternative<std::string>(data) ? std::get<std::string>(data) : std::string(); }
};

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  /// The value of the whole text; nothing where that is not JSON.
  std::optional<Value> read() {
    auto value = any(0);
    blanks();
    return at_ == text_.size() ? value : std::nullopt;
  }

 private:
  static constexpr int kMaxDepth = 64;

  void blanks() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos) {
      ++at_;
    }
  }
  bool take(std::string_view word) {
    if (text_.substr(at_, word.size()) != word) {
      return false;
    }
    at_ += word.size();
    return true;
  }
  std::optional<Value> any(int depth) {
    blanks();
    if (depth > kMaxDepth || at_ == text_.size()) {
      return std::nullopt;
    }
    switch (text_[at_]) {
      case '{': return object(depth);
      case '[': return list(depth);
      case '"': {
        auto value = string();
        return value ? std::optional<Value>(std::move(*value)) : std::nullopt;
      }
      case 't': return take("true") ? std::optional<Value>(true) : std::nullopt;
      case 'f': return take("false") ? std::optional<Value>(false) : std::nullopt;
      case 'n': return take("null") ? std::optional<Value>(Value()) : std::nullopt;
      default: return number();
    }
  }
  std::optional<Value> number() {
    const std::size_t end = std::min(text_.find_first_not_of("+-.0123456789eE", at_), text_.size());
    const std::string digits(text_.substr(at_, end - at_));
    char* stop = nullptr;
    const double value = std::strtod(digits.c_str(), &stop);
    if (digits.empty() || *stop != '\0') {
      return std::nullopt;
    }
    at_ = end;
    return value;
  }
  std::optional<Value> list(int depth) {
    List values;
    ++at_;
    for (blanks(); !take("]"); blanks()) {
      if (!values.empty() && !take(",")) {
        return std::nullopt;
      }
      auto value = any(depth + 1);
      if (!value) {
        return std::nullopt;
      }
      values.push_back(std::move(*value));
    }
    return values;
  }
  std::optional<Value> object(int depth) {
    Object members;
    bool first = true;
    ++at_;
    for (blanks(); !take("}"); blanks()) {
      if (!std::exchange(first, false) && !take(",")) {
        return std::nullopt;
      }
      blanks();
      auto name = string();
      blanks();
      auto value = name && take(":") ? any(depth + 1) : std::nullopt;
      if (!value) {
        return std::nullopt;
      }
      members[*name] = std::move(*value);
    }
    return members;
  }
  std::optional<std::string> string() {
    if (!take("\"")) {
      return std::nullopt;
    }
    std::string value;
    while (at_ < text_.size() && text_[at_] != '"') {
      if (text_[at_] != '\\') {
        value += text_[at_++];
      } else if (++at_ == text_.size() || !escape(value)) {
        return std::nullopt;
      }
    }
    return take("\"") ? std::optional(value) : std::nullopt;
  }
  bool escape(std::string& value) {
    constexpr std::string_view kNames = "\"\\/bfnrt", kValues = "\"\\/\b\f\n\r\t";
    const char name = text_[at_++];
    if (const std::size_t index = kNames.find(name); index != std::string_view::npos) {
      value += kValues[index];
      return true;
    }
    std::uint32_t code = 0;
    if (name != 'u' || !hex4(code)) {
      return false;
    }
    if (std::uint32_t low = 0; code >= 0xd800 && code < 0xdc00 && take("\\u") && hex4(low)) {
      code = 0x10000 + ((code - 0xd800) << 10U) + (low - 0xdc00);
    }
    utf8(code, value);
    return true;
  }
  bool hex4(std::uint32_t& code) {
    const std::string digits(text_.substr(at_, 4));
    at_ += digits.size();
    char* stop = nullptr;
    code = static_cast<std::uint32_t>(std::strtoul(digits.c_str(), &stop, 16));
    return digits.size() == 4 && *stop == '\0';
  }
  static void utf8(std::uint32_t code, std::string& value) {
    const auto add = [&value](std::uint32_t byte) { value += static_cast<char>(byte); };
    if (code < 0x80) {
      add(code);
    } else if (code < 0x800) {
      add(0xc0 | code >> 6U), add(0x80 | (code & 0x3f));
    } else if (code < 0x10000) {
      add(0xe0 | code >> 12U), add(0x80 | (code >> 6U & 0x3f)), add(0x80 | (code & 0x3f));
    } else {
      add(0xf0 | code >> 18U), add(0x80 | (code >> 12U & 0x3f)), add(0x80 | (code >> 6U & 0x3f)), add(0x80 | (code & 0x3f));
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

inline std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
    }
    out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return out + "\"";
}

inline std::string write(const Value& value) {
  struct Writer {
    std::string operator()(std::nullptr_t) const { return "null"; }
    std::string operator()(bool flag) const { return flag ? "true" : "false"; }
    std::string operator()(double number) const {
      return std::floor(number) == number && std::fabs(number) < 1e16 ? std::to_string(static_cast<std::int64_t>(number))
                                                                     : std::to_string(number);
    }
    std::string operator()(const std::string& text) const { return quoted(text); }
    std::string operator()(const List& list) const {
      std::string out;
      for (const Value& item : list) {
        out += (out.empty() ? "" : ",") + write(item);
      }
      return "[" + out + "]";
    }
    std::string operator()(const Object& object) const {
      std::string out;
      for (const auto& [name, member] : object) {
        out += (out.empty() ? "" : ",") + quoted(name) + ":" + write(member);
      }
      return "{" + out + "}";
    }
  };
  return std::visit(Writer{}, value.data);
}

}  // namespace json
