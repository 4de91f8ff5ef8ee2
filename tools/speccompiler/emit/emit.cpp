#include "tools/speccompiler/emit/emit.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "tools/speccompiler/emit/files.hpp"
#include "tools/speccompiler/emit/slices.hpp"
#include "tools/speccompiler/emit/text.hpp"
#include "tools/speccompiler/ir/canonical.hpp"

namespace quickpay::spec {
namespace {

/// A part of the specification, and its hash made once for all files that come from it.
struct Slice {
  explicit Slice(Spec spec) : part(std::move(spec)), hash(slice_id(part)), mark(mark_of(part, hash)) {}
  Spec part;
  std::string hash;
  std::string mark;
};

/// Collects files, puts the first line on them and remembers for the manifest what each came from.
class Files {
 public:
  void code(const std::string& path, const Slice& slice, const std::string& text) {
    add(path, slice, "// " + slice.mark + "\n" + text);
  }
  void hashed(const std::string& path, const Slice& slice, const std::string& text) {
    add(path, slice, "# " + slice.mark + "\n" + text);
  }
  void markup(const std::string& path, const Slice& slice, const std::string& text) {
    add(path, slice, "<!-- " + slice.mark + " -->\n" + text);
  }
  void add(const std::string& path, const Slice& slice, std::string content) {
    files_.push_back({path, std::move(content)});
    slices_.push_back(slice.hash);
  }
  const std::vector<EmittedFile>& all() const { return files_; }

  /// {spec id, files: {path: slice}}, sorted by path.
  std::string manifest(const Slice& whole) const {
    std::vector<std::string> lines;
    for (std::size_t i = 0; i < files_.size(); ++i)
      lines.push_back(fmt::format("    \"{}\": \"{}\"", files_[i].path, slices_[i]));
    std::sort(lines.begin(), lines.end());
    return fmt::format("{{ \"generated\": \"{}\",\n  \"spec\": \"{}\",\n  \"files\": {{\n{}\n  }}\n}}\n", whole.mark,
                       spec_id(whole.part), join(lines, ",\n"));
  }

 private:
  std::vector<EmittedFile> files_;
  std::vector<std::string> slices_;
};

void add_messages(const Spec& spec, Files& files) {
  const std::string folder = "reference/codec/generated/";
  const Slice slice(messages_slice(spec));
  const Model model(slice.part);
  files.code(folder + "messages.hpp", slice, messages_hpp(model));
  files.code(folder + "messages.cpp", slice, messages_cpp(model));
  for (const Family& family : slice.part.families) {
    const Slice own(family_slice(spec, family));
    const Model part(own.part);
    files.markup(folder + family.id + ".xsd", own, schema_xsd(part, family));
    files.hashed("fuzz/generated/" + family.id + ".dict", own, fuzz_dictionary(part, family));
  }
}

void add_protocol(const Spec& spec, const Slice& whole, Files& files) {
  const std::string folder = "reference/codec/generated/";
  const Slice codes(protocol_slice(spec));
  files.code(folder + "protocol.hpp", codes, protocol_hpp(codes.part));
  files.code(folder + "spec_id.cpp", whole, spec_id_cpp(spec_id(spec)));
  const Slice rules(requirements_slice(spec));
  files.code(folder + "requirements.hpp", rules, requirements_hpp());
  files.code(folder + "requirements.cpp", rules, requirements_cpp(rules.part));
}

void add_machines(const Spec& spec, const Protocol& protocol, Files& files) {
  const std::string folder = "statemachines/" + identifier(protocol.id) + "/generated";
  const Slice slice(registry_slice(spec, protocol));
  if (slice.part.machines.empty()) return;
  const std::string registry = folder + "/" + identifier(protocol.id);
  files.code(registry + ".hpp", slice, registry_hpp(identifier(protocol.id)));
  files.code(registry + ".cpp", slice, registry_cpp(slice.part, identifier(protocol.id), folder));
  for (const Machine& machine : spec.machines) {
    if (machine.protocol != protocol.id) continue;
    const Slice own(machine_slice(spec, machine));
    const std::string path = folder + "/" + machine_word(machine);
    files.code(path + ".hpp", own, machine_hpp(machine));
    files.code(path + "_table.cpp", own, machine_table_cpp(machine, folder));
    files.code(path + "_msm.cpp", own, machine_msm_cpp(machine, folder));
  }
}

/// What programs and the writers of plug-ins need.
void add_plugins(const Spec& spec, Files& files) {
  for (const Plugin& plugin : spec.plugins) {
    const std::string folder = "reference/" + plugin.id + "/generated";
    const Slice slice(plugin_slice(spec, plugin));
    const Model model(slice.part);
    files.code(folder + "/" + plugin.prefix + "_" + plugin.id + ".h", slice, plugin_h(plugin));
    files.code(folder + "/plugin.hpp", slice, plugin_hpp(model, plugin));
    files.code(folder + "/plugin.cpp", slice, plugin_cpp(model, plugin, folder));
  }
}

/// The machines of all protocols in one list, for programs that go through them all.
void add_registry(const Spec& spec, Files& files) {
  const Slice slice(registry_slice(spec));
  if (slice.part.machines.empty()) return;
  const std::string folder = "statemachines/all/generated";
  files.code(folder + "/all.hpp", slice, registry_hpp("all"));
  files.code(folder + "/all.cpp", slice, registry_cpp(slice.part, "all", folder));
}

/// Machines that work together, and what must hold of them.
void add_compositions(const Spec& spec, Files& files) {
  if (spec.property_sets.empty()) return;
  const std::string folder = "statemachines/composition/generated";
  for (const PropertySet& set : spec.property_sets) {
    const Slice slice(composition_slice(spec, set));
    const std::string path = folder + "/" + identifier(set.id);
    files.code(path + ".hpp", slice, composition_hpp(set));
    files.code(path + ".cpp", slice, composition_cpp(slice.part, folder));
    files.code(path + ".pml", slice, composition_pml(slice.part));
  }
  const Slice names(compositions_slice(spec));
  files.code(folder + "/all.hpp", names, compositions_hpp());
  files.code(folder + "/all.cpp", names, compositions_cpp(names.part, folder));
}

void add_vectors(const Spec& spec, Files& files) {
  for (const Message& message : spec.messages) {
    if (message.local) continue;
    const Slice slice(message_slice(spec, message));
    const Model model(slice.part);
    files.add("vectors/generated/" + message.protocol + "/codec-" + message.id + ".json", slice,
              codec_vectors(model, message, slice.mark));
  }
  for (const Machine& machine : spec.machines) {
    const Slice slice(state_vectors_slice(spec, machine));
    files.add("vectors/generated/" + machine.protocol + "/state-" + machine_word(machine) + ".json", slice,
              state_vectors(slice.part, slice.mark));
  }
  for (const Scenario& scenario : spec.scenarios) {
    const Slice slice(scenario_vectors_slice(spec, scenario));
    files.add("vectors/generated/" + scenario.protocol + "/scenario-" + scenario.id + ".json", slice,
              scenario_vectors(slice.part, slice.mark));
  }
}

constexpr const char* kDocs = "docs/reference/generated/";

void add_diagrams(const Spec& spec, Files& files, std::vector<std::string>& names) {
  const auto add = [&](const std::string& name, const Slice& slice, const std::string& text) {
    files.code(kDocs + name, slice, text);
    names.push_back(name);
  };
  for (const Machine& machine : spec.machines)
    add(machine_word(machine) + ".dot", Slice(machine_slice(spec, machine)), machine_dot(machine));
  for (const Scenario& scenario : spec.scenarios) {
    const Slice slice(scenario_slice(spec, scenario));
    add("scenario-" + scenario.id + ".dot", slice, scenario_dot(slice.part, slice.part.scenarios.front()));
  }
}

void add_documents(const Spec& spec, const Slice& whole, Files& files) {
  const auto add = [&](const std::string& name, const Slice& slice, const std::string& text) {
    files.markup(kDocs + name, slice, text);
  };
  const Slice messages(messages_md_slice(spec));
  add("messages.md", messages, messages_md(Model(messages.part)));
  const Slice types(types_slice(spec));
  add("types.md", types, types_md(Model(types.part)));
  const Slice errors(errors_slice(spec));
  add("errors.md", errors, errors_md(errors.part));
  const Slice parameters(parameters_slice(spec));
  add("parameters.md", parameters, parameters_md(parameters.part));
  const Slice machines(machines_slice(spec));
  add("machines.md", machines, machines_md(machines.part));
  const Slice decisions(decisions_slice(spec));
  add("decisions.md", decisions, decisions_md(decisions.part));
  add("requirements.md", whole, requirements_md(spec));
  if (!spec.plugins.empty()) {
    const Slice plugins(plugins_slice(spec));
    add("plugins.md", plugins, plugins_md(Model(plugins.part)));
  }
  std::vector<std::string> diagrams;
  add_diagrams(spec, files, diagrams);
  const Slice contents(contents_slice(spec));
  add("index.md", contents, index_md(contents.part, diagrams));
}

}  // namespace

std::vector<EmittedFile> emit_all(const Spec& spec) {
  Files files;
  const Slice whole(spec);
  add_messages(spec, files);
  add_protocol(spec, whole, files);
  for (const Protocol& protocol : spec.protocols) add_machines(spec, protocol, files);
  add_registry(spec, files);
  add_plugins(spec, files);
  add_compositions(spec, files);
  add_vectors(spec, files);
  add_documents(spec, whole, files);
  const std::string folder = spec_folder(spec) + "/generated/";
  files.add(folder + "ir.json", whole, canonical_json(spec));
  files.add(folder + "manifest.json", whole, files.manifest(whole));
  std::vector<EmittedFile> all = files.all();
  std::sort(all.begin(), all.end(), [](const EmittedFile& a, const EmittedFile& b) { return a.path < b.path; });
  return all;
}

}  // namespace quickpay::spec
