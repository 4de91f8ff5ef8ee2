#include "tools/speccompiler/emit/emit.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "tools/speccompiler/emit/files.hpp"
#include "tools/speccompiler/emit/slices.hpp"
#include "tools/speccompiler/emit/text.hpp"
#include "tools/speccompiler/ir/canonical.hpp"

namespace quickpay::spec {
namespace {

using Files = std::vector<EmittedFile>;

std::string in_slashes(const Spec& slice) { return "// " + mark_of(slice) + "\n"; }

void add_messages(const Spec& spec, Files& files) {
  const std::string folder = "reference/codec/generated/";
  const Spec slice = messages_slice(spec);
  const Model model(slice);
  files.push_back({folder + "messages.hpp", in_slashes(slice) + messages_hpp(model)});
  files.push_back({folder + "messages.cpp", in_slashes(slice) + messages_cpp(model)});
}

void add_families(const Spec& spec, Files& files) {
  const Spec slice = messages_slice(spec);
  const Model model(slice);
  for (const Family& family : slice.families) {
    files.push_back({"reference/codec/generated/" + family.id + ".xsd", "<!-- " + mark_of(slice) + " -->\n" + schema_xsd(model, family)});
    files.push_back({"fuzz/generated/" + family.id + ".dict", "# " + mark_of(slice) + "\n" + fuzz_dictionary(model, family)});
  }
}

void add_protocol(const Spec& spec, Files& files) {
  const std::string folder = "reference/codec/generated/";
  const Spec codes = protocol_slice(spec);
  files.push_back({folder + "protocol.hpp", in_slashes(codes) + protocol_hpp(codes)});
  files.push_back({folder + "spec_id.cpp", in_slashes(spec) + spec_id_cpp(spec_id(spec))});
  const Spec rules = requirements_slice(spec);
  files.push_back({folder + "requirements.hpp", in_slashes(rules) + requirements_hpp()});
  files.push_back({folder + "requirements.cpp", in_slashes(rules) + requirements_cpp(rules)});
}

void add_machines(const Spec& spec, const Protocol& protocol, Files& files) {
  const std::string folder = "statemachines/" + identifier(protocol.id) + "/generated";
  const Spec slice = registry_slice(spec, protocol);
  if (slice.machines.empty()) return;
  const std::string registry = folder + "/" + identifier(protocol.id);
  files.push_back({registry + ".hpp", in_slashes(slice) + registry_hpp(protocol)});
  files.push_back({registry + ".cpp", in_slashes(slice) + registry_cpp(slice, protocol, folder)});
  for (const Machine& machine : spec.machines) {
    if (machine.protocol != protocol.id) continue;
    const Spec own = machine_slice(spec, machine);
    const std::string path = folder + "/" + machine_word(machine);
    files.push_back({path + ".hpp", in_slashes(own) + machine_hpp(machine)});
    files.push_back({path + "_table.cpp", in_slashes(own) + machine_table_cpp(machine, folder)});
    files.push_back({path + "_msm.cpp", in_slashes(own) + machine_msm_cpp(machine, folder)});
  }
}

}  // namespace

std::vector<EmittedFile> emit_all(const Spec& spec) {
  Files files;
  add_messages(spec, files);
  add_families(spec, files);
  add_protocol(spec, files);
  for (const Protocol& protocol : spec.protocols) add_machines(spec, protocol, files);
  std::sort(files.begin(), files.end(), [](const EmittedFile& a, const EmittedFile& b) { return a.path < b.path; });
  return files;
}

}  // namespace quickpay::spec
