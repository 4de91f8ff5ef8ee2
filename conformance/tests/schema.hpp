// The part of JSON Schema that the files of conformance/schemas use.
#pragma once

#include <fstream>
#include <functional>
#include <map>
#include <regex>
#include <string>

#include "conformance/model/iut.hpp"

namespace quickpay::conformance::tests {

inline std::string schema_fault(const Json& schema, const Json& value, const Json& root, const std::string& at);

/// What is wrong with a number, a text or an enumerated value.
inline std::string leaf_fault(const Json& schema, const Json& value, const std::string& at) {
  if (schema.contains("enum")) {
    return std::count(schema["enum"].begin(), schema["enum"].end(), value) == 1 ? "" : at + ": not in enum";
  }
  static const std::map<std::string, std::function<bool(const Json&)>> kTypes = {
      {"object", [](const Json& v) { return v.is_object(); }},
      {"array", [](const Json& v) { return v.is_array(); }},
      {"string", [](const Json& v) { return v.is_string(); }},
      {"integer", [](const Json& v) { return v.is_number_integer(); }},
      {"boolean", [](const Json& v) { return v.is_boolean(); }}};
  if (!kTypes.at(schema["type"].get<std::string>())(value)) {
    return at + ": wrong type";
  }
  if (schema.contains("minimum") && value < schema["minimum"]) {
    return at + ": too small";
  }
  if (schema.contains("pattern") &&
      !std::regex_search(value.get<std::string>(), std::regex(schema["pattern"].get<std::string>()))) {
    return at + ": pattern";
  }
  return {};
}

inline std::string members_fault(const Json& schema, const Json& value, const Json& root, const std::string& at) {
  for (const Json& name : schema.value("required", Json::array())) {
    if (!value.contains(name.get<std::string>())) {
      return at + ": no " + name.get<std::string>();
    }
  }
  if (!value.is_object() || !schema.contains("properties")) {
    return {};
  }
  for (const auto& [name, member] : value.items()) {
    if (!schema["properties"].contains(name)) {
      return at + ": unknown " + name;
    }
    if (std::string fault = schema_fault(schema["properties"][name], member, root, at + "/" + name); !fault.empty()) {
      return fault;
    }
  }
  return {};
}

/// What is wrong with `value`; empty if nothing.
inline std::string schema_fault(const Json& schema, const Json& value, const Json& root, const std::string& at) {
  if (schema.contains("$ref")) {
    const std::string ref = schema["$ref"].get<std::string>();
    return schema_fault(root.at(Json::json_pointer(ref.substr(1))), value, root, at);
  }
  if (std::string fault = leaf_fault(schema, value, at); !fault.empty()) {
    return fault;
  }
  if (std::string fault = members_fault(schema, value, root, at); !fault.empty()) {
    return fault;
  }
  for (std::size_t i = 0; value.is_array() && i < value.size(); ++i) {
    if (std::string fault = schema_fault(schema["items"], value[i], root, at + "/" + std::to_string(i));
        !fault.empty()) {
      return fault;
    }
  }
  return {};
}

/// The same by the name of a file in conformance/schemas.
inline std::string schema_fault(const std::string& file, const Json& value) {
  std::ifstream stream("conformance/schemas/" + file);
  const Json schema = Json::parse(stream);
  return schema_fault(schema, value, schema, "");
}

}  // namespace quickpay::conformance::tests
