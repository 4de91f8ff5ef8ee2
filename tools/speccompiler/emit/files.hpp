// The emitters: each makes the text of one kind of file from the part of the specification it may see, without the
// first line, which emit_all adds. None of them knows more than the IR.
#pragma once

#include <string>

#include "tools/speccompiler/emit/model.hpp"

namespace quickpay::spec {

// reference/codec/generated
std::string messages_hpp(const Model& model);
std::string messages_cpp(const Model& model);
std::string protocol_hpp(const Spec& spec);
std::string spec_id_cpp(const std::string& id);
std::string requirements_hpp();
std::string requirements_cpp(const Spec& spec);
std::string schema_xsd(const Model& model, const Family& family);

// statemachines/<protocol>/generated
std::string machine_hpp(const Machine& machine);
std::string machine_table_cpp(const Machine& machine, const std::string& folder);
std::string machine_msm_cpp(const Machine& machine, const std::string& folder);
/// The list of the machines in `spec`, in the namespace `word`.
std::string registry_hpp(const std::string& word);
std::string registry_cpp(const Spec& spec, const std::string& word, const std::string& folder);

// statemachines/composition/generated
std::string composition_hpp(const PropertySet& set);
/// The one property set of a slice.
std::string composition_cpp(const Spec& spec, const std::string& folder);
std::string composition_pml(const Spec& spec);
std::string compositions_hpp();
std::string compositions_cpp(const Spec& spec, const std::string& folder);

// reference/<plug-in>/generated
/// The interface as a header of C.
std::string plugin_h(const Plugin& plugin);
/// The interface as tables, and its structs. `folder` is where the files lie.
std::string plugin_hpp(const Model& model, const Plugin& plugin);
std::string plugin_cpp(const Model& model, const Plugin& plugin, const std::string& folder);
/// Declarations and tables of a plug-in's own structs.
std::string plugin_structs(const Model& model, const Plugin& plugin);
std::string plugin_struct_tables(const Model& model, const Plugin& plugin);

// fuzz/generated
std::string fuzz_dictionary(const Model& model, const Family& family);

// vectors/generated/<protocol>
std::string codec_vectors(const Model& model, const Message& message, const std::string& mark);
/// The one machine, the one scenario of a slice.
std::string state_vectors(const Spec& spec, const std::string& mark);
std::string scenario_vectors(const Spec& spec, const std::string& mark);

// docs/reference/generated
std::string messages_md(const Model& model);
std::string types_md(const Model& model);
std::string errors_md(const Spec& spec);
std::string parameters_md(const Spec& spec);
std::string machines_md(const Spec& spec);
std::string machine_dot(const Machine& machine);
std::string scenario_dot(const Spec& spec, const Scenario& scenario);
std::string requirements_md(const Spec& spec);
std::string decisions_md(const Spec& spec);
/// Every plug-in of the specification.
std::string plugins_md(const Model& model);
std::string index_md(const Spec& spec, const std::vector<std::string>& paths);

}  // namespace quickpay::spec
