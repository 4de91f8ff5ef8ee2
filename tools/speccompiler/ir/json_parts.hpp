// The canonical form of each kind of element. Used by the canonical form as a whole, its slices and the comparison.
#pragma once

#include <nlohmann/json.hpp>
#include <vector>

#include "tools/speccompiler/ir/ir.hpp"

namespace quickpay::spec {

nlohmann::json common_json(const Common& common);

nlohmann::json part_json(const Common& common);
nlohmann::json part_json(const Profile& profile);
nlohmann::json part_json(const Type& type);
nlohmann::json part_json(const Field& field);
nlohmann::json part_json(const Struct& s);
nlohmann::json part_json(const Message& message);
nlohmann::json part_json(const State& state);
nlohmann::json part_json(const Variable& variable);
nlohmann::json part_json(const Event& event);
nlohmann::json part_json(const Predicate& predicate);
nlohmann::json part_json(const Port& port);
nlohmann::json part_json(const Case& written);
nlohmann::json part_json(const Default& written);
nlohmann::json part_json(const Machine& machine);
nlohmann::json part_json(const Scenario& scenario);
nlohmann::json part_json(const PropertySet& set);
nlohmann::json part_json(const PluginValue& value);
nlohmann::json part_json(const PluginCall& call);
nlohmann::json part_json(const PluginResult& result);
nlohmann::json part_json(const Plugin& plugin);
nlohmann::json part_json(const Role& role);
nlohmann::json part_json(const Parameter& parameter);
nlohmann::json part_json(const ErrorCode& code);
nlohmann::json part_json(const ProcessingStep& step);
nlohmann::json part_json(const Requirement& requirement);
nlohmann::json part_json(const Exclusion& exclusion);
nlohmann::json part_json(const Decision& decision);
nlohmann::json part_json(const Family& family);
nlohmann::json part_json(const Protocol& protocol);
nlohmann::json part_json(const Envelope& envelope);

template <class T>
nlohmann::json list_json(const std::vector<T>& items) {
  nlohmann::json list = nlohmann::json::array();
  for (const T& item : items) list.push_back(part_json(item));
  return list;
}

}  // namespace quickpay::spec
