#include "vectors/schema.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <regex>
#include <set>

namespace quickpay::vectors {
namespace {

constexpr int kMaxDepth = 64;                  ///< of schemas in schemas
constexpr std::size_t kMaxPatternBytes = 512;  ///< of a text that is held against a pattern; std::regex recurses

bool is(const std::string& type, const Json& value) {
  static const std::map<std::string, bool (*)(const Json&)> kTypes = {
      {"object", [](const Json& v) { return v.is_object(); }}, {"array", [](const Json& v) { return v.is_array(); }},
      {"string", [](const Json& v) { return v.is_string(); }}, {"integer", [](const Json& v) { return v.is_number_integer(); }},
      {"boolean", [](const Json& v) { return v.is_boolean(); }}, {"null", [](const Json& v) { return v.is_null(); }}};
  const auto known = kTypes.find(type);
  return known != kTypes.end() && known->second(value);
}

bool all_different(const Json& list) {
  std::set<Json> seen;
  for (const Json& each : list) {
    if (!seen.insert(each).second) return false;
  }
  return true;
}

bool matches(const Json& value, const std::string& pattern) {
  if (!value.is_string()) return true;
  static std::map<std::string, std::regex> compiled;
  const auto& text = value.get_ref<const std::string&>();
  return text.size() <= kMaxPatternBytes && std::regex_search(text, compiled.try_emplace(pattern, pattern).first->second);
}

class Checker {
 public:
  explicit Checker(const Json& root) : root_(root) {}

  std::string check(const Json& schema, const Json& value, const std::string& at) {
    if (schema.is_boolean()) return schema.get<bool>() ? "" : at + ": nothing may be here";
    if (depth_ >= kMaxDepth) return at + ": schemas in schemas without end";
    ++depth_;
    std::string fault;
    for (auto rule = schema.begin(); rule != schema.end() && fault.empty(); ++rule) {
      fault = keyword(schema, rule.key(), rule.value(), value, at);
    }
    --depth_;
    return fault;
  }

 private:
  std::string keyword(const Json& schema, const std::string& name, const Json& rule, const Json& value, const std::string& at) {
    static const std::set<std::string> kRemarks = {"$schema", "$defs", "title", "description", "then", "else"};
    if (kRemarks.count(name) != 0) return {};
    if (name == "$ref") return check(root_.at(Json::json_pointer(rule.get<std::string>().substr(1))), value, at);
    if (name == "properties") return members(rule, schema.value("additionalProperties", Json(true)), value, at);
    if (name == "additionalProperties") return schema.contains("properties") ? "" : members(Json::object(), rule, value, at);
    if (name == "items") return elements(rule, value, at);
    if (name == "required") return required(rule, value, at);
    if (name == "oneOf") return one_of(rule, value, at);
    if (name == "not") return check(rule, value, at).empty() ? at + ": what must not be" : "";
    if (name == "if") {
      const char* branch = check(rule, value, at).empty() ? "then" : "else";
      return schema.contains(branch) ? check(schema[branch], value, at) : "";
    }
    return simple(name, rule, value, at);
  }

  /// Keywords that look at the value alone.
  static std::string simple(const std::string& name, const Json& rule, const Json& value, const std::string& at) {
    const auto holds = [&]() -> std::optional<bool> {
      if (name == "type") return is(rule.get<std::string>(), value);
      if (name == "const") return value == rule;
      if (name == "enum") return std::find(rule.begin(), rule.end(), value) != rule.end();
      if (name == "pattern") return matches(value, rule.get<std::string>());
      if (name == "minimum") return !value.is_number() || value >= rule;
      if (name == "minLength") return !value.is_string() || value.get_ref<const std::string&>().size() >= rule.get<std::size_t>();
      if (name == "minItems") return !value.is_array() || value.size() >= rule.get<std::size_t>();
      if (name == "maxItems") return !value.is_array() || value.size() <= rule.get<std::size_t>();
      if (name == "minProperties") return !value.is_object() || value.size() >= rule.get<std::size_t>();
      if (name == "maxProperties") return !value.is_object() || value.size() <= rule.get<std::size_t>();
      if (name == "uniqueItems") return !value.is_array() || rule == false || all_different(value);
      return std::nullopt;
    }();
    if (!holds) return fmt::format("{}: the schema uses {}, which is not known here", at, name);
    return *holds ? "" : fmt::format("{}: breaks {} {}", at, name, rule.dump().substr(0, 80));
  }

  std::string members(const Json& named, const Json& other, const Json& value, const std::string& at) {
    if (!value.is_object()) return {};
    for (const auto& [name, member] : value.items()) {
      const std::string below = at + "/" + name;
      if (std::string fault = check(named.contains(name) ? named[name] : other, member, below); !fault.empty()) return fault;
    }
    return {};
  }

  std::string elements(const Json& rule, const Json& value, const std::string& at) {
    for (std::size_t i = 0; value.is_array() && i < value.size(); ++i) {
      if (std::string fault = check(rule, value[i], fmt::format("{}/{}", at, i)); !fault.empty()) return fault;
    }
    return {};
  }

  static std::string required(const Json& rule, const Json& value, const std::string& at) {
    for (const Json& name : rule) {
      if (value.is_object() && !value.contains(name.get<std::string>())) return at + ": no " + name.get<std::string>();
    }
    return {};
  }

  std::string one_of(const Json& rule, const Json& value, const std::string& at) {
    std::size_t fitting = 0;
    for (const Json& each : rule) fitting += check(each, value, at).empty() ? 1 : 0;
    return fitting == 1 ? "" : fmt::format("{}: fits {} of the alternatives", at, fitting);
  }

  const Json& root_;
  int depth_ = 0;
};

}  // namespace

std::string schema_fault(const Json& schema, const Json& value) {
  try {
    return Checker(schema).check(schema, value, "");
  } catch (const std::exception& error) {  // a schema that is none: nlohmann and std::regex throw
    return std::string("the schema: ") + error.what();
  }
}

}  // namespace quickpay::vectors
