#include "tools/speccompiler/emit/slices.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "tools/speccompiler/emit/model.hpp"
#include "tools/speccompiler/ir/canonical.hpp"

namespace quickpay::spec {
namespace {

constexpr std::size_t kShortHash = 16;

/// What every slice has: how the specification is called.
Spec name_only(const Spec& spec) {
  Spec out;
  out.id = spec.id;
  out.version = spec.version;
  return out;
}

void need(const Spec& spec, const std::string& id, std::set<std::string>& needed) {
  if (id.empty() || !needed.insert(id).second) return;
  for (const Struct& record : spec.structs) {
    if (record.id != id) continue;
    need(spec, record.of, needed);
    for (const Field& field : record.fields) need(spec, field.type, needed);
  }
}

/// Leaves in `out` the family, and the structs and types that its messages need.
void keep_needed(const Spec& spec, const Family& family, Spec& out) {
  std::set<std::string> needed;
  for (const Message& message : out.messages) {
    for (const Document* document : {&message.request, &message.response}) {
      need(spec, document->head, needed);
      need(spec, document->inner, needed);
      for (const Field& field : document->body) need(spec, field.type, needed);
    }
  }
  for (const std::string& id : {spec.envelope.tail_type, spec.envelope.status_type, spec.envelope.extension_type}) {
    need(spec, id, needed);
  }
  std::erase_if(out.structs, [&](const Struct& record) { return needed.count(record.id) == 0; });
  std::erase_if(out.types, [&](const Type& type) { return needed.count(type.id) == 0; });
  std::erase_if(out.families, [&](const Family& other) { return other.id != family.id; });
}

Machine bare(const Machine& machine) {
  Machine out;
  out.id = machine.id;
  out.role = machine.role;
  out.protocol = machine.protocol;
  return out;
}

/// Who sends which message to whom.
void add_routes(const Spec& spec, Spec& out) {
  for (const Message& message : spec.messages) {
    Message& copy = out.messages.emplace_back();
    copy.id = message.id;
    copy.protocol = message.protocol;
    copy.from = message.from;
    copy.to = message.to;
  }
}

}  // namespace

namespace {

/// Takes away what belongs to plug-ins, and the types that nothing else uses.
void leave_out_plugins(const Spec& spec, Spec& out) {
  std::set<std::string> theirs, others;
  for (const Struct& record : spec.structs) {
    for (const Field& field : record.fields) (record.plugin.empty() ? others : theirs).insert(field.type);
  }
  for (const Message& message : spec.messages) {
    for (const Document* document : {&message.request, &message.response}) {
      for (const Field& field : document->body) others.insert(field.type);
    }
  }
  std::erase_if(out.structs, [](const Struct& record) { return !record.plugin.empty(); });
  std::erase_if(out.types, [&](const Type& type) { return theirs.count(type.id) != 0 && others.count(type.id) == 0; });
}

}  // namespace

Spec messages_slice(const Spec& spec) {
  Spec out = name_only(spec);
  out.xml_namespace = spec.xml_namespace;
  out.envelope = spec.envelope;
  out.profiles = spec.profiles;
  out.families = spec.families;
  out.types = spec.types;
  out.structs = spec.structs;
  leave_out_plugins(spec, out);
  out.messages = spec.messages;
  for (const Protocol& protocol : spec.protocols) {
    Protocol& copy = out.protocols.emplace_back();
    copy.id = protocol.id;
    copy.family = protocol.family;
  }
  for (Message& message : out.messages) {
    message.sender.clear();
    message.receiver.clear();
  }
  return out;
}

Spec message_slice(const Spec& spec, const Message& message) {
  Spec out = messages_slice(spec);
  std::erase_if(out.messages, [&](const Message& other) {
    return other.id != message.id || other.protocol != message.protocol;
  });
  keep_needed(spec, Model(spec).family_of(message), out);
  out.processing = spec.processing;
  return out;
}

Spec family_slice(const Spec& spec, const Family& family) {
  Spec out = messages_slice(spec);
  const Model model(spec);
  std::erase_if(out.messages, [&](const Message& message) { return model.family_of(message).id != family.id; });
  std::erase_if(out.protocols, [&](const Protocol& protocol) { return protocol.family != family.id; });
  keep_needed(spec, family, out);
  return out;
}

Spec protocol_slice(const Spec& spec) {
  Spec out = name_only(spec);
  out.xml_namespace = spec.xml_namespace;
  out.signature_prefix = spec.signature_prefix;
  out.parameters = spec.parameters;
  out.errors = spec.errors;
  return out;
}

Spec messages_md_slice(const Spec& spec) {
  Spec out = messages_slice(spec);
  out.messages = spec.messages;
  out.errors = spec.errors;
  return out;
}

Spec plugin_slice(const Spec& spec, const Plugin& plugin) {
  Spec out = name_only(spec);
  out.plugins.push_back(plugin);
  std::set<std::string> needed;
  for (const Struct& record : spec.structs) {
    if (record.plugin == plugin.id) need(spec, record.id, needed);
  }
  for (const Struct& record : spec.structs) {
    if (needed.count(record.id) != 0) out.structs.push_back(record);
  }
  for (const Type& type : spec.types) {
    if (needed.count(type.id) != 0) out.types.push_back(type);
  }
  return out;
}

Spec plugins_slice(const Spec& spec) {
  Spec out = name_only(spec);
  out.plugins = spec.plugins;
  out.structs = spec.structs;
  out.types = spec.types;
  return out;
}

Spec types_slice(const Spec& spec) {
  Spec out = name_only(spec);
  out.types = spec.types;
  return out;
}

Spec errors_slice(const Spec& spec) {
  Spec out = name_only(spec);
  out.errors = spec.errors;
  out.processing = spec.processing;
  for (const Message& message : spec.messages) {
    Message& copy = out.messages.emplace_back();
    copy.id = message.id;
    copy.protocol = message.protocol;
    copy.errors = message.errors;
  }
  return out;
}

Spec parameters_slice(const Spec& spec) {
  Spec out = name_only(spec);
  out.parameters = spec.parameters;
  return out;
}

Spec decisions_slice(const Spec& spec) {
  Spec out = name_only(spec);
  out.decisions = spec.decisions;
  return out;
}

Spec requirements_slice(const Spec& spec) {
  Spec out = name_only(spec);
  out.requirements = spec.requirements;
  out.exclusions = spec.exclusions;
  for (const Message& message : spec.messages) {
    Message& copy = out.messages.emplace_back();
    copy.id = message.id;
    copy.protocol = message.protocol;
    copy.from = message.from;
    copy.to = message.to;
    copy.sender = message.sender;
    copy.receiver = message.receiver;
  }
  return out;
}

Spec machine_slice(const Spec& spec, const Machine& machine) {
  Spec out = name_only(spec);
  out.machines.push_back(machine);
  out.machines.back().blocks.clear();
  return out;
}

Spec scenario_slice(const Spec& spec, const Scenario& scenario) {
  Spec out = name_only(spec);
  out.scenarios.push_back(scenario);
  add_routes(spec, out);
  for (const Machine& machine : spec.machines) {
    const auto& steps = scenario.steps;
    const bool used =
        std::any_of(steps.begin(), steps.end(), [&](const auto& step) { return step.machine == machine.id; });
    if (!used) continue;
    out.machines.push_back(machine);
    out.machines.back().blocks.clear();
  }
  return out;
}

Spec state_vectors_slice(const Spec& spec, const Machine& machine) {
  Spec out = machine_slice(spec, machine);
  out.envelope.ok_value = spec.envelope.ok_value;
  return out;
}

Spec scenario_vectors_slice(const Spec& spec, const Scenario& scenario) {
  const Spec played = scenario_slice(spec, scenario);
  Spec out = messages_slice(spec);
  out.machines = played.machines;
  out.scenarios = played.scenarios;
  std::erase_if(out.messages, [&](const Message& message) {
    const auto brings = [&](const Machine& machine) {
      return machine.protocol == message.protocol &&
             std::any_of(machine.events.begin(), machine.events.end(), [&](const Event& e) { return e.message == message.id; });
    };
    return std::none_of(out.machines.begin(), out.machines.end(), brings);
  });
  return out;
}

Spec machines_slice(const Spec& spec) {
  Spec out = name_only(spec);
  out.machines = spec.machines;
  out.scenarios = spec.scenarios;
  add_routes(spec, out);
  return out;
}

Spec contents_slice(const Spec& spec) {
  Spec out = name_only(spec);
  out.text = spec.text;
  for (const Machine& machine : spec.machines) out.machines.push_back(bare(machine));
  for (const Scenario& scenario : spec.scenarios) out.scenarios.emplace_back().id = scenario.id;
  for (const Plugin& plugin : spec.plugins) out.plugins.emplace_back().id = plugin.id;
  return out;
}

Spec registry_slice(const Spec& spec, const Protocol& protocol) {
  Spec out = registry_slice(spec);
  std::erase_if(out.machines, [&](const Machine& machine) { return machine.protocol != protocol.id; });
  return out;
}

Spec registry_slice(const Spec& spec) {
  Spec out = name_only(spec);
  for (const Machine& machine : spec.machines) out.machines.push_back(bare(machine));
  return out;
}

Spec composition_slice(const Spec& spec, const PropertySet& set) {
  Spec out = name_only(spec);
  out.property_sets.push_back(set);
  out.roles = spec.roles;
  out.profiles = spec.profiles;
  for (const ErrorCode& error : spec.errors) {
    ErrorCode& copy = out.errors.emplace_back();
    copy.id = error.id;
    copy.retry = error.retry;
  }
  std::set<std::string> protocols;  // other protocols may have messages of the same names
  for (const Machine& machine : spec.machines) {
    const auto& all = set.instances;
    if (std::none_of(all.begin(), all.end(), [&](const auto& one) { return one.machine == machine.id; })) continue;
    protocols.insert(machine.protocol);
    out.machines.push_back(machine);
    out.machines.back().blocks.clear();
  }
  for (const Message& message : spec.messages) {
    if (protocols.count(message.protocol) == 0) continue;
    Message& copy = out.messages.emplace_back();
    copy.id = message.id;
    copy.protocol = message.protocol;
    copy.tail = message.tail;
  }
  return out;
}

Spec compositions_slice(const Spec& spec) {
  Spec out = name_only(spec);
  for (const PropertySet& set : spec.property_sets) out.property_sets.emplace_back().id = set.id;
  return out;
}

std::string slice_id(const Spec& slice) { return spec_id(slice).substr(0, kShortHash); }

std::string mark_of(const Spec& slice, const std::string& hash) {
  return fmt::format("GENERATED by quickpay spec build from {} (slice {}) - do not edit", spec_folder(slice), hash);
}

}  // namespace quickpay::spec
