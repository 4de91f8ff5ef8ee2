// The canonical form of plug-ins.
#include <nlohmann/json.hpp>

#include "tools/speccompiler/ir/json_parts.hpp"

namespace quickpay::spec {

using nlohmann::json;

json part_json(const PluginValue& value) {
  json out = common_json(value);
  out["max_bytes"] = value.max_bytes;
  if (!value.type.empty()) out["type"] = value.type;
  return out;
}

json part_json(const PluginCall& call) {
  json out = common_json(call);
  if (call.bare) out["bare"] = true;
  out["in"] = list_json(call.in);
  out["out"] = list_json(call.out);
  return out;
}

json part_json(const PluginResult& result) {
  json out = common_json(result);
  out["value"] = result.value;
  return out;
}

json part_json(const Plugin& plugin) {
  json out = common_json(plugin);
  out["abi"] = plugin.abi;
  out["prefix"] = plugin.prefix;
  out["results"] = list_json(plugin.results);
  out["entries"] = list_json(plugin.entries);
  out["services"] = list_json(plugin.services);
  out["calls"] = list_json(plugin.calls);
  return out;
}

}  // namespace quickpay::spec
