// The canonical form of property sets.
#include "tools/speccompiler/ir/json_parts.hpp"

namespace quickpay::spec {
namespace {

using nlohmann::json;

template <class T>
void put(json& out, const char* key, const T& value) {
  if (value != T{}) out[key] = value;
}

json part_json(const PropertyInstance& instance) {
  json out = common_json(instance);
  out["machine"] = instance.machine;
  put(out, "content", instance.content);
  put(out, "with", instance.with);
  put(out, "without", instance.without);
  put(out, "to", instance.to);
  return out;
}

json part_json(const Ghost& ghost) {
  json out = common_json(ghost);
  out["max"] = ghost.max;
  put(out, "shared", ghost.shared);
  return out;
}

json part_json(const Observation& seen) {
  json out{{"instance", seen.instance}, {"effect", seen.effect}, {"ghost", seen.ghost}, {"change", seen.change},
           {"value", seen.value}};
  put(out, "if", seen.when);
  return out;
}

json part_json(const Option& option) { return common_json(option); }

json part_json(const Follow& follow) {
  json out{{"instance", follow.instance}, {"effect", follow.effect}, {"to", follow.to}, {"event", follow.event}};
  put(out, "if", follow.when);
  return out;
}

json part_json(const Permission& permission) {
  return {{"instance", permission.instance}, {"event", permission.event}, {"if", permission.when}};
}

json part_json(const Aim& aim) {
  json out = common_json(aim);
  put(out, "by", aim.by);
  put(out, "tests", aim.tests);
  return out;
}

json part_json(const ReportClaim& claim) {
  json out = common_json(claim);
  out["says"] = claim.says;
  out["verdict"] = claim.verdict;
  put(out, "holds", claim.holds);
  put(out, "fails", claim.fails);
  put(out, "tests", claim.tests);
  return out;
}

json part_json(const Assumption& assumed) {
  json out{{"instance", assumed.instance}, {"predicate", assumed.predicate}, {"usual", assumed.usual}};
  put(out, "meaning", assumed.meaning);
  put(out, "forged_open", assumed.forged_open);
  return out;
}

json part_json(const Authentic& authentic) {
  json out{{"message", authentic.message}, {"profiles", authentic.profiles}};
  put(out, "protocol", authentic.protocol);
  return out;
}

json part_json(const Property& property) {
  json out = common_json(property);
  out["kind"] = property.kind;
  out["holds"] = property.holds;
  out["twin"] = property.twin;
  out["twin_in"] = property.twin_in;
  put(out, "goal", property.goal);
  put(out, "from", property.from);
  put(out, "in", property.within);
  return out;
}

json part_json(const Configuration& configuration) {
  json out = common_json(configuration);
  out["orders"] = configuration.orders;
  out["world"] = configuration.world;
  out["timers"] = configuration.timers;
  put(out, "loss", configuration.loss);
  put(out, "duplication", configuration.duplication);
  put(out, "crashes", configuration.crashes);
  put(out, "forgeries", configuration.forgeries);
  put(out, "profile", configuration.profile);
  put(out, "liars", configuration.liars);
  put(out, "suspended", configuration.suspended);
  put(out, "with", configuration.with);
  put(out, "players", configuration.players);
  put(out, "fails", configuration.fails);
  put(out, "column", configuration.column);
  put(out, "deep", configuration.deep);
  return out;
}

json part_json(const Unseen& item) {
  json out = {{"req", item.requirements}, {"reason", item.reason}};
  put(out, "tests", item.tests);
  return out;
}

json part_json(const Unreached& row) { return {{"machine", row.machine}, {"row", row.row}, {"reason", row.reason}}; }

template <class T>
json parts_json(const std::vector<T>& items) {
  json list = json::array();
  for (const T& item : items) list.push_back(part_json(item));
  return list;
}

}  // namespace

json part_json(const PropertySet& set) {
  json out = common_json(set);
  if (!set.options.empty()) out["options"] = parts_json(set.options);
  out["instances"] = parts_json(set.instances);
  out["ghosts"] = parts_json(set.ghosts);
  out["observations"] = parts_json(set.observations);
  if (!set.follows.empty()) out["follows"] = parts_json(set.follows);
  if (!set.permissions.empty()) out["permissions"] = parts_json(set.permissions);
  out["assumptions"] = parts_json(set.assumptions);
  out["authentic"] = parts_json(set.authentic);
  out["properties"] = parts_json(set.properties);
  out["configurations"] = parts_json(set.configurations);
  out["unreached"] = parts_json(set.unreached);
  if (!set.unseen.empty()) out["unseen"] = parts_json(set.unseen);
  if (!set.aims.empty()) out["aims"] = parts_json(set.aims);
  if (!set.claims.empty()) out["claims"] = parts_json(set.claims);
  return out;
}

}  // namespace quickpay::spec
