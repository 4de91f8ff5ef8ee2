#include "tools/speccompiler/lint/references.hpp"

#include <fmt/format.h>

namespace quickpay::spec {
namespace {

class Collector {
 public:
  explicit Collector(const Spec& spec) : spec_(spec) {}

  std::vector<Reference> run() {
    add("specification", spec_);
    all("profile", spec_.profiles);
    all("family", spec_.families);
    all("role", spec_.roles);
    all("type", spec_.types);
    all("parameter", spec_.parameters);
    all("error", spec_.errors);
    all("step", spec_.processing);
    all("protocol", spec_.protocols);
    for (const Struct& s : spec_.structs) add_struct(s);
    for (const Message& message : spec_.messages) add_message(message);
    for (const Machine& machine : spec_.machines) add_machine(machine);
    all("scenario", spec_.scenarios);
    for (const PropertySet& set : spec_.property_sets) add_properties(set);
    for (const Plugin& plugin : spec_.plugins) add_plugin(plugin);
    for (const Decision& decision : spec_.decisions) add("decision", decision, "", false);
    return std::move(references_);
  }

 private:
  void add(const char* kind, const Common& element, const std::string& prefix = "", bool counts = true) {
    for (const std::string& id : element.requirements) {
      references_.push_back({id, kind, prefix + element.id, element.at, counts});
    }
  }

  template <class T>
  void all(const char* kind, const std::vector<T>& elements, const std::string& prefix = "") {
    for (const T& element : elements) add(kind, element, prefix);
  }

  // A variant repeats the fields of its struct; they refer once.
  void add_struct(const Struct& s) {
    add(s.of.empty() ? "struct" : "variant", s);
    if (s.of.empty()) all("field", s.fields, s.id + ".");
  }

  void add_rules(const Message& message, const char* side, const std::vector<Rule>& rules) {
    for (std::size_t i = 0; i < rules.size(); ++i) {
      for (const std::string& id : rules[i].requirements) {
        references_.push_back({id, "rule", fmt::format("{} {} {}", message.id, side, i + 1), rules[i].at, true});
      }
    }
  }

  void add_message(const Message& message) {
    add("message", message);
    all("field", message.request.body, message.request.root + ".");
    all("field", message.response.body, message.response.root + ".");
    add_rules(message, "sender", message.sender);
    add_rules(message, "receiver", message.receiver);
  }

  void add_machine(const Machine& machine) {
    const std::string prefix = machine.id + " ";
    add("machine", machine);
    all("state", machine.states, prefix);
    all("variable", machine.variables, prefix);
    all("event", machine.events, prefix);
    all("predicate", machine.predicates, prefix);
    all("action", machine.actions, prefix);
    all("port", machine.ports, prefix);
    for (const Block& block : machine.blocks) all("row", block.cases, prefix);
    all("default", machine.defaults, prefix);
  }

  void add_plugin(const Plugin& plugin) {
    const std::string prefix = plugin.id + " ";
    add("plugin", plugin);
    all("result", plugin.results, prefix);
    all("entry", plugin.entries, prefix);
    all("service", plugin.services, prefix);
    all("call", plugin.calls, prefix);
  }

  void add_properties(const PropertySet& set) {
    add("properties", set);
    all("option", set.options);
    all("aim", set.aims);
    all("claim", set.claims);
    all("property", set.properties);
    all("configuration", set.configurations);
  }

  const Spec& spec_;
  std::vector<Reference> references_;
};

}  // namespace

std::vector<Reference> requirement_references(const Spec& spec) { return Collector(spec).run(); }

}  // namespace quickpay::spec
