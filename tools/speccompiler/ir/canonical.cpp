#include "tools/speccompiler/ir/canonical.hpp"

#include <botan/hash.h>
#include <botan/hex.h>

#include <algorithm>

#include "tools/speccompiler/ir/json_parts.hpp"

namespace quickpay::spec {
namespace {

using nlohmann::json;

bool in_family(const Spec& spec, const std::string& protocol, std::string_view family) {
  return std::any_of(spec.protocols.begin(), spec.protocols.end(),
                     [&](const Protocol& p) { return p.id == protocol && p.family == family; });
}

// What readers and writers of one family's documents depend on.
json messages_slice(const Spec& spec, std::string_view family) {
  json out = json::object();
  for (const Family& known : spec.families) {
    if (known.id == family) out["family"] = part_json(known);
  }
  if (out.empty()) return out;
  out["namespace"] = spec.xml_namespace;
  out["signature_prefix"] = spec.signature_prefix;
  out["envelope"] = part_json(spec.envelope);
  out["profiles"] = list_json(spec.profiles);
  out["types"] = list_json(spec.types);
  for (const Struct& s : spec.structs) {
    if (!s.plugin.empty()) continue;
    if (s.protocol.empty() || in_family(spec, s.protocol, family)) out["structs"].push_back(part_json(s));
  }
  for (const Message& message : spec.messages) {
    if (in_family(spec, message.protocol, family)) out["messages"].push_back(part_json(message));
  }
  return out;
}

json machine_slice(const Spec& spec, std::string_view id) {
  for (const Machine& machine : spec.machines) {
    if (machine.id == id) return part_json(machine);
  }
  return json::object();
}

json slice_json(const Spec& spec, std::string_view slice) {
  constexpr std::string_view kMessages = "messages:";
  constexpr std::string_view kMachine = "machine:";
  if (slice == "all") return to_json(spec);
  if (slice == "types") return list_json(spec.types);
  if (slice == "errors") return {{"errors", list_json(spec.errors)}, {"processing", list_json(spec.processing)}};
  if (slice == "parameters") return list_json(spec.parameters);
  if (slice == "requirements") {
    return {{"requirements", list_json(spec.requirements)}, {"exclusions", list_json(spec.exclusions)}};
  }
  if (slice.substr(0, kMessages.size()) == kMessages) return messages_slice(spec, slice.substr(kMessages.size()));
  if (slice.substr(0, kMachine.size()) == kMachine) return machine_slice(spec, slice.substr(kMachine.size()));
  return json::object();
}

}  // namespace

json to_json(const Spec& spec) {
  json out = common_json(spec);
  out["version"] = spec.version;
  out["namespace"] = spec.xml_namespace;
  out["signature_prefix"] = spec.signature_prefix;
  out["envelope"] = part_json(spec.envelope);
  out["profiles"] = list_json(spec.profiles);
  out["families"] = list_json(spec.families);
  out["roles"] = list_json(spec.roles);
  out["types"] = list_json(spec.types);
  out["structs"] = list_json(spec.structs);
  out["parameters"] = list_json(spec.parameters);
  out["errors"] = list_json(spec.errors);
  out["processing"] = list_json(spec.processing);
  // `requirements` of the root is its list of references, hence another key for the elements
  out["requirement_list"] = list_json(spec.requirements);
  out["exclusions"] = list_json(spec.exclusions);
  out["decisions"] = list_json(spec.decisions);
  out["protocols"] = list_json(spec.protocols);
  out["messages"] = list_json(spec.messages);
  out["machines"] = list_json(spec.machines);
  out["scenarios"] = list_json(spec.scenarios);
  if (!spec.property_sets.empty()) out["property_sets"] = list_json(spec.property_sets);
  if (!spec.plugins.empty()) out["plugins"] = list_json(spec.plugins);
  return out;
}

std::string canonical_json(const Spec& spec) { return to_json(spec).dump() + "\n"; }

std::string spec_id(const Spec& spec) { return sha256_hex(canonical_json(spec)); }

std::string slice_hash(const Spec& spec, std::string_view slice) {
  const json part = slice_json(spec, slice);
  if (part.is_object() && part.empty()) return {};
  return sha256_hex(slice == "all" ? canonical_json(spec) : part.dump());
}

std::string sha256_hex(std::string_view bytes) {
  const auto hash = Botan::HashFunction::create_or_throw("SHA-256");
  hash->update(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  return Botan::hex_encode(hash->final(), false);
}

}  // namespace quickpay::spec
