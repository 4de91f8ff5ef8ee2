#include "tools/speccompiler/diff/elements.hpp"

#include <fmt/format.h>

#include <set>

#include "tools/speccompiler/ir/json_parts.hpp"

namespace quickpay::spec {
namespace {

class Lister {
 public:
  template <class T>
  void all(const std::string& kind, const std::vector<T>& items) {
    for (const T& item : items) list_.push_back({kind, item.id, item.at, part_json(item)});
  }
  void one(Element element) { list_.push_back(std::move(element)); }
  std::vector<Element> take() { return std::move(list_); }

 private:
  std::vector<Element> list_;
};

void add_cases(Lister& lister, const Machine& machine) {
  for (const Block& block : machine.blocks) {
    for (const Case& written : block.cases) {
      nlohmann::json body = part_json(written);
      body["machine"] = machine.id;
      body["states"] = block.states;
      body["event"] = block.event;
      for (const Row& row : machine.rows) {
        if (row.case_id == written.id) body["rows"].push_back(fmt::format("{} {:x}/{:x}", row.id, row.value, row.mask));
      }
      lister.one({"case", written.id, written.at, std::move(body)});
    }
  }
}

}  // namespace

std::vector<Element> elements_of(const Spec& spec) {
  Lister lister;
  nlohmann::json root = common_json(spec);
  root["version"] = spec.version;
  root["namespace"] = spec.xml_namespace;
  root["signature_prefix"] = spec.signature_prefix;
  lister.one({"specification", spec.id, spec.at, std::move(root)});
  lister.one({"envelope", "envelope", spec.at, part_json(spec.envelope)});
  lister.all("profile", spec.profiles);
  lister.all("family", spec.families);
  lister.all("role", spec.roles);
  lister.all("type", spec.types);
  lister.all("struct", spec.structs);
  lister.all("parameter", spec.parameters);
  lister.all("error", spec.errors);
  lister.all("step", spec.processing);
  lister.all("requirement", spec.requirements);
  lister.all("decision", spec.decisions);
  lister.all("protocol", spec.protocols);
  std::set<std::string> names;  // the first of a name is called by it, those of later protocols by protocol and name
  for (const Message& message : spec.messages) {
    const bool first = names.insert(message.id).second;
    lister.one({"message", first ? message.id : message.protocol + "." + message.id, message.at, part_json(message)});
  }
  lister.all("machine", spec.machines);
  lister.all("scenario", spec.scenarios);
  lister.all("properties", spec.property_sets);
  lister.all("plugin", spec.plugins);
  for (const Exclusion& exclusion : spec.exclusions) {
    for (const std::string& id : exclusion.requirements) {
      lister.one({"exclusion", id, exclusion.at, {{"reason", exclusion.reason}, {"until", exclusion.until}}});
    }
  }
  return lister.take();
}

std::vector<Element> machine_parts_of(const Spec& spec) {
  Lister lister;
  for (const Machine& machine : spec.machines) {
    lister.all("state of " + machine.id, machine.states);
    lister.all("variable of " + machine.id, machine.variables);
    lister.all("event of " + machine.id, machine.events);
    lister.all("predicate of " + machine.id, machine.predicates);
    lister.all("action of " + machine.id, machine.actions);
    lister.all("port of " + machine.id, machine.ports);
    add_cases(lister, machine);
  }
  return lister.take();
}

}  // namespace quickpay::spec
