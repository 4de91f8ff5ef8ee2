// Slices: an emitter sees only the part of the specification that its file is made of, and the hash of that part heads
// the file. So an edit touches the files it concerns and no others, by construction.
#pragma once

#include <string>

#include "tools/speccompiler/ir/ir.hpp"

namespace quickpay::spec {

/// Types, structs, documents: what readers and writers of messages depend on.
Spec messages_slice(const Spec& spec);

/// The same with one message alone and the structs it needs.
Spec message_slice(const Spec& spec, const Message& message);

/// The same with the messages of one family and the structs they need.
Spec family_slice(const Spec& spec, const Family& family);

/// Codes, parameters and fixed strings.
Spec protocol_slice(const Spec& spec);

/// Requirements, exclusions and the rules of the messages.
Spec requirements_slice(const Spec& spec);

/// One machine as it runs: without the blocks its rows come from.
Spec machine_slice(const Spec& spec, const Machine& machine);

/// One scenario, and which role each of its machines belongs to.
Spec scenario_slice(const Spec& spec, const Scenario& scenario);

/// One machine as it runs, and which code is none of an error.
Spec state_vectors_slice(const Spec& spec, const Machine& machine);

/// One scenario with its machines, and the messages that travel in it.
Spec scenario_vectors_slice(const Spec& spec, const Scenario& scenario);

/// All machines and scenarios as they are documented.
Spec machines_slice(const Spec& spec);

/// What the document on messages shows: messages_slice with their rules and the meaning of their codes.
Spec messages_md_slice(const Spec& spec);

/// One plug-in, with its structs and what they need.
Spec plugin_slice(const Spec& spec, const Plugin& plugin);

/// What the document on plug-ins shows.
Spec plugins_slice(const Spec& spec);

/// Leaf types alone.
Spec types_slice(const Spec& spec);

/// Codes, the processing order, and which message lists which code.
Spec errors_slice(const Spec& spec);

/// Parameters alone; decisions alone.
Spec parameters_slice(const Spec& spec);
Spec decisions_slice(const Spec& spec);

/// What the index of the documents lists: names of machines and scenarios.
Spec contents_slice(const Spec& spec);

/// The names of the machines of one protocol, or of all.
Spec registry_slice(const Spec& spec, const Protocol& protocol);
Spec registry_slice(const Spec& spec);

/// One property set, with its machines as they run and what it needs of codes and messages.
Spec composition_slice(const Spec& spec, const PropertySet& set);

/// The names of all property sets.
Spec compositions_slice(const Spec& spec);

/// The hash of a slice as files carry it: 16 hexadecimal digits.
std::string slice_id(const Spec& slice);

/// The first line of a generated file, without comment signs.
std::string mark_of(const Spec& slice, const std::string& hash);

}  // namespace quickpay::spec
